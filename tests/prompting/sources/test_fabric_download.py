"""Fabric's archive from a server: kept, asked for again, cancelled, and failing."""

from __future__ import annotations

import asyncio
import datetime as dt
import errno
import ipaddress
import os
import random
import shutil
import ssl
import threading
from collections.abc import AsyncIterator
from pathlib import Path
from typing import IO, NamedTuple

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from tests.prompts.sources.zips import Member, fabric_zip, written

from parllama_nb.errors import (
    BadRequestError,
    ConnectionFailedError,
    InvalidResponseError,
    ParllamaError,
    ProviderError,
    StoreError,
    UsageError,
)
from parllama_nb.events import Events, Progress, ProgressChanged
from parllama_nb.jobs import Job, JobRunner
from parllama_nb.prompting.sources import download
from parllama_nb.prompting.sources.download import Downloader
from parllama_nb.prompting.sources.download_errors import redirected
from parllama_nb.prompting.sources.fabric.source import ADDRESS, FabricSource
from parllama_nb.prompting.sources.source import Found, SourceContext
from parllama_nb.prompting.sources.zip_files.archive import Limits
from parllama_nb.runtime import Runtime
from tests.servers.archive import ArchiveServer, Manner

LOCAL = "Or name a local zip: %parllama prompts import fabric FILE.zip"
LARGE = fabric_zip({"large/README.md": random.Random(3).randbytes(400_000)})


@pytest.fixture
async def server() -> AsyncIterator[ArchiveServer]:
    async with ArchiveServer(fabric_zip()) as running:
        yield running


class Reading:
    """One user's readings from a server, with what is kept of them."""

    def __init__(self, folder: Path, server: ArchiveServer, stall: float = 20) -> None:
        self.folder = folder / "cache"
        self.source = FabricSource(server.url, stall=stall)
        self.log: list[Progress] = []

    async def __call__(
        self, location: str | None = None, *, refresh: bool = False
    ) -> Found:
        self.log.clear()
        context = SourceContext(lambda: self.folder)
        return await self.source.read(
            location, self.log.append, context, refresh=refresh
        )

    async def fails(self, location: str | None = None) -> ParllamaError:
        with pytest.raises(ParllamaError) as caught:
            await self(location)
        error = caught.value
        assert error.message.isprintable()
        assert error.__context__ is None or error.__suppress_context__
        return error

    @property
    def kept(self) -> list[str]:
        return sorted(path.suffix for path in self.folder.rglob("*") if path.is_file())


@pytest.fixture
def reading(tmp_path: Path, server: ArchiveServer) -> Reading:
    return Reading(tmp_path, server)


async def test_a_download_is_kept_and_shows_every_phase(
    reading: Reading, server: ArchiveServer
) -> None:
    server.content = LARGE

    found = await reading()

    assert len(found.prompts) == 3
    assert found.origin == server.url
    assert found.from_cache is None
    assert reading.kept == [".json", ".zip"]
    phases = list(dict.fromkeys(each.phase for each in reading.log))
    assert phases == ["Downloading", "Extracting", "Caching", "Parsing"]
    percents = [each.percent or 0 for each in reading.log]
    assert percents == sorted(percents)
    assert percents[0] == 0
    assert percents[-1] == 90
    last = {each.phase: each for each in reading.log}
    size = len(server.content)
    assert last["Downloading"] == Progress(
        "Downloading", size, size, "bytes", percent=30
    )
    assert [last[phase].percent for phase in phases] == [30, 50, 60, 90]
    # Once is asked for, from whoever it is, with nothing of the user.
    assert "authorization" not in server.requests[0]
    assert "cookie" not in server.requests[0]


async def test_what_is_kept_is_used_as_long_as_the_server_has_no_other(
    reading: Reading, server: ArchiveServer
) -> None:
    first = await reading()
    again = await reading()
    assert again == first
    assert server.statuses == ["200", "304"]

    server.etag, server.content = '"two"', fabric_zip({"new/system.md": "Do it."})
    changed = await reading()
    assert len(changed.prompts) == 4
    assert reading.kept == [".json", ".zip"]

    server.etag, server.modified = "", "Sat, 19 Jul 2025 14:22:24 GMT"
    await reading()
    await reading()
    assert server.statuses[-2:] == ["200", "304"]

    await reading(refresh=True)
    assert server.statuses[-1] == "200"
    assert "if-modified-since" not in server.requests[-1]


