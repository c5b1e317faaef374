"""The forms of the view of local models, over the real app and the double."""

from __future__ import annotations

from typing import Any

import pytest

from parllama_nb.widgets.models.forms import modelfile
from parllama_nb.widgets.models.forms_protocol import CreateParams
from tests.eventually import eventually
from tests.servers.ollama import OllamaDouble

from .asking import Browser


def form(**more: Any) -> dict[str, Any]:
    return {"name": "new", "start": "model", "source": "ollama/echo:small", **more}


def written(**more: Any) -> str:
    return modelfile(CreateParams(**form(**more))).render()


def test_a_form_is_a_modelfile() -> None:
    text = written(
        system="Be brief.\nAnd kind.",
        template="{{ .Prompt }}",
        parameters=[
            {"name": "num_ctx", "value": " 512 "},
            {"name": "stop", "value": "a"},
            {"name": "stop", "value": "b"},
            {"name": " ", "value": "lost"},
        ],
        messages=[{"role": "user", "content": "Hi"}],
    )
    assert text == (
        'FROM echo:small\nSYSTEM """Be brief.\nAnd kind."""\n'
        "TEMPLATE {{ .Prompt }}\nPARAMETER num_ctx 512\nPARAMETER stop a\n"
        "PARAMETER stop b\nMESSAGE user Hi\n"
    )


@pytest.mark.parametrize(
    ("start", "source", "line"),
    [
        ("model", "ollama/echo:small", "FROM echo:small"),
        ("hub", "hf.co/a/b:Q4_K_M", "FROM hf.co/a/b:Q4_K_M"),
        ("hub", "https://huggingface.co/a/b", "FROM huggingface.co/a/b"),
        ("hub", "a/b", "FROM hf.co/a/b"),
        ("gguf", "models/x.gguf", "FROM ./models/x.gguf"),
        ("safetensors", "/models/x", "FROM /models/x"),
    ],
)
def test_what_it_starts_from_is_a_line(start: str, source: str, line: str) -> None:
    assert written(start=start, source=source) == f"{line}\n"


def test_a_modelfile_keeps_its_text_and_gets_what_the_form_adds() -> None:
    source = "# mine\nFROM echo:small\nSYSTEM old\nPARAMETER seed 1\n"
    text = written(start="modelfile", source=source, system="new")
    assert text == "# mine\nFROM echo:small\nSYSTEM new\nPARAMETER seed 1\n"


def test_the_modelfile_of_a_form_is_shown(browser: Browser) -> None:
    text = browser.result("modelfile", **form(system="Be brief."))["text"]
    assert text == "FROM echo:small\nSYSTEM Be brief.\n"
    error = browser.ask("modelfile", **form(start="modelfile", source="SYSTEM x"))
    assert error["error"]["message"] == "The Modelfile has no FROM line."


def test_a_model_is_made_and_listed(browser: Browser, server: OllamaDouble) -> None:
    parameters = [{"name": "num_ctx", "value": "512"}]
    asked = form(name=" ollama/new ", system="Be brief.", parameters=parameters)
    job = browser.ended(browser.result("create", **asked)["job_id"])
    assert job["state"] == "done"
    eventually(lambda: "ollama/new:latest" in browser.models)
    details = browser.result("details", model="ollama/new:latest")
    assert details["system"] == "Be brief."
    (sent,) = server.asked("/api/create")
    assert sent.body["from"] == "echo:small"
    assert sent.body["parameters"] == {"num_ctx": 512}


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"name": " "}, "The new model has no name."),
        ({"source": " "}, "There is nothing to start from."),
        ({"start": "gguf", "source": "not-there.gguf"}, "which is not there"),
        ({"start": "safetensors", "source": "not-there"}, "which is not there"),
    ],
)
def test_what_a_form_lacks_is_said_before_anything_is_sent(
    browser: Browser, server: OllamaDouble, wrong: dict[str, Any], message: str
) -> None:
    assert message in browser.ask("create", **form(**wrong))["error"]["message"]
    assert server.asked("/api/create") == []


def test_a_parameter_that_there_is_not_is_said_with_a_near_one(
    browser: Browser,
) -> None:
    parameters = [{"name": "nun_ctx", "value": "512"}]
    error = browser.ask("create", **form(parameters=parameters))["error"]
    assert "num_ctx" in error["hint"]


def test_what_only_the_server_finds_wrong_is_said_by_the_job(browser: Browser) -> None:
    job_id = browser.result("create", **form(source="nothing-like-it"))["job_id"]
    job = browser.ended(job_id)
    assert job["state"] == "failed"
    assert job["error"]["code"] == "model-not-found"
