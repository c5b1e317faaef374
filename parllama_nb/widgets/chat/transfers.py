"""What becomes of a conversation: a file, a summary, a prompt, another name."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any, TypeVar

from ...errors import UsageError
from ...jobs import Job
from ...sizes import size_in_words
from .._requests import Buffers, request
from .attach_protocol import PART
from .session_protocol import SessionName
from .transfer_protocol import (
    ConversationFile,
    ExportSession,
    ImportedSessions,
    ImportPart,
    SavedPrompt,
    SavePrompt,
    Untaken,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine

    from ...application import Parllama
    from ...chats.transfer.exporting import Exported
    from ...chats.transfer.formats import Format
    from ...chats.transfer.importing import Imported, ImportProblem
    from .parts import ChatParts

__all__ = ["TransferRequests"]

T = TypeVar("T")

_LARGEST_DOWNLOAD = 8_000_000
"""Bytes: a message of the kernel is refused as a whole above 10 MB."""

_LARGEST_IMPORT = 250_000_000

_SHOWN = 50
"""Names, and problems, of an import that are told."""


@dataclass(slots=True)
class _Receiving:
    """A file of which not all has come yet."""

    id: str
    parts: list[bytes] = field(default_factory=list)
    received: int = 0


class TransferRequests:
    """Answers what is asked of files of conversations, and of what is made of one."""

    def __init__(self, app: Parllama, chat: ChatParts) -> None:
        self._app = app
        self._chat = chat
        self._receiving: _Receiving | None = None

    @request
    async def on_export_session(
        self, params: ExportSession
    ) -> tuple[ConversationFile, list[bytes]]:
        """Write a conversation, or all, to a path, or return the file for the page."""
        from ...chats.transfer.formats import FORMATS  # noqa: PLC0415 - when it is used

        kind = FORMATS[params.format]
        place = params.path.strip()
        if place:
            exported = await self._app.conversation_exports.export(
                [params.name] if params.name else None,
                place,
                kind=kind,
                decrypted=params.decrypted,
                attachments=True,
                force=params.overwrite,
            )
            path = self._app.redact(str(exported.path))
            count, notes = exported.count, _notes(exported)
            return ConversationFile(path=path, count=count, notes=notes), []
        if params.name:
            name, content, exported = await self._app.conversation_exports.file(
                params.name, kind=kind, decrypted=params.decrypted
            )
        else:
            name, content, exported = await self._archive(kind, params)
        if len(content) > _LARGEST_DOWNLOAD:
            size = size_in_words(len(content))
            message = f"The file has {size}, too much for a download."
            raise UsageError(message, hint="Name a path, which the kernel writes.")
        data = ConversationFile(
            file_name=name, count=exported.count, notes=_notes(exported)
        )
        return data, [content]

    async def _archive(
        self, kind: Format, params: ExportSession
    ) -> tuple[str, bytes, Exported]:
        """Return an archive of all conversations."""
        with TemporaryDirectory(prefix="parllama_nb-") as folder:
            path = Path(folder, "conversations.zip")
            exported = await self._app.conversation_exports.export(
                None,
                str(path),
                kind=kind,
                decrypted=params.decrypted,
                attachments=True,
            )
            return path.name, await asyncio.to_thread(path.read_bytes), exported

    @request
    async def on_import_part(
        self, params: ImportPart, buffers: Buffers
    ) -> ImportedSessions:
        """Take the next bytes of a file; after the last ones it is imported."""
        if params.size > _LARGEST_IMPORT:
            size, limit = map(size_in_words, (params.size, _LARGEST_IMPORT))
            message = f"{params.name} is {size}; the limit is {limit}."
            raise UsageError(message, hint="/import takes a path, without that limit.")
        if params.at == 0:
            self._receiving = _Receiving(params.id)
        receiving = self._receiving
        data = b"".join(bytes(each) for each in buffers)
        if (
            receiving is None
            or receiving.id != params.id
            or receiving.received != params.at
            or len(data) > 2 * PART
            or not (data or params.size == 0)
        ):
            self._receiving = None
            message = f"A part of {params.name} is missing."
            raise UsageError(message, hint="Choose the file again.")
        receiving.parts.append(data)
        receiving.received += len(data)
        if receiving.received < params.size:
            return ImportedSessions(done=False)
        self._receiving = None
        imported = await self._app.conversation_imports.take_file(
            params.name, b"".join(receiving.parts)
        )
        return self._imported(imported)

    def _imported(self, imported: Imported) -> ImportedSessions:
        redact = self._app.redact
        present = [each.what for each in imported.present]
        return ImportedSessions(
            added=[*map(redact, imported.added[:_SHOWN])],
            present=[*map(redact, present[:_SHOWN])],
            problems=self._untaken((*imported.problems, *imported.notes)),
        )

    def _untaken(self, problems: Iterable[ImportProblem]) -> list[Untaken]:
        redact = self._app.redact
        found = [Untaken(where=redact(p.where), why=redact(p.what)) for p in problems]
        return found[:_SHOWN]

    @request
    async def on_summarise(self) -> None:
        """Have the model sum the conversation up, and go on from there."""
        from ...chats.summary import summarise  # noqa: PLC0415 - when it is wanted

        session, chats = self._chat.session, self._app.chats
        await self._job(
            "summarise", lambda job: summarise(session, chats, job, session.model)
        )

    @request
    async def on_name_by_model(self) -> SessionName:
        """Have a model name the conversation."""
        session, sessions = self._chat.session, self._app.sessions
        name = await self._job(
            "name", lambda job: sessions.named_by_model(session, job)
        )
        return SessionName(name=self._app.redact(name))

    @request
    async def on_save_prompt(self, params: SavePrompt) -> SavedPrompt:
        """Add a prompt that is made of the conversation's questions to the library."""
        from ...chats.as_prompt import add_prompt  # noqa: PLC0415 - when it is wanted

        app = self._app
        prompt = await add_prompt(
            app.chats,
            app.prompts,
            self._chat.session,
            params.name,
            answers=params.answers,
            submit=params.submit,
        )
        return SavedPrompt(name=app.redact(prompt.name))

    async def _job(
        self, kind: str, work: Callable[[Job[T]], Coroutine[Any, Any, T]]
    ) -> T:
        return await asyncio.wrap_future(self._app.jobs.start(kind, work).future)


def _notes(exported: Exported) -> list[str]:
    """Return what a user has to know of an export."""
    notes = []
    if exported.encrypted:
        notes.append("What is encrypted here, is not in the file.")
    if exported.redacted:
        notes.append("Known secrets are replaced by their names.")
    if exported.hidden:
        notes.append("Other branches are left out: HTML has only one.")
    if exported.left:
        notes.append(f"{exported.left:,} encrypted left out.")
    return notes
