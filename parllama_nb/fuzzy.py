"""How well a text matches what somebody typed, for completion and near misses.

The score is from 0 (no match) to 1 (the same). What was typed may be several words in
any order; each must match. A word matches the whole text, its beginning, the beginning
of a part (`gpt` in `openai/gpt-5`), any place inside, or as letters in order (`g5m` in
`gpt-5-mini`); each of these scores less than the one before. Letter case does not
matter. Only `near` finds mistyped words, with `difflib`. The pickers of the views rank
by themselves, in `js/src/ui/fuzzy.ts`.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable

__all__ = ["near", "score"]

_PARTS = frozenset("/:-_.@ ")

# What a way of being found is worth at least; how much of the text the word covers
# adds up to a tenth.
_BEGINS, _PART, _INSIDE, _LETTERS = 0.85, 0.7, 0.55, 0.2
_COVERED = 0.1


def score(typed: str, text: str) -> float:
    """How well a text fits what was typed: 0 is not at all, 1 is the same."""
    words = typed.casefold().split()
    if not words:
        return 1.0
    folded = text.casefold()
    total = 0.0
    for word in words:
        found = _word(word, folded)
        if not found:
            return 0.0
        total += found
    return total / len(words)


def near(
    typed: str, texts: Iterable[str], n: int = 3, cutoff: float = 0.5
) -> list[str]:
    """What somebody may have meant who typed a name that is not there; best first.

    Args:
        typed: the name.
        texts: the names there are.
        n: how many to give at most.
        cutoff: the least likeness, as `score` or `difflib` measure it.

    """
    matcher = difflib.SequenceMatcher(b=typed.casefold())
    found = []
    for text in texts:
        likeness = score(typed, text) if typed.strip() else 0.0
        if likeness < max(_INSIDE, cutoff):
            likeness = 0.0
        matcher.set_seq1(text.casefold())
        # The quick ones are upper bounds: most names need no more.
        if matcher.real_quick_ratio() >= cutoff and matcher.quick_ratio() >= cutoff:
            ratio = matcher.ratio()
            likeness = max(likeness, ratio if ratio >= cutoff else 0.0)
        if likeness:
            found.append((likeness, text))
    found.sort(key=lambda pair: pair[0], reverse=True)
    return [text for _, text in found[:n]]


def _word(word: str, text: str) -> float:
    covered = _COVERED * len(word) / max(len(text), 1)
    at = text.find(word)
    if at == 0:
        return 1.0 if len(word) == len(text) else _BEGINS + covered
    while at > 0:
        if text[at - 1] in _PARTS:
            return _PART + covered
        at = text.find(word, at + 1)
    if word in text:
        return _INSIDE + covered
    return _letters(word, text)


def _letters(word: str, text: str) -> float:
    """For letters in order: the more, the closer they stand together; 0 for none."""
    begin = text.find(word[0])
    end = begin
    for letter in word:
        end = text.find(letter, end)
        if end < 0:
            return 0.0
        end += 1
    # One letter is found as itself, and letters strewn over a text are chance.
    dense = len(word) / (end - begin)
    return _LETTERS + (_INSIDE - _LETTERS) * dense if dense >= _LETTERS else 0.0
