"""Secrets that do not print themselves, and redaction of known secrets in texts."""

from __future__ import annotations

import base64
import html
import json
import threading
import traceback
from collections.abc import Callable, Iterable
from typing import NoReturn
from urllib.parse import quote
from weakref import ReferenceType, ref

__all__ = ["Forms", "Redactor", "Secret", "redacted", "where"]

# Characters. The value of a shorter secret also occurs within ordinary words,
_SHORTEST = 6
# and so does a shorter piece of its base64.
_SHORTEST_PIECE = 16

# Secrets in `Redactor.recent`, at most.
_RECENT = 256

# Characters of a text that are looked at together.
_PIECE = 1 << 16

# Forms of so few secrets are looked for one by one, which is faster then.
_FEW_FORMS = 500


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


class Forms:
    """Some secrets in all forms in which texts hold them.

    These are the value as it is, also without the white space around it, and as client
    libraries, servers and notebooks write it: within JSON, a `repr`, HTML, a URL,
    base64 (also of a longer text), and as hex.
    """

    def __init__(self, secrets: Iterable[Secret] = ()) -> None:
        names: dict[str, str] = {}
        for secret in secrets:
            value = secret.reveal()
            bare = value.strip()
            forms = _forms(value)
            if bare != value and len(bare) >= _SHORTEST:
                # A file's last line break is rarely a part of what is sent or printed.
                forms |= _forms(bare)
            for form in forms:
                names.setdefault(form, repr(secret))
        # Longest first, so that a form that contains another is replaced whole.
        self._names = sorted(names.items(), key=lambda item: len(item[0]), reverse=True)
        # Of thousands only those are looked for whose beginning the text has.
        self._begin = min(map(len, names), default=0)
        self._beginnings: dict[str, list[int]] = {}
        if len(names) > _FEW_FORMS:
            for place, (form, _) in enumerate(self._names):
                self._beginnings.setdefault(form[: self._begin], []).append(place)

    @property
    def texts(self) -> list[str]:
        """All forms, the longest first."""
        return [form for form, _ in self._names]

    def replaced(self, text: str) -> str:
        """Return the text with the secret's name in place of each form."""
        for form, name in self._possible(text):
            if form in text:
                text = text.replace(form, name)
        return text

    def _possible(self, text: str) -> Iterable[tuple[str, str]]:
        """Return the forms that the text may have, the longest first."""
        if not self._beginnings:
            return self._names
        size = self._begin
        found: set[str] = set()
        # Piece by piece: all beginnings of a text of megabytes would take gigabytes.
        for first in range(0, len(text) - size + 1, _PIECE):
            last = min(first + _PIECE, len(text) - size + 1)
            begun = {text[at : at + size] for at in range(first, last)}
            found |= self._beginnings.keys() & begun
        places = sorted(place for each in found for place in self._beginnings[each])
        return [self._names[place] for place in places]


class Redactor:
    """Replaces known secrets in texts by their names.

    Args:
        handed_out: called after each `add`, on whatever thread that is: from now on
            the secret may be anywhere.

    """

    def __init__(self, handed_out: Callable[[], object] = lambda: None) -> None:
        self._lock = threading.Lock()
        self._handed_out = handed_out
        self._seen: set[str] = set()
        self.known: tuple[Secret, ...] = ()
        """The secrets that are replaced; a new tuple with every new one."""
        self.recent: tuple[Secret, ...] = ()
        """The last that were handed out, for whoever cannot look for thousands."""
        self._compiled: tuple[tuple[Secret, ...], Forms] = self.known, Forms()
        _register(self)

    def add(self, secret: Secret) -> Secret:
        """Add a secret and return it, so that a lookup can end in this call."""
        value = secret.reveal()
        if len(value) < _SHORTEST:
            return secret
        with self._lock:
            if value not in self._seen:
                self._seen.add(value)
                self.known = (*self.known, secret)
            if all(each.reveal() != value for each in self.recent[-_RECENT // 2 :]):
                others = [each for each in self.recent if each.reveal() != value]
                self.recent = (*others[1 - _RECENT :], secret)
        self._handed_out()
        return secret

    def __call__(self, text: str) -> str:
        """Return the text with every known secret replaced by its name."""
        known, forms = self._compiled
        if known is not self.known:
            known = self.known
            forms = Forms(known)
            self._compiled = known, forms
        return forms.replaced(text)


_registering = threading.Lock()
_redactors: tuple[ReferenceType[Redactor], ...] = ()


def _register(redactor: Redactor) -> None:
    global _redactors  # noqa: PLW0603 - replaced, since other threads read it
    with _registering:
        living = [each for each in _redactors if each() is not None]
        _redactors = (*living, ref(redactor))


def redacted(text: str) -> str:
    """Return the text without the secrets that any redactor knows."""
    for each in _redactors:
        redactor = each()
        if redactor is not None:
            text = redactor(text)
    return text


def where(error: BaseException) -> str:
    """Return the class and the traceback of a foreign exception, for the log.

    Not its text, which may hold anything, a request's key included.
    """
    places = "".join(traceback.format_tb(error.__traceback__))
    return f"{type(error).__name__}\n{places}"


def _forms(value: str) -> set[str]:
    # A variable of the environment may hold bytes that are not UTF-8.
    raw = value.encode(errors="surrogatepass")
    return {
        value,
        json.dumps(value)[1:-1],
        json.dumps(value, ensure_ascii=False)[1:-1],
        repr(value)[1:-1],
        repr(raw)[2:-1],
        html.escape(value),
        html.escape(value, quote=False),
        quote(raw, safe=""),
        quote(raw),
        raw.hex(),
        *_base64_forms(raw, base64.b64encode),
        *_base64_forms(raw, base64.urlsafe_b64encode),
    }


def _base64_forms(raw: bytes, encode: Callable[[bytes], bytes]) -> set[str]:
    """Return the base64 of a value, and what is left of it within a longer text's."""
    pieces = set()
    for before in range(3):
        # The groups of three bytes that hold nothing but the value.
        first = -before % 3
        whole = raw[first : first + (len(raw) - first) // 3 * 3]
        pieces.add(encode(whole).decode())
    pieces = {piece for piece in pieces if len(piece) >= _SHORTEST_PIECE}
    return {encode(raw).decode().rstrip("="), *pieces}
