"""The least that a service of the same framework does for a report: read it, validate it, and say it again.

Run as ``python -m uvicorn bench.bare_echo:app``. Nothing is kept.
"""

from fastapi import FastAPI, Request, Response

from services.intake.channels.payload import load
from services.intake.channels.village import VillageReport

app = FastAPI()


@app.post("/v1/reports", status_code=201)
async def echo(request: Request) -> Response:
    """A report, validated."""
    report = load(VillageReport, await request.body())
    return Response(report.model_dump_json(), 201, media_type="application/json")
