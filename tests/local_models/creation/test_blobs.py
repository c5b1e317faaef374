"""A file travels once, is what it was, and every fault on its way is one clear line."""

from __future__ import annotations

import asyncio
import hashlib
import os
import random
import threading
from pathlib import Path

import psutil
import pytest

from parllama_nb.errors import (
    AuthenticationError,
    ConnectionFailedError,
    ParllamaError,
    ProviderTimeoutError,
    ServerError,
    UsageError,
)
from parllama_nb.events import Progress
from parllama_nb.local_models.creation import blobs
from parllama_nb.local_models.creation.blobs import digest_of, upload_blob, upload_blobs
from tests.servers.blob_sink import BlobSink
from tests.servers.ollama import OllamaDouble

from .conftest import Connect, Reports

_SIZE = 9 << 20
PASSWORD = "hunter22-/+=pw"


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "weights.gguf"
    path.write_bytes(random.Random(7).randbytes(_SIZE))
    return path


def _write(path: Path, data: bytes) -> None:
    path.write_bytes(data)


def _change_unseen(path: Path) -> None:
    stat = path.stat()
    path.write_bytes(bytes(_SIZE))
    os.utime(path, ns=(stat.st_atime_ns, stat.st_mtime_ns))


def sha256(path: Path) -> str:
    return f"sha256:{hashlib.sha256(path.read_bytes()).hexdigest()}"


async def test_a_file_arrives_as_it_is_and_says_how_far_it_is(
    path: Path, sink: BlobSink, connect: Connect, report: Reports
) -> None:
    digest = await upload_blob(connect(sink.url), path, report)

    assert digest == sha256(path)
    assert sink.blobs == {digest}
    assert report.phases == ["Checking weights.gguf", "Uploading weights.gguf"]
    assert report[-1] == Progress("Uploading weights.gguf", _SIZE, _SIZE, "bytes")
    done = [each.done for each in report if each.phase.startswith("Uploading")]
    assert done == sorted(done)
    assert done[0] == 0


@pytest.mark.parametrize("size", [0, 1, (2 << 20) - 1, 2 << 20, (2 << 20) + 1])
async def test_every_size_arrives(
    size: int, tmp_path: Path, sink: BlobSink, connect: Connect, report: Reports
) -> None:
    path = tmp_path / "m.gguf"
    path.write_bytes(random.Random(size).randbytes(size))
    assert await upload_blob(connect(sink.url), path, report) in sink.blobs


async def test_what_the_server_has_does_not_travel(
    path: Path, sink: BlobSink, connect: Connect, report: Reports
) -> None:
    client = connect(sink.url)
    await upload_blob(client, path, report)
    received = sink.received

    await upload_blob(client, path, report)

    assert sink.received == received
    assert [method for method, *_ in sink.requests] == ["HEAD", "POST", "HEAD"]


async def test_a_file_is_hashed_again_only_if_it_changed(
    path: Path, report: Reports
) -> None:
    first = await digest_of(path, report)
    hashed = len(report)
    assert await digest_of(path, report) == first
    assert len(report) == hashed

    _write(path, b"other")
    assert await digest_of(path, report) == sha256(path) != first


async def test_a_password_in_the_address_and_a_key_are_sent(
    path: Path, connect: Connect, report: Reports
) -> None:
    with OllamaDouble(login=f"me:{PASSWORD}") as double:
        url = f"http://me:{PASSWORD.replace('/', '%2F')}@{double.host}"
        digest = await upload_blob(connect(url), path, report)
        assert digest in double.library.blobs

        with pytest.raises(AuthenticationError) as caught:
            await upload_blob(connect(double.url), path, report)
        assert PASSWORD not in f"{caught.value}{caught.value.hint}"
    with BlobSink() as sink:
        await upload_blob(connect(sink.url, key="sk-a-key"), path, report)
        assert all(h["authorization"] == "Bearer sk-a-key" for *_, h in sink.requests)


async def test_a_full_disk_of_the_server_is_said(
    path: Path, sink: BlobSink, connect: Connect, report: Reports
) -> None:
    sink.full_after = 3 << 20
    with pytest.raises(ServerError, match="no space left on device") as caught:
        await upload_blob(connect(sink.url), path, report)
    assert "disk is full" in (caught.value.hint or "")
    assert not caught.value.retriable


