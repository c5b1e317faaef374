"""The options of a question for type checkers and Shift-Tab."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Literal, TypedDict, TypeVar, get_type_hints

__all__ = ["AskOptions", "TurnOptions", "shown"]

F = TypeVar("F", bound=Callable[..., Any])


class TurnOptions(TypedDict, total=False):
    """The options of a question in a conversation.

    Attributes:
        model: `provider/model`; None asks the default model.
        system: the system prompt; "" sends none.
        library_prompt: a prompt of the library, by its name, or one of `pl.prompt`. Its
            texts are sent before the question.
        variables: the values of its variables, by their names.
        image: a path, an address, bytes, a `data:` URL, a PIL image, a matplotlib
            figure, or a list of these.
        files: documents that are sent with the question, or a list of these: paths or
            addresses of PDF files, notebooks, tables, texts and images.
        schema: the shape of the answer: a pydantic model, a dataclass or a JSON
            schema, `{}` for any JSON. `Answer.data` is the value.
        temperature: how much answers vary: 0 the least, 2 the most.
        max_tokens: stops the answer after this many tokens.
        seed: the same seed gives the same answer, if the provider supports it.
        top_p: chooses among the likeliest tokens that together have this share.
        top_k: chooses among this many of the likeliest tokens.
        stop: ends the answer before this text, or before one of these.
        reasoning: how much the model thinks before it answers.
        reasoning_budget: the most tokens that it may think.
        context_window: loads a local model with a context of this many tokens.
        keep_alive: how long a local model stays loaded: "5m", "0", "-1".

    """

    model: str | None
    system: str | None
    library_prompt: object
    variables: Mapping[str, object] | None
    image: object
    files: object
    schema: object
    temperature: float | None
    max_tokens: int | None
    seed: int | None
    top_p: float | None
    top_k: int | None
    stop: str | Sequence[str] | None
    reasoning: Literal["off", "low", "medium", "high"] | None
    reasoning_budget: int | None
    context_window: int | None
    keep_alive: str | None


class AskOptions(TurnOptions, total=False):
    """The further options of `pl.ask`, `pl.aask` and `pl.stream`.

    Attributes:
        messages: earlier messages, sent before the question: dicts of `role` and
            `content`, as OpenAI's library takes them. Without a prompt, the last one
            is the question.
        session: the name of the conversation to continue.

    """

    messages: Sequence[Any] | None
    session: str | None


def shown(options: type) -> Callable[[F], F]:
    """Adds the options of a TypedDict as keywords to the signature of a function.

    A type checker knows them from `**options: Unpack[...]`; `inspect.signature`, and so
    Shift-Tab, does not.
    """

    def decorate(function: F) -> F:
        signature = inspect.signature(function)
        *parameters, _ = signature.parameters.values()
        parameters += [
            inspect.Parameter(
                name, inspect.Parameter.KEYWORD_ONLY, default=None, annotation=kind
            )
            for name, kind in get_type_hints(options).items()
        ]
        shown = signature.replace(parameters=parameters)
        function.__signature__ = shown  # type: ignore[attr-defined]
        return function

    return decorate
