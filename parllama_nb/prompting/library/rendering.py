"""A library prompt with its variables filled, as it is sent."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Protocol

from ...errors import FieldError
from ...fuzzy import near
from ...providers.messages import Message
from ...quoting import quoted
from ...secret import redacted
from ..fill import fill, placeholders
from .variables import INPUT, Variable

__all__ = ["Fillable", "PromptVersion", "Rendered", "missing", "render"]


class Fillable(Protocol):
    """What of a prompt is filled in; `Prompt` says what each is."""

    @property
    def name(self) -> str:
        """What it is found by."""

    @property
    def version(self) -> int:
        """Which version it is, from 1; 0 if it is not in the library."""

    @property
    def messages(self) -> tuple[Message, ...]:
        """Its texts by role."""

    @property
    def variables(self) -> tuple[Variable, ...]:
        """The placeholders that are filled in."""

    @property
    def model(self) -> str:
        """The model that it was written for."""


@dataclass(frozen=True, slots=True)
class PromptVersion:
    """Which version of which library prompt asked."""

    name: str
    version: int

    def __str__(self) -> str:
        return f"prompt {self.name} v{self.version}" if self.version else self.name


@dataclass(frozen=True, slots=True, repr=False)
class Rendered:
    """A prompt with its variables filled.

    If it `has_input`, what the user asks is in the `messages`; else they are sent
    before it. `model` is the one that the prompt was written for, "" for any.
    """

    prompt: PromptVersion
    messages: tuple[Message, ...]
    model: str = ""
    has_input: bool = False

    @property
    def system(self) -> str:
        """The text of the system prompt, "" if there is none."""
        return "".join(each.text for each in self.messages if each.role == "system")

    @property
    def text(self) -> str:
        """The text of what the user asks: of the last message, if it is theirs."""
        last = self.messages[-1]
        return last.text if last.role == "user" else ""

    def asking(self, text: str) -> Rendered:
        """Return it with what the user asks, unless that is in it already.

        The user's words become one message, because some models refuse two in a row.
        """
        if self.has_input:
            return self
        last = self.messages[-1]
        before, opening = self.messages, ""
        if last.role == "user":
            before, opening = self.messages[:-1], last.text
        parts = [part for part in (opening.rstrip(), text) if part.strip()]
        if not parts:
            return self
        asked = Message.of("user", "\n\n".join(parts))
        return replace(self, messages=(*before, asked), has_input=bool(text.strip()))

    def __str__(self) -> str:
        return "\n\n".join(message.text for message in self.messages)

    def _repr_markdown_(self) -> str:
        from .shown import rendered_markdown  # noqa: PLC0415 - not needed to ask

        return rendered_markdown(self.prompt.name, self.messages)

    def _repr_pretty_(self, printer: Any, cycle: bool) -> None:  # noqa: ANN401, FBT001 - IPython's
        from .shown import rendered_text  # noqa: PLC0415 - not needed to ask

        printer.text(repr(self) if cycle else rendered_text(repr(self), self.messages))

    def __repr__(self) -> str:
        return f"<Rendered {redacted(str(self.prompt))!r}>"


def missing(prompt: Fillable, values: Mapping[str, object]) -> list[Variable]:
    """Return the variables that have neither a value nor a default."""
    return [
        variable
        for variable in prompt.variables
        if variable.default is None
        and variable.name not in values
        and variable.name != INPUT
    ]


def render(
    prompt: Fillable, values: Mapping[str, object], text: str | None = None
) -> Rendered:
    """Return a prompt with its variables filled.

    A value is put in as it is: a placeholder within it stays one. One that is no text
    (a DataFrame) is described, as in a cell.

    Args:
        prompt: what is filled.
        values: by the names of the variables.
        text: what the user asks: the value of `{{input}}`, if that is a variable, else
            what follows the prompt.

    Raises:
        FieldError: a value has no variable, or a variable no value; `field` names it.
        UsageError: a value is a secret, or cannot be read.

    """
    known = [variable.name for variable in prompt.variables]
    for name in values:
        if name not in known:
            raise _unknown(prompt, name, known)
    given = dict(values)
    if INPUT in known and text is not None:
        given.setdefault(INPUT, text)
    for variable in missing(prompt, given):
        message = f"{prompt.name} needs a value for {variable.name}."
        hint = f"Give one: --set {variable.name}=VALUE"
        if variable.description:
            hint = f"{variable.description.rstrip('.')}. {hint}"
        raise FieldError(message, hint=hint, field=variable.name)
    filled = _with_defaults(prompt, given)
    holder = _holder(prompt, given) if INPUT in known and INPUT in filled else None
    has_input = holder is not None
    messages = [
        Message.of(message.role, fill(message.text, filled).text)
        for message in prompt.messages
    ]
    if holder is not None and messages[-1].role != "user":
        # Something has to be asked: what holds the input is said by the user, last.
        messages.append(Message.of("user", messages.pop(holder).text))
    rendered = Rendered(
        prompt=PromptVersion(prompt.name, prompt.version),
        messages=tuple(messages),
        model=prompt.model,
        has_input=has_input,
    )
    return rendered if text is None else rendered.asking(text)


def _holder(prompt: Fillable, given: Mapping[str, object]) -> int | None:
    """Return the place of the last message that what the user asks is put into.

    That of a default counts, unless another value is `given`.
    """
    holding = {INPUT}
    defaults = [each for each in prompt.variables if each.name not in given]
    # Each round finds the defaults that are one step further away.
    for _ in defaults:
        holding |= {
            each.name
            for each in defaults
            if holding.intersection(placeholders(each.default or ""))
        }
    found = (
        number
        for number in reversed(range(len(prompt.messages)))
        if holding.intersection(placeholders(prompt.messages[number].text))
    )
    return next(found, None)


def _with_defaults(prompt: Fillable, given: Mapping[str, object]) -> dict[str, object]:
    """Return the value of every variable; defaults may name other variables."""
    values: dict[str, object] = dict(given)
    defaults = {
        variable.name: variable.default
        for variable in prompt.variables
        if variable.default is not None and variable.name not in values
    }
    while defaults:
        # A stored prompt has no circle; of one that has, the rest stays literal.
        ready = [
            name
            for name, default in defaults.items()
            if not set(placeholders(default)) & defaults.keys()
        ] or list(defaults)
        for name in ready:
            values[name] = fill(defaults.pop(name), values).text
    return values


def _unknown(prompt: Fillable, name: str, known: list[str]) -> FieldError:
    message = f"{prompt.name} has no variable {name!r:.60}."
    offered = near(name, known, 1, cutoff=0.6)
    if offered:
        hint = f"Did you mean {offered[0]}?"
    elif known:
        hint = f"It has {', '.join(known[:8])}."
    else:
        hint = f"Declare it: %parllama prompts edit {quoted(prompt.name)}"
    return FieldError(message, hint=hint, field=name)
