"""What a model is asked that rewrites the memory, and whether its answer can be used.

Whatever it answers is only a proposal, which the user reads before it is taken. What
is refused here is what no user should have to read: an excuse, a lecture, a memory
that is gone.
"""

from __future__ import annotations

import re
from typing import Literal

from ..providers.messages import Message
from .lines import words

__all__ = ["Verb", "cleaned", "fault_of", "longest_answer", "messages_for"]

Verb = Literal["remember", "forget"]

_SYSTEM = """\
You keep notes about a user. You get the notes and one request, and you answer with \
the notes as they are after the request.

Rules:
- Answer with the notes only: no greeting, no explanation, no code block.
- Keep every line that the request does not concern, word for word and in its place.
- Remember: add what is new as a short line in the words of the notes. If a line says \
otherwise, replace that line.
- Forget: remove what the request names, and nothing else.
- Never add anything that neither the notes nor the request say.
- If nothing is left, answer (empty)."""

_EXAMPLES: tuple[tuple[str, Verb, str, str], ...] = (
    (
        "- Lives in Oslo\n- Prefers short answers",
        "remember",
        "I moved to Bergen in May, and I have a cat now",
        "- Lives in Bergen since May\n- Prefers short answers\n- Has a cat",
    ),
    (
        "- Works as a nurse\n- Learns Italian\n- Uses a Mac",
        "forget",
        "that I learn Italian",
        "- Works as a nurse\n- Uses a Mac",
    ),
    ("", "remember", "call me Kim", "- Wants to be called Kim"),
)
"""Small models do as the examples do: notes, a request in its words, the new notes."""

_EMPTY = re.compile(r"\W*\(?(empty|none|nothing)\)?\W*", re.IGNORECASE)
_LABEL = re.compile(
    r"(sure|okay|ok|certainly|here|the (new|updated)|updated|new|notes|memory)\b[^\n]*:"
    r"[ \t]*\n+",
    re.IGNORECASE,
)
_BLOCK = re.compile(
    r"(`{3,}|~{3,})[^\n`]*\n(?P<inside>.*?)\n?[ \t]*\1[ \t]*", re.DOTALL
)
_FENCE = re.compile(r"^[ \t]*(`{3,}|~{3,})", re.MULTILINE)
_EXCUSE = re.compile(
    r"\W*(i\W?m sorry|i am sorry|sorry\b|i apologi[sz]e|apologies|unfortunately|"
    r"i can\W?(no|')?t\b|i cannot|i\W?m (not able|unable)|i am (not able|unable)|"
    r"as an? (ai|language model))",
    re.IGNORECASE,
)

_ROOM = 400
"""Characters by which a model may say it longer."""

_HELD = 0.5
"""How much of a request has to be in the new memory."""

_LOST = 0.4
"""How much may be gone of what a request does not concern: it may say otherwise."""

_NEW = 0.5
"""How much of the new words may be of neither the memory nor the request."""


def messages_for(text: str, verb: Verb, wanted: str) -> list[Message]:
    """Return what the model is sent: what it is to do, examples, and the request."""
    messages = [Message.of("system", _SYSTEM)]
    for before, how, request, after in _EXAMPLES:
        messages.append(Message.of("user", _request(before, how, request)))
        messages.append(Message.of("assistant", after))
    return [*messages, Message.of("user", _request(text, verb, wanted))]


def longest_answer(text: str, wanted: str) -> int:
    """Return after how many characters an answer has gone astray."""
    return len(text) + 2 * len(wanted) + _ROOM


def _request(text: str, verb: Verb, wanted: str) -> str:
    return f"Notes:\n{text or '(empty)'}\n\n{verb.title()}: {wanted}"


def cleaned(answer: str) -> str:
    """Return the new memory in an answer, without what stands around it."""
    text = answer.strip()
    text = _LABEL.sub("", text, count=1) if _LABEL.match(text) else text
    block = _BLOCK.fullmatch(text)
    if block is not None:
        text = block["inside"].strip("\n")
    return "" if _EMPTY.fullmatch(text) else text.strip()


def fault_of(after: str, before: str, verb: Verb, wanted: str) -> str:  # noqa: PLR0911 - a fault each
    """Return why a rewritten memory cannot be used; "" if it can."""
    if _EXCUSE.match(after):
        return "it made excuses"
    if _FENCE.search(after) and not _FENCE.search(before):
        return "it answered with code"
    if len(after) > longest_answer(before, wanted):
        return "its answer is far longer than the memory"
    if after == before:
        return "it changed nothing"
    if not after and (verb == "remember" or len(before.splitlines()) > 1):
        return "it answered nothing"
    if verb == "remember" and not _holds(after, wanted, before):
        return "it left out what is to be remembered"
    about = set(words(wanted))
    others = [line for line in before.splitlines() if not about & set(words(line))]
    there = set(words(after))
    kept = [word for line in others for word in words(line)]
    if sum(word not in there for word in kept) > max(1, _LOST * len(kept)):
        return "it lost much of the memory"
    known = set(words(before)) | about
    added = [word for word in words(after) if word not in known]
    if verb == "forget" and len(added) > 1:
        return "it wrote what was not in the memory"
    new = [word for word in words(after) if word not in set(words(before))]
    if verb == "remember" and len(added) > max(2, _NEW * len(new)):
        return "it made things up"
    return ""


def _holds(after: str, wanted: str, before: str) -> bool:
    """Whether a memory has most of what is new in a request, in some form of it."""
    known, text = set(words(before)), after.lower()
    new = [word for word in words(wanted) if word not in known] or words(wanted)
    there = sum(word[: max(4, len(word) - 3)] in text for word in new)
    return there >= _HELD * len(new)
