"""What a search looks for, where a text has it, and how good that is."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from functools import cached_property

__all__ = ["Wanted", "folded"]

_PIECE = re.compile(r'"([^"]*)"?|(\S+)')
_WORD = re.compile(r"[^\W_]+")
_MOST_PIECES = 20
# A single letter begins words in nearly all texts.
_SHORTEST = 2

# Characters of a text that its worth is judged by, and around a hit in a snippet.
_JUDGED = 20_000
_BEFORE, _AFTER = 24, 160


class _Folds(dict[int, str]):
    """Each character as it is compared, without case and accent; as long as before."""

    def __missing__(self, code: int) -> str:
        base = unicodedata.normalize("NFD", chr(code))[0].lower()
        self[code] = result = base if len(base) == 1 else chr(code)
        return result


_FOLDS = _Folds()


def folded(text: str) -> str:
    """Return a text as it is compared. It is as long as its form NFC."""
    if text.isascii():
        return text.lower()
    return unicodedata.normalize("NFC", text).translate(_FOLDS)


@dataclass(frozen=True)
class Wanted:
    """What a user looks for: all words, by their beginnings, and "phrases"."""

    query: str

    @cached_property
    def pieces(self) -> tuple[str, ...]:
        """The words and phrases that have letters or digits."""
        found = (phrase or word for phrase, word in _PIECE.findall(self.query))
        pieces = [each for each in found if _WORD.search(each)][:_MOST_PIECES]
        long = [each for each in pieces if len(each) >= _SHORTEST]
        return tuple(long)

    @property
    def for_index(self) -> str:
        """It in FTS5's syntax."""
        quoted = (piece.replace('"', '""') for piece in self.pieces)
        return " AND ".join(f'"{piece}"*' for piece in quoted)

    @cached_property
    def words(self) -> list[str]:
        """All words, for short texts that need not be split."""
        return [folded(each) for each in self.query.replace('"', " ").split()]

    @cached_property
    def _folded_pieces(self) -> list[str]:
        return list(map(folded, self.pieces))

    @cached_property
    def _patterns(self) -> list[re.Pattern[str]]:
        words = (_WORD.findall(folded(piece)) for piece in self.pieces)
        return [
            re.compile(r"(?<![^\W_])" + r"[\W_]+".join(map(re.escape, each)))
            for each in words
        ]

    @cached_property
    def _any(self) -> re.Pattern[str]:
        return re.compile("|".join(each.pattern for each in self._patterns))

    def matches(self, text: str) -> bool:
        """Whether a text has all of it."""
        compared = folded(text)
        patterns = self._patterns
        return bool(patterns) and all(each.search(compared) for each in patterns)

    def worth(self, text: str) -> float:
        """Return how good a text is that matches."""
        judged = folded(text[:_JUDGED])
        # By any part of a word, which is counted much faster.
        counts = [judged.count(each) for each in self._folded_pieces]
        # More of the same says less and less, and more so in a long text.
        usual = 1.2 * (0.5 + 0.5 * len(judged) / 1000)
        return 1.0 + sum(count / (count + usual) for count in counts)

    def part_of(self, text: str) -> bool:
        """Whether a short text, such as a title, has all of it, anywhere in a word."""
        compared = folded(text)
        return bool(self.words) and all(each in compared for each in self.words)

    def snippet(self, text: str) -> list[str]:
        """Return some of a text around its first hit: text, hit, text and so on."""
        text = unicodedata.normalize("NFC", text)
        compared = folded(text)
        first = self._any.search(compared) if self._patterns else None
        middle = first.start() if first else 0
        begin, end = max(0, middle - _BEFORE), min(len(text), middle + _AFTER)
        if begin:
            # At a word's beginning, if there is one.
            space = text.find(" ", begin, middle)
            begin = space + 1 if space >= 0 else begin
        pieces, at = ["…" if begin else ""], begin
        if first:
            for hit in self._any.finditer(compared, begin, end):
                pieces[-1] += text[at : hit.start()]
                pieces += [text[hit.start() : hit.end()], ""]
                at = hit.end()
        pieces[-1] += text[at:end] + ("…" if end < len(text) else "")
        return [re.sub(r"\s+", " ", piece) for piece in pieces]
