"""Gathering questions: what is asked at the same time goes to the database together, as one statement.

Nothing lingers: a batch is what is there. What is asked while an answer is under way goes with the next.
"""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from typing import Generic, NamedTuple, TypeVar

AT_MOST = 256

Question = TypeVar("Question")
Answer = TypeVar("Answer")


class _Waiting(NamedTuple, Generic[Question, Answer]):
    question: Question
    answer: "asyncio.Future[Answer]"


@dataclass(slots=True)
class Gathering(Generic[Question, Answer]):
    """Puts questions together and hands out the answers. ``ask`` gives an answer for each question, in their order."""

    ask: Callable[[Sequence[Question]], Awaitable[Sequence[Answer]]]
    _waiting: list[_Waiting[Question, Answer]] = field(default_factory=list[_Waiting[Question, Answer]])
    _work: "asyncio.Task[None] | None" = None

    async def answer(self, question: Question) -> Answer:
        """The answer to one question. Raises what ``ask`` raises."""
        waiting = _Waiting(question, asyncio.get_running_loop().create_future())
        self._waiting.append(waiting)
        if self._work is None or self._work.done():
            self._work = asyncio.create_task(self._answer_all())
        return await waiting.answer

    async def _answer_all(self) -> None:
        while self._waiting:
            together, self._waiting = self._waiting[:AT_MOST], self._waiting[AT_MOST:]
            try:
                answers = await self.ask([waiting.question for waiting in together])
            except Exception as failure:
                _fail(together, failure)
            else:
                for waiting, answer in zip(together, answers, strict=True):
                    if not waiting.answer.done():
                        waiting.answer.set_result(answer)


def _fail(together: Sequence[_Waiting[Question, Answer]], failure: Exception) -> None:
    for waiting in together:
        if not waiting.answer.done():
            waiting.answer.set_exception(failure)
