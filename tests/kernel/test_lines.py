"""Lines as people type them: question marks, comments, line breaks; no database."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from .conftest import StartPage
from .page import Page

pytestmark = pytest.mark.kernel


def text(page: Page, expression: str) -> str:
    value: str = json.loads(page.value(f"__import__('json').dumps({expression})"))
    return value


@pytest.mark.parametrize(
    "question",
    ["What is a monad?", "Why is the sky blue??", "Is this `x` a name?", "Why, x?"],
)
def test_a_question_mark_at_the_end_of_a_line_is_part_of_the_question(
    own: Page, question: str
) -> None:
    line = f"%parllama ask -m openai/echo -o answer {question}"
    for cell in (line, f"if True:\n    {line}"):
        own.run("answer = None")
        run = own.run(cell)
        assert run.status == "ok", run.text
        assert text(own, "answer.text") == question
        # What was typed is what the history has.
        history = "get_ipython().history_manager.input_hist_raw"
        assert cell in text(own, f"{history}[-6:]")


def test_the_help_of_the_magic_and_of_others_is_still_ipythons(own: Page) -> None:
    for line in ("%parllama?", "%%parllama?", "len?"):
        run = own.run(line)
        assert run.status == "ok"
        assert run.reply is not None
        (payload,) = run.reply["content"]["payload"]
        assert payload["source"] == "page"


@pytest.mark.parametrize(
    ("cell", "sent"),
    [
        ("# which sky?\n\n%%parllama openai/echo -o a\nWhy (it's\n", "Why (it's"),
        ("%%parllama openai/echo -o a\r\nOne\r\nTwo?\r\n", "One\nTwo?"),
        ("%%parllama openai/echo -o a\nWhat is a monad?", "What is a monad?"),
    ],
)
def test_a_cell_is_sent_as_it_was_meant(own: Page, cell: str, sent: str) -> None:
    run = own.run(cell)
    assert run.status == "ok", run.text
    assert text(own, "a.text") == sent


def test_a_cell_magic_below_code_says_where_it_belongs_and_runs_nothing(
    own: Page,
) -> None:
    run = own.run("below = 1\n%%parllama openai/echo\nIt's why?")
    assert run.error is not None
    assert run.error["ename"] == "UsageError"
    assert "first line of its cell" in run.error["evalue"]
    assert run.error["traceback"] == []
    assert own.value("'below' in globals()") == "False"


def test_half_a_character_in_a_variable_is_asked_about(own: Page) -> None:
    own.run('name = b"caf\\xe9.txt".decode("utf-8", "surrogateescape")')
    run = own.run("%%parllama openai/echo -o a -s {{name}}\nWhich? {{name}}")
    assert run.status == "ok", run.text
    assert text(own, "a.text") == "Which? caf\ufffd.txt"


def test_without_a_database_all_is_asked_and_the_loss_is_said_once(
    start_page: StartPage, home: Path
) -> None:
    (home / "data" / "parllama.db").mkdir(parents=True)
    page = start_page("own")
    asked = page.run("%%parllama openai/echo -c -o a\nFirst?", cell_id="one")
    again = page.run("%%parllama openai/echo -c -o b\nSecond?", cell_id="two")
    for run in (asked, again):
        assert run.status == "ok", run.text
        assert run.text.count("not kept on disk") == 1
    page.run("import pandas as pd, parllama_nb as pl")
    rows = page.run(
        'pl.map(pd.DataFrame({"q": ["a"]}), "{{q}}", model="openai/echo").text[0]'
    )
    assert rows.status == "ok", rows.text
    assert rows.text.count("not saved on disk") == 1
    doctor = page.run("%parllama doctor")
    assert doctor.text.count("is not a database") == 1
    assert not any(output["output_type"] == "stream" for output in doctor.outputs)
