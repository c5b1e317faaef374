# ruff: noqa: ASYNC240 - a test may wait for a disk
"""The embedded engine's own models: added by path, shown, used, unloaded, removed."""

from __future__ import annotations

import asyncio
import json
import math
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import psutil
import pytest

from parllama_nb.errors import (
    BadRequestError,
    ContextLengthError,
    DamagedModelError,
    EngineDiedError,
    ModelNotFoundError,
    ParllamaError,
    StoreError,
    UsageError,
)
from parllama_nb.events import Progress
from parllama_nb.local_models.embedded.models import EmbeddedModels
from parllama_nb.providers.messages import ChatRequest, Message, TextDelta
from parllama_nb.providers.spec import ModelInfo
from tests.providers.embedded.model import ROOT, demo_model
from tests.weights.tiny_models import bert, some_model, split_model

from .conftest import until

Make = Callable[..., EmbeddedModels]


@pytest.fixture
def mine(tmp_path: Path) -> Path:
    return some_model(tmp_path / "own" / "My Model-Q4_K_M.gguf")


@pytest.fixture
def small_bert(tmp_path: Path) -> Path:
    return bert(tmp_path / "own" / "tiny-bert.gguf")


async def listed(models: EmbeddedModels) -> dict[str, ModelInfo]:
    return {m.name: m for m in await models.list() if m.extra["own"]}


async def answer(models: EmbeddedModels, name: str, text: str = "Say hello.") -> str:
    request = ChatRequest(name, (Message.of("user", text),), max_tokens=8)
    stream = models._provider().stream(request, lambda _: None)
    return "".join([e.text async for e in stream if isinstance(e, TextDelta)])


# the list


async def test_a_file_is_referenced_and_named_after_itself(
    models: EmbeddedModels, mine: Path, home: Path
) -> None:
    model = await models.add(str(mine))
    assert (model.name, model.path) == ("My-Model-Q4_K_M", str(mine))
    assert not (home / "data" / "embedded-models").exists()
    info = (await listed(models))["My-Model-Q4_K_M"]
    assert info.size == mine.stat().st_size
    assert info.context_window == 8192  # of 131,072: what an answer gets
    assert info.capabilities == {"completion"}
    assert info.extra["family"] == "llama"
    assert info.extra["quantization_level"] == "Q4_K_M"
    assert info.extra["state"] == ""


async def test_adding_it_again_changes_nothing(
    models: EmbeddedModels, mine: Path
) -> None:
    first = await models.add(str(mine))
    assert await models.add(str(mine)) == first
    assert await models.add(str(mine.parent)) == first  # the only one in its folder
    assert len(await listed(models)) == 1


async def test_another_kernel_sees_it_at_once(make: Make, mine: Path) -> None:
    one, other = make(), make()
    await one.add(str(mine), name="mine")
    assert list(await listed(other)) == ["mine"]
    await other.remove("mine")
    assert await listed(one) == {}


def test_many_kernels_that_add_at_once_lose_nothing(tmp_path: Path, home: Path) -> None:
    program = (
        "import asyncio, sys\n"
        "from tests.providers.embedded.model import embedded\n"
        "from parllama_nb.local_models.embedded.models import EmbeddedModels\n"
        "provider = embedded()\n"
        "models = EmbeddedModels(lambda: provider)\n"
        "async def main():\n"
        "    for path in sys.argv[1:]:\n"
        "        await models.add(path)\n"
        "asyncio.run(main())\n"
    )
    files = [some_model(tmp_path / f"m{n}.gguf", kilobytes=1) for n in range(12)]
    running = [
        subprocess.Popen(
            [sys.executable, "-c", program, *map(str, files[n::3])],
            cwd=ROOT,
            env={**os.environ, "PARLLAMA_NB_HOME": str(home)},
        )
        for n in range(3)
    ]
    assert [process.wait(60) for process in running] == [0, 0, 0]
    data = json.loads((home / "data" / "embedded-models.json").read_text())
    assert sorted(m["name"] for m in data["models"]) == sorted(
        path.stem for path in files
    )


