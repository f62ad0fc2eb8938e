"""The OpenAPI document of ledger is kept: no answer to whatever is sent is an error of ours or undocumented."""

from tests.integration.ledger.bank_given import ACCOUNT, registered
from tests.integration.ledger.given import COUNTY, FUND, TOWN, Ledger, advance
from tests.support.playing import Player

EXAMPLES = 2


async def test_every_answer_to_whatever_is_sent_is_documented_and_none_is_an_error_of_ours(ledger: Ledger) -> None:
    await ledger.fed(1_000_000)
    await ledger.hears(advance("D1", 200_000))
    await registered(ledger)
    known = {
        "fund_id": FUND,
        "hold_id": "D1",
        "payment_id": await ledger.instructed("D1"),
        "account_id": ACCOUNT,
        "month": "2023-07",
        "layout_id": "rural_commercial",
    }
    await Player(ledger.service, (COUNTY, TOWN), known, EXAMPLES).play_all()
