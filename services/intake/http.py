"""Intake over HTTP: where reports come in, what is said about them later, and what an integrator can look up."""

from fastapi import APIRouter

from services.intake.routes import (
    attachments,
    catalogue,
    completing,
    differing,
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

PARTS = (
    *(orders, reporting, referring, syncing, listing, messages, differing, attachments),
    *(leaving, completing, duty, feed, redelivery, catalogue),
)
"""The modules with routes."""

router = APIRouter()
for part in PARTS:
    router.include_router(part.router)
