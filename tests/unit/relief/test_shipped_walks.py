"""Under every shipped county profile every command of a case can be given: no rule is missing."""

from collections.abc import Sequence
from dataclasses import dataclass, field, fields
from datetime import date
from functools import cache
from types import UnionType
from typing import get_args

import pytest

from events.fact import Actor
from events.policy import CalendarPublished, PolicyPublished
from events.relief import CaseFact
from events.relief_approval import Grounds, Plan, Planned
from services.relief.case_commands import CaseCommand, DecideAdvance, HandOverGoods
from services.relief.policy import Policy, resolve
from services.relief.steps.approval import ProposeApproval, SignApproval
from services.relief.steps.authority import payer_of
from services.relief.steps.county import ConcludeReview
from services.relief.steps.ending import RefuseRelief
from services.relief.steps.fast_track import ChooseRemedy, GiveSmallFast, ListForDirectRelief
from services.relief.steps.inquiry import JudgeType, RecordVisit, TellMissing
from services.relief.steps.moving import MoveTownship
from services.relief.steps.publicity import AnswerObjection, EndNotice, ObjectToNotice, PostNotice
from services.relief.steps.recovery import AnswerWaiver, OrderRecovery, SettleRecovery
from services.relief.working_days import Calendar, calendar_of
from tests.unit.relief.facts import ACCEPTED as TAKEN_ON
from tests.unit.relief.facts import CONTACTED, QUILTS, at, opened, received, short
from tests.unit.relief.test_shipped_policies import sets, shipped
from tests.unit.relief.told import HEAD, OFFICER, A, Told

TODAY = date(2026, 11, 2)
DIGEST = "0" * 64
OF_OTHERS = {"000000": "110101"}
"""A county that lives by the nation's set alone."""


def county_of(division: str) -> str:
    """A county in which the set of a division holds."""
    if division in OF_OTHERS:
        return OF_OTHERS[division]
    city = f"{division[:2]}01" if division.endswith("0000") else division[:4]
    return f"{city}99" if division.endswith("00") else division


COUNTIES = sorted({county_of(one.division) for one in sets().values()})


@cache
def calendar() -> Calendar:
    return calendar_of((one for one in shipped() if isinstance(one, CalendarPublished)), "000000")


@cache
def policy_of(county: str) -> Policy:
    return resolve(shipped(), county, TODAY)


@dataclass(slots=True)
class Walk(Told):
    """A case, and which commands were given in it."""

    given: set[type] = field(default_factory=set[type])

    def does(self, command: CaseCommand, actor: Actor | None = None) -> Sequence[CaseFact]:
        self.given.add(type(command))
        return Told.does(self, command, actor or OFFICER)


def a_case(county: str, given: set[type]) -> Walk:
    """A new case in a county, accepted, the household spoken to."""
    walk = Walk(policy_of(county), at("11-02 10:00"), given=given)
    walk.happens(opened(), TAKEN_ON, CONTACTED)
    return walk


def walks(county: str) -> set[type]:
    """What was given in all walks through a county's cases."""
    given: set[type] = set()
    for part in (_refused, _goods, _short_fund, _small_fast, _listed, _published):
        part(a_case(county, given))
    return given


def _refused(walk: Walk) -> None:
    walk.does(TellMissing(("cause",), walk.policy))
    walk.does(RefuseRelief("not_in_need", DIGEST, walk.policy))


def _goods(walk: Walk) -> None:
    least = walk.policy.rules.minimum_relief
    amount_fen = 100_00 if least is None else least.limit_fen
    walk.does(DecideAdvance("decision-1", "f", amount_fen, (QUILTS,), walk.policy))
    walk.does(HandOverGoods("decision-1", walk.policy, calendar()))
    walk.does(received(policy=walk.policy))
    walk.does(MoveTownship(f"{walk.known.opened.county}009", "wrong_township", walk.policy))
    walk.does(OrderRecovery("back-1", "decision-1", 1, "paid_twice"))
    walk.does(SettleRecovery("back-1", "waiver-1", "waived", 1, "hardship"))
    walk.does(AnswerWaiver("back-1", "waiver-1", True, walk.policy), HEAD)


def _short_fund(walk: Walk) -> None:
    walk.does(DecideAdvance("decision-1", "fund-1", 1_000_00, (), walk.policy, by_county=True))
    walk.does(short())
    assert walk.policy.rules.remedies is not None
    for remedy in walk.policy.rules.remedies.order:
        walk.does(ChooseRemedy("decision-1", remedy, walk.policy))
        if walk.known.short_fen("decision-1") is None:
            walk.does(short(fund_id=walk.known.paying_fund("decision-1") or ""))


def _small_fast(walk: Walk) -> None:
    walk.does(GiveSmallFast("small-1", "f", 790_00, "fire", walk.policy, calendar()))


def _listed(walk: Walk) -> None:
    walk.does(ListForDirectRelief("rural_revitalisation", "entry-1", walk.policy))
    walk.does(ConcludeReview("review-1", "eligible", "", walk.policy))


def _published(walk: Walk) -> None:
    walk.does(JudgeType("expenditure", None))
    walk.does(RecordVisit("visit-1", ("S-1", "S-2", "S-3"), True, True, DIGEST, walk.policy))
    walk.does(PostNotice("notice-1", walk.policy, calendar()))
    walk.does(ObjectToNotice("notice-1", "objection-1", "income"))
    walk.does(AnswerObjection("notice-1", "objection-1", "visit-1", False, walk.policy, calendar()))
    walk.now = at("11-20 10:00")
    walk.does(EndNotice("notice-1"))
    parts = [Planned(instalment_id=f"{A}-{n}", amount_fen=50_000, due_on=date(2026, n, 25)) for n in (11, 12)]
    plan = Plan(payer=payer_of(walk.policy, walk.known.opened), ceiling_fen=100_000, instalments=tuple(parts))
    grounds = Grounds(hardship_months=4, resident_months=12)
    (proposed,) = walk.does(ProposeApproval(A, False, plan, walk.policy, grounds))
    for number, role in enumerate(getattr(proposed, "signers", ())):
        walk.does(SignApproval(A, walk.policy), Actor(id=f"S-{number}", role=role, scope=""))
    assert walk.standings() == ["called", "called"]


def commands(kind: object) -> set[type]:
    """Every command in a union of unions."""
    if isinstance(kind, UnionType):
        return {found for one in get_args(kind) for found in commands(one)}
    return {kind} if isinstance(kind, type) else set()


def that_ask_a_policy() -> set[type]:
    return {one for one in commands(CaseCommand) if any(one_field.name == "policy" for one_field in fields(one))}


@pytest.mark.parametrize("county", COUNTIES)
def test_every_command_can_be_given_under_every_shipped_profile(county: str) -> None:
    assert that_ask_a_policy() <= walks(county)


def test_every_shipped_set_holds_in_one_of_these_counties() -> None:
    holding = {origin.source.set_id for county in COUNTIES for origin in policy_of(county).origins.values()}
    latest = {one.division: one.set_id for one in shipped() if isinstance(one, PolicyPublished)}
    assert set(latest.values()) <= holding
