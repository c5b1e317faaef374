"""What the text of a prompt says by itself: its variables, and what it is about."""

from __future__ import annotations

import re
from collections.abc import Iterable

from ..library.variables import Variable

__all__ = ["PLACEHOLDER", "first_sentence", "has_placeholders", "undeclared"]

PLACEHOLDER = re.compile(r"(?<!\{)\{\{[ \t]{0,9}([^\W\d]\w{0,99})[ \t]{0,9}\}\}(?!\})")
"""A `{{name}}`, without a path of attributes after the name."""

"""A `{{name}}`, without a path of attributes after the name."""

_SENTENCE = re.compile(r".+?[.!?](?=\s|$)")
_LONGEST_SENTENCE = 200


def undeclared(texts: Iterable[str]) -> tuple[Variable, ...]:
    """Return a variable for each `{{name}}` of the texts, in their order."""
    names = (match[1] for each in texts for match in PLACEHOLDER.finditer(each))
    return tuple(
        Variable(name)
        for name in dict.fromkeys(names)
        if not (name.startswith("__") and name.endswith("__"))
    )


def has_placeholders(texts: Iterable[str]) -> bool:
    """Whether one of the texts has a `{{name}}`."""
    return any(PLACEHOLDER.search(each) for each in texts)


def first_sentence(text: str) -> str:
    """Return the first sentence of a text that is no heading, "" if there is none."""
    lines: list[str] = []
    for line in text[:20_000].split("\n"):
        words = line.strip()
        if words.startswith(("#", "<", "```", "---", "===", "|")):
            words = ""
        if words:
            lines.append(words.lstrip("-*> "))
        elif lines:
            break
    whole = " ".join(" ".join(lines).split())
    match = _SENTENCE.match(whole)
    sentence = match[0] if match else whole
    if len(sentence) > _LONGEST_SENTENCE:
        sentence = f"{sentence[: _LONGEST_SENTENCE - 1].rstrip()}…"
    return sentence
