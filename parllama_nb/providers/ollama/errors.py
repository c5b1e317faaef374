"""The failures that only Ollama has, for `http.failures`.

The server refuses with `{"error": TEXT}`, with a status before an answer has begun and
as a line of the stream after it: https://docs.ollama.com/api/errors. Those go the way
of all refusals (`http.refusals`).
"""

from __future__ import annotations

from typing import Final

from ...errors import ProviderError, StreamInterruptedError
from ..http.endpoint import FailedCall
from ..http.failures import Failures, table

__all__ = ["OLLAMA_FAILURES"]


def _unexplained(call: FailedCall) -> ProviderError:
    """The server ended an answer in good order, but without its last line.

    Ollama does so where a model repeats a token more than 30 times in a row.
    """
    return call.make(
        StreamInterruptedError,
        "the server ended the answer without saying why.",
        hint="Ollama does so where a model repeats itself without end.",
    )


OLLAMA_FAILURES: Final = Failures("ollama", table((_unexplained, "BrokenOffError")))
