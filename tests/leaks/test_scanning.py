"""Files with secrets: which are searched, and what is said of each hit."""

from __future__ import annotations

import inspect
import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import nbformat
import pytest

from parllama_nb.leaks import scanning
from parllama_nb.leaks.files import files_below, files_of_user
from parllama_nb.leaks.finder import Finder
from parllama_nb.leaks.hits import KINDS, Found
from parllama_nb.leaks.scanning import scan
from parllama_nb.secret import Secret

KEY = "sk-proj-Zx81kQwe77PlmN"
PASSWORD = 'p/ss+"w&rd\\=ü'

FINDER = Finder([Secret("OPENAI_API_KEY", KEY), Secret("DB", PASSWORD)])

Hits = list[tuple[str, str, str, str]]


def found_in(
    root: Path, *, everything: bool = False, finder: Finder = FINDER
) -> tuple[Found, Hits]:
    found = Found()

    def problem(path: Path, reason: str) -> None:
        found.unreadable.append((path, reason))

    files = files_below(root, everything=everything, problem=problem)
    hits = [
        (hit.path.name, hit.kind, ", ".join(hit.names), hit.where)
        for hit in scan(files, finder, found)
    ]
    return found, hits


def write_notebook(path: Path, *cells: Any, **metadata: Any) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    notebook = nbformat.v4.new_notebook(cells=list(cells), metadata=metadata)
    nbformat.write(notebook, path)


def code(source: str, *outputs: Any, count: int | None = None) -> Any:
    return nbformat.v4.new_code_cell(
        source, outputs=list(outputs), execution_count=count
    )


def stream(text: str) -> Any:
    return nbformat.v4.new_output("stream", text=text)


def test_a_hit_in_a_notebook_names_the_cell_and_its_part(tmp_path: Path) -> None:
    html = nbformat.v4.new_output("display_data", {"text/html": f"<b>{KEY}</b>"})
    tagged = code("1", count=5)
    tagged["metadata"]["note"] = KEY
    write_notebook(
        tmp_path / "a.ipynb",
        nbformat.v4.new_markdown_cell("nothing"),
        code(f"import os\nkey = {PASSWORD!r}\n", stream("ok"), count=3),
        code("key", stream("a\n"), stream(f"so: {KEY}\n{KEY}"), count=4),
        nbformat.v4.new_markdown_cell(f"*{KEY}*"),
        code("show()", html),
        tagged,
        widgets={"application/vnd.jupyter.widget-state+json": {"state": {"x": KEY}}},
        author=KEY,
    )
    _, hits = found_in(tmp_path)
    key = "OPENAI_API_KEY"
    assert hits == [
        ("a.ipynb", "input", "DB", "cell 2 [3]"),
        ("a.ipynb", "output", key, "cell 3 [4], output 2"),
        ("a.ipynb", "input", key, "cell 4"),
        ("a.ipynb", "output", key, "cell 5, output"),
        ("a.ipynb", "metadata", key, "cell 6 [5], metadata"),
        ("a.ipynb", "widgets", key, "saved widgets"),
        ("a.ipynb", "metadata", key, "metadata of the notebook"),
    ]


def test_a_secret_of_several_lines_is_found_in_a_cell(tmp_path: Path) -> None:
    value = "-----BEGIN KEY-----\nMIIEowIBAAKCAQEA7bq\n-----END KEY-----"
    write_notebook(tmp_path / "a.ipynb", code(f'key = """{value}"""', count=1))
    _, hits = found_in(tmp_path, finder=Finder([Secret("PEM", value)]))
    assert {hit[2:] for hit in hits} == {("PEM", "cell 1 [1]")}


