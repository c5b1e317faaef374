"""Fills the placeholders of a prompt with values of the notebook.

The rest of a prompt is sent as it was written. `{{name}}`, `{{name.attr}}` and
`{{name["key"]}}` are filled only if the notebook has that name, so JSON, f-strings, C,
LaTeX, Jinja and BibTeX pass through. Nothing is evaluated: a placeholder is a path of
names, attributes and constant keys, found by a pattern and followed step by step.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ..errors import UsageError
from ..surrogates import without_surrogates
from .describe import describe, shorten
from .secret_names import without_secrets
from .value_paths import MISSING, NAME, STEPS, Missing, Refused, follow, is_dunder

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping

__all__ = ["Filled", "fill", "placeholders"]

_PLACEHOLDER = re.compile(
    # Three braces belong to another grammar: Handlebars, BibTeX, an f-string.
    rf"(?<!\{{)\{{\{{[ \t]{{0,9}}(?P<path>(?P<name>{NAME})(?P<steps>{STEPS}))"
    rf"[ \t]{{0,9}}\}}\}}(?!\}})"
)
_ANSI = re.compile(r"\x1b\[[0-9;?]*[ -/]*[@-~]")


_HISTORY = ("In", "Out")
"""Names of the notebook whose values may be whole cells."""


@dataclass(frozen=True, slots=True)
class Filled:
    """A prompt as it is sent, and what became of its placeholders.

    `filled` and `literal` hold each placeholder once, as it was written between the
    braces. Those in `literal` are sent with their braces, because the notebook has no
    such name, or its value no such attribute or key; those in `missing`, because the
    value that they lead to stands for one that is not there.
    """

    text: str
    filled: tuple[str, ...] = ()
    literal: tuple[str, ...] = ()
    missing: tuple[str, ...] = ()


def fill(
    template: str,
    namespace: Mapping[str, object],
    *,
    last_error: Callable[[], str | None] | None = None,
    columns: Collection[str] = (),
    missing: Callable[[str, object], bool] = lambda _name, _value: False,
) -> Filled:
    """Return the prompt with its placeholders filled from the notebook's names.

    `last_error` returns the last traceback, for `{{error}}`, unless `error` is a name
    of the notebook. `columns` are names that are filled though they look like those of
    secrets. `missing` says of a value, found under a name and the steps that
    follow it, whether it stands for one that is not there. Placeholders within a filled
    value are not filled.

    Raises:
        UsageError: a placeholder leads to a secret, to a value that is named like
            one, or to code that fails.
    """
    values: dict[str, str | None] = {}
    absent: list[str] = []

    def filled(match: re.Match[str]) -> str:
        path, name = match["path"], match["name"]
        if path not in values:
            if name in namespace and not is_dunder(name):
                # The name of a column is the user's word for what is asked.
                known = "" if name in columns else name
                value = follow(known, namespace[name], match["steps"])
            elif path == "error" and last_error is not None:
                value = _traceback(last_error())
            else:
                value = MISSING
            if missing(name, value):
                absent.append(path)
                value = MISSING
            values[path] = _described(path, value, shortened=name in _HISTORY)
        text = values[path]
        return match[0] if text is None else text

    text = without_surrogates(_PLACEHOLDER.sub(filled, template))
    return Filled(
        text=text,
        filled=tuple(path for path, value in values.items() if value is not None),
        literal=tuple(
            path
            for path, value in values.items()
            if value is None and path not in absent
        ),
        missing=tuple(absent),
    )


def placeholders(template: str) -> list[str]:
    """Return the names that a template's placeholders begin with, each once."""
    names = (match["name"] for match in _PLACEHOLDER.finditer(template))
    return list(dict.fromkeys(names))


def _described(path: str, value: object, *, shortened: bool) -> str | None:
    """Return a value as text; None for a path that leads nowhere."""
    if isinstance(value, Missing):
        return None
    if isinstance(value, Refused):
        raise _refusal(path, value)
    text = failure = ""
    try:
        text = describe(value)
    except Exception as error:  # noqa: BLE001 - a __str__ may raise anything
        failure = type(error).__name__
    if failure:
        # Outside of the handler, so that the exception, which may hold a secret, is
        # not chained.
        raise _refusal(path, Refused(failure))
    return shorten(without_secrets(text)) if shortened else text


def _refusal(path: str, refused: Refused) -> UsageError:
    if not refused.failure:
        message = f"{{{{{path}}}}} is a secret, or named like one, and is not sent."
        hint = "Leave it out; a value that is no secret can have another name."
        return UsageError(message, hint=hint)
    return UsageError(
        f"{{{{{path}}}}} could not be filled: reading it raised {refused.failure}.",
        hint="Put the value into a variable first and name that, "
        "or write { {name} } to send the braces.",
    )


def _traceback(text: str | None) -> object:
    if not text:
        return MISSING
    # The end of a traceback names the error.
    return shorten(without_secrets(_ANSI.sub("", text)), keep="end")