async def test_names_are_found_in_any_case_and_taken_once(
    models: EmbeddedModels, mine: Path, small_bert: Path
) -> None:
    await models.add(str(mine), name="Mine")
    with pytest.raises(UsageError, match="is a model Mine already"):
        await models.add(str(small_bert), name="mine")
    assert (await models.show("embedded/MINE")).name == "Mine"
    other = mine.parent / "else" / mine.name
    other.parent.mkdir()
    shutil.copy(mine, other)
    assert (await models.add(str(other))).name == "My-Model-Q4_K_M"
    again = mine.parent / "third" / mine.name
    again.parent.mkdir()
    shutil.copy(mine, again)
    assert (await models.add(str(again))).name == "My-Model-Q4_K_M-2"


@pytest.mark.parametrize(
    "name", ["", " ", "a b", "a/b", "../x", "x.gguf", "smollm2", "-x", "x" * 200, "a\n"]
)
async def test_a_name_that_nobody_could_ask_for_is_refused(
    models: EmbeddedModels, mine: Path, name: str
) -> None:
    if name == "a\n":
        assert (await models.add(str(mine), name=name)).name == "a"
        return
    with pytest.raises(UsageError) as caught:
        await models.add(str(mine), name=name)
    assert caught.value.hint
    assert await listed(models) == {}


@pytest.mark.parametrize(
    ("source", "error"),
    [
        ("", UsageError),
        ("nowhere", UsageError),
        ("./nowhere.gguf", UsageError),
        ("http://elsewhere.example/m.gguf", UsageError),
        ("ftp://elsewhere.example/m.gguf", UsageError),
        ("https://", UsageError),
        ("https://[broken/m.gguf", UsageError),
        ("hf.co/user", UsageError),
        ("hf.co/../../etc/passwd.gguf", UsageError),
        ("hf.co/a/b/../../x.gguf", UsageError),
    ],
)
async def test_a_source_that_is_none_is_one_clear_error(
    models: EmbeddedModels, source: str, error: type[ParllamaError]
) -> None:
    with pytest.raises(error) as caught:
        await models.add(source)
    assert caught.value.hint
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    "content", [b"", b"<html>", b"GGUF", b"GGUF\3\0\0\0" + b"\xff" * 64], ids=len
)
async def test_a_file_that_is_no_model_is_not_listed(
    models: EmbeddedModels, tmp_path: Path, content: bytes
) -> None:
    path = tmp_path / "bad.gguf"
    path.write_bytes(content)
    with pytest.raises(DamagedModelError, match=r"^bad\.gguf "):
        await models.add(str(path))
    assert await listed(models) == {}


async def test_a_copy_lies_in_our_folder_and_goes_with_the_model(
    models: EmbeddedModels, tmp_path: Path, home: Path
) -> None:
    files = split_model(tmp_path / "own", "big")
    told: list[Progress] = []
    model = await models.add(str(files[0]), report=told.append, copy=True)
    total = sum(file.stat().st_size for file in files)
    assert told[-1].done == told[-1].total == total
    assert await models.add(str(files[0]), copy=True) == model  # once is enough
    folder = home / "data" / "embedded-models"
    assert Path(model.path).is_relative_to(folder)
    assert (await models.show(model.name)).is_ours
    removed = await models.remove(model.name)
    assert removed.freed == total
    assert [path for path in folder.rglob("*") if path.is_file()] == []
    assert all(file.exists() for file in files)


async def test_a_file_of_ones_own_is_never_deleted(
    models: EmbeddedModels, mine: Path
) -> None:
    await models.add(str(mine))
    removed = await models.remove("My-Model-Q4_K_M", delete_file=True)
    assert removed.kept == str(mine)
    assert removed.freed == 0
    assert mine.exists()


async def test_a_link_in_our_folder_to_a_file_of_ones_own_leaves_that(
    models: EmbeddedModels, mine: Path, home: Path
) -> None:
    link = home / "data" / "embedded-models" / "link.gguf"
    link.parent.mkdir(parents=True)
    link.symlink_to(mine)
    await models.add(str(link))
    assert (await models.remove("link")).kept
    assert mine.exists()


