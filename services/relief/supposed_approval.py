"""What an approval would have come to under another policy: its formula on the grounds that were put down then."""

from events.relief_approval import ReliefApproved
from services.chassis.decider import Refused
from services.relief.case_state import Case
from services.relief.policy import Policy
from services.relief.steps.amount import must_be_without_income, reckoned
from services.relief.supposed_outcome import Given, Unknown


def approve_again(case: Case, approved: ReliefApproved, policy: Policy) -> Given | Unknown:
    """What the formula leaves of the amount, beside all that the case had before; a meeting may go beyond it."""
    amount_fen = approved.plan.ceiling_fen
    grounds = case.approvals.known[approved.approval_id].proposed.grounds
    try:
        must_be_without_income(policy, grounds)
        formula = reckoned(policy, case.opened, grounds)
    except Refused as refused:
        return Unknown("hardship_months") if refused.code == "grounds_missing" else Given(0, refused.code)
    if formula is None or approved.level == "meeting":
        return Given(amount_fen)
    before_fen = case.advanced_fen + case.approvals.standing_fen - amount_fen
    left_fen = min(amount_fen, max(formula.amount_fen - before_fen, 0))
    return Given(left_fen, None if left_fen else "over_formula")
