"""A model is made as it was asked for, or refused before anything travels."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from parllama_nb.errors import (
    BadRequestError,
    DamagedModelError,
    ModelNotFoundError,
    ParllamaError,
    ServerError,
    StreamInterruptedError,
    UsageError,
)
from parllama_nb.events import Progress
from parllama_nb.local_models.creation.creation import Creation, create
from parllama_nb.providers.ollama.client import OllamaClient
from tests.eventually import eventually
from tests.servers.blob_sink import BlobSink
from tests.servers.ollama import OllamaDouble
from tests.weights.made_weights import make_folder, make_gguf, make_safetensors

from .conftest import Connect, Reports


def made(double: OllamaDouble) -> dict[str, Any]:
    """The body that the server was sent."""
    body = double.asked("/api/create")[-1].body
    assert isinstance(body, dict)
    return body


def nothing_travelled(double: OllamaDouble) -> bool:
    paths = {request.path.rpartition("/")[0] for request in double.requests}
    return "/api/blobs" not in paths and not double.asked("/api/create")


@pytest.fixture
def client(ollama: OllamaDouble, connect: Connect) -> OllamaClient:
    echo = ollama.library.find("echo")
    assert echo is not None
    ollama.library.add(replace(echo, name="base:f16", quantization="F16"))
    return connect(ollama.url)


async def test_a_model_is_made_from_a_model_with_all_that_is_its_own(
    ollama: OllamaDouble, client: OllamaClient, report: Reports
) -> None:
    creation = Creation(
        "me/new:tag",
        from_model="echo",
        system="Be brief. 猫",
        template="{{ .Prompt }}",
        parameters={"temperature": "0.5", "num_ctx": 4096, "stop": ["a", "b"]},
        license=("MIT", "Apache"),
        messages=(("user", "Hi: there"), ("assistant", "Hello")),
        renderer="qwen3-coder",
        parser="qwen3-coder",
        requires="v0.14.0",
    )
    await create(client, creation, report)

    assert made(ollama) == {
        "model": "me/new:tag",
        "from": "echo",
        "system": "Be brief. 猫",
        "template": "{{ .Prompt }}",
        "parameters": {"temperature": 0.5, "num_ctx": 4096, "stop": ["a", "b"]},
        "license": ["MIT", "Apache"],
        "messages": [
            {"role": "user", "content": "Hi: there"},
            {"role": "assistant", "content": "Hello"},
        ],
        "renderer": "qwen3-coder",
        "parser": "qwen3-coder",
        "requires": "0.14.0",
    }
    assert report.phases[0] == "Checking me/new:tag"
    assert report.phases[-1] == "success"
    found = ollama.library.find("me/new:tag")
    assert found is not None
    assert found.system == "Be brief. 猫"


async def test_a_gguf_is_uploaded_once_and_made_a_model(
    ollama: OllamaDouble, client: OllamaClient, report: Reports, tmp_path: Path
) -> None:
    path = make_gguf(tmp_path / "tiny")
    await create(client, Creation("new", weights=(path,), quantize="q8_0"), report)

    body = made(ollama)
    (digest,) = body["files"].values()
    assert list(body["files"]) == ["tiny.gguf"]
    assert digest in ollama.library.blobs
    assert body["quantize"] == "Q8_0"
    assert "from" not in body
    assert "Uploading tiny" in report.phases

    await create(client, Creation("other", weights=(path,)), report)
    assert len([r for r in ollama.requests if r.path.startswith("/api/blobs")]) == 3


async def test_a_projector_goes_along_with_its_model(
    ollama: OllamaDouble, client: OllamaClient, report: Reports, tmp_path: Path
) -> None:
    model = make_gguf(tmp_path / "m.gguf")
    reads = make_gguf(tmp_path / "mmproj.gguf", general__type="mmproj")
    await create(client, Creation("new", weights=(model, reads)), report)
    assert set(made(ollama)["files"]) == {"m.gguf", "mmproj.gguf"}

    await create(client, Creation("again", weights=(tmp_path,)), report)
    assert set(made(ollama)["files"]) == {"m.gguf", "mmproj.gguf"}


async def test_all_parts_of_a_split_file_go_along(
    ollama: OllamaDouble, client: OllamaClient, report: Reports, tmp_path: Path
) -> None:
    first, *_ = (
        make_gguf(tmp_path / f"m-0000{n}-of-00002.gguf", split=(n, 2)) for n in (1, 2)
    )
    make_gguf(tmp_path / "m-00002-of-00002.gguf", split=(2, 2))
    await create(client, Creation("new", weights=(first,)), report)
    names = {"m-00001-of-00002.gguf", "m-00002-of-00002.gguf"}
    assert set(made(ollama)["files"]) == names


async def test_a_folder_goes_with_all_that_its_conversion_needs(
    ollama: OllamaDouble, client: OllamaClient, report: Reports, tmp_path: Path
) -> None:
    folder = make_folder(tmp_path / "m")
    await create(client, Creation("new", weights=(folder,)), report)
    names = set(made(ollama)["files"])
    assert {"config.json", "tokenizer.json"} < names
    assert "README.md" not in names


async def test_an_adapter_and_a_draft_are_files_of_their_own(
    ollama: OllamaDouble, client: OllamaClient, report: Reports, tmp_path: Path
) -> None:
    adapter = make_gguf(tmp_path / "lora.gguf", general__type="adapter")
    draft = make_gguf(tmp_path / "draft.gguf")
    creation = Creation("new", from_model="echo", adapter=adapter, draft=draft)
    await create(client, creation, report)
    body = made(ollama)
    assert list(body["adapters"]) == ["lora.gguf"]
    assert list(body["draft_files"]) == ["draft.gguf"]
    assert {*body["adapters"].values()} <= {*ollama.library.blobs}


async def test_an_adapter_in_a_folder_goes_with_its_config(
    sink: BlobSink, connect: Connect, report: Reports, tmp_path: Path
) -> None:
    (tmp_path / "adapter_config.json").write_text('{"peft_type": "LORA"}')
    make_safetensors(tmp_path / "adapter_model.safetensors")
    creation = Creation("n", from_model="echo", adapter=tmp_path)
    await create(connect(sink.url), creation, report)
    (asked,) = sink.created
    names = {"adapter_config.json", "adapter_model.safetensors"}
    assert set(asked["adapters"]) == names
    assert sink.blobs == {*asked["adapters"].values()}


async def test_a_base_at_the_hub_is_left_to_the_server(
    ollama: OllamaDouble, client: OllamaClient, report: Reports
) -> None:
    base = "hf.co/user/repo:F16"
    with pytest.raises(ModelNotFoundError, match=r"no model 'hf\.co/user"):
        await create(client, Creation("n", from_model=base, quantize="Q8_0"), report)
    assert made(ollama)["from"] == base
    assert "pulling manifest" in report.phases


async def test_outdated_parameters_are_left_out_and_said(
    ollama: OllamaDouble, client: OllamaClient, report: Reports
) -> None:
    given = {"mirostat": "1", "seed": "7"}
    await create(client, Creation("n", from_model="echo", parameters=given), report)
    assert made(ollama)["parameters"] == {"seed": 7}
    assert "Leaving out mirostat, which Ollama no longer reads" in report.phases


async def test_quantizing_is_asked_for_by_the_name_of_the_type(
    ollama: OllamaDouble, client: OllamaClient, report: Reports
) -> None:
    creation = Creation("n", from_model="base:f16", quantize="q4_K_m")
    await create(client, creation, report)
    assert made(ollama)["quantize"] == "Q4_K_M"


async def test_what_the_server_tells_of_its_progress_is_reported(
    sink: BlobSink, connect: Connect, report: Reports
) -> None:
    # As servers before 0.30 tell it; a zero is left out.
    step = {"status": "quantizing F16 model to Q8_0", "digest": "0" * 19, "total": 9}
    digest = f"sha256:{'ab' * 32}"
    layer = {"status": f"using existing layer {digest}"}
    sink.says = (step, {**step, "completed": 9}, layer, {"status": "success"})
    await create(connect(sink.url), BASE, report)
    quantizing = "quantizing F16 model to Q8_0"
    assert report[-4:] == [
        Progress(quantizing, 0, 9, "bytes"),
        Progress(quantizing, 9, 9, "bytes"),
        Progress("using existing layer sha256:abababababab"),
        Progress("success"),
    ]


BASE = Creation("n", from_model="echo")


@pytest.mark.parametrize(
    ("creation", "words", "hint"),
    [
        (replace(BASE, name="my model"), "has a space", "looks like"),
        (replace(BASE, name=""), "it is empty", "looks like"),
        (replace(BASE, name="a/b/c/d"), "two slashes", "looks like"),
        (replace(BASE, from_model=""), "neither a model nor files", "Name one"),
        (replace(BASE, weights=(Path("a.gguf"),)), "a model and files", "Name one"),
        (replace(BASE, from_model="my base"), "my base", "looks like"),
        (replace(BASE, from_model="eco"), "no model 'eco'", "Did you mean echo"),
        (replace(BASE, from_model="qqqq"), "no model", "`%parllama pull qqqq`"),
        (replace(BASE, quantize="Q5_K_M"), "to Q5_K_M", "`%parllama quantize`"),
        (replace(BASE, quantize="Q8_0"), "quantized already (Q4_K_M)", "fp16"),
        (
            replace(BASE, from_model="hf.co/u/r", quantize="Q8_0"),
            "not known before it is pulled",
            "hf.co/u/r:F16",
        ),
        (
            replace(BASE, from_model="qwen3-coder:480b-cloud", quantize="Q8_0"),
            "runs at ollama.com",
            "on the server",
        ),
        (
            replace(BASE, parameters={"temperatures": 1}),
            "'temperatures'",
            "temperature",
        ),
        (
            replace(BASE, parameters={"top_k": 0.5}),
            "top_k has to be a whole number",
            "",
        ),
        (replace(BASE, parameters={"seed": True}), "seed has to be a whole number", ""),
        (replace(BASE, parameters={"top_p": "nan"}), "a number", ""),
        (replace(BASE, parameters={"use_mmap": "yes"}), "true or false", ""),
        (replace(BASE, parameters={"stop": [1]}), "a list of texts", ""),
        (replace(BASE, messages=(("tool", "x"),)), "the role 'tool'", "assistant"),
        (replace(BASE, requires="newest"), "'newest' is not a version", "0.14.0"),
    ],
    ids=lambda each: each if isinstance(each, str) else "",
)
async def test_a_mistake_is_one_clear_line_before_anything_travels(
    creation: Creation,
    words: str,
    hint: str,
    ollama: OllamaDouble,
    client: OllamaClient,
    report: Reports,
) -> None:
    with pytest.raises(ParllamaError) as caught:
        await create(client, creation, report)
    assert words in caught.value.message
    assert hint in (caught.value.hint or "")
    assert "\n" not in f"{caught.value.message}{caught.value.hint}"
    assert nothing_travelled(ollama)


def _quantized(folder: Path) -> Creation:
    path = make_gguf(folder / "m.gguf", kind="Q4_0")
    return Creation("n", weights=(path,), quantize="Q8_0")


def _full(folder: Path) -> Creation:
    path = make_gguf(folder / "m.gguf", kind="F32")
    return Creation("n", weights=(path,), quantize="Q8_0")


def _adapter_alone(folder: Path) -> Creation:
    path = make_gguf(folder / "lora.gguf", general__type="adapter")
    return Creation("n", weights=(path,))


def _model_as_adapter(folder: Path) -> Creation:
    return replace(BASE, adapter=make_gguf(folder / "m.gguf"))


def _other_adapter(folder: Path) -> Creation:
    path = make_gguf(folder / "l.gguf", architecture="qwen2", general__type="adapter")
    return replace(BASE, adapter=path)


def _two_models(folder: Path) -> Creation:
    make_gguf(folder / "a.gguf")
    make_gguf(folder / "b.gguf", kind="Q4_0")
    return Creation("n", weights=(folder,))


def _draft_in_a_folder(folder: Path) -> Creation:
    return replace(BASE, draft=make_folder(folder / "m"))


def _itself(folder: Path) -> Creation:
    path = make_gguf(folder / "m.gguf")
    return Creation("n", weights=(path,), draft=path)


def _cut(folder: Path) -> Creation:
    path = make_gguf(folder / "m.gguf")
    path.write_bytes(path.read_bytes()[:-5])
    return Creation("n", weights=(path,))


def _not_converted(folder: Path) -> Creation:
    return Creation("n", weights=(make_folder(folder / "m", "Qwen3ForCausalLM"),))


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (_quantized, "m.gguf is quantized already (Q4_0)"),
        (_full, "m.gguf is of a type that Ollama does not quantize: F32"),
        (_adapter_alone, "lora.gguf is no model, but holds an adapter"),
        (_model_as_adapter, "m.gguf is no adapter, but holds a model"),
        (_other_adapter, "is for models of the kind qwen2, not llama"),
        (_two_models, "a.gguf and b.gguf are two models"),
        (_draft_in_a_folder, "no draft for models of the kind llama"),
        (_itself, "The draft model is the model itself"),
        (_cut, "m.gguf is truncated"),
        (_not_converted, "converts Qwen3ForCausalLM"),
        (lambda folder: Creation("n", weights=(folder / "x.gguf",)), "no file"),
        (lambda folder: Creation("n", weights=(folder,)), "no model*.safetensors"),
    ],
)
async def test_wrong_files_are_refused_before_they_travel(
    make: Callable[[Path], Creation],
    words: str,
    tmp_path: Path,
    ollama: OllamaDouble,
    client: OllamaClient,
    report: Reports,
) -> None:
    with pytest.raises((UsageError, DamagedModelError)) as caught:
        await create(client, await asyncio.to_thread(make, tmp_path), report)
    assert words in caught.value.message
    assert caught.value.hint
    assert nothing_travelled(ollama)


@pytest.mark.parametrize(
    ("version", "creation", "words"),
    [
        ((0, 5, 4), BASE, "is Ollama 0.5.4; creating models needs 0.5.5"),
        ((0, 11, 0), replace(BASE, renderer="x"), "RENDERER needs 0.12.0"),
        ((0, 11, 0), replace(BASE, parser="x"), "PARSER needs 0.12.0"),
        ((0, 13, 5), replace(BASE, requires="1.0.0"), "REQUIRES needs 0.14.0"),
        ((0, 23, 0), replace(BASE, draft=Path("d")), "DRAFT needs 0.30.0"),
    ],
)
async def test_an_older_server_is_named_as_the_reason(
    version: tuple[int, int, int],
    creation: Creation,
    words: str,
    ollama: OllamaDouble,
    client: OllamaClient,
    report: Reports,
) -> None:
    ollama.version = version
    with pytest.raises(UsageError) as caught:
        await create(client, creation, report)
    assert words in caught.value.message
    assert "ollama.com/download" in (caught.value.hint or "")
    assert nothing_travelled(ollama)


async def test_an_architecture_that_only_newer_servers_convert_is_said(
    ollama: OllamaDouble, client: OllamaClient, report: Reports, tmp_path: Path
) -> None:
    ollama.version = (0, 5, 9)
    folder = make_folder(tmp_path / "m", "Gemma3ForCausalLM")
    with pytest.raises(UsageError, match=r"Gemma3ForCausalLM needs 0\.6\.0"):
        await create(client, Creation("n", weights=(folder,)), report)
    ollama.version = (0, 6, 0)
    await create(client, Creation("n", weights=(folder,)), report)


async def test_a_stream_that_ends_early_is_an_error(
    sink: BlobSink, connect: Connect, report: Reports
) -> None:
    sink.says = ({"status": "parsing GGUF"}, {"status": "writing manifest"})
    client = connect(sink.url)
    with pytest.raises(StreamInterruptedError, match="before n was made") as caught:
        await create(client, BASE, report)
    assert "not sent again" in (caught.value.hint or "")


@pytest.mark.parametrize(
    ("said", "kind", "words", "hint"),
    [
        ("write /m/blobs/x: no space left on device", ServerError, "no space", "full"),
        ('unsupported architecture "X"', BadRequestError, "unsupported archi", ""),
    ],
)
async def test_an_error_of_the_server_is_passed_on(
    said: str,
    kind: type[ParllamaError],
    words: str,
    hint: str,
    sink: BlobSink,
    connect: Connect,
    report: Reports,
) -> None:
    sink.says = ({"status": "parsing GGUF"}, {"error": said})
    client = connect(sink.url)
    with pytest.raises(kind, match=words) as caught:
        await create(client, BASE, report)
    assert hint in (caught.value.hint or "")


async def test_a_cancel_ends_the_request(
    ollama: OllamaDouble, client: OllamaClient, report: Reports
) -> None:
    ollama.step = 3600.0
    task = asyncio.create_task(create(client, BASE, report))
    await asyncio.to_thread(eventually, lambda: ollama.asked("/api/create"))
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    ended = await asyncio.to_thread(ollama.asked("/api/create")[0].wait)
    assert ended == "disconnected"
