"""--file and --image, from the typed line to the provider's request."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

import parllama_nb as pl
from parllama_nb.application import Parllama
from parllama_nb.chats.preview import RequestPreview
from parllama_nb.commands import COMMANDS, Notebook
from parllama_nb.commands.completion import complete
from parllama_nb.commands.grammar import parse_cell
from parllama_nb.commands.prepare import prepare
from parllama_nb.errors import ConnectionFailedError, UsageError
from parllama_nb.providers.messages import DocumentPart, Message, TextPart
from parllama_nb.testing import FakeProvider

from ..attachments import pdfs
from ..attachments.files import notebook, png, program
from ..own_app import own_app, result_of, scripted


@pytest.fixture
def app(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Parllama]:
    monkeypatch.chdir(tmp_path)
    with own_app() as app:
        monkeypatch.setattr("parllama_nb.api.asking.get_app", lambda: app)
        app.model = "fake/scripted"
        yield app


@pytest.fixture
def provider(app: Parllama) -> FakeProvider:
    return scripted(app)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "paper.pdf").write_bytes(pdfs.pdf(["On cells"], "Cells"))
    (tmp_path / "data.csv").write_text("a,b\n1,2\n")
    (tmp_path / "work.ipynb").write_bytes(notebook())
    (tmp_path / "my notes.md").write_text("# Notes\n")
    (tmp_path / "chart.png").write_bytes(png())
    (tmp_path / "fake.png").write_bytes(program())
    (tmp_path / "sub").mkdir()
    return tmp_path


def ask(app: Parllama, line: str, **namespace: Any) -> Any:
    """Run a cell with this line."""
    _, params = parse_cell(COMMANDS, line, "Why?")
    prepared = prepare(params, Notebook("nb", namespace=namespace))
    return result_of(app, "ask", **dict(prepared))


def sent(provider: FakeProvider) -> Message:
    return provider.requests[-1].messages[-1]


def documents(message: Message) -> list[DocumentPart]:
    return [part for part in message.parts if isinstance(part, DocumentPart)]


def test_files_are_sent_before_the_question_and_can_be_cited(
    app: Parllama, provider: FakeProvider, folder: Path
) -> None:
    answer = ask(
        app,
        '--file paper.pdf --file data.csv --file "my notes.md" --image chart.png '
        "--file path --file data",
        path=folder / "work.ipynb",
        data=b"plain text",
    )

    message = sent(provider)
    kinds = [part.type for part in message.parts]
    assert kinds == ["image", *["document"] * 5, "text"]
    found = documents(message)
    assert [part.id for part in found] == ["1", "2", "3", "4", "5"]
    assert [part.title for part in found] == [
        "Cells (paper.pdf)",
        "data.csv",
        "my notes.md",
        "Growth (work.ipynb)",
        "The file of 10 bytes",
    ]
    assert "On cells" in found[0].text
    assert message.text == "Why?"
    assert "work.ipynb: without 1 picture" in answer.notes
    # Nothing says where on this machine the files are.
    assert str(folder) not in str(message)


def test_an_object_is_drawn_when_the_cell_runs(
    app: Parllama, provider: FakeProvider
) -> None:
    figure = pytest.importorskip("matplotlib.figure").Figure(figsize=(1, 1), dpi=20)
    figure.subplots().plot([1, 2])
    ask(app, "--file figure --image axes", figure=figure, axes=figure.axes[0])
    assert [part.type for part in sent(provider).parts] == ["image", "image", "text"]


@pytest.mark.parametrize(
    ("line", "says"),
    [
        ("--file none.pdf", "no variable, no file and no address 'none.pdf'"),
        ("--file sub", "sub is a folder"),
        ("--image data.csv", r"data\.csv is no image"),
        ("--image fake.png", r"fake\.png is a program \(ELF\)"),
        ("--file http://127.0.0.1:9/secret", "is this machine or on a private network"),
        ("--image http://localhost/a.png", "is this machine or on a private network"),
        ("--file number", "a value of the type int"),
    ],
)
def test_what_cannot_be_attached_is_one_line_and_nothing_is_asked(
    app: Parllama, provider: FakeProvider, folder: Path, line: str, says: str
) -> None:
    with pytest.raises(UsageError, match=says) as caught:
        ask(app, line, number=7)
    assert caught.value.hint
    assert "\n" not in str(caught.value)
    assert not provider.requests


def test_an_address_is_fetched(app: Parllama, provider: FakeProvider) -> None:
    # No test asks the network: that it would be asked is what its error says.
    with pytest.raises(ConnectionFailedError, match=r"pictures\.invalid: the host"):
        ask(app, "--file https://pictures.invalid/a.png")


def test_a_dry_run_shows_them_and_asks_nothing(
    app: Parllama, provider: FakeProvider, folder: Path
) -> None:
    found = ask(app, "--file data.csv --image chart.png --dry-run")

    assert isinstance(found, RequestPreview)
    assert not provider.requests
    (message,) = found.messages
    assert message.attached == (f"image/png, 4 x 3, {len(png())} B",)
    assert "[1] data.csv" in message.text
    assert "a,b\n1,2" in found.markdown


def test_the_functions_take_files(
    app: Parllama, provider: FakeProvider, folder: Path
) -> None:
    pl.chat("Why?", files=[folder / "data.csv", str(folder / "chart.png")])
    assert [part.type for part in sent(provider).parts] == [
        "document",
        "image",
        "text",
    ]
    pl.chat("Why?", files="data.csv")
    assert len(documents(sent(provider))) == 1
    shown = pl.preview("Why?", files="data.csv")
    assert "a,b" in shown.messages[-1].text
    with pytest.raises(UsageError, match="There is no file 'none'"):
        pl.chat("Why?", files="none")


def test_messages_may_have_documents(app: Parllama, provider: FakeProvider) -> None:
    page = DocumentPart("A page.", "1", title="Page")
    pl.chat(messages=[Message("user", (TextPart("Why?"), page))])
    assert documents(sent(provider)) == [page]
    assert sent(provider).text == "Why?"


def test_a_conversation_sends_its_documents_again(
    app: Parllama, provider: FakeProvider, folder: Path
) -> None:
    ask(app, "--session talk --file paper.pdf")
    ask(app, "--session talk")
    first = provider.requests[-1].messages[0]
    assert [part.title for part in documents(first)] == ["Cells (paper.pdf)"]


@pytest.mark.parametrize(
    ("line", "offered"),
    [
        ("--file da", ["data", "data.csv"]),
        ("--file ", ["data", "figure", "chart.png", "data.csv", "fake.png"]),
        ("--image ch", ["chart.png"]),
        ("--file su", ["sub/"]),
        ("--file sub/", ["sub/inner.txt"]),
        ("-m fake/scripted --file wo", ["work.ipynb"]),
        ("--file .h", [".hidden"]),
        ("--file none/", []),
    ],
)
def test_paths_and_variables_are_completed(
    app: Parllama, folder: Path, line: str, offered: list[str]
) -> None:
    figure = pytest.importorskip("matplotlib.figure").Figure()
    (folder / "sub" / "inner.txt").touch()
    (folder / ".hidden").touch()
    space = {"data": b"x", "number": 7, "_data": b"x", "figure": figure, "os": Path}
    found = complete(COMMANDS, app, line, cell=True, namespace=space)
    assert found[: len(offered)] == offered
    if line != "--file ":
        assert found == offered