@pytest.mark.skipif(
    sys.platform != "linux", reason="elsewhere names of files are texts"
)
async def test_a_file_whose_name_is_no_text_is_listed(
    models: EmbeddedModels, mine: Path
) -> None:
    path = mine.rename(os.fsdecode(os.fsencode(mine.parent / "odd") + b"\xff.gguf"))
    model = await models.add(str(path))
    assert model.name == "odd"
    assert (await listed(models))["odd"].extra["state"] == ""
    assert (await models.remove("odd")).kept == str(path)


async def test_a_file_that_is_gone_is_said_with_its_place(
    models: EmbeddedModels, mine: Path
) -> None:
    await models.add(str(mine), name="mine")
    mine.unlink()
    assert (await listed(models))["mine"].extra["state"] == "missing"
    assert (await models.show("mine")).state == "missing"
    with pytest.raises(ModelNotFoundError, match="is gone") as caught:
        await models.load("mine")
    assert str(mine) in caught.value.message
    assert caught.value.hint
    with pytest.raises(ModelNotFoundError, match="is gone"):
        await models._provider().embed("mine", ["x"])
    assert (await models.remove("mine")).kept == ""


async def test_a_file_that_has_changed_is_said_and_read_anew(
    models: EmbeddedModels, mine: Path
) -> None:
    await models.add(str(mine), name="mine")
    bert(mine, window=48)
    shown = await models.show("mine")
    assert shown.state == "changed"
    assert shown.facts is not None
    assert shown.facts.architecture == "bert"
    await models.add(str(mine))
    info = (await listed(models))["mine"]
    assert info.extra["state"] == ""
    assert info.capabilities == {"embedding"}


async def test_a_split_model_that_lacks_a_part_names_it(
    models: EmbeddedModels, tmp_path: Path
) -> None:
    files = split_model(tmp_path, "big")
    with pytest.raises(DamagedModelError, match="part 2 of 3") as caught:
        await models.add(str(files[1]))
    assert files[0].name in (caught.value.hint or "")
    files[2].unlink()
    with pytest.raises(ModelNotFoundError, match=files[2].name):
        await models.add(str(files[0]))


async def test_a_damaged_list_hides_nothing_and_is_moved_aside(
    models: EmbeddedModels, mine: Path, home: Path
) -> None:
    await models.add(str(mine))
    path = home / "data" / "embedded-models.json"
    path.write_text('{"schema_version": 1, "models": [{"name"')
    assert [m.name for m in await models.list()] == ["smollm2"]
    with pytest.raises(ModelNotFoundError) as caught:
        await models.show("My-Model-Q4_K_M")
    assert "does not hold a list of models" in (caught.value.hint or "")
    await models.add(str(mine))
    assert list(await listed(models)) == ["My-Model-Q4_K_M"]
    assert len(list(path.parent.glob("*.damaged-*"))) == 1


async def test_a_list_of_a_newer_release_is_read_and_left_alone(
    models: EmbeddedModels, mine: Path, home: Path
) -> None:
    await models.add(str(mine))
    path = home / "data" / "embedded-models.json"
    newer = {**json.loads(path.read_text()), "schema_version": 2}
    newer["models"][0]["colour"] = "green"
    path.write_text(json.dumps(newer))
    assert len(await listed(models)) == 1
    with pytest.raises(StoreError, match="another release"):
        await models.remove("My-Model-Q4_K_M")
    assert json.loads(path.read_text()) == newer


async def test_an_unknown_name_offers_the_nearest(
    models: EmbeddedModels, mine: Path
) -> None:
    await models.add(str(mine), name="gemma-3")
    for call in (models.show("gema-3"), models.remove("gema-3")):
        with pytest.raises(ModelNotFoundError) as caught:
            await call
        assert "gemma-3" in (caught.value.hint or "")
    with pytest.raises(ModelNotFoundError) as caught:
        await models.load("gema-3")
    assert "embedded/gemma-3" in (caught.value.hint or "")


