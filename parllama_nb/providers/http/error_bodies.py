"""Finds what a server says in an error body.

No wire format has a binding form for errors. A body may wrap its error in several
layers, hold a text, a list of complaints, or the body of the server behind it, as JSON
or as the repr of a dict in the midst of a text. A success may be an error in truth.
"""

from __future__ import annotations

import ast
import json
import re
from collections.abc import Iterator, Mapping

__all__ = ["field_of", "is_error", "is_html", "litellm_words", "words_of"]

_DEPTH = 6
"""Layers of a body that are looked through."""

_LONGEST_REPR = 20_000
"""Characters of a dict's repr that are read."""

# Names of fields are compared in lower case and without underscores.
_WORDS = (
    *("error", "message", "detail", "msg", "errormessage", "errormsg"),
    *("errmsg", "statusmsg", "errordescription", "faultstring", "reason", "raw"),
    "title",
)
_LAYERS = (
    *("error", "errors", "baseresp", "fault", "response", "message", "detail"),
    *("details", "innererror", "metadata", "raw"),
)
_WRAPPINGS = ("error", "errors", "baseresp", "fault", "response")
_NAMES = {
    "code": ("code", "statuscode", "errorcode", "errcode"),
    "type": ("type", "errortype"),
}
_FINE = frozenset(["", "0", "200", "none", "null", "ok", "success", "true"])
"""Codes of servers that give one to what went well."""

_SUCCEEDED = re.compile(r"(ok|success\w*|succeeded|(请求|操作)?成功)\W*", re.IGNORECASE)
"""Words of a success whose code is a number of its own."""

_FAILED = frozenset(["error", "fail", "failed", "failure"])

_BEFORE = re.compile(
    r"^\s*(?:litellm\.)?[\w.]*(?:Error|Exception|Timeout|Provider)\b[\w ]{0,40}"
    r"[:-]+\s*"
)
_AFTER = re.compile(
    r"\n?Traceback \(most|\.? ?(Received Model Group|LiteLLM Retried|Handle with)"
    r"|\n?Model: |\n?Received API Base"
)
_BYTES = re.compile(r"^b(['\"])(.*)\1$", re.DOTALL)
_PREFIX = re.compile(r"^error code: \d+(?=\W*$)|[\s:'\"(=-]+b?['\"]?$", re.IGNORECASE)


def words_of(body: object) -> str:
    """Return what a body says, "" if nothing: the outermost first."""
    phrases: list[str] = []
    for phrase in _phrases(body, 0):
        found = phrase.lower().rstrip(".")
        if any(found in other.lower() for other in phrases):
            continue
        phrases = [p for p in phrases if p.lower().rstrip(".") not in found]
        phrases.append(phrase)
    return ": ".join([*(p.rstrip(".:") for p in phrases[:-1]), *phrases[-1:]])


def field_of(body: object, name: str) -> object:
    """Return one field of the error that a body describes, or None."""
    names = _NAMES.get(name, (name.replace("_", ""),))
    for layer in reversed(list(_layers(body))):
        for each in names:
            value = layer.get(each)
            if value is not None and value != "":
                return value
    return None


def is_error(body: Mapping[str, object]) -> bool:
    """Whether an object that came as a success, and is no answer, is an error."""
    fields = _named(body)
    if _is_filled(fields.get("error")) or _is_filled(fields.get("errors")):
        return True
    kind = str(fields.get("type") or fields.get("object") or "").lower()
    if kind.endswith("error") or False in (fields.get("success"), fields.get("ok")):
        return True
    status = str(fields.get("status") or "").lower()
    if status in _FAILED or re.fullmatch(r"[45]\d\d", status):
        return True
    code = field_of(body, "code")
    if isinstance(code, int | str) and str(code).lower() not in _FINE:
        words = words_of(body)
        return bool(words) and not _SUCCEEDED.fullmatch(words)
    return bool(fields.get("errormessage") or fields.get("errormsg"))


