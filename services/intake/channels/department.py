"""Another department's list (部门名单): one line of it, told as a report."""

from services.intake.channels.payload import Line, Reference, error, load
from services.intake.channels.plain import PlainReport, told
from services.intake.channels.told import Told, Unreadable
from services.intake.gazetteer import Gazetteer


class ListedHousehold(PlainReport):
    """A household on a list: of the rural revitalisation office, of a door-to-door visit, of another department."""

    list_id: Reference
    department: Line


def read(raw: bytes, gazetteer: Gazetteer, near: str) -> Told:
    """What the list says. It is passed on with the household's consent only. Raises ``Unreadable``."""
    listed = load(ListedHousehold, raw)
    if listed.reporter.consent is not True:
        raise Unreadable((error("/reporter/consent", "required"),))
    return told(listed, "department", gazetteer, near)