async def test_what_is_kept_is_used_if_the_server_cannot_be_reached(
    tmp_path: Path, server: ArchiveServer
) -> None:
    reading, impatient = Reading(tmp_path, server), Reading(tmp_path, server, stall=0.3)
    first = await reading()
    record = next(reading.folder.rglob("*.json"))
    server.manner, server.etag = "silent", '"two"'
    offline = await impatient()
    assert offline.prompts == first.prompts
    assert offline.from_cache == pytest.approx(record.stat().st_mtime, abs=60)
    server.manner = "honest"
    for status in (403, 429, 500, 503):
        server.status, server.headers = status, {"X-RateLimit-Remaining": "0"}
        assert (await reading()).from_cache, status
    server.status, server.headers = 200, {}
    server.content_type, server.content = "text/html", b"<html>Log in</html>" * 9
    assert (await reading()).from_cache
    server.status = 404
    assert "no such file" in (await reading.fails()).message
    assert reading.kept == [".json", ".zip"]
    await server.__aexit__()
    offline = await reading()
    assert offline.from_cache
    assert offline.prompts == first.prompts
    with pytest.raises(ProviderError):
        await reading(refresh=True)
    assert reading.kept == [".json", ".zip"]


async def test_each_address_has_its_own_archive(
    reading: Reading, server: ArchiveServer
) -> None:
    await reading()
    await reading(f"{server.url}?token=s3cret-of-mine")
    assert server.statuses == ["200", "200"]
    assert reading.kept == [".json", ".json", ".zip", ".zip"]
    for path in reading.folder.rglob("*"):
        assert "s3cret" not in path.name
        assert path.is_dir() or b"s3cret" not in path.read_bytes()


@pytest.mark.parametrize("damage", ["cut", "changed", "another record", "no record"])
async def test_a_kept_archive_that_is_damaged_is_fetched_anew(
    reading: Reading, server: ArchiveServer, damage: str
) -> None:
    first = await reading()
    archive = next(reading.folder.rglob("*.zip"))
    record = next(reading.folder.rglob("*.json"))
    whole = archive.read_bytes()
    if damage == "cut":
        archive.write_bytes(whole[:-1])
    elif damage == "changed":
        archive.write_bytes(whole.replace(b"PK\1\2", b"PK\1\3"))
    elif damage == "another record":
        record.write_text('{"etag": 1, "modified": [], "size": "x", "fetched": null}')
    else:
        record.unlink()

    assert await reading() == first

    assert archive.read_bytes() == whole
    assert server.statuses[-1] == "200"


async def test_a_kept_archive_that_is_damaged_is_no_use_without_a_server(
    reading: Reading, server: ArchiveServer
) -> None:
    await reading()
    archive = next(reading.folder.rglob("*.zip"))
    archive.write_bytes(archive.read_bytes().replace(b"PK\1\2", b"PK\1\3"))
    server.status = 503
    assert "failed on its side" in (await reading.fails()).message
    assert reading.kept == []


class Failure(NamedTuple):
    words: str
    hint: str
    manner: Manner = "honest"
    status: int = 200
    headers: dict[str, str] = {}  # noqa: RUF012 - never changed
    content: bytes = LARGE
    content_type: str = "application/zip"

    def __str__(self) -> str:
        return " ".join(map(str, (*self[:3], self[4], self.content[:4], *self[6:])))


