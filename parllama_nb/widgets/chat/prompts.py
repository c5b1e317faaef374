"""Prompts of the library in a chat: which are offered, which one is chosen."""

from __future__ import annotations

import asyncio
from collections.abc import Collection, Mapping
from typing import TYPE_CHECKING

from ...chats.question import Question
from ...errors import FieldError, ParllamaError, UsageError
from ...events import VaultState
from ...prompting.library.prompt import Prompt
from ...prompting.library.rendering import Rendered, render
from ...prompting.library.variables import INPUT
from ...vaults.errors import VaultLockedError
from ..prompts.wire import given, variable_data
from .prompt_protocol import ChosenPrompt, PromptChoice, PromptChoices

if TYPE_CHECKING:
    from ...application import Parllama
    from .parts import ChatParts

__all__ = ["PromptChooser", "choices"]

_OFFERED = 1000
"""Prompts in one list: a page filters by itself what has fewer."""

_LONGEST_DESCRIPTION = 160


async def choices(app: Parllama, query: str) -> PromptChoices:
    """Return the prompts that a query finds."""
    listing = await app.prompts.find(query, limit=_OFFERED)
    return PromptChoices(
        prompts=[
            PromptChoice(
                name=row.name,
                description=app.redact(row.description)[:_LONGEST_DESCRIPTION],
                favourite=bool(row.favourite),
                encrypted=bool(row.encrypted),
            )
            for row in listing.rows
        ],
        total=listing.total,
    )


class PromptChooser:
    """The prompt that the next question of each tab of a chat is asked with.

    Used on the service loop. An encrypted prompt is chosen by its name alone while the
    vault is locked.
    """

    def __init__(self, app: Parllama, chat: ChatParts) -> None:
        self._app = app
        self._chat = chat
        # By the ids of sessions; and whether it is encrypted.
        self._chosen: dict[str, tuple[ChosenPrompt, bool]] = {}
        self._reading: set[asyncio.Task[None]] = set()

    @property
    def current(self) -> ChosenPrompt | None:
        """That of the tab that is shown; None if none is chosen there."""
        return self.of(self._chat.session.id)

    def of(self, session: str) -> ChosenPrompt | None:
        """That of a session, given by its id."""
        chosen, _ = self._chosen.get(session, (None, False))
        return chosen

    async def choose(self, session: str, name: str, version: int | None = None) -> None:
        """Choose a prompt of the library for a session, given by its id.

        Raises:
            UsageError: there is no such prompt.
            StoreError: the database fails.

        """
        library = self._app.prompts
        row = await library.row(name)
        try:
            prompt = await library.get(name, version)
        except VaultLockedError:
            locked = _locked(row.name, version or row.version)
            self._put(session, locked, encrypted=True)
        else:
            await self.take(session, prompt, {}, "")

    async def take(
        self, session: str, prompt: Prompt, values: Mapping[str, str], text: str
    ) -> None:
        """Choose a prompt that was read; `text` is one for the composer."""
        encrypted = bool((await self._app.prompts.row(prompt.name)).encrypted)
        data = chosen_data(prompt, values, text)
        # The vault may have locked since it was read.
        if encrypted and self._app.keychain.standing()[0] != "unlocked":
            data = _locked(prompt.name, prompt.version)
        self._put(session, data, encrypted=encrypted)

    def drop(self, session: str) -> None:
        """Choose none for a session."""
        self._put(session, None)

    def drop_asked(self, session: str, asked: ChosenPrompt | None) -> None:
        """Choose none, unless another one than that which was asked with is chosen."""
        now = self.of(session)
        if now and asked and (now.name, now.version) == (asked.name, asked.version):
            self.drop(session)

    def keep(self, sessions: Collection[str]) -> None:
        """Choose none for other sessions than these, without telling."""
        for each in self._chosen.keys() - sessions:
            del self._chosen[each]

    async def question(
        self, session: str, text: str, values: Mapping[str, str]
    ) -> Question:
        """Return the question that the prompt asks that is chosen for a session.

        Raises:
            UsageError: see `question_of`.
            VaultLockedError: the prompt is encrypted, and the vault is locked.

        """
        chosen = self.of(session)
        if chosen is None:
            message = "No prompt is chosen."
            raise UsageError(message, hint="Type / and its name.")
        name, version = chosen.name, chosen.version
        return question_of(await self._app.prompts.get(name, version), values, text)

    def hear_vault(self, state: VaultState) -> None:
        """Hide encrypted prompts while the vault is locked, and show them again."""
        for session, (chosen, encrypted) in [*self._chosen.items()]:
            if not encrypted:
                continue
            if state != "unlocked" and not chosen.locked:
                locked = _locked(chosen.name, chosen.version)
                self._put(session, locked, encrypted=True)
            elif state == "unlocked" and chosen.locked:
                again = self._choose_again(session, chosen)
                reading = asyncio.get_running_loop().create_task(again)
                self._reading.add(reading)
                reading.add_done_callback(self._reading.discard)

    async def _choose_again(self, session: str, locked: ChosenPrompt) -> None:
        if self.of(session) is not locked:
            return  # it was let go by now
        try:
            await self.choose(session, locked.name, locked.version)
        except ParllamaError:
            # It was deleted or renamed meanwhile.
            self.drop(session)

    def _put(
        self, session: str, chosen: ChosenPrompt | None, *, encrypted: bool = False
    ) -> None:
        tab = self._chat.tab(session)
        # It may have been closed, or have locked, while the prompt was read.
        if chosen is None or tab is None or tab.locked:
            self._chosen.pop(session, None)
        else:
            self._chosen[session] = chosen, encrypted
        if session == self._chat.session.id:
            self._chat.tell(self.current or ChosenPrompt())


def _locked(name: str, version: int) -> ChosenPrompt:
    return ChosenPrompt(name=name, version=version, locked=True)


def chosen_data(prompt: Prompt, values: Mapping[str, str], text: str) -> ChosenPrompt:
    """Return a prompt as the composer shows it."""
    return ChosenPrompt(
        name=prompt.name,
        version=prompt.version,
        description=prompt.description,
        asks=prompt.messages[-1].role == "user" and not prompt.takes_input,
        takes_input=prompt.takes_input,
        submit=prompt.submit,
        # What the user asks is what they type.
        variables=[
            variable_data(each) for each in prompt.variables if each.name != INPUT
        ],
        values={name: value for name, value in values.items() if name != INPUT},
        text=text,
    )


def question_of(prompt: Prompt, values: Mapping[str, str], text: str) -> Question:
    """Return the question that a prompt asks.

    Raises:
        FieldError: a variable has no value.
        UsageError: there is nothing to ask, or a value is a secret.

    """
    rendered = _rendered(prompt, given(prompt, values), text)
    if isinstance(rendered, FieldError):
        raise rendered
    if not text.strip() and not rendered.text.strip():
        message = f"{prompt.name} does not ask anything by itself."
        raise UsageError(message, hint="Type what it is for.")
    if prompt.takes_input and not rendered.has_input:
        message = f"{prompt.name} needs a text."
        raise UsageError(message, hint="Type what it is for.")
    return Question(text, library_prompt=rendered)


def _rendered(
    prompt: Prompt, values: Mapping[str, str], text: str
) -> Rendered | FieldError:
    """Return the prompt filled in, or what it lacks, with a hint for a form."""
    try:
        return render(prompt, values, text if text.strip() else None)
    except FieldError as error:
        hint = "Type it above the message."
        return FieldError(error.message, hint=hint, field=error.field)
