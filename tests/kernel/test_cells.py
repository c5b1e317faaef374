"""Cells in a real kernel: they stream, settle, stop, fail and leave nothing behind."""

from __future__ import annotations

import ast
import json
import re
import time
from typing import Any
from urllib.request import urlopen

import pytest

from .conftest import KEY, StartPage
from .page import Page, Run, View

pytestmark = pytest.mark.kernel

MODEL = "openai/synthetic"


def ask(tokens: int, per_second: int, options: str = "") -> str:
    return f"%%parllama {MODEL}:{tokens}:{per_second} {options}\nSay something."


def shown(run: Run) -> list[str]:
    """The kinds of output a cell is left with."""
    return [
        "error"
        if output["output_type"] == "error"
        else min(output.get("data", {"?": 0}))
        for output in run.outputs
    ]


def recorded(page: Page) -> list[dict[str, Any]]:
    """What the server was asked."""
    address = page.value("__import__('os').environ['OPENAI_BASE_URL']")
    with urlopen(f"{address.removesuffix('/v1')}/_recorded") as answer:
        asked: list[dict[str, Any]] = json.load(answer)["requests"]
    return asked


def test_an_answer_settles_into_markdown(page: Page) -> None:
    run = page.run(ask(40, 400, "-o answer"))
    assert run.status == "ok", run.text
    assert shown(run) == ["text/markdown"]
    assert f"{MODEL}:40:400" in run.text
    assert "40 tokens" in run.text
    assert page.value("answer.usage.output_tokens") == "40"
    assert page.value("len(answer.text) > 40") == "True"


def test_the_views_comm_has_no_parent_and_is_closed(page: Page) -> None:
    page.hasten_arrival()
    page.run(ask(10, 1000))
    (view,) = [view for view in page.views.values() if "_esm" in view.state]
    page.until(lambda: view.closed)
    assert all(view.parent == {} for view in page.views.values())


def test_a_widgets_state_is_the_reply_to_the_request_for_it(page: Page) -> None:
    page.run(ask(10, 1000))
    (view,) = [view for view in page.views.values() if "_esm" in view.state]
    layout = view.state["layout"].removeprefix("IPY_MODEL_")
    asked = {page.request_state(comm_id) for comm_id in (view.comm_id, layout)}

    def answered() -> set[str]:
        return {
            message["parent_header"].get("msg_id", "")
            for message in page.messages
            if message["header"]["msg_type"] == "comm_msg"
            and message["content"]["data"]["method"] == "update"
        }

    page.until(lambda: answered() >= asked)


def test_a_view_that_listens_gets_every_delta_once_while_the_cell_runs(
    own: Page,
) -> None:
    greeted: list[View] = []

    def greet(view: View) -> None:
        view.greeting = view.ask("hello")["result"]
        greeted.append(view)

    own.on_view = greet
    run = own.run(ask(300, 200, "-o answer"))
    assert run.status == "ok", run.text
    (view,) = greeted
    numbers = [event["seq"] for event in view.events]
    assert numbers == list(range(1, len(numbers) + 1))
    greeting = view.greeting
    later = [
        event["data"]["text"]
        for event in view.events
        if event["event"] == "delta" and event["seq"] > greeting["seq"]
    ]
    text = greeting["text"] + "".join(later)
    assert text == json.loads(own.value("__import__('json').dumps(answer.text)"))
    # About 25 a second, whatever the model's speed.
    assert len(later) < 10 + 30 * run.seconds


def test_a_view_that_is_not_heard_is_told_everything_unasked(page: Page) -> None:
    run = page.run(ask(200, 200, "-o answer"))
    assert run.status == "ok", run.text
    (view,) = [view for view in page.views.values() if "_esm" in view.state]
    assert view.events[0]["event"] == "snapshot"
    assert view.streamed == json.loads(
        page.value("__import__('json').dumps(answer.text)")
    )


def test_stop_in_the_view_is_obeyed_while_the_cell_runs(
    page_with_subshells: Page,
) -> None:
    page = page_with_subshells

    def stop(view: View) -> None:
        view.ask("hello")
        page.until(lambda: len(view.streamed) > 20)
        view.ask("stop")

    page.on_view = stop
    run = page.run(ask(5000, 100, "-o answer"), seconds=20)
    assert run.status == "error"
    assert run.error is not None
    assert run.error["ename"] == "StoppedError"
    assert run.error["traceback"] == []
    assert page.value("answer.finish_reason") == "cancelled"
    assert len(page.value("answer.text")) > 20


