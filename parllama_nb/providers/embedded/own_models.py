"""The list of the user's own models: which files, from where, under which names.

It is a JSON file in the data directory, shared by all kernels of a user: written as a
whole, under a lock. Beside it is the folder of the files that were downloaded or copied
for it. Reading never fails: a file that is wrong reads as empty, together with the
problem, and is moved aside by the next change.
"""

from __future__ import annotations

import contextlib
import json
import re
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any, Self

from ...errors import StoreError, UsageError
from ...weights.gguf_facts import GGUFFacts
from ...weights.split_files import part_paths
from ...whole_files import locked, move_aside, replace_file
from .known_models import MODELS

__all__ = ["OwnModel", "OwnModels", "check_name", "derived_name"]

_FILE = "embedded-models.json"
_FOLDER = "embedded-models"
_VERSION = 1
_LARGEST = 4_000_000

_NAME = re.compile(r"[^\W_][\w.:+@-]{0,127}")


@dataclass(frozen=True, slots=True)
class OwnModel:
    """A model of the user's own.

    `path` is its file, the first one of a split model; `source` is what it was added
    from, without any password; `added` is in ISO 8601. `size` is in bytes of all parts;
    with `mtime_ns`, of the first part, it tells whether the file has changed. One that
    is not `complete` is downloaded in part. The rest is what the file itself says.
    """

    name: str
    path: str
    source: str
    added: str
    complete: bool = True
    size: int = 0
    mtime_ns: int = 0
    sha256: str = ""
    architecture: str = ""
    quantization: str = ""
    parameter_size: str = ""
    context_window: int | None = None
    pooling: str = ""
    capabilities: tuple[str, ...] = ()

    def described(self, facts: GGUFFacts, mtime_ns: int, sha256: str = "") -> Self:
        """Return the model with what its file, of this time, says of itself."""
        return replace(
            self,
            complete=True,
            sha256=sha256,
            size=facts.size,
            mtime_ns=mtime_ns,
            architecture=facts.architecture,
            quantization=facts.quantization,
            parameter_size=facts.parameter_size,
            context_window=facts.context_window,
            pooling=facts.pooling,
            capabilities=tuple(sorted(facts.capabilities)),
        )

    @property
    def files(self) -> tuple[Path, ...]:
        """All files of the model."""
        return part_paths(Path(self.path))

    @property
    def state(self) -> str:
        """What is wrong: "unfinished", "missing" or "changed", else "".

        Asks the disk.
        """
        if not self.complete:
            return "unfinished"
        try:
            stats = [file.stat() for file in self.files]
        except OSError:
            return "missing"
        same = sum(stat.st_size for stat in stats) == self.size
        return "" if same and stats[0].st_mtime_ns == self.mtime_ns else "changed"


class OwnModels:
    """The list on disk. From any thread; `change` blocks."""

    def __init__(self, data_dir: Callable[[], str]) -> None:
        self._data_dir = data_dir
        self._read: tuple[object, dict[str, OwnModel], str] = (None, {}, "")

    @property
    def folder(self) -> Path:
        """The folder of the files that belong to the list; it may not exist yet."""
        return Path(self._data_dir(), _FOLDER)

    @property
    def problem(self) -> str:
        """What is wrong with the list in one line, "" if nothing is."""
        self._load()
        return self._read[2]

    def all(self) -> list[OwnModel]:
        """Return all models, the newest first."""
        return sorted(self._load().values(), key=lambda one: one.added, reverse=True)

    def find(self, name: str) -> OwnModel | None:
        """Return a model by its name in any case of letters, None if there is none."""
        models = self._load()
        found = models.get(name)
        if found is None:
            folded = name.casefold()
            same = (one for one in models.values() if one.name.casefold() == folded)
            found = next(same, None)
        return found

    @contextlib.contextmanager
    def change(self) -> Iterator[dict[str, OwnModel]]:
        """Lend the models by name for a change, under a lock; writes them at the end.

        Raises:
            StoreError: the list cannot be locked, read or written; it is unchanged.

        """
        path = self._path
        reason = ""
        try:
            with locked(path, StoreError):
                models, problem, is_fixed = _read(path)
                if is_fixed:
                    raise StoreError(problem, hint="The list was not changed.")
                before = dict(models)
                yield models
                if models != before or problem:
                    if problem and path.exists():
                        move_aside(path)
                    _write(path, models)
        except OSError as error:
            reason = error.strerror or type(error).__name__
        if reason:
            message = f"{path}: {reason}."
            raise StoreError(message, hint="Is the disk full or read-only?")

    @property
    def _path(self) -> Path:
        return Path(self._data_dir(), _FILE)

    def _load(self) -> dict[str, OwnModel]:
        path = self._path
        try:
            stat = path.stat()
            stamp: object = (str(path), stat.st_mtime_ns, stat.st_size, stat.st_ino)
        except OSError:
            stamp = (str(path), None)
        if self._read[0] != stamp:
            models, problem, _ = _read(path)
            self._read = (stamp, models, problem)
        return self._read[1]


