"""The window (一门受理、协同办理): an application in person, by an agent, or taken over from another department."""

from services.intake.channels.payload import Line, Moment, Reference, error, load
from services.intake.channels.plain import PlainReport, told
from services.intake.channels.told import Told, Unreadable
from services.intake.gazetteer import Gazetteer


class Application(PlainReport):
    """An application at the window. One that another department passes on needs the household's consent."""

    desk: Reference | None = None
    agent_relation: Line | None = None
    """Of who applies for another: relation, or the village or unit that does (委托关系)."""
    passed_on_by: Line | None = None
    """The department that the household had asked first."""
    authorised_at: Moment | None = None


def read(raw: bytes, gazetteer: Gazetteer, near: str) -> Told:
    """What was applied for. ``near`` is the window's county. Raises ``Unreadable``."""
    application = load(Application, raw)
    if application.reporter.kind == "agent" and application.agent_relation is None:
        raise Unreadable((error("/agent_relation", "required"),))
    if application.passed_on_by is not None and application.reporter.consent is not True:
        raise Unreadable((error("/reporter/consent", "required"),))
    return told(application, "window", gazetteer, near)
