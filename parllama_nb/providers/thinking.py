"""Separates the thoughts that a model writes into its text from the answer.

Pure: text in, events out.
"""

from __future__ import annotations

import re

from .harmony import BEGINNINGS, FINAL, HarmonySplitter
from .messages import StreamEvent, TextDelta, TextWasThinking, ThinkingDelta

__all__ = ["ThinkingSplitter"]

_MARKS = {
    # DeepSeek R1, Qwen, GLM and most others
    "<think>": "</think>",
    # Nova, and models that are told to
    "<thinking>": "</thinking>",
    # Gemini's OpenAI endpoint, EXAONE
    "<thought>": "</thought>",
    "<reasoning>": "</reasoning>",
    # Magistral: https://huggingface.co/mistralai/Magistral-Small-2507
    "[THINK]": "[/THINK]",
    # Kimi-VL: https://huggingface.co/moonshotai/Kimi-VL-A3B-Thinking
    "◁think▷": "◁/think▷",
    # Seed-OSS: https://huggingface.co/ByteDance-Seed/Seed-OSS-36B-Instruct
    "<seed:think>": "</seed:think>",
    # Gemma 4: https://ai.google.dev/gemma/docs/core/prompt-formatting-gemma4
    "<|channel>thought": "<channel|>",
    # Command A Reasoning: https://docs.cohere.com/docs/command-a-reasoning-hf
    "<|START_THINKING|>": "<|END_THINKING|>",
    # Sky-T1: https://huggingface.co/NovaSky-AI/Sky-T1-32B-Preview
    "<|begin_of_thought|>": "<|end_of_thought|>",
    # Apertus: https://huggingface.co/swiss-ai/Apertus-8B-Instruct-2509
    "<|inner_prefix|>": "<|inner_suffix|>",
    # MedGemma: https://huggingface.co/google/medgemma-27b-text-it
    "<unused94>thought": "<unused95>",
}
"""The marks around thoughts, opening and closing."""

_WRAPPERS = {
    "<|START_RESPONSE|>": "<|END_RESPONSE|>",
    "<|begin_of_solution|>": "<|end_of_solution|>",
    # GLM-4.5V: https://huggingface.co/zai-org/GLM-4.5V
    "<|begin_of_box|>": "<|end_of_box|>",
}
"""The marks that some of these models put around the answer."""

_OPENING_OF = {closing: opening for opening, closing in _MARKS.items()}
_AFTER_THOUGHTS = {**_MARKS, **_WRAPPERS}
_STARTS = (*_AFTER_THOUGHTS, *BEGINNINGS, *_OPENING_OF)
_CLOSINGS = (*FINAL, *_OPENING_OF)
_CLOSING = re.compile("|".join(map(re.escape, _CLOSINGS)))
_MAY_CLOSE = re.compile("[" + re.escape("".join({c[0] for c in _CLOSINGS})) + "]")
_BEGUN = frozenset(mark[:n] for mark in _CLOSINGS for n in range(1, len(mark)))
_LONGEST = max(map(len, _BEGUN))
_FENCE = re.compile(r"^ {0,3}(?:```|~~~).*$", re.MULTILINE)

_QUOTING = "'\"([{<“‘«"  # noqa: RUF001 - the quotes of all scripts

_MOST_MARKS = 8
"""A text with more closing marks than these is about them."""

_BARE = "analysis"
_BARE_END = "assistantfinal"
"""What is left of harmony's marks on servers that remove special tokens: the names of
the channels, without a space around them."""


