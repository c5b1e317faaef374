"""Filling a prompt with what the notebook holds.

A prompt is sent as it was written. `{{name}}`, `{{name.attr}}` and `{{name["key"]}}`
are filled, and only where the notebook has that name: JSON, f-strings, C, LaTeX,
Jinja and BibTeX pass through. Nothing is evaluated: a placeholder is a path of names,
attributes and constant keys, found by a pattern and walked step by step.
"""

from __future__ import annotations

import ast
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ..errors import UsageError
from ..secret import Secret
from .describe import describe, shorten

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

__all__ = ["Filled", "fill", "placeholders"]

# Every repetition is bounded, so that a prompt of nothing but braces stays cheap.
_NAME = r"[^\W\d]\w{0,99}"
_STRING = r'"(?:[^"\\\n]|\\.){0,200}"' + r"|'(?:[^'\\\n]|\\.){0,200}'"
_STEP = re.compile(rf"\.({_NAME})|\[(-?\d{{1,18}}|{_STRING})\]")
_PLACEHOLDER = re.compile(
    # Three braces are someone else's grammar: Handlebars, BibTeX, an f-string.
    rf"(?<!\{{)\{{\{{[ \t]{{0,9}}(?P<path>(?P<name>{_NAME})(?P<steps>(?:\.{_NAME}"
    rf"|\[(?:-?\d{{1,18}}|{_STRING})\]){{0,20}}))[ \t]{{0,9}}\}}\}}(?!\}})"
)
_ANSI = re.compile(r"\x1b\[[0-9;?]*[ -/]*[@-~]")


@dataclass(frozen=True, slots=True)
class Filled:
    """A prompt as it is sent, and what became of its placeholders.

    `filled` and `literal` hold each placeholder once, as it was written between the
    braces; what is in `literal` was sent with its braces, since the notebook has no
    such name, or its value no such attribute or key.
    """

    text: str
    filled: tuple[str, ...] = ()
    literal: tuple[str, ...] = ()


class _Missing:
    """The end of a path that leads nowhere."""


_MISSING = _Missing()


def fill(
    template: str,
    namespace: Mapping[str, object],
    *,
    inputs: Sequence[object] | Mapping[int, object] | None = None,
    outputs: Mapping[int, object] | None = None,
    last_error: Callable[[], str | None] | None = None,
) -> Filled:
    """The prompt with its placeholders filled from the notebook's names.

    `inputs` and `outputs` are `In` and `Out` where `namespace` does not have them, and
    `last_error` gives the last traceback for `{{error}}`, unless `error` is a name of
    the notebook. A filled value is not looked through for placeholders again.

    Raises:
        UsageError: a placeholder leads to a secret, or to code that fails.
    """
    history = {"In": inputs, "Out": outputs}
    values: dict[str, str | None] = {}

    def filled(found: re.Match[str]) -> str:
        path, name = found["path"], found["name"]
        if path not in values:
            if name in namespace and not _is_dunder(name):
                value = _walk(path, namespace[name], found["steps"])
            elif history.get(name) is not None:
                value = _walk(path, history[name], found["steps"])
            elif path == "error" and last_error is not None:
                value = _traceback(last_error())
            else:
                value = _MISSING
            bounded = name in history
            values[path] = _shown(path, value, bounded=bounded)
        text = values[path]
        return found[0] if text is None else text

    text = _PLACEHOLDER.sub(filled, template)
    return Filled(
        text=text,
        filled=tuple(path for path, value in values.items() if value is not None),
        literal=tuple(path for path, value in values.items() if value is None),
    )


def placeholders(template: str) -> list[str]:
    """The names a template's placeholders begin with, each once, in order."""
    found = (match["name"] for match in _PLACEHOLDER.finditer(template))
    return list(dict.fromkeys(found))


def _is_dunder(name: str) -> bool:
    return name.startswith("__") and name.endswith("__") and bool(name.strip("_"))


def _walk(path: str, value: object, steps: str) -> object:
    """Follow attributes and keys from a value; `_MISSING` where there is none."""
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
            # Outside of the handler: what was raised may hold what must not be shown.
            raise _failed(path, failure)
    return value


def _shown(path: str, value: object, *, bounded: bool) -> str | None:
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
    return shorten(text) if bounded else text


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
    # The end of a traceback says what went wrong.
    return shorten(_ANSI.sub("", text), keep="end")
