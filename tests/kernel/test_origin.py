"""Answers that a thread or a task asks for while another cell runs."""

from __future__ import annotations

import pytest

from .page import Page, Run

pytestmark = pytest.mark.kernel

DEFINE = """
import asyncio, threading, pandas as pd, parllama_nb as pl
from concurrent.futures import ThreadPoolExecutor

go, later = threading.Event(), asyncio.Event()
magic = get_ipython().run_cell_magic

def ask():
    magic("parllama", "openai/echo", "Asked by itself.")

def ask_rows():
    pl.map(pd.DataFrame({"q": ["a"]}), "{{q}}", model="openai/echo")

def ask_when_told(ask):
    go.wait(30)
    ask()

async def ask_later(ask):
    await later.wait()
    ask()
"""

WAYS = {"ask": "Asked by itself.", "ask_rows": "1 of 1 answered"}
REMARK = "asked by a thread that an earlier cell began"


def begin(page: Page) -> None:
    assert page.run(DEFINE).status == "ok"


def finished(page: Page, *runs: Run) -> None:
    for run in runs:
        assert run.status == "ok", run.text


@pytest.mark.parametrize("ask", WAYS)
def test_an_answer_that_a_task_asks_for_lands_in_its_own_cell(
    page: Page, ask: str
) -> None:
    begin(page)
    first = page.run(f"task = asyncio.ensure_future(ask_later({ask}))")
    second = page.run("later.set()\nawait task")
    finished(page, first, second)
    page.until(lambda: WAYS[ask] in first.text)
    assert WAYS[ask] not in second.text
    assert REMARK not in first.text


@pytest.mark.parametrize("ask", WAYS)
def test_an_answer_that_a_thread_asks_for_lands_in_its_cell_while_that_runs(
    page: Page, ask: str
) -> None:
    begin(page)
    run = page.run(
        f"with ThreadPoolExecutor(2) as executor:\n"
        f"    for future in [executor.submit({ask}) for _ in range(2)]:\n"
        f"        future.result()"
    )
    finished(page, run)
    page.until(lambda: run.text.count(WAYS[ask]) == 2)
    assert REMARK not in run.text


@pytest.mark.parametrize("ask", WAYS)
def test_an_answer_that_an_older_thread_asks_for_says_that_its_cell_is_not_known(
    page: Page, ask: str
) -> None:
    begin(page)
    first = page.run(
        f"thread = threading.Thread(target=ask_when_told, args=({ask},))\n"
        f"thread.start()"
    )
    second = page.run("go.set()\nthread.join()")
    finished(page, first, second)
    page.until(lambda: WAYS[ask] in second.text)
    assert REMARK in second.text
    assert WAYS[ask] not in first.text