# with the engine


@pytest.mark.embedded
async def test_a_model_of_ones_own_answers_by_its_name(models: EmbeddedModels) -> None:
    await models.add(str(demo_model()), name="Mine")
    assert await answer(models, "mine")
    info = (await listed(models))["Mine"]
    assert info.extra["loaded"] is True
    assert int(str(info.extra["memory"])) > 50_000_000
    assert (await models.show("mine")).memory > 50_000_000


@pytest.mark.embedded
async def test_unloading_ends_the_process_and_says_what_it_used(
    models: EmbeddedModels,
) -> None:
    await models.add(str(demo_model()), name="mine")
    await models.load("mine")
    process = psutil.Process(models._provider()._running["mine"].engine.pid)
    used = process.memory_info().rss
    freed = await models.unload("mine")
    assert not process.is_running()
    assert math.isclose(freed, used, rel_tol=0.2)
    assert await models.unload("mine") == 0
    assert (await listed(models))["mine"].extra["loaded"] is False
    assert await answer(models, "mine")


@pytest.mark.embedded
async def test_unloading_breaks_an_answer_off_and_says_why(
    models: EmbeddedModels,
) -> None:
    request = ChatRequest("smollm2", (Message.of("user", "Tell a story."),))
    stream = models._provider().stream(request, lambda _: None)
    await anext(stream)
    await models.unload("smollm2")
    with pytest.raises(EngineDiedError, match="was unloaded"):
        async for _ in stream:
            pass


@pytest.mark.embedded
async def test_unloading_while_it_starts_waits_for_it(models: EmbeddedModels) -> None:
    provider = models._provider()
    task = asyncio.create_task(models.load("smollm2"))
    await until(lambda: provider._starts._flights)
    assert await models.unload("smollm2") > 0
    await task
    assert provider.memory("smollm2") == 0


@pytest.mark.embedded
async def test_removing_ends_what_runs(models: EmbeddedModels, home: Path) -> None:
    model = await models.add(str(demo_model()), name="mine", copy=True)
    await models.load("mine")
    process = psutil.Process(models._provider()._running["mine"].engine.pid)
    removed = await models.remove("mine")
    assert not process.is_running()
    assert removed.freed == demo_model().stat().st_size
    assert not Path(model.path).exists()


@pytest.mark.embedded
async def test_what_another_kernel_removed_or_renamed_is_not_answered_for(
    make: Make, mine: Path
) -> None:
    one, other = make(), make()
    await one.add(str(demo_model()), name="mine")
    await one.load("mine")
    await other.remove("mine")
    with pytest.raises(ModelNotFoundError, match="no model 'mine'"):
        await answer(one, "mine")
    assert one._provider()._running == {}