def test_interrupt_keeps_what_had_come(page: Page) -> None:
    run = page.start(ask(5000, 100, "-o answer"))
    page.until(lambda: any(len(v.streamed) > 20 for v in page.views.values()))
    page.interrupt()
    page.wait(run, 30)
    assert run.status == "error"
    assert shown(run) == ["text/markdown", "error"]
    assert run.error is not None
    assert run.error["traceback"] == []
    assert "stopped" in run.outputs[0]["data"]["text/markdown"]
    assert len(page.value("answer.text")) > 20


def test_another_cell_runs_while_a_background_answer_streams(page: Page) -> None:
    asked = page.run(ask(600, 200, "--background -o answer"))
    assert asked.status == "ok"
    assert page.value("1 + 1") == "2"
    assert page.value("'answer' in globals()") == "False"
    page.until(lambda: shown(asked) == ["text/markdown"], 20)
    assert "600 tokens" in asked.text
    assert page.value("answer.usage.output_tokens") == "600"


def test_a_background_answer_can_be_cancelled_by_its_job(own: Page) -> None:
    asked = own.run(ask(5000, 100, "--background"))
    listed = own.run("%parllama jobs")
    found = re.search(r"\| (\d+) \| running", listed.text)
    assert found, listed.text
    assert own.run(f"%parllama jobs cancel {found[1]}").status == "ok"
    own.until(lambda: shown(asked) == ["text/markdown"], 20)
    assert "stopped" in asked.text


@pytest.mark.parametrize(
    "prompt",
    [
        '{"a": {"b": 1}} {x} {} {{ y | filter }} {% if %} {{Title}}',
        r"\frac{a}{b} %d %s \n $x$ `{y}` f'{z!r}'",
        'int main() { printf("%s {}", x); }',
        "@article{key, title={{The Title}}}",
    ],
)
def test_braces_are_sent_as_written(own: Page, prompt: str) -> None:
    run = own.run(f"%%parllama openai/echo -o answer\n{prompt}")
    assert run.status == "ok", run.text
    said = json.loads(own.value("__import__('json').dumps(answer.text)"))
    assert prompt in said


@pytest.mark.parametrize("text", ["{x} and {1+1}", "$x is 5", "{{ x | f }} {y}"])
def test_the_line_is_sent_as_written_too(own: Page, text: str) -> None:
    own.run("x = 'expanded'")
    own.run(f"%parllama ask -m openai/echo -o a {text}")
    assert own.value("a.text") == text
    own.run(f"%%parllama openai/echo -s '{text}'\nHi.")
    assert recorded(own)[-1]["body"]["messages"][0]["content"] == text


def test_the_last_error_is_the_users_own(own: Page) -> None:
    own.run("def half(x):\n    return x / 0\nhalf(1)")
    own.run("%%parllama openai/fault-401-echo\nWhy {{error}}")
    own.run("%%parllama openai/echo -o a\nWhy {{error}}")
    said = own.value("a.text")
    assert "ZeroDivisionError" in said
    assert "return x / 0" in said
    assert "interactiveshell" not in said


def test_names_of_the_notebook_are_filled_and_others_told(
    own: Page,
) -> None:
    own.run("city = 'Oslo'")
    run = own.run("%%parllama openai/echo -o a\nWhere is {{city}} and {{nowhere}}?")
    assert run.status == "ok", run.text
    assert "Where is Oslo and {{nowhere}}?" in own.value("a.text")
    assert "nowhere" in own.value("a.footer")


def test_a_cell_asks_the_same_again_and_c_continues(own: Page) -> None:
    for _ in range(2):
        own.run("%%parllama openai/echo -o alone\nFirst?", cell_id="one")
    assert own.value("alone.turn") == "None"
    own.run("%%parllama openai/echo -c -o a\nFirst?", cell_id="one")
    own.run("%%parllama openai/echo -c -o b\nSecond?", cell_id="two")
    assert own.value("(a.turn, b.turn)") == "(1, 2)"
    # Run again, a cell takes the place of its own turn.
    own.run("%%parllama openai/echo -c -o a\nAnother first?", cell_id="one")
    assert own.value("(a.turn, b.turn)") == "(1, 2)"
    own.run("%%parllama openai/echo -c -o c\nThird?", cell_id="three")
    assert own.value("c.turn") == "3"
    sent = json.dumps(recorded(own)[-1]["body"]["messages"])
    assert "Another first?" in sent
    assert "Second?" in sent


