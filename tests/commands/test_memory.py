"""%parllama memory, remember and forget."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

import parllama_nb as pl
from parllama_nb.application import Parllama
from parllama_nb.commands import COMMANDS, Notebook
from parllama_nb.commands.completion import complete
from parllama_nb.commands.grammar import parse_cell, parse_line
from parllama_nb.errors import FieldError, UsageError
from parllama_nb.secret import Secret

from ..own_app import own_app, result_of, scripted

BEFORE = "- Lives in Lyon\n- Has a cat named Mia"


@pytest.fixture
def app(monkeypatch: pytest.MonkeyPatch) -> Iterator[Parllama]:
    monkeypatch.setenv("COLUMNS", "200")
    with own_app() as app:
        app.model = "fake/scripted"
        monkeypatch.setattr("parllama_nb.api.memory.get_app", lambda: app)
        yield app


def do(app: Parllama, line: str, cell: str | None = None, **notebook: Any) -> str:
    parsed = (
        parse_line(COMMANDS, line) if cell is None else parse_cell(COMMANDS, line, cell)
    )
    command, params = parsed
    values = params.model_dump(exclude_unset=True)
    shown = result_of(app, command.name, Notebook("nb", **notebook), **values)
    return str(shown)


def text_of(app: Parllama) -> str:
    return app.runtime.run(app.memory.read()).text


def test_an_empty_memory_says_how_to_fill_it(app: Parllama) -> None:
    assert do(app, "memory") == (
        "The memory is on and empty. %parllama remember TEXT adds to it."
    )


def test_a_text_keeps_its_case_quotes_and_spaces(app: Parllama) -> None:
    shown = do(app, """memory set It's "Kim"  from NASA --really""")
    assert text_of(app) == """It's "Kim"  from NASA --really"""
    assert "unencrypted" in shown
    assert "undo" in shown
    assert "as before" in do(app, "memory set " + text_of(app))


def test_a_cell_is_the_memory_with_and_without_set(app: Parllama) -> None:
    for line in ("memory", "memory set"):
        do(app, line, f"{BEFORE}\n# {line}\n")
        assert text_of(app) == f"{BEFORE}\n# {line}"


def test_a_file_is_the_memory(app: Parllama, tmp_path: Path) -> None:
    path = tmp_path / "my memory.md"
    path.write_text("\ufeffCafé\n", encoding="utf-8")
    do(app, f'memory set --file "{path}"')
    assert text_of(app) == "Café"
    path.write_bytes(b"\xff\xfe\x00")
    for wrong in (path, tmp_path / "none", tmp_path, "\0"):
        with pytest.raises(UsageError):
            result_of(app, "memory", action="set", file=str(wrong))
    path.write_bytes(b"x" * 2_000_000)
    with pytest.raises(UsageError, match="too large"):
        result_of(app, "memory", action="set", file=str(path))
    assert text_of(app) == "Café"


def test_edit_puts_the_memory_into_a_cell_that_sets_it(app: Parllama) -> None:
    do(app, "memory", BEFORE)
    cells: list[str] = []
    do(app, "memory edit", next_cell=cells.append)
    first, _, body = cells[0].partition("\n")
    do(app, first.removeprefix("%%parllama "), f"{body}\n- New")
    assert text_of(app) == f"{BEFORE}\n- New"


def test_the_memory_is_switched_and_says_so(app: Parllama) -> None:
    do(app, "memory", BEFORE)
    assert "do not get it" in do(app, "memory off")
    assert "The memory is off: new conversations do not get it" in do(app, "memory")
    assert "memory on" in do(app, "memory set B")
    do(app, "memory on")
    shown = do(app, "memory")
    assert "The memory is on" in shown
    assert "1 of 20,000 characters" in shown


def test_undo_and_redo_show_what_they_change(app: Parllama) -> None:
    do(app, "memory set one")
    do(app, "memory clear")
    assert text_of(app) == ""
    assert "+ one" in do(app, "memory undo")
    assert text_of(app) == "one"
    assert "- one" in do(app, "memory redo")


