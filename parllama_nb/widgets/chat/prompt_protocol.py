"""What a chat view and the kernel send each other of prompts of the library."""

from __future__ import annotations

from pydantic import Field

from .._protocol import EventData, Wire
from ..prompts.protocol import PromptVariable

__all__ = [
    "ChosenPrompt",
    "PromptChoice",
    "PromptChoices",
    "PromptQuery",
    "PromptValues",
]

_LONGEST_QUERY = 200

# view -> kernel


class PromptQuery(Wire):
    """What prompts of the library are looked for by; "" is the first of all."""

    query: str = Field(max_length=_LONGEST_QUERY)


class PromptValues(Wire):
    """Values for the variables of the chosen prompt, by their names."""

    values: dict[str, str]


# kernel -> view


class ChosenPrompt(EventData):
    """The prompt of the library that the next question is asked with; "" is none.

    If it `asks` by itself, no text is needed; if `takes_input`, the text is put into
    it. `text` is one for the composer. `values` are those of its variables so far. A
    `locked` one is encrypted, and nothing but its name can be read.
    """

    event = "prompt"
    name: str = ""
    version: int = 0
    description: str = ""
    asks: bool = False
    takes_input: bool = False
    submit: bool = False
    variables: list[PromptVariable] = Field(default_factory=list)
    values: dict[str, str] = Field(default_factory=dict)
    text: str = ""
    locked: bool = False


class PromptChoice(Wire):
    """A prompt of the library that can be chosen."""

    name: str
    description: str = ""
    favourite: bool = False
    encrypted: bool = False


class PromptChoices(Wire):
    """The prompts that a query finds, the best first; `total` is how many there are."""

    prompts: list[PromptChoice]
    total: int
