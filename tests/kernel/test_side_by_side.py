"""Cells that ask several models, in real kernels."""

from __future__ import annotations

import ast
import json
import re

import pytest

from .conftest import KEY
from .page import Page, View

pytestmark = pytest.mark.kernel

MODEL = "openai/synthetic"


def ask(*models: str, options: str = "") -> str:
    return f"%%parllama {' '.join(models)} {options}\nSay something."


def texts(page: Page, name: str = "answers") -> list[str]:
    code = f"__import__('json').dumps([a.text for a in {name}])"
    found: list[str] = json.loads(page.value(code))
    return found


def streamed(page: Page) -> dict[int, str]:
    """What the views of the newest cell were told of each column."""
    found: dict[int, str] = {}
    for view in page.views.values():
        for event in view.events:
            data = event["data"]
            if event["event"] == "snapshot":
                found = {each["id"]: each["text"] for each in data["columns"]}
            for delta in data.get("deltas", ()):
                column = delta["column"]
                found[column] = found.get(column, "") + delta["text"]
    return found


def test_three_models_answer_at_once_and_settle_into_markdown(own: Page) -> None:
    models = [f"{MODEL}:{count}:200" for count in (200, 201, 202)]
    run = own.run(ask(*models, options="-o answers"))
    assert run.status == "ok", run.text
    (output,) = run.outputs
    markdown = output["data"]["text/markdown"]
    assert "application/vnd.jupyter.widget-view+json" not in output["data"]
    for model in models:
        assert f"#### {model}" in markdown
    assert "3 of 3 answered" in markdown
    assert own.value("[a.usage.output_tokens for a in answers]") == "[200, 201, 202]"
    times = "[(a.timing.started, a.timing.started + a.timing.total_s) for a in answers]"
    spans = ast.literal_eval(own.value(times))
    # All were under way at the same time.
    assert max(begin for begin, _ in spans) < min(end for _, end in spans)
    told = streamed(own)
    assert {column: told[column] for column in (1, 2, 3)} == dict(
        enumerate(texts(own), 1)
    )


def test_one_that_fails_holds_nobody_and_the_cell_ends_well(own: Page) -> None:
    run = own.run(ask("nowhere/x", f"{MODEL}:40:400", options="-o answers"))
    assert run.status == "ok", run.text
    assert "failed: nowhere/x" in run.text
    assert "UnknownProviderError" in run.text
    assert own.value("answers[1].usage.output_tokens") == "40"


def test_where_all_fail_the_cell_ends_with_the_error(own: Page) -> None:
    run = own.run(ask("nowhere/x", "elsewhere/y"))
    assert run.status == "error"
    assert run.error is not None
    assert run.error["traceback"] == []
    assert "None of 2 models answered" in run.error["evalue"]
    assert "nowhere/x" in run.outputs[0]["data"]["text/markdown"]


def test_interrupt_keeps_what_had_come_in_every_column(own: Page) -> None:
    models = [f"{MODEL}:5000:100", f"{MODEL}:5001:100", f"{MODEL}:3:400"]
    run = own.start(ask(*models, options="-o answers"))
    own.until(lambda: all(len(streamed(own).get(c, "")) > 20 for c in (1, 2)))
    own.interrupt()
    own.wait(run, 30)
    assert run.status == "error"
    assert run.error is not None
    assert run.error["ename"] == "StoppedError"
    assert run.error["traceback"] == []
    first, second, third = texts(own)
    assert min(len(first), len(second)) > 20
    assert third
    assert "stopped: 2" in run.outputs[0]["data"]["text/markdown"]


def test_one_column_is_stopped_and_another_added_while_the_cell_runs(own: Page) -> None:
    def act(view: View) -> None:
        view.ask("hello")
        own.until(lambda: len(streamed(own).get(1, "")) > 20)
        view.ask("add", {"model": f"{MODEL}:30:300"})
        view.ask("stop", {"column": 1})

    own.on_view = act
    run = own.run(ask(f"{MODEL}:5000:100", f"{MODEL}:100:100", options="-o answers"))
    assert run.status == "ok", run.text
    reasons = own.value("[a.finish_reason for a in answers]")
    assert reasons == "['cancelled', 'stop', 'stop']"


def test_in_the_background_other_cells_run_meanwhile(own: Page) -> None:
    models = [f"{MODEL}:300:200", f"{MODEL}:301:200"]
    asked = own.run(ask(*models, options="--background -o answers"))
    assert asked.status == "ok"
    assert own.value("1 + 1") == "2"
    own.until(lambda: "2 of 2 answered" in asked.text, 20)
    assert own.value("len(answers)") == "2"


def test_the_winner_goes_on_in_the_notebooks_conversation(own: Page) -> None:
    run = own.run(ask(f"{MODEL}:20:400", f"{MODEL}:21:400", options="-o answers"))
    assert run.status == "ok", run.text
    picked = own.run("%parllama compare pick 2")
    assert picked.status == "ok", picked.text
    # Other tests may have talked in it before.
    kept = re.search(r"turn (\d+) of the conversation", picked.text)
    assert kept, picked.text
    follows = own.run(f"%%parllama {MODEL}:5:400 -c -o more\nAnd then?")
    assert follows.status == "ok", follows.text
    assert own.value("more.turn") == str(int(kept[1]) + 1)


def test_the_last_comparison_opens_again_in_a_view(own: Page) -> None:
    own.run(ask(f"{MODEL}:20:400", f"{MODEL}:21:400"))
    greeted: list[View] = []

    def greet(view: View) -> None:
        view.greeting = view.ask("hello")["result"]
        greeted.append(view)

    own.on_view = greet
    run = own.run("%parllama compare")
    assert run.status == "ok", run.text
    own.until(lambda: bool(greeted))
    (view,) = greeted
    assert view.greeting["lasting"]
    assert [column["state"] for column in view.greeting["columns"]] == ["done"] * 2
    assert all(column["text"] for column in view.greeting["columns"])


def test_no_key_is_anywhere(own: Page) -> None:
    own.run(ask(f"{MODEL}:20:400", "openai/error:401", "nowhere/x"))
    own.run("%parllama compare")
    assert KEY not in json.dumps(own.messages, default=str)
