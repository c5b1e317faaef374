"""Secrets that do not print themselves, and redaction of known secrets in texts."""

from __future__ import annotations

import base64
import json
import threading
import traceback
from typing import NoReturn
from urllib.parse import quote
from weakref import WeakSet

__all__ = ["Redactor", "Secret", "redacted", "where"]

# Characters. The value of a shorter secret also occurs within ordinary words.
_SHORTEST = 6


class Secret:
    """A value that prints as its name.

    `repr()`, `str()`, `format()` and f-strings give `<Secret NAME>`. It cannot be
    pickled, nor copied into another process by accident. Only `reveal()` returns it.
    """

    __slots__ = ("_value", "name")

    def __init__(self, name: str, value: str) -> None:
        self.name = name
        self._value = value

    def reveal(self) -> str:
        """Return the value. Hand it straight to whoever needs it and store no copy."""
        return self._value

    def __repr__(self) -> str:
        return f"<Secret {self.name}>"

    def __format__(self, spec: str) -> str:
        return format(repr(self), spec)

    def __bool__(self) -> bool:
        return bool(self._value)

    def __reduce__(self) -> NoReturn:
        message = f"{self!r} cannot be pickled"
        raise TypeError(message)


class Redactor:
    """Replaces known secrets in texts by their names.

    It finds a secret as it is, and in the forms that client libraries and servers give
    it: within JSON, within a URL, as base64, and as hex.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._forms: list[tuple[str, str]] = []
        self._seen: set[str] = set()
        _REDACTORS.add(self)

    def add(self, secret: Secret) -> Secret:
        """Add a secret and return it, so that a lookup can end in this call."""
        value = secret.reveal()
        if len(value) < _SHORTEST:
            return secret
        with self._lock:
            if value not in self._seen:
                self._seen.add(value)
                forms = [(form, repr(secret)) for form in _forms(value)]
                # Longest first, so that a form that contains another is replaced whole.
                self._forms = sorted(
                    self._forms + forms, key=lambda pair: len(pair[0]), reverse=True
                )
        return secret

    def __call__(self, text: str) -> str:
        """Return the text with every known secret replaced by its name."""
        for form, name in self._forms:
            if form in text:
                text = text.replace(form, name)
        return text


_REDACTORS: WeakSet[Redactor] = WeakSet()


def redacted(text: str) -> str:
    """Return the text without the secrets that any redactor knows."""
    for redactor in list(_REDACTORS):
        text = redactor(text)
    return text


def where(error: BaseException) -> str:
    """Return the class and the traceback of a foreign exception, for the log.

    Not its text, which may hold anything, a request's key included.
    """
    places = "".join(traceback.format_tb(error.__traceback__))
    return f"{type(error).__name__}\n{places}"


def _forms(value: str) -> set[str]:
    raw = value.encode()
    plain = base64.b64encode(raw).decode()
    return {
        value,
        json.dumps(value)[1:-1],
        quote(value, safe=""),
        plain,
        plain.rstrip("="),
        base64.urlsafe_b64encode(raw).decode().rstrip("="),
        raw.hex(),
    }