def test_what_jupyter_keeps_is_searched_and_other_files_if_asked(
    tmp_path: Path,
) -> None:
    write_notebook(tmp_path / ".ipynb_checkpoints" / "a-checkpoint.ipynb", code(KEY))
    (tmp_path / ".virtual_documents").mkdir()
    (tmp_path / ".virtual_documents" / "a.ipynb").write_text(f"x\n{KEY}")
    (tmp_path / ".jupyter_ystore.db").write_bytes(b"\0" * 100 + KEY.encode())
    (tmp_path / ".env").write_text(f"A=1\nOPENAI_API_KEY={KEY}\n")
    for name in ("notes.md", "a.py", "a.log", "data.csv", "x.bin"):
        (tmp_path / name).write_text(f"1\n2\n{KEY}\n")
    (tmp_path / f"{KEY}.txt").write_text("named after it")
    for skipped in (".git", "node_modules", ".venv", "sub/__pycache__"):
        (tmp_path / skipped).mkdir(parents=True)
        (tmp_path / skipped / "a.ipynb").write_text(KEY)
    (tmp_path / "own").mkdir()
    (tmp_path / "own" / "pyvenv.cfg").touch()
    (tmp_path / "own" / "a.ipynb").write_text(KEY)

    found, hits = found_in(tmp_path)

    key = "OPENAI_API_KEY"
    always = {
        ("a-checkpoint.ipynb", "checkpoint", key, "cell 1"),
        ("a.ipynb", "collaboration", key, "line 2"),
        (".jupyter_ystore.db", "collaboration", key, "byte 100"),
        (".env", "env", key, "line 2"),
    }
    assert {*hits} == always
    assert found.files == 4
    found, hits = found_in(tmp_path, everything=True)
    assert {*hits} == always | {
        *((name, "file", key, "line 3") for name in ("notes.md", "a.py", "a.log")),
        *((name, "file", key, "line 3") for name in ("data.csv", "x.bin")),
        (f"{KEY}.txt", "name", key, "its name"),
    }
    assert found.files == 10
    assert found.size == sum(
        path.stat().st_size for path in {hit.path for hit in found.hits}
    )


def test_one_file_may_be_named(tmp_path: Path) -> None:
    (tmp_path / "a.py").write_text(KEY)
    assert found_in(tmp_path / "a.py")[1] == [
        ("a.py", "file", "OPENAI_API_KEY", "line 1")
    ]


@pytest.mark.parametrize(
    "content",
    [
        b'{"cells": [{"source": "KEY',
        b"\xff\xfeKEY",
        b"[" * 100_000 + b"KEY",
        b'["KEY"]',
        b'{"cells": "KEY"}',
        b'{"cells": [1, "KEY"]}',
        b'{"cells": [], "worksheets": [{"cells": ["KEY"]}]}',
        b'{"cells": [{"outputs": 7, "source": "KEY"}]}',
        b'{"cells": [], "metadata": ["KEY"]}',
        b'{"n": ' + b"9" * 10_000 + b', "a": "KEY"}',
        b'{"cells": [{"source": "\\ud800", "outputs": [{"\\udfff": "KEY"}]}]}',
        b'{"cells": [{"source": ["a", ["KEY"], {"a": ["KEY"]}]}]}',
        b'{"cells": [{"source": "x"}], "KEY": 1}',
        b'{"cells": [{"a": ' + b"[" * 900 + b'"KEY"' + b"]" * 900 + b"}]}",
        b"KEY" + b"\0" * 10,
    ],
)
def test_a_file_that_is_no_notebook_is_searched_as_text(
    tmp_path: Path, content: bytes
) -> None:
    (tmp_path / "a.ipynb").write_bytes(content.replace(b"KEY", KEY.encode()))
    found, hits = found_in(tmp_path)
    assert [hit[2] for hit in hits] == ["OPENAI_API_KEY"]
    assert found.unreadable == []


def test_no_link_is_followed_and_no_pipe_is_waited_for(tmp_path: Path) -> None:
    outside, inside = tmp_path / "outside", tmp_path / "inside"
    outside.mkdir()
    inside.mkdir()
    (outside / "a.ipynb").write_text(KEY)
    (inside / "loop").symlink_to(inside)
    (inside / "out").symlink_to(outside)
    (inside / "a.ipynb").symlink_to(outside / "a.ipynb")
    (inside / "gone.ipynb").symlink_to(inside / "nowhere")
    os.mkfifo(inside / "pipe.ipynb")
    found, hits = found_in(inside, everything=True)
    assert hits == []
    assert found.unreadable == []
    found, hits = found_in(inside / "pipe.ipynb")
    assert [reason for _, reason in found.unreadable] == ["not a file"]


