"""The double of Ollama says what a real server of 0.33 says: its shapes and its verbs.

The lines and the errors below were taken from a real server.
"""

from __future__ import annotations

import contextlib
import hashlib
import http.client
import json
import subprocess
import sys
import urllib.error
import urllib.request
from typing import Any

import pytest

from tests.servers.ollama import OllamaDouble
from tests.servers.ollama.calls import JSON, LINES, STREAMED, call, without_times
from tests.servers.ollama.small_gguf import small_gguf


def say(double: OllamaDouble, **asked: Any) -> tuple[int, str, list[Any]]:
    asked = {"messages": [{"role": "user", "content": "one two"}], **asked}
    return call(double, "/api/chat", asked)


def test_an_answer_is_lines(double: OllamaDouble) -> None:
    status, kind, lines = say(double, model="Echo")
    assert (status, kind) == (200, LINES)
    message = {"role": "assistant", "content": "one"}
    assert without_times(lines[0]) == {
        "model": "Echo",
        "message": message,
        "done": False,
    }
    assert without_times(lines[-1]) == {
        "model": "Echo",
        "message": {"role": "assistant", "content": ""},
        "done": True,
        "done_reason": "stop",
        "prompt_eval_count": 12,
        "eval_count": 2,
    }
    assert set(lines[-1]) - set(lines[0]) == {
        "done_reason",
        "total_duration",
        "load_duration",
        "prompt_eval_count",
        "prompt_eval_duration",
        "eval_count",
        "eval_duration",
    }


def test_an_answer_may_come_whole(double: OllamaDouble) -> None:
    status, kind, (line,) = say(double, model="echo", stream=False)
    assert (status, kind) == (200, JSON)
    assert line["message"]["content"] == "one two"
    assert line["done"] is True


def test_generating_says_it_in_other_fields(double: OllamaDouble) -> None:
    asked = {"model": "echo", "prompt": "one two"}
    _, kind, lines = call(double, "/api/generate", asked)
    assert kind == LINES
    assert [line["response"] for line in lines] == ["one", " two", ""]
    assert "message" not in lines[0]
    assert lines[-1]["context"]


def test_without_a_question_a_model_is_loaded_or_unloaded(double: OllamaDouble) -> None:
    _, kind, (line,) = call(double, "/api/generate", {"model": "echo"})
    assert kind == JSON
    assert (line["done_reason"], line["response"]) == ("load", "")
    _, _, (answer,) = call(double, "/api/ps")
    (loaded,) = answer["models"]
    assert loaded["name"] == loaded["model"] == "echo:latest"
    assert loaded["context_length"] == 4096
    assert set(loaded) == {
        "name",
        "model",
        "size",
        "digest",
        "details",
        "expires_at",
        "size_vram",
        "context_length",
    }
    asked = {"model": "echo", "keep_alive": 0}
    _, _, (line,) = call(double, "/api/generate", asked)
    assert line["done_reason"] == "unload"
    assert call(double, "/api/ps")[2] == [{"models": []}]


REFUSALS: list[tuple[str, str, Any, int, str]] = [
    ("POST", "/api/chat", {"model": "no"}, 404, "model 'no' not found"),
    ("POST", "/api/show", {"model": "no"}, 404, "model 'no:latest' not found"),
    ("POST", "/api/show", {"model": ""}, 400, "model is required"),
    ("POST", "/api/chat", {"model": "a b!"}, 400, "invalid model name"),
    ("POST", "/api/pull", {"model": "a b!"}, 400, "invalid model name"),
    ("DELETE", "/api/delete", {"model": "no"}, 404, "model 'no' not found"),
    ("DELETE", "/api/delete", {"model": "a b!"}, 400, 'name "a b!" is invalid'),
    ("POST", "/api/copy", {"source": "no", "destination": "x"}, 404, 'model "no" not'),
    ("POST", "/api/copy", {"a": 1}, 400, 'source "" is invalid'),
    (
        "POST",
        "/api/copy",
        {"source": "echo", "destination": "a b!"},
        400,
        'destination "a b!" is invalid',
    ),
    ("POST", "/api/create", {"model": "x"}, 400, "neither 'from' or 'files' was"),
    ("POST", "/api/chat", b"x", 400, "invalid character 'x' looking for beginning"),
    ("POST", "/api/chat", b"", 400, "missing request body"),
    ("POST", "/api/blobs/no", b"x", 400, "invalid digest format"),
    ("POST", f"/api/blobs/sha256:{'0' * 64}", b"x", 400, "digest mismatch, expected"),
]


