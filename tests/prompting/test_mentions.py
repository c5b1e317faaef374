from __future__ import annotations

import asyncio
import sys
import threading
import time
from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any

import pandas as pd
import pytest

from parllama_nb.prompting.describing import deadline
from parllama_nb.prompting.kernel_names import CellText, KernelNames
from parllama_nb.prompting.mentions import MOST, Mention, mentioned, paths_in
from parllama_nb.providers.messages import DocumentPart, ImagePart
from tests import sentinels

from .describing.values import KINDS, SECRET, figure

FRAME = pd.DataFrame({"a": [1, 2], "b c": [3, 4]})


@pytest.mark.parametrize(
    ("text", "paths"),
    [
        ("@df", ["df"]),
        ("What is @df?", ["df"]),
        ("(@df), @df.", ["df"]),
        ("@df.a and @df.shape.", ["df.a", "df.shape"]),
        ('@df["b c"][0]!', ['df["b c"][0]']),
        ("@rows[-1]['k'].x", ["rows[-1]['k'].x"]),
        ("@cell[3] failed with @error", ["cell[3]", "error"]),
        ("@größe", ["größe"]),
        ("line\n@df\nline", ["df"]),
        ("@df\n\ndef f(): pass", ["df"]),
        ("@df and\ndef f(): pass", ["df"]),
        ("`code` @df `code`", ["df"]),
        ("```\n@no\n```\n@df", ["df"]),
        ("a ``` b @df", ["df"]),
    ],
)
def test_a_mention_is_found(text: str, paths: list[str]) -> None:
    assert paths_in(text) == paths


@pytest.mark.parametrize(
    "text",
    [
        "me@example.com",
        "me.too+x@example.com",
        r"\@df",
        "@",
        "@ df",
        "a @ b",
        "@3",
        "@@df",
        "x/@df/y",
        "```python\n@df\n```",
        "~~~\n@df\n~~~",
        "```\n@df",
        "````\n```\n@df\n````",
        "`@df`",
        "``a ` @df``",
        "@property\ndef f(self): ...",
        "    @app.route('/')\n    async def f(): ...",
        "@first\n@second\nclass A: ...",
        "@mark.parametrize(\n    'a',\n    [1],\n)\ndef f(a): ...",
        "",
    ],
)
def test_what_only_looks_like_a_mention_is_none(text: str) -> None:
    assert paths_in(text) == []


