"""What small-fast relief (小额快救) would have come to under another policy: the same, or nothing."""

from events.relief_fast import SmallFastDecided
from events.rules import Residence, SmallFast
from services.relief.case_state import Case
from services.relief.limits import small_fast_limit
from services.relief.policy import Policy
from services.relief.supposed_outcome import Given, Unknown


def give_again(case: Case, given: SmallFastDecided, policy: Policy, *, is_helped: bool = False) -> Given | Unknown:
    """The amount, if the ceiling allows it beside what the case had. A fund that is asked instead decides nothing.

    Where another case has the person's first help, it needs to have been allowed.
    """
    rule = policy.rules.small_fast
    if given.decision_id in case.fast.small:
        return Given(given.amount_fen)
    if rule is None:
        return Given(0, "no_policy")
    total_fen = case.small_fast_fen + given.amount_fen
    kinds = _standards(rule, policy)
    allowed = {small_fast_limit(policy, case.opened.persons, kind).allows(total_fen) for kind in kinds}
    if len(allowed) != 1:
        return Unknown("residence")
    if not allowed.pop():
        return Given(0, "over_small_fast")
    return Given(0, "already_helped") if is_helped and not given.although_helped else Given(given.amount_fen)


def _standards(rule: SmallFast, policy: Policy) -> tuple[Residence, ...]:
    """The standards by which the ceiling may be reckoned: any one where it is fixed or names its own."""
    if rule.percent_of_standard is None or rule.standard is not None:
        return ("urban",)
    return tuple(policy.standards)
