"""The OpenAPI document of relief is kept: no answer to whatever is sent is an error of ours or undocumented."""

from services.relief.app import BLUEPRINT
from tests.support.neighbours import Neighbour
from tests.support.playing import Player
from tests.support.relief_service import COUNTY, TOWNSHIP, Relief
from tests.support.services import RunService

EXAMPLES = 4


async def test_every_answer_to_whatever_is_sent_is_documented_and_none_is_an_error_of_ours(
    run_service: RunService,
) -> None:
    async with run_service(BLUEPRINT, scopes=(COUNTY, TOWNSHIP)) as service:
        follower = service.mounted.follower
        relief = Relief(service, Neighbour("intake", COUNTY, follower), Neighbour("ledger", COUNTY, follower))
        case_id = await relief.opens()
        assert (await relief.does(case_id, "accept")).status_code == 201
        decision = await relief.decides(case_id)
        known = {"case_id": case_id, "decision_id": decision["decision_id"], "county": COUNTY, "division": COUNTY}
        await Player(service, (COUNTY, TOWNSHIP), known, EXAMPLES).play_all()
