"""Asks from other processes or machines, through a `concurrent.futures.Executor`.

Questions travel in batches as plain values. Keys do not travel at all: a worker uses
its own environment and its own vault; without a key, its rows hold that error.
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

__all__ = ["answer_batch", "ask_with_executor", "executor_of"]

# Questions in one batch: few enough to spread the load, enough to be worth the trip.
_MOST = 50

# Batches that are submitted and not answered yet.
_AHEAD = 16


def executor_of(given: object) -> Executor:
    """Returns the executor of a Dask or an ipyparallel client; an executor as it is.

    Raises:
        UsageError: it is none of these.

    """
    if isinstance(given, Executor):
        return given
    for name in ("get_executor", "executor"):  # Dask's client, ipyparallel's
        make = getattr(given, name, None)
        if callable(make):
            made = make()
            if isinstance(made, Executor) or hasattr(made, "submit"):
                return made  # type: ignore[no-any-return]
    message = f"executor= cannot take a value of type {type(given).__name__}."
    hint = "It takes a concurrent.futures.Executor, a dask.distributed.Client or an "
    raise UsageError(message, hint=f"{hint}ipyparallel.Client.")


async def ask_with_executor(
    given: object,
    questions: Sequence[BatchItem],
    deliver: Callable[[BatchItem, Answer], None],
    options: BatchOptions,
) -> None:
    """Have the workers of an executor answer. If a worker dies, its batch gets errors.

    Raises:
        UsageError: it is not an executor, or there is a budget, which cannot be
            enforced across workers.

    """
    executor = executor_of(given)
    if options.budget is not None:
        message = "A budget cannot be enforced across the workers of an executor."
        raise UsageError(message, hint="Leave out budget= or executor=.")
    size = max(1, min(_MOST, len(questions) // _AHEAD))
    batches = [questions[at : at + size] for at in range(0, len(questions), size)]
    free = asyncio.Semaphore(_AHEAD)

    async def one(batch: Sequence[BatchItem]) -> None:
        async with free:
            items = [_item(question) for question in batch]
            future = executor.submit(answer_batch, items, _options(options))
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
    items: list[dict[str, Any]], options: dict[str, Any]
) -> list[dict[str, Any]]:
    """Answers a batch in a worker, with the app of the worker's own process."""
    app = get_app()
    questions = [
        BatchItem(n, each["provider"], ChatRequest.from_dict(each["request"]))
        for n, each in enumerate(items)
    ]
    answers: dict[int, dict[str, Any]] = {}

    def deliver(question: BatchItem, answer: Answer) -> None:
        error = answer.error and (answer.error.message, answer.error.hint)
        answers[question.number] = {**answer.to_dict(), "error": error}

    app.runtime.run(app.prices.warm())
    app.runtime.run(app.batch.run(questions, deliver, options=BatchOptions(**options)))
    return [answers[n] for n in range(len(questions))]


def _item(question: BatchItem) -> dict[str, Any]:
    return {"provider": question.provider, "request": question.request.to_dict()}


def _options(options: BatchOptions) -> dict[str, Any]:
    names = ("concurrency", "streamed", "purpose")
    return {name: getattr(options, name) for name in names}


def _read(data: dict[str, Any]) -> Answer:
    failure = data.pop("error")
    answer = Answer.from_dict(data)
    if failure is None:
        return answer
    message, hint = failure
    error = ParllamaError(message, hint=hint)
    return replace(answer, finish_reason="error", error=error)


def _lost(question: BatchItem, error: Exception) -> dict[str, Any]:
    # Without its text: an executor's exception may hold what the worker held.
    message = f"The worker failed: {type(error).__name__}."
    lost = Answer((), question.model, "error", Timing(0.0, None, 0.0))
    return {**lost.to_dict(), "error": (message, None)}
