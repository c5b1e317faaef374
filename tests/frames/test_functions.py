"""`pl.compare` and `pl.map` over scripted providers: requests and frames."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from pydantic import BaseModel

import parllama_nb as pl
from parllama_nb import scorers
from parllama_nb.application import Parllama, get_app
from parllama_nb.batches.table import COLUMNS
from parllama_nb.errors import (
    ModelLoadingError,
    NoModelError,
    RateLimitError,
    ServerError,
    UnknownProviderError,
    UsageError,
)
from parllama_nb.plugins import PROVIDERS
from parllama_nb.prompting.library.prompt import Prompt
from parllama_nb.prompting.library.variables import Variable
from parllama_nb.providers.messages import ChatRequest, Finish, Message, Usage
from parllama_nb.providers.retry import RetryPolicy
from parllama_nb.testing import Pause

from ..interrupts import interrupt_the_waiting
from ..own_app import scripted

MODEL = "fake/scripted"


@pytest.fixture
def app() -> Iterator[Parllama]:
    app = get_app()
    app.plugins.ignore_installed(PROVIDERS)
    yield app
    app.model = None


def echo(request: ChatRequest) -> list[Any]:
    return [request.messages[-1].text.upper(), Finish("stop", Usage(7, 3))]


def frame(*texts: object) -> pd.DataFrame:
    return pd.DataFrame({"review": list(texts)})


# compare


def test_every_prompt_is_asked_of_every_model_as_often_as_wanted(app: Parllama) -> None:
    scripted(app, echo, models=("a", "b"))
    made = pl.compare(["x", "y"], ["fake/a", "fake/b"], repeats=2)
    assert list(made.columns) == list(COLUMNS)
    assert [*zip(made.prompt, made.model, made.repeat, strict=True)] == [
        (prompt, model, repeat)
        for prompt in ("x", "y")
        for model in ("fake/a", "fake/b")
        for repeat in (0, 1)
    ]
    assert list(made.text) == ["X"] * 4 + ["Y"] * 4
    assert made.input_tokens.tolist() == [7] * 8
    assert made.output_tokens.dtype == "Int64"
    assert (made.first_token_s <= made.total_s).all()
    assert made.error.isna().all()


def test_a_list_of_params_adds_a_column_of_them(app: Parllama) -> None:
    provider = scripted(app, echo)
    made = pl.compare("x", MODEL, params=[{"temperature": 0.0}, {"max_tokens": 5}])
    assert made.params.tolist() == ["temperature=0.0", "max_tokens=5"]
    asked = {(r.temperature, r.max_tokens) for r in provider.requests}
    assert asked == {(0.0, None), (None, 5)}


def test_the_same_model_twice_is_asked_twice(app: Parllama) -> None:
    provider = scripted(app, echo)
    assert len(pl.compare("x", [MODEL, MODEL])) == 2
    assert len(provider.requests) == 2


def test_a_missing_model_is_an_error_in_its_row_only(app: Parllama) -> None:
    scripted(app, echo)
    made = pl.compare("x", [MODEL, "fake/other"])
    assert made.text.tolist() == ["X", ""]
    assert "no model 'other'" in made.error[1]
    assert made.finish_reason.tolist() == ["stop", "error"]


def test_an_unknown_provider_is_refused_before_anything_is_asked(
    app: Parllama,
) -> None:
    provider = scripted(app, echo)
    with pytest.raises(UnknownProviderError):
        pl.compare("x", [MODEL, "nowhere/x"])
    assert provider.requests == []


def test_compare_without_models_asks_the_default_model_or_raises_no_model(
    app: Parllama,
) -> None:
    with pytest.raises(NoModelError):
        pl.compare("x")
    scripted(app, echo)
    app.model = MODEL
    assert pl.compare("x").model.tolist() == [MODEL]


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"params": {"temprature": 1}}, "temperature"),
        ({"params": {"temperature": 9}}, "temperature"),
        ({"repeats": 0}, "repeats"),
        ({"concurrency": 0}, "concurrency"),
        ({"scorers": [print]}, "not a scorer"),
        ({"scorers": [scorers.json_valid(), scorers.json_valid()]}, "Two scorers"),
        ({"scorers": [scorers.exact("label")]}, "no column 'label'"),
        ({"budget": 1.0}, "No price is known"),
        ({"executor": 3}, "value of type int"),
        ({"prompts": None}, "prompts= is a NoneType, not a list of texts"),
        ({"prompts": b"x"}, "prompts= is a bytes"),
        ({"prompts": {"x": 1}}, "prompts= is a dict"),
        ({"prompts": pd.DataFrame({"x": ["a"]})}, "use pl.map"),
        ({"models": 5}, "models= is a int, not a list of names"),
        ({"models": [5]}, "models[0] is a int, not a text"),
        ({"repeats": "2"}, "repeats= is a str, not a whole number"),
        ({"repeats": 1.5}, "repeats= is a float"),
        ({"concurrency": "2"}, "concurrency= is a str"),
        ({"budget": "2"}, "budget= is a str, not a number"),
        ({"budget": -1}, "budget= must not be negative"),
        ({"params": 5}, "params= is a int, not a dict of options"),
        ({"params": ["x"]}, "params= is a str"),
        ({"system": 5}, "system= is a int, not a text"),
        ({"scorers": print}, "scorers= is a builtin_function_or_method"),
    ],
)
def test_an_invalid_argument_is_refused_before_anything_is_asked(
    app: Parllama, options: dict[str, Any], message: str
) -> None:
    provider = scripted(app, echo)
    with pytest.raises(UsageError) as raised:
        pl.compare(**{"prompts": "x", "models": MODEL, **options})
    assert message in str(raised.value)
    assert raised.value.__context__ is None
    assert provider.requests == []


@pytest.mark.parametrize("kind", [list, tuple, pd.Series, np.array, iter])
def test_prompts_and_models_may_come_in_any_sequence(app: Parllama, kind: Any) -> None:
    scripted(app, echo)
    made = pl.compare(kind(["a", "b"]), kind([MODEL]))
    assert made.prompt.tolist() == ["a", "b"]


# map


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"template": None}, "pl.map needs a question"),
        ({"model": [MODEL]}, "model= is a list, not a text"),
        ({"system": 5}, "system= is a int, not a text"),
    ],
)
def test_an_invalid_argument_of_map_is_refused_before_anything_is_asked(
    app: Parllama, options: dict[str, Any], message: str
) -> None:
    provider = scripted(app, echo)
    with pytest.raises(UsageError) as raised:
        pl.map(**{"df": {"x": ["a"]}, "template": "{{x}}", "model": MODEL, **options})
    assert message in str(raised.value)
    assert provider.requests == []


def test_a_frame_with_columns_of_several_levels_gets_columns_of_as_many(
    app: Parllama,
) -> None:
    scripted(app, echo)
    columns = pd.MultiIndex.from_tuples([("text", "x"), ("text", "y")])
    made = pl.map(pd.DataFrame([["a", "b"]], columns=columns), "Why?", model=MODEL)
    assert made["answer_text"].tolist() == ["WHY?"]
    assert made.columns.nlevels == 2


def test_map_asks_each_row_with_its_own_values(app: Parllama) -> None:
    scripted(app, echo)
    df = pd.DataFrame(
        {"text": ["one", "two"], "n": [1, 2], "Unit price": [0.5, 2.5]}, index=[7, 3]
    )
    made = pl.map(
        df, 'Is {{text}} {{n}}? {{row["Unit price"]}} {"a": {{{x}}}}', model=MODEL
    )
    assert list(df.columns) == ["text", "n", "Unit price"]
    assert made.index.tolist() == [7, 3]
    assert made.text.tolist() == ["one", "two"]
    assert made.answer_text.tolist() == [
        'IS ONE 1? 0.5 {"A": {{{X}}}}',
        'IS TWO 2? 2.5 {"A": {{{X}}}}',
    ]


def added(app: Parllama, text: str, *variables: Variable) -> None:
    messages = (Message.of("system", text), Message.of("user", "CONTENT:"))
    app.runtime.run(app.prompts.add(Prompt("brief", messages, variables=variables)))


def test_compare_asks_with_a_library_prompt(app: Parllama) -> None:
    provider = scripted(app, echo)
    added(app, "In {{lang}}, {{other}}.", Variable("lang"))

    made = pl.compare(
        ["x", "y"], MODEL, library_prompt="brief", variables={"lang": "French"}
    )

    assert list(made.prompt) == ["x", "y"]
    assert sorted(made.text) == ["CONTENT:\n\nX", "CONTENT:\n\nY"]
    systems = {request.messages[0].text for request in provider.requests}
    assert systems == {"In French, {{other}}."}


def test_map_fills_a_library_prompt_from_the_columns(app: Parllama) -> None:
    provider = scripted(app, echo)
    added(app, "In {{lang}} for {{who}}.", Variable("lang"), Variable("who", "all"))
    df = pd.DataFrame({"review": ["a", "b"], "lang": ["French", None]})

    made = pl.map(df, "{{review}}", model=MODEL, library_prompt="brief")

    assert made.text.tolist()[0] == "CONTENT:\n\nA"
    assert made.error.tolist()[1] == "lang is missing in this row."
    assert [r.messages[0].text for r in provider.requests] == ["In French for all."]


def test_map_asks_a_library_prompt_by_itself(app: Parllama) -> None:
    scripted(app, echo)
    prompt = Prompt(
        "p", (Message.of("user", "Rate {{review}}"),), variables=(Variable("review"),)
    )
    made = pl.map(frame("a", "b"), model=MODEL, library_prompt=prompt)
    assert made.text.tolist() == ["RATE A", "RATE B"]


@pytest.mark.parametrize(
    ("given", "word"),
    [
        ({}, "needs a question"),
        ({"variables": {"a": "b"}, "template": "x"}, "no library prompt"),
        ({"library_prompt": "nowhere"}, "no prompt 'nowhere'"),
        ({"library_prompt": 5}, "not a int"),
        ({"library_prompt": "brief", "variables": {"a": "b"}}, "no variable 'a'"),
        ({"library_prompt": "brief"}, "needs a value for lang"),
    ],
)
def test_map_refuses_a_library_prompt_that_cannot_be_filled(
    app: Parllama, given: dict[str, Any], word: str
) -> None:
    scripted(app, echo)
    added(app, "In {{lang}}.", Variable("lang"))
    with pytest.raises(UsageError, match=word):
        pl.map(frame("a"), model=MODEL, **given)


def test_map_of_an_empty_frame_has_all_columns_and_no_rows(app: Parllama) -> None:
    scripted(app, echo)
    made = pl.map(frame(), "{{review}}", model=MODEL)
    assert len(made) == 0
    assert list(made.columns) == ["review", *COLUMNS]


def test_map_skips_rows_with_a_missing_value_and_sends_nested_ones(
    app: Parllama,
) -> None:
    provider = scripted(app, echo)
    made = pl.map(
        frame("a", None, float("nan"), [1, {"k": 2}]), "{{review}}", model=MODEL
    )
    assert len(provider.requests) == 2
    assert made.text[0] == "A"
    assert made.error[1] == made.error[2] == "review is missing in this row."
    assert '"K": 2' in made.text[3]


def test_a_template_with_an_unknown_column_is_refused_with_the_available_ones(
    app: Parllama,
) -> None:
    scripted(app, echo)
    with pytest.raises(UsageError) as raised:
        pl.map(frame("a"), "{{reveiw}}", model=MODEL)
    assert "no column 'reveiw'" in raised.value.message
    assert "review" in (raised.value.hint or "")


def test_map_of_anything_but_a_frame_is_refused(app: Parllama) -> None:
    with pytest.raises(UsageError, match="a pandas DataFrame, not a list") as caught:
        pl.map(["a"], "{{x}}", model=MODEL)
    assert "pl.compare" in str(caught.value.hint)


def test_an_empty_question_is_not_asked_and_says_so(app: Parllama) -> None:
    provider = scripted(app, echo)
    made = pl.map(frame("a", "", " \n"), "{{review}}", model=MODEL)
    assert made.text.isna().tolist() == [False, True, True]
    assert made.error.tolist() == [None, *["The question is empty."] * 2]
    made = pl.compare(["a", " "], [MODEL], repeats=2)
    assert made.error.tolist() == [None, None, *["The question is empty."] * 2]
    assert len(provider.requests) == 3


def test_a_prompt_that_is_not_a_text_is_refused(app: Parllama) -> None:
    with pytest.raises(UsageError, match=r"prompts\[1\] is a float"):
        pl.compare(["a", float("nan")], MODEL)  # type: ignore[list-item]


def test_half_a_character_in_a_frame_is_sent_as_the_sign_for_one(
    app: Parllama,
) -> None:
    provider = scripted(app, echo)
    pl.map(frame("a\udce9"), "{{review}}?", model=MODEL, system="s\udce9")
    pl.compare("b\udce9", MODEL)
    sent = [m.text for request in provider.requests for m in request.messages]
    assert sent == ["s\ufffd", "a\ufffd?", "b\ufffd"]


def test_rows_are_asked_without_a_database_and_a_note_says_that_none_is_saved(
    app: Parllama, home: Path
) -> None:
    (home / "data" / "parllama.db").mkdir(parents=True)
    provider = scripted(app, echo)
    for _ in range(2):
        made = pl.map(frame("a", "b"), "{{review}}", model=MODEL, cache=True)
        assert made.text.tolist() == ["A", "B"]
        assert sum("not saved on disk" in note for note in made.attrs["notes"]) == 1
    assert len(provider.requests) == 4


class Review(BaseModel):
    label: str
    stars: int


@pytest.mark.parametrize(
    "schema",
    [
        Review,
        {
            "type": "object",
            "properties": {"label": {"type": "string"}, "stars": {"type": "integer"}},
            "required": ["label", "stars"],
        },
    ],
    ids=["pydantic", "json schema"],
)
def test_a_schema_adds_typed_columns_and_keeps_text_that_does_not_fit(
    app: Parllama, schema: object
) -> None:
    answers = iter(
        [
            '{"label": "good", "stars": 5}',
            '```json\n{"label": "bad", "stars": 1}\n```',
            '{"label": "bad", "stars": "many"}',
            "It is good.",
        ]
    )
    provider = scripted(app, lambda _: [next(answers)])
    made = pl.map(
        frame(*"abcd"), "{{review}}", model=MODEL, schema=schema, concurrency=1
    )
    assert made.label.tolist()[:2] == ["good", "bad"]
    assert made.stars.dtype == "Int64"
    assert made.stars.tolist()[:2] == [5, 1]
    assert made.stars.isna().tolist() == [False, False, True, True]
    assert made.error.isna().tolist() == [True, True, False, False]
    assert made.error.str.contains("does not fit the schema").tolist()[2:] == [True] * 2
    assert made.text[3] == "It is good."
    # The provider does not support schemas, so the prompt asks for JSON.
    assert '"stars"' in provider.requests[0].messages[0].text


def test_scores_are_columns(app: Parllama) -> None:
    df = pd.DataFrame({"q": ["yes", "no"], "label": ["YES", "maybe"]})
    scripted(app, echo)
    made = pl.map(
        df,
        "{{q}}",
        model=MODEL,
        scorers=[
            scorers.exact("label"),
            scorers.regex("^Y", name="begins"),
            scorers.json_valid(),
            scorers.similarity(value="YES"),
        ],
    )
    assert made.exact.tolist() == [True, False]
    assert made.begins.tolist() == [True, False]
    assert made.json_valid.tolist() == [False, False]
    assert made.similarity[0] == 1.0
    assert 0 <= made.similarity[1] < 1


def test_a_judge_is_another_model(app: Parllama) -> None:
    scripted(app, echo)
    judge = scripted(app, ["Grade: 4"], name="wise", models=("owl",))
    made = pl.compare(
        ["x", "y"], MODEL, scorers=[scorers.judge("wise/owl", "It shouts.")]
    )
    assert made.judge.tolist() == [4, 4]
    assert "It shouts." in judge.requests[0].messages[0].text
    assert "X" in judge.requests[0].messages[0].text


# stopping and resuming


def test_ctrl_c_returns_the_answers_so_far_and_the_same_call_resumes(
    app: Parllama,
) -> None:
    gate = threading.Event()

    def script(request: ChatRequest) -> Any:
        text = request.messages[-1].text
        if text == "3" and not gate.is_set():
            gate.set()
            threading.Thread(target=interrupt_the_waiting).start()
            return [Pause(60)]
        return [text]

    provider = scripted(app, script)
    df = frame(*map(str, range(6)))
    made = pl.map(df, "{{review}}", model=MODEL, concurrency=1)
    assert made.text.isna().tolist() == [False] * 3 + [True] * 3
    assert made.error.tolist()[3:] == ["Not asked."] * 3
    assert "stopped" in made.attrs["notes"]
    assert len(provider.requests) == 4

    again = pl.map(df, "{{review}}", model=MODEL, concurrency=1)
    assert again.text.tolist() == list("012345")
    assert len(provider.requests) == 7
    assert any("3 answered by an earlier run" in n for n in again.attrs["notes"])

    pl.map(df, "{{review}}", model=MODEL, concurrency=1)
    assert len(provider.requests) == 13, "a complete run is not resumed"


def test_the_same_call_asks_failed_rows_again(app: Parllama) -> None:
    failing = True

    def script(request: ChatRequest) -> Any:
        if failing and request.messages[-1].text == "b":
            return [UsageError("Refused.")]
        return echo(request)

    provider = scripted(app, script)
    first = pl.map(frame("a", "b"), "{{review}}", model=MODEL)
    assert first.error.tolist() == [None, "Refused."]
    failing = False
    second = pl.map(frame("a", "b"), "{{review}}", model=MODEL)
    assert second.text.tolist() == ["A", "B"]
    assert len(provider.requests) == 3


def test_cached_answers_are_reused_if_cache_is_true(app: Parllama) -> None:
    provider = scripted(app, echo)
    first = pl.map(frame("a", "b"), "{{review}}", model=MODEL, cache=True)
    assert first.cached.tolist() == [False, False]
    second = pl.map(frame("b", "c"), "{{review}}", model=MODEL, cache=True)
    assert second.text.tolist() == ["B", "C"]
    assert second.cached.tolist() == [True, False]
    assert any("1 from the cache" in note for note in second.attrs["notes"])
    assert len(provider.requests) == 3
    pl.map(frame("b"), "{{review}}", model=MODEL)
    assert len(provider.requests) == 4
    pl.map(frame("b"), "{{review}}", model=MODEL, cache=True, temperature=0.5)
    assert len(provider.requests) == 5


def test_each_repeat_is_cached_on_its_own(app: Parllama) -> None:
    provider = scripted(app, echo)
    pl.compare("x", MODEL, repeats=3, cache=True)
    assert len(provider.requests) == 3
    pl.compare("x", MODEL, repeats=3, cache=True)
    assert len(provider.requests) == 3


# failures and money


def test_a_rate_limit_slows_the_run_down_and_drops_no_row(app: Parllama) -> None:
    refused: set[str] = set()

    def script(request: ChatRequest) -> Any:
        text = request.messages[-1].text
        if text not in refused:
            refused.add(text)
            return [RateLimitError("Slow down.", retry_after=0.01)]
        return [text]

    scripted(app, script)
    made = pl.map(frame(*map(str, range(20))), "{{review}}", model=MODEL, concurrency=8)
    assert made.text.tolist() == [str(n) for n in range(20)]


def test_a_row_waits_for_a_model_that_loads(app: Parllama) -> None:
    app.batch.retry = RetryPolicy(retries=0, poll=0.0)
    loading = [ModelLoadingError("Loading.")]
    answers = iter([loading, loading, loading, ["Yes."]])
    scripted(app, lambda _: next(answers))
    made = pl.map(frame("a"), "{{review}}", model=MODEL)
    assert made.text.tolist() == ["Yes."]


def test_a_failing_server_is_retried_and_then_reported_in_the_row(
    app: Parllama,
) -> None:
    app.batch.retry = RetryPolicy(retries=3, backoff=0.0)
    provider = scripted(app, lambda _: [ServerError("It failed.")])
    made = pl.map(frame("a"), "{{review}}", model=MODEL)
    assert made.error.tolist() == ["It failed."]
    assert len(provider.requests) == 4


def test_a_budget_leaves_rows_unasked_that_it_cannot_pay(
    app: Parllama, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(app.batch, "_price", lambda *_: 0.001)
    provider = scripted(app, echo)
    df = frame(*(f"row {n}" for n in range(1000)))
    made = pl.map(df, "{{review}}", model=MODEL, budget=0.0101)
    assert len(provider.requests) == 10
    assert made.cost.sum() == pytest.approx(0.01)
    assert made.error.str.contains("budget of").sum() == 990
    assert any("estimated" in note for note in made.attrs["notes"])

    more = pl.map(df[:12], "{{review}}", model=MODEL, budget=1.0)
    assert more.error.isna().all()


# executors


def test_an_executor_answers_in_batches(app: Parllama) -> None:
    provider = scripted(app, echo)
    with ThreadPoolExecutor(3) as executor:
        made = pl.map(
            frame(*map(str, range(100))), "{{review}}", model=MODEL, executor=executor
        )
    assert made.text.tolist() == [str(n) for n in range(100)]
    assert len(provider.requests) == 100
    assert made.input_tokens.tolist() == [7] * 100


def test_a_worker_that_dies_fails_its_own_batch_only(app: Parllama) -> None:
    scripted(app, echo)

    class Dying(ThreadPoolExecutor):
        submitted = 0

        def submit(self, work: Any, *args: Any, **kwargs: Any) -> Any:
            self.submitted += 1
            if self.submitted == 2:
                return super().submit(lambda: 1 // 0)
            return super().submit(work, *args, **kwargs)

    with Dying(1) as executor:
        df = frame(*map(str, range(32)))
        made = pl.map(df, "{{review}}", model=MODEL, executor=executor)
        assert made.error.dropna().unique().tolist() == [
            "The worker failed: ZeroDivisionError."
        ]
        assert 0 < made.error.notna().sum() < 32
        again = pl.map(df, "{{review}}", model=MODEL, executor=executor)
    assert again.error.isna().all()
