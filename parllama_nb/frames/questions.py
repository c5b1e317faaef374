"""Builds the requests of a run: prompts x models x repeats, checked beforehand."""

from __future__ import annotations

import difflib
import itertools
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from ..application import Parllama
from ..batches.batch import BatchItem
from ..chats.question import Question
from ..chats.request import build
from ..commands import COMMANDS
from ..commands.question import AskParams, check_names
from ..errors import UsageError
from ..output_schema import OutputSchema
from ..prompts.fill import fill, placeholders
from ..providers.messages import OPTIONS, ChatRequest
from ..providers.spec import Spec

__all__ = ["Target", "checked_options", "filled_prompts", "questions_of"]


class Target:
    """A model to ask, with its options and the user's defaults.

    Raises:
        UsageError: the model's name is not `provider/model`.
        UnknownProviderError: there is no such provider.
        ProviderDisabledError: it is switched off.
        NoModelError: `model` is None and there is no default.

    """

    def __init__(
        self, app: Parllama, model: str | None, options: Mapping[str, Any]
    ) -> None:
        provider, self.model = app.runtime.run(app.choose(model))
        self.spec: Spec = provider.spec
        self.id = f"{self.spec.name}/{self.model}"
        self.options = options
        self._defaults = app.defaults(self.spec)

    def request(
        self,
        prompt: str,
        system: str | None = None,
        schema: OutputSchema | None = None,
        *,
        bare: bool = False,
    ) -> ChatRequest:
        """Returns the request for one prompt; a `bare` one has no user's defaults."""
        question = Question(prompt, system=system, options=self.options, schema=schema)
        defaults = {} if bare else self._defaults
        return build(question, self.model, spec=self.spec, defaults=defaults).request


def checked_options(given: Mapping[str, Any]) -> dict[str, Any]:
    """Returns the options of a request that were passed, checked as those of `ask` are.

    Raises:
        UsageError: there is no such option, or its value is invalid.

    """
    known = [name for name in OPTIONS if name in AskParams.model_fields]
    check_names(given, known)
    checked = COMMANDS["ask"].validated({"prompt": "x", **given})
    return {name: getattr(checked, name) for name in given}


def questions_of(
    prompts: Sequence[str | None],
    targets: Sequence[Target],
    *,
    system: str | None,
    schema: OutputSchema | None = None,
    repeats: int = 1,
) -> Iterator[tuple[str, Target, int, BatchItem | None]]:
    """Yields prompt, target, repeat and question, for every combination of them.

    Questions are numbered in this order. If a prompt is None, so is its question.
    """
    numbers = itertools.count()
    for prompt in prompts:
        for each in targets:
            request = None if prompt is None else each.request(prompt, system, schema)
            for repeat in range(repeats):
                if request is None:
                    yield "", each, repeat, None
                    continue
                name = each.spec.name
                question = BatchItem(next(numbers), name, request, repeat)
                yield prompt or "", each, repeat, question


def filled_prompts(
    template: str, rows: Iterable[Mapping[str, Any]], namespace: Mapping[str, Any]
) -> Iterator[tuple[str | None, str]]:
    """Yields the prompt of every row, or None and the reason.

    Columns win over names of the notebook; `row` is the row itself, for columns whose
    names are not identifiers: `{{row["Unit price"]}}`.

    Raises:
        UsageError: the template names neither a column nor a name of the notebook.

    """
    wanted = placeholders(template)
    first = True
    for row in rows:
        if first:
            _check(wanted, row, namespace)
            first = False
        missing = [name for name in wanted if name in row and _is_missing(row[name])]
        if missing:
            yield None, f"{', '.join(missing)} is missing in this row."
            continue
        yield fill(template, {**namespace, "row": row, **row}).text, ""


def _check(
    wanted: Sequence[str], row: Mapping[str, Any], namespace: Mapping[str, Any]
) -> None:
    for name in wanted:
        if name in row or name in namespace or name == "row":
            continue
        columns = [str(column) for column in row]
        near = difflib.get_close_matches(name, columns, 3, cutoff=0.4)
        shown = ", ".join(near or columns[:8])
        message = f"There is no column {name!r}, and no such name in the notebook."
        hint = f"Available: {shown}. Write three braces to send them as they are."
        raise UsageError(message, hint=hint)


def _is_missing(value: object) -> bool:
    """Whether it is None, NaN or NaT; a list or a dict is a value."""
    if value is None:
        return True
    if isinstance(value, float):
        return value != value  # noqa: PLR0124 - NaN alone is not itself
    return type(value).__name__ in ("NAType", "NaTType")
