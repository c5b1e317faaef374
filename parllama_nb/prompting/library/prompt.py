"""What a library prompt holds, and what is refused in one."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from ...errors import FieldError
from ...providers.messages import Message
from ...secret import redacted
from ...surrogates import without_surrogates
from ..fill import placeholders
from .rendering import Rendered, render
from .variables import INPUT, Variable

__all__ = [
    "LONGEST_NAME",
    "LONGEST_TEXT",
    "Prompt",
    "checked",
    "checked_name",
    "key_of",
    "same_name",
]

LONGEST_NAME = 100
LONGEST_TEXT = 1_000_000
"""Characters of all messages of a prompt together."""

_LONGEST_DESCRIPTION = 2_000
_LONGEST_TAG = 50
_MOST_TAGS = 30
_MOST_VARIABLES = 100
_MOST_MESSAGES = 200
_VARIABLE = re.compile(r"[^\W\d]\w{0,99}")
# Between other letters than those of ASCII they join: Persian, Hindi, and emoji.
_JOINER = re.compile(r"(?<=[^\0-\x7f])[\u200c\u200d](?=[^\0-\x7f])")


@dataclass(frozen=True, slots=True, repr=False)
class Prompt:
    """A prompt of the library.

    Attributes:
        name: what it is found by. Case does not count.
        messages: texts by role; a system prompt, if there is one, comes first.
        description: what it is good for, in one or two sentences.
        tags: words that group prompts.
        variables: the placeholders that are filled in. All other braces are sent as
            they were written.
        model: the model that it was written for, as `provider/model`; "" for any.
        submit: whether it is sent as soon as it is chosen in a chat.
        source: where it was imported from, such as "fabric"; "" if it was written here.
        version: which version of it this is, from 1; 0 if it is not in the library.

    """

    name: str
    messages: tuple[Message, ...]
    description: str = ""
    tags: tuple[str, ...] = ()
    variables: tuple[Variable, ...] = ()
    model: str = ""
    submit: bool = False
    source: str = ""
    version: int = field(default=0, compare=False)

    @property
    def system(self) -> str:
        """The text of the system prompt, "" if there is none."""
        return "".join(each.text for each in self.messages if each.role == "system")

    def render(self, text: str | None = None, /, **values: object) -> Rendered:
        """Return the prompt with its variables filled: see `rendering.render`.

        Args:
            text: what the user asks.
            **values: those of the variables, by their names.

        Raises:
            FieldError: a value has no variable, or a variable no value.

        """
        return render(self, values, text)

    def _repr_markdown_(self) -> str:
        from .shown import prompt_markdown  # noqa: PLC0415 - not needed to ask

        facts = [
            f"version {self.version}" if self.version else "",
            f"from {self.source}" if self.source else "",
            ", ".join(self.tags),
            f"written for {self.model}" if self.model else "",
        ]
        return prompt_markdown(
            self.name, self.description, self.messages, self.variables, facts
        )

    def _repr_pretty_(self, printer: Any, cycle: bool) -> None:  # noqa: ANN401, FBT001 - IPython's
        from .shown import prompt_text  # noqa: PLC0415 - not needed to ask

        title = repr(self)
        if not cycle:
            title = prompt_text(title, self.description, self.messages, self.variables)
        printer.text(title)

    def __repr__(self) -> str:
        version = f" v{self.version}" if self.version else ""
        return f"<Prompt {redacted(self.name)!r}{version}>"

    @property
    def takes_input(self) -> bool:
        """Whether a variable stands for what the user asks."""
        return any(variable.name == INPUT for variable in self.variables)


def same_name(name: str) -> str:
    """Return what is equal for names that count as the same: case and form of it."""
    return unicodedata.normalize("NFC", unicodedata.normalize("NFKC", name).casefold())


def key_of(name: str) -> str:
    """Return what a name that a user typed is looked for by."""
    return same_name(" ".join(name.split()))


def checked_name(name: str) -> str:
    """Return a name as it is stored.

    Raises:
        FieldError: it is empty, too long, or has a character that no name may have.

    """
    name = unicodedata.normalize("NFC", " ".join(without_surrogates(name).split()))
    if not name:
        message = "The name is empty."
        raise FieldError(message, hint="Give the prompt a name.", field="name")
    if len(name) > LONGEST_NAME:
        message = f"The name has {len(name):,} characters."
        raise FieldError(
            message, hint=f"At most {LONGEST_NAME} are allowed.", field="name"
        )
    invisible = (
        f"U+{ord(each):04X}"
        for each in _JOINER.sub("", name)
        if unicodedata.category(each) in {"Cc", "Cf", "Co", "Cn"}
    )
    if code := next(invisible, ""):
        message = f"The name has a character that cannot be seen: {code}."
        raise FieldError(message, hint="Type the name by hand.", field="name")
    if name.startswith(("-", "/", "@")):
        message = f"The name begins with {name[0]!r}."
        raise FieldError(
            message, hint="Begin it with a letter or a digit.", field="name"
        )
    return name


def checked(prompt: Prompt) -> Prompt:
    """Return a prompt as it is stored: trimmed, sendable, system prompt first.

    Raises:
        FieldError: a field is invalid; `field` names it.

    """
    prompt = replace(
        prompt,
        name=checked_name(prompt.name),
        description=without_surrogates(prompt.description).strip(),
        tags=_checked_tags(prompt.tags),
        model=without_surrogates(prompt.model).strip(),
        messages=_checked_messages(prompt.messages),
        variables=tuple(
            Variable(
                variable.name.strip(),
                None
                if variable.default is None
                else without_surrogates(variable.default),
                without_surrogates(variable.description).strip(),
            )
            for variable in prompt.variables
        ),
    )
    if len(prompt.description) > _LONGEST_DESCRIPTION:
        message = f"The description has {len(prompt.description):,} characters."
        hint = f"At most {_LONGEST_DESCRIPTION:,} are allowed."
        raise FieldError(message, hint=hint, field="description")
    _check_variables(prompt.variables)
    return prompt


def _checked_tags(tags: Sequence[str]) -> tuple[str, ...]:
    trimmed = (" ".join(without_surrogates(tag).split()).lstrip("#") for tag in tags)
    unique = tuple({same_name(tag): tag for tag in trimmed if tag}.values())
    longest = max(map(len, unique), default=0)
    if longest > _LONGEST_TAG:
        message = f"A tag has {longest:,} characters."
        raise FieldError(
            message, hint=f"At most {_LONGEST_TAG} are allowed.", field="tags"
        )
    if len(unique) > _MOST_TAGS:
        message = f"There are {len(unique):,} tags."
        raise FieldError(
            message, hint=f"At most {_MOST_TAGS} are allowed.", field="tags"
        )
    if any("," in tag for tag in unique):
        message = "A tag has a comma."
        raise FieldError(message, hint="Commas separate tags.", field="tags")
    return unique


def _checked_messages(messages: Sequence[Message]) -> tuple[Message, ...]:
    whole = [
        Message.of(each.role, without_surrogates(each.text))
        for each in messages
        if each.text.strip()
    ]
    if not whole:
        message = "The prompt has no text."
        raise FieldError(
            message, hint="Write what the model is told.", field="messages"
        )
    if len(whole) > _MOST_MESSAGES:
        message = f"The prompt has {len(whole):,} messages."
        raise FieldError(
            message, hint=f"At most {_MOST_MESSAGES} are allowed.", field="messages"
        )
    length = sum(len(each.text) for each in whole)
    if length > LONGEST_TEXT:
        message = f"The prompt has {length:,} characters."
        hint = f"At most {LONGEST_TEXT:,} are allowed; send long texts as files."
        raise FieldError(message, hint=hint, field="messages")
    systems = [each.text for each in whole if each.role == "system"]
    if len(systems) > 1:
        message = f"The prompt has {len(systems)} system prompts."
        raise FieldError(message, hint="Put them into one.", field="messages")
    first = [Message.of("system", text) for text in systems]
    return (*first, *(each for each in whole if each.role != "system"))


def _check_variables(variables: Sequence[Variable]) -> None:
    if len(variables) > _MOST_VARIABLES:
        message = f"There are {len(variables):,} variables."
        raise FieldError(
            message, hint=f"At most {_MOST_VARIABLES} are allowed.", field="variables"
        )
    names = [variable.name for variable in variables]
    for name in names:
        if not _VARIABLE.fullmatch(name):
            message = f"A variable cannot be named {name!r:.60}."
            hint = "Use letters, digits and underscores, a letter first."
            raise FieldError(message, hint=hint, field="variables")
        if names.count(name) > 1:
            message = f"The variable {name} is declared twice."
            raise FieldError(message, hint="Remove one of them.", field="variables")
    named = {
        variable.name: placeholders(variable.default or "") for variable in variables
    }
    for name in names:
        if _reaches(name, name, named):
            message = f"The default of {name} names itself."
            hint = f"Write it without {{{{{name}}}}}, or give it no default."
            raise FieldError(message, hint=hint, field="variables")


def _reaches(begin: str, wanted: str, named: dict[str, list[str]]) -> bool:
    """Whether the default of a variable leads to another one, over several steps."""
    seen: set[str] = set()
    waiting = list(named.get(begin, ()))
    while waiting:
        name = waiting.pop()
        if name == wanted:
            return True
        if name not in seen:
            seen.add(name)
            waiting += named.get(name, ())
    return False
