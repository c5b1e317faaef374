# ruff: noqa: ASYNC240 - a test may wait for a disk
"""Downloads of models: cut, resumed, refused, full disks, and tokens that stay home."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable
from pathlib import Path

import pytest

from parllama_nb.errors import (
    AuthenticationError,
    DamagedModelError,
    DownloadError,
    InvalidResponseError,
    ModelNotFoundError,
    ParllamaError,
    ProviderError,
    ProviderTimeoutError,
    RateLimitError,
    ServerError,
    UsageError,
)
from parllama_nb.events import Progress
from parllama_nb.local_models.downloads.web import Web
from parllama_nb.local_models.embedded.models import EmbeddedModels
from parllama_nb.providers.retry import RetryPolicy
from parllama_nb.providers.spec import Timeouts
from parllama_nb.secret import Redactor
from tests.servers.hub import FileStore, HubDouble
from tests.weights.tiny_models import some_model, split_model

from .conftest import TOKEN, until

Make = Callable[..., EmbeddedModels]

REPOSITORY = "some/Model-GGUF"
SOURCE = f"hf.co/{REPOSITORY}"
FILE = "Model-Q4_K_M.gguf"


@pytest.fixture(scope="session")
def content(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """A model of half a megabyte."""
    path = tmp_path_factory.mktemp("models") / FILE
    return some_model(path, kilobytes=512).read_bytes()


@pytest.fixture
def there(hub: HubDouble, content: bytes) -> HubDouble:
    """A hub that has the model."""
    hub.put(REPOSITORY, {FILE: content, "README.md": b"# Model"})
    return hub


@pytest.fixture
def folder(home: Path) -> Path:
    return home / "data" / "embedded-models"


def parts(folder: Path) -> list[Path]:
    return sorted(folder.rglob("*.part"))


def ranges(store: FileStore) -> list[str]:
    return [request.headers.get("range", "") for request in store.requests]


async def error_of(models: EmbeddedModels, source: str = SOURCE) -> ParllamaError:
    with pytest.raises(ParllamaError) as caught:
        await models.add(source)
    error = caught.value
    assert error.__cause__ is error.__context__ is None
    assert "\n" not in str(error)
    assert "s1gn4ture" not in str(error)
    return error


async def test_a_repository_is_downloaded_with_progress_and_listed(
    there: HubDouble, models: EmbeddedModels, content: bytes
) -> None:
    told: list[Progress] = []
    model = await models.add(SOURCE, report=told.append)
    assert Path(model.path).read_bytes() == content
    assert (model.name, model.source) == ("Model-Q4_K_M", f"{SOURCE}/{FILE}")
    phases = list(dict.fromkeys(progress.phase for progress in told))
    assert phases == [
        f"Looking at {SOURCE}",
        "Downloading Model-Q4_K_M",
        "Checking Model-Q4_K_M",
    ]
    counted = [p for p in told if p.phase.startswith("Downloading")]
    assert counted[-1].done == counted[-1].total == len(content)
    own = (await models.list())[-1]
    assert own.id == "embedded/Model-Q4_K_M"
    assert own.size == len(content)
    assert own.extra["quantization_level"] == "Q4_K_M"
    assert own.extra["downloaded"] is True
    assert own.extra["loaded"] is False
    assert own.capabilities == {"completion"}


async def test_the_token_goes_to_the_hub_and_not_to_its_store(
    there: HubDouble, make: Make, home: Path
) -> None:
    there.tokens, there.private = {TOKEN}, {REPOSITORY}
    await make(TOKEN).add(SOURCE)
    sent = f"Bearer {TOKEN}"
    assert {r.headers.get("authorization") for r in there.requests} == {sent}
    assert "authorization" not in there.store.last.headers
    files = [path for path in home.rglob("*") if path.is_file()]
    assert not any(TOKEN.encode() in path.read_bytes() for path in files)


async def test_a_file_that_is_here_is_not_downloaded_again(
    there: HubDouble, models: EmbeddedModels
) -> None:
    first = await models.add(SOURCE)
    assert await models.add(f"{SOURCE}:q4_k_m") == first
    assert len(there.store.requests) == 1


async def test_a_cut_is_resumed_where_it_was(
    there: HubDouble, models: EmbeddedModels, content: bytes
) -> None:
    store = there.store
    store.cuts = [200_000, 100_000, 50_000, 20_000]
    told: list[Progress] = []
    model = await models.add(SOURCE, report=told.append)
    assert Path(model.path).read_bytes() == content
    assert ranges(store) == [
        "",
        "bytes=200000-",
        "bytes=300000-",
        "bytes=350000-",
        "bytes=370000-",
    ]
    assert {r.headers.get("if-range") for r in store.requests[1:]} == {'"one"'}
    assert any("Trying again" in progress.phase for progress in told)


async def test_a_server_that_gets_nowhere_ends_with_what_has_come(
    there: HubDouble, models: EmbeddedModels, folder: Path
) -> None:
    there.store.cuts = [200_000, 0, 0, 0, 0]
    error = await error_of(models)
    assert isinstance(error, ProviderError)
    assert "add it again" in (error.hint or "")
    assert len(there.store.requests) == 3
    (part,) = parts(folder)
    assert part.stat().st_size == 200_000
    (listed,) = [m for m in await models.list() if m.extra["own"]]
    assert listed.extra["state"] == "unfinished"
    assert listed.extra["downloaded"] is False


async def test_a_cancel_keeps_what_came_and_the_next_call_goes_on(
    there: HubDouble, models: EmbeddedModels, content: bytes, folder: Path
) -> None:
    store = there.store
    store.pause_at = 300_000
    told: list[Progress] = []
    task = asyncio.create_task(models.add(SOURCE, report=told.append))
    await asyncio.to_thread(store.paused.wait, 30)
    await until(lambda: told[-1].done)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    (part,) = parts(folder)
    have = part.stat().st_size
    assert have >= told[-1].done > 0
    store.go_on.set()
    model = await models.add(SOURCE)
    assert ranges(store) == ["", f"bytes={have}-"]
    assert Path(model.path).read_bytes() == content
    assert parts(folder) == []


async def test_a_file_that_changed_meanwhile_is_downloaded_anew(
    there: HubDouble, models: EmbeddedModels, content: bytes, folder: Path
) -> None:
    store = there.store
    store.cuts = [200_000, 0, 0, 0]
    await error_of(models)
    store.cuts, store.etag = [], '"two"'
    model = await models.add(SOURCE)
    assert store.last.headers["range"] == "bytes=200000-"
    assert Path(model.path).read_bytes() == content


async def test_a_server_without_ranges_starts_anew(
    there: HubDouble, models: EmbeddedModels, content: bytes
) -> None:
    there.store.has_ranges = False
    there.store.cuts = [200_000]
    model = await models.add(SOURCE)
    assert Path(model.path).read_bytes() == content


async def test_an_address_without_a_version_is_not_resumed_blindly(
    hub: HubDouble, models: EmbeddedModels, content: bytes
) -> None:
    hub.store.files["m.gguf"] = content
    hub.store.etag, hub.store.cuts = "", [200_000]
    model = await models.add(f"{hub.store.root}/m.gguf")
    assert ranges(hub.store) == ["", ""]
    assert Path(model.path).read_bytes() == content


async def test_a_length_that_is_not_said_is_no_obstacle(
    hub: HubDouble, models: EmbeddedModels, content: bytes
) -> None:
    hub.store.files["m.gguf"] = content
    hub.store.says_length = False
    model = await models.add(f"{hub.store.root}/m.gguf?signature=1", name="mine")
    assert model.name == "mine"
    assert model.source == f"{hub.store.root}/m.gguf"
    assert Path(model.path).read_bytes() == content


async def test_another_checksum_is_refused_and_nothing_is_left(
    there: HubDouble, models: EmbeddedModels, folder: Path
) -> None:
    there.digests[FILE] = "0" * 64
    error = await error_of(models)
    assert isinstance(error, DamagedModelError)
    assert "checksum" in error.message
    assert parts(folder) == []
    assert not list(folder.rglob("*.gguf"))
    assert [m for m in await models.list() if m.extra["own"]] == []


@pytest.mark.parametrize(
    ("sent", "kind", "word"),
    [
        (b"", "application/octet-stream", "empty"),
        (b"GG", "application/octet-stream", "empty"),
        (b"<!DOCTYPE html><p>Log in</p>", "text/html", "a web page"),
        (b"version https://git-lfs.github.com/spec/v1\n", "text/plain", "a pointer"),
        (b"PK\x03\x04" + bytes(2000), "application/zip", "something else"),
        (b"GGUF" + bytes(2000), "application/octet-stream", "version 0"),
    ],
    ids=["empty", "two bytes", "html", "pointer", "zip", "header of zeros"],
)
async def test_what_is_no_model_is_refused_and_nothing_is_left(
    hub: HubDouble,
    models: EmbeddedModels,
    folder: Path,
    sent: bytes,
    kind: str,
    word: str,
) -> None:
    hub.store.files["m.gguf"] = sent
    hub.store.content_type = kind
    error = await error_of(models, f"{hub.store.root}/m.gguf")
    assert isinstance(error, DamagedModelError)
    assert word in error.message
    assert error.hint
    assert [p for p in folder.rglob("*") if p.suffix in (".gguf", ".part")] == []
    assert [m for m in await models.list() if m.extra["own"]] == []


async def test_a_truncated_file_at_an_address_is_refused(
    hub: HubDouble, models: EmbeddedModels, content: bytes
) -> None:
    hub.store.files["m.gguf"] = content[:-1000]
    error = await error_of(models, f"{hub.store.root}/m.gguf")
    assert isinstance(error, DamagedModelError)
    assert "is truncated" in error.message


async def test_a_gated_repository_names_its_page_and_the_token(
    there: HubDouble, models: EmbeddedModels
) -> None:
    there.gated = {REPOSITORY}
    error = await error_of(models)
    assert isinstance(error, AuthenticationError)
    assert "gated" in error.message
    assert f"{there.root}/{REPOSITORY}" in (error.hint or "")
    assert "HF_TOKEN" in (error.hint or "")
    assert (await models.list())[1:] == []


async def test_a_token_that_is_not_accepted_is_said_without_it(
    there: HubDouble, make: Make
) -> None:
    there.tokens = {"another"}
    error = await error_of(make(TOKEN))
    assert isinstance(error, AuthenticationError)
    assert "HF_TOKEN is not accepted" in error.message
    assert TOKEN not in str(error)


async def test_a_repository_that_is_not_there_may_be_private(
    hub: HubDouble, models: EmbeddedModels, make: Make
) -> None:
    error = await error_of(models, "hf.co/no/such")
    assert isinstance(error, ModelNotFoundError)
    assert "private" in error.message
    assert "HF_TOKEN" in (error.hint or "")
    error = await error_of(make(TOKEN), "hf.co/no/such")
    assert "HF_TOKEN" not in (error.hint or "")


async def test_a_file_that_is_not_at_an_address_is_said(
    hub: HubDouble, models: EmbeddedModels
) -> None:
    error = await error_of(models, f"{hub.store.root}/nowhere.gguf")
    assert isinstance(error, ModelNotFoundError)
    assert "404" in error.message


@pytest.mark.parametrize(
    ("status", "kind", "tries"), [(429, RateLimitError, 3), (503, ServerError, 3)]
)
async def test_a_status_that_may_pass_is_tried_again(
    there: HubDouble,
    models: EmbeddedModels,
    status: int,
    kind: type[ProviderError],
    tries: int,
) -> None:
    there.store.statuses = [status]
    await models.add(SOURCE)
    await models.remove("Model-Q4_K_M")
    there.store.requests.clear()
    there.store.statuses = [status] * 9
    assert isinstance(await error_of(models), kind)
    assert len(there.store.requests) == tries


async def test_a_silent_server_is_not_waited_for_forever(
    there: HubDouble, make: Make, folder: Path
) -> None:
    there.store.pause_at = 300_000
    error = await error_of(make(stall=0.2, policy=RetryPolicy(retries=0)))
    assert isinstance(error, ProviderTimeoutError)
    (part,) = parts(folder)
    assert part.stat().st_size >= 300_000
    there.silent.add(f"/api/models/{REPOSITORY}/tree/main")
    assert isinstance(await error_of(make(stall=0.2)), ProviderTimeoutError)


async def test_too_small_a_disk_is_told_before_the_download(
    there: HubDouble, models: EmbeddedModels
) -> None:
    there.sizes[FILE] = 10**18
    error = await error_of(models)
    assert isinstance(error, DownloadError)
    assert "no room" in error.message
    assert there.store.requests == []


@pytest.mark.skipif(os.name != "posix", reason="limits of a process")
async def test_a_disk_that_fills_up_keeps_what_came(
    there: HubDouble, models: EmbeddedModels, content: bytes, folder: Path
) -> None:
    import resource

    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (300_000, hard))
    try:
        error = await error_of(models)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert isinstance(error, DownloadError)
    assert "disk is full" in error.message
    (part,) = parts(folder)
    assert 0 < part.stat().st_size <= 300_000
    model = await models.add(SOURCE)
    assert Path(model.path).read_bytes() == content


async def test_the_same_download_twice_at_once_is_one(
    there: HubDouble, models: EmbeddedModels
) -> None:
    there.store.pause_at = 300_000
    first = asyncio.create_task(models.add(SOURCE))
    await asyncio.to_thread(there.store.paused.wait, 30)
    second = asyncio.create_task(models.add(SOURCE))
    (flight,) = models._downloads._flights.values()
    await until(lambda: len(flight.listeners) == 2)
    # The first one leaves, and the second still gets it.
    first.cancel()
    with pytest.raises(asyncio.CancelledError):
        await first
    there.store.go_on.set()
    assert (await second).name == "Model-Q4_K_M"
    assert len(there.store.requests) == 1


async def test_two_kernels_download_it_once(there: HubDouble, make: Make) -> None:
    there.store.pause_at = 300_000
    first = asyncio.create_task(make().add(SOURCE))
    await asyncio.to_thread(there.store.paused.wait, 30)
    told: list[str] = []
    second = asyncio.create_task(
        make().add(SOURCE, report=lambda progress: told.append(progress.phase))
    )
    await until(lambda: "Another notebook is downloading Model-Q4_K_M" in told)
    there.store.go_on.set()
    assert await first == await second
    assert len(there.store.requests) == 1


async def test_a_download_under_way_is_not_removed(
    there: HubDouble, models: EmbeddedModels
) -> None:
    there.store.pause_at = 300_000
    task = asyncio.create_task(models.add(SOURCE))
    await asyncio.to_thread(there.store.paused.wait, 30)
    with pytest.raises(UsageError, match="is being downloaded"):
        await models.remove("Model-Q4_K_M")
    there.store.go_on.set()
    await task


async def test_removing_an_unfinished_download_deletes_what_came(
    there: HubDouble, models: EmbeddedModels, folder: Path
) -> None:
    there.store.cuts = [200_000, 0, 0, 0]
    await error_of(models)
    removed = await models.remove("model-q4_k_m")
    assert removed.freed == 200_000
    assert [path for path in folder.rglob("*") if path.is_file()] == []
    assert [m for m in await models.list() if m.extra["own"]] == []


async def test_a_new_version_at_the_hub_replaces_the_file(
    there: HubDouble, models: EmbeddedModels, tmp_path: Path
) -> None:
    old = await models.add(SOURCE)
    newer = some_model(tmp_path / "new.gguf", kilobytes=100, seed=9).read_bytes()
    there.put(REPOSITORY, {FILE: newer})
    new = await models.add(SOURCE)
    assert (new.name, new.path) == (old.name, old.path)
    assert new.sha256 != old.sha256
    assert Path(new.path).read_bytes() == newer


async def test_a_split_model_comes_in_all_its_parts(
    hub: HubDouble, models: EmbeddedModels, tmp_path: Path
) -> None:
    files = split_model(tmp_path, "Big-Q8_0")
    hub.put("some/Big", {f"Q8_0/{f.name}": f.read_bytes() for f in files})
    told: list[Progress] = []
    model = await models.add("some/Big:Q8_0", report=told.append)
    assert model.name == "Big-Q8_0"
    assert [path.name for path in model.files] == [file.name for file in files]
    total = sum(file.stat().st_size for file in files)
    assert model.size == total
    assert max(p.done for p in told) == total
    assert {p.total for p in told if "Downloading" in p.phase} == {total}
    assert (await models.remove(model.name)).freed == total


async def test_a_redirect_to_where_nothing_is_encrypted_is_not_followed(
    there: HubDouble, models: EmbeddedModels
) -> None:
    there.elsewhere = "http://elsewhere.example/file.gguf"
    error = await error_of(models)
    assert isinstance(error, InvalidResponseError)
    assert "without encryption" in error.message


def test_a_redirect_of_another_machine_to_this_one_is_not_followed() -> None:
    web = Web(Redactor(), Timeouts(), "Elsewhere")
    asked = "https://elsewhere.example/file"
    with pytest.raises(InvalidResponseError, match="this machine"):
        web._redirected(asked, "http://127.0.0.1:8888/api")
    assert web._redirected(asked, "/next") == "https://elsewhere.example/next"


async def test_a_password_in_an_address_is_sent_and_told_to_nobody(
    hub: HubDouble, models: EmbeddedModels, content: bytes, home: Path
) -> None:
    hub.store.files["m.gguf"] = content
    address = f"http://me:hunter2222@localhost:{hub.store.port}/m.gguf"
    model = await models.add(address)
    assert hub.store.last.headers["authorization"].startswith("Basic ")
    assert "hunter2222" not in model.source
    files = [path for path in home.rglob("*") if path.is_file()]
    assert not any(b"hunter2222" in path.read_bytes() for path in files)
    hub.store.files.clear()
    error = await error_of(models, address.replace("m.gguf", "gone.gguf"))
    assert "hunter2222" not in str(error)
