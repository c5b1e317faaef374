"""The ledger: what every way to ask leaves in it, and that it never hinders one."""

from __future__ import annotations

import asyncio
import itertools
import json
import sqlite3
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import aclosing
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from parllama_nb.application import Parllama
from parllama_nb.batches.batch import BatchItem, BatchOptions
from parllama_nb.errors import ParllamaError, ServerError
from parllama_nb.events import USAGE
from parllama_nb.ledger import ledger
from parllama_nb.ledger.ledger import Ledger
from parllama_nb.ledger.periods import Period, period
from parllama_nb.ledger.queries import BY
from parllama_nb.paths import directory
from parllama_nb.providers.accounting import occasion
from parllama_nb.providers.messages import (
    ChatRequest,
    DocumentPart,
    Finish,
    ImagePart,
    Message,
    TextPart,
    Usage,
)
from parllama_nb.providers.retry import RetryPolicy

from ..eventually import eventually
from ..own_app import own_app, result_of, scripted
from ..providers.embedded.model import cache_of_tests, demo_model
from ..servers.anthropic import AnthropicDouble
from ..servers.ollama.behaviours import FRAME
from ..servers.ollama.server import OllamaDouble
from ..servers.openai_sse import OpenAIDouble
from ..vaults.weak import PASSWORD, weak_policy
from .sent import sent

ALL = Period()
SECRET = "the text of a question that nobody keeps"


@pytest.fixture
def app() -> Iterator[Parllama]:
    with own_app() as app:
        yield app


@pytest.fixture
def openai(app: Parllama) -> Iterator[OpenAIDouble]:
    with OpenAIDouble() as double:
        app.settings.update({"providers.llamacpp.base_url": double.url})
        yield double


def rows(app: Parllama) -> list[dict[str, Any]]:
    """The requests in the ledger, the oldest first."""
    return app.runtime.run(app.ledger.usages(ALL))[::-1]


def asking(model: str, text: str = "Hello there.") -> ChatRequest:
    return ChatRequest(model, (Message.of("user", text),))


async def ask(app: Parllama, name: str, request: ChatRequest, *, stop: bool) -> None:
    """Ask once, read a first piece or all; an error is one of the provider."""
    stream = app.providers.get(name).stream(request, lambda _: None)
    try:
        async with aclosing(stream):
            async for _ in stream:
                if stop:
                    return
    except ParllamaError:
        pass


