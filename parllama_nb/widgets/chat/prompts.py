"""Prompts of the library in a chat: which are offered, which one is chosen."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
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
    """The prompt that the next question of a chat is asked with.

    Used on the service loop. `current` is what `tell` has sent, None if none is chosen.
    An encrypted prompt is chosen by its name alone while the vault is locked.
    """

    def __init__(self, app: Parllama, tell: Callable[[ChosenPrompt], None]) -> None:
        self.current: ChosenPrompt | None = None
        self._app = app
        self._tell = tell
        self._encrypted = False
        # How often another chat was shown, which a prompt is not carried to.
        self._forgotten = 0
        self._reading: asyncio.Task[None] | None = None

    async def choose(self, name: str, version: int | None = None) -> None:
        """Choose a prompt of the library.

        Raises:
            UsageError: there is no such prompt.
            StoreError: the database fails.

        """
        library, before = self._app.prompts, self._forgotten
        row = await library.row(name)
        try:
            prompt = await library.get(name, version)
        except VaultLockedError:
            if before == self._forgotten:
                self._put(_locked(row.name, version or row.version), encrypted=True)
        else:
            if before == self._forgotten:
                await self.take(prompt, {}, "")

    async def take(self, prompt: Prompt, values: Mapping[str, str], text: str) -> None:
        """Choose a prompt that was read; `text` is one for the composer."""
        before = self._forgotten
        encrypted = bool((await self._app.prompts.row(prompt.name)).encrypted)
        if before != self._forgotten:
            return  # another chat is shown by now
        data = chosen_data(prompt, values, text)
        # The vault may have locked since it was read.
        if encrypted and self._app.keychain.standing()[0] != "unlocked":
            data = _locked(prompt.name, prompt.version)
        self._put(data, encrypted=encrypted)

    def drop(self) -> None:
        """Choose none."""
        self._put(None)

    def forget(self) -> None:
        """Choose none, without telling: whoever calls it tells everything anew."""
        self.current, self._encrypted = None, False
        self._forgotten += 1

    def drop_asked(self, asked: ChosenPrompt | None) -> None:
        """Choose none, unless another one than that which was asked with is chosen."""
        now = self.current
        if now and asked and (now.name, now.version) == (asked.name, asked.version):
            self.drop()

    async def question(self, text: str, values: Mapping[str, str]) -> Question:
        """Return the question that the chosen prompt asks.

        Raises:
            UsageError: see `question_of`.
            VaultLockedError: the prompt is encrypted, and the vault is locked.

        """
        if self.current is None:
            message = "No prompt is chosen."
            raise UsageError(message, hint="Type / and its name.")
        name, version = self.current.name, self.current.version
        return question_of(await self._app.prompts.get(name, version), values, text)

    def hear_vault(self, state: VaultState) -> None:
        """Hide an encrypted prompt while the vault is locked, and show it again."""
        current = self.current
        if current is None or not self._encrypted:
            return
        if state != "unlocked" and not current.locked:
            self._put(_locked(current.name, current.version), encrypted=True)
        elif state == "unlocked" and current.locked:
            again = self._choose_again(current)
            self._reading = asyncio.get_running_loop().create_task(again)

    async def _choose_again(self, locked: ChosenPrompt) -> None:
        before = self._forgotten
        if self.current is not locked:
            return  # another chat is shown by now
        try:
            await self.choose(locked.name, locked.version)
        except ParllamaError:
            # It was deleted or renamed meanwhile.
            if before == self._forgotten:
                self.drop()

    def _put(self, chosen: ChosenPrompt | None, *, encrypted: bool = False) -> None:
        self.current, self._encrypted = chosen, encrypted
        self._tell(chosen or ChosenPrompt())


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
