"""The fields that docs/api.md tells integrators of are those of the form that reads a plain report."""

from collections.abc import Iterator
from typing import Any

from services.intake.channels.department import ListedHousehold
from services.intake.channels.hospital import HospitalReport
from services.intake.channels.media import Clue
from services.intake.channels.monitor import Warning as MonitorWarning
from services.intake.channels.plain import PlainReport
from services.intake.channels.village import VillageReport
from services.intake.channels.window import Application
from tests.docs.documents import read, spans_in

ROWS = read("docs/api.md").rows("Fields of a plain report")
SCHEMA = PlainReport.model_json_schema()
CHANNELS = {
    "village_informant": VillageReport,
    "window_clerk": Application,
    "media_desk": Clue,
    "hospital_system": HospitalReport,
    "monitor_system": MonitorWarning,
    "department_clerk": ListedHousehold,
}


def fields_of(told: dict[str, Any], path: str = "", *, needed: bool = True) -> Iterator[tuple[str, bool]]:
    """Each field with its path, and whether a report that says anything of its kind must have it."""
    told = SCHEMA["$defs"][told["$ref"].rpartition("/")[2]] if "$ref" in told else told
    if told.get("type") == "array" and "$ref" in told["items"]:
        yield from fields_of(told["items"], f"{path}[]")
    elif "properties" not in told:
        yield path, needed
    else:
        required = told.get("required", ())
        for name, inner in told["properties"].items():
            yield from fields_of(inner, f"{path}.{name}".lstrip("."), needed=name in required)


def test_every_field_of_a_plain_report_is_told_with_whether_it_must_be_there() -> None:
    table = {spans_in(row[0])[0]: row[1] == "yes" for row in ROWS if len(row) == 3}
    assert table == dict(fields_of(SCHEMA))


def test_every_field_that_a_channel_has_beside_them_is_told() -> None:
    table = {spans_in(row[0])[0]: set(spans_in(row[1])) - {"agent"} for row in ROWS if len(row) == 2}
    own = {role: set(form.model_fields) - set(PlainReport.model_fields) for role, form in CHANNELS.items()}
    assert table == own
