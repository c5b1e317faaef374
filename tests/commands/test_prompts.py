"""`%parllama prompts`, and questions that are asked with a library prompt."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

import parllama_nb as pl
from parllama_nb.application import Parllama, get_app
from parllama_nb.commands import COMMANDS, Call, Notebook
from parllama_nb.commands.completion import complete
from parllama_nb.commands.grammar import parse_cell, parse_line
from parllama_nb.errors import FieldError, ParllamaError, UsageError
from parllama_nb.plugins import PROMPT_SOURCES, PROVIDERS
from parllama_nb.secret import Secret
from parllama_nb.testing import FakeProvider

from ..own_app import scripted
from ..vaults.weak import PASSWORD, weak_policy

BRIEF = """\
---
description: Says things briefly.
tags: [short, test]
variables:
  lang: en
  who:
    description: Who reads it
---
Be brief in {{lang}} for {{who}}. Keep {{other}}.
"""


@pytest.fixture
def app() -> Iterator[Parllama]:
    app = get_app()
    app.vault.policy = weak_policy()
    app.plugins.ignore_installed(PROVIDERS)
    app.plugins.ignore_installed(PROMPT_SOURCES)
    yield app
    app.model = None


@pytest.fixture
def fake(app: Parllama) -> FakeProvider:
    app.model = "fake/scripted"
    return scripted(app, ["Answer."])


class Cells:
    """The notebook: it runs lines and cells, and remembers what it is handed."""

    def __init__(self, app: Parllama, **names: object) -> None:
        self.app = app
        self.next: list[str] = []
        self.typed: list[str] = []
        self.notebook = Notebook(
            "nb", namespace=names, next_cell=self.next.append, ask=self._ask
        )

    async def _ask(self, prompt: str) -> str:
        self.typed.append(prompt)
        return PASSWORD

    def line(self, line: str) -> Any:
        return self._run(*parse_line(COMMANDS, line))

    def cell(self, line: str, body: str = "") -> Any:
        return self._run(*parse_cell(COMMANDS, line, body))

    def _run(self, command: Any, params: Any) -> Any:
        params = command.prepare(params, self.notebook)
        return self.app.jobs.start(
            "test",
            lambda job: command.run(params, Call(self.app, self.notebook, job)),
        ).result()


@pytest.fixture
def cells(app: Parllama) -> Cells:
    return Cells(app)


def words(report: object) -> str:
    """What a report says, wherever its lines break."""
    return " ".join(str(report).split())


def sent(fake: FakeProvider) -> list[str]:
    return [message.text for message in fake.requests[-1].messages]


def test_a_prompt_is_written_in_a_cell_and_edited_in_the_next(cells: Cells) -> None:
    said = str(cells.cell("prompts new brief", BRIEF))
    assert "brief is kept. Ask with it: %%parllama -p brief" in said

    cells.line("prompts edit BRIEF")
    first, _, text = cells.next[-1].partition("\n")
    assert first == "%%parllama prompts edit brief"
    assert str(cells.cell("prompts edit brief", text)) == "brief is as before."
    changed = text.replace("briefly", "in few words")
    assert "now version 2" in str(cells.cell("prompts edit brief", changed))

    prompt = pl.prompt("brief")
    assert prompt.description == "Says things in few words."
    assert pl.prompt("brief", version=1).description == "Says things briefly."
    assert [each.name for each in prompt.variables] == ["lang", "who"]


def test_a_cell_of_a_new_prompt_can_be_run_again(cells: Cells) -> None:
    cells.cell("prompts new brief", BRIEF)
    assert "brief is as before." in str(cells.cell("prompts new brief", BRIEF))
    with pytest.raises(FieldError, match="already"):
        cells.cell("prompts new brief", f"{BRIEF} More.")
    assert pl.prompt("brief").version == 1


def test_a_new_prompt_without_a_text_begins_a_cell(cells: Cells) -> None:
    cells.line('prompts new "two words"')
    first, _, text = cells.next[-1].partition("\n")
    assert first == '%%parllama prompts new "two words"'
    assert "two words is kept" in str(cells.cell(first.split(" ", 1)[1], text))


def test_a_prompt_is_shown_with_its_variables_and_how_to_ask(cells: Cells) -> None:
    cells.cell('prompts new "my brief"', BRIEF.replace("Be", "```\nBe"))

    shown = cells.line('prompts show "my brief"')

    assert "````text\n```\nBe brief in {{lang}}" in shown.markdown
    plain = str(shown)
    assert "Who reads it" in plain
    assert 'Ask with it: %%parllama -p "my brief" --set who=…' in plain


def test_a_list_says_how_many_more_there_are(cells: Cells) -> None:
    assert "library is empty" in str(cells.line("prompts"))
    for number in range(42):
        cells.cell(f"prompts new p{number:02}", f"Text {number}")
    cells.line("prompts favourite p41")

    first = str(cells.line("prompts"))

    assert first.splitlines()[1].startswith("★ p41")
    assert "And 2 more" in first
    assert "more" not in str(cells.line("prompts list --all"))
    assert "p07" in str(cells.line("prompts list text 7"))
    with pytest.raises(UsageError, match="No prompt has 'nowhere'"):
        cells.line("prompts list nowhere")
    cells.line("prompts favourite p41 --off")
    assert "★" not in str(cells.line("prompts list --all"))


def test_a_deleted_prompt_is_restored(cells: Cells) -> None:
    cells.cell('prompts new "a b"', "x")
    said = str(cells.line('prompts delete "a b"'))
    assert '%parllama prompts restore "a b"' in said
    cells.line('prompts restore "a b"')
    assert pl.prompts().name.tolist() == ["a b"]


def test_a_prompt_is_renamed_copied_and_brought_back(cells: Cells) -> None:
    cells.cell("prompts new a", "one")
    cells.cell("prompts edit a", "two")
    assert "version 3" in str(cells.line("prompts revert a 1"))
    cells.line("prompts rename a b")
    cells.line("prompts duplicate b")
    frame = pl.prompts("one")
    assert frame.name.tolist() == ["b", "b (copy)"]
    assert frame.version.tolist() == [3, 1]


@pytest.mark.parametrize(
    ("line", "word"),
    [
        ("prompts shwo a", "ACTION must be"),
        ("prompts show", "show takes the NAME"),
        ("prompts show a b", "show takes the NAME"),
        ("prompts rename a", "rename takes a NAME and the new one"),
        ("prompts revert a b", "the number of a version, not 'b'"),
        ("prompts show nowhere", "no prompt 'nowhere'"),
        ("prompts delete nowhere", "no prompt 'nowhere'"),
        ("prompts restore nowhere", "No prompt 'nowhere' was deleted"),
        ("prompts import nowhere", "no source of prompts 'nowhere'"),
        ("prompts import markdown", "Markdown needs"),
        ("prompts import ./nowhere.md --all", "nowhere.md"),
        ("prompts export markdown", "export takes a FORMAT"),
        ("prompts export nowhere out", "no source of prompts 'nowhere'"),
        ("prompts export markdown out", "no prompt to export"),
        ("prompts import ./nowhere", "no file or folder './nowhere'"),
        ("prompts import ~no_such_user/x", "no file or folder '~no_such_user/x'"),
        (f"prompts import {'n' * 300}", "no source of prompts 'nnn"),
        ("prompts list --tag a b", "the tag 'a' and 'b'"),
        ('prompts new "-a"', "begins with '-'"),
        ("prompts show a --set b", "--set takes NAME=VALUE"),
        ("ask -p nowhere Hi", "no prompt 'nowhere'"),
        ("ask --set a=b Hi", "no library prompt"),
    ],
)
def test_a_wrong_line_says_what_is_wrong_in_one_line(
    cells: Cells, line: str, word: str
) -> None:
    with pytest.raises(ParllamaError, match=word) as caught:
        cells.line(line)
    assert caught.value.hint
    assert "\n" not in str(caught.value)


def test_a_place_that_cannot_be_written_is_an_error_and_costs_nothing(
    cells: Cells, tmp_path: Path
) -> None:
    cells.cell("prompts new a", "x")
    (tmp_path / "file").write_text("old")
    for place in ("~no_such_user/x", "n" * 300 + ".json", "a\0b", f"{tmp_path}/file/x"):
        with pytest.raises(UsageError, match="cannot be written") as caught:
            cells.line(f'prompts export json "{place}"')
        assert caught.value.hint == "Name another place."
    assert (tmp_path / "file").read_text() == "old"
    assert [path.name for path in tmp_path.iterdir() if path.name != "home"] == ["file"]


def test_a_name_with_marks_is_shown_as_it_is_typed(cells: Cells) -> None:
    for name in ("a|b*c_`d`", "\u05e9\u05dc\u05d5\u05dd", "$x{y}", "<b>"):
        said = words(cells.cell(f'prompts new "{name}"', "x"))
        assert said == f"{name} is kept. Ask with it: %%parllama -p {name}"
        assert f"-p {name}" in str(cells.line(f'prompts show "{name}"'))


def test_a_new_name_is_checked_before_the_prompt_is_written(cells: Cells) -> None:
    cells.cell("prompts new a", "x")
    with pytest.raises(FieldError, match="already"):
        cells.line("prompts new A")
    assert not cells.next


def test_one_mistyped_name_makes_no_favourite(cells: Cells) -> None:
    cells.cell("prompts new a", "x")
    with pytest.raises(UsageError, match="no prompt 'b'"):
        cells.line("prompts favourite a b")
    assert not pl.prompts().favourite.any()
    assert "a is a favourite." in str(cells.line("prompts favourite A"))


def test_a_prompt_is_shown_filled_in(app: Parllama) -> None:
    cells = Cells(app, who="all", df={"a": 1})
    cells.cell("prompts new brief", BRIEF)
    shown = str(cells.line("prompts show brief --set lang={{df}}"))
    assert "brief, filled in" in shown
    assert 'Be brief in {"a": 1} for all. Keep {{other}}.' in shown
    with pytest.raises(FieldError, match="no variable 'x'"):
        cells.line("prompts show brief --set x=1")


def test_an_import_leaves_what_was_deleted_and_says_so(
    cells: Cells, tmp_path: Path
) -> None:
    for name in ("a", "b"):
        (tmp_path / f"{name}.md").write_text(f"Text of {name}")
    path = f'"{tmp_path}"'
    cells.line(f"prompts import {path} --all")
    cells.line("prompts delete a")

    said = words(cells.line(f"prompts import {path} --all"))
    assert said == "Nothing is new. Deleted here, and imported only by name: a."
    assert words(cells.line(f"prompts import {path} a a b")) == "Imported: 1 added."
    assert sorted(pl.prompts().name) == ["a", "b"]
    with pytest.raises(UsageError, match="no prompt 'brief' in") as caught:
        cells.line(f"prompts import {path} brief")
    assert caught.value.hint == "Nothing is imported."


def test_an_encrypted_prompt_that_cannot_be_compared_is_kept(
    app: Parllama, cells: Cells, tmp_path: Path
) -> None:
    app.vault.create(PASSWORD)
    (tmp_path / "a.md").write_text("one")
    cells.line(f'prompts import "{tmp_path}" --all')
    cells.line("prompts encrypt a")
    app.vault.lock()
    said = words(cells.line(f'prompts import "{tmp_path}" --all'))
    assert "encrypted, and the vault is locked" in said
    assert "Nothing is new." in said


def test_functions_say_what_is_no_text(cells: Cells) -> None:
    cells.cell("prompts new brief", BRIEF)
    wrong: Any = 5
    for work in (pl.prompt, pl.prompts):
        with pytest.raises(UsageError, match="is a text, and 5 is not"):
            work(wrong)
    assert pl.prompts(tags="test").name.tolist() == ["brief"]


def test_a_prompt_that_cannot_be_read_names_the_field_and_keeps_the_old_one(
    cells: Cells,
) -> None:
    cells.cell("prompts new brief", BRIEF)
    with pytest.raises(FieldError):
        cells.cell("prompts edit brief", "---\ntags: [\n---\nx")
    with pytest.raises(FieldError, match="already"):
        cells.cell("prompts new BRIEF", "x")
    assert pl.prompt("brief").version == 1


def test_an_import_says_what_it_would_do_before_it_does_it(
    cells: Cells, tmp_path: Path
) -> None:
    for name in ("a", "b", "bad"):
        text = "---\ntags: a\nx" if name == "bad" else f"Text of {name}"
        (tmp_path / f"{name}.md").write_text(text)
    path = f'"{tmp_path}"'

    before = words(cells.line(f"prompts import {path}"))
    assert "2 prompts: 2 new." in before
    assert "bad.md" in before
    assert "Nothing is imported yet" in before
    assert pl.prompts().empty

    assert "Imported: 1 added." in words(cells.line(f"prompts import {path} b"))
    assert "Imported: 1 added." in str(
        cells.line(f"prompts import markdown {path} --all")
    )
    assert "Nothing is new." in words(cells.line(f"prompts import {path} --all"))
    assert "imported yet" not in words(cells.line(f"prompts import {path}"))
    assert pl.prompts().source.tolist() == ["markdown", "markdown"]
    with pytest.raises(UsageError, match="no prompt 'c' in"):
        cells.line(f"prompts import {path} c")

    cells.cell("prompts edit a", "My own words")
    (tmp_path / "a.md").write_text("Other text of a")
    kept = words(cells.line(f"prompts import {path} --all"))
    assert "Nothing is new." in kept
    assert "changed, and edited here" in kept
    assert "Beside yours: a (markdown)." in words(
        cells.line(f"prompts import {path} a")
    )
    assert pl.prompt("a").system == "My own words"


@pytest.mark.parametrize("kind", ["markdown", "csv", "json", "llm", "fabric"])
def test_what_is_exported_can_be_imported(
    cells: Cells, tmp_path: Path, kind: str
) -> None:
    cells.cell("prompts new brief", BRIEF)
    cells.cell("prompts new other", "Another one.")
    place = tmp_path / "out"

    assert "2 prompts exported" in str(cells.line(f'prompts export {kind} "{place}"'))
    with pytest.raises(UsageError, match="exists already"):
        cells.line(f'prompts export {kind} "{place}"')
    cells.line(f'prompts export {kind} "{place}" --overwrite')
    before = {name: pl.prompt(name) for name in ("brief", "other")}
    cells.line("prompts delete brief other")
    cells.line(f'prompts import {kind} "{place}" --all')

    for name, prompt in before.items():
        assert pl.prompt(name).system == prompt.system


def test_an_encrypted_prompt_is_unlocked_and_exported_only_by_name(
    app: Parllama, cells: Cells, tmp_path: Path
) -> None:
    app.vault.create(PASSWORD)
    cells.cell("prompts new secret", "Nobody knows")
    cells.cell("prompts new other", "All know")
    assert "is encrypted in all" in str(cells.line("prompts encrypt secret"))
    app.vault.lock()

    assert "encrypted" in str(cells.line("prompts list"))
    said = str(cells.line(f'prompts export json "{tmp_path / "a.json"}"'))
    assert "1 encrypted not" in " ".join(said.split())
    assert not cells.typed
    assert "Nobody knows" in str(cells.line("prompts show secret"))
    assert cells.typed
    cells.line(f'prompts export json "{tmp_path / "b.json"}" secret')
    assert "Nobody knows" in (tmp_path / "b.json").read_text()
    assert "no longer" in str(cells.line("prompts decrypt secret"))


# asking


def test_a_cell_asks_with_a_library_prompt(
    app: Parllama, cells: Cells, fake: FakeProvider
) -> None:
    cells.cell("prompts new brief", BRIEF)

    answer = cells.cell("-p brief --set who=all --set lang=fr", "The text {{x}}")

    assert sent(fake) == ["Be brief in fr for all. Keep {{other}}.", "The text {{x}}"]
    assert str(answer.library_prompt) == "prompt brief v1"
    app.runtime.run(app.prompts.find())
    assert pl.prompts().uses.tolist() == [1]


def test_variables_are_filled_from_the_notebook(
    app: Parllama, fake: FakeProvider
) -> None:
    cells = Cells(app, who="readers", df={"a": 1}, lang="no")
    cells.cell("prompts new brief", BRIEF)

    cells.cell("-p brief --set lang={{df}}", "Text")

    assert sent(fake)[0].startswith('Be brief in {"a": 1} for readers.')


def test_a_secret_of_the_notebook_is_not_filled_in(
    app: Parllama, fake: FakeProvider
) -> None:
    cells = Cells(app, who=Secret("KEY", "sk-1234567"))
    cells.cell("prompts new brief", BRIEF)
    with pytest.raises(UsageError, match="is a secret"):
        cells.cell("-p brief", "Text")
    assert not fake.requests


def test_a_missing_value_names_its_variable(cells: Cells, fake: FakeProvider) -> None:
    cells.cell("prompts new brief", BRIEF)
    with pytest.raises(FieldError, match="brief needs a value for who") as caught:
        cells.cell("-p brief", "Text")
    assert caught.value.hint == "Who reads it. Give one: --set who=VALUE"
    with pytest.raises(UsageError, match="NAME=VALUE, not 'x'"):
        cells.cell("-p brief --set x", "Text")
    assert not fake.requests


def test_a_prompt_may_ask_without_a_text(cells: Cells, fake: FakeProvider) -> None:
    cells.cell("prompts new only", "<!-- user -->\nSay hello.")
    cells.cell("-p only")
    assert sent(fake) == ["Say hello."]
    cells.line("ask -p only")
    assert sent(fake) == ["Say hello."]
    cells.cell("prompts new system", "Be kind.")
    with pytest.raises(UsageError, match="The question is empty") as caught:
        cells.cell("-p system")
    assert caught.value.hint == "system does not ask anything by itself: add a text."


def test_functions_ask_with_a_library_prompt(cells: Cells, fake: FakeProvider) -> None:
    cells.cell("prompts new brief", BRIEF)
    options: dict[str, Any] = {"variables": {"who": "all", "lang": 5}}

    answer = pl.ask("Text", library_prompt="brief", **options)
    assert sent(fake)[0].startswith("Be brief in 5 for all.")
    assert answer.library_prompt is not None
    pl.ask(pl.prompt("brief").render("Text", who="me"), system="")
    with pytest.raises(UsageError, match="empty"):
        pl.ask(pl.prompt("brief").render(who="me"))
    talk = pl.conversation("talk")
    talk.ask("More", library_prompt=pl.prompt("brief"), variables={"who": "you"})
    assert sent(fake)[0].startswith("Be brief in en for you.")
    assert "prompt brief v1" in talk.turns[-1].to_answer().footer
    with pytest.raises(UsageError, match="a name or a prompt, not a int"):
        pl.ask("Text", library_prompt=5)


def test_names_and_sources_are_completed(app: Parllama, cells: Cells) -> None:
    cells.cell("prompts new brief", "x")
    cells.cell('prompts new "two words"', "x")

    def offered(line: str, *, cell: bool = False) -> list[str]:
        return complete(COMMANDS, app, line, cell=cell)

    assert offered("prompts sh") == ["show"]
    assert offered("prompts show ") == ["brief", '"two words"']
    assert offered("-p b", cell=True) == ["brief"]
    assert "fabric" in offered("prompts import ")
    assert offered("prompts export mark") == ["markdown"]
    assert offered("prompts list ") == []


def test_the_view_opens_with_the_words_of_the_line(cells: Cells) -> None:
    opening = cells.line("prompts list short texts --view")
    assert (opening.view, opening.subject) == ("prompts", "short texts")
