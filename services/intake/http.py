"""Intake over HTTP: where reports come in, what is said about them later, and what an integrator can look up."""

from fastapi import APIRouter

from services.intake import catalogue, messages, orders, reporting

router = APIRouter()
for part in (orders.router, reporting.router, messages.router, catalogue.router):
    router.include_router(part)
