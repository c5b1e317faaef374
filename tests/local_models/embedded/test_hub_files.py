"""Which file of a repository is meant, by names as real repositories have them."""

from __future__ import annotations

import pytest

from parllama_nb.errors import ModelNotFoundError
from parllama_nb.local_models.downloads.hub_files import (
    HubFile,
    choose,
    list_files,
    variants,
)
from parllama_nb.local_models.downloads.sources import (
    HubSource,
    PathSource,
    WebSource,
    parse,
)
from parllama_nb.local_models.downloads.web import Web
from parllama_nb.providers.spec import Timeouts
from parllama_nb.secret import Redactor
from tests.servers.hub import HubDouble

GB = 1_000_000_000

ONE_OF_EACH = [
    HubFile("README.md", 5000),
    HubFile("Llama-3.2-1B-Instruct-IQ3_M.gguf", int(0.66 * GB)),
    HubFile("Llama-3.2-1B-Instruct-Q3_K_XL.gguf", int(0.80 * GB)),
    HubFile("Llama-3.2-1B-Instruct-Q4_0.gguf", int(0.77 * GB)),
    HubFile("Llama-3.2-1B-Instruct-Q4_K_M.gguf", int(0.81 * GB)),
    HubFile("Llama-3.2-1B-Instruct-Q8_0.gguf", int(1.32 * GB)),
    HubFile("Llama-3.2-1B-Instruct-f16.gguf", int(2.48 * GB)),
    HubFile("Llama-3.2-1B-Instruct.imatrix", 1_000_000),
    HubFile("mmproj-model-f16.gguf", 600_000_000),
]


def chosen(files: list[HubFile], quantization: str = "", file: str = "") -> list[str]:
    found = choose(HubSource("some/Model", quantization, file), files)
    return [each.path for each in found.files]


def named(*paths: str) -> list[HubFile]:
    return [HubFile(path, GB + number) for number, path in enumerate(paths)]


@pytest.mark.parametrize(
    ("asked", "ending"),
    [
        ("", "Q4_K_M"),
        ("Q8_0", "Q8_0"),
        ("q8_0", "Q8_0"),
        ("F16", "f16"),
        ("IQ3_M", "IQ3_M"),
        ("Q3_K_XL", "Q3_K_XL"),
        ("Llama-3.2-1B-Instruct-Q4_0", "Q4_0"),
    ],
)
def test_a_quantization_chooses_its_file(asked: str, ending: str) -> None:
    (path,) = chosen(ONE_OF_EACH, asked)
    assert path.endswith(f"-{ending}.gguf")


def test_without_the_usual_one_the_smallest_of_four_bits_is_taken() -> None:
    files = [f for f in ONE_OF_EACH if "Q4_K_M" not in f.path]
    assert chosen(files) == ["Llama-3.2-1B-Instruct-Q4_0.gguf"]
    files = [f for f in ONE_OF_EACH if "3" in f.path.rpartition("-")[2]]
    assert chosen(files) == ["Llama-3.2-1B-Instruct-Q3_K_XL.gguf"]
    assert chosen(named("model.gguf", "mmproj.gguf")) == ["model.gguf"]


def test_a_missing_quantization_names_those_there_are() -> None:
    with pytest.raises(ModelNotFoundError, match="has no Q4_K_S") as caught:
        chosen(ONE_OF_EACH, "Q4_K_S")
    hint = caught.value.hint or ""
    assert "Did you mean Q4_K_M" in hint
    assert "Q8_0 (1.3 GB)" in hint
    assert "mmproj" not in hint


def test_several_models_of_one_quantization_are_named() -> None:
    files = named("1B/one-Q4_K_M.gguf", "3B/three-Q4_K_M.gguf")
    for asked in ("", "Q4_K_M"):
        with pytest.raises(ModelNotFoundError, match="several") as caught:
            chosen(files, asked)
        assert "1B/one-Q4_K_M.gguf, 3B/three-Q4_K_M.gguf" in (caught.value.hint or "")
    assert chosen(files, file="3B/three-Q4_K_M.gguf") == ["3B/three-Q4_K_M.gguf"]


def test_a_dynamic_quantization_is_another_than_the_plain_one() -> None:
    files = named("M-Q4_K_M.gguf", "M-UD-Q4_K_XL.gguf", "M-UD-Q4_K_M.gguf")
    assert chosen(files, "UD-Q4_K_XL") == ["M-UD-Q4_K_XL.gguf"]
    assert chosen(files, "Q4_K_M") == ["M-Q4_K_M.gguf"]
    assert chosen(files) == ["M-Q4_K_M.gguf"]