@pytest.mark.parametrize(("method", "path", "body", "status", "said"), REFUSALS)
def test_refusals_are_worded_as_they_are(
    double: OllamaDouble, method: str, path: str, body: Any, status: int, said: str
) -> None:
    got, kind, (line,) = call(double, path, body, method)
    assert got == status
    assert kind.startswith("application/json")
    assert line["error"].startswith(said)


def test_what_is_no_path_is_plain_text(double: OllamaDouble) -> None:
    assert call(double, "/api/no") == (404, "text/plain", ["404 page not found"])
    assert call(double, "/api/tags", {"a": 1})[0] == 405


def test_what_does_not_fit_is_cut_without_a_word_or_refused(
    double: OllamaDouble,
) -> None:
    long = [{"role": "user", "content": "word " * 6000}]
    _, _, lines = say(double, model="sees", messages=long)
    assert lines[-1]["prompt_eval_count"] == 2048
    status, _, (line,) = say(double, model="sees", messages=long, truncate=False)
    assert status == 400
    assert json.loads(line["error"]) == {
        "error": {
            "code": 400,
            "message": "request (6010 tokens) exceeds the available context size "
            "(4096 tokens), try increasing it",
            "type": "exceed_context_size_error",
            "n_prompt_tokens": 6010,
            "n_ctx": 4096,
        }
    }


def test_what_the_model_cannot_do_is_refused(double: OllamaDouble) -> None:
    image = [{"role": "user", "content": "x", "images": ["aGk="]}]
    status, kind, (line,) = say(double, model="echo", messages=image)
    assert (status, kind) == (400, STREAMED)
    assert line["error"] == (
        '{"error":{"code":400,"message":"Multimodal data provided, but model does not '
        'support multimodal requests.","type":"invalid_request_error"}}'
    )
    tools = [{"type": "function", "function": {"name": "f", "parameters": {}}}]
    status, kind, (line,) = say(double, model="echo", tools=tools)
    assert (status, kind) == (400, JSON)
    assert (
        line["error"] == "registry.ollama.ai/library/echo:latest does not support tools"
    )
    status, _, (line,) = say(double, model="echo", think=True)
    assert (status, line["error"]) == (400, '"echo" does not support thinking')


def test_a_list_tells_all_of_a_model(double: OllamaDouble) -> None:
    _, kind, (answer,) = call(double, "/api/tags")
    assert kind == JSON
    listed = {model["name"]: model for model in answer["models"]}
    assert set(listed["echo:latest"]) == {
        "name",
        "model",
        "modified_at",
        "size",
        "digest",
        "details",
        "capabilities",
    }
    assert set(listed["echo:latest"]["details"]) == {
        "parent_model",
        "format",
        "family",
        "families",
        "parameter_size",
        "quantization_level",
        "context_length",
        "embedding_length",
    }


# the verbs


def test_a_pull_goes_layer_by_layer_and_leaves_a_model(double: OllamaDouble) -> None:
    status, kind, lines = call(double, "/api/pull", {"model": "llama3.2:1b"})
    assert (status, kind) == (200, LINES)
    assert [line["status"] for line in (lines[0], *lines[-3:])] == [
        "pulling manifest",
        "verifying sha256 digest",
        "writing manifest",
        "success",
    ]
    layers: dict[str, list[dict[str, Any]]] = {}
    for line in lines[1:-3]:
        assert line["status"] == f"pulling {line['digest'][7:19]}"
        layers.setdefault(line["digest"], []).append(line)
    assert len(layers) == 1
    for steps in layers.values():
        done = [step["completed"] for step in steps]
        assert done == sorted(done)
        assert done[-1] < steps[0]["total"]
    assert call(double, "/api/show", {"model": "llama3.2:1b"})[0] == 200
    # Once more, and there is nothing left to fetch.
    _, _, again = call(double, "/api/pull", {"model": "llama3.2:1b"})
    assert all(line["completed"] == line["total"] for line in again if "total" in line)


