"""`pl.describe`: a value as a model would be told of it."""

from __future__ import annotations

from ..errors import UsageError
from ..prompting.describing.describer import TOKENS, text_of

__all__ = ["describe"]

_LEAST = 40


def describe(value: object, tokens: int = TOKENS) -> str:
    """Return the text that a chat sends for `@name`: what a value is, and some of it.

    A frame is its schema, nulls, ranges and first rows; an array its shape and corners;
    a function or class its source; an exception the lines of your own code that led to
    it. Values that are named like secrets are hidden.

    Args:
        value: any value.
        tokens: how many tokens the text may take, estimated.

    Raises:
        UsageError: there is no room for a text, or the value's own code fails.

    """
    if not isinstance(tokens, int) or tokens < _LEAST:
        message = f"A description needs at least {_LEAST} tokens."
        raise UsageError(message, hint="pl.describe(df, tokens=300)")
    failure = ""
    try:
        return text_of(value, tokens)
    except Exception as error:  # noqa: BLE001 - a value's own code may raise anything
        failure = type(error).__name__
    # Outside of the handler, so that the exception, which may hold a secret, is not
    # chained.
    message = f"The value could not be described: reading it raised {failure}."
    raise UsageError(message, hint="Describe a part of it, such as df.head().")
