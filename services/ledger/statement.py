"""A bank account (开户账号): statements go on from one another, lines are matched, treated, or somebody's task."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any

from pydantic import TypeAdapter

from events.bank import (
    AccountFact,
    BankAccountRegistered,
    BankLine,
    ExceptionAssigned,
    ExceptionEscalated,
    ExceptionOpened,
    LineMatched,
    LineUnmatched,
    StatementImported,
    StatementLinesRead,
    TreatmentApproved,
    TreatmentProposed,
    TreatmentRejected,
)
from events.fact import Recorded
from events.yuan import yuan_of
from services.chassis.decider import Circumstances, Decider, Kept, Refused
from services.ledger import difference
from services.ledger.difference import Task
from services.ledger.file_mark import file_mark
from services.ledger.register import Register
from services.ledger.statement_commands import (
    ApplyMatches,
    ApproveTreatment,
    AssignException,
    Command,
    EscalateException,
    ExceptionCommand,
    ImportStatement,
    Matched,
    Noticed,
    OpenExceptions,
    ProposeTreatment,
    RegisterAccount,
    RejectTreatment,
    Unmatch,
)

# --- state


@dataclass(frozen=True, slots=True)
class Account:
    """An account after its statements; amounts in fen."""

    registered: BankAccountRegistered
    closing_fen: int | None = None
    files: Mapping[str, str] = field(default_factory=dict[str, str])
    """The statement of each file, by its SHA-256."""
    lines: Register[BankLine] = field(default_factory=Register[BankLine])
    matches: Register[LineMatched] = field(default_factory=Register[LineMatched])
    matched: Register[str | None] = field(default_factory=Register[str | None])
    """The match of each line and leg; ``None`` where it was taken back."""
    tasks: Register[Task] = field(default_factory=Register[Task])

    @property
    def account_id(self) -> str:
        """The account's id, which every fact of it repeats."""
        return self.registered.account_id

    def undone(self) -> frozenset[tuple[frozenset[str], frozenset[str]]]:
        """The lines and legs of each match that somebody has taken back: no rule makes it again."""
        return frozenset(
            (frozenset(known.lines), frozenset(known.legs))
            for known in self.matches.values()
            if self.matched.get(known.lines[0]) != known.match_id
        )

    def open_lines(self) -> Iterator[BankLine]:
        """The lines that are neither matched nor approved to be other business."""
        for line in self.lines.values():
            task = self.tasks.get(line.line_id)
            if self.matched.get(line.line_id) is None and (task is None or task.standing != "other_business"):
                yield line


def new_lines(account: Account, lines: Sequence[BankLine], file_name: str) -> Sequence[BankLine]:
    """The lines that the account does not have yet: they must go on exactly where it stands.

    Raises ``Refused``, naming file and line, for a gap between two statements and for lines that contradict it.
    """
    known = [account.lines.get(line.line_id) is not None for line in lines]
    fresh = lines[_leading(known) :]
    if not fresh or account.closing_fen is None:
        return fresh
    first = fresh[0]
    before_fen = first.balance_fen - first.amount_fen
    if before_fen != account.closing_fen:
        told = f"账户上次余额 {yuan_of(account.closing_fen)},本行之前的余额却是 {yuan_of(before_fen)}"
        raise Refused("statement_gap", f"{file_name}:第{first.row}行:与上次导入的对账单不连续,{told}。")
    if any(known[len(lines) - len(fresh) :]):
        raise Refused("statement_overlap", f"{file_name}:第{first.row}行:与已导入的明细次序不同,请重新下载。")
    return fresh


def _leading(known: Sequence[bool]) -> int:
    return next((place for place, is_known in enumerate(known) if not is_known), len(known))


# --- decide


def decide(account: Account | None, command: Command, now: Circumstances) -> Sequence[AccountFact]:
    """What happens to the account. A repeated command gives nothing; raises ``Refused`` for a senseless one."""
    if isinstance(command, RegisterAccount):
        return _register(account, command, now)
    if account is None:
        raise Refused("no_such_account", "没有登记这个银行账户。")
    match command:
        case ImportStatement():
            return _import(account, command, now)
        case ApplyMatches():
            return _apply(account, command, now)
        case Unmatch():
            return _unmatch(account, command)
        case OpenExceptions():
            return tuple(_open(account, noticed) for noticed in command.noticed if _is_new(account, noticed))
        case AssignException() | EscalateException() | ProposeTreatment() | ApproveTreatment() | RejectTreatment():
            return _treat(account, command, now)


