"""The list of the user's own models, and the files it names, changed together.

All of it blocks, and runs in a thread.
"""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Generator, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from ...errors import DownloadError, StoppedError, UsageError
from ...events import Progress
from ...providers.embedded.own_models import OwnModel, OwnModels, derived_name
from ...providers.single_flight import Report
from ...weights.gguf_facts import GGUFFacts
from ...weights.split_files import part_paths
from ..downloads.part_files import remove_traces, room_for

__all__ = [
    "Removed",
    "begun",
    "complete_at",
    "copied",
    "copy_of",
    "given_up",
    "is_below",
    "kept",
    "remove_demo",
    "remove_own",
]

_CHUNK = 4 << 20


@dataclass(frozen=True, slots=True)
class Removed:
    """A model that was removed; `kept` is its file if that stays, `freed` in bytes."""

    name: str
    freed: int
    kept: str = ""


def begun(own: OwnModels, path: Path, source: str, name: str | None) -> OwnModel:
    """Return the model of a file that is being downloaded; lists it unless it is.

    Raises:
        UsageError: the name is taken.
        StoreError: the list cannot be changed.

    """
    own.folder.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    with own.change() as models:
        return _entry(models, path, source, name)


def kept(  # noqa: PLR0913, PLR0917 - what a model is made of
    own: OwnModels,
    path: Path,
    source: str,
    name: str | None,
    facts: GGUFFacts,
    sha256: str = "",
) -> OwnModel:
    """List a model whose file is whole, and return it.

    Raises:
        UsageError: the name is taken.
        StoreError: the list cannot be changed.

    """
    mtime_ns = path.stat().st_mtime_ns
    with own.change() as models:
        entry = _entry(models, path, source, name)
        same = [one for one in models.values() if one.path == entry.path]
        for one in same:
            models[one.name] = one.described(facts, mtime_ns, sha256)
        return models[entry.name]


def given_up(own: OwnModels, path: Path) -> None:
    """Forget the models of a file of which nothing has come."""
    with own.change() as models:
        for one in list(models.values()):
            if one.path == str(path) and not one.complete:
                del models[one.name]


def complete_at(own: OwnModels, path: Path) -> OwnModel | None:
    """Return the model of a file, if that is whole and as it was."""
    same = (one for one in own.all() if one.path == str(path) and not one.state)
    return next(same, None)


def copy_of(own: OwnModels, source: str, facts: GGUFFacts) -> Path | None:
    """Return the copy in our folder of a file, None if there is none of that size."""
    for one in own.all():
        path = Path(one.path)
        same = one.source == source and one.size == facts.size and not one.state
        if same and is_below(path, own.folder):
            return path
    return None


def copied(own: OwnModels, path: Path, report: Report, stop: threading.Event) -> Path:
    """Copy a model's files into our folder; returns the path of the first copy.

    Raises:
        DownloadError: they cannot be stored.
        StoppedError: `stop` was set; nothing is left behind.

    """
    files = part_paths(path)
    total = sum(file.stat().st_size for file in files)
    reason = ""
    whole = False
    folder: Path | None = None
    try:
        folder = _new_folder(own.folder / "copied", path.stem)
        room_for(folder, total)
        done = 0
        for file in files:
            with contextlib.closing(_copy(file, folder / file.name)) as pieces:
                for length in pieces:
                    done += length
                    report(Progress(f"Copying {path.name}", done, total, "bytes"))
                    if stop.is_set():
                        break
        whole = not stop.is_set()
    except OSError as error:
        reason = error.strerror or type(error).__name__
    finally:
        if not whole and folder is not None:
            _remove_folder(folder)
    if reason or folder is None:
        message = f"{path.name} cannot be copied: {reason}."
        raise DownloadError(message, hint="Add it without a copy, or make room.")
    if not whole:
        message = "The copy was stopped."
        raise StoppedError(message)
    return folder / path.name


def is_below(path: Path, folder: Path) -> bool:
    """Whether a file lies in a folder, and not only a link to it."""
    return path.resolve().is_relative_to(folder.resolve())


def remove_demo(name: str, path: Path) -> Removed:
    """Delete the file of a model that the engine knows by name."""
    with _unused(path, name):
        path.with_name(f"{path.name}.verified.json").unlink(missing_ok=True)
        return Removed(name, remove_traces(path))


def remove_own(own: OwnModels, model: OwnModel, *, delete_file: bool) -> Removed:
    """Forget a model; delete its files if they lie in our folder and no other has them.

    Raises:
        UsageError: it is being downloaded.
        StoreError: the list cannot be changed.

    """
    path = Path(model.path)
    ours = is_below(path, own.folder)
    with contextlib.ExitStack() as stack:
        if ours:
            stack.enter_context(_unused(path, model.name))
        with own.change() as models:
            models.pop(model.name, None)
            shared = any(one.path == model.path for one in models.values())
        if not (ours and delete_file) or shared:
            return Removed(model.name, 0, model.path if path.exists() else "")
        freed = sum(map(remove_traces, model.files))
    for folder in path.parents:
        if folder == own.folder or not folder.is_relative_to(own.folder):
            break
        with contextlib.suppress(OSError):  # it holds other models
            folder.rmdir()
    return Removed(model.name, freed)


def _entry(
    models: dict[str, OwnModel], path: Path, source: str, name: str | None
) -> OwnModel:
    """Return the model of a file and a name; makes one that is unfinished."""
    same = [one for one in models.values() if one.path == str(path)]
    if name is None and same:
        return same[0]
    taken = {one.name.casefold(): one for one in models.values()}
    if name is not None and name.casefold() in taken:
        there = taken[name.casefold()]
        if there.path == str(path):
            return there
        message = f"There is a model {there.name} already, of {there.source}."
        raise UsageError(message, hint="Give another name, or remove that one first.")
    free, number = name or derived_name(path.name), 1
    while free.casefold() in taken:
        number += 1
        free = f"{derived_name(path.name)}-{number}"
    now = datetime.now(UTC).isoformat(timespec="microseconds")
    models[free] = OwnModel(free, str(path), source, now, complete=False)
    return models[free]


def _copy(file: Path, target: Path) -> Generator[int, None, None]:
    """Copy a file, and yield the length of each piece."""
    with file.open("rb") as source, target.open("wb") as copy:
        while piece := source.read(_CHUNK):
            copy.write(piece)
            yield len(piece)


def _new_folder(parent: Path, name: str) -> Path:
    """Make a folder of this name, or of a similar one that nobody has."""
    parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    number = 1
    while True:
        folder = parent / (name if number == 1 else f"{name}-{number}")
        try:
            folder.mkdir(mode=0o700)
        except FileExistsError:
            number += 1
        else:
            return folder


def _remove_folder(folder: Path) -> None:
    for file in folder.glob("*"):
        file.unlink(missing_ok=True)
    with contextlib.suppress(OSError):
        folder.rmdir()


@contextlib.contextmanager
def _unused(path: Path, name: str) -> Iterator[None]:
    """Hold the lock of a file's download, which nobody else may hold."""
    from filelock import FileLock, Timeout  # noqa: PLC0415 - seldom needed

    if not path.parent.is_dir():
        yield
        return
    lock = FileLock(path.with_name(f"{path.name}.lock"), timeout=0, mode=0o600)
    with contextlib.suppress(Timeout):
        lock.acquire()
    if not lock.is_locked:
        message = f"{name} is being downloaded."
        raise UsageError(message, hint="Stop its download first.")
    try:
        yield
    finally:
        lock.release()
