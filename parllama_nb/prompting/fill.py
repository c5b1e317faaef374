"""Fills the placeholders of a prompt with values of the notebook.

The rest of a prompt is sent as it was written. `{{name}}`, `{{name.attr}}` and
`{{name["key"]}}` are filled only if the notebook has that name, so JSON, f-strings, C,
LaTeX, Jinja and BibTeX pass through. Nothing is evaluated: a placeholder is a path of
names, attributes and constant keys, found by a pattern and followed step by step.
"""

from __future__ import annotations

import ast
import re
from dataclasses import dataclass
from types import BuiltinMethodType, MethodType, MethodWrapperType
from typing import TYPE_CHECKING

from ..errors import UsageError
from ..secret import Secret
from ..surrogates import without_surrogates
from .describe import describe, shorten

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

__all__ = ["Filled", "fill", "placeholders"]

# Every repetition is bounded, so that a prompt of nothing but braces is matched fast.
_NAME = r"[^\W\d]\w{0,99}"
_STRING = r'"(?:[^"\\\n]|\\.){0,200}"' + r"|'(?:[^'\\\n]|\\.){0,200}'"
_STEP = re.compile(rf"\.({_NAME})|\[(-?\d{{1,18}}|{_STRING})\]")
_PLACEHOLDER = re.compile(
    # Three braces belong to another grammar: Handlebars, BibTeX, an f-string.
    rf"(?<!\{{)\{{\{{[ \t]{{0,9}}(?P<path>(?P<name>{_NAME})(?P<steps>(?:\.{_NAME}"
    rf"|\[(?:-?\d{{1,18}}|{_STRING})\]){{0,20}}))[ \t]{{0,9}}\}}\}}(?!\}})"
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


class _Missing:
    """The result of a path that leads nowhere."""


_MISSING = _Missing()
_METHODS = (MethodType, BuiltinMethodType, MethodWrapperType)


def fill(
    template: str,
    namespace: Mapping[str, object],
    *,
    last_error: Callable[[], str | None] | None = None,
    missing: Callable[[str, object], bool] = lambda _name, _value: False,
) -> Filled:
    """Return the prompt with its placeholders filled from the notebook's names.

    `last_error` returns the last traceback, for `{{error}}`, unless `error` is a name
    of the notebook. `missing` says of a value, found under a name and the steps that
    follow it, whether it stands for one that is not there. Placeholders within a filled
    value are not filled.

    Raises:
        UsageError: a placeholder leads to a secret, or to code that fails.
    """
    values: dict[str, str | None] = {}
    absent: list[str] = []

    def filled(match: re.Match[str]) -> str:
        path, name = match["path"], match["name"]
        if path not in values:
            if name in namespace and not _is_dunder(name):
                value = _walk(path, namespace[name], match["steps"])
            elif path == "error" and last_error is not None:
                value = _traceback(last_error())
            else:
                value = _MISSING
            if missing(name, value):
                absent.append(path)
                value = _MISSING
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


def _is_dunder(name: str) -> bool:
    return name.startswith("__") and name.endswith("__") and bool(name.strip("_"))


def _walk(path: str, value: object, steps: str) -> object:
    """Follow attributes and keys from a value; `_MISSING` if one does not exist."""
    failure = ""
    for attribute, key in _STEP.findall(steps):
        _refuse_secret(path, value)
        if attribute.startswith("_"):
            return _MISSING
        try:
            if attribute:
                value = getattr(value, attribute)
            else:
                value = value[ast.literal_eval(key)]  # type: ignore[index]
        except (AttributeError, LookupError, TypeError, SyntaxError, ValueError):
            return _MISSING
        except Exception as error:  # noqa: BLE001 - a property may raise anything
            failure = type(error).__name__
        if failure:
            # Outside of the handler, so that the exception, which may hold a secret,
            # is not chained.
            raise _failed(path, failure)
    # Nothing is called, and nobody asks about `<bound method ...>`.
    return _MISSING if steps and isinstance(value, _METHODS) else value


def _described(path: str, value: object, *, shortened: bool) -> str | None:
    """Return a value as text; None for a path that leads nowhere."""
    _refuse_secret(path, value)
    if isinstance(value, _Missing):
        return None
    text = failure = ""
    try:
        text = describe(value)
    except Exception as error:  # noqa: BLE001 - a __str__ may raise anything
        failure = type(error).__name__
    if failure:
        raise _failed(path, failure)
    return shorten(text) if shortened else text


def _refuse_secret(path: str, value: object) -> None:
    if isinstance(value, Secret):
        message = f"{{{{{path}}}}} is a secret and is not put into a prompt."
        raise UsageError(message, hint="Leave it out of the cell.")


def _failed(path: str, failure: str) -> UsageError:
    return UsageError(
        f"{{{{{path}}}}} could not be filled: reading it raised {failure}.",
        hint="Put the value into a variable first and name that, "
        "or write { {name} } to send the braces.",
    )


def _traceback(text: str | None) -> object:
    if not text:
        return _MISSING
    # The end of a traceback names the error.
    return shorten(_ANSI.sub("", text), keep="end")
