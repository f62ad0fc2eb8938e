"""Whose personal data is meant: data subjects by name, those of a case, or all that there are of a person.

What is sealed belongs to a report, to a payee, to a line of a list or of a bank's statement. A person's are found by
the pseudonym of the ID number, over the cases that their reports belong to; a report's key is the one that its
envelopes name. Of a case that was taken for theirs and is not, only who was registered meanwhile is meant: the rest is
somebody else's. Of a case that is theirs and was taken for another's, what that one's report and registration have
sealed is left alone, and named.
"""

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from functools import wraps
from typing import Any, NamedTuple, TypeVar

import click

from jiujinan.environment import Environment
from services.chassis.database import open_pool, translated
from services.chassis.pseudonyms import Pseudonyms
from services.chassis.settings import read_pepper
from services.chassis.sql import statements

_SQL = statements("jiujinan", "data_subjects.sql")

Command = TypeVar("Command", bound=Callable[..., Any])


class Found(NamedTuple):
    """The data subjects that are meant, and those of the same cases that are somebody else's and are left alone."""

    subjects: Sequence[str]
    left: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class Whom:
    """What an operator has named; one of the three."""

    subjects: tuple[str, ...] = ()
    case: str | None = None
    id_number: str | None = None

    async def found(self, environment: Environment) -> Found:
        """The data subjects. Raises ``BadSetting``, ``StoreUnavailable``."""
        if self.case is not None:
            linked = await _ids(environment, "relief", "reports_of_cases", [self.case])
            payees = await _ids(environment, "ledger", "payees_of_cases", [self.case])
            return Found(sorted(await _sealed_of(environment, linked, payees)))
        if self.id_number is not None:
            return await _of_person(environment, Pseudonyms(read_pepper(environment.values)).person(self.id_number))
        return Found(self.subjects)


def with_whom(command: Callable[..., None]) -> Callable[..., None]:
    """Give a command that cannot be undone ``whom``, once somebody has said yes."""

    @click.option("--subject", "subjects", multiple=True, help="数据主体,如 report:… 或 payee:…;可多次给出。")
    @click.option("--case", help="一个个案:它的全部报告和领款人。")
    @click.option("--person", is_flag=True, help="一个人:另行询问身份证号码,不写在命令行上;须有 PEPPER。")
    @click.option("--yes", is_flag=True, help="不再询问是否继续。")
    @wraps(command)
    def asked(*, subjects: tuple[str, ...], case: str | None, person: bool, yes: bool, **others: object) -> None:
        if [bool(subjects), case is not None, person].count(True) != 1:
            raise click.UsageError("给出 --subject、--case、--person 之一。")
        number = click.prompt("身份证号码", hide_input=True, err=True) if person else None
        if not yes:
            click.confirm("删除的个人信息无法恢复。继续?", abort=True, err=True)
        command(whom=Whom(subjects, case, number), **others)

    return asked


async def _of_person(environment: Environment, person: str) -> Found:
    reports = await _ids(environment, "intake", "reports_of_person", person)
    cases = await _ids(environment, "relief", "cases_of", reports, person)
    linked = await _ids(environment, "relief", "reports_of_cases", cases)
    paid = await _ids(environment, "ledger", "payees_of_cases", cases)
    mistaken = await _rows(environment, "relief", "mistaken", person)
    meanwhile = await _ids(environment, "ledger", "payees_meanwhile", *_columns(mistaken))
    others = await _rows(environment, "relief", "others_meanwhile", cases, person)
    theirs = await _ids(environment, "ledger", "payees_meanwhile", *_columns(others))
    named = await _ids(environment, "intake", "reports_naming", linked, [row["person"] for row in others])
    on_lists = await _ids(environment, "intake", "subjects_on_lists", person)
    own = await _sealed_of(environment, {*reports, *linked} - {*named}, {*paid, *meanwhile} - {*theirs})
    left = await _sealed_of(environment, {*named}, {*theirs})
    return Found(sorted(own | {*on_lists}), sorted(left - own))


def _columns(rows: Sequence[Any]) -> Sequence[Sequence[Any]]:
    """Case, beginning and end of each stretch of time, as arrays."""
    return [[row[place] for row in rows] for place in range(3)]


async def _sealed_of(environment: Environment, reports: Collection[str], payees: Collection[str]) -> set[str]:
    """The data subjects of these reports, of these payees, and of the lines of statements that speak of them."""
    of_reports = await _ids(environment, "intake", "subjects_of_reports", sorted(reports))
    of_lines = await _ids(environment, "ledger", "lines_of_payees", sorted(payees))
    return {*of_reports, *of_lines, *(f"payee:{payee_ref}" for payee_ref in payees)}


async def _ids(environment: Environment, service: str, statement: str, *arguments: object) -> Sequence[str]:
    return [row[0] for row in await _rows(environment, service, statement, *arguments)]


async def _rows(environment: Environment, service: str, statement: str, *arguments: object) -> Sequence[Any]:
    with translated():
        async with await open_pool(environment.database(service), size=1) as pool:
            return await pool.fetch(_SQL[statement], *arguments)