@pytest.mark.embedded
async def test_the_engines_own_model_is_removed_and_comes_back(
    make: Make, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PARLLAMA_NB_EMBEDDED_MODEL", str(demo_model()))
    models = make(cache_dir=str(tmp_path / "cache"))
    assert (await models.show("smollm2")).state == "not downloaded"
    assert (await models.remove("smollm2")).freed == 0
    assert await answer(models, "smollm2")
    shown = await models.show("smollm2")
    assert shown.state == ""
    assert shown.facts is not None
    assert shown.facts.parameter_size == "135M"
    assert shown.facts.chat_template
    assert (await models.remove("smollm2")).freed == demo_model().stat().st_size
    assert (await models.show("smollm2")).state == "not downloaded"
    assert await answer(models, "smollm2")


@pytest.mark.embedded
async def test_texts_become_vectors_of_one_length(
    models: EmbeddedModels, small_bert: Path
) -> None:
    await models.add(str(small_bert))
    provider = models._provider()
    texts = [f"fox {'sea ' * n}" for n in range(40)]
    told: list[Progress] = []
    vectors = await provider.embed("tiny-bert", texts, told.append)
    assert len(vectors) == 40
    assert {len(vector) for vector in vectors} == {32}
    for vector in vectors:
        assert math.isclose(math.hypot(*vector), 1.0, rel_tol=1e-3)
    assert told[-1].done == told[-1].total == 40
    # The order is that of the texts, and each text is on its own.
    (alone,) = await provider.embed("tiny-bert", [texts[7]])
    assert all(
        math.isclose(a, b, abs_tol=1e-4) for a, b in zip(alone, vectors[7], strict=True)
    )


@pytest.mark.embedded
async def test_a_text_that_is_too_long_is_named_or_cut(
    models: EmbeddedModels, small_bert: Path
) -> None:
    await models.add(str(small_bert))
    provider = models._provider()
    with pytest.raises(ContextLengthError, match=r"Text 2 has 102 .* at most 64") as c:
        await provider.embed("tiny-bert", ["fox", "fox " * 100])
    assert c.value.tokens == 102
    assert "truncate=True" in (c.value.hint or "")
    cut, same = await provider.embed(
        "tiny-bert", ["fox " * 100, "fox " * 62], truncate=True
    )
    assert all(math.isclose(a, b, abs_tol=1e-4) for a, b in zip(cut, same, strict=True))


@pytest.mark.embedded
async def test_a_model_for_chat_embeds_too_and_says_what_that_is_worth(
    models: EmbeddedModels,
) -> None:
    provider = models._provider()
    told: list[str] = []
    vectors = await provider.embed(
        "smollm2",
        ["The cat sleeps.", "A kitten is asleep.", "Interest rates rose."],
        lambda progress: told.append(progress.phase),
    )
    assert "smollm2 is made for chat" in told[0]
    assert {len(vector) for vector in vectors} == {576}
    near, far = (
        sum(a * b for a, b in zip(vectors[0], vectors[n], strict=True)) for n in (1, 2)
    )
    assert near > far
    # Answers have a process of their own, and go on meanwhile.
    assert await answer(models, "smollm2")
    assert len(provider._running) == 2
    assert await models.unload("smollm2") > 0
    assert provider._running == {}


@pytest.mark.embedded
async def test_a_model_for_embeddings_is_loaded_for_them(
    models: EmbeddedModels, small_bert: Path
) -> None:
    await models.add(str(small_bert))
    await models.load("tiny-bert")
    told: list[str] = []
    provider = models._provider()
    await provider.embed("tiny-bert", ["fox"], lambda p: told.append(p.phase))
    assert {phase.partition(" ")[0] for phase in told} == {"Embedding"}
    assert (await listed(models))["tiny-bert"].extra["loaded"] is True
    assert await models.unload("tiny-bert") > 0


@pytest.mark.embedded
async def test_a_death_while_embedding_is_noticed_and_mended(
    models: EmbeddedModels, small_bert: Path
) -> None:
    await models.add(str(small_bert))
    provider = models._provider()
    first = await provider.embed("tiny-bert", ["fox"])
    (running,) = provider._running.values()
    psutil.Process(running.engine.pid).kill()
    assert await provider.embed("tiny-bert", ["fox"]) == first


async def test_a_model_for_embeddings_does_not_answer(
    models: EmbeddedModels, small_bert: Path
) -> None:
    await models.add(str(small_bert))
    for name in ("tiny-bert", str(small_bert)):
        with pytest.raises(BadRequestError, match="does not answer"):
            await answer(models, name)
    assert models._provider()._running == {}


@pytest.mark.parametrize(
    ("texts", "word"),
    [(["a", ""], "Text 2 of 2 is blank"), ([" \n"], "blank"), (["a", 3], "Text 2")],
)
async def test_texts_that_cannot_be_embedded_are_named(
    models: EmbeddedModels, small_bert: Path, texts: list[str], word: str
) -> None:
    await models.add(str(small_bert))
    provider = models._provider()
    with pytest.raises(UsageError, match=word):
        await provider.embed("tiny-bert", texts)
    with pytest.raises(UsageError, match="One text"):
        await provider.embed("tiny-bert", "text")  # type: ignore[arg-type]
    assert await provider.embed("tiny-bert", []) == []
    assert provider._running == {}
