"""What reporters make up: reports of few households from few phones, some without a place, some told once more."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from random import Random

from events.fact import Sealed
from events.intake import Order
from services.chassis.unit import Directed
from services.intake.report import asks
from services.intake.report_commands import ReceiveReport, RecordDelivery, ReportCommand, SupplementReport
from services.intake.report_state import Report, stream_of
from tests.simulation.asks import COUNTIES, Ask, township_of
from tests.simulation.process import DAWN

VENDOR = "hotline-1"
_PERSONS = ("p:000000000000001", "p:000000000000002", None)
"""Few, so that one person's advance is wanted in several cases."""
_PHONES = tuple(f"f:00000000000000{number}" for number in range(8))
_ORDERS_AT_MOST = 60


@dataclass(frozen=True, slots=True)
class ReportIdeas:
    """Knows the reports of each county, by id."""

    chance: Random
    reports: Mapping[str, Mapping[str, Report]]

    def first(self) -> Sequence[Ask]:
        """What has happened in each county before anybody begins."""
        keys = [(county, f"first-{number}-{county}") for county in COUNTIES for number in range(3)]
        return [self._to(county, key, self._told(county, key), key) for county, key in keys]

    def next(self, key: str) -> Ask:
        """A new report, or something about one that is there."""
        county = self.chance.choice(COUNTIES)
        reports = list(self.reports[county].values())
        if not reports or self.chance.random() < 0.6:
            return self._to(county, f"report-{key}", self._told(county, f"report-{key}"), key)
        report = self.chance.choice(reports)
        owed = [name for name, standing in report.replies.items() if standing == "owed"]
        command = RecordDelivery(owed[0], 1) if owed else SupplementReport(key, _sealed(key), township_of(county))
        return self._to(county, report.received.report_id, command, key, report)

    def nothing_new(self, key: str) -> Ask | None:
        """A report that is there already, told once more under another key: it comes to nothing but an answer."""
        county = self.chance.choice(COUNTIES)
        if not self.reports[county]:
            return None
        report_id = self.chance.choice(list(self.reports[county]))
        return self._to(county, report_id, self._told(county, report_id), key)

    def _told(self, county: str, report_id: str) -> ReceiveReport:
        person = self.chance.choice(_PERSONS)
        number = self.chance.randint(1, _ORDERS_AT_MOST)
        return ReceiveReport(
            report_id=report_id,
            channel="hotline",
            vendor=VENDOR,
            order=Order(number=f"{number}", push=1) if self.chance.random() < 0.3 else None,
            verbatim=_sealed(report_id),
            county=county,
            township=township_of(county) if self.chance.random() < 0.8 else None,
            cause="fire",
            urgency="urgent",
            persons=3,
            identity="unknown" if person is None else "claimed",
            person=person,
            name=None,
            phone=None,
            address=None,
            match_keys=(self.chance.choice(_PHONES),),
            reported_at=DAWN,
        )

    def _to(self, county: str, report_id: str, command: ReportCommand, key: str, report: Report | None = None) -> Ask:
        directed = Directed(stream_of(report_id), command, asks(command, report))
        return Ask(service="intake", division=county, parts=(directed,), actor=VENDOR, key=key)


def _sealed(report_id: str) -> Sealed:
    return Sealed(suite="A256GCM", key_id="k-1", subject=f"report:{report_id}", field="verbatim", box="")
