"""From what a sender told us, in plain text, to a command in which every personal word is sealed."""

from collections.abc import Iterable
from dataclasses import dataclass
from uuid import UUID, uuid5

from events.fact import Sealed
from events.intake import Likeness, ReportReceived
from services.chassis.pseudonyms import Pseudonyms
from services.chassis.sealing import Sealer
from services.intake.channels.told import Match, Told
from services.intake.likeness import features
from services.intake.report_commands import ReceiveReport

_NAMESPACE = UUID("0d6a4c0b-6a6b-5a5e-8b39-2f2a8d8f7a01")


def report_id_of(sender: str, number: str) -> str:
    """The id of the report that a sender knows by this number: the same whenever it is sent again."""
    return str(uuid5(_NAMESPACE, f"{sender}|{number}"))


def subject_of(report_id: str) -> str:
    """Whose key a report is sealed with: its own."""
    return f"report:{report_id}"


def message_id_of(key: str) -> str:
    """The id of what a sender says later under this key, whatever signs the key is made of."""
    return str(uuid5(_NAMESPACE, key))


@dataclass(frozen=True, slots=True)
class Moved:
    """By what a report is known again in the county that it was handed over to: places are compared within a county."""

    match_keys: tuple[str, ...]
    likenesses: tuple[Likeness, ...]


@dataclass(frozen=True, slots=True)
class Reception:
    """Seals what was told, each report under a key of its own: an erased person may report again, under a new one."""

    sealer: Sealer
    pseudonyms: Pseudonyms

    async def expect(self, report_ids: Iterable[str]) -> None:
        """Make the keys of many reports in one go, before each of them is taken in."""
        await self.sealer.prepare(map(subject_of, report_ids))

    async def command(self, told: Told, raw: bytes, *, sender: str, report_id: str, home: str) -> ReceiveReport:
        """The command for a report; ``home`` is the sender's county, whose log takes a report without a place."""
        person = None if told.id_number is None else self.pseudonyms.person(told.id_number)
        subject = subject_of(report_id)
        seals = await self.sealer.prepare([subject])

        def sealed(field: str, text: str | None) -> Sealed | None:
            return None if text is None else seals.seal(subject, field, text)

        county = told.place.county or home
        return ReceiveReport(
            report_id=report_id,
            channel=told.channel,
            vendor=sender,
            order=told.order,
            verbatim=seals.seal(subject, "verbatim", raw.decode("utf-8", "backslashreplace")),
            county=county,
            township=told.place.township,
            cause=told.cause,
            urgency=told.urgency,
            persons=told.persons,
            identity=told.identity,
            person=person,
            name=sealed("name", told.name),
            phone=sealed("phone", told.contact),
            address=sealed("address", told.address),
            likenesses=tuple(
                self._likeness(county, kind, text) for kind, text in features(told.name, told.phone, told.address)
            ),
            match_keys=tuple(dict.fromkeys(self._key(match, county) for match in told.matches)),
            reported_at=told.reported_at,
            reply_due_at=told.reply_due_at,
            missing=told.missing,
            is_secret=told.is_secret,
            attachments=told.attachments,
            consent=told.consent,
            said=self.digest(raw),
        )

    def digest(self, raw: bytes) -> str:
        """What stands for all that was sent: the same for the same, unread."""
        return self.pseudonyms.digest(b"said", raw).hex()

    async def moved(self, received: ReportReceived, county: str) -> Moved:
        """By what a report is known in another county. Of one that was erased nothing is known there but the person."""
        seals = await self.sealer.prepare([received.verbatim.subject])
        boxes = (received.name, received.phone, received.address)
        name, phone, address = (None if box is None else seals.open(box) for box in boxes)
        known = [
            (self._likeness(received.county, kind, text), self._likeness(county, kind, text))
            for kind, text in features(name, phone, address)
        ]
        here, there = (
            None if not address else self.pseudonyms.address(place, address) for place in (received.county, county)
        )
        return Moved(
            match_keys=tuple(there if there and key == here else key for key in received.match_keys),
            likenesses=tuple(new for old, new in known if old in received.likenesses),
        )

    def _likeness(self, county: str, kind: str, text: str) -> Likeness:
        return Likeness(kind=kind, key=self.pseudonyms.term(f"{county}|{kind}", text))

    def _key(self, match: Match, county: str) -> str:
        match match.kind:
            case "person":
                return self.pseudonyms.person(match.text)
            case "phone":
                return self.pseudonyms.phone(match.text)
            case "address":
                return self.pseudonyms.address(county, match.text)