@pytest.mark.parametrize(
    "unit", ["@", "@a", "@a.", "@a[", "`", "```\n", "@a\n", "@f(\n"]
)
def test_a_long_text_is_searched_in_linear_time(unit: str) -> None:
    begun = time.process_time()
    paths_in(unit * (1_000_000 // len(unit)))
    assert time.process_time() - begun < 10


def names(**variables: Any) -> KernelNames:
    def cell(number: int) -> CellText | None:
        return CellText("x = 1\nx", ("1",)) if number == 3 else None

    return KernelNames(
        lambda: variables, cell=cell, cells=lambda: [3], error=lambda: ValueError("no")
    )


async def only(text: str, **variables: Any) -> Mention:
    found = await mentioned(text, names(**variables))
    assert len(found.all) == 1
    return found.all[0]


async def test_a_mentioned_value_is_sent_as_a_document_that_bears_its_name() -> None:
    mention = await only("Explain @df, and again @df.", df=FRAME)
    (part,) = mention.parts
    assert isinstance(part, DocumentPart)
    assert part.id == "@df"
    assert part.title == mention.about == "DataFrame 2 \N{MULTIPLICATION SIGN} 2"
    assert part.text.startswith("DataFrame, 2 rows x 2 columns")
    assert mention.problem == ""
    assert mention.tokens > 0


async def test_attributes_and_keys_are_followed() -> None:
    mention = await only('@all["df"].a', all={"df": FRAME})
    assert mention.parts[0].text.startswith("Series a, 2 values")  # type: ignore[union-attr]


async def test_a_figure_is_sent_as_a_picture_beside_its_words() -> None:
    mention = await only("@fig", fig=figure())
    document, picture = mention.parts
    assert isinstance(document, DocumentPart)
    assert isinstance(picture, ImagePart)
    assert mention.tokens > 768


async def test_a_cell_is_sent_with_its_source_and_its_output() -> None:
    mention = await only("@cell[3]")
    assert mention.parts[0].text == "Source:\nx = 1\nx\nOutput:\n1"  # type: ignore[union-attr]
    assert mention.about == "cell 3"


async def test_the_last_error_is_described() -> None:
    assert (await only("@error")).parts[0].text == "ValueError: no"  # type: ignore[union-attr]


async def test_a_variable_comes_before_a_cell_and_the_last_error() -> None:
    found = await mentioned(
        "@cell[3] @error", names(cell={3: "mine"}, error="mine too")
    )
    texts = [part.text for part in found.parts if isinstance(part, DocumentPart)]
    assert "mine" in texts[0]
    assert "mine too" in texts[1]


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("@nope", "@nope is sent as text: there is no such variable."),
        ("@df.nope", "@df.nope is sent as text: df has no such attribute or key."),
        ("@df[0]", "@df[0] is sent as text: df has no such attribute or key."),
        ("@df._mgr", "@df._mgr is sent as text: df has no such attribute or key."),
        ("@cell[4]", "@cell[4] is sent as text: no cell with that number has run."),
    ],
)
async def test_a_mention_of_nothing_is_a_note_and_sends_nothing(
    text: str, problem: str
) -> None:
    found = await mentioned(text, names(df=FRAME))
    assert found.notes == (problem,)
    assert found.parts == ()


@pytest.mark.parametrize(
    "text",
    ["@api_key", '@config["password"]', "@config.token", "@holder.client_secret.x"],
)
async def test_a_mention_of_a_secret_is_refused_in_one_line(text: str) -> None:
    found = await mentioned(
        text,
        names(
            api_key=SECRET,
            config={"password": SECRET},
            holder=SimpleNamespace(client_secret=SECRET),
        )
        if "config.token" not in text
        else names(config=SimpleNamespace(token=SECRET)),
    )
    assert found.parts == ()
    assert found.notes == (
        f"{text} is a secret, or named like one, and is not described.",
    )


