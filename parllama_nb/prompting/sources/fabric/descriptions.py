"""What a pattern is good for, in a sentence or two of its own text.

A pattern begins with whom the model is ("# IDENTITY and PURPOSE", in many spellings)
and says there what it does. Where prose begins is surer than how a heading is spelled.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

__all__ = ["description_of"]

_LONGEST = 300
_SEARCHED = 20_000
"""Characters of a text in which its first prose is."""

_SHORT = 60
"""Characters; a shorter paragraph ("You are an expert.") is followed by the next."""

_TITLE_LENGTH = 100

_HEADING = re.compile(r"#{1,6}\s|[A-Z][A-Za-z ]{2,40}:$")
_TITLE = re.compile(r"(?:title|name|version)\s*:", re.IGNORECASE)
_ITEM = re.compile(r"(?:[-*+•]|\d{1,3}[.)])\s+")
_TAG = re.compile(r"</?[A-Za-z][^<>\n]{0,500}>|<!--.{0,1000}?-->")
_IMAGE = re.compile(r"!\[[^\]\n]{0,200}\]\([^)\n]{0,500}\)")
_LINK = re.compile(r"\[([^\]\n]{1,200})\]\([^)\n]{0,500}\)")
_EMPHASIS = re.compile(
    r"(?<![\w*])(\*{1,3}|_{1,3})(?=[^\s*_])(.{1,300}?)(?<=[^\s*_])\1(?![\w*])"
)
_CODE = re.compile(r"`{1,3}([^`\n]{1,200})`{1,3}")
_PLACEHOLDER = re.compile(r"\{\{\s{0,9}([\w.-]{1,100})\s{0,9}\}\}")
_SENTENCE = re.compile(
    r"[.!?\u2026][\"'\u201d\u2019)]*\s+(?=[\"'\u201c\u2018(]?[A-Z0-9])"
)
_ABBREVIATION = re.compile(r"\b(?:e\.g|i\.e|etc|vs|Dr|Mr|Mrs|Ms|St|No|[A-Z])\.$")
_STEP = re.compile(r"take a (?:deep breath|step back)", re.IGNORECASE)
"""What is said to a model, and tells a reader nothing."""


def description_of(system: str, readme: str = "") -> str:
    """Return what a pattern does, at most 300 characters; "" if its texts are empty.

    From the first prose of its system prompt, else from that of its README, else from
    the first line that has words.
    """
    for is_prose in (_has_sentence, bool):
        for text in (system, readme):
            description = _first_sentences(_opening(text, is_prose))
            if description:
                return description
    return ""


def _has_sentence(paragraph: str) -> bool:
    """Whether a paragraph is more than a title."""
    return len(paragraph) > _TITLE_LENGTH or paragraph.endswith(
        (".", "!", "?", ":", "…")
    )


def _opening(text: str, is_prose: Callable[[str], bool]) -> str:
    """Return the first prose of a text; two paragraphs of it if the first is short."""
    opening = ""
    for paragraph in _paragraphs(text):
        if opening and not paragraph:
            break
        if paragraph and is_prose(paragraph):
            opening = f"{opening} {paragraph}".strip()
            if len(opening) >= _SHORT:
                break
    return opening


def _paragraphs(text: str) -> Iterator[str]:
    """Yield the paragraphs of prose, without their Markdown; "" for a heading."""
    lines: list[str] = []
    fenced = False
    for raw in (*text[:_SEARCHED].split("\n"), ""):
        line = raw.strip()
        if line.startswith(("```", "~~~")):
            fenced = not fenced
            line = ""
        elif fenced:
            line = ""
        item = _ITEM.match(line)
        prose = (
            "" if _is_furniture(line) else _cleaned(line[item.end() if item else 0 :])
        )
        if lines and (item or not prose):
            yield " ".join(lines)
            lines = []
        if line and (item or not prose):
            yield ""
        if prose:
            lines.append(prose)


def _is_furniture(line: str) -> bool:
    """Whether a line is no prose: a heading, a rule, a row of a table."""
    return bool(
        not line
        or _HEADING.match(line)
        or _TITLE.match(line)
        or line.startswith(("//", "|", "---", "***", "==="))
        or re.fullmatch(r"\*\*[^*]+\*\*:?", line)
    )


def _cleaned(line: str) -> str:
    line = _IMAGE.sub("", _TAG.sub("", line))
    line = _CODE.sub(r"\1", _LINK.sub(r"\1", line))
    line = _PLACEHOLDER.sub(r"\1", _EMPHASIS.sub(r"\2", line))
    return " ".join(line.lstrip("> ").split())


def _first_sentences(paragraph: str) -> str:
    """Return as many sentences as say something and fit."""
    text = ""
    for sentence in _sentences(paragraph):
        if _STEP.match(sentence):
            break
        longer = f"{text} {sentence}".strip()
        if text and len(longer) > _LONGEST:
            break
        if sentence.endswith(":") and len(text) >= _SHORT:
            break  # a list follows it, which a description has not
        text = longer
        if len(text) > _LONGEST:
            return _cut(text)
    return text


def _sentences(paragraph: str) -> list[str]:
    sentences, begin = [], 0
    for match in _SENTENCE.finditer(paragraph):
        sentence = paragraph[begin : match.end()].strip()
        if not _ABBREVIATION.search(sentence):
            sentences.append(sentence)
            begin = match.end()
    return [*sentences, paragraph[begin:].strip()]


def _cut(text: str) -> str:
    """Return the beginning of a text, up to the end of a word."""
    head = text[: _LONGEST - 1]
    return f"{head[: head.rfind(' ')].rstrip(' ,;:-')}…"
