"""Manifests: sizes and digests without a pull, and whether there is an update."""

from __future__ import annotations

import hashlib
import json

import pytest

from parllama_nb.errors import (
    ConnectionFailedError,
    InvalidResponseError,
    ModelNotFoundError,
    RateLimitError,
)
from parllama_nb.local_models.library.library import PublicLibrary
from parllama_nb.local_models.library.recommended import Recommendation, recommended
from parllama_nb.providers.ollama.client import OllamaClient
from parllama_nb.providers.spec import Timeouts
from parllama_nb.secret import Redactor
from tests.servers.library import LibraryDouble, manifest_of

from .conftest import Libraries

LATEST = "/v2/library/llama9/manifests/latest"


async def test_a_manifest_says_how_large_a_model_is_and_its_digest(
    library: PublicLibrary, site: LibraryDouble
) -> None:
    manifest = await library.manifest("llama9")

    body = manifest_of(2_019_377_376)
    assert manifest.digest == hashlib.sha256(body).hexdigest()
    assert manifest.size == 2_019_377_376 + 1429 + 485
    assert manifest.weights == 2_019_377_376
    assert [layer.kind for layer in manifest.layers] == ["model", "template", "config"]
    assert site.last.path == LATEST
    assert "manifest.v2+json" in site.last.headers["accept"]


async def test_a_manifest_of_any_registry_is_asked_for_there(
    library: PublicLibrary, site: LibraryDouble
) -> None:
    site.manifests["me/mine:v1"] = manifest_of(7)

    manifest = await library.manifest(f"http://127.0.0.1:{site.port}/me/mine:v1")

    assert manifest.weights == 7
    assert manifest.name.shortest == f"127.0.0.1:{site.port}/me/mine:v1"


async def test_a_model_of_the_cloud_has_no_weights(library: PublicLibrary) -> None:
    manifest = await library.manifest("farther:cloud")

    assert (manifest.weights, manifest.size) == (0, 485)


