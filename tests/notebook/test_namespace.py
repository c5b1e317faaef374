from __future__ import annotations

import sys
from collections.abc import Iterator

import pytest
from IPython.core.interactiveshell import InteractiveShell
from traitlets.config import Config

from parllama_nb.notebook.namespace import kernel_names, last_exception
from parllama_nb.prompting.kernel_names import CellText
from parllama_nb.prompting.mentions import mentioned
from parllama_nb.prompting.name_completion import offers


@pytest.fixture
def shell(monkeypatch: pytest.MonkeyPatch) -> Iterator[InteractiveShell]:
    settings = Config()
    settings.HistoryManager.enabled = False
    made = InteractiveShell(config=settings)
    # All shells of a process share them.
    made.history_manager.outputs.clear()
    monkeypatch.setattr("IPython.get_ipython", lambda: made)
    made.run_cell("import math\nnumbers = [1, 2]", store_history=True)
    made.run_cell("print('printed')\nnumbers", store_history=True)
    yield made
    made.restore_sys_module_state()


def test_the_variables_of_the_shell_are_known(shell: InteractiveShell) -> None:
    names = kernel_names()
    assert names.snapshot()["numbers"] == [1, 2]
    assert {"In", "Out", "exit", "get_ipython"} <= set(names.hidden())
    texts = [offer.text for offer in offers("", names)]
    assert texts[:2] == ["numbers", "math"]
    assert not {"In", "Out", "exit", "quit", "get_ipython"} & set(texts)


def test_a_cell_is_known_with_what_it_printed_and_returned(
    shell: InteractiveShell,
) -> None:
    names = kernel_names()
    assert list(names.cells()) == [2, 1]
    cell = names.cell(2)
    assert cell is not None
    assert cell.source == "print('printed')\nnumbers"
    assert "[1, 2]" in "\n".join(cell.outputs)
    assert names.cell(1) == CellText("import math\nnumbers = [1, 2]")
    assert names.cell(0) is names.cell(3) is None


def test_the_error_of_a_cell_is_one_of_its_outputs(shell: InteractiveShell) -> None:
    shell.run_cell("1 / 0", store_history=True)
    cell = kernel_names().cell(3)
    assert cell is not None
    assert cell.source == "1 / 0"
    assert isinstance(last_exception(), ZeroDivisionError)


async def test_a_cell_and_an_error_of_the_shell_are_mentioned(
    shell: InteractiveShell,
) -> None:
    shell.run_cell("def f(x):\n    return 1 / x\nf(0)", store_history=True)
    found = await mentioned("@cell[3] @error @numbers", kernel_names())
    assert found.notes == ()
    cell, error, numbers = (part.text for part in found.parts)  # type: ignore[union-attr]
    assert cell.startswith("Source:\ndef f(x):")
    assert error.startswith("ZeroDivisionError: division by zero")
    assert "with x = 0" in error
    assert "return 1 / x" in error
    assert "[1, 2]" in numbers


def test_outside_of_ipython_there_is_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("IPython.get_ipython", lambda: None)
    monkeypatch.delattr(sys, "last_value", raising=False)
    names = kernel_names()
    assert names.snapshot() == {}
    assert list(names.cells()) == list(names.hidden()) == []
    assert names.cell(1) is names.error() is None
    assert offers("", names) == []