def test_sums_of_a_thousand_answers_equal_what_their_servers_counted(
    app: Parllama, openai: OpenAIDouble, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ANTHROPIC_API_KEY", "sk-ant-sentinel-0123456789")
    kinds = [
        *(("llamacpp", "echo", False), ("llamacpp", "fault-cut", False)),
        *(("llamacpp", "fault-500", False), ("llamacpp", "fault-stall", True)),
        *(("anthropic", "echo", False), ("anthropic", "fault-cut", False)),
        *(("anthropic", "fault-stall", True), ("ollama", "echo", False)),
    ]
    with AnthropicDouble() as anthropic, OllamaDouble() as ollama:
        app.settings.update({"providers.anthropic.base_url": anthropic.url})
        app.settings.update({"providers.ollama.base_url": ollama.url})

        async def all_of_them() -> None:
            limit = asyncio.Semaphore(16)

            async def one(number: int) -> None:
                name, model, stop = kinds[number % len(kinds)]
                text = f"{number} {'word ' * (number % 7)}".strip()
                async with limit:
                    await ask(app, name, asking(model, text), stop=stop)

            await asyncio.gather(*map(one, range(1000)))

        app.runtime.run(all_of_them())
        found = rows(app)
        requests = [
            *(("llamacpp", each) for each in openai.requests),
            *(("anthropic", each) for each in anthropic.requests),
            *(("ollama", each) for each in ollama.asked("/api/chat")),
        ]
    sent = [(name, each) for name, each in requests if each.method == "POST"]
    assert len(found) == len(sent) == 1000
    assert sum(row["bytes"] for row in found) == sum(len(r.raw) for _, r in sent)
    counted = [counted_by(name, each) for name, each in sent]
    assert sum(r["input_tokens"] or 0 for r in found) == sum(i for i, _ in counted)
    assert sum(r["output_tokens"] or 0 for r in found) == sum(o for _, o in counted)
    for (name, model, stop), ended in zip(
        kinds,
        ["stop", "error", "error", "cancelled", "stop", "error", "cancelled", "stop"],
        strict=True,
    ):
        same = [r for r in found if r["model"] == f"{name}/{model}"]
        assert {row["ended"] for row in same} == {ended}
        assert len(same) == 125
        assert {row["error"] == "" for row in same} == {stop or ended == "stop"}
    for by in BY:
        summed = app.runtime.run(app.ledger.usages(ALL, by))
        for column in ("bytes", "input_tokens", "output_tokens"):
            assert sum(row[column] for row in summed) == sum(
                row[column] or 0 for row in found
            )
        assert sum(row["requests"] for row in summed) == 1000
        assert sum(row["failed"] for row in summed) == 375


def counted_by(name: str, request: Any) -> tuple[int, int]:
    """The tokens that a double told of a request: of its prompt, of its answer."""
    asked = request.body["messages"]
    words = asked[-1]["content"]
    if not isinstance(words, str):
        words = "".join(part.get("text", "") for part in words)
    prompt, answer = len(json.dumps(asked)) // 4, len(words.split())
    if name == "anthropic":
        return prompt, answer if request.model == "echo" else 1
    if request.model != "echo":
        return 0, 0
    return (prompt, answer) if name == "llamacpp" else (FRAME + answer, answer)


def test_a_request_has_all_that_is_known_of_it(
    app: Parllama, openai: OpenAIDouble
) -> None:
    image = ImagePart("data:image/png;base64,iVBORw0KGgo=")
    document = DocumentPart("An excerpt.", "1")
    message = Message("user", (image, document, TextPart(SECRET)))
    with occasion("memory"):

        async def one() -> None:
            await ask(app, "llamacpp", ChatRequest("echo", (message,)), stop=False)

        app.runtime.run(one())
    (row,) = rows(app)
    usage = (row["input_tokens"], row["output_tokens"])
    assert usage == counted_by("llamacpp", openai.last)
    assert row["bytes"] == len(openai.last.raw)
    assert row["host"] == "this machine"
    assert row["local"] == 1
    assert row["attachments"] == "image document"
    assert row["notebook"] == app.notebook_name
    assert row["purpose"] == "memory"
    assert row["cost"] is None
    assert row["seconds"] > 0


def test_each_way_to_ask_says_what_it_is_for(
    app: Parllama, openai: OpenAIDouble
) -> None:
    model = "llamacpp/echo"
    result_of(app, "ask", prompt="Hello.", model=[model])
    result_of(app, "ask", prompt="Hello.", model=[model], session="diary")
    result_of(app, "ask", prompt="Hello.", model=[model, model])
    items = [BatchItem(n, "llamacpp", asking("echo", f"Item {n}")) for n in range(3)]
    for options in (BatchOptions(), BatchOptions(streamed=True, purpose="judge")):
        app.runtime.run(app.batch.run(items, lambda *_: None, options=options))
    purposes = [row["purpose"] for row in rows(app)]
    assert sorted(purposes) == sorted(
        ["ask", "chat", "compare", "compare", *["map"] * 3, *["judge"] * 3]
    )
    assert [row["conversation"] for row in rows(app) if row["purpose"] == "chat"] == [
        "diary"
    ]


def test_embeddings_are_noted_with_their_bytes_and_tokens(app: Parllama) -> None:
    with OllamaDouble() as ollama:
        app.settings.update({"providers.ollama.base_url": ollama.url})
        provider = app.providers.get("ollama")
        texts = [f"text {number}" for number in range(100)]
        app.runtime.run(provider.embed("embeds", texts))
        app.runtime.run(provider.embed("embeds", []))
        (row,) = rows(app)
        sent = ollama.asked("/api/embed")
    assert row["purpose"] == "embed"
    assert row["bytes"] == sum(len(each.raw) for each in sent) > 0
    assert row["input_tokens"] is None, "this server does not count them"


def test_the_embedded_engine_is_noted_as_this_machine(app: Parllama) -> None:
    cache = Path(cache_of_tests())
    demo_model()
    provider = app.providers.get("embedded")
    provider.context = replace(provider.context, cache_dir=lambda: str(cache))
    app.runtime.run(provider.embed("smollm2", ["One text.", "Another one."]))
    request = asking("smollm2", "Say yes.")
    app.runtime.run(provider.complete(replace(request, max_tokens=4)))
    first, second = rows(app)
    assert (first["purpose"], second["purpose"]) == ("embed", "ask")
    for row in (first, second):
        assert row["host"] == "this machine"
        assert row["local"]
        assert row["input_tokens"] > 0
        assert row["bytes"] > 0
        assert row["cost"] is None


def test_a_retry_is_noted_once_for_each_time_it_was_sent(
    app: Parllama, openai: OpenAIDouble
) -> None:
    app.engine.retry = RetryPolicy(backoff=0.01)
    result_of(app, "ask", prompt="Hello.", model=["llamacpp/fault-500-then-ok"])
    assert [(row["ended"], row["error"]) for row in rows(app)] == [
        ("error", "server"),
        ("stop", ""),
    ]


def test_a_refused_option_that_is_sent_again_counts_all_its_bytes(
    app: Parllama, openai: OpenAIDouble
) -> None:
    result_of(
        app, "ask", prompt="Hi.", model=["llamacpp/refuses-max-tokens"], max_tokens=9
    )
    (row,) = rows(app)
    posts = [each for each in openai.requests if each.method == "POST"]
    assert len(posts) == 2
    assert row["bytes"] == sum(len(each.raw) for each in posts)


def test_what_was_never_sent_is_not_noted(app: Parllama, openai: OpenAIDouble) -> None:
    result_of(app, "ask", prompt="Hello.", model=["openai/gpt-5"])  # there is no key
    app.settings.update({"providers.litellm_proxy.base_url": "http://127.0.0.1:9"})
    result_of(app, "ask", prompt="Hello.", model=["litellm_proxy/any"])
    app.runtime.run(app.providers.get("llamacpp").preview(asking("echo")))
    assert rows(app) == []


def test_a_request_that_goes_on_elsewhere_has_left_this_machine(
    app: Parllama,
) -> None:
    with OllamaDouble() as ollama:
        app.settings.update({"providers.ollama.base_url": ollama.url})
        model = "ollama/qwen3-coder:480b-cloud"
        result_of(app, "ask", prompt="Hello.", model=[model])
    (row,) = rows(app)
    assert (row["host"], row["sent_to"]) == ("this machine", "ollama.com")
    assert not row["local"]
    (summed,) = app.runtime.run(app.ledger.usages(ALL, "host"))
    assert summed["host"] == "ollama.com"
    assert summed["unpriced"] == 1


def test_an_encrypted_conversation_is_not_named(app: Parllama) -> None:
    scripted(app)
    app.vault.policy = weak_policy()
    app.vault.create(PASSWORD)
    for name in ("open", "closed"):
        result_of(app, "ask", prompt="Hello.", model=["fake/scripted"], session=name)
    result_of(app, "sessions", action="encrypt", words=["closed"])
    result_of(app, "ask", prompt="Again.", model=["fake/scripted"], session="closed")
    assert [row["conversation"] for row in rows(app)] == ["open", None, None]
    connection = sqlite3.connect(directory("data") / "parllama.db")
    ids = connection.execute("SELECT conversation FROM ledger ORDER BY id").fetchall()
    days = connection.execute(
        "SELECT name = '', requests, input_tokens FROM ledger_day "
        "WHERE by = 'conversation' ORDER BY name"
    ).fetchall()
    connection.close()
    # What was asked before it was encrypted neither.
    assert [each is None for (each,) in ids] == [False, True, True]
    assert [row[:2] for row in days] == [(1, 2), (0, 1)]
    read = [row["input_tokens"] or 0 for row in rows(app)]
    assert [row[2] for row in days] == [read[1] + read[2], read[0]]
    summed = app.runtime.run(app.ledger.usages(ALL, "conversation"))
    assert {row["conversation"]: row["requests"] for row in summed} == {
        "open": 1,
        None: 2,
    }


def test_no_text_and_no_key_is_in_the_ledger(
    app: Parllama, openai: OpenAIDouble, monkeypatch: pytest.MonkeyPatch
) -> None:
    key = "sk-sentinel-ledger-0123456789"
    monkeypatch.setenv("LLAMACPP_API_KEY", key)
    request = asking("fault-401-echo", SECRET)

    async def one() -> None:
        await ask(app, "llamacpp", request, stop=False)

    app.runtime.run(one())
    assert rows(app)
    app.close()
    for path in directory("data").iterdir():
        content = path.read_bytes()
        assert SECRET.encode() not in content
        assert key.encode() not in content


def test_a_database_that_fails_breaks_no_answer_and_loses_no_row(
    app: Parllama, openai: OpenAIDouble
) -> None:
    result_of(app, "ask", prompt="Hello.", model=["llamacpp/echo"])
    path = directory("data") / "parllama.db"
    other = sqlite3.connect(path)
    other.execute("ALTER TABLE ledger RENAME TO elsewhere")
    other.commit()
    answer = result_of(app, "ask", prompt="Hello.", model=["llamacpp/echo"])
    assert answer.text == "Hello."
    assert answer.error is None
    eventually(lambda: app.ledger.failure is not None)
    other.execute("ALTER TABLE elsewhere RENAME TO ledger")
    other.commit()
    other.close()
    result_of(app, "ask", prompt="Hello.", model=["llamacpp/echo"])
    assert len(rows(app)) == 3
    assert app.ledger.failure is None


def test_a_request_that_comes_during_a_write_is_written_too(
    app: Parllama, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ledger, "_MOST", 2)
    writes, goes_on = threading.Event(), threading.Event()

    def notebook() -> str:
        writes.set()
        goes_on.wait(10)
        return "nb"

    small = Ledger(app.store, notebook, app.applied.budget, lambda _: None)

    async def month_cost() -> float:
        small.record(sent(1.0))
        assert writes.wait(10)
        # The last of these has no room left beside the two before.
        small.record(sent(2.0))
        small.record(sent(4.0))
        goes_on.set()
        return await small.month_cost()

    assert app.runtime.run(month_cost()) == 7
    assert sorted(row["cost"] for row in rows(app)) == [1, 2, 4]


def test_a_name_that_cannot_be_encoded_stops_no_later_row(
    app: Parllama, openai: OpenAIDouble, monkeypatch: pytest.MonkeyPatch
) -> None:
    # What Python makes of the name of a file that is not UTF-8.
    monkeypatch.setenv("JPY_SESSION_NAME", "caf\udce9.ipynb")
    result_of(app, "ask", prompt="Hello.", model=["llamacpp/echo"])
    app.ledger.record(sent(None, model="m\ud83d", host="h\udce9", sent_to="s\ud83d"))
    result_of(app, "ask", prompt="Hello.", model=["llamacpp/echo"])
    _, odd, last = rows(app)
    assert app.ledger.failure is None
    assert last["notebook"] == app.notebook_name == "caf\ufffd.ipynb"
    assert odd["model"] == "p/m\ufffd"
    assert (odd["host"], odd["sent_to"]) == ("h\ufffd", "s\ufffd")
    by = app.runtime.run(app.ledger.usages(ALL, "notebook"))
    assert [(row["notebook"], row["requests"]) for row in by] == [
        ("caf\ufffd.ipynb", 3)
    ]


def test_an_answer_does_not_wait_for_a_locked_database(
    app: Parllama, openai: OpenAIDouble
) -> None:
    app.runtime.run(asyncio.sleep(0))
    assert rows(app) == []
    other = sqlite3.connect(directory("data") / "parllama.db", isolation_level=None)
    other.execute("BEGIN IMMEDIATE")

    async def one() -> None:
        async with asyncio.timeout(3):  # the store waits for five
            await ask(app, "llamacpp", asking("echo"), stop=False)

    app.runtime.run(one())
    other.execute("ROLLBACK")
    other.close()
    assert len(rows(app)) == 1


_KERNEL = """
import sys
from parllama_nb.application import get_app
from parllama_nb.providers.messages import ChatRequest, Message
app = get_app()
app.settings.update({"providers.llamacpp.base_url": sys.argv[1]})
async def ask(n):
    request = ChatRequest("echo", (Message.of("user", f"Hello {n}"),))
    await app.providers.get("llamacpp").complete(request)
for n in range(25):
    app.runtime.run(ask(n))
app.close()
"""


def test_several_kernels_write_one_ledger(
    app: Parllama, openai: OpenAIDouble, home: Path
) -> None:
    del home  # theirs, too: it is in the environment
    kernels = [
        subprocess.Popen([sys.executable, "-c", _KERNEL, openai.url]) for _ in range(3)
    ]
    assert [each.wait(60) for each in kernels] == [0, 0, 0]
    assert len(rows(app)) == 75
    (day,) = app.runtime.run(app.ledger.usages(ALL, "provider"))
    assert day["requests"] == 75


def test_a_period_of_hours_sums_the_same_as_one_of_days(
    app: Parllama, openai: OpenAIDouble
) -> None:
    for model in ("echo", "echo", "fault-500"):
        result_of(app, "ask", prompt="Hello.", model=[f"llamacpp/{model}"])
    for by in BY:
        hours = app.runtime.run(app.ledger.usages(period("12h"), by))
        days = app.runtime.run(app.ledger.usages(period("2d"), by))
        if len(hours) != len(days):  # at noon of one day
            continue
        assert hours == days


def test_listeners_hear_of_a_request_once_it_can_be_read(
    app: Parllama, openai: OpenAIDouble
) -> None:
    heard = threading.Event()
    app.events.listen(USAGE, lambda _: heard.set())
    result_of(app, "ask", prompt="Hello.", model=["llamacpp/echo"])
    assert heard.wait(10)
    assert len(rows(app)) == 1


def test_a_provider_of_a_plugin_is_in_the_ledger_by_itself(app: Parllama) -> None:
    scripted(
        app,
        ["Hi.", Finish("length", Usage(10, 5, 4, None, 2))],
        name="acme",
    )
    scripted(app, [ServerError("No.", status=503)], name="broken")
    scripted(app, ["Part.", ServerError("No.")], name="halved")
    for name in ("acme", "broken", "halved"):
        provider = app.providers.get(name)

        async def one(name: str = name) -> None:
            await ask(app, name, asking("scripted"), stop=False)

        app.runtime.run(one())
        assert provider.spec.name == name
    first, second, third = rows(app)
    assert (first["ended"], first["cached_tokens"]) == ("length", 4)
    assert first["reasoning_tokens"] == 2
    assert first["bytes"] is None
    assert (second["error"], third["error"]) == ("server", "server")
    assert not first["local"], "nothing says that it is"


def test_names_of_columns_are_those_of_every_row(app: Parllama) -> None:
    scripted(app, local=True)
    result_of(app, "ask", prompt="Hello.", model=["fake/scripted"])
    names = [[*row] for row in itertools.chain(rows(app))]
    assert len(names) == 1
    assert "began" in names[0]
