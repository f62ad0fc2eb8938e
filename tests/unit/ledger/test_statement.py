"""A bank account: statements that go on from one another, matches that hold once, differences with four eyes."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime, time, timedelta

import pytest

from events.bank import (
    AccountFact,
    BankAccountRegistered,
    BankLine,
    ExceptionAssigned,
    ExceptionEscalated,
    ExceptionOpened,
    Level,
    LineMatched,
    LineUnmatched,
    StatementImported,
    StatementLinesRead,
    Treatment,
    TreatmentApproved,
    TreatmentProposed,
    TreatmentRejected,
)
from events.fact import Actor, Sealed
from events.shanghai import SHANGHAI
from services.ledger.files.statement import RawLine
from services.ledger.files.statement_lines import Telling
from services.ledger.matchable import EscalationTerms
from services.ledger.statement import DECIDER, Account, new_lines
from services.ledger.statement_commands import (
    ApplyMatches,
    ApproveTreatment,
    AssignException,
    Chunk,
    Command,
    EscalateException,
    ImportStatement,
    Matched,
    Noticed,
    OpenExceptions,
    ProposeTreatment,
    RegisterAccount,
    RejectTreatment,
    Unmatch,
)
from tests.support.given import Given, given

ACCOUNT = "B990101001-2222"
SEALED = Sealed(suite="A256GCM", key_id="k", subject=f"account:{ACCOUNT}", field="number", box="AA==")
REGISTERED = BankAccountRegistered(
    account_id=ACCOUNT, place="990101001", bank="rural", number=SEALED, other_fen=0, registered_by="S-0001"
)
MAKER, CHECKER = Actor(id="S-0001", role="a", scope=""), Actor(id="S-0002", role="b", scope="")
OTHER_CHECKER = Actor(id="S-0003", role="b", scope="")
DAY = date(2026, 11, 3)
TELLING = Telling(lambda kind, text: f"{kind}:{text.encode().hex():0>16}", {"reversal": ["冲正"]})


def lines(opening_fen: int, *moves: int) -> list[BankLine]:
    raw: list[RawLine] = []
    for row, amount_fen in enumerate(moves, start=2):
        opening_fen += amount_fen
        raw.append(RawLine(row, DAY, None, amount_fen, opening_fen))
    return TELLING.lines(raw)


def importing(told: Sequence[BankLine], sha: str = "a") -> ImportStatement:
    return ImportStatement(f"S-{sha}", "十一月.csv", sha * 64, "rural", (Chunk(tuple(told), (SEALED,) * len(told)),))


def after(*facts: AccountFact) -> Given[Command, Account | None, AccountFact]:
    return given(DECIDER, REGISTERED, *facts)


def imported(told: Sequence[BankLine]) -> list[AccountFact]:
    return after().when(importing(told))


THREE = lines(1_000, 500, -500, 500)
FIRST, SECOND, _ = (line.line_id for line in THREE)
MATCH = Matched((SECOND,), ("P1:paid",), "number", ("number", "amount", "direction"))
OPEN = OpenExceptions((Noticed(FIRST, "unknown_credit", 500, DAY),))


# --- lines


def test_equal_lines_are_numbered_so_that_all_of_them_stay() -> None:
    assert [line.line_id for line in THREE] == [
        "20261103.500.1500.1",
        "20261103.-500.1000.1",
        "20261103.500.1500.2",
    ]


def test_names_are_pseudonyms_unless_masked_and_numbers_are_found_in_the_texts() -> None:
    texts = ("临时救助", "LS990101001260000011")
    raw = RawLine(2, DAY, None, -1, 0, name="样甲", account="6200000000000017", texts=texts, serial="A 7")
    (line,) = TELLING.lines([raw])
    assert (line.name, line.numbers, line.serial) == ("name:0000e6a0b7e794b2", ("LS990101001260000011",), "")
    (masked,) = TELLING.lines([RawLine(2, DAY, None, -1, 0, name="样*", account="6200****0017", texts=("冲正",))])
    assert (masked.name, masked.account, masked.kind) == (None, None, "reversal")


# --- statements


def test_a_statement_comes_in_with_all_its_lines() -> None:
    statement, read = imported(THREE)
    assert isinstance(statement, StatementImported)
    assert isinstance(read, StatementLinesRead)
    assert (statement.opening_fen, statement.closing_fen, statement.lines) == (1_000, 1_500, 3)
    assert read.lines == tuple(THREE)


def test_the_same_file_again_gives_nothing() -> None:
    assert after(*imported(THREE)).when(importing(THREE)) == []


def test_a_file_that_overlaps_brings_only_what_is_new() -> None:
    state = after(*imported(THREE)).state
    assert state is not None
    longer = lines(1_000, 500, -500, 500, -200)
    assert new_lines(state, longer, "x.csv") == longer[3:]
    assert new_lines(state, THREE, "x.csv") == []


def test_a_gap_between_two_statements_is_refused_with_file_and_line() -> None:
    refused = after(*imported(THREE)).refused(importing(lines(1_501, 1), "b"))
    assert refused.code == "statement_gap"
    assert refused.sentence.startswith("十一月.csv:第2行:")


def test_lines_that_another_file_brought_meanwhile_are_not_taken_twice() -> None:
    assert after(*imported(THREE)).refused(importing(lines(1_000, 500, -500, 500, 7), "b")).code == "statement_moved"


# --- matches


def test_a_match_is_a_fact_with_its_rule_and_evidence_and_again_is_nothing() -> None:
    known = after(*imported(THREE))
    (matched,) = known.when(ApplyMatches((MATCH,)))
    assert isinstance(matched, LineMatched)
    assert (matched.rule, matched.evidence, matched.amount_fen) == ("number", MATCH.evidence, -500)
    assert matched.takes() == ("leg:P1:paid",)
    assert after(*imported(THREE), matched).when(ApplyMatches((MATCH,))) == []


@pytest.mark.parametrize(
    "other",
    [
        Matched((SECOND,), ("P2:paid",), "party", ()),
        Matched((FIRST,), ("P1:paid",), "party", ()),
        Matched(("20261103.9.9.1",), ("P3:paid",), "party", ()),
        Matched((FIRST, FIRST), ("P3:paid",), "party", ()),
    ],
)
def test_a_line_and_a_payment_are_in_one_match_at_most(other: Matched) -> None:
    known = [*imported(THREE), *after(*imported(THREE)).when(ApplyMatches((MATCH,)))]
    assert after(*known).refused(ApplyMatches((other,))).code == "already_matched"


def test_a_payment_that_another_account_shows_is_not_matched_here() -> None:
    owners = {"leg:P1:paid": "account:B990101-0001"}
    assert after(*imported(THREE)).refused(ApplyMatches((MATCH,)), owners=owners).code == "already_matched"


def test_what_was_taken_back_can_be_matched_again() -> None:
    known = [*imported(THREE), *after(*imported(THREE)).when(ApplyMatches((MATCH,)))]
    (undone,) = after(*known).when(Unmatch("M1", "wrong_person"))
    assert isinstance(undone, LineUnmatched)
    assert after(*known, undone).when(Unmatch("M1", "wrong_person")) == []
    (again,) = after(*known, undone).when(ApplyMatches((MATCH,)))
    assert isinstance(again, LineMatched)
    assert again.match_id == "M2"


# --- differences


def opened(*more: AccountFact) -> list[AccountFact]:
    return [*imported(THREE), *after(*imported(THREE)).when(OPEN), *more]


def state_of(*facts: AccountFact) -> str:
    state = after(*facts).state
    assert state is not None
    return state.tasks[FIRST].standing


def test_what_does_not_match_becomes_a_task_once() -> None:
    (fact,) = after(*imported(THREE)).when(OPEN)
    assert isinstance(fact, ExceptionOpened)
    assert after(*opened()).when(OPEN) == []


def test_a_difference_is_assigned_proposed_and_approved_by_another_person() -> None:
    (assigned,) = after(*opened()).when(AssignException(FIRST, "S-0009"))
    assert isinstance(assigned, ExceptionAssigned)
    propose = ProposeTreatment(FIRST, "other_business", "office_supplies")
    (proposed,) = after(*opened(assigned)).when(propose, actor=MAKER)
    assert isinstance(proposed, TreatmentProposed)
    known = after(*opened(assigned, proposed))
    assert known.refused(ApproveTreatment(FIRST, proposed), actor=MAKER).code == "same_checker"
    (approved,) = known.when(ApproveTreatment(FIRST, proposed), actor=CHECKER)
    assert isinstance(approved, TreatmentApproved)
    (rejected,) = known.when(RejectTreatment(FIRST, "no_evidence"), actor=CHECKER)
    assert isinstance(rejected, TreatmentRejected)
    assert [
        state_of(*opened()),
        state_of(*opened(assigned)),
        state_of(*opened(assigned, proposed)),
        state_of(*opened(assigned, proposed, rejected)),
        state_of(*opened(assigned, proposed, approved)),
    ] == ["open", "assigned", "proposed", "assigned", "other_business"]


def test_a_match_by_hand_needs_equal_amounts_and_two_persons() -> None:
    propose = ProposeTreatment(FIRST, "match", "same_money", ("P9:returned",), legs_fen=500)
    known = after(*opened())
    assert known.refused(ProposeTreatment(FIRST, "match", "x", ("P9:returned",), 499)).code == "amount_differs"
    (proposed,) = known.when(propose, actor=MAKER)
    assert isinstance(proposed, TreatmentProposed)
    _, matched = after(*opened(proposed)).when(ApproveTreatment(FIRST, proposed), actor=CHECKER)
    assert isinstance(matched, LineMatched)
    assert (matched.rule, matched.proposed_by, matched.legs) == ("manual", MAKER.id, ("P9:returned",))
    assert state_of(*opened(proposed, matched)) == "cleared"


def test_a_payment_made_in_several_lines_is_matched_by_hand_with_all_of_them() -> None:
    known = after(*opened())
    third = THREE[2].line_id
    propose = ProposeTreatment(FIRST, "match", "in_parts", ("P9:returned",), 1_000, lines=(third,))
    (proposed,) = known.when(propose, actor=MAKER)
    assert isinstance(proposed, TreatmentProposed)
    _, matched = after(*opened(proposed)).when(ApproveTreatment(FIRST, proposed), actor=CHECKER)
    assert isinstance(matched, LineMatched)
    assert (matched.lines, matched.legs, matched.amount_fen) == ((FIRST, third), ("P9:returned",), 1_000)
    refused = [
        replace(propose, legs_fen=500),
        replace(propose, lines=(FIRST,)),
        replace(propose, lines=(third, third)),
        replace(propose, lines=("20261103.-1.1.1",)),
        replace(propose, treatment="explained"),
    ]
    assert [known.refused(one).code for one in refused] == ["amount_differs", *["no_such_line"] * 4]


def test_nothing_is_approved_that_nobody_proposed_and_what_is_unknown_is_refused() -> None:
    assert after(*opened()).refused(ApproveTreatment(FIRST, None)).code == "nothing_proposed"
    assert after(*opened()).refused(ApproveTreatment(SECOND, None)).code == "no_such_exception"


def test_an_approval_is_of_the_proposal_that_was_read_whichever_comes_first() -> None:
    (first,) = after(*opened()).when(ProposeTreatment(FIRST, "match", "same", ("P9:returned",), 500), actor=MAKER)
    (second,) = after(*opened(first)).when(ProposeTreatment(FIRST, "explained", "in_transit"), actor=MAKER)
    assert isinstance(first, TreatmentProposed)
    assert isinstance(second, TreatmentProposed)
    changed = after(*opened(first, second))
    assert changed.refused(ApproveTreatment(FIRST, first), actor=CHECKER).code == "proposal_changed"
    assert changed.refused(ApproveTreatment(FIRST, None), actor=CHECKER).code == "proposal_changed"
    approved = after(*opened(first)).when(ApproveTreatment(FIRST, first), actor=CHECKER)
    late = after(*opened(first, *approved))
    assert late.refused(ApproveTreatment(FIRST, first), actor=OTHER_CHECKER).code == "exception_cleared"
    assert late.refused(ProposeTreatment(FIRST, "explained", "in_transit"), actor=MAKER).code == "exception_cleared"


def test_of_two_approvals_of_what_matches_nothing_the_second_finds_nothing_proposed() -> None:
    (proposed,) = after(*opened()).when(ProposeTreatment(FIRST, "explained", "in_transit"), actor=MAKER)
    assert isinstance(proposed, TreatmentProposed)
    for one, other in ((CHECKER, OTHER_CHECKER), (OTHER_CHECKER, CHECKER)):
        approved = after(*opened(proposed)).when(ApproveTreatment(FIRST, proposed), actor=one)
        late = after(*opened(proposed, *approved))
        assert late.refused(ApproveTreatment(FIRST, proposed), actor=other).code == "nothing_proposed"


def test_an_explained_item_is_over_when_its_other_side_comes() -> None:
    (proposed,) = after(*opened()).when(ProposeTreatment(FIRST, "explained", "in_transit"), actor=MAKER)
    assert isinstance(proposed, TreatmentProposed)
    (approved,) = after(*opened(proposed)).when(ApproveTreatment(FIRST, proposed), actor=CHECKER)
    assert state_of(*opened(proposed, approved)) == "explained"
    matched = after(*opened(proposed, approved)).when(
        ApplyMatches((Matched((FIRST,), ("P1:returned",), "number", ()),))
    )
    assert state_of(*opened(proposed, approved, *matched)) == "cleared"
    refused = after(*opened(proposed, approved, *matched)).refused(ApproveTreatment(FIRST, proposed), actor=CHECKER)
    assert refused.code == "exception_cleared"


# --- exceptions past their date

ESCALATE = EscalateException(FIRST, EscalationTerms(warn_days=30, county_days=90))


def escalated(days: int, *facts: AccountFact) -> list[tuple[str, int]]:
    noon = datetime.combine(DAY + timedelta(days), time(12), SHANGHAI)
    told = after(*opened(*facts)).when(ESCALATE, at=noon)
    return [(fact.level, fact.age_days) for fact in told if isinstance(fact, ExceptionEscalated)]


def gone(level: Level) -> ExceptionEscalated:
    return ExceptionEscalated(account_id=ACCOUNT, exception_id=FIRST, level=level, age_days=30)


def test_what_nobody_settles_warns_its_place_and_then_goes_to_the_county() -> None:
    assert [escalated(days) for days in (29, 30, 89, 90, 400)] == [
        [],
        [("warned", 30)],
        [("warned", 89)],
        [("county", 90)],
        [("county", 400)],
    ]


def test_an_exception_is_escalated_once_to_each_level() -> None:
    assert escalated(89, gone("warned")) == []
    assert escalated(90, gone("warned")) == [("county", 90)]
    assert escalated(400, gone("warned"), gone("county")) == []


def settled(treatment: Treatment, clears_by: date | None = None) -> list[AccountFact]:
    (proposed,) = after(*opened()).when(ProposeTreatment(FIRST, treatment, "x", clears_by=clears_by), actor=MAKER)
    assert isinstance(proposed, TreatmentProposed)
    return [proposed, *after(*opened(proposed)).when(ApproveTreatment(FIRST, proposed), actor=CHECKER)]


def test_what_is_explained_has_until_it_was_to_clear_and_what_is_over_goes_nowhere() -> None:
    in_transit = settled("explained", DAY + timedelta(100))
    assert [escalated(days, *in_transit) for days in (100, 101)] == [[], [("county", 101)]]
    assert escalated(30, *settled("explained")) == [("warned", 30)]
    assert escalated(400, *settled("other_business")) == []


def test_a_place_is_warned_before_the_county_is_told() -> None:
    with pytest.raises(ValueError, match="warned before"):
        EscalationTerms(warn_days=30, county_days=29)


# --- accounts


def test_an_account_is_registered_once() -> None:
    command = RegisterAccount(ACCOUNT, "990101001", "rural", SEALED, 0)
    assert given(DECIDER).when(command, actor=MAKER) == [REGISTERED]
    assert after().when(command) == []
    assert after().refused(RegisterAccount(ACCOUNT, "990101001", "rural", SEALED, 1)).code == "account_differs"
    other = RegisterAccount(ACCOUNT, "990101001", "rural", SEALED, 0, "another number's")
    assert after().refused(other).code == "account_tail_taken"
    assert given(DECIDER).refused(OPEN).code == "no_such_account"


def test_the_state_is_kept_and_read_as_it_was() -> None:
    kept = DECIDER.kept
    assert kept is not None
    state = after(*opened()).state
    assert kept.load(kept.dump(state)) == state
