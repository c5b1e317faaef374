"""The vault in real kernels: its prompts, where secrets must not be, and locks."""

from __future__ import annotations

import json
import re
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest

from .conftest import StartPage
from .page import Page

pytestmark = pytest.mark.kernel

PASSWORD = "sentinel horse battery staple 5bd1"
SECRET = "sk-sentinel-e1f0a93c77b2"


def create(page: Page) -> None:
    made = page.run("%parllama vault create", typed=[PASSWORD, PASSWORD])
    assert made.status == "ok", made.text


def everything_said(page: Page) -> str:
    return repr(page.messages) + page.log.read_text(errors="replace")


@pytest.mark.parametrize("version", ["6.29.5", "own"])
def test_a_secret_is_typed_unseen_and_used(start_page: StartPage, version: str) -> None:
    page = start_page(version)
    create(page)
    kept = page.run("%parllama vault set OPENAI_API_KEY", typed=[f" {SECRET}\n"])
    assert kept.status == "ok", kept.text
    assert all(prompt["password"] for prompt in page.prompts)
    assert "comes first" in kept.text  # the kernel has a key in its environment too
    page.run("import os; del os.environ['OPENAI_API_KEY']")
    answer = page.run("%%parllama openai/fault-401-echo\nHi.")
    assert "AuthenticationError" in answer.text
    assert "<Secret OPENAI_API_KEY>" in answer.text  # the server had it, and said it
    locked = page.run("%parllama vault lock")
    assert locked.text == "The vault is locked."
    refused = page.run("%%parllama openai/echo\nHi.")
    assert "vault unlock" in refused.text
    page.run("%parllama vault unlock", typed=[PASSWORD])
    assert page.run("%%parllama openai/echo\nHi.").status == "ok"
    said = everything_said(page)
    assert SECRET not in said
    assert PASSWORD not in said


def test_a_wrong_password_is_asked_for_again(start_page: StartPage) -> None:
    page = start_page("own")
    create(page)
    page.run("%parllama vault lock")
    page.prompts.clear()
    unlocked = page.run("%parllama vault unlock", typed=["wrong", PASSWORD])
    assert unlocked.status == "ok", unlocked.text
    assert [prompt["prompt"] for prompt in page.prompts] == [
        "Password of the vault: ",
        "That was wrong. Password of the vault: ",
    ]


def test_ctrl_c_at_the_prompt_changes_nothing(start_page: StartPage) -> None:
    page = start_page("own")
    create(page)
    page.run("%parllama vault lock")
    page.prompts.clear()
    run = page.start("%parllama vault unlock", typed=[])
    page.until(lambda: page.prompts)
    page.interrupt()
    page.wait(run)
    assert run.error is not None
    assert "locked" in page.run("%parllama vault").text


def test_a_lock_in_mid_answer_ends_nothing_and_holds_for_the_next(
    start_page: StartPage,
) -> None:
    page = start_page("own")
    create(page)
    page.run("%parllama vault set OPENAI_API_KEY", typed=[SECRET])
    page.run("import os; del os.environ['OPENAI_API_KEY']")
    tokens = 100
    page.run(f"%%parllama openai/synthetic:{tokens}:25 --background -o answer\nGo on.")
    assert "locked" in page.run("%parllama vault lock").text
    page.run("%parllama vault")
    done = page.run(
        "import time\n"
        "while 'answer' not in globals():\n"
        "    time.sleep(0.05)\n"
        "print(answer.finish_reason, answer.usage.output_tokens)"
    )
    assert done.text.split() == ["stop", str(tokens)], done.text
    refused = page.run("%%parllama openai/echo\nHi.")
    assert "vault unlock" in refused.text


def test_a_restarted_kernel_is_locked_and_has_it_all(start_page: StartPage) -> None:
    page = start_page("own")
    create(page)
    page.run("%parllama vault set A_KEY", typed=[SECRET])
    page.kill()
    again = start_page("own")
    assert "locked" in again.run("%parllama vault").text
    shown = again.run("%parllama vault list", typed=[PASSWORD])
    assert "A" in shown.text
    assert shown.status == "ok"


def test_where_nobody_can_type_it_is_said_at_once(start_page: StartPage) -> None:
    page = start_page("own")
    create(page)
    page.run("%parllama vault lock")
    run = page.run("%parllama vault unlock", seconds=20)
    assert run.error is not None
    assert run.error["ename"] == "InputError"