def check_name(name: str) -> str:
    """Return a name that a user gives, without spaces around it.

    Raises:
        UsageError: a model cannot have this name.

    """
    name = name.strip()
    if name.casefold() in MODELS:
        message = f"{name!r} is the name of the engine's own model."
        raise UsageError(message, hint="Give another name.")
    if _NAME.fullmatch(name) and not name.lower().endswith(".gguf"):
        return name
    message = f"{name!r} cannot be the name of a model."
    hint = "Letters, digits and . _ : + @ - make a name; it does not end in .gguf."
    raise UsageError(message, hint=hint)


def derived_name(file_name: str) -> str:
    """Return the name that a model gets by itself from the name of its file."""
    stem = re.sub(r"(-\d{5}-of-\d{5})?\.gguf$", "", file_name, flags=re.IGNORECASE)
    name = re.sub(r"[^\w.:+@-]+", "-", stem).strip("-_.:+@")[:100] or "model"
    return f"{name}-own" if name.casefold() in MODELS else name


def _read(path: Path) -> tuple[dict[str, OwnModel], str, bool]:
    """Return the models, what is wrong, and whether the file must not be changed."""
    try:
        with path.open("rb") as file:
            raw = file.read(_LARGEST + 1)
    except FileNotFoundError:
        return {}, "", False
    except OSError as error:
        return {}, f"{path} cannot be read: {error.strerror}.", True
    if len(raw) > _LARGEST:
        return {}, f"{path} is too large to hold a list of models.", False
    try:
        data = json.loads(raw)
        version = data["schema_version"]
        listed = [_model(entry) for entry in data["models"]]
    except (ValueError, TypeError, KeyError, RecursionError):
        return {}, f"{path} does not hold a list of models.", False
    if version != _VERSION:
        text = f"{path} was written by another release of parllama_nb."
        return {one.name: one for one in listed}, text, True
    return {one.name: one for one in listed}, "", False


def _model(entry: dict[str, Any]) -> OwnModel:
    """Return a model from its JSON; leaves out what this release does not know."""
    known = {name: entry[name] for name in OwnModel.__slots__ if name in entry}
    texts = ("name", "path", "source", "added")
    if not all(isinstance(known[name], str) for name in texts):
        raise TypeError
    known["capabilities"] = tuple(map(str, known.get("capabilities", ())))
    return OwnModel(**known)


def _write(path: Path, models: dict[str, OwnModel]) -> None:
    """Write the list in place of the file that is there."""
    data = {
        "schema_version": _VERSION,
        "models": [asdict(one) for one in models.values()],
    }
    text = json.dumps(data, indent=2, ensure_ascii=False) + "\n"
    # The name of a file may hold bytes that are no text.
    replace_file(path, text.encode("utf-8", "surrogatepass"))
