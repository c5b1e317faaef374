"""Mentions of a real kernel's variables, cells and errors, also while a cell runs."""

from __future__ import annotations

import pytest

from .page import Page
from .test_chat import open_chat, settled, shown

pytestmark = pytest.mark.kernel

_CELL = """
import pandas as pd
frame = pd.DataFrame({"a": [1, 2, 3]})
acme_token = "sentinel-b7Qz-4711-kfp"

class Endless:
    def __repr__(self):
        print("printed by a repr")
        while True:
            pass

endless = Endless()
print("a printed line")
frame.a.sum()
"""


def test_what_a_running_kernel_holds_is_offered_and_sent(
    page_with_subshells: Page,
) -> None:
    page = page_with_subshells
    page.run("%parllama use openai/echo")
    page.run(_CELL)
    number = page.run("1 / 0").reply["content"]["execution_count"] - 1  # type: ignore[index]
    view = open_chat(page, "%parllama chat --session mentions")
    view.ask("hello")
    run = page.start("import time\nfor _ in range(6000): time.sleep(0.01)")
    offered = view.ask("names", {"typed": "fra"})["result"]["offers"]
    assert offered[0]["text"] == "frame"
    text = f"Explain @frame, @cell[{number}], @error, @endless and @acme_token."
    found = view.ask("mentions", {"text": text})["result"]["mentions"]
    problems = {each["path"]: each["problem"] for each in found}
    assert problems["frame"] == problems[f"cell[{number}]"] == problems["error"] == ""
    assert "within 2 s" in problems["endless"]
    assert "not described" in problems["acme_token"]
    assert "error" not in view.ask("send", {"text": text})
    page.until(lambda: settled(view) == 1)
    assert run.reply is None, "the cell was over before the answer was"
    page.interrupt()
    page.wait(run)
    # The model repeats what it was sent.
    (turn,) = shown(view)["turns"]
    assert "DataFrame, 3 rows x 1 column" in turn["text"]
    assert "a printed line" in turn["text"]
    assert "ZeroDivisionError: division by zero" in turn["text"]
    assert "sentinel" not in turn["text"]
    assert "printed by a repr" not in run.text
