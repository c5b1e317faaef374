"""What is attached to the next question of each tab of a chat, until it is sent.

The page sends a file in parts, and the kernel checks and reads it; what has a path, an
address or a name in the notebook the kernel reads by itself. All is held in memory: the
text of an encrypted conversation must not be on disk in clear.
"""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from ...attachments.attachment import Attachment, check_total, parts_to_send
from ...attachments.sources import NamedFile, clean_name, named_value
from ...errors import ParllamaError, UsageError
from ...events import Progress
from ...providers.messages import ImagePart, Part
from ...providers.single_flight import in_thread
from ...sizes import size_in_words
from .._base import failure
from .._requests import Buffers, request
from .attach_protocol import (
    PART,
    AttachedData,
    AttachedId,
    AttachmentLimits,
    AttachmentsData,
    AttachParams,
    HeldParams,
    PartParams,
    Picture,
    PicturesData,
    UploadParams,
)
from .pictures import small_picture

if TYPE_CHECKING:
    from ...application import Parllama
    from ...chats.session import Session
    from .parts import ChatParts

__all__ = ["AttachmentRequests"]

_MOST = 20
"""Attachments of one question."""

_PATIENCE = 60.0
"""Seconds to wait for the next part of a file: its page may be gone."""


@dataclass(slots=True)
class _Held:
    """An attachment, or what is to become one."""

    name: str
    session: str
    size: int = 0
    parts: list[bytes] = field(default_factory=list)
    received: int = 0
    note: str = ""
    attachment: Attachment | None = None
    error: ParllamaError | None = None
    reading: asyncio.Task[None] | None = None
    timer: asyncio.TimerHandle | None = None
    id: str = field(default_factory=lambda: uuid.uuid4().hex)


