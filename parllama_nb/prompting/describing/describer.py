"""Any value of a notebook as text, and as a picture if it is one.

A description fits into a budget of tokens. It runs code of the value (a repr, a shape),
so that it may raise and take its time: `deadline.py` is for whoever cannot wait.
"""

from __future__ import annotations

import os
import types
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from itertools import islice
from typing import Any

from ...providers.messages import ImagePart
from ...providers.token_estimate import IMAGE_TOKENS, text_tokens
from ...secret import Secret
from .arrays import array_text, has_shape, tensor_text
from .budget import cut
from .code import class_text, function_text, is_function, module_text
from .exceptions import exception_text
from .kinds import class_name, is_a, summary
from .nested import fields_of, fields_text, outline, scalar
from .pictures import is_picture, picture_of, picture_text
from .series import index_text, series_text
from .tables import frame_text, polars_text

__all__ = ["TOKENS", "Description", "described", "text_of"]

TOKENS = 300
"""What the description of a value may take, if nobody says otherwise."""

_KEYS = 40
_WHOLE = 2_000  # characters of a scalar

_BY_CLASS: tuple[tuple[tuple[str, str], Callable[[Any, int], str]], ...] = (
    (("pandas", "DataFrame"), frame_text),
    (("pandas", "Series"), series_text),
    (("pandas", "Index"), index_text),
    (("polars", "DataFrame"), polars_text),
    (("numpy", "ndarray"), array_text),
)


@dataclass(frozen=True, slots=True)
class Description:
    """A value as a model gets it.

    `summary` says in a few words what it is. `text` is "" for nothing but a picture.
    """

    summary: str
    text: str
    picture: ImagePart | None = None

    @property
    def tokens(self) -> int:
        """How many tokens it takes, estimated."""
        return text_tokens(self.text) + (IMAGE_TOKENS if self.picture else 0)


def described(value: object, tokens: int = TOKENS) -> Description:
    """Return a value as text of at most so many tokens, and its picture, if it is one.

    Known secrets, and what looks like one, are left out. Whatever the value's own code
    raises, is raised.
    """
    picture = _pictured(value)
    if picture is None:
        return Description(summary(value), text_of(value, tokens))
    return Description(
        summary(picture), picture_text(picture, tokens), picture_of(picture)
    )


def text_of(value: object, tokens: int = TOKENS) -> str:
    """Return a value as text of at most so many tokens."""
    if isinstance(value, Secret):
        return "A secret. Its value is hidden."
    if is_picture(value):
        return picture_text(value, tokens)
    if isinstance(value, str):
        return _string(str.__str__(value), tokens)
    if isinstance(value, bytes | bytearray):
        head = f"{type(value).__name__}, {len(value):,} bytes:"
        return cut(f"{head}\n{bytes(value[:tokens])!r}", tokens)
    for kind, write in _BY_CLASS:
        if is_a(value, kind):
            return cut(write(value, tokens), tokens)
    return cut(_text(value, tokens), tokens)


def _pictured(value: Any) -> object:  # noqa: ANN401 - any value
    """Return the figure or image that a value is, or has the axes of; None if not."""
    if is_picture(value):
        return value
    # plt.subplots(2, 2) returns an array of axes.
    if is_a(value, ("numpy", "ndarray")) and value.dtype == object and value.size:
        first = value.flat[0]
        return first.get_figure() if is_picture(first) else None
    return None


def _text(value: Any, tokens: int) -> str:  # noqa: ANN401, PLR0911 - one a kind
    if (text := scalar(value, _WHOLE)) is not None:
        name = type(value).__name__
        return text if value is None or name in text else f"{name}: {text}"
    for cls, write in _BY_TYPE:
        if isinstance(value, cls):
            return write(value, tokens)
    if is_function(value):
        return function_text(value, tokens)
    if (fields := fields_of(value)) is not None:
        head = f"{class_name(value)} object, {len(fields):,} fields:"
        return f"{head}\n{fields_text(fields, tokens - text_tokens(head))}"
    if isinstance(value, dict | list | tuple | set | frozenset):
        head = f"{_container(value)}:"
        return f"{head}\n{outline(value, tokens - text_tokens(head))}"
    if isinstance(value, Mapping):
        return _mapping(value, tokens)
    if has_shape(value):
        return tensor_text(value, tokens)
    return _object(value, tokens)


def _string(text: str, tokens: int) -> str:
    head = f"str, {len(text):,} characters:"
    return f"{head}\n{cut(text, tokens - text_tokens(head))}"


def _container(value: Any) -> str:  # noqa: ANN401 - one of five classes
    base = next(
        each for each in (dict, list, tuple, set, frozenset) if isinstance(value, each)
    )
    count = base.__len__(value)
    word = "key" if base is dict else "item"
    text = f"{class_name(value)}, {count:,} {word}{'s' if count != 1 else ''}"
    if base is dict or not count:
        return text
    classes = {type(each).__name__ for each in islice(base.__iter__(value), 1_000)}
    one = f" of {next(iter(classes))}" if len(classes) == 1 else ""
    return text + one


def _mapping(value: Mapping[Any, Any], tokens: int) -> str:
    keys = list(islice(value, _KEYS))
    head = f"{class_name(value)}, {len(value):,} keys"
    if isinstance(value, type(os.environ)):
        # Whatever a program has been given may be in there.
        return f"{head}; the values are hidden:\n{outline(keys, tokens - 30)}"
    shown = {key: value[key] for key in keys}
    return f"{head}, the first:\n{outline(shown, tokens - text_tokens(head) - 8)}"


def _generator(value: Any, tokens: int) -> str:  # noqa: ANN401 - of two classes
    """Return where a generator is; it is not run, since that would use it up."""
    del tokens
    frame = getattr(value, "gi_frame", None) or getattr(value, "cr_frame", None)
    kind = type(value).__name__
    where = "ended" if frame is None else f"at line {frame.f_lineno}"
    return f"{kind} {value.__qualname__}, {where}; its items are not read"


def _object(value: Any, tokens: int) -> str:  # noqa: ANN401 - any other value
    """Return an object's repr and its attributes; no property is read."""
    head = f"{class_name(value)} object"
    parts = [head]
    left = tokens - text_tokens(head)
    written: object = type(value).__repr__
    if written is not object.__repr__:
        try:
            text = cut(repr(value), max(left // 2, 40))
        except (Exception, SystemExit) as error:  # noqa: BLE001 - it is the user's
            text = f"its repr raised {type(error).__name__}"
        parts.append(text)
        left -= text_tokens(text)
    fields = _attributes(value)
    if fields and left > 20:  # noqa: PLR2004 - room for one
        parts.append(f"Attributes:\n{fields_text(fields, left - 4)}")
    return "\n".join(parts)


def _attributes(value: object) -> dict[str, object]:
    """Return the attributes that an object holds itself, without its own code."""
    try:
        held = object.__getattribute__(value, "__dict__")
    except AttributeError:
        return {}
    if type(held) is not dict:
        return {}
    return {name: each for name, each in list(held.items()) if name[:1] != "_"}


_BY_TYPE: tuple[tuple[type, Callable[[Any, int], str]], ...] = (
    (BaseException, exception_text),
    (types.ModuleType, module_text),
    (type, class_text),
    (types.GeneratorType, _generator),
    (types.CoroutineType, _generator),
)
