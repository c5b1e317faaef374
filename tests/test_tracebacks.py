"""What IPython shows of an error of ours that a function has raised."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from IPython.core.interactiveshell import InteractiveShell
from traitlets.config import Config

MESSAGE = "UsageError: pl.map takes a pandas DataFrame, not a list."


@pytest.fixture
def shell() -> Iterator[InteractiveShell]:
    config = Config()
    config.HistoryManager.enabled = False
    shell: Any = InteractiveShell(config=config)  # type: ignore[no-untyped-call]
    shell.user_module.__name__ = "__main__"
    yield shell
    shell.history_manager = None


@pytest.mark.parametrize(
    ("cell", "lines"),
    [
        ('pl.map(["a"], "{{x}}")', []),
        ('x = 1\n\npl.map(["a"], "{{x}}")', ['line 3: pl.map(["a"], "{{x}}")']),
        (
            'def ask(q):\n    return pl.map([q], "{{x}}")\n\nask("a")',
            ['line 4: ask("a")', 'ask, line 2: return pl.map([q], "{{x}}")'],
        ),
        ('await pl.amap(["a"], "{{x}}")', []),
    ],
)
@pytest.mark.parametrize("mode", ["Context", "Verbose", "Plain"])
def test_an_error_shows_the_users_lines_and_no_frame_of_ours(
    shell: InteractiveShell,
    capsys: pytest.CaptureFixture[str],
    cell: str,
    lines: list[str],
    mode: str,
) -> None:
    shell.run_cell(f"%xmode {mode}\nimport parllama_nb as pl")
    capsys.readouterr()
    shell.run_cell(cell)
    shown = capsys.readouterr().out.strip().splitlines()
    assert shown[:-1] == lines
    assert shown[-1].startswith(MESSAGE)