def test_a_pull_that_was_stopped_goes_on_where_it_was(double: OllamaDouble) -> None:
    connection = http.client.HTTPConnection("127.0.0.1", double.port)
    connection.request("POST", "/api/pull", json.dumps({"model": "tiny"}))
    answer = connection.getresponse()
    done = 0
    while not done:
        done = json.loads(answer.readline()).get("completed", 0)
    answer.close()
    connection.close()
    double.asked("/api/pull")[0].wait()
    _, _, lines = call(double, "/api/pull", {"model": "tiny"})
    first = next(line["completed"] for line in lines if "completed" in line)
    assert first > done


@pytest.mark.parametrize("stream", [True, False])
def test_what_is_in_no_library_cannot_be_pulled(
    double: OllamaDouble, stream: bool
) -> None:
    asked = {"model": "no-such", "stream": stream}
    status, _, lines = call(double, "/api/pull", asked)
    assert status == (200 if stream else 500)
    assert lines[-1] == {"error": "pull model manifest: file does not exist"}


def test_a_push_wants_a_namespace_and_a_model(double: OllamaDouble) -> None:
    _, _, lines = call(double, "/api/push", {"model": "me/no"})
    assert lines[1] == {"status": "couldn't retrieve manifest"}
    assert "no such file or directory" in lines[2]["error"]
    call(double, "/api/copy", {"source": "echo", "destination": "me/echo"})
    _, _, lines = call(double, "/api/push", {"model": "me/echo"})
    assert lines[0] == {"status": "retrieving manifest"}
    assert lines[-1] == {"status": "success"}
    assert lines[1]["completed"] < lines[1]["total"]


def test_a_model_is_made_of_a_file(double: OllamaDouble) -> None:
    data = small_gguf()
    digest = f"sha256:{hashlib.sha256(data).hexdigest()}"
    path = f"/api/blobs/{digest}"
    assert [
        call(double, path, method="HEAD")[0],
        call(double, path, data)[0],
        call(double, path, data)[0],
        call(double, path, method="HEAD")[0],
    ] == [404, 201, 200, 200]
    asked = {"model": "mine", "files": {"m.gguf": digest}}
    _, kind, lines = call(double, "/api/create", asked)
    assert kind == LINES
    told = [line["status"] for line in lines]
    assert told[:2] == ["parsing GGUF", "verifying conversion"]
    assert told[-2:] == ["writing manifest", "success"]
    asked = {"model": "mine:q4", "from": "mine", "quantize": "q4_K_M"}
    _, _, lines = call(double, "/api/create", asked)
    assert lines[0]["status"] == "verifying conversion"
    asked = {"model": "mine:q8", "from": "mine:q4", "quantize": "q8_0"}
    status, _, (line,) = call(double, "/api/create", asked)
    assert status == 500
    assert line["error"].startswith("quantization is only supported for F16")


def test_a_model_is_made_of_another_copied_and_deleted(double: OllamaDouble) -> None:
    asked = {"model": "brief", "from": "echo", "system": "Be brief."}
    call(double, "/api/create", {**asked, "parameters": {"num_ctx": 512}})
    _, _, (shown,) = call(double, "/api/show", {"model": "brief"})
    assert shown["system"] == "Be brief."
    assert shown["parameters"].split() == ["num_ctx", "512"]
    assert shown["details"]["parent_model"] == "echo:latest"
    _, _, (answer,) = call(double, "/api/tags")
    assert answer["models"][0]["name"] == "brief:latest"
    copied = {"source": "brief", "destination": "brief:two"}
    assert call(double, "/api/copy", copied) == (200, "", [])
    deleted = call(double, "/api/delete", {"model": "brief"}, "DELETE")
    assert deleted == (200, "", [])
    assert call(double, "/api/show", {"model": "brief"})[0] == 404
    assert call(double, "/api/show", {"model": "brief:two"})[0] == 200


def test_a_proxy_that_guards_it_wants_a_name_and_a_password() -> None:
    with OllamaDouble(login="me:pw") as guarded:
        status, kind, _ = call(guarded, "/api/tags")
        assert (status, kind) == (401, "text/html")


def test_it_runs_as_a_program() -> None:
    command = [sys.executable, "-m", "tests.servers.ollama", "--port", "0"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as program:
        assert program.stdout
        with contextlib.ExitStack() as stack:
            stack.callback(program.terminate)
            url = program.stdout.readline().strip()
            with urllib.request.urlopen(f"{url}/api/version") as answer:
                assert json.load(answer) == {"version": "0.33.0"}
