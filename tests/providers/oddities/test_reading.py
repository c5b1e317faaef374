"""What servers send that no wire format allows: every oddity on all that can meet it.

An oddity is described once, by what it does to a normal answer of two texts, and is
sent as bytes by a real server.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest

from tests.servers.scripted import Script

from .conftest import Ask
from .dialects import ALL, COUNTED, DIALECTS, EVENTS, OPENAI, Anthropic, Dialect, chunk

TEXTS = ("Good ", "morning.")
WHOLE = "Good morning."


@dataclass(frozen=True)
class Oddity:
    """What is done to an answer, and what is read all the same.

    `counted`: with its usage. `wires` are those that can meet it.
    """

    script: Callable[[Dialect], Script]
    wires: tuple[str, ...] = ALL
    text: str = WHOLE
    counted: bool = True


def script(*pieces: bytes | float, **fields: Any) -> Script:
    return Script(pieces, **fields)


def sse(dialect: Dialect, *texts: str, between: bytes = b"\n\n") -> list[bytes]:
    """An answer as an event stream, whatever is usual."""
    parts = map(dialect.words, dialect.parts(*texts))
    return [b"data: " + words.encode() + between for words in parts]


def pieces_of(data: bytes, size: int) -> tuple[bytes, ...]:
    return tuple(data[at : at + size] for at in range(0, len(data), size))


def relabelled(label: str) -> Oddity:
    return Oddity(lambda d: Script(tuple(d.stream(*TEXTS)), label=label))


def at_once(label: str, indent: int | None = None) -> Oddity:
    def write(dialect: Dialect) -> Script:
        words = json.dumps(dialect.whole(WHOLE), indent=indent)
        return Script(pieces_of(words.encode(), 40), label=label)

    return Oddity(write)


def between(*odd: bytes, text: str = WHOLE, wires: tuple[str, ...] = ALL) -> Oddity:
    """Something odd between the two texts."""

    def write(dialect: Dialect) -> Script:
        first, second = TEXTS
        more = dialect.encode(dialect.text(second))
        return script(*dialect.begin(first), *odd, more, *dialect.end())

    return Oddity(write, wires, text)


def after(*odd: bytes | float, **fields: Any) -> Oddity:
    """Something odd after the reason; the usage may be lost with it."""

    def write(dialect: Dialect) -> Script:
        begun = (*dialect.opening, *map(dialect.text, TEXTS))
        closing = [part for part in dialect.closing if _ends(part)]
        parts = [dialect.encode(part) for part in (*begun, *closing)]
        return script(*parts, *odd, **fields)

    return Oddity(write, counted=False)


def _ends(part: object) -> bool:
    """Whether this says why an answer ended."""
    return (
        "finish_reason" in str(part)
        or "stop_reason" in str(part)
        or (isinstance(part, dict) and "done_reason" in part)
    )


def closed_by(*closing: Any, wires: tuple[str, ...], counted: bool = False) -> Oddity:
    def write(dialect: Dialect) -> Script:
        return script(*dialect.begin(*TEXTS), *map(dialect.encode, closing))

    return Oddity(write, wires, counted=counted)


def lines_of(part: bytes, end: bytes) -> bytes:
    return part.replace(b"\n", end)


_USAGE = {"input_tokens": 7, "output_tokens": 3, "total_tokens": 10}


def _uncounted(answer: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in answer.items() if name != "usage"}


MIXED = (b"\r\n", b"\n", b"\r")

READ: dict[str, Oddity] = {
    # what the header says
    "labelled as JSON": relabelled("application/json"),
    "labelled as text": relabelled("text/plain; charset=utf-8"),
    "labelled as bytes": relabelled("application/octet-stream"),
    "labelled as lines": relabelled("application/x-ndjson"),
    "labelled as a page": relabelled("text/html"),
    "without a label": relabelled(""),
    "at once": at_once("application/json"),
    "at once, as an event stream": at_once("text/event-stream"),
    "at once, as text": at_once("text/plain"),
    "at once, without a label": at_once(""),
    "at once, indented": at_once("application/json", 2),
    "at once, indented, as an event stream": at_once("text/event-stream", 2),
    "at once, as one event": Oddity(
        lambda d: script(b"data: " + d.words(d.whole(WHOLE)).encode() + b"\n\n")
    ),
    "at once, in a field of a gateway": Oddity(
        lambda d: script(
            d.words({"code": 200, "msg": "ok", "data": d.whole(WHOLE)}).encode()
        ),
        OPENAI,
    ),
    "at once, usage outside": Oddity(
        lambda d: script(
            d.words({"output": _uncounted(d.whole(WHOLE)), "usage": _USAGE}).encode()
        ),
        OPENAI,
    ),
    "an event stream": Oddity(lambda d: script(*sse(d, *TEXTS))),
    "lines of JSON": Oddity(
        lambda d: script(*(f"{d.words(p)}\n".encode() for p in d.parts(*TEXTS)))
    ),
    "lines after a record separator": Oddity(
        lambda d: script(*(f"\x1e{d.words(p)}\n".encode() for p in d.parts(*TEXTS)))
    ),
    "a list of lines": Oddity(
        lambda d: script(
            b"[",
            b"\n,".join(
                d.words(p).encode() for p in d.parts(*TEXTS) if isinstance(p, dict)
            ),
            b"\n]",
        )
    ),
    # bytes
    "a byte order mark": Oddity(lambda d: script(b"\xef\xbb\xbf", *d.stream(*TEXTS))),
    "a byte order mark in two": Oddity(
        lambda d: script(b"\xef\xbb", b"\xbf", *d.stream(*TEXTS))
    ),
    "CR": Oddity(lambda d: script(*(lines_of(p, b"\r") for p in d.stream(*TEXTS)))),
    "CRLF": Oddity(lambda d: script(*(lines_of(p, b"\r\n") for p in d.stream(*TEXTS)))),
    "CRLF in two pieces": Oddity(
        lambda d: script(
            *(
                half
                for p in d.stream(*TEXTS)
                for half in lines_of(p, b"\r\n").partition(b"\n")[::1]
                if half
            )
        )
    ),
    "all line ends": Oddity(
        lambda d: script(
            *(lines_of(p, MIXED[i % 3]) for i, p in enumerate(d.stream(*TEXTS)))
        )
    ),
    "single line breaks": Oddity(
        lambda d: script(*sse(d, *TEXTS, between=b"\n")), EVENTS
    ),
    "no space after the colon": Oddity(
        lambda d: script(*(p.replace(b"data: ", b"data:") for p in d.stream(*TEXTS)))
    ),
    "cut anywhere": Oddity(lambda d: script(*pieces_of(b"".join(d.stream(*TEXTS)), 7))),
    "no line break at the end": Oddity(
        lambda d: script(*d.stream(*TEXTS)[:-1], d.stream(*TEXTS)[-1].rstrip())
    ),
    "two objects on a line": Oddity(
        lambda d: script(
            *d.begin(TEXTS[0])[:-1],
            b"data: "
            + d.words(d.text(TEXTS[0])).encode()
            + d.words(d.text(TEXTS[1])).encode()
            + b"\n\n",
            *d.end(),
        )
    ),
    "objects over several lines": Oddity(
        lambda d: script(
            *(
                b"".join(
                    b"data: " + line.encode() + b"\n"
                    for line in json.dumps(part, indent=1).split("\n")
                )
                + b"\n"
                if isinstance(part, dict)
                else d.encode(part)
                for part in d.parts(*TEXTS)
            )
        )
    ),
    # between the texts
    "a comment": between(b": keep-alive\n\n", wires=EVENTS),
    "an event that is empty": between(b"data:\n\n", b"data: \n\n"),
    "an event of another kind": between(
        b"event: ping\ndata: {}\n\n",
        b"event: failover\ndata: {}\n\n",
        b"id: 3\nretry: 10\n\n",
    ),
    "empty lines": between(b"\n\n\n", b"\r\n\r\n"),
    "a word": between(b"data: ping\n\n", b"data: 7\n\n", b"data: null\n\n"),
    "an object of something else": between(b'data: {"status": "queued"}\n\n'),
    "a list": between(b"data: []\n\n"),
    "a list of numbers": between(b"data: [1]\n\n"),
    "an object that is damaged": between(
        b'data: {"choices": [{"delta": {"con\n\n', text="Good \ufffdmorning."
    ),
    "an object that is cut into two events": between(
        b'data: {"status": "que\n\n', b'data: ued"}\n\n'
    ),
    "a line break inside a string": between(b'data: {"status": "a\n\nb\nc"}\n\n'),
    "an error in words": between(b"data: Error: not yet\n\n", b"[ERROR] not yet\n"),
    "a field that is indented": between(b"  data: {}\n\n", b"\xef\xbb\xbfdata: {}\n\n"),
    "a field that is doubled": between(b"data: data: {}\n\n"),
    "an empty error": between(b'data: {"error": null, "choices": []}\n\n'),
    "a success of its own": between(
        b'data: {"code": 0, "message": "success"}\n\n',
        b'data: {"code": 20000, "message": "Success"}\n\n',
        b'data: {"base_resp": {"status_code": 0, "status_msg": ""}}\n\n',
    ),
    "the first object is damaged": Oddity(
        lambda d: script(b'data: {"choices": [{"del\n\n', *d.stream(*TEXTS)),
        text="\ufffdGood morning.",
    ),
    "an object of an unknown shape": between(
        b'data: {"choices": [{"index": 0, "delta": "text"}]}\n\n',
        text="Good \ufffdmorning.",
        wires=OPENAI,
    ),
    "an empty choice": between(b'data: {"choices": [null]}\n\n', wires=OPENAI),
    "a choice without a list": Oddity(
        lambda d: script(
            *d.begin(TEXTS[0]),
            b'data: {"choices": {"delta": {"content": "morning."}}}\n\n',
            *d.end(),
        ),
        OPENAI,
    ),
    "a delta without a type": Oddity(
        lambda d: script(
            *d.begin(TEXTS[0]),
            d.encode({"type": "content_block_delta", "delta": {"text": TEXTS[1]}}),
            *d.end(),
        ),
        ("anthropic",),
    ),
    "the last object is damaged": Oddity(
        lambda d: script(*d.begin(*TEXTS), b'data: {"choices": [{"\n\n', *d.end()),
        text="Good morning.\ufffd",
    ),
    # after the end
    "a reset after the end": after(end="reset"),
    "a cut after the end": after(end="cut"),
    "half a usage, then a reset": after(b'data: {"usage": {"prompt', end="reset"),
    "half a usage, then a cut": after(b'data: {"usage": {"prompt', end="cut"),
    "half a usage, then the end": after(b'data: {"usage": {"prompt'),
    "words after the end": after(b"data: bye\n\n", b"what is this\n"),
    "an odd end": after(b'data: "[DONE]"\n\n'),
    "an error after the end": after(b'data: {"error": "no usage"}\n\n'),
    "silence after the end": after(b": waiting\n\n", 0.2, b": waiting\n\n"),
    # other ends
    "no reason, but a usage": closed_by(COUNTED, wires=OPENAI, counted=True),
    "no reason, but the last word": closed_by("[DONE]", wires=EVENTS),
    "a reason in another spelling": closed_by(
        chunk({}, finishReason="stop"), wires=OPENAI
    ),
    "a reason in capitals": closed_by(chunk({}, "STOP"), wires=OPENAI),
    "a reason in the delta": closed_by(chunk({"finish_reason": "stop"}), wires=OPENAI),
    "a reason beside the choices": closed_by(
        {**chunk(), "finish_reason": "stop"}, wires=OPENAI
    ),
    "a usage in the delta": closed_by(
        chunk({"usage": _USAGE}, "stop"), wires=OPENAI, counted=True
    ),
    "a usage with the reason": closed_by(
        {
            "type": "message_delta",
            "delta": {"stop_reason": "end_turn", "usage": {"output_tokens": 3}},
        },
        wires=("anthropic",),
        counted=True,
    ),
    "a usage in message_stop": closed_by(
        {"type": "message_delta", "delta": None},
        {"type": "message_stop", "usage": {"input_tokens": 7, "output_tokens": 3}},
        wires=("anthropic",),
        counted=True,
    ),
    "no message_stop": closed_by(
        *Anthropic.closing[:2], wires=("anthropic",), counted=True
    ),
    "no message_delta": closed_by(
        Anthropic.closing[0], Anthropic.closing[2], wires=("anthropic",)
    ),
    "no end but that of a block": closed_by(Anthropic.closing[0], wires=("anthropic",)),
    "a last line without a message": closed_by(
        {"done": True, "prompt_eval_count": 7, "eval_count": 3},
        wires=("ollama",),
        counted=True,
    ),
}


@pytest.mark.parametrize(
    ("wire", "oddity"),
    [(wire, name) for name, oddity in READ.items() for wire in oddity.wires],
)
async def test_an_answer_is_read_all_the_same(ask: Ask, wire: str, oddity: str) -> None:
    odd = READ[oddity]
    got = await ask(wire, odd.script(DIALECTS[wire].dialect))
    assert got.error is None
    assert got.text == odd.text
    assert got.finish
    assert got.finish.reason == "stop"
    if odd.counted:
        assert got.counted == (7, 3)


@pytest.mark.parametrize("oddity", [n for n in READ if "openai" in READ[n].wires])
async def test_a_whole_answer_is_read_like_a_stream(ask: Ask, oddity: str) -> None:
    odd = READ[oddity]
    got = await ask("openai", odd.script(DIALECTS["openai"].dialect), whole=True)
    assert (got.error, got.text) == (None, odd.text)


def texts(*pieces: str) -> list[dict[str, Any]]:
    return [chunk({"content": piece}) for piece in pieces]


def message(text: str, reason: str | None = "stop", **fields: Any) -> dict[str, Any]:
    return chunk({}, reason, message={"role": "assistant", "content": text, **fields})


END = chunk({}, "stop")

REPEATED: dict[str, tuple[list[dict[str, Any]], str]] = {
    "a message at the end": ([*texts("Good ", "morning."), message(WHOLE)], WHOLE),
    "a message after the reason": (
        [*texts("Good ", "morning."), END, message(WHOLE, None)],
        WHOLE,
    ),
    "a message that is trimmed": (
        [*texts(" Good ", "morning."), message(WHOLE)],
        " Good morning.",
    ),
    "a message with more": ([*texts("Good "), message(WHOLE)], WHOLE),
    "a message with the reasons": (
        [
            chunk({"reasoning_content": "Hm."}),
            *texts("Good ", "morning."),
            message(WHOLE, reasoning_content="Hm."),
        ],
        WHOLE,
    ),
    "a message of each delta": (
        [
            *(chunk({"content": t}, message={"content": t}) for t in TEXTS),
            END,
        ],
        WHOLE,
    ),
    "messages instead of deltas": (
        [message("Good ", None), message("morning.", None), message(WHOLE)],
        WHOLE,
    ),
    "messages that grow": (
        [message("Good ", None), message(WHOLE, None), message(WHOLE)],
        WHOLE,
    ),
    "all of it as the last delta": (
        [*texts("Good ", "morning."), chunk({"content": WHOLE}, "stop")],
        WHOLE,
    ),
    "all of it before the end": ([*texts("Good ", "morning.", WHOLE), END], WHOLE),
    "all of it after the end": (
        [*texts("Good ", "morning."), END, *texts(WHOLE)],
        WHOLE,
    ),
    "all of it so far each time": (
        [*texts("Good", "Good mor", WHOLE, WHOLE), END],
        WHOLE,
    ),
    "all of it so far each time, letter by letter": (
        [*texts(*(WHOLE[:n] for n in range(1, 14))), END],
        WHOLE,
    ),
    "three pieces that begin alike": (
        [*texts("#", "##", "### Title"), END],
        "###### Title",
    ),
    "a syllable that grows": (
        [*texts("no", "nono", "nonono!!!"), END],
        "no" * 6 + "!!!",
    ),
    "pieces that begin alike": ([*texts("Go", "Good", " me"), END], "GoGood me"),
    "two pieces that begin alike": ([*texts("ha", "haha"), END], "hahaha"),
    "a line that grows": ([*texts("-", "--", "--------", "|"), END], f"{'-' * 11}|"),
    "the same twice": ([*texts("ha", "ha"), END], "haha"),
    "a short answer again": ([*texts("Good ", "day.", "Good day."), END], "Good day."),
    "the same four times": ([*texts("ha", "ha", "haha"), END], "hahahaha"),
    "the same many times": (
        [*texts(*["No! "] * 4, "No! No! No! No!"), END],
        "No! No! No! No! No! No! No! No!",
    ),
    "a sentence twice": (
        [*texts("Good morning. ", "Good morning. "), END],
        "Good morning. " * 2,
    ),
    "a sentence twice and more": (
        [*texts("Good ", "morning. ", "Good morning. ", "Bye."), END],
        "Good morning. Good morning. Bye.",
    ),
    "an index of its own": (
        [
            {"choices": [{"index": 1, "delta": {"content": WHOLE}}]},
            {"choices": [{"index": 1, "finish_reason": "stop"}]},
        ],
        WHOLE,
    ),
    "text beside no delta": (
        [{"choices": [{"text": WHOLE, "finish_reason": "stop"}]}],
        WHOLE,
    ),
    "parts": (
        [
            chunk({"content": [{"type": "text", "text": "Good "}]}),
            chunk({"content": {"type": "output_text", "text": "morning."}}, "stop"),
        ],
        WHOLE,
    ),
}


@pytest.mark.parametrize("ended", [True, False], ids=["ended", "closed"])
@pytest.mark.parametrize("case", REPEATED)
async def test_each_text_is_taken_once(ask: Ask, case: str, ended: bool) -> None:
    chunks, text = REPEATED[case]
    events = [f"data: {json.dumps(part)}\n\n".encode() for part in chunks]
    got = await ask(
        "openai", Script((*events, *([b"data: [DONE]\n\n"] if ended else [])))
    )
    assert (got.error, got.text) == (None, text)
    assert got.thinking == ("Hm." if "reasons" in case else "")


async def test_thoughts_in_the_text_are_found_whatever_the_wire(ask: Ask) -> None:
    for wire in ALL:
        answer = DIALECTS[wire].dialect.stream("<think>I add.</th", "ink>\n\nFour.")
        got = await ask(wire, Script(tuple(answer)))
        assert (got.error, got.thinking, got.text) == (None, "I add.", "Four."), wire


@pytest.mark.parametrize("wire", ["anthropic", "ollama"])
async def test_a_message_at_the_end_is_taken_once(ask: Ask, wire: str) -> None:
    dialect = DIALECTS[wire].dialect
    last = dialect.encode(dialect.whole(WHOLE))
    got = await ask(wire, Script((*dialect.begin(*TEXTS), last)))
    assert (got.error, got.text, got.counted) == (None, WHOLE, (7, 3))


async def test_halves_of_a_character_are_joined_in_a_whole_answer(ask: Ask) -> None:
    pieces = [*texts("\ud83d", "\ude00 and \ud83d"), END]
    events = [f"data: {json.dumps(piece)}\n\n".encode() for piece in pieces]
    got = await ask("openai", Script(tuple(events)), whole=True)
    assert (got.error, got.text) == (None, "\U0001f600 and \ufffd")