async def test_no_mention_holds_a_secret_of_the_notebook(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("ACME_API_KEY", f"{SECRET}-of-the-environment")
    values = {f"v{number}": value for number, (value, _) in enumerate(KINDS.values())}
    values |= {
        "api_key": SECRET,
        "alias": SECRET,
        "frame": pd.DataFrame({"text": [SECRET, f"{SECRET}-of-the-environment"]}),
        "rows": [SECRET] * 3,
    }
    space = KernelNames(
        lambda: values,
        cell=lambda _: CellText(f'f("{SECRET}")', (SECRET * 300,)),
        error=lambda: ValueError(SECRET),
    )
    for first in range(0, len(values), MOST - 2):
        chosen = list(values)[first : first + MOST - 2]
        text = " ".join(f"@{name}" for name in chosen)
        found = await mentioned(f"{text} @cell[1] @error", space, tokens=2_000)
        assert sentinels.found(repr(found).encode(), [SECRET]) == []


async def test_more_mentions_than_a_question_has_are_not_described() -> None:
    values = {f"v{number}": number for number in range(MOST + 2)}
    text = " ".join(f"@{name}" for name in values)
    found = await mentioned(text, names(**values))
    assert len(found.parts) == MOST
    assert len(found.notes) == 2
    assert f"@v{MOST} is sent as text" in found.notes[0]


class Endless:
    def __repr__(self) -> str:
        while True:
            pass


class Sleeping:
    def __init__(self) -> None:
        self.go_on = threading.Event()

    def __repr__(self) -> str:
        self.go_on.wait(60)
        return "awake"


class Exits:
    @property
    def value(self) -> str:
        sys.exit(3)

    @property
    def iterated(self) -> str:
        raise StopIteration

    def __repr__(self) -> str:
        raise KeyboardInterrupt


class Lies:
    @property
    def __class__(self) -> Any:  # type: ignore[override]
        message = "no class"
        raise RuntimeError(message)

    def __getattr__(self, name: str) -> Any:
        raise RuntimeError(name)


class Prints:
    def __repr__(self) -> str:
        print("printed by a repr")
        sys.stderr.write("written by a repr")
        return "quiet"


@pytest.fixture
def sleeping() -> Iterator[Sleeping]:
    value = Sleeping()
    yield value
    value.go_on.set()


async def test_a_value_that_takes_for_ever_is_a_note_and_blocks_nothing(
    sleeping: Sleeping,
) -> None:
    ticks = 0

    async def tick() -> None:
        nonlocal ticks
        while True:
            await asyncio.sleep(0.01)
            ticks += 1

    ticking = asyncio.create_task(tick())
    text = "@endless @sleeping @df"
    space = names(endless=Endless(), sleeping=sleeping, df=FRAME)
    found = await mentioned(text, space, seconds=0.3)
    ticking.cancel()
    assert found.notes == (
        "@endless could not be described within 0.3 s.",
        "@sleeping could not be described within 0.3 s.",
    )
    assert [mention.path for mention in found.all if mention.parts] == ["df"]
    assert ticks > 3
    # The one that runs Python has ended; the other one ends with what it waits for.
    sleeping.go_on.set()
    await asyncio.to_thread(_wait_for_threads)


def _wait_for_threads() -> None:
    for thread in threading.enumerate():
        if thread.name == deadline._NAME:
            thread.join()


async def test_no_more_threads_than_a_few_wait_in_foreign_code(
    sleeping: Sleeping,
) -> None:
    for _ in range(deadline._MOST + 3):
        await mentioned("@s", names(s=sleeping), seconds=0.1)
    waiting = [each for each in threading.enumerate() if each.name == deadline._NAME]
    assert len(waiting) <= deadline._MOST


@pytest.mark.parametrize(
    ("path", "failure"),
    [
        ("x.value", "SystemExit"),
        ("x.iterated", "StopIteration"),
        ("x", "KeyboardInterrupt"),
    ],
)
async def test_code_that_would_end_python_ends_nothing(path: str, failure: str) -> None:
    mention = await only(f"@{path}", x=Exits())
    assert mention.problem == (
        f"@{path} could not be described: reading it raised {failure}."
    )


async def test_an_object_that_lies_about_itself_is_a_note_or_described() -> None:
    mention = await only("@x", x=Lies())
    assert bool(mention.problem) != bool(mention.parts)


async def test_what_a_value_prints_is_dropped_and_what_a_cell_prints_is_not(
    capsys: pytest.CaptureFixture[str],
) -> None:
    before = sys.stdout
    mention = await only("@x", x=Prints())
    print("of the cell")
    assert mention.parts[0].text.endswith("quiet")  # type: ignore[union-attr]
    assert sys.stdout is before
    written = capsys.readouterr()
    assert written.out == "of the cell\n"
    assert written.err == ""


async def test_a_namespace_that_a_cell_changes_is_read() -> None:
    changing: dict[str, Any] = {f"v{n}": n for n in range(5_000)}
    ended = threading.Event()

    def change() -> None:
        number = 0
        while not ended.is_set():
            number += 1
            changing[f"new{number}"] = number
            changing.pop(f"new{number - 100}", None)

    thread = threading.Thread(target=change)
    thread.start()
    try:
        for _ in range(20):
            found = await mentioned("@v1", KernelNames(lambda: changing))
            assert found.notes == ()
    finally:
        ended.set()
        thread.join()