class ThinkingSplitter:
    """Separates thoughts at the beginning of a text from the answer after them.

    Thoughts are what stands between two marks (`<think>...</think>` and others) at the
    beginning of the text, and in a text in the harmony format whatever is not for the
    user: see `HarmonySplitter`. Marks further on belong to the answer, except for those
    that wrap it. Marks may arrive in any number of pieces.

    Some templates write the opening mark into the prompt, so that only the closing one
    is in the text. All text before it was thinking then, which `TextWasThinking` says.
    That is certain of the first closing mark for which all of this is true:

    - No opening mark stands before it, few closing ones do, and no thoughts came in a
      field of their own.
    - It is not within a code fence, nor in an indented code block.
    - It begins or ends its line, or it follows the text before it without a space; and
      no quote, bracket or open backtick stands before it.
    """

    def __init__(self) -> None:
        self._step = self._start
        """What reads the text that was held back and the next piece."""
        self._held = ""
        self._close = ""
        self._wraps = False
        self._apart = False
        self._before: list[str] = []
        self._refused = 0
        self._harmony: HarmonySplitter | None = None

    @property
    def plain(self) -> bool:
        """Whether all further text belongs to the answer."""
        return self._step == self._text

    def come_apart(self) -> None:
        """Note that thoughts come in a field of their own."""
        self._apart = True

    def feed(self, text: str) -> list[StreamEvent]:
        """Return the events that are certain with this piece of text."""
        if self._harmony is not None:
            return self._harmony.feed(text)
        watched = not self._held and self._step == self._watched
        if watched and not _MAY_CLOSE.search(text):
            # So are most pieces of most answers, which makes this the fast way.
            return self._shown(text)
        held, self._held = self._held + text, ""
        return self._step(held)

    def end(self) -> list[StreamEvent]:
        """Return what was held back in case it became a mark."""
        if self._harmony is not None:
            return self._harmony.end()
        held, self._held = self._held, ""
        if self._step == self._thinking:
            thought = held.rstrip()
            return [ThinkingDelta(thought)] if thought else []
        return self._text(held.lstrip() if self._step == self._gap else held)

    def _start(self, held: str) -> list[StreamEvent]:
        begun = held.lstrip()
        mark = next((mark for mark in _STARTS if begun.startswith(mark)), "")
        after = begun[len(mark) :]
        if mark in BEGINNINGS:
            self._harmony = HarmonySplitter()
            return self._harmony.feed(begun)
        if mark in _AFTER_THOUGHTS:
            return self._open(mark, after)
        if mark:
            self._step = self._gap
            return self._gap(after)
        bare = begun.removeprefix(_BARE)
        if bare != begun and bare[:1].isupper():
            return self._open(_BARE, bare)
        if any(start.startswith(begun) for start in (*_STARTS, _BARE)):
            self._held = held
            return []
        self._step = self._watched
        return self._watched(held)

    def _open(self, mark: str, after: str) -> list[StreamEvent]:
        self._step, self._wraps = self._opened, mark in _WRAPPERS
        self._close = _AFTER_THOUGHTS.get(mark, _BARE_END)
        return self._opened(after)

    def _opened(self, held: str) -> list[StreamEvent]:
        text = held.lstrip("\r\n")
        if not text:
            return []
        self._step = self._wrapped if self._wraps else self._thinking
        return self._step(text)

    def _thinking(self, held: str) -> list[StreamEvent]:
        thought, mark, after = self._inside(held)
        events: list[StreamEvent] = [ThinkingDelta(thought)] if thought else []
        if not mark:
            self._held = held[len(thought) :]
            return events
        self._step = self._gap
        return events + self._gap(after)

    def _wrapped(self, held: str) -> list[StreamEvent]:
        text, mark, after = self._inside(held)
        if not mark:
            self._held = held[len(text) :]
            return self._text(text)
        self._step = self._text
        return self._text(text + after)

    def _inside(self, held: str) -> tuple[str, str, str]:
        """Return what is certain to be inside of two marks, the closing one, the rest.

        The empty lines before that mark belong to neither.
        """
        inside, mark, after = held.partition(self._close)
        if not mark:
            inside = held[: len(held) - _unfinished(held, self._close)]
        return inside.rstrip(), mark, after

    def _gap(self, held: str) -> list[StreamEvent]:
        """The empty lines between a thought and the answer belong to neither."""
        text = held.lstrip()
        # A thought that the template left empty may be followed by the model's own.
        mark = next((mark for mark in _AFTER_THOUGHTS if text.startswith(mark)), "")
        if mark:
            return self._open(mark, text[len(mark) :])
        if any(mark.startswith(text) for mark in _AFTER_THOUGHTS):
            self._held = held
            return []
        # The indentation of a line of its own is the answer's.
        space = held[: len(held) - len(text)]
        indent = space.rpartition("\n")[2] if "\n" in space else ""
        self._step = self._text
        return [TextDelta(indent + text)]

    def _watched(self, held: str) -> list[StreamEvent]:
        """Return text of an answer, unless a closing mark says that it was thinking."""
        events: list[StreamEvent] = []
        while mark := _CLOSING.search(held):
            text, after = held[: mark.start()], held[mark.end() :]
            before = "".join([*self._before, text])
            is_about = self._refused == _MOST_MARKS
            if is_about or self._apart or _OPENING_OF.get(mark[0], mark[0]) in before:
                self._step = self._text
                self._before.clear()
                return [*events, *self._text(held)]
            is_end = mark[0] in FINAL or _ends_thinking(before, after)
            if is_end is None:
                self._held = held[mark.start() :]
                return events + self._shown(text)
            if is_end and not _is_fenced(before):
                events += self._shown(text)
                events += [TextWasThinking()] if before.strip() else []
                return events + self._answer(mark[0], after)
            self._refused += 1
            events += self._shown(held[: mark.end()])
            held = after
        # A mark may be cut in two.
        firsts = _MAY_CLOSE.finditer(held, max(0, len(held) - _LONGEST))
        starts = (first.start() for first in firsts)
        start = next((at for at in starts if held[at:] in _BEGUN), len(held))
        self._held = held[start:]
        return events + self._shown(held[:start])

    def _answer(self, mark: str, after: str) -> list[StreamEvent]:
        """Return the events of what comes after a closing mark."""
        self._before.clear()
        if mark in FINAL:
            self._harmony = HarmonySplitter()
            return self._harmony.feed(mark + after)
        self._step = self._gap
        return self._gap(after)

    def _text(self, held: str) -> list[StreamEvent]:
        return [TextDelta(held)] if held else []

    def _shown(self, text: str) -> list[StreamEvent]:
        self._before.append(text)
        return self._text(text)


def _unfinished(text: str, mark: str) -> int:
    """Return how many characters at the end of a text may begin a mark."""
    most = min(len(text), len(mark) - 1)
    counts = range(most, 0, -1)
    return next((n for n in counts if mark.startswith(text[-n:])), 0)


def _ends_thinking(before: str, after: str) -> bool | None:
    """Whether a closing mark ends thoughts; None if that is not known yet."""
    line = before.rpartition("\n")[2]
    if not line.strip():
        return len(line.expandtabs(4)) < 4  # noqa: PLR2004 - else it is a code block
    paragraph = _FENCE.sub("", before).rpartition("\n\n")[2]
    if paragraph.count("`") % 2 or line[-1] in _QUOTING:
        return False
    if not line[-1].isspace():
        return True
    rest = after.lstrip(" \t")
    return rest[0] in "\r\n" if rest else None


def _is_fenced(before: str) -> bool:
    """Whether the text after this one is within a code fence."""
    return len(_FENCE.findall(before)) % 2 == 1
