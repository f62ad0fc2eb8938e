"""Intake over HTTP: where reports come in, what is said about them later, and what an integrator can look up."""

from fastapi import APIRouter

from services.intake import (
    attachments,
    catalogue,
    completing,
    duty,
    feed,
    leaving,
    listing,
    messages,
    orders,
    redelivery,
    referring,
    reporting,
    syncing,
)

_PARTS = (
    *(orders, reporting, referring, syncing, listing, messages, attachments),
    *(leaving, completing, duty, feed, redelivery, catalogue),
)
router = APIRouter()
for part in _PARTS:
    router.include_router(part.router)
