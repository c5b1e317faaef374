"""The conversation of a file of Markdown that PAR LLAMA has exported.

It writes `# NAME`, then for each message `## ROLE`, an empty line, the text, and two
line breaks; nothing keeps a text apart from what follows. So a line `## user` is a
heading only where PAR LLAMA could have written it: outside of fences, between empty
lines, and not for the role that is speaking already.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from ....prompting.sources.markdown.layout import MarkdownFile
from ....providers.messages import Part, TextPart, parts_of
from ...history.saved import SavedConversation
from ..parllama import model_of, number_of, time_of, turns_of
from ..parsed import Parsed

__all__ = ["read_parllama"]

_ROLE = re.compile(r"## (system|user|assistant)")
_TITLE = re.compile(r"# (.*)")
_THOUGHT = re.compile(
    r"(?P<before>(?:\n\[Document: [^\n]*\]\n)*)### Thinking:\n\n"
    r"(?P<thinking>.*?)\n\n### Response:\n\n(?P<text>.*)",
    re.DOTALL,
)
_FENCE = re.compile(r" {0,3}(`{3,}|~{3,})(.*)")


def read_parllama(file: MarkdownFile) -> Parsed | None:
    """Return the conversation of a file; None if PAR LLAMA has not written it."""
    lines = file.body.split("\n")
    heads = list(_heads(lines))
    if not heads or not _is_speech(lines[: heads[0][0]]):
        return None
    name = next(
        (
            match[1]
            for line in lines[: heads[0][0]]
            if (match := _TITLE.fullmatch(line))
        ),
        "",
    )
    messages: list[tuple[str, tuple[Part, ...]]] = []
    is_empty = True
    ends = [*(at for at, _ in heads[1:]), len(lines)]
    for (at, role), end in zip(heads, ends, strict=True):
        # The empty line after the heading, and the one before the next, are its own.
        text = "\n".join(lines[at + 2 : end])
        is_last = end == len(lines)
        text = text.removesuffix("\n\n" if is_last else "\n")
        messages.append((role, _parts(role, text)))
        is_empty = is_empty and not text.strip()
    if is_empty:
        return None
    front = file.values
    model = model_of(front.get("provider"), front.get("model"))
    created = time_of(front.get("date"))
    system, turns = turns_of(messages, model, created)
    options: dict[str, Any] = {"system": system} if system else {}
    temperature = number_of(front.get("temperature"))
    if temperature is not None and 0 <= temperature <= 2:  # noqa: PLR2004 - as elsewhere
        options["temperature"] = temperature
    conversation = SavedConversation(
        name=name,
        turns=turns,
        tip=len(turns) or None,
        model=model,
        options=options,
        created=created,
        cost=number_of(front.get("cost")) or None,
        input_tokens=int(number_of(front.get("input_tokens")) or 0),
        output_tokens=int(number_of(front.get("output_tokens")) or 0),
    )
    return Parsed(conversation)


def _parts(role: str, text: str) -> tuple[Part, ...]:
    thought = _THOUGHT.fullmatch(text) if role == "assistant" else None
    if thought is None:
        return (TextPart(text),)
    return parts_of(thought["before"] + thought["text"], thought["thinking"])


def _is_speech(before: list[str]) -> bool:
    """Whether what stands before the first message is a title, or nothing."""
    texts = [line for line in before if line.strip()]
    return len(texts) <= 1 and all(_TITLE.fullmatch(line) for line in texts)


def _heads(lines: list[str]) -> Iterator[tuple[int, str]]:
    """Yield where each message begins, and its role."""
    fences = _closed_fences(lines)
    speaking = ""
    for at, line in enumerate(lines):
        match = _ROLE.fullmatch(line)
        if match is None or fences[at]:
            continue
        # The title stands right before the first message.
        apart = not speaking or not lines[at - 1]
        # A question without an answer is followed by another.
        again = match[1] == speaking != "user"
        if apart and lines[at + 1 : at + 2] == [""] and not again:
            speaking = match[1]
            yield at, speaking


def _closed_fences(lines: list[str]) -> list[bool]:
    """Return of each line whether it is in a fence that ends."""
    inside = [False] * len(lines)
    fence, begin = "", 0
    for at, line in enumerate(lines):
        match = _FENCE.match(line)
        if match is None:
            continue
        run, rest = match.groups()
        if not fence:
            if not (run[0] == "`" and "`" in rest):
                fence, begin = run, at
        elif run[0] == fence[0] and len(run) >= len(fence) and not rest.strip():
            inside[begin : at + 1] = [True] * (at + 1 - begin)
            fence = ""
    return inside
