"""Intake over HTTP: where reports come in, what is said about them later, and what an integrator can look up."""

from fastapi import APIRouter

from services.intake import catalogue, duty, feed, leaving, listing, messages, orders, redelivery, reporting, syncing

router = APIRouter()
for part in (orders, reporting, syncing, listing, messages, leaving, duty, feed, redelivery, catalogue):
    router.include_router(part.router)
