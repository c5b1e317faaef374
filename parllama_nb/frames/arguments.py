"""Checks what `pl.compare` and `pl.map` are given, before anything is asked."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from numbers import Integral, Real
from typing import Any, NoReturn

from ..errors import UsageError
from ..surrogates import without_surrogates

__all__ = [
    "amount",
    "count",
    "model_names",
    "needs_question",
    "option_sets",
    "template",
    "text",
    "texts",
]


def texts(prompts: object) -> list[str | None]:
    """Returns the prompts of `compare`; None for one that is empty.

    Raises:
        UsageError: one is not a text.

    """
    hint = "Convert it with str(), or leave it out."
    made: list[str | None] = []
    for number, prompt in enumerate(_listed("prompts", prompts, "a list of texts")):
        if not isinstance(prompt, str):
            _refuse(f"prompts[{number}]", prompt, "a text", hint)
        made.append(without_surrogates(str(prompt)) if prompt.strip() else None)
    return made


def model_names(models: object) -> list[str | None]:
    """Returns the names of models, None for the default one.

    Raises:
        UsageError: one is not a name.

    """
    if models is None:
        return [None]
    names = _listed("models", models, "a list of names")
    for number, name in enumerate(names):
        text(f"models[{number}]", name)
    return names or [None]


def option_sets(params: object) -> list[Mapping[str, Any]]:
    """Returns the sets of options to try, one that is empty for None.

    Raises:
        UsageError: one is not a dict.

    """
    kinds = "a dict of options, or a list of them"
    if params is None:
        return [{}]
    sets: list[Any] = (
        [params] if isinstance(params, Mapping) else _listed("params", params, kinds)
    )
    for each in sets:
        if not isinstance(each, Mapping):
            _refuse("params=", each, kinds)
    return sets or [{}]


def template(given: object) -> None:
    """Check the question of `map`.

    Raises:
        UsageError: it is no text.

    """
    if not isinstance(given, str):
        hint = 'Write the name of a column in braces: "Translate {{text}}".'
        _refuse("template=", given, "a text", hint)


def needs_question(library_prompt: object) -> None:
    """Check that `map` has something to ask, without a template.

    Raises:
        UsageError: there is no library prompt either.

    """
    if library_prompt is None:
        message = "pl.map needs a question."
        hint = 'For example pl.map(df, "Translate {{text}}").'
        raise UsageError(message, hint=hint)


def text(name: str, given: object) -> None:
    """Check an argument that is a text or None.

    Raises:
        UsageError: it is neither.

    """
    if not isinstance(given, str | None):
        _refuse(name, given, "a text")


def count(name: str, given: object) -> None:
    """Check an argument that is a positive whole number.

    Raises:
        UsageError: it is none.

    """
    if not isinstance(given, Integral):
        _refuse(f"{name}=", given, "a whole number")
    if int(given) < 1:
        message = f"{name}= must be at least 1."
        raise UsageError(message)


def amount(name: str, given: object) -> None:
    """Check an argument that is a sum of US dollars.

    Raises:
        UsageError: it is none.

    """
    if not isinstance(given, Real):
        _refuse(f"{name}=", given, "a number")
    if not float(given) >= 0:
        message = f"{name}= must not be negative."
        raise UsageError(message)


def _listed(name: str, given: object, kinds: str) -> list[Any]:
    """Returns the values of an argument that takes one text or several values."""
    if isinstance(given, str):
        return [str(given)]
    if hasattr(given, "columns"):
        hint = "Take one of its columns. For a question about each row use pl.map."
        _refuse(f"{name}=", given, kinds, hint)
    if not isinstance(given, Iterable) or isinstance(given, bytes | Mapping):
        _refuse(f"{name}=", given, kinds)
    return list(given)


def _refuse(name: str, given: object, kinds: str, hint: str | None = None) -> NoReturn:
    message = f"{name} is a {type(given).__name__}, not {kinds}."
    raise UsageError(message, hint=hint)
