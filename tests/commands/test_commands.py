"""The commands, run as the magics run them: ask, use, jobs, doctor, help."""

from __future__ import annotations

import asyncio
import itertools
import re
import threading
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest
from IPython.lib.pretty import pretty
from markdown_it import MarkdownIt

from parllama_nb.application import Parllama
from parllama_nb.commands import COMMANDS, Check, Notebook, Report
from parllama_nb.commands.grammar import parse_cell, parse_line
from parllama_nb.commands.prepare import prepare
from parllama_nb.commands.question import AskParams
from parllama_nb.commands.report import prose
from parllama_nb.commands.report import table as table_of
from parllama_nb.errors import (
    EngineMissingError,
    NoModelError,
    ParllamaError,
    ServerError,
    UnknownProviderError,
    UsageError,
)
from parllama_nb.events import Event, Progress, ProgressChanged
from parllama_nb.providers.spec import ModelInfo
from parllama_nb.secret import Secret
from parllama_nb.testing import FakeProvider, Pause

from ..own_app import own_app, result_of, scripted
from ..servers.ollama import OllamaDouble
from ..servers.openai_sse import OpenAIDouble

# How the doctor marks something optional that is not set up.
NOT_SET_UP = "\N{EN DASH}"
NOWHERE = "http://127.0.0.1:9/v1"


@pytest.fixture
def app(monkeypatch: pytest.MonkeyPatch) -> Iterator[Parllama]:
    """An app on a machine where no local server runs."""
    monkeypatch.setenv("OLLAMA_HOST", "127.0.0.1:9")
    monkeypatch.setenv("LLAMACPP_BASE_URL", NOWHERE)
    monkeypatch.setenv("LITELLM_BASE_URL", NOWHERE)
    with own_app() as app:
        yield app


@pytest.fixture
def double() -> Iterator[OpenAIDouble]:
    with OpenAIDouble() as double:
        yield double


@pytest.fixture
def ollama(monkeypatch: pytest.MonkeyPatch) -> Iterator[OllamaDouble]:
    """A running Ollama at the address that the app uses."""
    with OllamaDouble() as double:
        monkeypatch.setenv("OLLAMA_HOST", double.host)
        yield double


class _Page(HTMLParser):
    """Rows of a report's tables as a page shows them, and its other elements."""

    def __init__(self, markdown: str) -> None:
        super().__init__()
        self.rows: list[list[str]] = []
        self.elements: list[str] = []
        self._cell = False
        self.text = ""
        self.feed(MarkdownIt("gfm-like", {"linkify": False}).render(markdown))

    def handle_starttag(self, tag: str, attrs: object) -> None:
        self.elements.append(tag)
        if tag == "tr":
            self.rows.append([])
        if tag in {"td", "th"}:
            self.rows[-1].append("")
            self._cell = True

    def handle_endtag(self, tag: str) -> None:
        self._cell = self._cell and tag not in {"td", "th"}

    def handle_data(self, data: str) -> None:
        self.text += data
        if self._cell:
            self.rows[-1][-1] += data


HARMLESS = {"table", "thead", "tbody", "tr", "th", "td", "p", "code", "strong", "span"}


def table(report: Any) -> list[list[str]]:
    """Returns the rows of a report, which is one table without links or images."""
    assert isinstance(report, Report)
    page = _Page(report.markdown)
    assert set(page.elements) <= HARMLESS
    assert {len(row) for row in page.rows} == {len(page.rows[0])}
    return page.rows[1:]


def text(report: Any) -> str:
    """Returns a report as a page shows it."""
    assert isinstance(report, Report)
    return _Page(report.markdown).text.strip()


# ask


def filled(prompt: str, notebook: Notebook, **values: Any) -> AskParams:
    return prepare(AskParams(prompt=prompt, **values), notebook)


def test_known_names_are_filled_and_unknown_ones_noted() -> None:
    notebook = Notebook("nb", namespace={"x": 7, "s": "text"})
    params = filled("{{x}} {{s}} {{unknown}} {{x}}", notebook)
    assert params.prompt == "7 text {{unknown}} 7"
    assert params.notes == ("sent literally: {{unknown}}",)


