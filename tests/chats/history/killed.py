"""Kills a process that streams answers, again and again, and counts what is lost.

    python -m tests.chats.history.killed TIMES FOLDER

Prints how many kills there were, and how many messages were acknowledged and lost: a
question once its turn has begun, a piece of an answer once it is written, and a settled
answer. It forks, so that it must have one thread: hence a program of its own.
"""

from __future__ import annotations

import asyncio
import os
import random
import select
import signal
import sys
import time
from pathlib import Path

from parllama_nb.chats.answer import Answer, Timing
from parllama_nb.chats.history.rows import NewTurn
from parllama_nb.chats.history.store import ChatStore
from parllama_nb.providers.messages import ChatRequest, Message, parts_of
from parllama_nb.store.database import Store, written

__all__: list[str] = []

_PIECES = 20


def piece(number: int) -> str:
    """Return a piece of each answer."""
    return f"piece {number} of some words; "


async def stream(folder: Path, out: int) -> None:
    """Answer questions until the process is killed; tell what is acknowledged."""
    store = Store(lambda: folder / "x.db")
    chats = ChatStore(store)

    def tell(*words: object) -> None:
        os.write(out, (" ".join(map(str, words)) + "\n").encode())

    number = 0
    while True:
        number += 1
        asked = (Message.of("user", f"question {number}"),)
        turn = NewTurn("fake/m", ChatRequest("m", asked), asked, "s")
        writer = chats.begin(turn)
        await writer.begun()
        tell(writer.id, -1)
        for count in range(_PIECES):
            writer.append("text", piece(count))
            await written(store.call(lambda _: None))
            tell(writer.id, count)
        text = "".join(map(piece, range(_PIECES)))
        answer = Answer(parts_of(text, ""), "fake/m", "stop", Timing(0, None, 0.0))
        await writer.settle(answer)
        tell(writer.id, _PIECES)


def killed(folder: Path, after: float) -> dict[int, int]:
    """Run it for a while, and kill it. Returns what was acknowledged, by turns."""
    heard, out = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(heard)
        asyncio.run(stream(folder, out))
        os._exit(0)
    os.close(out)
    select.select([heard], [], [])
    time.sleep(after)
    os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)
    with os.fdopen(heard, "rb") as lines:
        # The last line may be cut: what it tells was not acknowledged then.
        whole = lines.read().rpartition(b"\n")[0].splitlines()
    return {int(turn): int(count) for turn, count in map(bytes.split, whole)}


def lost(acknowledged: dict[int, int], texts: dict[int, str]) -> int:
    """Return how many acknowledged messages are not in the database."""
    gone = 0
    for turn, count in acknowledged.items():
        kept = texts.get(turn)
        if kept is None:
            gone += count + 2
            continue
        pieces = range(min(count + 1, _PIECES))
        gone += sum(piece(number) not in kept for number in pieces)
    return gone


def main(times: int, folder: Path) -> None:
    """Kill it so many times, and print what was lost."""
    chance = random.Random(1)
    acknowledged: dict[int, int] = {}
    for _ in range(times):
        acknowledged |= killed(folder, chance.uniform(0, 0.03))
    store = Store(lambda: folder / "x.db")
    turns = asyncio.run(ChatStore(store).turns("s"))
    texts = {turn.id: turn.answer.text for turn in turns}
    unsettled = sum(turn.state == "streaming" for turn in turns)
    store.close()
    total = sum(count + 2 for count in acknowledged.values())
    gone = lost(acknowledged, texts)
    print(f"{times} kills, {unsettled} in an answer, {total} acknowledged, {gone} lost")


if __name__ == "__main__":
    main(int(sys.argv[1]), Path(sys.argv[2]))