async def test_hugging_faces_redirect_to_its_other_host_is_followed(
    libraries: Libraries, site: LibraryDouble, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HTTP_PROXY", site.root)
    path = "/v2/user/repo-GGUF/manifests/Q4_K_M"
    to = {"Location": f"http://huggingface.co{path}"}
    site.answers[f"http://hf.co{path}"] = (307, to, "")

    manifest = await libraries().manifest("http://hf.co/user/repo-GGUF:Q4_K_M")

    assert manifest.weights == 807_694_464
    assert site.paths == [f"http://hf.co{path}", f"http://huggingface.co{path}"]


@pytest.mark.parametrize(
    ("status", "body", "message"),
    [
        (400, "", "user/repo has no GGUF file 'Q9_X'"),
        (
            400,
            '{"error":"Repository is not GGUF or is not compatible with llama.cpp"}',
            "Repository is not GGUF or is not compatible",
        ),
        (401, '{"error":"Invalid username or password."}', "for everybody"),
        (404, "Not found", "there is no model 'hf.co/user/repo:Q9_X'"),
    ],
)
async def test_what_hugging_face_refuses_is_a_model_that_is_not_there(
    libraries: Libraries, site: LibraryDouble, status: int, body: str, message: str
) -> None:
    site.answers["/v2/user/repo/manifests/Q9_X"] = (status, {}, body)
    library = libraries(mirrors={"hf.co": site.root})

    with pytest.raises(ModelNotFoundError) as caught:
        await library.manifest("hf.co/user/repo:Q9_X")
    assert message in caught.value.message
    assert "Q4_K_M" in (caught.value.hint or "")


@pytest.mark.parametrize(
    ("name", "hint"),
    [
        ("llama9:1b-instruct", "It has llama9:1b-instruct-q4_K_M, llama9:1b"),
        ("lama9", "Near it: llama9."),
    ],
)
async def test_a_tag_or_a_model_that_is_not_there_is_told_with_near_ones(
    library: PublicLibrary, name: str, hint: str
) -> None:
    with pytest.raises(ModelNotFoundError, match="there is no model") as caught:
        await library.manifest(name)
    assert hint in (caught.value.hint or "")
    assert caught.value.__context__ is None


async def test_without_a_list_of_tags_there_are_no_near_ones(
    library: PublicLibrary, site: LibraryDouble
) -> None:
    site.answers["/library/llama9/tags"] = (503, {}, "")

    with pytest.raises(ModelNotFoundError) as caught:
        await library.manifest("llama9:9b")
    assert caught.value.hint is None


@pytest.mark.parametrize(
    "body",
    [
        "<html>Sign in</html>",
        "",
        "[]",
        "{}",
        '{"layers": 3}',
        '{"layers": []}',
        '{"layers": null}',
        '{"layers": [{"digest": "sha256:0", "size": 1}]}',
        json.dumps({"layers": [{"digest": "sha256:" + "0" * 64, "size": -1}]}),
        json.dumps({"layers": [{"digest": "sha256:" + "0" * 64, "size": True}]}),
        "[" * 100_000,
    ],
    ids=range(11),
)
async def test_what_is_no_manifest_is_an_error(
    library: PublicLibrary, site: LibraryDouble, body: str
) -> None:
    site.answers[LATEST] = (200, {}, body)

    with pytest.raises(InvalidResponseError, match="something that is not a manifest"):
        await library.manifest("llama9")


async def test_a_registry_that_cannot_answer_is_not_a_missing_model(
    libraries: Libraries, site: LibraryDouble
) -> None:
    site.answers[LATEST] = (429, {}, "")
    with pytest.raises(RateLimitError):
        await libraries().manifest("llama9")
    with pytest.raises(ConnectionFailedError):
        await libraries().manifest("http://127.0.0.1:9/a/b")


async def test_another_digest_is_an_update(library: PublicLibrary) -> None:
    body = manifest_of(2_019_377_376)
    pulled = hashlib.sha256(body).hexdigest()
    # Where a model was made, its manifest has a line break at its end.
    made = hashlib.sha256(body + b"\n").hexdigest()

    for digest in (pulled, f"sha256:{pulled}", made):
        assert not (await library.update("llama9", digest)).is_there
    for digest in ("0" * 64, "", pulled[:12]):
        assert (await library.update("llama9", digest)).is_there


async def test_a_model_that_was_made_here_costs_one_request_to_check(
    library: PublicLibrary, site: LibraryDouble
) -> None:
    with pytest.raises(ModelNotFoundError):
        await library.update("my-own", "0" * 64)
    assert site.paths == ["/v2/library/my-own/manifests/latest"]


def _client(url: str) -> OllamaClient:
    return OllamaClient(url, None, Timeouts(), Redactor(), "Ollama")


async def test_a_server_recommends_models(site: LibraryDouble) -> None:
    entries = [
        {"model": "a:cloud", "required_plan": "pro", "context_length": 262144},
        {"model": "b", "description": "Small", "vram_bytes": 12_000_000_000},
        {"model": 3},
        {"model": "c", "vram_bytes": "much", "context_length": -1},
        "d",
    ]
    path = "/api/experimental/model-recommendations"
    site.answers[path] = (200, {}, json.dumps({"recommendations": entries}))
    client = _client(site.root)

    assert await recommended(client) == (
        Recommendation("a:cloud", context=262144, plan="pro"),
        Recommendation("b", "Small", memory=12_000_000_000),
        Recommendation("c"),
    )
    await client.aclose()


@pytest.mark.parametrize("status", [404, 405])
async def test_an_older_server_recommends_nothing(
    site: LibraryDouble, status: int
) -> None:
    path = "/api/experimental/model-recommendations"
    site.answers[path] = (status, {"Content-Type": "text/plain"}, "404 page not found")
    client = _client(site.root)

    assert await recommended(client) == ()
    await client.aclose()