@pytest.mark.parametrize(
    "failure",
    [
        Failure("there is no such file (404)", "Check the address.", status=404),
        Failure("there is no such file (410)", "Check the address.", status=410),
        Failure("access was denied (401)", "Check the address.", status=401),
        Failure("access was denied (403)", "Check the address.", status=403),
        Failure(
            "too many requests (403)",
            "Try again in 2 min.",
            status=403,
            headers={"Retry-After": "120"},
        ),
        Failure(
            "too many requests (403)",
            "Try again later.",
            status=403,
            headers={"X-RateLimit-Remaining": "0"},
        ),
        Failure("too many requests (429)", "Try again later.", status=429),
        Failure("it failed on its side (502)", "Try again later.", status=502),
        Failure("refused (418)", "", status=418),
        Failure("refused (206)", "", status=206),
        Failure("the download broke off after", "Try again.", "cut"),
        Failure("the download broke off after", "Try again.", "length too long"),
        Failure("no further byte after", "It may be overloaded", "stalls"),
        Failure("no answer within 0.4 s", "It may be overloaded", "silent"),
        Failure("the file has more than 1.0 MB", "", "endless"),
        Failure("the file has more than 1.0 MB", "", "length absurd"),
        Failure(
            "sent a web page",
            "It has to be the address",
            content=b"<!DOCTYPE html><p>Log in",
        ),
        Failure(
            "sent a web page",
            "It has to be the address",
            content=b"x",
            content_type="text/html",
        ),
        Failure("sent nothing", "", content=b""),
        Failure("sent something else", "", content=b"Rar!" * 100),
        Failure("sent something else", "", content=b"\x1f\x8b" + LARGE),
    ],
    ids=str,
)
async def test_what_goes_wrong_is_one_line_with_a_way_out_and_leaves_no_file(
    tmp_path: Path, server: ArchiveServer, failure: Failure
) -> None:
    reading = Reading(tmp_path, server)
    stall = 0.4 if failure.manner in ("stalls", "silent") else 20
    reading.source = FabricSource(
        server.url, stall=stall, limits=Limits(archive=1_000_000)
    )
    server.manner, server.status, server.headers = failure[2:5]
    server.content, server.content_type = failure[5:]

    error = await reading.fails()

    assert error.message.startswith("Fabric: ")
    assert failure.words in error.message
    assert (error.hint or "").startswith(failure.hint)
    assert (error.hint or "").endswith(LOCAL)
    assert reading.kept == []