def test_a_note_lists_only_the_first_names_sent_literally() -> None:
    params = filled("{{a}} {{b}} {{c}} {{d}}", Notebook("nb"))
    assert params.notes == ("sent literally: {{a}}, {{b}}, {{c}}…",)
    params = filled("{{a}} {{b}} {{c}}", Notebook("nb"))
    assert params.notes == ("sent literally: {{a}}, {{b}}, {{c}}",)


def test_a_system_prompt_is_filled_too() -> None:
    notebook = Notebook("nb", namespace={"x": 7})
    params = filled("{{x}} {{y}}", notebook, system="Be {{x}} and {{y}}.")
    assert (params.prompt, params.system) == ("7 {{y}}", "Be 7 and {{y}}.")
    assert params.notes == ("sent literally: {{y}}",)
    assert filled("hi", notebook).system is None


def test_error_in_braces_is_filled_with_the_last_traceback() -> None:
    notebook = Notebook("nb", last_error=lambda: "ZeroDivisionError: by zero")
    assert "ZeroDivisionError" in filled("Explain {{error}}", notebook).prompt


@pytest.mark.parametrize(
    ("values", "session"),
    [
        ({}, None),
        ({"follow": True}, "nb"),
        ({"session": "mine"}, "mine"),
        ({"session": "mine", "follow": True}, "mine"),
    ],
)
def test_a_question_goes_to_the_named_conversation(
    values: dict[str, Any], session: str | None
) -> None:
    assert filled("hi", Notebook("nb"), **values).session == session


def test_ask_sends_the_question_with_its_options(app: Parllama) -> None:
    provider = scripted(app)
    answer = result_of(
        app,
        "ask",
        prompt="hi",
        model="fake/scripted",
        system="Be brief.",
        temperature=0.5,
        max_tokens=7,
        seed=3,
    )
    assert answer.text == "Hello from a script."
    assert answer.model == "fake/scripted"
    (request,) = provider.requests
    sent = [(message.role, message.text) for message in request.messages]
    assert sent == [("system", "Be brief."), ("user", "hi")]
    options = (request.temperature, request.max_tokens, request.seed)
    assert options == (0.5, 7, 3)


def test_a_conversation_continues_from_its_earlier_turns(app: Parllama) -> None:
    provider = scripted(app, lambda request: [f"to {request.messages[-1].text}"])

    def ask(prompt: str, cell: str, **more: Any) -> Any:
        return result_of(
            app,
            "ask",
            Notebook("nb", cell_id=cell),
            prompt=prompt,
            model="fake/scripted",
            **more,
        )

    def sent() -> str:
        messages = provider.requests[-1].messages
        return " ".join(f"{message.role[0]}:{message.text}" for message in messages)

    ask("q1", "c1", session="s")
    assert ask("q2", "c2", session="s", system="Be brief.").turn == 2
    assert sent() == "s:Be brief. u:q1 a:to q1 u:q2"
    ask("q1b", "c1", session="s")
    assert sent() == "u:q1b"
    ask("q3", "c3", session="s")
    assert sent() == "u:q1b a:to q1b u:q2 a:to q2 u:q3"
    ask("alone", "c4")
    assert sent() == "u:alone"


def test_a_conversation_may_change_its_model(app: Parllama) -> None:
    scripted(app, ["one"], name="first")
    second = scripted(app, ["two"], name="second")
    for name in ("first", "second"):
        result_of(app, "ask", prompt="hi", model=f"{name}/scripted", session="s")
    texts = [message.text for message in second.requests[0].messages]
    assert texts == ["hi", "one", "hi"]


# which model answers


def test_ask_without_any_model_names_both_ways_to_get_one(app: Parllama) -> None:
    with pytest.raises(NoModelError) as caught:
        result_of(app, "ask", prompt="hi")
    for way in ("embedded/smollm2", "parllama pull"):
        assert way in str(caught.value.hint)


def test_a_running_ollama_answers_if_no_model_is_chosen(
    app: Parllama, ollama: OllamaDouble
) -> None:
    answer = result_of(app, "ask", prompt="Say this.")
    assert (answer.model, answer.text) == ("ollama/echo:latest", "Say this.")
    # A default that was assumed is not a choice of the user.
    assert app.model is None


def test_the_model_used_last_answers_if_none_is_chosen(
    app: Parllama, ollama: OllamaDouble
) -> None:
    result_of(app, "ask", prompt="hi", model="ollama/sees")
    assert result_of(app, "ask", prompt="hi").model == "ollama/sees:latest"


