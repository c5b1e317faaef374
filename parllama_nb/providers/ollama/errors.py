"""What goes wrong at an Ollama server, turned into our errors at this one place.

The server says what it refuses in `{"error": TEXT}`, with a status before an answer has
begun and as a line of the stream after it: https://docs.ollama.com/api/errors. The
text may be the whole JSON body of the engine below it. What the HTTP library raises is
mapped where that of `openai` is, for it is the same library.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any

from ...errors import (
    AuthenticationError,
    BadRequestError,
    ContextLengthError,
    InvalidResponseError,
    ModelNotFoundError,
    ProviderError,
    ProviderTimeoutError,
    RateLimitError,
    ServerError,
    StreamInterruptedError,
)
from ..http.endpoint import Failure, Peer
from ..http.error_bodies import field_of, is_html, retry_after_of, shown_url, words_of
from ..http.event_stream import ReportedError
from ..openai.errors import OPENAI_FAILURES
from .stream import UnexplainedEndError

__all__ = ["RefusedError", "mapped"]

_MISSING = re.compile(
    r"model\b.*\bnot found|try pulling it|manifest: file does not exist", re.IGNORECASE
)
_TOO_LONG = re.compile(
    r"exceeds the (available )?context|exceeds (the )?maximum context"
    r"|longer than the context length",
    re.IGNORECASE,
)
_TOKENS = re.compile(r"\((\d+) tokens\) exceeds", re.IGNORECASE)
_MEMORY = re.compile(
    r"more system memory|out of memory|insufficient memory|cudamalloc"
    r"|(unable|failed) to allocate|not enough (system )?memory|cannot allocate memory",
    re.IGNORECASE,
)
_UNABLE = re.compile(
    r"does not support|think value|must be of type|invalid (format|duration|option)"
    r"|missing unit in duration|multimodal|image input|failed to process image"
    r"|no longer compatible|cloud is disabled",
    re.IGNORECASE,
)
_UNLOADABLE = re.compile(
    r"unable to load model|error loading model|binary not found|unknown model arch"
    r"|unsupported model",
    re.IGNORECASE,
)
_THINKING = re.compile(r"does not support thinking", re.IGNORECASE)
_CHAT = re.compile(r"does not support (chat|generate|completion)", re.IGNORECASE)


class RefusedError(Exception):
    """A status of 300 and above, and what came with it."""

    def __init__(self, status: int, headers: Mapping[str, str], body: bytes) -> None:
        super().__init__(f"status {status}")
        self.status = status
        self.headers = headers
        self.body = body


def mapped(
    error: BaseException, peer: Peer, *, model: str | None = None, begun: bool = False
) -> ProviderError:
    """Our error for a foreign exception; `begun` says whether text had already come.

    The caller raises it after its `except` block, so that it carries no context.
    """
    if isinstance(error, RefusedError):
        return _refused(error, peer, model)
    if isinstance(error, ReportedError):
        return _said(peer, model, 0, error.body)
    if isinstance(error, UnexplainedEndError):
        return peer.error(
            StreamInterruptedError,
            "the server ended the answer without saying why.",
            hint="Ollama does so where a model repeats itself without end.",
        )
    return OPENAI_FAILURES.mapped(Failure(error, peer, model, begun))


def _refused(error: RefusedError, peer: Peer, model: str | None) -> ProviderError:
    status, text = error.status, error.body.decode("utf-8", "replace")
    if status < 400:  # noqa: PLR2004
        to = error.headers.get("location", "")
        where = f", to {shown_url(to)}" if "://" in to else ""
        told = f"{peer.address} sends us elsewhere ({status}){where}."
        return peer.error(InvalidResponseError, told, status=status)
    html = is_html(error.headers.get("content-type", ""), text)
    body: object = None if html else _json(text, text)
    wait = retry_after_of(error.headers)
    return _said(peer, model, status, body, retry_after=wait)


def _said(  # noqa: PLR0911 - one return per kind of refusal
    peer: Peer,
    model: str | None,
    status: int,
    body: object,
    *,
    retry_after: float | None = None,
) -> ProviderError:
    body = _innermost(body)
    said = words_of(body)
    told = f"{said.rstrip('.')}." if said else ""
    at: dict[str, Any] = {"status": status or None, "retry_after": retry_after}

    if status in (0, 400, 404) and _MISSING.search(said):
        named = f" {model!r}" if model else " of this name"
        return peer.error(ModelNotFoundError, f"there is no model{named}.", **at)
    if _TOO_LONG.search(said) or field_of(body, "n_prompt_tokens"):
        return _too_long(peer, body, said, at)
    if isinstance(body, Mapping) and "signin_url" in body:
        told = "this model runs at ollama.com, where the server is not signed in."
        denied = peer.error(AuthenticationError, told, **at)
        denied.hint = "`ollama signin` on the server's machine."
        return denied
    if status in (401, 403) and not _UNABLE.search(said):
        told = told or f"the server does not let us in ({status})."
        return peer.error(AuthenticationError, told, **at)
    if status in (402, 429):
        error = peer.error(RateLimitError, told or "too many requests.", **at)
        error.retriable = status == 429  # noqa: PLR2004
        return error
    if _MEMORY.search(said):
        error = peer.error(
            ServerError,
            told,
            hint="Take a smaller model or context window, or unload what is loaded "
            "(`ollama ps`, `ollama stop MODEL`).",
            **at,
        )
        error.retriable = False
        return error
    if _UNABLE.search(said):
        return peer.error(BadRequestError, told, hint=_unable(said), **at)
    return _by_status(peer, status, told, at)


def _by_status(
    peer: Peer, status: int, told: str, at: Mapping[str, Any]
) -> ProviderError:
    """The error for a refusal that says no more than its status does."""
    if status in (404, 405):
        return peer.error(
            InvalidResponseError,
            f"there is no such API at {peer.address} ({status}).",
            hint="Check OLLAMA_HOST, and that Ollama is up to date.",
            **at,
        )
    if status == 408:  # noqa: PLR2004
        return peer.error(
            ProviderTimeoutError, told or "it gave up on the request.", **at
        )
    if status >= 500 or not status:  # noqa: PLR2004
        failed = f"it failed on its side ({status})." if status else "it failed."
        error = peer.error(ServerError, told or failed, **at)
        error.retriable = not _UNLOADABLE.search(told)
        return error
    return peer.error(BadRequestError, told or f"refused ({status}).", **at)


def _too_long(
    peer: Peer, body: object, said: str, at: Mapping[str, Any]
) -> ContextLengthError:
    error = ContextLengthError(
        peer.line(f"{said.rstrip('.')}."),
        hint="Shorten the prompt, start a new conversation, or use a model with a "
        "larger context window.",
        **at,
    )
    tokens, counted = field_of(body, "n_prompt_tokens"), _TOKENS.search(said)
    if isinstance(tokens, int):
        error.tokens = tokens
    elif counted:
        error.tokens = int(counted[1])
    return error


def _unable(said: str) -> str | None:
    if _THINKING.search(said):
        return "Leave out how much it should think."
    if _CHAT.search(said):
        return "It is a model for embeddings; ask one that answers."
    return None


def _innermost(body: object) -> object:
    """The error itself: the server puts the body of the engine below into its text."""
    text = body.get("error") if isinstance(body, Mapping) else body
    if isinstance(text, str) and text.lstrip()[:1] == "{":
        return _json(text, body)
    return body


def _json(text: str, otherwise: object) -> object:
    try:
        found: object = json.loads(text)
    except ValueError:
        return otherwise
    return found
