"""The routes of a case's steps."""

from fastapi import APIRouter

from services.relief.routes import afterwards, approvals, fast_track, households, inquiry, persons, referrals, samples

PARTS = (
    inquiry.router,
    fast_track.router,
    approvals.router,
    referrals.router,
    afterwards.router,
    persons.router,
    households.router,
    samples.router,
)
"""The routers of the steps."""

router = APIRouter()
for part in PARTS:
    router.include_router(part)
