"""Secrets that do not print, and the removal of known secrets from texts."""

from __future__ import annotations

import base64
import json
import threading
import traceback
from typing import NoReturn
from urllib.parse import quote

__all__ = ["Redactor", "Secret", "where"]

# A shorter text would black out ordinary words wherever it is found.
_SHORTEST = 6


class Secret:
    """A value that shows its name in place of itself.

    `repr()`, `str()`, `format()` and f-strings give `<Secret NAME>`. It cannot be
    pickled or copied into a process by accident. `reveal()` is the one way to it.
    """

    __slots__ = ("_value", "name")

    def __init__(self, name: str, value: str) -> None:
        self.name = name
        self._value = value

    def reveal(self) -> str:
        """The value itself. Hand it straight to whoever needs it; keep no copy."""
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
    """Takes every secret it has been shown out of any text.

    A secret is found as it is and in the forms it takes on its way through client
    libraries and servers: inside JSON, a URL, base64, and hex.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._forms: list[tuple[str, str]] = []
        self._seen: set[str] = set()

    def add(self, secret: Secret) -> Secret:
        """Remember a secret; hand it back, so that a lookup can end in this call."""
        value = secret.reveal()
        if len(value) < _SHORTEST:
            return secret
        with self._lock:
            if value not in self._seen:
                self._seen.add(value)
                forms = [(form, repr(secret)) for form in _forms(value)]
                # Longest first, so that a form that holds another one goes whole.
                self._forms = sorted(
                    self._forms + forms, key=lambda pair: len(pair[0]), reverse=True
                )
        return secret

    def __call__(self, text: str) -> str:
        """The text without any known secret."""
        for form, shown in self._forms:
            if form in text:
                text = text.replace(form, shown)
        return text


def where(error: BaseException) -> str:
    """The kind of a foreign exception and the places it came by, for a log.

    Not its text: an unknown exception may hold anything, a request's key included.
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