def test_a_silent_or_remote_ollama_is_not_a_default(
    app: Parllama, ollama: OllamaDouble
) -> None:
    for model in list(ollama.library.models.values()):
        if model.behaviour not in ("embeds", "cloud"):
            ollama.library.remove(model.name)
    with pytest.raises(NoModelError):
        result_of(app, "ask", prompt="hi")
    # Named, it is asked.
    name = "ollama/qwen3-coder:480b-cloud"
    assert result_of(app, "ask", prompt="hi", model=name).text == "hi"


def test_the_users_choice_comes_before_a_running_ollama(
    app: Parllama, ollama: OllamaDouble
) -> None:
    scripted(app)
    result_of(app, "use", model="fake/scripted")
    assert result_of(app, "ask", prompt="hi").model == "fake/scripted"
    named = result_of(app, "ask", prompt="hi", model="ollama/echo")
    assert named.model == "ollama/echo"


# use


def test_use_chooses_the_default_model_and_reports_it(app: Parllama) -> None:
    scripted(app)
    report = result_of(app, "use", model="FAKE/scripted")
    assert app.model == "fake/scripted"
    assert text(report) == "The default model is fake/scripted."
    assert text(result_of(app, "use")) == text(report)


def test_the_last_model_given_to_use_is_the_default(app: Parllama) -> None:
    scripted(app, models=["one", "two"])
    for model in ("fake/one", "fake/two"):
        result_of(app, "use", model=model)
    assert app.model == "fake/two"


def test_use_without_any_model_says_how_to_get_one(app: Parllama) -> None:
    assert "embedded/smollm2" in text(result_of(app, "use"))


@pytest.mark.parametrize(
    ("model", "error", "hint"),
    [
        ("fak/scripted", UnknownProviderError, "fake"),
        ("scripted", UsageError, "/"),
        ("fake/", UsageError, "fake/MODEL"),
        ("/x", UsageError, "/"),
    ],
)
def test_use_of_an_invalid_model_is_refused_and_changes_nothing(
    app: Parllama, model: str, error: type[ParllamaError], hint: str
) -> None:
    scripted(app)
    result_of(app, "use", model="fake/scripted")
    with pytest.raises(error) as caught:
        result_of(app, "use", model=model)
    assert hint in str(caught.value.hint)
    assert app.model == "fake/scripted"


class CannotPrepare(FakeProvider):
    async def prepare(self, model: str, report: Any) -> None:
        report(Progress("Downloading", 1, 2, "bytes"))
        message = "The engine is not installed."
        raise EngineMissingError(message, hint="%pip install it.")


def test_a_model_that_cannot_be_prepared_is_not_chosen(app: Parllama) -> None:
    scripted(app, kind=CannotPrepare)
    heard: list[Event] = []
    with pytest.raises(EngineMissingError):
        result_of(app, "use", model="fake/scripted", listener=heard.append)
    assert app.model is None
    steps = [event.progress for event in heard if isinstance(event, ProgressChanged)]
    assert steps == [Progress("Downloading", 1, 2, "bytes")]


# jobs


def waiting(app: Parllama, title: str = "ask") -> Any:
    begun = threading.Event()

    async def work(job: Any) -> None:
        begun.set()
        await asyncio.Event().wait()

    job = app.jobs.start(title, work)
    begun.wait(5)
    return job


def test_jobs_without_any_job_says_so(app: Parllama) -> None:
    assert result_of(app, "jobs").markdown == "No jobs yet."
    assert result_of(app, "jobs").markdown == "No jobs yet."


def test_jobs_are_listed_with_their_state(app: Parllama) -> None:
    scripted(app, ["a", ServerError("down")])
    result_of(app, "ask", prompt="hi", model="fake/scripted")
    job = waiting(app, "ask Why | what?")
    rows = table(result_of(app, "jobs"))
    assert [(row[0], row[1], row[3]) for row in rows] == [
        (job.id, "running", "ask Why | what?"),
        ("1", "failed", "ask"),
    ]
    assert all(re.fullmatch(r"\d+\.\d", row[2]) for row in rows)


@pytest.mark.parametrize(
    "title",
    [
        "ask ![](http://x.example/?leak)",
        "ask <img src=http://x.example>",
        "ask [a](http://x.example) `b | c` \\| d",
        "ask a_b_c *d* $e$",
        "ask `` ` ```",
    ],
)
def test_a_jobs_title_is_shown_as_plain_text(app: Parllama, title: str) -> None:
    waiting(app, title)
    assert [row[3] for row in table(result_of(app, "jobs"))] == [title]


