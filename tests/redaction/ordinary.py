"""Ordinary outputs of cells: 1,000 contents of messages, the same ones each time."""

from __future__ import annotations

import base64
import json
import random
import string
import traceback
from collections.abc import Callable, Iterator
from typing import Any

__all__ = ["ordinary_outputs"]

_WORDS = (
    *(
        "the",
        "key",
        "secret",
        "token",
        "password",
        "model",
        "answer",
        "prompt",
        "vault",
    ),
    *("sk-", "sk-proj", "sk-ant-api03", "Bearer", "authorization", "loss", "epoch"),
    *(
        "error",
        "value",
        "0.001",
        "1e-9",
        "None",
        "True",
        "NaN",
        "été",
        "naïve",
        "Größe",
    ),
    *("你好", "مرحبا", "🙂", "\u2028", "\x1b[31mred\x1b[0m", "\\n", "\\u00e9", "%2F"),
    *("&amp;", "<b>bold</b>", '"quoted"', "back\\slash"),
)


def ordinary_outputs() -> Iterator[dict[str, Any]]:
    """Contents as kernels send them."""
    chance = random.Random(7)
    kinds = (_text, _html, _table, _picture, _stack_trace, _unicode, _widget)
    for number in range(1_000):
        yield kinds[number % len(kinds)](chance)


def _words(chance: random.Random, count: int) -> str:
    return " ".join(chance.choices(_WORDS, k=count))


def _text(chance: random.Random) -> dict[str, Any]:
    lines = [_words(chance, 12) for _ in range(chance.randrange(200))]
    return {"name": chance.choice(("stdout", "stderr")), "text": "\n".join(lines)}


def _html(chance: random.Random) -> dict[str, Any]:
    cells = "".join(f"<td>{chance.random()}</td>" for _ in range(300))
    data = {"text/html": f"<table><tr>{cells}</tr></table>", "text/plain": "..."}
    return {"data": data, "metadata": {}, "transient": {"display_id": _name(chance)}}


def _table(chance: random.Random) -> dict[str, Any]:
    rows = [
        {"id": _name(chance), "value": chance.random(), "note": _words(chance, 5)}
        for _ in range(50)
    ]
    data = {"application/json": rows, "text/plain": json.dumps(rows, indent=1)}
    return {"data": data, "metadata": {}, "execution_count": chance.randrange(99)}


def _picture(chance: random.Random) -> dict[str, Any]:
    image = base64.b64encode(chance.randbytes(chance.randrange(200_000)))
    return {"data": {"image/png": image.decode()}, "metadata": {"image/png": {}}}


def _stack_trace(chance: random.Random) -> dict[str, Any]:
    raisers: list[Callable[[], object]] = [
        lambda: 1 / 0,
        lambda: {}[_name(chance)],  # type: ignore[misc]
        lambda: json.loads(_words(chance, 3)),
        lambda: int(_words(chance, 2)),
    ]
    try:
        chance.choice(raisers)()
    except Exception as error:  # noqa: BLE001 - whatever is raised is shown
        lines = traceback.format_exception(error)
        return {"ename": type(error).__name__, "evalue": str(error), "traceback": lines}
    return {"status": "ok"}


def _unicode(chance: random.Random) -> dict[str, Any]:
    codes = (chance.randrange(1, 0x2FFFF) for _ in range(500))
    text = "".join(chr(code) for code in codes if not 0xD800 <= code < 0xE000)
    return {"data": {"text/plain": text, "text/markdown": text[::-1]}}


def _widget(chance: random.Random) -> dict[str, Any]:
    state = {_name(chance): chance.choice((None, 1, "x", [1.5])) for _ in range(20)}
    data = {"method": "update", "state": state, "buffer_paths": [["a", 0]]}
    return {"comm_id": chance.randbytes(16).hex(), "data": data}


def _name(chance: random.Random) -> str:
    return "".join(chance.choices(string.ascii_letters, k=12))