def test_remember_shows_a_diff_and_accept_takes_it(app: Parllama) -> None:
    do(app, "memory", BEFORE)
    scripted(app, [f"{BEFORE}\n- Has a dog called ```Rex```"])
    shown = result_of(app, "remember", text="my dog is called Rex")
    assert "````diff\n  - Lives in Lyon\n" in shown.markdown
    assert "+ - Has a dog called ```Rex```\n" in shown.markdown
    assert "memory accept" in shown.markdown
    assert text_of(app) == BEFORE
    assert "Rex" in do(app, "memory")
    assert "changed" in do(app, "memory accept")
    assert "Rex" in text_of(app)


def test_forget_that_is_accepted_at_once_says_what_it_did(app: Parllama) -> None:
    do(app, "memory", BEFORE)
    scripted(app, ["I'm sorry."])
    shown = do(app, "forget --yes my cat")
    assert "of no help" in shown
    assert "- - Has a cat named Mia" in shown
    assert text_of(app) == "- Lives in Lyon"
    do(app, "memory undo")
    assert text_of(app) == BEFORE


def test_the_plain_way_asks_no_model(app: Parllama) -> None:
    fake = scripted(app)
    do(app, "remember --plain --yes Call me Kim")
    do(app, "forget --plain kim")
    assert fake.requests == []
    assert do(app, "memory reject").startswith("Rejected")
    assert text_of(app) == "- Call me Kim"


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("memory wipe", "ACTION must be"),
        ("memory set", "set takes a TEXT"),
        ("memory set --file a b", "set takes a TEXT"),
        ("memory on now", "on takes no text"),
        ("memory undo --file a", "undo takes no text"),
        ("remember", "remember needs TEXT"),
        ("forget --all x", "no option --all"),
    ],
)
def test_a_wrong_line_is_refused_with_what_is_wrong(
    app: Parllama, line: str, said: str
) -> None:
    with pytest.raises(UsageError, match=said):
        do(app, line)


@pytest.mark.parametrize("line", ["memory accept", "memory reject", "memory undo"])
def test_what_is_not_there_is_refused(app: Parllama, line: str) -> None:
    with pytest.raises(UsageError):
        do(app, line)


def test_a_conversation_goes_on_without_the_memory_that_it_took(app: Parllama) -> None:
    fake = scripted(app)
    do(app, "memory set Call me Kim")
    for session in ("a b", "nb"):
        result_of(app, "ask", prompt="Q", session=session)
    assert "without the memory" in do(app, 'memory drop "a b"')
    assert "without the memory" in do(app, "memory drop")
    assert "no memory" in do(app, "memory drop")
    for session in ("a b", "nb"):
        result_of(app, "ask", prompt="Q", session=session)
    roles = [request.messages[0].role for request in fake.requests]
    assert roles == ["system", "system", "user", "user"]
    with pytest.raises(UsageError, match="no conversation"):
        do(app, "memory drop nobody")


def test_actions_are_completed(app: Parllama) -> None:
    assert "undo" in complete(COMMANDS, app, "memory u", cell=False)


def test_secrets_of_the_memory_are_not_shown(app: Parllama) -> None:
    do(app, "memory set pin is sentinel-4711-value")
    app.redact.add(Secret("PIN", "sentinel-4711-value"))
    assert "sentinel" not in do(app, "memory")
    assert "sentinel" not in do(app, "memory undo")
    assert "sentinel" not in pl.memory()._repr_markdown_()


def test_pl_memory_returns_and_changes_it(app: Parllama) -> None:
    assert str(pl.memory()) == ""
    saved = pl.memory("- A\n- B", enabled=False)
    assert (saved.text, saved.enabled, saved.revision) == ("- A\n- B", False, 1)
    assert pl.memory() == saved
    assert "The memory is off" in saved._repr_markdown_()
    assert pl.memory("").text == ""
    with pytest.raises(UsageError, match="is a text"):
        pl.memory(7)  # type: ignore[arg-type]
    with pytest.raises(FieldError, match="characters"):
        pl.memory("x" * 30_000)
