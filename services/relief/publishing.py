"""Publishing the policy files (政策文件) at the start: what stands in them and is not published yet becomes a fact."""

from collections.abc import Sequence
from pathlib import Path
from uuid import UUID, uuid5

from events.fact import Actor
from events.policy import CalendarPublished, PolicyPublished, StandardPublished
from services.chassis.decider import Refused
from services.chassis.unit import Directed, Unit
from services.chassis.writer import Clock, Writer
from services.relief.contradictions import against
from services.relief.policy import levels
from services.relief.policy_file import Published, line_of, parse
from services.relief.policy_set import STREAM, PolicyCommand, PublishCalendar, PublishPolicy, PublishStandard

_NAMESPACE = UUID("1d4d6cf0-2a5c-5e0f-9d6b-6f6a2f6f9b21")
_NO_POLICIES = {"divisions.yaml", "roles.yaml"}
"""What lies in the same folder and is something else."""
_ACTOR = Actor(id="relief", role="system", scope="", rule="publishes_policy_files")


class UnusablePolicies(Exception):
    """A file that cannot be published; the message names the file, the line and the reason."""

    def __init__(self, file: Path, reason: str) -> None:
        super().__init__(f"{file.name}:{reason}")


def read_files(folder: Path) -> Sequence[tuple[Path, Published]]:
    """The sets, standards and calendars of a folder, by file name. Raises ``UnusablePolicies``; then nothing counts."""
    files = [file for file in sorted(folder.glob("*.yaml")) if file.name not in _NO_POLICIES]
    found = [(file, published) for file in files for published in _read(file)]
    sets = [one for _, one in found if isinstance(one, PolicyPublished)]
    for file, published in found:
        if isinstance(published, PolicyPublished):
            _check_against_higher_levels(file, published, sets)
    return found


def _check_against_higher_levels(file: Path, published: PolicyPublished, sets: Sequence[PolicyPublished]) -> None:
    """A set may not break what bound it when it came into force; what is laid down later only marks it."""
    above = [one for one in sets if one.division in levels(published.division)[:-1]]
    for one in above:
        wrong = next(against(published, one), None)
        if wrong is not None and one.effective_from <= published.effective_from:
            line = line_of(file.read_text(encoding="utf-8"), published, wrong.path)
            raise UnusablePolicies(file, f"第{line}行:{'.'.join(wrong.path)} {wrong.reason}。")


async def publish(writer: Writer, clock: Clock, folder: Path) -> None:
    """Publish what is new in a folder. Raises ``UnusablePolicies`` also where a published set was changed."""
    for file, published in read_files(folder):
        try:
            await writer.submit(_unit(published, clock))
        except Refused as refused:
            raise UnusablePolicies(file, f"{_title(published)}:{refused.sentence}") from None


def _read(file: Path) -> Sequence[Published]:
    try:
        return parse(file.read_text(encoding="utf-8"))
    except UnicodeDecodeError:
        raise UnusablePolicies(file, "第1行:不是 UTF-8 文本。") from None
    except Refused as refused:
        raise UnusablePolicies(file, refused.sentence) from None


def _unit(published: Published, clock: Clock) -> Unit:
    return Unit(
        division=published.division,
        parts=(Directed(STREAM, _command(published)),),
        command_id=uuid5(_NAMESPACE, published.model_dump_json()),
        actor=_ACTOR,
        occurred_at=clock.now(),
    )


def _command(published: Published) -> PolicyCommand:
    match published:
        case PolicyPublished():
            return PublishPolicy(published)
        case StandardPublished():
            return PublishStandard(published)
        case CalendarPublished():
            return PublishCalendar(published)


def _title(published: Published) -> str:
    match published:
        case PolicyPublished():
            return published.set_id
        case StandardPublished():
            return f"{published.effective_from}低保标准"
        case CalendarPublished():
            return f"{published.year}年放假安排"
