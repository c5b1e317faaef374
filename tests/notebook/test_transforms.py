"""Which lines of a cell are ours, and what IPython makes of all others."""

from __future__ import annotations

import importlib
from collections.abc import Iterator
from typing import Any

import pytest
from IPython.core.interactiveshell import InteractiveShell
from traitlets.config import Config

import parllama_nb
from parllama_nb.notebook import transforms

QUESTIONS = [
    "What is a monad?",
    "Why is the sky blue??",
    "Is this `x` a name?",
    "What does a*? or a.b?",
    'What is that, (a "b?',
    "It's what?",
    "Is it %time?",
    "?",
]


@pytest.fixture
def shell() -> Iterator[InteractiveShell]:
    config = Config()
    config.HistoryManager.enabled = False
    shell: Any = InteractiveShell(config=config)  # type: ignore[no-untyped-call]
    parllama_nb.load_ipython_extension(shell)
    yield shell
    shell.history_manager = None


def line_magic(line: str) -> str:
    return f"get_ipython().run_line_magic('parllama', {line!r})\n"


def cell_magic(line: str, body: str) -> str:
    return f"get_ipython().run_cell_magic('parllama', {line!r}, {body!r})\n"


@pytest.mark.parametrize("question", QUESTIONS)
@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("", ""),
        ("if True:\n    ", ""),
        ("answer = ", ""),
        ("answers[0] = ", ""),
        ("x = 1\n", "y = 2\n"),
        ("x = 1; ", ""),
        ("if x: ", ""),
        ("def f():\n    return ", ""),
    ],
    ids=["line", "block", "assigned", "item", "between", "second", "short", "returned"],
)
def test_a_line_of_ours_is_a_magic_whatever_it_ends_with(
    shell: InteractiveShell, question: str, before: str, after: str
) -> None:
    cell = f"{before}%parllama ask {question}\n{after}"
    assert (
        shell.transform_cell(cell) == f"{before}{line_magic(f'ask {question}')}{after}"
    )


def test_the_line_may_be_given_to_another_magic(shell: InteractiveShell) -> None:
    line = "-n 1 %parllama ask Why is it x?"
    call = f"get_ipython().run_line_magic('timeit', {line!r})\n"
    assert shell.transform_cell(f"%timeit {line}") == call


@pytest.mark.parametrize("end", ["\r\n", "\r"])
def test_a_line_may_end_as_on_other_systems(shell: InteractiveShell, end: str) -> None:
    made = shell.transform_cell(f"%parllama ask Why?{end}x = 1{end}")
    assert made.splitlines() == [line_magic("ask Why?").strip(), "x = 1"]


def test_other_commands_may_end_with_a_question_mark_too(
    shell: InteractiveShell,
) -> None:
    cell = "%parllama compare pick it?"
    assert shell.transform_cell(cell) == line_magic("compare pick it?")


@pytest.mark.parametrize(
    ("cell", "line", "body"),
    [
        ("%%parllama\nWhat is a monad?", "", "What is a monad?\n"),
        ("%%parllama a/b -s Why?\nx", "a/b -s Why?", "x\n"),
        ("# which sky?\n%%parllama\nWhy?\n", "", "Why?\n"),
        ("\n# one\n\n  # two\n%%parllama a/b\n# Why?\n", "a/b", "# Why?\n"),
        ("# %%\r\n%%parllama\r\nIt's (why\n", "", "It's (why\n"),
        ("\ufeff%%parllama\nWhy?", "", "Why?\n"),
        ("\ufeff# one\n%%parllama\nWhy?", "", "Why?\n"),
        (" %%parllama\n Why?", "", " Why?\n"),
        ("%%parllama\xa0a/b\nWhy?", "a/b", "Why?\n"),
        ("%%parllama\ta/b\nWhy?", "a/b", "Why?\n"),
    ],
)
def test_a_cell_is_asked_also_with_comments_above_its_magic(
    shell: InteractiveShell, cell: str, line: str, body: str
) -> None:
    assert shell.transform_cell(cell) == cell_magic(line, body)


@pytest.mark.parametrize(
    "body",
    [">>> 1 + 1\n2\nWhy?\n", "In [1]: x\nOut[1]: 3\n", "    a\n  \n    b\n"],
)
def test_the_body_of_a_cell_is_sent_as_it_was_written(
    shell: InteractiveShell, body: str
) -> None:
    assert shell.transform_cell(f"%%parllama\n{body}") == cell_magic("", body)


def test_a_terminal_waits_for_the_end_of_a_cell(shell: InteractiveShell) -> None:
    assert shell.check_complete("%%parllama a/b\nWhy?")[0] == "incomplete"


@pytest.mark.parametrize("gap", ["\t", "\xa0", "\u3000"])
@pytest.mark.parametrize("before", ["", "\ufeff", "x = "])
def test_any_space_ends_the_name_of_the_magic(
    shell: InteractiveShell, before: str, gap: str
) -> None:
    made = shell.transform_cell(f"{before}%parllama{gap}ask Why?")
    assert made == before.strip("\ufeff") + line_magic("ask Why?")


@pytest.mark.parametrize(
    "cell",
    ["x = 1\n%%parllama\nIt's why?", "if x:\n    %%parllama a/b\n    why"],
)
def test_a_cell_magic_below_code_is_refused_and_nothing_runs(
    shell: InteractiveShell, cell: str
) -> None:
    assert shell.transform_cell(cell) == line_magic("%%parllama")


@pytest.mark.parametrize(
    "cell",
    [
        "%parllama?",
        "%parllama??",
        "%%parllama?",
        "?%parllama",
        "len?",
        "%time?",
        "x = len?",
        "%parllamas ask Why?",
        "x == %parllama ask Why?",
        "%timeit %parllama?",
        "x % parllama",
        's = """\n%parllama ask Why?\n%%parllama\nWhy?\n"""\n',
        "x = 1  # %parllama ask Why?\n",
        "!echo a; %parllama ask Why",
        "%%time\n%%parllama\nWhy?\n",
        "# a comment\nx = 1\n",
    ],
)
def test_a_line_that_is_not_ours_is_read_as_without_us(
    shell: InteractiveShell, cell: str
) -> None:
    ours = shell.transform_cell(cell), shell.check_complete(cell)
    parllama_nb.unload_ipython_extension(shell)
    assert (shell.transform_cell(cell), shell.check_complete(cell)) == ours


def test_loading_twice_installs_once_and_unloading_leaves_nothing(
    shell: InteractiveShell,
) -> None:
    manager = shell.input_transformer_manager
    installed = len(manager.cleanup_transforms), len(manager.token_transformers)
    parllama_nb.load_ipython_extension(shell)
    importlib.reload(transforms).install(shell)
    assert installed == (
        len(manager.cleanup_transforms),
        len(manager.token_transformers),
    )
    parllama_nb.unload_ipython_extension(shell)
    ours = [*manager.cleanup_transforms, *manager.token_transformers]
    assert "parllama" not in repr([getattr(each, "__module__", "") for each in ours])
