"""A seat belt: a secret that a cell reveals is replaced by its name in what is sent.

`print(secret.reveal())`, `os.environ` or an error of another library would bring a
secret into the notebook, where it is saved. The belt is on the kernel's session, whose
`pack` makes the bytes of every message: outputs, replies, prompts and comms, on every
thread. It is put on when the first secret is handed out, and is cheap enough to stay.

It is a belt, not a wall. It does not see a secret that is cut in two (printed letter by
letter, or by two flushes), encoded in another way than `secret.Forms` knows, or in the
buffers of a comm; and it leaves out values that ordinary texts hold, too.
"""

from __future__ import annotations

import contextlib
import json
import sys
import threading
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

from ..secret import Forms, Redactor, Secret
from .needles import Needles

__all__ = ["Belt", "put_on", "take_off"]

_SHORTEST = 8
_SHORTEST_WORD = 16
"""Characters of a value, and of one that is a word or a number. A shorter one may be in
a message by chance."""

_HEADER = {"msg_id", "msg_type", "session", "username"}
"""What a header has. A reply finds its request by it, so that it is left as it is."""

Pack = Callable[[Any], bytes]

_lock = threading.Lock()
_belt: Belt | None = None


class Belt:
    """A session's `pack`, without the secrets that a redactor knows.

    Args:
        session: a `jupyter_client.session.Session`.
        redact: knows the secrets.
        wanted: whether the user wants secrets to be replaced; asked when there is one.

    """

    def __init__(
        self,
        session: Any,  # noqa: ANN401 - not imported
        redact: Redactor,
        wanted: Callable[[], bool],
    ) -> None:
        self.pack: Pack = session.pack
        self.session = session
        self.fasten(redact, wanted)
        self._compiled: tuple[tuple[Secret, ...], Needles, Forms] | None = None

    def fasten(self, redact: Redactor, wanted: Callable[[], bool]) -> None:
        """Take the secrets of this redactor from now on."""
        self._redact: Redactor | None = redact
        self._wanted = wanted

    def loosen(self) -> None:
        """Let all messages pass from now on."""
        self._redact = None

    def __call__(self, message: Any) -> bytes:  # noqa: ANN401 - a part of a message
        """Pack a header, a parent's header, metadata or a content."""
        packed = self.pack(message)
        # Whatever fails here, the message must go out.
        with contextlib.suppress(Exception):
            if self._redact is not None and not _is_header(message):
                return self._redacted(packed, self._redact)
        return packed

    def _redacted(self, packed: bytes, redact: Redactor) -> bytes:
        compiled = self._compiled
        # The last that were handed out: whoever reads thousands must not wait.
        if compiled is None or compiled[0] is not redact.recent:
            compiled = self._compiled = _compile(redact.recent)
        _, needles, forms = compiled
        if not needles.within(packed) or not self._wanted():
            return packed
        content = self.session.unpack(packed)
        shown = _replaced(content, forms)
        return packed if shown == content else self.pack(shown)


def put_on(redact: Redactor, wanted: Callable[[], bool]) -> None:
    """Put the belt on the session of this kernel, if this is one. On any thread."""
    global _belt  # noqa: PLW0603 - as the session is
    session = _session()
    if session is None:
        return
    with _lock:
        if _belt is not None and session.pack is _belt:
            _belt.fasten(redact, wanted)
            return
        if _belt is not None:
            # The `pack` of somebody else may be around it.
            _belt.loosen()
        _belt = Belt(session, redact, wanted)
        session.pack = _belt


def take_off() -> None:
    """Undo `put_on`."""
    global _belt  # noqa: PLW0603 - as above
    with _lock:
        if _belt is None:
            return
        _belt.loosen()
        if _belt.session.pack is _belt:
            _belt.session.pack = _belt.pack
        _belt = None


def _session() -> Any:  # noqa: ANN401 - as above, and None outside of kernels
    # Who has not imported IPython is no kernel, and must not wait for its import.
    # `None` also while another thread imports it.
    get_ipython = getattr(sys.modules.get("IPython"), "get_ipython", lambda: None)
    session = getattr(getattr(get_ipython(), "kernel", None), "session", None)
    return session if hasattr(session, "pack") else None


def _compile(recent: tuple[Secret, ...]) -> tuple[tuple[Secret, ...], Needles, Forms]:
    secrets = [each for each in recent if not _is_ordinary(each.reveal())]
    needles = Needles(form for each in secrets for form in _packed_forms(each))
    return recent, needles, Forms(secrets)


def _packed_forms(secret: Secret) -> Iterator[bytes]:
    """Give the forms of a secret as packers write them, but for what holds another."""
    texts = Forms((secret,)).texts
    packers = (json.dumps, partial(json.dumps, ensure_ascii=False))
    packed = {*texts, *(pack(text)[1:-1] for pack in packers for text in texts)}
    for form in packed:
        if not any(other in form for other in packed - {form}):
            # As `json_packer` does.
            yield form.encode(errors="surrogateescape")


def _is_ordinary(value: str) -> bool:
    """Whether ordinary texts may hold a value by chance."""
    value = value.strip()
    is_word = value.isalpha() or value.isdecimal()
    return len(value) < (_SHORTEST_WORD if is_word else _SHORTEST)


def _is_header(message: object) -> bool:
    return isinstance(message, dict) and message.keys() >= _HEADER


def _replaced(value: Any, forms: Forms) -> Any:  # noqa: ANN401 - as JSON has it
    if isinstance(value, str):
        return forms.replaced(value)
    if isinstance(value, list):
        return [_replaced(each, forms) for each in value]
    if isinstance(value, dict):
        # A key is a name of the protocol, or of a program.
        return {key: _replaced(each, forms) for key, each in value.items()}
    return value