def _register(account: Account | None, command: RegisterAccount, now: Circumstances) -> Sequence[AccountFact]:
    if account is not None:
        known = account.registered
        if known.number_digest != command.number_digest:
            raise Refused("account_tail_taken", "该单位已登记一个尾号相同的其他账户,编号会混淆,请核对账号。")
        if (known.place, known.bank, known.other_fen) == (command.place, command.bank, command.other_fen):
            return ()
        raise Refused("account_differs", "该银行账户已登记,登记内容不同。")
    return (
        BankAccountRegistered(
            account_id=command.account_id,
            place=command.place,
            bank=command.bank,
            number=command.number,
            other_fen=command.other_fen,
            registered_by=now.actor.id,
            number_digest=command.number_digest,
        ),
    )


def _import(account: Account, command: ImportStatement, now: Circumstances) -> Sequence[AccountFact]:
    if command.sha256 in account.files or not command.chunks:
        return ()
    lines = [line for chunk in command.chunks for line in chunk.lines]
    if len(new_lines(account, lines, command.file_name)) < len(lines):
        raise Refused("statement_moved", "同一账户刚刚导入了另一份对账单,请重试。")
    imported = StatementImported(
        account_id=account.account_id,
        statement_id=command.statement_id,
        file=file_mark(command.file_name, command.sha256),
        sha256=command.sha256,
        layout=command.layout,
        opening_fen=lines[0].balance_fen - lines[0].amount_fen,
        closing_fen=lines[-1].balance_fen,
        first_day=booked_on(lines[0]),
        last_day=booked_on(lines[-1]),
        lines=len(lines),
        imported_by=now.actor.id,
    )
    named = {"account_id": account.account_id, "statement_id": command.statement_id}
    return (imported, *(StatementLinesRead(**named, lines=chunk.lines, told=chunk.told) for chunk in command.chunks))


def _apply(account: Account, command: ApplyMatches, now: Circumstances) -> Sequence[LineMatched]:
    fresh = [found for found in command.matches if not _is_done(account, found)]
    first = len(account.matches) + 1
    return tuple(_match(account, found, first + place, now) for place, found in enumerate(fresh))


def _is_done(account: Account, found: Matched) -> bool:
    done = {account.matched.get(part) for part in (*found.lines, *found.legs)}
    known = None if len(done) > 1 else account.matches.get(done.pop() or "")
    return known is not None and (known.lines, known.legs) == (found.lines, found.legs)


def _match(
    account: Account, found: Matched, number: int, now: Circumstances, proposed_by: str | None = None
) -> LineMatched:
    lines = [account.lines.get(line_id) for line_id in found.lines]
    parts = (*found.lines, *found.legs)
    taken = any(account.matched.get(part) is not None for part in parts) or len({*parts}) < len(parts)
    if taken or any(f"leg:{leg}" in now.owners for leg in found.legs) or None in lines:
        raise Refused("already_matched", "其中的流水或支付已经勾对,请刷新后重试。")
    return LineMatched(
        account_id=account.account_id,
        match_id=f"M{number}",
        lines=found.lines,
        legs=found.legs,
        rule=found.rule,
        evidence=found.evidence,
        amount_fen=sum(line.amount_fen for line in lines if line is not None),
        proposed_by=proposed_by,
    )


def _unmatch(account: Account, command: Unmatch) -> Sequence[LineUnmatched]:
    known = account.matches.get(command.match_id)
    if known is None:
        raise Refused("no_such_match", "没有这项勾对,请核对编号。")
    if account.matched.get(known.lines[0]) != command.match_id:
        return ()
    return (
        LineUnmatched(
            account_id=account.account_id,
            match_id=command.match_id,
            lines=known.lines,
            legs=known.legs,
            reason=command.reason,
        ),
    )


def _is_new(account: Account, noticed: Noticed) -> bool:
    """A task that stands is not opened again; one that was over may be."""
    task = account.tasks.get(noticed.exception_id)
    return account.matched.get(noticed.exception_id) is None and (task is None or task.standing == "cleared")