@pytest.mark.parametrize(
    ("code", "ename", "says"),
    [
        ("%%parllama\nHi.", "NoModelError", "%parllama use embedded/smollm2"),
        ("%%parllama openia/gpt\nHi.", "UnknownProviderError", "openai"),
        ("%%parllama openai/synthetic:5:100\n   ", "UsageError", "empty"),
        ("%%parllama openai/synthetic:5:100 --sed 3\nHi.", "UsageError", "--seed"),
        ("%parllama aks", "UsageError", "ask"),
        ("%%parllama openai/fault-401-echo\nHi.", "AuthenticationError", "OPENAI_API"),
        ("%%parllama openai/fault-429-quota\nHi.", "RateLimitError", "OpenAI"),
        ("%%parllama openai/fault-html\nHi.", "InvalidResponseError", "OpenAI"),
        ("%%parllama openai/fault-context\nHi.", "ContextLengthError", "OpenAI"),
        ("%%parllama ollama/llama3.2\nHi.", "ConnectionFailedError", "ollama serve"),
    ],
)
def test_what_goes_wrong_is_one_line_with_a_hint(
    own: Page, code: str, ename: str, says: str
) -> None:
    run = own.run(code)
    assert run.status == "error", run.text
    assert run.error is not None
    assert run.error["ename"] == ename, run.error
    assert run.error["traceback"] == []
    assert says in run.error["evalue"]
    assert "\n" not in run.error["evalue"]


def test_an_impatient_user_loses_nothing(own: Page) -> None:
    run = own.start(ask(5000, 100, "-o answer"))
    own.until(lambda: any(len(v.streamed) > 200 for v in own.views.values()))
    for _ in range(4):
        own.interrupt()
        time.sleep(0.05)
    own.wait(run, 30)
    assert shown(run) == ["text/markdown", "error"]
    assert run.error is not None
    assert run.error["ename"] == "StoppedError"
    assert len(own.value("answer.text")) > 200


def test_a_broken_answer_keeps_its_beginning(own: Page) -> None:
    run = own.run("%%parllama openai/fault-cut -o answer\nHi.")
    assert run.status == "error"
    assert shown(run) == ["text/markdown", "error"]
    assert run.error is not None
    assert run.error["ename"] == "StreamInterruptedError"
    assert own.value("len(answer.text) > 0") == "True"
    assert "broke off" in run.outputs[0]["data"]["text/markdown"]


def test_a_failed_try_is_told_and_tried_again(own: Page) -> None:
    run = own.run("%%parllama openai/fault-500-then-ok\nHi.")
    assert run.status == "ok", run.text
    (view,) = [view for view in own.views.values() if "_esm" in view.state]
    told = [
        event["data"].get("notice") or event["data"].get("text")
        for event in view.events
        if event["event"] in ("notice", "snapshot")
    ]
    assert any("Trying again" in str(text) for text in told)


_WITH_LOCALS = """
import traceback
try:
    pl.chat('Hi.', model='openai/fault-401-echo')
except pl.ParllamaError as error:
    shown = traceback.TracebackException.from_exception(error, capture_locals=True)
    print(''.join(shown.format()))
"""


def test_a_server_that_echoes_the_key_does_not_get_it_shown(
    own: Page,
) -> None:
    own.run("%xmode Verbose")
    for code in (
        "%%parllama openai/fault-401-echo\nHi.",
        "import parllama_nb as pl\npl.chat('Hi.', model='openai/fault-401-echo')",
        "await pl.achat('Hi.', model='openai/fault-401-echo')",
        "%tb",
        "%parllama doctor",
        "%parllama jobs",
        "pl.app().jobs.list()",
        "vars(pl.app()), pl.app().providers.context, vars(pl.app().providers)",
        "vars(pl.app().providers.get('openai'))",
        _WITH_LOCALS,
        "raise pl.ParllamaError('a bare one')",
    ):
        own.run(code)
    everything = json.dumps(own.messages, default=str) + own.log.read_text()
    assert "401" in everything
    assert KEY not in everything


