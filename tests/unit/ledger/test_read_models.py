"""Ledger's read models pass over the facts that change nothing in them, and no other."""

from datetime import UTC, datetime
from uuid import UUID

import pytest

from events import golden
from events.fact import Actor, Fact, Meta, Recorded
from events.upcasts import decode
from services.chassis.projection import ReadModel
from services.ledger.bank import BANK_MODEL
from services.ledger.journal import JOURNAL
from tests.support.golden import SAMPLES

META = Meta(actor=Actor(id="S-0001", role="township_finance", scope="341825105"), correlation="c", causation="c")
FACTS = golden.facts()
AT, ID = datetime(2026, 11, 20, tzinfo=UTC), UUID(int=1)


@pytest.mark.parametrize("model", [JOURNAL, BANK_MODEL], ids=lambda model: model.name)
def test_every_fact_that_changes_something_is_read(model: ReadModel) -> None:
    changing = {name for name, version in SAMPLES if version == FACTS[name].VERSION and model.changes(told(name))}
    assert model.reads is not None
    assert changing
    assert changing <= model.reads


def told(name: str) -> Recorded[Fact]:
    version = FACTS[name].VERSION
    fact = decode(name, version, SAMPLES[name, version])
    return Recorded("341825", 1, "some:stream", 1, fact, ID, ID, AT, AT, META)
