"""Asking from other processes or machines, through a `concurrent.futures.Executor`.

Questions travel in batches as plain values. Keys do not travel at all: a worker has
its own environment and its own vault, and one that has no key says so in each row.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from concurrent.futures import Executor
from dataclasses import replace
from typing import Any

from ..application import get_app
from ..batches.batch import BatchItem, BatchOptions
from ..chats.answer import Answer, Timing
from ..errors import ParllamaError, UsageError
from ..providers.messages import ChatRequest

__all__ = ["answer_batch", "ask_elsewhere", "executor_of"]

# Questions that travel together: few enough to be spread, enough to be worth a trip.
_MOST = 50

# Batches handed over and not back yet.
_AHEAD = 16


def executor_of(given: object) -> Executor:
    """The executor of what people have: one, a Dask client, or an ipyparallel one.

    Raises:
        UsageError: it is nothing of these.

    """
    if isinstance(given, Executor):
        return given
    for name in ("get_executor", "executor"):  # Dask's client, ipyparallel's
        make = getattr(given, name, None)
        if callable(make):
            made = make()
            if isinstance(made, Executor) or hasattr(made, "submit"):
                return made  # type: ignore[no-any-return]
    message = f"executor= takes no {type(given).__name__}."
    hint = "A concurrent.futures.Executor, a dask.distributed.Client or an "
    raise UsageError(message, hint=f"{hint}ipyparallel.Client.")


async def ask_elsewhere(
    given: object,
    questions: Sequence[BatchItem],
    deliver: Callable[[BatchItem, Answer], None],
    manner: BatchOptions,
) -> None:
    """Have the workers of an executor answer; a batch whose worker died is an error.

    Raises:
        UsageError: it is no executor, or a budget is to be kept, which nobody can
            across workers.

    """
    executor = executor_of(given)
    if manner.budget is not None:
        message = "A budget cannot be kept across the workers of an executor."
        raise UsageError(message, hint="Leave out budget= or executor=.")
    size = max(1, min(_MOST, len(questions) // _AHEAD))
    batches = [questions[at : at + size] for at in range(0, len(questions), size)]
    free = asyncio.Semaphore(_AHEAD)

    async def one(batch: Sequence[BatchItem]) -> None:
        async with free:
            asked = [_said(question) for question in batch]
            future = executor.submit(answer_batch, asked, _manner(manner))
            try:
                answers = await asyncio.wrap_future(future)
            except asyncio.CancelledError:
                future.cancel()
                raise
            except Exception as error:  # noqa: BLE001 - whatever an executor raises
                answers = [_lost(question, error) for question in batch]
            for question, answer in zip(batch, answers, strict=True):
                deliver(question, _read(answer))

    async with asyncio.TaskGroup() as group:
        for batch in batches:
            group.create_task(one(batch))


def answer_batch(
    asked: list[dict[str, Any]], manner: dict[str, Any]
) -> list[dict[str, Any]]:
    """What a worker does: answer some questions with the app of its own process."""
    app = get_app()
    questions = [
        BatchItem(n, each["provider"], ChatRequest.from_dict(each["request"]))
        for n, each in enumerate(asked)
    ]
    answers: dict[int, dict[str, Any]] = {}

    def deliver(question: BatchItem, answer: Answer) -> None:
        error = answer.error
        said = None if error is None else (error.message, error.hint)
        answers[question.number] = {**answer.to_dict(), "error": said}

    app.runtime.run(app.prices.warm())
    app.runtime.run(app.batch.run(questions, deliver, manner=BatchOptions(**manner)))
    return [answers[n] for n in range(len(questions))]


def _said(question: BatchItem) -> dict[str, Any]:
    return {"provider": question.provider, "request": question.request.to_dict()}


def _manner(manner: BatchOptions) -> dict[str, Any]:
    return {"concurrency": manner.concurrency, "streamed": manner.streamed}


def _read(data: dict[str, Any]) -> Answer:
    said = data.pop("error")
    answer = Answer.from_dict(data)
    if said is None:
        return answer
    message, hint = said
    error = ParllamaError(message, hint=hint)
    return replace(answer, finish_reason="error", error=error)


def _lost(question: BatchItem, error: Exception) -> dict[str, Any]:
    # Not its text: an executor's exception may hold what the worker held.
    said = f"The worker failed: {type(error).__name__}."
    lost = Answer((), question.model, "error", Timing(0.0, None, 0.0))
    return {**lost.to_dict(), "error": (said, None)}
