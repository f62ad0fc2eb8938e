"""Questions that are asked at the same time are one question to the database, and each gets its own answer."""

import asyncio
from collections.abc import Sequence

import pytest

from services.chassis.gathering import AT_MOST, Gathering


class Source:
    """Doubles numbers, and remembers what it was asked at once."""

    def __init__(self) -> None:
        self.asked: list[list[int]] = []
        self.was_asked = asyncio.Event()
        self.may_answer = asyncio.Event()
        self.may_answer.set()

    async def __call__(self, numbers: Sequence[int]) -> Sequence[int]:
        self.asked.append(list(numbers))
        self.was_asked.set()
        await self.may_answer.wait()
        if 13 in numbers:
            raise LookupError("13")
        return [2 * number for number in numbers]


async def test_what_is_asked_together_is_asked_once_and_each_gets_its_own() -> None:
    source = Source()
    gathering = Gathering(source)
    assert await asyncio.gather(*map(gathering.answer, range(5))) == [0, 2, 4, 6, 8]
    assert source.asked == [[0, 1, 2, 3, 4]]


async def test_what_is_asked_meanwhile_goes_with_the_next() -> None:
    source = Source()
    gathering = Gathering(source)
    source.may_answer.clear()
    first = asyncio.create_task(gathering.answer(1))
    await source.was_asked.wait()
    others = [asyncio.create_task(gathering.answer(number)) for number in (2, 3)]
    await asyncio.sleep(0)
    source.may_answer.set()
    assert await asyncio.gather(first, *others) == [2, 4, 6]
    assert source.asked == [[1], [2, 3]]


async def test_a_batch_has_an_end() -> None:
    source = Source()
    gathering = Gathering(source)
    await asyncio.gather(*map(gathering.answer, range(20, 20 + AT_MOST + 1)))
    assert [len(asked) for asked in source.asked] == [AT_MOST, 1]


async def test_a_failure_is_told_to_all_who_asked_and_the_next_is_answered() -> None:
    gathering = Gathering(Source())
    told = await asyncio.gather(*map(gathering.answer, (12, 13)), return_exceptions=True)
    assert [type(answer) for answer in told] == [LookupError, LookupError]
    assert await gathering.answer(7) == 14


async def test_one_who_went_away_holds_up_nobody() -> None:
    source = Source()
    gathering = Gathering(source)
    source.may_answer.clear()
    gone, stays = (asyncio.create_task(gathering.answer(number)) for number in (1, 2))
    await source.was_asked.wait()
    gone.cancel()
    with pytest.raises(asyncio.CancelledError):
        await gone
    source.may_answer.set()
    assert await stays == 4