def is_html(content_type: str, body: object) -> bool:
    """Whether a body is a web page, by its content type or by its beginning."""
    if "html" in content_type.lower():
        return True
    return isinstance(body, str) and body.lstrip()[:1] == "<"


def litellm_words(text: str) -> str:
    """Return the server's message in a text of litellm's; "" without one.

    litellm puts the names of its classes before it, more than once, and advice behind.
    """
    text = _AFTER.split(text, maxsplit=1)[0]
    while True:
        shorter = _BEFORE.sub("", text, count=1)
        quoted = _BYTES.match(shorter.strip())
        shorter = quoted[2] if quoted else shorter
        if shorter == text:
            break
        text = shorter
    return "; ".join(_in_text(text, 0)) or text.strip()


def _phrases(part: object, depth: int) -> Iterator[str]:
    """Yield what a part of a body says, and then what the parts in it say."""
    if depth > _DEPTH:
        return
    if isinstance(part, str):
        yield from _in_text(part, depth)
    elif isinstance(part, list):
        complaints = [_complaint(entry, depth) for entry in part]
        yield "; ".join(filter(None, complaints))
    elif isinstance(part, Mapping):
        fields = _named(part)
        if isinstance(places := fields.get("errors"), Mapping):
            fields["errors"] = [
                {"loc": [at], "detail": no} for at, no in places.items()
            ]
        for name in _WORDS:
            value = fields.get(name)
            if isinstance(value, str) and value.strip():
                yield from _in_text(value, depth)
        for value in map(fields.get, _LAYERS):
            if not isinstance(value, str):
                yield from _phrases(value, depth + 1)


def _complaint(entry: object, depth: int) -> str:
    """Return one entry of a list of complaints: where, and what."""
    if not isinstance(entry, Mapping):
        return entry if isinstance(entry, str) else ""
    where = entry.get("loc")
    place = ".".join(map(str, where)) if isinstance(where, list) else ""
    if "@type" in entry:
        # Gemini's: the others are for programs.
        entry = {"message": entry.get("message")}
    return ": ".join(filter(None, (place, *_phrases(entry, depth + 1))))


def _in_text(text: str, depth: int) -> Iterator[str]:
    """Yield what a text says; another server's body in it is read."""
    if is_html("", text):
        return
    if text.lstrip().startswith("litellm."):
        text = litellm_words(text)
    start = text.find("{")
    body = _embedded(text[start:]) if start >= 0 and depth <= _DEPTH else None
    inner = list(_phrases(body, depth + 1)) if body else []
    if not any(inner):
        yield text.strip()
        return
    before = _PREFIX.sub("", _PREFIX.sub("", text[:start]))
    if before.strip():
        yield before.strip()
    yield from inner


def _embedded(text: str) -> object:
    """Return the object that a text begins with, as JSON or a repr; None if none."""
    try:
        return json.JSONDecoder(strict=False).raw_decode(text)[0]
    except (ValueError, RecursionError):
        pass
    written = text[: text.rfind("}") + 1]
    if len(written) > _LONGEST_REPR:
        return None
    try:
        return ast.literal_eval(written)
    except (ValueError, SyntaxError, TypeError, MemoryError, RecursionError):
        return None


def _layers(body: object) -> Iterator[dict[str, object]]:
    """Yield the objects that wrap an error, the innermost last."""
    for _ in range(_DEPTH):
        if isinstance(body, str) and body.lstrip().startswith("{"):
            body = _embedded(body.lstrip())
        if isinstance(body, list) and body:
            body = body[0]
        if not isinstance(body, Mapping):
            return
        fields = _named(body)
        yield fields
        body = next(filter(None, map(fields.get, _WRAPPINGS)), None)


def _named(body: Mapping[str, object]) -> dict[str, object]:
    return {str(name).lower().replace("_", ""): value for name, value in body.items()}


def _is_filled(error: object) -> bool:
    """Whether an error says anything; some servers send an empty one each time."""
    if isinstance(error, Mapping):
        return any(str(value).lower() not in _FINE for value in error.values())
    return bool(error)
