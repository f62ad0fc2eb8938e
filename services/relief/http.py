"""Relief over HTTP: what is read, what officers do in a case, its clocks, households, townships, policies."""

from fastapi import APIRouter

from services.relief.routes import (
    afterwards,
    approvals,
    cases,
    clocks,
    fast_track,
    households,
    inquiry,
    merging,
    persons,
    policies,
    reading,
    referrals,
    samples,
    timeliness,
    townships,
)

PARTS = (
    *(reading, cases, policies, clocks, inquiry, fast_track),
    *(approvals, referrals, afterwards, persons, households, samples, townships, merging, timeliness),
)
"""The modules with routes."""

router = APIRouter()
for part in PARTS:
    router.include_router(part.router)