def test_a_killed_kernel_leaves_the_answer_so_far(start_page: StartPage) -> None:
    page = start_page("own")
    page.start(ask(5000, 100, "--session kept"), cell_id="one")
    view_has = lambda: [v.streamed for v in page.views.values() if v.streamed]  # noqa: E731
    page.until(lambda: view_has() and len(view_has()[0]) > 100)
    seen = view_has()[0]
    page.kill()
    other = start_page("own")
    other.run("%%parllama openai/echo --session kept -o a\nAnd then?", cell_id="two")
    assert other.value("a.turn") == "2"
    said = recorded(other)[-1]["body"]["messages"]
    assert [message["role"] for message in said] == ["user", "assistant", "user"]
    assert said[1]["content"].startswith(seen)


def test_loading_twice_and_reloading_is_harmless(start_page: StartPage) -> None:
    page = start_page("own")
    for code in ("%load_ext parllama_nb", "%reload_ext parllama_nb"):
        run = page.run(code)
        assert run.status == "ok", run.text
    assert page.run(ask(5, 1000)).status == "ok"
    assert page.run("%unload_ext parllama_nb").status == "ok"
    assert page.run("%parllama help").status == "error"


def test_completion_offers_commands_options_and_models(own: Page) -> None:
    def complete(line: str) -> list[str]:
        reply = own.complete(line)
        return list(reply["matches"])

    assert "doctor" in complete("%parllama d")
    assert "--temperature" in complete("%%parllama --te")
    assert "embedded/smollm2" in complete("%%parllama emb")
    assert "embedded/smollm2" in complete("%parllama use embedded/s")


def test_many_answers_at_once_do_not_mix(own: Page) -> None:
    runs = [
        own.run(f"%%parllama openai/echo --background -o a{number}\nNumber {number}.")
        for number in range(8)
    ]
    own.until(lambda: all(shown(run) == ["text/markdown"] for run in runs), 30)
    for number in range(8):
        assert f"Number {number}." in own.value(f"a{number}.text")


def test_streams_grow_with_the_answer_and_not_with_its_square(
    own: Page,
) -> None:
    sizes = {}
    for tokens in (1000, 2000):
        begin = len(own.messages)
        assert own.run(ask(tokens, 2000)).status == "ok"
        sizes[tokens] = own.iopub_bytes(begin)
    assert sizes[2000] < 2.2 * sizes[1000]


def test_await_and_stream_work_in_cells(page: Page) -> None:
    page.run("import parllama_nb as pl")
    run = page.run(
        "a = await pl.achat('Hi.', model='openai/synthetic:20:500')\n"
        "b = ''.join(pl.stream('Hi.', model='openai/synthetic:20:500'))\n"
        "c = ''.join([t async for t in pl.stream('Hi.', model='openai/echo')])\n"
        "d = pl.chat('Hi.', model='openai/synthetic:20:500')"
    )
    assert run.status == "ok", run.text
    assert page.value("a.text == b == d.text") == "True"
    assert "Hi." in page.value("c")


def test_time_passes_for_others_while_achat_waits(own: Page) -> None:
    own.run("import parllama_nb as pl, asyncio")
    run = own.run(
        "r = await asyncio.gather(*(pl.achat('Hi.', model='openai/synthetic:100:100')"
        " for _ in range(4)))"
    )
    assert run.status == "ok", run.text
    times = "[(a.timing.started, a.timing.started + a.timing.total_s) for a in r]"
    spans = ast.literal_eval(own.value(times))
    assert len(spans) == 4
    assert max(begin for begin, _ in spans) < min(end for _, end in spans)


def test_a_dry_run_sends_nothing_and_stays_readable_without_its_kernel(
    own: Page,
) -> None:
    own.run("import os; place = 'Größe'; typed = os.environ['OPENAI_API_KEY']")
    before = len(recorded(own))
    line = f"%%parllama {MODEL}:3:1000 -o"
    run = own.run(f"{line} sent --dry-run -t 0.5\nWhat is {{{{place}}}}? {{{{typed}}}}")
    assert run.status == "ok", run.text
    assert shown(run) == ["text/markdown"]
    for text in ("nothing was sent", "What is Größe? <Secret OPENAI_API_KEY>", "127"):
        assert text in run.text
    assert KEY not in json.dumps(run.outputs)
    assert len(recorded(own)) == before
    own.run(f"{line} answer -t 0.5\nWhat is {{{{place}}}}? {{{{typed}}}}")
    # In the kernel, because no output shows the key.
    body = json.dumps(recorded(own)[-1]["body"])
    assert KEY in body
    own.run("import json")
    assert own.value(f"json.loads(sent.body) == json.loads({body!r})") == "True"
    assert "<Secret OPENAI_API_KEY>" in own.value("sent.body")
