"""A conversation as JSON values, and back with every value checked."""

from __future__ import annotations

import functools
import json
import math
import re
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from ...errors import UsageError
from ...surrogates import without_surrogates
from ..history.saved import SavedConversation

if TYPE_CHECKING:
    from pydantic import TypeAdapter, ValidationError

__all__ = [
    "checked",
    "conversation_of",
    "indented",
    "mapped",
    "text_of",
    "values_of",
]

_LAST_TIME = 253_402_214_400.0  # the last day of the year 9999
_MOST_TOKENS = 1 << 53

_CLASS = re.compile(r" or an instance of \w+")
_HINT = "The file is damaged, or was changed by hand."


def values_of(conversation: SavedConversation) -> dict[str, Any]:
    """Return a conversation as JSON values."""
    values: dict[str, Any] = json.loads(text_of(conversation))
    return values


def text_of(conversation: SavedConversation) -> str:
    """Return a conversation as JSON in one line; numbers that JSON lacks are null."""
    from pydantic_core import PydanticSerializationError  # noqa: PLC0415 - see below

    try:
        return _adapter().dump_json(conversation).decode()
    except PydanticSerializationError:
        # Half a character. All texts are looked at only then, which takes far longer.
        values = _adapter().dump_python(conversation, mode="json")
        return json.dumps(mapped(values, without_surrogates), ensure_ascii=False)


def conversation_of(values: object) -> SavedConversation:
    """Return the conversation of JSON values; the reverse of `values_of`.

    Raises:
        UsageError: they are not a conversation; the message names the value.

    """
    conversation: SavedConversation = _validated(
        lambda: _adapter().validate_python(values)
    )
    return checked(conversation)


def checked(conversation: SavedConversation) -> SavedConversation:
    """Return the conversation, if its turns make branches, and its times are times.

    Raises:
        UsageError: a number is there twice, or names a turn that is not there before;
            or a value is out of all bounds.

    """
    _check_bounds(conversation)
    numbers: set[int] = set()
    for turn in conversation.turns:
        if turn.number in numbers:
            message = f"Two turns have the number {turn.number}."
            raise UsageError(message, hint=_HINT)
        if turn.parent is not None and turn.parent not in numbers:
            message = (
                f"Turn {turn.number} follows turn {turn.parent}, "
                "which does not stand before it."
            )
            raise UsageError(message, hint=_HINT)
        numbers.add(turn.number)
    if conversation.tip is not None and conversation.tip not in numbers:
        message = f"The last turn, {conversation.tip}, is missing."
        raise UsageError(message, hint=_HINT)
    return conversation


def _check_bounds(conversation: SavedConversation) -> None:
    """Refuse what no list could show: a year after 9999, more tokens than there are."""
    times = [conversation.created]
    for turn in conversation.turns:
        times += [turn.created, turn.edited or 0.0]
        times += [turn.timing.started] if turn.timing is not None else []
    tokens = (conversation.input_tokens, conversation.output_tokens)
    fault = ""
    if not all(0 <= time <= _LAST_TIME for time in times):
        fault = "A time in it is not one."
    elif not all(0 <= count <= _MOST_TOKENS for count in tokens):
        fault = "A number of tokens in it is not one."
    if fault:
        raise UsageError(fault, hint=_HINT)


def mapped(value: Any, change: Callable[[str], str]) -> Any:  # noqa: ANN401 - JSON
    """Return JSON values with every text changed, and no number that JSON lacks."""
    if isinstance(value, str):
        return change(value)
    if isinstance(value, Mapping):
        return {change(str(key)): mapped(each, change) for key, each in value.items()}
    if isinstance(value, list | tuple):
        return [mapped(each, change) for each in value]
    if isinstance(value, float) and not math.isfinite(value):
        return None
    return value


def indented(values: Mapping[str, Any]) -> str:
    """Return JSON values as a file has them: a value on each line."""
    from pydantic_core import to_json  # noqa: PLC0415 - not paid by %load_ext

    # The standard library's takes five times as long, if it is to indent.
    return to_json(values, indent=1).decode() + "\n"


@functools.cache
def _adapter() -> TypeAdapter[SavedConversation]:
    from pydantic import TypeAdapter  # noqa: PLC0415 - not paid by %load_ext

    return TypeAdapter(SavedConversation)


def _validated(work: Callable[[], Any]) -> Any:  # noqa: ANN401 - as the work returns
    from pydantic import ValidationError  # noqa: PLC0415 - not paid by %load_ext

    try:
        return work()
    except ValidationError as error:
        message = _explained(error)
    except RecursionError:
        message = "Its values are nested too deep."
    raise UsageError(message, hint=_HINT)


def _explained(error: ValidationError) -> str:
    """Return what is wrong first, and where, without the value itself."""
    first = error.errors(include_url=False, include_input=False, include_context=False)
    problem = first[0]
    place = ".".join(str(part) for part in problem["loc"])
    reason = _CLASS.sub("", str(problem["msg"]))
    return f"{place:.120}: {reason:.160}." if place else f"{reason:.200}."
