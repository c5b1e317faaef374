"""Makes a prompt of the library from a conversation."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from ..errors import FieldError, UsageError
from ..prompting.library.library import PromptLibrary
from ..prompting.library.prompt import LONGEST_NAME, Prompt
from ..providers.messages import Message
from ..quoting import quoted
from .history.reading import Turn
from .history.store import ChatStore
from .session import Session

__all__ = ["add_prompt", "prompt_from"]

_MOST_NAMES = 100


def prompt_from(
    name: str,
    turns: Sequence[Turn],
    *,
    system: str = "",
    answers: bool = False,
    submit: bool = False,
) -> Prompt:
    """Return a prompt of a conversation's questions, and of its answers if wanted.

    Args:
        name: what the prompt is called.
        turns: those that the conversation shows.
        system: its system prompt; without one, that of its first turn that has one.
        answers: whether the answers are examples in the prompt.
        submit: whether the prompt is sent as soon as it is chosen.

    Raises:
        UsageError: nothing was asked yet.

    """
    asked: list[Message] = []
    systems = [system] if system.strip() else []
    for turn in turns:
        systems += [each.text for each in turn.question if each.role == "system"]
        asked += [
            Message.of(each.role, each.text)
            for each in turn.question
            if each.role != "system" and (answers or each.role == "user")
        ]
        if answers and turn.answer.text.strip():
            asked.append(Message.of("assistant", turn.answer.text))
    if not any(message.text.strip() for message in asked):
        message = "There is no question yet to make a prompt of."
        raise UsageError(message, hint="Ask something first.")
    first = [Message.of("system", text) for text in systems[:1]]
    return Prompt(
        name,
        (*first, *asked),
        description="From a conversation.",
        source="",
        submit=submit,
    )


async def add_prompt(  # noqa: PLR0913 - where from, where to, and how
    store: ChatStore,
    library: PromptLibrary,
    session: Session,
    name: str = "",
    *,
    answers: bool = False,
    submit: bool = False,
) -> Prompt:
    """Add a prompt made from a conversation to the library. Returns it.

    Without a `name` it is called as the conversation, with a number if that is taken.

    Raises:
        UsageError: nothing was asked yet, or the conversation is encrypted.
        FieldError: the name is invalid, or taken.
        ParllamaError: the conversation cannot be read.

    """
    if session.encrypted:
        message = (
            f"{session.name} is encrypted, and a prompt made from it would not be."
        )
        hint = f"First: %parllama sessions decrypt {quoted(session.name)}"
        raise UsageError(message, hint=hint)
    _, turns = await store.load(session.key)
    system = str(session.options.get("system") or "")
    wanted = name.strip() or _derived(session.name)
    prompt = prompt_from(wanted, turns, system=system, answers=answers, submit=submit)
    if name.strip():
        return await library.add(prompt)
    return await library.add(await _with_free_name(library, prompt))


def _derived(session: str) -> str:
    return session.lstrip("-/@ ")[: LONGEST_NAME - 5].strip() or "Conversation"


async def _with_free_name(library: PromptLibrary, prompt: Prompt) -> Prompt:
    name = prompt.name
    for number in range(2, _MOST_NAMES):
        try:
            return replace(prompt, name=await library.free(name))
        except FieldError:
            name = f"{prompt.name} {number}"
    return prompt