def test_a_job_is_cancelled_by_its_number(app: Parllama) -> None:
    one, other = waiting(app), waiting(app)
    report = result_of(app, "jobs", action="cancel", id=one.id)
    assert report.markdown == f"Cancelled: {one.id}."
    with pytest.raises(ParllamaError, match="Stopped"):
        one.result()
    assert (one.state, other.state) == ("cancelled", "running")


def test_all_jobs_are_cancelled_at_once(app: Parllama) -> None:
    jobs = [waiting(app) for _ in range(3)]
    result_of(app, "jobs", action="cancel", id="all")
    for job in jobs:
        with pytest.raises(ParllamaError, match="Stopped"):
            job.result()
    again = result_of(app, "jobs", action="cancel", id="all")
    assert again.markdown == "No job is running."


def test_only_jobs_that_are_listed_are_named_as_cancelled(app: Parllama) -> None:
    job = waiting(app)
    follower = app.jobs.start(
        "pull",
        lambda own: job.followed(own.report, own.notice),
        listed=False,
    )
    report = result_of(app, "jobs", action="cancel", id="all")
    assert report.markdown == f"Cancelled: {job.id}."
    with pytest.raises(ParllamaError, match="Stopped"):
        follower.result()


def test_a_cancelled_answer_keeps_its_text_so_far(app: Parllama) -> None:
    scripted(app, ["Half", Pause(60)])
    heard = threading.Event()
    command = COMMANDS["ask"]
    params = command.validated({"prompt": "hi", "model": "fake/scripted"})
    from parllama_nb.commands import Call

    job = app.jobs.start(
        "ask",
        lambda job: command.run(params, Call(app, Notebook("nb"), job)),
        listener=lambda event: heard.set() if "Delta" in repr(event) else None,
    )
    heard.wait(5)
    result_of(app, "jobs", action="cancel", id=job.id)
    assert job.result().text == "Half"
    assert job.state == "cancelled"


@pytest.mark.parametrize("values", [{}, {"id": "99"}, {"id": "x"}])
def test_cancelling_an_unknown_job_is_refused(
    app: Parllama, values: dict[str, Any]
) -> None:
    with pytest.raises(UsageError) as caught:
        result_of(app, "jobs", action="cancel", **values)
    assert "%parllama jobs" in str(caught.value.hint)


# doctor


def doctor(app: Parllama, *checks: Check) -> dict[str, list[str]]:
    """Returns the doctor's rows by the name of the check."""
    notebook = Notebook("nb", checks=lambda: list(checks))
    return {row[1]: row for row in table(result_of(app, "doctor", notebook))}


def test_the_doctor_checks_everything_and_names_a_remedy_for_each_failure(
    app: Parllama,
) -> None:
    rows = doctor(app, Check("front end", ok=False, found="none", remedy="Build it."))
    specs = [app.providers.spec(name) for name in app.providers.names()]
    assert {spec.title for spec in specs} <= set(rows)
    assert {"packages", "data directory", "embedded engine", "front end"} <= {
        what.lower() if what == "Embedded engine" else what for what in rows
    }
    for what, (state, _, found, remedy) in rows.items():
        assert found, what
        assert state == "ok" or remedy, what
        assert state in {"ok", "no", NOT_SET_UP}
    assert rows["front end"] == ["no", "front end", "none", "Build it."]


def test_the_doctor_finds_a_server_that_runs(
    app: Parllama, ollama: OllamaDouble
) -> None:
    state, _, found, _ = doctor(app)["Ollama"]
    assert state == "ok"
    assert "ollama/echo" in found
    assert found.endswith("…")


def test_the_doctor_says_how_to_get_a_model_if_there_is_none(
    app: Parllama, ollama: OllamaDouble
) -> None:
    ollama.library.models.clear()
    state, _, found, remedy = doctor(app)["Ollama"]
    assert (state, found) == (NOT_SET_UP, "running, without a model")
    assert "parllama pull llama3.2" in remedy


