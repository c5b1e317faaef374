r"""Finds bold, slanted and struck-out text, and writes it for all renderers.

CommonMark pairs no marks between a full-width sign and a letter: it reads the asterisks
of `**「A」**和` as text. Those who write so mean bold text, so the marks beside scripts
that put no space between words are paired here. Where CommonMark would not pair them,
they are written as tags.
"""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from typing import TYPE_CHECKING

from .scripts import unspaced

if TYPE_CHECKING:
    from collections.abc import Sequence

    from markdown_it import MarkdownIt
    from markdown_it.rules_inline import StateInline

__all__ = ["Mark", "install", "joined"]

_TAGS = {"em": "em", "strong": "strong", "s": "del"}
_ASCII_SIGNS = "!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~"
# Rounds of writing marks as tags, each of which may cost others their place.
_ROUNDS = 5
# What makes an emoji of the asterisk before it.
_KEYCAP = ("\ufe0f\u20e3", "\u20e3")


@dataclass
class Mark:
    """The beginning or the end of emphasis in what is written."""

    markup: str
    tag: str
    begins: bool
    # The other end of it.
    partner: Mark | None = None
    as_tag: bool = False

    def __str__(self) -> str:
        if not self.as_tag:
            return self.markup
        return f"<{'' if self.begins else '/'}{_TAGS[self.tag]}>"


def install(md: MarkdownIt) -> None:
    """Let a parser pair marks beside scripts without spaces between words."""
    md.enable("strikethrough")
    md.inline.ruler.at("emphasis", _rule)
    md.inline.ruler.at("strikethrough", _rule)


def _is_space(char: str) -> bool:
    return not char or char.isspace()


def _is_sign(char: str, *, symbols: bool = True) -> bool:
    """Whether the character is punctuation, for some parsers not without symbols."""
    if not char or char in _ASCII_SIGNS:
        return bool(char)
    return unicodedata.category(char)[0] in ("PS" if symbols else "P")


def _rule(state: StateInline, silent: bool) -> bool:  # noqa: FBT001 - its API
    from markdown_it.rules_inline.state_inline import (  # noqa: PLC0415 - as in `sanitize`
        Delimiter,
    )

    char, start = state.src[state.pos], state.pos
    if silent or char not in "*_~":
        return False
    end = start
    while end < state.posMax and state.src[end] == char:
        end += 1
    size = end - start
    if char == "~":
        # One tilde means "about", and three begin code.
        pieces = ["~~"] if size == len("~~") else []
    else:
        pieces = [] if state.src.startswith(_KEYCAP, end) else [char] * size
    if not pieces:
        state.pending += state.src[start:end]
    opens, closes = _flanks(state, char, start, end)
    for piece in pieces:
        state.push("text", "", 0).content = piece
        state.delimiters.append(
            Delimiter(
                marker=ord(char),
                length=0 if char == "~" else size,
                token=len(state.tokens) - 1,
                end=-1,
                open=opens,
                close=closes,
            )
        )
    state.pos = end
    return True


def _flanks(state: StateInline, char: str, start: int, end: int) -> tuple[bool, bool]:
    """Return whether a run of marks may begin emphasis, and whether it may end it."""
    before = state.src[start - 1 : start] if start else ""
    after = state.src[end : end + 1] if end < state.posMax else ""
    # An underscore within a word means itself, in all scripts.
    loose = char != "_"

    def apart(side: str) -> bool:
        return _is_space(side) or _is_sign(side) or (loose and unspaced(side))

    def sign(side: str) -> bool:
        return _is_sign(side) and not (loose and unspaced(side))

    left = not _is_space(after) and (not sign(after) or apart(before))
    right = not _is_space(before) and (not sign(before) or apart(after))
    opens = left and (loose or not right or _is_sign(before))
    closes = right and (loose or not left or _is_sign(after))
    return opens, closes


def joined(pieces: Sequence[str | Mark]) -> str:
    """Return the pieces as one text in which every renderer finds the same emphasis."""
    if not any(isinstance(piece, Mark) for piece in pieces):
        return "".join(map(str, pieces))
    for _ in range(_ROUNDS):
        doubtful = _doubtful(pieces)
        if not doubtful:
            break
        for mark in doubtful:
            mark.as_tag = True
            if mark.partner:
                mark.partner.as_tag = True
    else:
        for piece in pieces:
            if isinstance(piece, Mark):
                piece.as_tag = True
    return "".join(map(str, pieces))


def _doubtful(pieces: Sequence[str | Mark]) -> list[Mark]:
    """Return the marks that some parser would take for text where they stand."""
    found: list[Mark] = []
    at = 0
    while at < len(pieces):
        piece = pieces[at]
        if not isinstance(piece, Mark) or piece.as_tag:
            at += 1
            continue
        run = _run(pieces, at)
        before = str(pieces[at - 1])[-1:] if at else ""
        at += len(run)
        after = str(pieces[at])[:1] if at < len(pieces) else ""
        begins, ends = _certain(before, after), _certain(after, before)
        found += [mark for mark in run if not (begins if mark.begins else ends)]
    return found


def _run(pieces: Sequence[str | Mark], at: int) -> list[Mark]:
    """Return the marks of one character that follow each other from `at` on."""
    run: list[Mark] = []
    for index in range(at, len(pieces)):
        piece = pieces[index]
        if not isinstance(piece, Mark) or piece.as_tag:
            break
        if run and piece.markup[0] != run[0].markup[0]:
            break
        run.append(piece)
    return run


def _certain(outside: str, inside: str) -> bool:
    """Whether every parser takes marks between the two for a beginning or an end."""
    if _is_space(inside):
        return False
    apart = _is_space(outside) or _is_sign(outside, symbols=False)
    return not _is_sign(inside) or apart
