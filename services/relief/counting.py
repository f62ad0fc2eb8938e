"""What of a case counts for its household (计入户内救助): what stands as decided, and what the household has."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date

from events.relief_household import CountedHelp
from services.relief.case_state import Case
from services.relief.household_commands import CountFoundLater, CountHelp, SettleHelp


def counted_fen(case: Case) -> Mapping[str, int]:
    """By decision and approval, in fen, goods at cost: all that is given, or is still to be.

    What was let go, replaced or voided counts no more; what was paid all the same does.
    """
    return {
        key: max(case.received_fen(key), _standing_fen(case, key)) for key in (*case.decisions, *case.approvals.known)
    }


def _standing_fen(case: Case, key: str) -> int:
    """What is still to be given: of a closed case nothing."""
    decision = case.decisions.get(key)
    gone = decision is not None and (decision.is_leaving or decision.standing in ("replaced", "voided"))
    return 0 if gone or case.closed is not None else case.decided_fen(key) or 0


def helps_of(case: Case, on: date) -> Sequence[CountedHelp]:
    """All that counts of a case for its person, each on the day of its decision.

    ``on`` stands for a day that the case does not know. Nothing while nobody knows who it is.
    """
    return () if case.person is None else _helps(case, case.person, on)


def last_help(case: Case, person: str, on: date) -> CountedHelp | None:
    """The latest that counts of a case, were it this person's; nothing where nothing was given."""
    return max(_helps(case, person, on), key=lambda one: (one.on, one.decision_id), default=None)


def _helps(case: Case, person: str, on: date) -> Sequence[CountedHelp]:
    return [
        CountedHelp(
            case_id=case.case_id,
            decision_id=key,
            person=person,
            cause=case.opened.cause,
            on=_decided_on(case, key) or on,
            amount_fen=fen,
        )
        for key, fen in counted_fen(case).items()
        if fen > 0
    ]


def _decided_on(case: Case, key: str) -> date | None:
    decision = case.decisions.get(key)
    return None if decision is None else decision.decided_on


def as_decided(command: CountHelp, case: Case | None) -> CountHelp:
    """Count what was decided, which may be less than was asked for."""
    fen = 0 if case is None else counted_fen(case).get(command.help.decision_id, 0)
    return replace(command, help=command.help.model_copy(update={"amount_fen": fen}))


def as_found(on: date, command: CountFoundLater, case: Case | None) -> CountFoundLater:
    """Count all that the case has given so far, now that somebody knows to whom."""
    return command if case is None else replace(command, helps=tuple(helps_of(case, on)))


def as_it_stands(person: str, on: date, command: SettleHelp, case: Case | None) -> SettleHelp:
    """Count no more than what is still to be given, and whatever was: nothing of a case that is another person's."""
    if case is None or case.person != person:
        return command
    helps = helps_of(case, on)
    given = tuple(one for one in helps if case.received_fen(one.decision_id) > 0)
    return replace(command, kept_fen={one.decision_id: one.amount_fen for one in helps}, given=given)