# Each with a secret of its own, so that a failure names its line.
LINES = {
    "unlock SECRET": "sk-sentinel-0a93c77b2e1f",
    "unlock --password SECRET": "sk-sentinel-1a93c77b2e1f",
    "unlock --password=SECRET": "sk-sentinel-2a93c77b2e1f",
    "set OPENAI_API_KEY SECRET": "sk-sentinel-3a93c77b2e1f",
    "set OPENAI_API_KEY=SECRET": "sk-sentinel-4a93c77b2e1f",
    "set SECRET": "sk-sentinel-5a93c77b2e1f",
    "set  SECRET": "ghp_16C7e42F292c6912E7710c838347Ae178B4a",
    "create 'SECRET'": "sk-sentinel-6a93c77b2e1f",
    "passwd SECRET SECRET": "sk-sentinel-7a93c77b2e1f",
    "SECRET": "sk-sentinel-8a93c77b2e1f",
}


def test_a_secret_on_the_line_is_refused_and_forgotten(
    start_page: StartPage, home: Path
) -> None:
    page = start_page("own")
    for line, secret in LINES.items():
        run = page.run(f"%parllama vault {line.replace('SECRET', secret)}", typed=[])
        assert run.error is not None, line
        assert run.error["ename"] == "PrivateLineError", line
        assert secret not in run.text, line
        page.run("1 + 1")
        kept = page.run("print(In, _i, _ii, _iii, _ih, globals())")
        assert kept.status == "ok"
        assert secret not in kept.text, line
    work = page.log.parent
    page.close()
    # The cell was sent to the kernel, and the kernel told all its clients what it
    # runs: that cannot be taken back. Nothing on disk has it.
    files = [path for path in work.rglob("*") if path.is_file()]
    assert any(path.name == "history.sqlite" for path in files)
    found = [
        (line, path)
        for path in files
        for line, secret in LINES.items()
        if secret.encode() in path.read_bytes()
    ]
    assert found == []
    (history,) = (path for path in files if path.name == "history.sqlite")
    with sqlite3.connect(history) as database:
        (rows,) = database.execute("SELECT count(*) FROM history").fetchone()
    assert rows >= 2 * len(LINES)


def test_the_key_of_an_unattended_kernel_is_taken_out_of_its_environment(
    start_page: StartPage, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    create(start_page("own"))
    monkeypatch.setenv("PARLLAMA_VAULT_KEY", PASSWORD)
    page = start_page("own")
    assert page.value("__import__('os').environ.get('PARLLAMA_VAULT_KEY')") == "None"
    assert page.run("!env").text.count("PARLLAMA_VAULT_KEY") == 0
    kept = page.run("%parllama vault set A_KEY", typed=[SECRET])
    assert kept.status == "ok", kept.text
    shown = page.run(
        "import os, parllama_nb as pl\n"
        "with pl.app().vault.env('A_KEY'):\n"
        "    !printenv A_KEY | wc -c\n"
        "print(os.environ.get('A_KEY'))"
    )
    assert shown.text.split() == [str(len(SECRET) + 1), "None"]
    assert PASSWORD not in everything_said(page)


def test_a_terminal_that_is_none_is_told_so(tmp_path: Path) -> None:
    script = tmp_path / "session.ipy"
    script.write_text("%load_ext parllama_nb\n%parllama vault create\n")
    done = subprocess.run(
        [sys.executable, "-m", "IPython", "--no-banner", "--colors=NoColor", script],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert re.search("InputError: There is no way to ask", done.stdout + done.stderr)


def test_a_scan_asks_for_the_password_and_settles_into_its_report(
    start_page: StartPage, tmp_path: Path
) -> None:
    page = start_page("own")
    create(page)
    page.run("%parllama vault set A_KEY", typed=[SECRET])
    page.run("%parllama vault lock")
    work = tmp_path / "notebooks"
    work.mkdir()
    cell = {"cell_type": "code", "source": f"key = '{SECRET}'", "execution_count": 3}
    (work / "a.ipynb").write_text(json.dumps({"cells": [cell]}))
    page.run(f"key = '{SECRET}'")
    page.run("get_ipython().history_manager.writeout_cache()")
    page.prompts.clear()
    run = page.run(f"%parllama vault scan {work}", typed=["wrong", PASSWORD])
    assert run.status == "ok", run.text
    assert len(page.prompts) == 2
    (output,) = run.outputs
    report = output["data"]["text/markdown"]
    assert "a.ipynb" in report
    assert "history.sqlite" in report
    assert SECRET not in repr(run.outputs)
    assert "application/vnd.jupyter.widget-view+json" not in output["data"]
    page.run("%parllama vault lock")
    refused = page.run(f"%parllama vault scan {work}")
    assert refused.error is not None
    assert refused.error["ename"] == "InputError"
    page.prompts.clear()
    interrupted = page.start(f"%parllama vault scan {work}", typed=[])
    page.until(lambda: page.prompts)
    page.interrupt()
    page.wait(interrupted)
    assert interrupted.error is not None
    assert "locked" in page.run("%parllama vault status").text
