"""Ledger as a whole service in a contestant's process, on its stage's databases, and one who may do all of it."""

import tempfile
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from hashlib import sha256
from pathlib import Path

import httpx
import yaml

from bench.contest import Stage
from bench.server import MASTER_KEY
from services.chassis.master_keys import MasterKey
from services.chassis.mount import Mounted, create_app
from services.chassis.settings import Settings
from services.ledger.app import BLUEPRINT

COUNTY, TOWN = "990101", "990101001"
PEPPER = bytes(range(32))
_POLICIES = Path(__file__).parents[1] / "policies"
_PATIENCE_SECONDS = 600
_ROLE, _TOKEN = "county_finance", "a token for the bench only"


@asynccontextmanager
async def running_ledger(stage: Stage) -> AsyncGenerator[tuple[Mounted, httpx.AsyncClient]]:
    """Ledger at work, without a broker, and a client that speaks HTTP to it as the county's finance office."""
    with tempfile.TemporaryDirectory(prefix="jiujinan-bench-") as directory:
        app = create_app(_settings(stage, Path(directory)), BLUEPRINT)
        async with app.router.lifespan_context(app):
            headers = {"authorization": f"Bearer {_TOKEN}"}
            transport = httpx.ASGITransport(app=app)
            async with httpx.AsyncClient(
                transport=transport, base_url="http://bench", headers=headers, timeout=None
            ) as client:
                yield app.state.mounted, client


async def read_models_caught_up(mounted: Mounted) -> None:
    """Wait until the read models show the county's whole log."""
    (position,) = [head.position for head in await mounted.store.heads() if head.division == COUNTY]
    for projector in mounted.projectors.values():
        assert await projector.reached(COUNTY, position, patience=_PATIENCE_SECONDS)


def _settings(stage: Stage, directory: Path) -> Settings:
    access = directory / "access.yaml"
    office = {"token_sha256": sha256(_TOKEN.encode()).hexdigest(), "staff_id": "S-0002", "role": _ROLE, "scope": COUNTY}
    access.write_text(yaml.safe_dump({"people": [office], "systems": []}), encoding="utf-8")
    return Settings(
        service=BLUEPRINT.name,
        database_url=stage.app_dsn,
        keyring_url=stage.keyring_dsn,
        kafka_bootstrap="127.0.0.1:9",
        kafka_idempotence=False,
        kafka_session_seconds=6,
        kafka_away_seconds=900,
        host="127.0.0.1",
        port=0,
        master_keys=(MasterKey("m1", MASTER_KEY),),
        pepper=PEPPER,
        access_file=access,
        policies_dir=_POLICIES,
        log_level="ERROR",
        callback_may_reach=(),
        evidence_url=f"file://{directory}/evidence",
    )
