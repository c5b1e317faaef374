"""How a cell ends: one line of error without secrets; output in a terminal."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
from IPython.core.interactiveshell import InteractiveShell
from traitlets.config import Config

from parllama_nb import errors
from parllama_nb.application import Parllama, get_app
from parllama_nb.chats.answer import Answer, Timing
from parllama_nb.commands import Report
from parllama_nb.errors import ParllamaError, StreamInterruptedError, UsageError
from parllama_nb.notebook.run import _failure_of, _quiet, run_line
from parllama_nb.plugins import PROVIDERS
from parllama_nb.providers.messages import ThinkingDelta, parts_of
from parllama_nb.secret import Secret
from parllama_nb.testing import Pause

from ..own_app import own_app, scripted

KEY = "sk-sentinel-90ab12cd"
WHOLE = Answer(parts_of("**Yes.**"), "fake/m", "stop", Timing(0.0, 0.1, 1.0))
CUT = replace(WHOLE, finish_reason="error", error=StreamInterruptedError("Far: cut."))


@pytest.fixture
def app() -> Iterator[Parllama]:
    with own_app() as app:
        yield app


# how a cell ends


def test_a_complete_answer_ends_the_cell_without_an_error() -> None:
    assert _failure_of(WHOLE) is None
    assert _failure_of(replace(WHOLE, finish_reason="length")) is None
    assert _failure_of(Report("x")) is None
    assert _failure_of(None) is None


def test_a_stopped_or_failed_answer_ends_the_cell_with_an_error() -> None:
    assert _failure_of(CUT) is CUT.error
    stopped = _failure_of(replace(WHOLE, finish_reason="cancelled"))
    assert isinstance(stopped, errors.StoppedError)


KINDS = [
    kind
    for name in errors.__all__
    if issubclass(kind := getattr(errors, name), ParllamaError)
]


@pytest.mark.parametrize("kind", KINDS)
def test_every_error_is_shown_as_one_line_with_its_type(
    app: Parllama, kind: type[ParllamaError]
) -> None:
    app.redact.add(Secret("FAR_API_KEY", KEY))
    shown = _quiet(kind(f"{KEY} failed.", hint=f"Not {KEY}."), app)
    assert type(shown) is kind
    assert KEY not in f"{shown} {shown!r} {shown.args}"
    lines = shown._render_traceback_()  # type: ignore[attr-defined]
    assert lines == [
        f"{kind.__name__}: <Secret FAR_API_KEY> failed. Not <Secret FAR_API_KEY>."
    ]


def test_a_plugin_error_with_a_constructor_of_its_own_is_shown(app: Parllama) -> None:
    class AcmeError(errors.ProviderError):
        def __init__(self, code: int) -> None:
            super().__init__(f"Acme said {code}.")

    shown = _quiet(AcmeError(7), app)
    assert isinstance(shown, ParllamaError)
    assert "Acme said 7." in str(shown)


# in a terminal


@pytest.fixture
def shell() -> Iterator[InteractiveShell]:
    config = Config()
    config.HistoryManager.enabled = False
    shell: Any = InteractiveShell(config=config)  # type: ignore[no-untyped-call]
    yield shell
    shell.history_manager = None


@pytest.fixture
def provided() -> Parllama:
    app = get_app()
    app.plugins.ignore_installed(PROVIDERS)
    return app


def test_a_terminal_shows_the_streamed_text_and_then_the_footer(
    provided: Parllama, shell: InteractiveShell, capsys: pytest.CaptureFixture[str]
) -> None:
    scripted(provided, [ThinkingDelta("hm"), "One", Pause(0.05), " two."])
    run_line(shell, "fake/scripted -o answer", "How {{much}}?")
    text, footer = capsys.readouterr().out.splitlines()
    assert text == "One two."
    assert footer.startswith("fake/scripted")
    assert "sent literally: {{much}}" in footer
    assert shell.user_ns["answer"].text == "One two."


def test_a_cell_is_filled_from_the_variables_of_the_shell(
    provided: Parllama, shell: InteractiveShell
) -> None:
    provider = scripted(provided)
    shell.user_ns["x"] = 42
    run_line(shell, "fake/scripted", "What is {{x}}?")
    assert provider.requests[0].messages[-1].text == "What is 42?"


def test_a_partial_answer_is_assigned_to_its_variable(
    provided: Parllama, shell: InteractiveShell, capsys: pytest.CaptureFixture[str]
) -> None:
    scripted(provided, ["Half", StreamInterruptedError("Fake: cut.")])
    with pytest.raises(StreamInterruptedError) as caught:
        run_line(shell, "fake/scripted -o answer", "hi")
    assert caught.value.__context__ is None
    assert shell.user_ns["answer"].text == "Half"
    assert "broke off" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("line", "cell"),
    [("frobnicate", None), ("--frob", "hi"), ("", " "), ("fake/a " * 9, "hi")],
)
def test_a_line_that_cannot_be_parsed_sends_no_request(
    provided: Parllama, shell: InteractiveShell, line: str, cell: str | None
) -> None:
    provider = scripted(provided)
    with pytest.raises(UsageError) as caught:
        run_line(shell, line, cell)
    assert caught.value.__context__ is None
    assert provider.requests == []


def test_a_terminal_shows_several_answers_as_text(
    provided: Parllama, shell: InteractiveShell, capsys: pytest.CaptureFixture[str]
) -> None:
    scripted(provided, ["From a."], name="a")
    scripted(provided, ["Half", StreamInterruptedError("B: cut.")], name="b")
    run_line(shell, "a/scripted b/scripted -o both", "hi")
    shown = capsys.readouterr().out
    for text in (
        "== a/scripted",
        "From a.",
        "Half",
        "StreamInterruptedError: B: cut.",
        "1 of 2",
    ):
        assert text in shown
    assert [answer.text for answer in shell.user_ns["both"]] == ["From a.", "Half"]
    assert list(shell.user_ns["both"].frame()["error"]) == [None, "B: cut."]
    run_line(shell, "compare", None)
    assert "From a." in capsys.readouterr().out


def test_a_cell_whose_models_all_fail_ends_with_an_error(
    provided: Parllama, shell: InteractiveShell, capsys: pytest.CaptureFixture[str]
) -> None:
    scripted(provided, [StreamInterruptedError("Fake: cut.")])
    with pytest.raises(StreamInterruptedError) as caught:
        run_line(shell, "fake/scripted fake/scripted -o both", "hi")
    assert caught.value.__context__ is None
    assert len(shell.user_ns["both"].failed) == 2


def test_a_commands_report_is_shown(
    provided: Parllama, shell: InteractiveShell, capsys: pytest.CaptureFixture[str]
) -> None:
    scripted(provided, models=["my_model|v2"])
    run_line(shell, "use fake/my_model|v2", None)
    assert "fake/my_model|v2" in capsys.readouterr().out
    run_line(shell, "", None)
    assert "%parllama ask" in capsys.readouterr().out


def test_a_foreign_exception_of_a_command_is_shown_by_its_type_only(
    provided: Parllama, shell: InteractiveShell, monkeypatch: pytest.MonkeyPatch
) -> None:
    provider: Any = scripted(provided)

    async def prepare(model: str, report: object) -> None:
        message = f"Bearer {KEY}"
        raise ValueError(message)

    monkeypatch.setattr(provider, "prepare", prepare)
    with pytest.raises(ParllamaError) as caught:
        run_line(shell, "use fake/scripted", None)
    assert KEY not in str(caught.value)
    assert "ValueError" in str(caught.value)
    assert caught.value.__context__ is None


def test_a_dry_run_shows_the_request_as_text_and_keeps_it(
    provided: Parllama, shell: InteractiveShell, capsys: pytest.CaptureFixture[str]
) -> None:
    fake = scripted(provided)
    shell.user_ns["x"] = "forty-two"
    run_line(
        shell, "fake/scripted --dry-run -o sent -s Short.", "What is {{x}}, {{y}}?"
    )
    shown = capsys.readouterr().out
    for text in ("nothing was sent", "What is forty-two, {{y}}?", "Short.", "{{y}}"):
        assert text in shown
    assert "sent literally: {{y}}" in shown
    assert fake.requests == []
    assert b"forty-two" in shell.user_ns["sent"].body
    assert provided.runtime.run(provided.chats.sessions()) == []


def test_a_dry_run_of_several_models_has_a_section_for_each(
    provided: Parllama, shell: InteractiveShell, capsys: pytest.CaptureFixture[str]
) -> None:
    fake = scripted(provided, models=("a", "b"))
    run_line(shell, "fake/a fake/b nowhere/c --dry-run -o sent", "hi")
    shown = capsys.readouterr().out
    assert shown.count("nothing was sent") == 2
    assert "nowhere/c cannot be asked" in shown
    assert len(shell.user_ns["sent"]) == 3
    assert fake.requests == []
    with pytest.raises(ParllamaError):
        run_line(shell, "nowhere/c --dry-run", "hi")