def test_all_parts_of_a_split_model_come_in_order() -> None:
    files = named(
        "Q4_K_M/Big-Q4_K_M-00002-of-00003.gguf",
        "Q4_K_M/Big-Q4_K_M-00001-of-00003.gguf",
        "Q4_K_M/Big-Q4_K_M-00003-of-00003.gguf",
        "Q8_0/Big-Q8_0-00001-of-00002.gguf",  # the second is not there
    )
    assert [p.partition("-of-")[0][-1] for p in chosen(files)] == ["1", "2", "3"]
    assert len(variants(files)) == 1
    part = "Q4_K_M/Big-Q4_K_M-00002-of-00003.gguf"
    assert len(chosen(files, file=part)) == 3


def test_a_repository_without_a_model_says_so() -> None:
    with pytest.raises(ModelNotFoundError, match="no model in the format GGUF"):
        chosen(named("model.safetensors", "README.md"))


@pytest.mark.parametrize(
    ("text", "source"),
    [
        ("hf.co/u/R-GGUF:Q8_0", HubSource("u/R-GGUF", "Q8_0")),
        ("HF.co/u/R-GGUF", HubSource("u/R-GGUF")),
        ("huggingface.co/u/R:Q4_K_M", HubSource("u/R", "Q4_K_M")),
        ("u/R:Q4_K_M", HubSource("u/R", "Q4_K_M")),
        ("https://huggingface.co/u/R", HubSource("u/R")),
        ("https://huggingface.co/u/R/tree/main", HubSource("u/R")),
        (
            "https://huggingface.co/u/R/resolve/main/a/b.gguf?download=true",
            HubSource("u/R", file="a/b.gguf"),
        ),
        (
            "https://huggingface.co/u/R/blob/v2/b.gguf",
            HubSource("u/R", file="b.gguf", revision="v2"),
        ),
        ("hf.co/u/R/b.gguf", HubSource("u/R", file="b.gguf")),
    ],
)
def test_the_ways_to_write_a_repository(text: str, source: HubSource) -> None:
    found = parse(text, lambda _: None, Redactor())
    assert found == source
    # What is written down leads to the same file again.
    assert parse(str(found), lambda _: None, Redactor()) == source


def test_an_address_is_shown_without_what_is_secret() -> None:
    redact = Redactor()
    text = "https://me:hunter2222@host.example/a%20b/My%20Model.gguf?key=s3cr3t-key"
    source = parse(text, lambda _: None, redact)
    assert isinstance(source, WebSource)
    assert str(source) == "https://host.example/a%20b/My%20Model.gguf"
    assert source.file_name == "My Model.gguf"
    assert "hunter2222" not in redact(text)
    assert "s3cr3t" not in redact(text)
    assert "hunter2222" not in repr(source)


def test_a_file_here_is_taken_before_a_repository(
    tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path_factory.mktemp("here")
    path = folder / "u" / "R:Q8_0"
    path.parent.mkdir()
    path.write_bytes(b"GGUF")
    monkeypatch.chdir(folder)
    assert parse("u/R:Q8_0", lambda _: None, Redactor()) == PathSource(path)


async def test_a_long_list_is_read_page_by_page(hub: HubDouble) -> None:
    hub.put("some/Long", {f"m-{n:02}.gguf": bytes([n]) for n in range(25)})
    hub.page = 10
    web = Web(Redactor(), Timeouts(), "Hub")
    try:
        files = await list_files(web, hub.root, HubSource("some/Long"), None)
    finally:
        await web.aclose()
    assert len(files) == 25
    assert len(hub.requests) == 3
    assert all(len(file.sha256) == 64 for file in files)


async def test_paths_that_would_leave_the_folder_are_left_out(hub: HubDouble) -> None:
    paths = ["../x.gguf", "a/../../x.gguf", "/x.gguf", "a\\..\\x.gguf", "good.gguf"]
    hub.put("some/Evil", dict.fromkeys(paths, b"GGUF"))
    web = Web(Redactor(), Timeouts(), "Hub")
    try:
        files = await list_files(web, hub.root, HubSource("some/Evil"), None)
    finally:
        await web.aclose()
    assert [file.path for file in files] == ["good.gguf"]
