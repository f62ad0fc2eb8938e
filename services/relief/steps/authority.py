"""Who decides by the amount (分级审批), who has to sign, and whose fund pays."""

from events.relief import CaseOpened
from events.relief_approval import Level
from services.chassis.decider import Refused
from services.relief.limits import county_limit, township_limit
from services.relief.policy import Policy, required


def level_of(policy: Policy, asked_fen: int, used_fen: int, elsewhere_fen: int = 0) -> Level:
    """The township inside its limit, the county up to its own, beyond it the coordination meeting (一事一议).

    ``used_fen`` is what the case has used up before; it counts unless the limit is on each decision alone.
    ``elsewhere_fen`` is what other cases have, and counts for the township only. Raises ``NoPolicy``, ``NoStandard``.
    """
    limit = township_limit(policy)
    if limit.allows(asked_fen + elsewhere_fen + (0 if limit.by_decision else used_fen)):
        return "township"
    ceiling = county_limit(policy)
    return "county" if ceiling is None or ceiling.allows(asked_fen + used_fen) else "meeting"


def signers(policy: Policy, level: Level) -> tuple[str, ...]:
    """The roles that sign, in their order. Raises ``NoPolicy``."""
    rule = required(policy.rules.signers, "signers")
    return rule.township if level == "township" else (*rule.township, *rule.county)


def payer_of(policy: Policy, opened: CaseOpened) -> str:
    """Whose fund pays what a township decides: its own, or its county's where it has but a quota (额度制)."""
    mode = policy.rules.fund_mode
    return opened.county if mode is not None and mode.mode == "quota" else opened.township


def must_be_payable(policy: Policy, opened: CaseOpened, place: str) -> None:
    """Raise ``Refused`` for a fund that is not of this place, or that the county's mode does not know."""
    if place not in (opened.township, opened.county):
        raise Refused("wrong_payer", "只能由本乡镇(街道)或本县(市、区)的备用金支付。")
    if place not in (payer_of(policy, opened), opened.county):
        raise Refused("no_township_fund", "本县(市、区)实行额度制,乡镇(街道)没有备用金,由县级备用金支付。")