def test_the_doctor_contacts_only_this_machine(
    app: Parllama, double: OpenAIDouble, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OPENAI_BASE_URL", double.url)
    monkeypatch.setenv("OPENAI_API_KEY", "sk-sentinel-77aa10b3")
    rows = doctor(app)
    assert rows["OpenAI"][:3] == ["ok", "OpenAI", "key in OPENAI_API_KEY"]
    assert double.requests == []
    assert "sentinel" not in str(rows)


def test_the_doctor_names_the_variable_of_a_missing_key(app: Parllama) -> None:
    state, _, found, remedy = doctor(app)["Groq"]
    assert (state, found) == (NOT_SET_UP, "no key")
    assert "GROQ_API_KEY" in remedy
    assert "https://console.groq.com/keys" in remedy


class ListsForever(FakeProvider):
    async def models(self) -> list[ModelInfo]:
        await asyncio.Event().wait()
        raise AssertionError


class ListsBadly(FakeProvider):
    async def models(self) -> list[ModelInfo]:
        message = "boom sk-sentinel-0042"
        raise ValueError(message)


def test_the_doctor_does_not_wait_for_a_silent_server(app: Parllama) -> None:
    app.settings.update({"timeouts.models": 0.1})
    scripted(app, name="mute", local=True, kind=ListsForever)
    state, _, found, _ = doctor(app)["Mute"]
    assert state == "no"
    assert "silent" in found


def test_the_doctor_reports_a_broken_provider_and_checks_the_others(
    app: Parllama,
) -> None:
    scripted(app, name="broken", local=True, kind=ListsBadly)
    rows = doctor(app)
    assert rows["Broken"][0] == "no"
    assert "sentinel" not in str(rows)
    assert "Ollama" in rows


def test_the_doctor_reports_plugins_that_failed_to_load(app: Parllama) -> None:
    app.plugins.reject("acme", "TypeError: unsupported operand for |: 'a' | 'b'")
    row = doctor(app)["plug-in acme"]
    assert row[0] == "no"
    assert "unsupported operand for |: 'a' | 'b'" in row[2]


def test_the_doctor_redacts_secrets_before_it_escapes(app: Parllama) -> None:
    key = "sk_sentinel-*9a.8b|7c"
    app.redact.add(Secret("ACME_KEY", key))
    app.plugins.reject("acme", f"ValueError: {key} is wrong")
    assert doctor(app)["plug-in acme"][2] == "ValueError: <Secret ACME_KEY> is wrong"


def test_names_of_models_cannot_break_the_doctors_table(app: Parllama) -> None:
    names = ["a|b", "`![x](http://x.example/?leak)`", "<img src=http://x.example>"]
    scripted(app, name="odd", local=True, models=names)
    found = doctor(app)["Odd"][2]
    for name in names:
        assert name in found


def test_the_doctor_reports_a_data_directory_that_cannot_be_used(
    app: Parllama, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    blocked = tmp_path / "a-file"
    blocked.write_text("")
    monkeypatch.setenv("PARLLAMA_NB_HOME", str(blocked))
    state, _, found, remedy = doctor(app)["data directory"]
    assert state == "no"
    assert str(blocked) in found
    assert "PARLLAMA_NB_HOME" in remedy


def test_the_doctor_says_once_that_the_database_cannot_be_opened(
    app: Parllama, home: Path, caplog: pytest.LogCaptureFixture
) -> None:
    (home / "data" / "parllama.db").mkdir(parents=True)
    rows = doctor(app)
    state, _, found, remedy = rows["data directory"]
    assert state == "no"
    assert "parllama.db is not a database" in found
    assert "nothing is kept" in remedy
    assert str(rows).count("not a database") == 1
    assert [r for r in caplog.records if r.levelname in {"WARNING", "ERROR"}] == []


# help


def test_help_lists_every_command(app: Parllama) -> None:
    markdown = result_of(app, "help").markdown
    rows = [row for row in _Page(markdown).rows if len(row) == 3 and any(row)]
    alone = {name: command.summary for name, command in COMMANDS.items()}
    del alone["help"]  # it is what is read
    # A command may be named by the one that it belongs to.
    for name, command in COMMANDS.items():
        if command.to:
            assert name in alone[command.to]
            del alone[name]
    # A large group shares one row, of the names alone.
    for name, *_ in (row[2].split() for row in rows if not row[1]):
        shared = [n for n, c in COMMANDS.items() if c.group == COMMANDS[name].group]
        assert [row[2].split() for row in rows if row[2].startswith(name)] == [shared]
        alone = {n: text for n, text in alone.items() if n not in shared}
    assert {row[1]: row[2] for row in rows if row[1]} == alone


def test_help_lists_a_group_of_commands_under_one_title(app: Parllama) -> None:
    titles = [command.group for command in COMMANDS.values()]
    assert [*dict.fromkeys(titles)] == [
        title for title, _ in itertools.groupby(titles)
    ], "the commands of a group are not beside each other"
    rows = [row for row in _Page(result_of(app, "help").markdown).rows if any(row)]
    assert [row[0] for row in rows if len(row) == 3 and row[0]] == [
        *dict.fromkeys(titles)
    ]


def test_help_begins_with_examples_and_fits_a_terminal(
    app: Parllama, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    lines = str(result_of(app, "help")).splitlines()
    assert len(lines) < 24
    assert max(map(len, lines)) <= 80
    for line in lines[:3]:
        typed = line.partition("   ")[0]
        magic, _, rest = typed.partition(" ")
        parsed = (
            parse_cell(COMMANDS, rest, "the question")
            if magic == "%%parllama"
            else parse_line(COMMANDS, rest)
        )
        assert parsed[0].name == "ask"


def test_the_help_of_ask_lists_its_options_in_groups(app: Parllama) -> None:
    rows = _Page(result_of(app, "help", command="ask").markdown).rows
    titles = [row[0] for row in rows if row[0]]
    assert titles == ["Model", "Question", "Answer", "Thinking", "Cell"]
    assert all(option.group in titles for option in COMMANDS["ask"].options().values())


@pytest.mark.parametrize("name", COMMANDS)
def test_help_of_a_command_lists_all_its_options(app: Parllama, name: str) -> None:
    command = COMMANDS[name]
    markdown = result_of(app, "help", command=name).markdown
    shown = " ".join(" ".join(row) for row in _Page(markdown).rows)
    for option in command.options().values():
        assert option.help in shown
        for flag in option.flags:
            assert flag in shown
    for argument in command.arguments().values():
        assert argument.help in shown


@pytest.mark.parametrize("name", COMMANDS)
def test_every_example_of_the_help_can_be_parsed(name: str) -> None:
    for example in COMMANDS[name].examples:
        magic, _, line = example.partition(" ")
        if magic == "%%parllama":
            line, _, body = line.partition("\n")
            command, _ = parse_cell(COMMANDS, line, body or "the question")
        else:
            assert magic == "%parllama"
            command, _ = parse_line(COMMANDS, line)
        assert command.name == name


def test_help_of_an_unknown_command_names_the_nearest(app: Parllama) -> None:
    with pytest.raises(UsageError, match="doctr") as caught:
        result_of(app, "help", command="doctr")
    assert caught.value.hint == "Did you mean doctor?"


@pytest.mark.parametrize(
    ("markdown", "text"),
    [
        ("It is **`on`**.  \n1 &lt; 2", "It is on.\n1 < 2"),
        ("One.\n\n`two`", "One.\n\ntwo"),
        (
            "| | a | b |\n|:---|---:|:---|\n| **x** | `1` | &#124; |\n| yy | | z |",
            "    a  b\nx   1  |\nyy     z",
        ),
        ("| | |\n|:---|:---|\n| a | b |", "a  b"),
        ("```python\na = [1]\n```", "a = [1]"),
        ("\u05e9\u05dc\u05d5\u05dd `a`", "\u05e9\u05dc\u05d5\u05dd a"),
    ],
)
def test_a_report_reads_as_text_in_a_terminal(markdown: str, text: str) -> None:
    assert pretty(Report(markdown)) == text


def test_a_table_is_wrapped_at_the_width_of_the_terminal(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("COLUMNS", "30")
    address = "https://keys.example/a-long-address"
    words = "a few words that are longer than a line"
    shown = str(Report(table_of(("name", "what"), [("x", words), ("y", address)])))
    assert address in shown
    assert max(len(line) for line in shown.splitlines() if address not in line) <= 30


def test_commands_in_a_message_are_code_and_the_rest_is_text() -> None:
    report = Report(prose("Run `a b`, not <b>*x*</b> | `c|d`."))
    assert text(report) == "Run a b, not <b>*x*</b> | `c|d`."
    assert "`a b`" in report.markdown
