"""A lost broker is replaced by an empty one: it is filled from the logs, and a follower catches up, nothing twice."""

import asyncio
import json
from collections.abc import Awaitable, Callable
from pathlib import Path

from jiujinan.embedded_broker import EmbeddedBroker
from services.intake.app import BLUEPRINT as INTAKE
from services.relief.app import BLUEPRINT as RELIEF
from tests.support.command_line import environment_of, jiujinan
from tests.support.services import ROOT, RunningService, RunService, bearer

COUNTY = "341825"
VILLAGE = json.loads((ROOT / "samples" / "jingde_village.json").read_bytes())


async def reported(intake: RunningService, name: str) -> None:
    """One household more, at its own door."""
    place = {**VILLAGE["place"], "address_text": f"安徽省宣城市旌德县俞村镇俞村村{name}组12号"}
    body = {**VILLAGE, "place": place, "subject": {"identity_status": "unknown"}, "reporter": {"kind": "neighbour"}}
    headers = bearer("village_informant", COUNTY, f"report-{ord(name)}")
    told = await intake.client.post("/v1/reports", json=body, headers=headers)
    assert (told.status_code, told.json()["status"]) == (201, "received"), told.text


async def cases(relief: RunningService) -> list[str]:
    """The reports behind the cases that relief has opened, in that order."""
    facts = [row async for row in relief.mounted.store.read(COUNTY)]
    return [json.loads(row.data)["report_id"] for row in facts if row.name == "relief.case_opened"]


async def until(condition: Callable[[], Awaitable[bool]]) -> None:
    async with asyncio.timeout(60):
        while not await condition():  # noqa: ASYNC110  the other side is a broker and a database
            await asyncio.sleep(0.05)


async def test_an_empty_broker_is_filled_from_the_logs_and_nothing_happens_twice(
    run_service: RunService, server_directory: Path
) -> None:
    async with EmbeddedBroker(server_directory / "lost") as lost:
        assert (await jiujinan("topics", KAFKA_BOOTSTRAP=lost.bootstrap)).exit_code == 0
        async with (
            run_service(INTAKE, bootstrap=lost.bootstrap, scopes=(COUNTY,)) as intake,
            run_service(RELIEF, bootstrap=lost.bootstrap) as relief,
        ):
            for name in ("甲", "乙"):
                await reported(intake, name)

            async def knows(number: int) -> bool:
                return len(await cases(relief)) == number

            await until(lambda: knows(2))
            await lost.stop()
            await reported(intake, "丙")
            async with EmbeddedBroker(server_directory / "new") as new:
                assert (await jiujinan("topics", KAFKA_BOOTSTRAP=new.bootstrap)).exit_code == 0
                kept = {
                    "database_url": relief.mounted.settings.database_url,
                    "keyring_url": relief.mounted.settings.keyring_url,
                }
                async with run_service(RELIEF, bootstrap=new.bootstrap, **kept):
                    assert await published(intake, new.bootstrap) == 3
                    await until(lambda: knows(3))
                    await reported(intake, "丁")
                    assert await published(intake, new.bootstrap) == 4  # the first three once more, before the fourth
                    await until(lambda: knows(4))
            assert len(set(await cases(relief))) == 4


async def published(intake: RunningService, bootstrap: str) -> int:
    """``republish`` as an operator calls it; how many facts it has sent."""
    environment = {**environment_of(intake.mounted.settings, "INTAKE_URL"), "KAFKA_BOOTSTRAP": bootstrap}
    words = ("republish", "--service", "intake", "--since", "2020-01-01", "--json")
    result = await jiujinan(*words, **environment)
    assert result.exit_code == 0, result.output
    return json.loads(result.stdout)["published"][COUNTY]