def test_a_directory_of_any_depth_is_searched(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    for _ in range(300):
        Path("d").mkdir()
        os.chdir("d")
    Path("a.ipynb").write_text(KEY)
    os.chdir(tmp_path)
    limit = sys.getrecursionlimit()
    # As deep for this stack as 1,300 would be for a whole one, and can be removed.
    sys.setrecursionlimit(len(inspect.stack()) + 200)
    try:
        _, hits = found_in(Path())
    finally:
        sys.setrecursionlimit(limit)
    assert hits == [("a.ipynb", "notebook", "OPENAI_API_KEY", "line 1")]


def test_a_path_that_is_too_long_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    for _ in range(30):
        Path("d" * 200).mkdir()
        os.chdir("d" * 200)
    os.chdir(tmp_path)
    found, _ = found_in(tmp_path)
    assert [reason for _, reason in found.unreadable] == ["File name too long"]


@pytest.mark.skipif(not hasattr(os, "geteuid"), reason="POSIX")
def test_what_may_not_be_read_is_named(tmp_path: Path) -> None:
    shut = tmp_path / "shut"
    shut.mkdir()
    (shut / "a.ipynb").write_text(KEY)
    (tmp_path / "b.ipynb").write_text(KEY)
    (tmp_path / "c.ipynb").write_text(KEY)
    (tmp_path / "b.ipynb").chmod(0)
    shut.chmod(0)
    (tmp_path / "c.ipynb").chmod(0o644)
    tmp_path.chmod(0o755)
    program = (
        "import os, pathlib\n"
        # Imported while root still has its rights, which the package may need.
        "from tests.leaks.test_scanning import found_in\n"
        "os.geteuid() or os.setuid(65534)\n"
        "found, hits = found_in(pathlib.Path())\n"
        "print(len(hits), *sorted(p.name for p, _ in found.unreadable))"
    )
    done = subprocess.run(
        [sys.executable, "-c", program],
        cwd=tmp_path,  # whose parents are closed to others
        env={**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])},
        capture_output=True,
        text=True,
        check=True,
    )
    shut.chmod(0o700)
    assert done.stdout.split() == ["1", "b.ipynb", "shut"]