@pytest.mark.parametrize(
    "content",
    [
        LARGE[: len(LARGE) // 2],
        LARGE[:-1],
        written(Member("../system.md")),
        written(Member("a/system.md", bytes(3_000_000))),
        written(Member("a/other.md")),
    ],
)
async def test_an_archive_that_is_refused_is_not_kept(
    reading: Reading, server: ArchiveServer, content: bytes
) -> None:
    before = await reading()
    kept = {path: path.read_bytes() for path in reading.folder.rglob("*.*")}
    server.content, server.etag = content, '"two"'

    error = await reading.fails()

    assert isinstance(error, UsageError)
    assert error.message.startswith(server.url)
    assert error.hint
    assert {path: path.read_bytes() for path in reading.folder.rglob("*.*")} == kept
    server.etag = '"one"'
    assert await reading() == before


@pytest.mark.parametrize("manner", ["no length", "honest"])
async def test_an_archive_comes_with_and_without_its_length(
    reading: Reading, server: ArchiveServer, manner: Manner
) -> None:
    server.manner, server.content = manner, LARGE
    assert len((await reading()).prompts) == 3
    percents = [each.percent or 0 for each in reading.log]
    assert percents == sorted(percents)


async def test_a_length_that_is_too_short_gives_an_archive_that_is_cut_off(
    reading: Reading, server: ArchiveServer
) -> None:
    server.manner, server.content = "length too short", LARGE
    error = await reading.fails()
    assert "cut off" in error.message or "broke off" in error.message
    assert reading.kept == []


async def test_redirects_are_followed_a_few_times(
    reading: Reading, server: ArchiveServer
) -> None:
    server.redirects = {"/main.zip": "/main.zip"}
    assert "more than 5 redirects" in (await reading.fails()).message
    assert len(server.requests) == 6
    server.requests.clear()
    server.redirects = {"/main.zip": "/a.zip", "/a.zip": f"{server.url}?x=1"}
    assert len((await reading()).prompts) == 3
    assert [each["path"] for each in server.requests] == [
        "/main.zip",
        "/a.zip",
        "/main.zip?x=1",
    ]


async def test_a_redirect_to_a_file_is_not_followed(
    reading: Reading, server: ArchiveServer
) -> None:
    server.redirects = {"/main.zip": "file:///etc/passwd"}
    error = await reading.fails()
    assert error.message == (
        "Fabric: redirects to an address with file:, which is not followed."
    )
    assert error.hint == LOCAL


@pytest.mark.parametrize(
    ("asked", "location", "words"),
    [
        ("https://a.org/x", "http://a.org/x", "without encryption"),
        ("https://a.org/x", "//b.org/x", None),
        ("https://a.org/x", "y?z=1", None),
        ("http://a.org/x", "https://a.org/x", None),
        ("http://a.org/x", "http://b.org/x", None),
        ("https://a.org/x", "https://127.0.0.1/x", "this machine"),
        ("https://a.org/x", "https://localhost/x", "this machine"),
        ("https://a.org/x", "https://[::1]/x", "this machine"),
        ("http://a.org/x", "http://2130706433/x", "this machine"),
        ("http://a.org/x", "http://127.1/x", "this machine"),
        ("http://a.org/x", "http://0/x", "this machine"),
        ("http://a.org/x", "http://localhost./x", "this machine"),
        ("http://a.org/x", "http://[::ffff:127.0.0.1]/x", "this machine"),
        ("http://a.org/x", "http://169.254.169.254/x", "its network"),
        ("https://a.org/x", "https://10.0.0.1/x", "its network"),
        ("https://a.org/x", "https://192.168.1.1/x", "its network"),
        ("https://a.org/x", "https://[fd00::1]/x", "its network"),
        ("https://a.org/x", "https://140.82.121.4/x", None),
        ("http://192.168.1.1/x", "http://192.168.1.2/x", None),
        ("http://127.0.0.1/x", "http://localhost/x", None),
        ("https://a.org/x", "file:///etc/passwd", "with file:"),
        ("https://a.org/x", "ftp://a.org/x", "with ftp:"),
        ("https://a.org/x", "data:text/plain,x", "with data:"),
        ("https://a.org/x", "javascript:alert(1)", "with javascript:"),
        ("https://a.org/x", "https://me:secret@b.org/x", "a password"),
        ("https://a.org/x", "", "no address"),
        ("https://a.org/x", "https://[::1", "no address"),
    ],
)
def test_a_redirect_leads_to_nothing_less_safe(
    asked: str, location: str, words: str | None
) -> None:
    if words is None:
        assert redirected("Fabric", asked, location).startswith("http")
        return
    with pytest.raises(InvalidResponseError) as caught:
        redirected("Fabric", asked, location)
    assert words in caught.value.message
    assert "secret" not in str(caught.value)


@pytest.mark.parametrize(
    "address",
    [
        "ftp://a.org/x.zip",
        "file:///etc/passwd",
        "https://",
        "https:///x.zip",
        "https://[::1/x.zip",
        "https://me:secret@a.org/x.zip",
    ],
)
async def test_only_public_addresses_are_asked(reading: Reading, address: str) -> None:
    error = await reading.fails(address)
    assert isinstance(error, BadRequestError)
    assert "secret" not in str(error)
    assert error.hint == LOCAL


async def test_a_server_that_is_not_there_is_named(
    reading: Reading, server: ArchiveServer
) -> None:
    await server.__aexit__()
    error = await reading.fails()
    assert error.message.startswith(f"Fabric: no connection to {server.url[:16]}")
    assert LOCAL in (error.hint or "")


async def test_a_certificate_that_is_not_trusted_says_how_it_would_be(
    tmp_path: Path, server: ArchiveServer
) -> None:
    reading = Reading(tmp_path, server)
    tls = await asyncio.start_server(
        lambda _reader, writer: writer.close(), "127.0.0.1", 0, ssl=_untrusted(tmp_path)
    )
    port = tls.sockets[0].getsockname()[1]
    async with tls:
        error = await reading.fails(f"https://127.0.0.1:{port}/main.zip")
    assert "is not trusted" in error.message
    assert "SSL_CERT_FILE" in (error.hint or "")
    assert (error.hint or "").endswith(LOCAL)


def _untrusted(folder: Path) -> ssl.SSLContext:
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "127.0.0.1")])
    now = dt.datetime.now(dt.UTC)
    address = x509.IPAddress(ipaddress.ip_address("127.0.0.1"))
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - dt.timedelta(days=1))
        .not_valid_after(now + dt.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([address]), critical=False)
        .sign(key, hashes.SHA256())
    )
    pem = serialization.Encoding.PEM
    (folder / "cert.pem").write_bytes(
        certificate.public_bytes(pem)
        + key.private_bytes(
            pem,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
    )
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(folder / "cert.pem")
    return context


async def test_a_full_disk_is_said_before_and_while_it_fills(
    reading: Reading, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(file: IO[bytes], data: bytes, stop: threading.Event) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    with monkeypatch.context() as patched:
        patched.setattr(download, "_write", full)
        error = await reading.fails()
    assert isinstance(error, StoreError)
    assert error.message == "The disk is full; nothing was kept."
    assert reading.kept == []
    usage = shutil.disk_usage(reading.folder)._replace(free=10)
    monkeypatch.setattr(shutil, "disk_usage", lambda _: usage)
    assert (await reading.fails()).message == error.message
    assert reading.kept == []


async def test_a_cache_that_cannot_be_written_is_one_line(
    reading: Reading, tmp_path: Path
) -> None:
    (tmp_path / "cache").write_text("a file")
    error = await reading.fails()
    assert isinstance(error, StoreError)
    assert "PARLLAMA_NB_HOME" in (error.hint or "")


async def test_a_cancel_in_mid_download_leaves_no_file(
    reading: Reading, server: ArchiveServer
) -> None:
    server.manner, server.content = "waits", LARGE
    task = asyncio.ensure_future(reading())
    await server.half_sent.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert reading.kept == []


@pytest.mark.parametrize("phase", ["Downloading", "Extracting", "Caching", "Parsing"])
async def test_a_cancel_in_any_phase_leaves_no_partial_file(
    tmp_path: Path, server: ArchiveServer, phase: str
) -> None:
    loop = asyncio.get_running_loop()
    folder = tmp_path / "cache"

    def report(progress: Progress) -> None:
        if progress.phase == phase:
            loop.call_soon_threadsafe(task.cancel)

    context = SourceContext(lambda: folder)
    source = FabricSource(server.url)
    task = asyncio.ensure_future(source.read(None, report, context))
    with pytest.raises(asyncio.CancelledError):
        await task
    kept = sorted(path.suffix for path in folder.rglob("*") if path.is_file())
    assert kept in ([], [".json", ".zip"])
    found = await source.read(None, lambda _: None, context)
    assert len(found.prompts) == 3


async def test_what_a_killed_kernel_left_is_removed_after_a_day(
    reading: Reading, tmp_path: Path
) -> None:
    folder = tmp_path / "cache" / "prompts"
    folder.mkdir(parents=True)
    old, new = folder / "fabric-1.x.part", folder / "fabric-2.y.part"
    for part in (old, new):
        part.write_bytes(b"PK")
    os.utime(old, (1, 1))
    await reading()
    assert not old.exists()
    assert new.exists()


def test_a_job_of_it_sends_at_most_ten_messages_a_second(tmp_path: Path) -> None:
    path = tmp_path / "large.zip"
    path.write_bytes(
        fabric_zip({f"p{number}/system.md": f"Do {number}." for number in range(2_000)})
    )
    runtime, events = Runtime(), Events()
    seen: list[Progress] = []

    def listen(event: object) -> None:
        if isinstance(event, ProgressChanged):
            seen.append(event.progress)

    async def work(job: Job[Found]) -> Found:
        context = SourceContext(lambda: tmp_path / "cache")
        return await FabricSource().read(str(path), job.report, context)

    try:
        job = JobRunner(runtime, events).start("Importing", work, listener=listen)
        assert len(job.result().prompts) == 2_003
    finally:
        runtime.close()
    seconds = (job.finished or 0) - job.started
    # Beside those that a clock lets through, each phase's first, and the last.
    assert len(seen) <= seconds * 10 + 2 * len({each.phase for each in seen}) + 1
    assert seen[-1].percent == 90


@pytest.mark.parametrize("end", ["", "/", ".git"])
async def test_the_page_of_a_repository_stands_for_its_archive(
    reading: Reading, monkeypatch: pytest.MonkeyPatch, end: str
) -> None:
    asked = []

    async def fetch(_: Downloader, url: str, *rest: object) -> None:
        asked.append(url)
        message = "no network"
        raise ConnectionFailedError(message)

    monkeypatch.setattr(Downloader, "fetch", fetch)
    for location in (f"https://github.com/danielmiessler/fabric{end}", ADDRESS):
        await reading.fails(location)
    assert asked == [
        "https://github.com/danielmiessler/fabric/archive/HEAD.zip",
        ADDRESS,
    ]
