"""The belt on outgoing messages: what it adds to the packing of a megabyte."""

from __future__ import annotations

import base64
import functools
import json
import random
import string
import time
from collections.abc import Callable, Iterator
from typing import Any

from jupyter_client.session import Session

from parllama_nb.redaction.belt import Belt
from parllama_nb.secret import Redactor, Secret

from .figures import Figure
from .rig import Rig

__all__ = ["measure"]

_LETTERS = string.ascii_letters + string.digits

# As long as the keys of Anthropic, OpenAI (two kinds), xAI, Groq, Google, Hugging Face.
_LENGTHS = (108, 164, 51, 84, 56, 39, 37)


def measure(rig: Rig) -> Iterator[Figure]:
    chance = random.Random(1)
    contents = {"JSON": _table(chance), "PNG": _picture(chance)}
    for name, content in contents.items():
        for count in (1, 5, 20):
            session = Session(key=b"k")
            pack = Belt(session, _redactor(chance, count), lambda: True)
            megabytes = len(pack(content)) / 1e6
            plain, belted = [], []
            for _ in rig.times(41, 5):
                plain.append(_timed(functools.partial(pack.pack, content)) / megabytes)
                belted.append(_timed(functools.partial(pack, content)) / megabytes)
            pairs = zip(belted, plain, strict=True)
            yield Figure(
                f"{name}, {count} secret{'s' if count > 1 else ''}, for a MB",
                "ms",
                [with_belt - without for with_belt, without in pairs],
                {"plain pack": plain},
                target=1,
            )
    session = Session(key=b"k")
    pack = Belt(session, _redactor(chance, 20), lambda: True)
    message = {"name": "stdout", "text": "epoch 3: loss 0.0123\n"}
    yield Figure(
        "1,000 short messages, 20 secrets",
        "ms",
        [
            _timed(lambda: [pack(message) for _ in range(1_000)])
            for _ in rig.times(9, 3)
        ],
        {
            "plain pack": [
                _timed(lambda: [pack.pack(message) for _ in range(1_000)])
                for _ in rig.times(9, 3)
            ]
        },
    )


def _redactor(chance: random.Random, count: int) -> Redactor:
    redact = Redactor()
    for number in range(count):
        length = _LENGTHS[number % len(_LENGTHS)] - 3
        value = "sk-" + "".join(chance.choices(_LETTERS, k=length))
        redact.add(Secret(f"KEY_{number}", value))
    return redact


def _table(chance: random.Random) -> dict[str, Any]:
    rows = [
        {"name": f"row {number}", "value": chance.random(), "text": "the key is sk-"}
        for number in range(15_000)
    ]
    return {"data": {"text/plain": json.dumps(rows)}, "metadata": {}}


def _picture(chance: random.Random) -> dict[str, Any]:
    image = base64.b64encode(chance.randbytes(750_000)).decode()
    return {"data": {"image/png": image}, "metadata": {}}


def _timed(work: Callable[[], object]) -> float:
    begun = time.perf_counter()
    work()
    return 1000 * (time.perf_counter() - begun)
