"""Builds the requests of a run: prompts x models x repeats, checked beforehand."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from ..application import Parllama
from ..batches.batch import BatchItem
from ..chats.question import Question
from ..chats.request import build
from ..commands import COMMANDS
from ..commands.question import AskParams, check_names
from ..output_schema import OutputSchema
from ..prompting.library.rendering import Rendered
from ..providers.messages import OPTIONS, ChatRequest
from ..providers.spec import Spec

__all__ = ["Target", "checked_options", "questions_of"]


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
        self._defaults = app.applied.defaults(self.spec)

    def request(
        self,
        prompt: str,
        system: str | None = None,
        schema: OutputSchema | None = None,
        *,
        library_prompt: Rendered | None = None,
        bare: bool = False,
    ) -> ChatRequest:
        """Returns the request for one prompt; a `bare` one has no user's defaults."""
        question = Question(
            prompt,
            system=system,
            options=self.options,
            schema=schema,
            library_prompt=library_prompt,
        )
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


def questions_of(  # noqa: PLR0913 - what is combined, and how
    prompts: Sequence[str | None],
    targets: Sequence[Target],
    *,
    system: str | None,
    schema: OutputSchema | None = None,
    library_prompts: Sequence[Rendered | None] | None = None,
    repeats: int = 1,
) -> Iterator[tuple[str, Target, int, BatchItem | None]]:
    """Yields prompt, target, repeat and question, for every combination of them.

    Questions are numbered in this order. If a prompt is None, so is its question. Each
    has its own of the `library_prompts`, if there are any.
    """
    numbers = itertools.count()
    asked_with = library_prompts or [None] * len(prompts)
    for prompt, rendered in zip(prompts, asked_with, strict=True):
        for each in targets:
            request = None
            if prompt is not None:
                request = each.request(prompt, system, schema, library_prompt=rendered)
            for repeat in range(repeats):
                if request is None:
                    yield "", each, repeat, None
                    continue
                name = each.spec.name
                question = BatchItem(next(numbers), name, request, repeat)
                yield prompt or "", each, repeat, question
