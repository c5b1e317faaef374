"""A pattern's texts as a prompt, and a prompt as the files of a pattern.

A pattern is a system prompt, `system.md`, and perhaps the begin of what the user asks,
`user.md`. Fabric puts what a user asks in the place of `{{input}}`, else behind the
text; that is why most patterns end with an empty section "# INPUT".
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence

from ....errors import UsageError
from ....providers.messages import Message
from ....surrogates import without_surrogates
from ...fill import placeholders
from ...library.prompt import Prompt, checked
from ...library.variables import INPUT, Variable
from ..file_names import file_names
from .descriptions import description_of

__all__ = ["SOURCE", "pattern_texts", "prompt_of"]

SOURCE = "fabric"

_SLOT = f"{{{{{INPUT}}}}}"

_INPUT_HEADING = re.compile(r"(?:#{1,6}\s*)?\(?INPUT\)?\s*:?\s*[:%]?", re.IGNORECASE)
_INPUT_LINE = re.compile(r"\{\{\s{0,9}input\s{0,9}\}\}")
_GAP = re.compile(r"…|\.{3}")
"""What a few patterns have below the heading, where the input would be."""

_BARE_HEADER = re.compile(r"(?:#{1,6}\s*)?(?:CONTENT|INPUT|TEXT)\s*:?", re.IGNORECASE)

_FOREIGN = re.compile(
    r"\{\{(?![ \t]{0,9}[^\W\d]\w{0,99}[ \t]{0,9}\}\})"
    # What Fabric fills in by itself, such as today's date.
    r"(?!\s{0,9}(?:plugin|ext):)"
)
"""Double braces around anything but a name."""


def prompt_of(name: str, system: str, user: str = "", readme: str = "") -> Prompt:
    """Return a pattern as a prompt.

    The system prompt is as it was written, without an empty input section at its end.
    If `{{input}}` stands there, it becomes the user's message, since a request of a
    system prompt alone is refused by most providers.

    Raises:
        FieldError: it cannot be stored.

    """
    text, has_slot = _without_input_section(system)
    messages = [Message.of("system", text)]
    asked = user.strip()
    if has_slot or _BARE_HEADER.fullmatch(asked):
        slot = "" if _INPUT_LINE.search(asked) else _SLOT
        asked = "\n\n".join(filter(None, (asked, slot)))
    if asked:
        messages.append(Message.of("user", asked))
    return checked(
        Prompt(
            name=name,
            messages=tuple(messages),
            description=description_of(text, readme),
            tags=_tags(name),
            variables=tuple(Variable(each) for each in _variables(messages)),
            source=SOURCE,
        )
    )


def pattern_texts(prompts: Sequence[Prompt]) -> Mapping[str, bytes]:
    """Return the files of patterns, by their relative names.

    Tags, models and defaults of variables have no place there and are left out.

    Raises:
        UsageError: a prompt has no system prompt, or more than a user's message after
            it.

    """
    return {
        # A file ends with a line break, and no editor adds one to it.
        f"{folder}/{file}": f"{without_surrogates(text).rstrip()}\n".encode()
        for prompt, folder in zip(prompts, file_names(prompts, ""), strict=True)
        for file, text in _texts(prompt)
    }


def _texts(prompt: Prompt) -> Iterator[tuple[str, str]]:
    if not prompt.system.strip():
        message = f"{prompt.name} has no system prompt, which a Fabric pattern needs."
        raise UsageError(message, hint="Export it in another format.")
    others = [each for each in prompt.messages if each.role != "system"]
    if len(others) > 1 or any(each.role != "user" for each in others):
        message = f"{prompt.name} has a conversation, for which Fabric has no place."
        raise UsageError(message, hint="Export it in another format.")
    asked = others[0].text.strip() if others else ""
    if asked == _SLOT:
        yield "system.md", f"{prompt.system.rstrip()}\n\n# INPUT\n\n{_SLOT}"
        return
    yield "system.md", prompt.system
    if asked:
        yield "user.md", asked


def _without_input_section(text: str) -> tuple[str, bool]:
    """Return a text without an empty input section, and whether that had the slot."""
    text = text.rstrip()
    end = keep = len(text)
    has_slot = False
    while end > 0:
        begin = text.rfind("\n", 0, end) + 1
        line = text[begin:end].strip()
        if _INPUT_LINE.fullmatch(line):
            keep, has_slot = begin, True
        elif _INPUT_HEADING.fullmatch(line):
            keep = begin
        elif line and not _GAP.fullmatch(line):
            break
        end = begin - 1
    rest = text[:keep].rstrip()
    if not rest or (has_slot and _INPUT_LINE.search(rest)):
        return text, False
    return rest, has_slot


def _variables(messages: Sequence[Message]) -> Iterator[str]:
    """Yield the variables of a pattern.

    A text with double braces of another grammar (`{{base64(x)}}`) shows how a language
    for templates is written: all its braces but `{{input}}` are examples.
    """
    texts = [message.text for message in messages if "{{" in message.text]
    foreign = any(map(_FOREIGN.search, texts))
    names = dict.fromkeys(name for text in texts for name in placeholders(text))
    for name in names:
        if name == INPUT or not foreign:
            yield name


def _tags(name: str) -> tuple[str, ...]:
    """Return the verb that a pattern's name begins with: "summarize" for all such."""
    words = re.split(r"[_\W]+", name.casefold())
    return tuple(word for word in words if len(word) > 1)[:1]
