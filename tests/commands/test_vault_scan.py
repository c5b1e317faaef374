"""%parllama vault scan: what it says, and that no value is in it."""

from __future__ import annotations

import base64
import re
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import nbformat
import pytest

from parllama_nb.application import Parllama
from parllama_nb.commands import COMMANDS, Call, Notebook
from parllama_nb.commands.completion import complete
from parllama_nb.commands.grammar import parse_line
from parllama_nb.commands.report import Report
from parllama_nb.errors import InputError, PrivateLineError, StoppedError, UsageError
from parllama_nb.events import Event, ProgressChanged
from parllama_nb.leaks.forms import forms
from parllama_nb.vaults.errors import VaultMissingError

from ..own_app import own_app, result_of
from ..vaults.weak import PASSWORD, weak_policy

KEY = "sk-proj-Zx81kQwe77PlmN"
VALUE = 'p|ss`w<rd\\*"ü'

Scan = Callable[..., Report]


@pytest.fixture
def app() -> Iterator[Parllama]:
    with own_app() as app:
        app.vault.policy = weak_policy()
        app.vault.create(PASSWORD)
        app.vault.set("OPENAI_API_KEY", KEY)
        app.vault.set("DB", VALUE)
        yield app


@pytest.fixture
def work(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The working directory, below a home of its own."""
    work = tmp_path / "home" / "work"
    work.mkdir(parents=True)
    monkeypatch.chdir(work)
    monkeypatch.setenv("HOME", str(work.parent))
    monkeypatch.setenv("IPYTHONDIR", str(work.parent / "ipython"))
    for name in ("JUPYTER_CONFIG_DIR", "JUPYTERLAB_WORKSPACES_DIR", "HISTFILE"):
        monkeypatch.delenv(name, raising=False)
    return work


@pytest.fixture
def scan(app: Parllama, work: Path) -> Scan:
    """Runs the action as the magic would."""

    def scan(
        line: str = "", notebook: Notebook | None = None, **more: object
    ) -> Report:
        command, params = parse_line(COMMANDS, f"vault scan {line}")
        values = params.model_dump(exclude_unset=True)
        report = result_of(app, command.name, notebook, **more, **values)
        assert isinstance(report, Report)
        for value in (KEY, VALUE):
            for written in forms(value):
                assert written not in report.text.encode()
                assert written not in report.markdown.encode()
                assert written not in str(report).encode()
        return report

    return scan


def write_notebook(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    output = nbformat.v4.new_output("stream", text=text)
    cell = nbformat.v4.new_code_cell("show()", outputs=[output], execution_count=7)
    nbformat.write(nbformat.v4.new_notebook(cells=[cell]), path)


def test_a_scan_of_many_secrets_leaves_those_in_use_to_the_belt(
    app: Parllama, scan: Scan
) -> None:
    with app.vault.batch() as changes:
        for number in range(400):
            changes.set(f"SECRET_{number:03}", f"a-value-{number:03}-of-many")
    app.vault.get("OPENAI_API_KEY")
    scan()
    # And none that nobody has used.
    assert [each.reveal() for each in app.redact.known] == [KEY]


def test_a_clean_directory_says_how_much_was_searched(scan: Scan, work: Path) -> None:
    write_notebook(work / "a.ipynb", "nothing")
    size = (work / "a.ipynb").stat().st_size
    assert str(scan()) == f"0 hits in 1 file ({size} B)."


def test_each_hit_has_its_place_and_each_kind_its_remedy(
    scan: Scan, work: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "200")
    write_notebook(work / "sub" / "a.ipynb", f"so: {KEY}")
    write_notebook(work / "sub" / ".ipynb_checkpoints" / "a-checkpoint.ipynb", VALUE)
    (work / ".env").write_text(f"OPENAI_API_KEY={KEY}\n")
    (work.parent / ".bash_history").write_text(f"export OPENAI_API_KEY={KEY}\n")
    text = str(scan())
    assert text.startswith("3 hits in 4 files")
    for row in (
        r"sub/a.ipynb +cell 1 \[7\], output +OPENAI_API_KEY",
        r"a-checkpoint.ipynb +cell 1 \[7\], output +DB",
        r"~/.bash_history +line 1 +OPENAI_API_KEY",
        r"\.env +line 1 +OPENAI_API_KEY",
    ):
        assert re.search(row, text), row
    assert "as it is" not in text
    assert "Clear the output of the cell" in text
    assert "writes its checkpoint anew" in text
    assert "no alarm" in text
    assert "OPENAI_API_KEY: https://platform.openai.com/api-keys" in text
    assert "DB:" not in text


def test_paths_narrow_the_search_and_all_widens_it(scan: Scan, work: Path) -> None:
    for name in ("a", "b", "c"):
        write_notebook(work / name / f"{name}.ipynb", KEY)
    (work / "notes.md").write_text(KEY)
    assert "3 hits" in str(scan())
    assert "4 hits" in str(scan("--all"))
    assert "2 hits" in str(scan("a b"))
    assert "1 hit in" in str(scan(f"a {work / 'a'} a/a.ipynb"))
    assert "1 hit in" in str(scan("notes.md"))


def test_forms_and_what_git_tracks_are_said_where_there_are_any(
    scan: Scan, work: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "200")
    write_notebook(
        work / "a.ipynb", base64.b64encode(f"Bearer {KEY}".encode()).decode()
    )
    write_notebook(work / "b.ipynb", KEY)
    for command in (["init", "-q"], ["add", "b.ipynb"]):
        subprocess.run(["git", *command], cwd=work, check=True)
    text = str(scan())
    assert re.search(r"file +where +secret +form +git", text)
    assert re.search(r"a.ipynb .*OPENAI_API_KEY +as base64\n", text)
    assert re.search(r"b.ipynb .*OPENAI_API_KEY +tracked\n", text)
    assert "the value stays in git's history" in text


def test_a_name_of_a_file_that_is_a_secret_is_not_shown(
    scan: Scan, work: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "200")
    write_notebook(work / KEY / f"{KEY}.ipynb", KEY)
    text = str(scan())
    assert "2 hits" in text
    assert "<Secret OPENAI_API_KEY>.ipynb" in text


def test_names_of_others_in_the_report_are_shown_as_they_are(
    scan: Scan, work: Path
) -> None:
    write_notebook(work / "a|b`c`*d*<b>.ipynb", KEY)
    report = scan()
    assert "a|b`c`*d*<b>.ipynb" in str(report)
    assert "<b>" not in report.markdown


def test_short_secrets_and_unreadable_files_are_named(
    scan: Scan, app: Parllama, work: Path
) -> None:
    app.vault.set("PIN", "1234")
    (work / "ipython" / "profile_x").mkdir(parents=True)
    history = work.parent / "ipython" / "profile_x" / "history.sqlite"
    history.parent.mkdir(parents=True)
    history.write_text("no database")
    text = " ".join(str(scan()).split())
    assert "fewer than six characters: PIN." in text
    assert "Could not be read: ~/ipython/profile_x/history.sqlite" in text


def test_a_vault_without_secrets_has_nothing_to_search_for(
    scan: Scan, app: Parllama
) -> None:
    for name in app.vault.names():
        app.vault.remove(name)
    assert "there is none in the vault" in str(scan())
    app.vault.set("PIN", "1234")
    assert "only short ones" in str(scan())


def test_many_hits_are_counted(scan: Scan, work: Path) -> None:
    for number in range(205):
        write_notebook(work / f"{number:03}.ipynb", KEY)
    (work / "all.txt").write_text(f"{KEY}\n" * 60)
    text = str(scan("--all"))
    assert "265 hits in 206 files" in text
    assert "And 5 more of these." in text
    assert "Files with many hits have 10 more." in text


def test_a_locked_vault_is_unlocked_first(scan: Scan, app: Parllama) -> None:
    asked = []

    async def ask(what: str) -> str:
        asked.append(what)
        return PASSWORD

    app.vault.lock()
    with pytest.raises(InputError):
        scan()
    assert "0 hits" in str(scan("", Notebook("nb", ask=ask)))
    assert asked == ["Password of the vault"]


def test_without_a_vault_there_is_nothing_to_scan_for(work: Path) -> None:
    with own_app() as app, pytest.raises(VaultMissingError):
        result_of(app, "vault", action="scan")


def test_a_path_that_does_not_exist_is_not_repeated(scan: Scan) -> None:
    for line in (KEY, f". {KEY}", f"~/{KEY}", f"~{KEY}"):
        with pytest.raises(UsageError) as caught:
            scan(line)
        assert KEY not in str(caught.value)


@pytest.mark.parametrize("line", ["set A hunter22", "unlock . hunter22", "audit --x"])
def test_only_scan_takes_several_paths(line: str) -> None:
    with pytest.raises(PrivateLineError) as caught:
        parse_line(COMMANDS, f"vault {line}")
    assert "hunter22" not in str(caught.value)


def test_it_is_offered_and_shows_its_progress(
    scan: Scan, app: Parllama, work: Path
) -> None:
    assert complete(COMMANDS, app, "vault sc", cell=False) == ["scan"]
    command, params = parse_line(COMMANDS, "vault scan .")
    assert command.is_live(params)
    assert not command.is_live(parse_line(COMMANDS, "vault status")[1])
    write_notebook(work / "a.ipynb", "x" * 100_000)
    events: list[Event] = []
    scan("", None, listener=events.append)
    last = [each.progress for each in events if isinstance(each, ProgressChanged)][-1]
    assert last.phase == "Searching"
    assert last.done == last.total == (work / "a.ipynb").stat().st_size


def test_a_scan_that_is_stopped_reads_no_further(app: Parllama, work: Path) -> None:
    # Longer than the test may take.
    with (work / "large.ipynb").open("wb") as file:
        file.truncate(1 << 40)
    command, params = parse_line(COMMANDS, "vault scan")
    job = app.jobs.start(
        "vault", lambda job: command.run(params, Call(app, Notebook("nb"), job))
    )
    while job.progress is None or not job.progress.done:
        assert not job.future.done()
    job.cancel()
    with pytest.raises(StoppedError):
        job.result()
    assert job.progress.done < 1 << 40
