"""`pl.conversation`: a conversation as an object."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, Unpack

from ..application import get_app
from ..chats.answer import Answer
from ..chats.history.reading import Turn
from ..chats.session import Session
from ..errors import UsageError
from .asking import AnswerStream, checked, start
from .options import TurnOptions, shown

__all__ = ["Conversation", "conversation", "export_sessions", "import_sessions"]


def conversation(
    name: str | None = None, *, model: str | None = None, system: str | None = None
) -> Conversation:
    """Open a conversation that functions, cells and the chat view share by its name.

    `%%parllama --session NAME` and `%parllama chat --session NAME` continue the same
    one. It is saved on disk: the same name opens it again after a restart.

    Args:
        name: its name; None begins a new one, named after its first question.
        model: the model that answers, `provider/model`, until another one is set.
        system: its system prompt; "" removes it.

    Raises:
        UnknownProviderError: there is no such provider.
        VaultLockedError: it is encrypted, and the vault is locked.

    """
    app = get_app()
    if model is not None:
        model = "/".join(app.providers.parse(model))

    async def opened() -> Session:
        session = await (app.sessions.open(name) if name else app.sessions.new())
        if model is not None or system is not None:
            options = dict(session.options)
            if system is not None:
                options["system"] = system or None
            await session.configure(model=model or session.model, options=options)
        return session

    return Conversation(app.runtime.run(opened()))


def export_sessions(  # noqa: PLR0913 - the options of the command
    path: str | Path | None = None,
    names: Sequence[str] | None = None,
    *,
    format: str | None = None,  # noqa: A002 - the field's word
    images: bool = False,
    decrypted: bool = False,
    force: bool = False,
) -> Path:
    """Write conversations to files without known secrets; return where they are.

    `import_sessions` reads Markdown, JSON and notebooks back. A `.zip` or a folder has
    an index of its files.

    Args:
        path: a file for one conversation, a folder or a `.zip` for several; None is one
            that is named after the conversation or the day.
        names: of conversations; None is all, but for encrypted ones.
        format: "markdown", "json", "notebook" or "html"; None is what the end of the
            path tells, else Markdown.
        images: whether Markdown gets the data of images too.
        decrypted: whether encrypted ones are exported too, readable by anybody.
        force: whether files that exist are replaced.

    Raises:
        UsageError: there is no such conversation or format, or a file exists or cannot
            be written. Nothing has changed then.
        VaultLockedError: one is encrypted, and the vault is locked.

    """
    from ..chats.transfer.formats import find_format  # noqa: PLC0415 - for this alone

    app = get_app()
    exported = app.runtime.run(
        app.conversation_exports.export(
            [names] if isinstance(names, str) else names,
            None if path is None else str(path),
            kind=None if format is None else find_format(format),
            attachments=images,
            decrypted=decrypted,
            force=force,
        )
    )
    return exported.path


def import_sessions(*paths: str | Path, again: bool = False) -> list[str]:
    """Make conversations of files, folders and zip archives; return their names.

    One that is here already, in whole, is left out.

    Args:
        paths: of exports, or of Markdown that PAR LLAMA has exported.
        again: whether to import also what is here already, under another name.

    Raises:
        UsageError: a path does not exist, or nothing in it could be read.

    """
    app = get_app()
    take = app.conversation_imports.take([str(path) for path in paths], again=again)
    return app.runtime.run(take).added


class Conversation:
    """A sequence of questions and answers. Made by `pl.conversation`."""

    def __init__(self, session: Session) -> None:
        self._session = session

    @property
    def name(self) -> str:
        """Its name; a new conversation gets it with its first question."""
        return self._session.name

    @property
    def model(self) -> str | None:
        """The model that answers; None if it is the default model."""
        return self._session.model

    @property
    def system(self) -> str:
        """Its own system prompt; "" if it has none."""
        return str(self._session.options.get("system") or "")

    @property
    def turns(self) -> list[Turn]:
        """Its turns in order, each with a `prompt` and `to_answer()`."""
        app = get_app()

        async def whole() -> list[Turn]:
            turns = await app.chats.turns(self.name)
            return [
                replace(turn, question=await app.chats.filled(turn.question))
                for turn in turns
            ]

        return app.runtime.run(whole())

    @property
    def cost(self) -> float | None:
        """US dollars for all its answers, deleted ones too; None if unknown."""
        return self._session.transcript.cost

    @shown(TurnOptions)
    def ask(self, prompt: str, **options: Unpack[TurnOptions]) -> Answer:
        """Ask and wait for the answer; the options are those of `pl.ask`.

        Raises:
            ParllamaError: the answer failed.

        """
        return checked(start(prompt, self._with(options)).result())

    @shown(TurnOptions)
    async def aask(self, prompt: str, **options: Unpack[TurnOptions]) -> Answer:
        """`ask` for `await`.

        Raises:
            ParllamaError: the answer failed.

        """
        return checked(await start(prompt, self._with(options)).wait())

    @shown(TurnOptions)
    def stream(self, prompt: str, **options: Unpack[TurnOptions]) -> AnswerStream:
        """Ask and iterate over the answer's text as it arrives."""
        return AnswerStream(prompt, self._with(options))

    def export(
        self,
        path: str | Path | None = None,
        *,
        format: str | None = None,  # noqa: A002 - the field's word
        images: bool = False,
        decrypted: bool = False,
        force: bool = False,
    ) -> Path:
        """Write it to a file; the options are those of `pl.export_sessions`.

        Raises:
            UsageError: the file exists or cannot be written, or it is encrypted and not
                to be exported `decrypted`.

        """
        return export_sessions(
            path,
            [self.name],
            format=format,
            images=images,
            decrypted=decrypted,
            force=force,
        )

    def __repr__(self) -> str:
        return f"<Conversation {self.name!r}: {self._session.transcript.total} turns>"

    def _with(self, options: TurnOptions) -> dict[str, Any]:
        for name in ("messages", "session"):
            if name in options:
                message = f"A conversation does not take {name}=."
                raise UsageError(message, hint=f"Use pl.ask with {name}=.")
        return {**options, "session": self.name}
