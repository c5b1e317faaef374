"""The double refuses what a real server of 0.33.0-rc2 refused, word for word."""

from __future__ import annotations

from typing import Any

import pytest

from tests.servers.ollama import OllamaDouble
from tests.servers.ollama.calls import JSON, LINES, STREAMED, call
from tests.servers.ollama.names import MODELS_PATH
from tests.servers.ollama.recorded import NOWHERE, TLS, status

NO_NAME = "invalid model name"
TEN = {"model": "smol:f16", "keep_alive": "10"}
UNLOAD = {"model": "nosuch", "keep_alive": 0}
NUMBER = "json: cannot unmarshal number into Go struct field PullRequest.model of type"
MISSING = f"open {MODELS_PATH}/blobs/sha256-{'0' * 64}: no such file or directory"
UNPUSHED = f"open {MODELS_PATH}/manifests/registry.ollama.ai/me/nosuch/latest: no such"


@pytest.mark.parametrize(
    ("path", "body", "code", "said"),
    [
        ("/api/show", {"model": "a/b/c/d"}, 400, NO_NAME),
        ("/api/show", {"model": "modèle"}, 400, NO_NAME),
        ("/api/show", {"model": "m" * 81}, 400, NO_NAME),
        ("/api/pull", {"model": ""}, 400, NO_NAME),
        ("/api/pull", {"model": 5}, 400, f"{NUMBER} string"),
        ("/api/push", {"model": ""}, 400, "model is required"),
        ("/api/delete", {"model": ""}, 400, "model is required"),
        ("/api/generate", {"model": ""}, 404, "model '' not found"),
        ("/api/generate", {"model": "a b!"}, 400, NO_NAME),
        ("/api/generate", TEN, 400, 'time: missing unit in duration "10"'),
        ("/api/generate", UNLOAD, 404, "model 'nosuch' not found"),
        ("/api/create", {"model": "a b", "from": "x"}, 400, NO_NAME),
        ("/api/create", {"model": "", "from": "x"}, 400, NO_NAME),
    ],
)
def test_a_request_that_is_wrong_is_refused(
    server: OllamaDouble, path: str, body: dict[str, Any], code: int, said: str
) -> None:
    method = "DELETE" if path == "/api/delete" else "POST"
    assert call(server, path, body, method) == (code, JSON, [{"error": said}])


UNFIT = "quantization is only supported for F16, BF16 and F32 models"
TAKEN = "F32, F16, Q4_K_S, Q4_K_M, Q8_0"
UNTAKEN = f"unsupported quantization type Q5_K_M - supported types are {TAKEN}"
UNLICENSED = "json: cannot unmarshal number into Go value of type []string"
UNCLOSED = "template error: template: :1: unclosed action"


@pytest.mark.parametrize(
    ("asked", "code", "said"),
    [
        ({"from": ""}, 400, "neither 'from' or 'files' was specified"),
        ({"from": "a b!"}, 400, NO_NAME),
        ({"files": {}}, 400, "unknown type"),
        ({"files": {"m": NOWHERE}}, 400, "unknown type"),
        (
            {"adapters": {"a": NOWHERE, "b": NOWHERE}},
            400,
            "only one adapter is currently supported",
        ),
        ({"template": "{{ .Prompt"}, 400, UNCLOSED),
        ({"license": 5}, 500, UNLICENSED),
        ({"quantize": "q5_K_M"}, 500, UNTAKEN),
        ({"from": "smol:q4_1", "quantize": "q4_K_M"}, 500, UNFIT),
        (
            {"from": "nosuch", "stream": False},
            500,
            "pull model manifest: file does not exist",
        ),
    ],
)
def test_what_cannot_be_made_is_refused_before_the_first_line(
    server: OllamaDouble, asked: dict[str, Any], code: int, said: str
) -> None:
    asked = asked if "files" in asked else {"from": "smol:f16", **asked}
    answer = call(server, "/api/create", {"model": "x", **asked})
    assert answer == (code, STREAMED, [{"error": said}])


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ({"files": {"m.gguf": ""}}, "invalid digest format"),
        ({"files": {"../m.gguf": NOWHERE}}, "file path must be relative"),
        ({"files": {"/m.gguf": NOWHERE}}, "file path must be relative"),
        (
            {"from": "smol:f16", "draft_quantize": "q8_0"},
            "--draft-quantize requires a DRAFT model",
        ),
    ],
)
def test_files_are_checked_before_all_else(
    server: OllamaDouble, asked: dict[str, Any], said: str
) -> None:
    answer = call(server, "/api/create", {"model": "x", **asked})
    assert answer == (400, JSON, [{"error": said}])


NO_MANIFEST = "pull model manifest: file does not exist"
UNQUALIFIED = "unqualified name: registry.ollama.ai/library/a b!:latest"
PLAIN = "127.0.0.1:21435/me/none:1b"
UNTRUSTED = "https://127.0.0.1:21435/v2/me/none/manifests/1b"


@pytest.mark.parametrize(
    ("path", "asked", "before", "said"),
    [
        ("/api/create", {"from": "nosuch"}, ["pulling manifest"], NO_MANIFEST),
        (
            "/api/create",
            {"from": PLAIN},
            ["pulling manifest"],
            f'pull model manifest: Get "{UNTRUSTED}": {TLS}',
        ),
        ("/api/create", {"files": {"m.gguf": NOWHERE}}, ["parsing GGUF"], MISSING),
        (
            "/api/create",
            {"files": {"m.gguf": "abc"}},
            ["parsing GGUF"],
            "invalid digest format",
        ),
        (
            "/api/create",
            {"from": "smol:f16", "adapters": {"a.gguf": NOWHERE}},
            ["parsing GGUF"],
            MISSING,
        ),
        (
            "/api/create",
            {"files": {"model.safetensors": NOWHERE}},
            ["converting model"],
            "open config.json: no such file or directory",
        ),
        ("/api/pull", {"model": "smol:nosuch"}, ["pulling manifest"], NO_MANIFEST),
        (
            "/api/push",
            {"model": "a b!"},
            ["retrieving manifest", "couldn't retrieve manifest"],
            UNQUALIFIED,
        ),
    ],
)
def test_what_is_refused_in_mid_stream_is_a_line(
    server: OllamaDouble,
    path: str,
    asked: dict[str, Any],
    before: list[str],
    said: str,
) -> None:
    code, kind, lines = call(server, path, {"model": "x", **asked})
    assert (code, kind) == (200, LINES)
    assert lines == [*map(status, before), {"error": said}]


def test_what_is_not_there_cannot_be_pushed(server: OllamaDouble) -> None:
    asked = {"model": "me/nosuch", "stream": False}
    code, kind, (line,) = call(server, "/api/push", asked)
    assert (code, kind) == (500, STREAMED)
    assert line["error"].startswith(UNPUSHED)