def _open(account: Account, noticed: Noticed) -> ExceptionOpened:
    return ExceptionOpened(
        account_id=account.account_id,
        exception_id=noticed.exception_id,
        kind=noticed.kind,
        amount_fen=noticed.amount_fen,
        since=noticed.since,
    )


def _treat(account: Account, command: ExceptionCommand, now: Circumstances) -> Sequence[AccountFact]:
    if isinstance(command, ProposeTreatment) and command.lines:
        command = replace(command, legs_fen=command.legs_fen - _others_fen(account, command))
    facts = difference.decide(account.account_id, account.tasks.get(command.exception_id), command, now)
    approved = facts[0] if facts else None
    if not isinstance(approved, TreatmentApproved) or approved.treatment != "match":
        return facts
    proposed = difference.proposed(account.tasks[command.exception_id])
    found = Matched((proposed.exception_id, *proposed.lines), proposed.legs, "manual", ("amount", "direction"))
    return (approved, _match(account, found, len(account.matches) + 1, now, proposed.proposed_by))


def _others_fen(account: Account, command: ProposeTreatment) -> int:
    """What the other lines of a proposal amount to; they must be here, open, and named once."""
    lines = {line.line_id: line.amount_fen for line in account.open_lines()}
    others = {*command.lines} - {command.exception_id}
    if command.treatment != "match" or len(others) < len(command.lines) or not others <= lines.keys():
        raise Refused("no_such_line", "没有找到所选的流水,或者已经勾对。")
    return sum(lines[line_id] for line_id in others)


# --- evolve


def evolve(account: Account | None, recorded: Recorded[AccountFact]) -> Account | None:
    """The account after a fact."""
    fact = recorded.fact
    if isinstance(fact, BankAccountRegistered):
        return Account(fact)
    return None if account is None else _evolved(account, fact)


def _evolved(account: Account, fact: AccountFact) -> Account:
    match fact:
        case BankAccountRegistered():
            return account
        case StatementImported():
            files = {**account.files, fact.sha256: fact.statement_id}
            return replace(account, closing_fen=fact.closing_fen, files=files)
        case StatementLinesRead():
            lines = account.lines
            for line in fact.lines:
                lines = lines.put(line.line_id, line)
            return replace(account, lines=lines)
        case LineMatched() | LineUnmatched():
            return _after_match(account, fact)
        case ExceptionOpened():
            return _with(account, fact.exception_id, Task(fact.kind, fact.amount_fen, fact.since))
        case (
            ExceptionAssigned() | ExceptionEscalated() | TreatmentProposed() | TreatmentApproved() | TreatmentRejected()
        ):
            return _with(account, fact.exception_id, difference.evolve(account.tasks[fact.exception_id], fact))


def _after_match(account: Account, fact: LineMatched | LineUnmatched) -> Account:
    is_made = isinstance(fact, LineMatched)
    matched, tasks = account.matched, account.tasks
    for part in (*fact.lines, *fact.legs):
        matched = matched.put(part, fact.match_id if is_made else None)
        task = tasks.get(part)
        if is_made and task is not None:
            tasks = tasks.put(part, replace(task, standing="cleared"))
    matches = account.matches.put(fact.match_id, fact) if isinstance(fact, LineMatched) else account.matches
    return replace(account, matched=matched, tasks=tasks, matches=matches)


def _with(account: Account, exception_id: str, task: Task) -> Account:
    return replace(account, tasks=account.tasks.put(exception_id, task))


def booked_on(line: BankLine) -> date:
    """The day on which the bank booked a line."""
    return date.fromisoformat(line.line_id[:8])


def answer(facts: Sequence[AccountFact]) -> Mapping[str, Any]:
    """The ids of what was done, and how many lines came in or were matched."""
    told = {name: value for fact in facts for name, value in fact.model_dump(include=_TOLD).items()}
    counted = {"matched": sum(isinstance(fact, LineMatched) for fact in facts)}
    return told | {name: count for name, count in counted.items() if count}


_TOLD = {"account_id", "statement_id", "exception_id", "match_id"}
_STATE: TypeAdapter[Account | None] = TypeAdapter(Account | None)
KEPT = Kept("account.3", _STATE.dump_json, _STATE.validate_json)

DECIDER: Decider[Command, Account | None, AccountFact] = Decider(None, decide, evolve, answer, KEPT)
