"""Ledger over HTTP: funds are fed, holds paid, payees registered, banks listened to, months closed, forms printed."""

from fastapi import APIRouter

from services.ledger.routes import (
    allocations,
    bank,
    bank_reading,
    batches,
    forms,
    funds,
    opening,
    payees,
    payments,
    periods,
    reading,
    reconciliation,
    replenishment,
    reports,
    settling,
    suggestions,
)

PARTS = (
    *(reading, funds, settling, replenishment, opening, payees, bank, bank_reading, reconciliation),
    *(suggestions, batches, periods, reports, forms, allocations, payments),
)
"""The modules with routes."""

router = APIRouter()
for part in PARTS:
    router.include_router(part.router)