def test_a_large_file_is_read_in_pieces(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(scanning, "_PIECE", 1_000)
    path = tmp_path / "a.log"
    for at in range(900, 1_100):
        path.write_bytes(b"x\n" * (at // 2) + KEY.encode() + b"\n" * 3_000 + b"y" * 77)
        _, hits = found_in(path)
        assert hits == [("a.log", "file", "OPENAI_API_KEY", f"line {at // 2 + 1}")]


def test_a_file_full_of_a_secret_has_few_hits(tmp_path: Path) -> None:
    (tmp_path / "a.log").write_text(f"{KEY}\n" * 3_000)
    found, hits = found_in(tmp_path / "a.log")
    assert len(hits) == 50
    assert found.more == 950


def test_a_secret_that_is_everywhere_does_not_hide_another(tmp_path: Path) -> None:
    secrets = [Secret("PIN", "000000"), Secret("KEY", KEY)]
    for text in ("pin=000000\n" * 5_000, "0" * 100_000):
        path = tmp_path / "a.log"
        path.write_text(f"{text}\n{KEY}\n")
        found = Found()
        files = files_below(path, everything=True, problem=lambda *_: None)
        hits = [*scan(files, Finder(secrets), found)]
        assert {hit.names for hit in hits} == {("PIN",), ("KEY",)}
        assert len(hits) <= 51


def test_a_huge_cell_is_one_hit(tmp_path: Path) -> None:
    write_notebook(tmp_path / "a.ipynb", code("x", stream(f"{KEY}\n" * 20_000)))
    _, hits = found_in(tmp_path)
    assert hits == [("a.ipynb", "output", "OPENAI_API_KEY", "cell 1, output")]


def test_a_file_that_git_tracks_is_marked(tmp_path: Path) -> None:
    for name in (".env", "deep/.env", "a.ipynb", "sub/b.ipynb"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(KEY)
    for command in (["init", "-q"], ["add", "deep/.env", "sub/b.ipynb"]):
        subprocess.run(["git", *command], cwd=tmp_path, check=True)
    found, _ = found_in(tmp_path)
    assert {
        str(hit.path.relative_to(tmp_path)) for hit in found.hits if hit.tracked
    } == {"deep/.env", "sub/b.ipynb"}


HISTORY = """
import sys
from traitlets.config import Config
from IPython.core.interactiveshell import InteractiveShell
config = Config()
config.HistoryManager.db_log_output = True
shell = InteractiveShell.instance(config=config)
for cell in sys.argv[1:]:
    shell.run_cell(cell, store_history=True)
shell.history_manager.writeout_cache()
shell.history_manager.end_session()
"""


@pytest.fixture
def remember(tmp_path: Path) -> Callable[..., Path]:
    """Runs cells in a real shell; gives IPython's directory."""

    def remember(*cells: str) -> Path:
        directory = tmp_path / "ipython"
        subprocess.run(
            [sys.executable, "-c", HISTORY, *cells],
            env={**os.environ, "IPYTHONDIR": str(directory)},
            check=True,
            capture_output=True,
        )
        return directory

    return remember


def of_user(home: Path, ipython: Path, environ: dict[str, str]) -> Hits:
    files = files_of_user(home, ipython, environ)
    return [
        (hit.path.name, hit.kind, ", ".join(hit.names), hit.where)
        for hit in scan(files, FINDER, Found())
    ]


def test_a_hit_in_ipythons_history_names_session_line_and_part(
    tmp_path: Path, remember: Callable[..., Path]
) -> None:
    remember("1", f"key = {KEY!r}", "key")
    ipython = remember("2", f"{PASSWORD!r}")
    name, key = "history.sqlite", "OPENAI_API_KEY"
    assert {*of_user(tmp_path, ipython, {})} == {
        (name, "history", key, "session 1, line 2, input"),
        (name, "history", key, "session 1, line 3, output"),
        (name, "history", "DB", "session 2, line 2, input"),
        (name, "history", "DB", "session 2, line 2, output"),
    }


def test_what_was_deleted_from_the_history_is_found_until_it_is_vacuumed(
    tmp_path: Path, remember: Callable[..., Path]
) -> None:
    ipython = remember("1", f"key = {KEY!r}", "2")
    (path,) = ipython.glob("*/history.sqlite")

    def run(statement: str) -> None:
        # In a connection of its own, as the remedy says.
        program = (
            "import sqlite3, sys; c = sqlite3.connect(sys.argv[1]); "
            "c.executescript(sys.argv[2]); c.close()"
        )
        subprocess.run([sys.executable, "-c", program, path, statement], check=True)

    run("PRAGMA secure_delete = 0; DELETE FROM history WHERE session=1 AND line=2")
    kinds = {hit[1] for hit in of_user(tmp_path, ipython, {})}
    assert kinds == {"deleted"}
    run("VACUUM")
    assert of_user(tmp_path, ipython, {}) == []


def test_a_history_that_is_no_database_is_searched_as_bytes(tmp_path: Path) -> None:
    path = tmp_path / "ipython" / "profile_x" / "history.sqlite"
    path.parent.mkdir(parents=True)
    path.write_text(f"no database\n{KEY}")
    found = Found()
    files = files_of_user(tmp_path, tmp_path / "ipython", {})
    (hit,) = scan(files, FINDER, found)
    assert (hit.kind, hit.where) == ("history", "line 2")
    assert found.unreadable[0][0] == path


def test_histories_of_shells_and_workspaces_are_searched(tmp_path: Path) -> None:
    workspaces = tmp_path / ".jupyter" / "lab" / "workspaces"
    workspaces.mkdir(parents=True)
    (workspaces / "default.jupyterlab-workspace").write_text(json.dumps({"x": KEY}))
    (tmp_path / ".bash_history").write_text(f"ls\nexport K={KEY}\n")
    (tmp_path / ".python_history").write_text(f"k = {PASSWORD!r}\n")
    (tmp_path / "elsewhere").write_text(KEY)
    hits = of_user(
        tmp_path, tmp_path / "none", {"HISTFILE": str(tmp_path / "elsewhere")}
    )
    key = "OPENAI_API_KEY"
    assert {*hits} == {
        (".bash_history", "shell", key, "line 2"),
        (".python_history", "shell", "DB", "line 1"),
        ("elsewhere", "shell", key, "line 1"),
        ("default.jupyterlab-workspace", "workspace", key, "line 1"),
    }


def test_a_scan_ends_when_it_is_stopped(tmp_path: Path) -> None:
    for number in range(5):
        (tmp_path / f"{number}.ipynb").write_text(KEY)
    found, searched = Found(), 0

    def done(size: int) -> None:
        nonlocal searched
        searched += size

    files = files_below(tmp_path, everything=False, problem=print)
    hits = list(scan(files, FINDER, found, done=done, is_stopped=lambda: searched > 30))
    assert len(hits) == 2


def test_every_kind_has_a_remedy() -> None:
    for advice in KINDS.values():
        assert advice.title
        assert advice.remedy.endswith(".")