class AttachmentRequests:
    """Answers what is asked of attachments of the next question."""

    def __init__(
        self,
        app: Parllama,
        chat: ChatParts,
        namespace: Callable[[], Mapping[str, Any]],
    ) -> None:
        self._app = app
        self._chat = chat
        self._namespace = namespace
        self._held: dict[str, _Held] = {}

    # what others need

    @property
    def current(self) -> AttachmentsData:
        """All that is attached now."""
        return AttachmentsData(attachments=[self._data(each) for each in self._mine])

    @property
    def _mine(self) -> list[_Held]:
        """What is attached in the session that is shown."""
        return self._of(self._chat.session)

    def _of(self, session: Session) -> list[_Held]:
        return [each for each in self._held.values() if each.session == session.id]

    def ready(self, session: Session) -> list[str]:
        """The ids of those that can be sent in a session."""
        return [each.id for each in self._of(session) if each.attachment is not None]

    @property
    def has_images(self) -> bool:
        """Whether an image is among them."""
        read = [each.attachment for each in self._mine]
        return any(each is not None and each.kind == "image" for each in read)

    @property
    def limits(self) -> AttachmentLimits:
        """How much may be attached."""
        limits = self._app.attachments.limits
        return AttachmentLimits(
            file=limits.file, image=limits.image, message=limits.message, count=_MOST
        )

    def parts(self, ids: Iterable[str], session: Session) -> tuple[Part, ...]:
        """Return what is sent in a session of its attachments of these ids.

        Raises:
            UsageError: one is not there, or not read yet.

        """
        chosen: list[Attachment] = []
        for each in ids:
            held = self._held.get(each)
            if held is None or held.session != session.id:
                message = "An attachment is no longer there."
                raise UsageError(message, hint="Attach it again.")
            if held.attachment is None:
                message = held.error.message if held.error else "It is being read."
                message = f"{held.name} cannot be sent yet: {message}"
                raise UsageError(message, hint="Wait for it, or remove it.")
            chosen.append(held.attachment)
        check_total(chosen, self._app.attachments.limits)
        return parts_to_send(chosen)

    def drop(self, ids: Iterable[str]) -> None:
        """Drop what was sent."""
        dropped = [self._drop(each) for each in ids]
        if any(dropped):
            self.tell()

    def keep(self, sessions: Collection[str]) -> None:
        """Drop what is attached in other sessions than these, given by their ids."""
        for each in [*self._held.values()]:
            if each.session not in sessions:
                self._drop(each.id)

    def tell(self) -> None:
        """Tell the page what is attached now."""
        self._chat.tell(self.current)

    # requests

    @request
    async def on_upload(self, params: UploadParams) -> AttachedId:
        """Begin to take a file of the page."""
        limits = self._app.attachments.limits
        name = clean_name(params.name) or "file"
        largest = max(limits.file, limits.image)
        if params.size > largest:
            message = (
                f"{name} is {size_in_words(params.size)}; the limit is "
                f"{size_in_words(largest)}."
            )
            raise UsageError(message, hint="Attach a smaller file, or a part of it.")
        held = self._hold(self._chat.session_of(params.tab), name, params.size)
        if params.size == 0:
            self._read(held, lambda: NamedFile(name, b""))
        else:
            self._await_part(held)
        self.tell()
        return AttachedId(id=held.id)

    @request
    async def on_upload_part(self, params: PartParams, buffers: Buffers) -> None:
        """Take the next bytes of a file; after the last ones it is read."""
        held = self._held.get(params.id)
        if held is None or held.reading or held.error or held.attachment:
            message = "The file is no longer wanted."
            raise UsageError(message, hint="Attach it again.")
        data = b"".join(bytes(each) for each in buffers)
        if params.at != held.received or not data or len(data) > 2 * PART:
            message = f"A part of {held.name} is missing."
            self._fail(held, UsageError(message, hint="Attach it again."))
            return
        held.parts.append(data)
        held.received += len(data)
        if held.received < held.size:
            self._await_part(held)
            return
        if held.timer is not None:
            held.timer.cancel()
        parts, held.parts, name = held.parts, [], held.name
        self._read(held, lambda: NamedFile(name, b"".join(parts)))
        self.tell()

    @request
    async def on_attach(self, params: AttachParams) -> AttachedId:
        """Attach a file by its path, an address, or a variable of the notebook."""
        return AttachedId(id=self.begin(params.source, image=params.image))

    def begin(self, source: str, *, image: bool = False) -> str:
        """Begin to attach what a text names, and return its id.

        Raises:
            UsageError: nothing can be attached now.

        """
        source, names = source.strip(), self._namespace()
        name = clean_name(source.rstrip("/").rpartition("/")[2] or source)
        held = self._hold(self._chat.session, name)
        self._read(held, lambda: named_value(source, names), image=image)
        self.tell()
        return held.id

    async def wait(self, held_id: str) -> None:
        """Wait until an attachment is read.

        Raises:
            UsageError: it cannot be attached.
            ProviderError: it could not be fetched.

        """
        held = self._held.get(held_id)
        if held is None:
            return
        if held.reading is not None:
            await asyncio.wait({held.reading})
        if held.error is not None:
            self.drop([held_id])
            raise held.error

    @request
    async def on_detach(self, params: HeldParams) -> None:
        """Remove an attachment; what is under way for it ends."""
        self.drop([params.id])

    @request
    async def on_picture(self, params: HeldParams) -> tuple[PicturesData, list[bytes]]:
        """Send an attached image, made small."""
        held = self._held.get(params.id)
        parts = held.attachment.parts if held and held.attachment else ()
        return await pictures_of(parts)

    # how

    def _hold(self, session: Session, name: str, size: int = 0) -> _Held:
        if session.locked:
            message = "The conversation is locked."
            raise UsageError(message, hint=session.locked)
        held, others = _Held(name, session.id, size), self._of(session)
        if len(others) >= _MOST:
            message = f"A question can have {_MOST} attachments."
            raise UsageError(message, hint="Send some of them with another question.")
        total = held.size + sum(each.size for each in others)
        limit = self._app.attachments.limits.message
        if total > limit:
            message = (
                f"With {held.name} the attachments have {size_in_words(total)}; the "
                f"limit of one message is {size_in_words(limit)}."
            )
            raise UsageError(message, hint="Send some of them with another question.")
        self._held[held.id] = held
        return held

    def _await_part(self, held: _Held) -> None:
        if held.timer is not None:
            held.timer.cancel()
        error = UsageError(f"{held.name} did not come.", hint="Attach it again.")
        loop = asyncio.get_running_loop()
        held.timer = loop.call_later(_PATIENCE, lambda: self._fail(held, error))

    def _read(
        self, held: _Held, given: Callable[[], object], *, image: bool = False
    ) -> None:
        work = self._reading(held, given, image=image)
        held.reading = asyncio.get_running_loop().create_task(work)

    async def _reading(
        self, held: _Held, given: Callable[[], object], *, image: bool
    ) -> None:
        loop = asyncio.get_running_loop()

        def report(progress: Progress) -> None:
            loop.call_soon_threadsafe(self._note, held, progress)

        reader = self._app.attachments
        try:
            source = await in_thread(lambda _: given())
            read = await reader.read(source, report, image=image)
            beside = (e for e in self._held.values() if e.session == held.session)
            others = [each.attachment for each in beside]
            check_total([each for each in others if each] + [read], reader.limits)
        except ParllamaError as error:
            self._fail(held, error)
        except Exception as error:  # noqa: BLE001 - an object's own code may raise anything
            self._fail(held, ParllamaError.unexpected(error))
        else:
            held.attachment, held.size, held.note = read, read.size, ""
            held.name = read.name if read.name != "image" else held.name
            held.reading = None
            self.tell()
            if read.kind == "image":
                # Whether the model sees is looked for from now on.
                self._chat.tell(self._chat.session_data())

    def _note(self, held: _Held, progress: Progress) -> None:
        if held.reading is not None and progress.phase != held.note:
            held.note = progress.phase
            self.tell()

    def _fail(self, held: _Held, error: ParllamaError) -> None:
        held.error, held.parts, held.reading = error, [], None
        if held.timer is not None:
            held.timer.cancel()
        if held.id in self._held:
            self.tell()

    def _drop(self, held_id: str) -> bool:
        held = self._held.pop(held_id, None)
        if held is None:
            return False
        if held.timer is not None:
            held.timer.cancel()
        if held.reading is not None:
            held.reading.cancel()
        return True

    def _data(self, held: _Held) -> AttachedData:
        redact = self._app.redact
        if held.error is not None:
            shown = failure(held.error, redact)
            return AttachedData(id=held.id, name=held.name, state="failed", error=shown)
        read = held.attachment
        if read is None:
            state = "reading" if held.reading is not None else "receiving"
            return AttachedData(
                id=held.id,
                name=held.name,
                state="reading" if state == "reading" else "receiving",
                size=held.size,
                note=redact(held.note),
            )
        return AttachedData(
            id=held.id,
            name=redact(held.name),
            state="ready",
            kind=read.kind,
            size=read.size,
            tokens=read.tokens,
            pages=read.pages,
            pixels=None if read.pixels is None else list(read.pixels),
            excerpt=redact(read.excerpt),
            notes=[redact(each) for each in read.notes],
        )


async def pictures_of(parts: Iterable[Part]) -> tuple[PicturesData, list[bytes]]:
    """Return the images among some parts, made small."""
    urls = [each.url for each in parts if isinstance(each, ImagePart)]
    made: list[tuple[Picture, bytes]] = await in_thread(
        lambda _: [small_picture(url) for url in urls]
    )
    return PicturesData(pictures=[each for each, _ in made]), [data for _, data in made]