async def test_a_server_that_comes_back_gets_the_file_once_more(
    path: Path, sink: BlobSink, connect: Connect, report: Reports
) -> None:
    sink.dies_after = 3 << 20
    again = BlobSink(port=sink.port)

    def revive(progress: Progress) -> None:
        report(progress)
        if "waiting" in progress.phase:
            sink.stopped.wait()
            again.__enter__()

    try:
        digest = await upload_blob(connect(sink.url), path, revive)
        assert again.blobs == {digest}
    finally:
        again.stop()
    assert "The server is gone; waiting for it" in report.phases


async def test_after_a_restart_no_file_of_a_model_is_missing(
    path: Path, tmp_path: Path, sink: BlobSink, connect: Connect, report: Reports
) -> None:
    small = tmp_path / "config.json"
    small.write_text("{}")
    sink.dies_after = 3 << 20
    again = BlobSink(port=sink.port)

    def revive(progress: Progress) -> None:
        if "waiting" in progress.phase:
            sink.stopped.wait()
            again.__enter__()

    try:
        files = {"config.json": small, "model.safetensors": path}
        digests = await upload_blobs(connect(sink.url), files, revive)
        assert again.blobs == set(digests.values())
    finally:
        again.stop()
    assert list(digests) == list(files)


async def test_a_server_that_stays_away_is_an_error(
    path: Path,
    sink: BlobSink,
    connect: Connect,
    report: Reports,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(blobs, "_PATIENCE", 0.2)
    monkeypatch.setattr(blobs, "_PAUSE", 0.05)
    sink.dies_after = 3 << 20
    with pytest.raises(ConnectionFailedError, match="closed the connection"):
        await upload_blob(connect(sink.url), path, report)


async def test_a_server_that_was_never_there_is_not_waited_for(
    path: Path, connect: Connect, report: Reports
) -> None:
    with BlobSink() as sink:
        url = sink.url
    with pytest.raises(ConnectionFailedError, match="no connection"):
        await upload_blob(connect(url), path, report)
    assert "The server is gone; waiting for it" not in report.phases


async def test_a_server_that_takes_no_more_is_an_error_in_time(
    path: Path, sink: BlobSink, connect: Connect, report: Reports
) -> None:
    sink.stalls_after = 1 << 20
    with pytest.raises(ProviderTimeoutError, match="no sign that it takes the file"):
        await upload_blob(connect(sink.url, stall=0.3), path, report)


async def test_a_cancel_ends_the_request_and_closes_the_file(
    path: Path, sink: BlobSink, connect: Connect, report: Reports
) -> None:
    sink.stalls_after = 1 << 20
    client = connect(sink.url)
    task = asyncio.create_task(upload_blob(client, path, report))
    await asyncio.to_thread(sink.arrived.wait)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    sink.stop()
    await client.retire()
    assert str(path) not in {each.path for each in psutil.Process().open_files()}


async def test_a_cancel_ends_the_hashing(path: Path, report: Reports) -> None:
    begun, go_on = threading.Event(), threading.Event()

    def slow(progress: Progress) -> None:
        report(progress)
        begun.set()
        go_on.wait()

    task = asyncio.create_task(digest_of(path, slow))
    await asyncio.to_thread(begun.wait)
    task.cancel()
    go_on.set()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert report[-1].done < _SIZE


async def test_a_file_that_changes_on_its_way_is_said_and_hashed_anew(
    path: Path, sink: BlobSink, connect: Connect, report: Reports
) -> None:
    client = connect(sink.url)
    await digest_of(path, report)
    _change_unseen(path)

    with pytest.raises(UsageError, match="changed while it was sent"):
        await upload_blob(client, path, report)
    assert await upload_blob(client, path, report) == sha256(path)


async def test_a_file_that_becomes_shorter_on_its_way_is_said(
    path: Path, sink: BlobSink, connect: Connect, report: Reports
) -> None:
    def cut(progress: Progress) -> None:
        if progress.phase.startswith("Uploading") and not progress.done:
            os.truncate(path, 1 << 20)

    with pytest.raises(UsageError, match="changed while it was sent"):
        await upload_blob(connect(sink.url), path, cut)


@pytest.mark.parametrize("name", ["none.gguf", "."])
async def test_a_file_that_cannot_be_read_is_said(
    name: str, tmp_path: Path, sink: BlobSink, connect: Connect, report: Reports
) -> None:
    with pytest.raises(ParllamaError, match=r"no file|cannot be read") as caught:
        await upload_blob(connect(sink.url), tmp_path / name, report)
    assert caught.value.__context__ is None
