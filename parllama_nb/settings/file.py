"""The settings of a user, shared by all kernels: `settings.json`, as it is now.

It holds what was chosen and nothing else. A change reads the file anew under a lock,
alters its own keys and puts a new file in the old one's place, so that kernels do not
lose each other's changes, what is not known here stays, and a killed kernel leaves the
old file or the new one. What others change is noticed with the next use.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ..errors import ParllamaError, SettingsError
from ..events import SettingsChanged
from .disk import VERSION, Found, Stamp, changing, find, stamp_of
from .keys import default, keys, lookup, path_of, read
from .keys import validated as _validated
from .model import PROVIDERS, Settings

__all__ = ["FileState", "SettingsFile"]


@dataclass(frozen=True, slots=True)
class FileState:
    """How the file is, for whoever looks after it.

    `problem` says in one line what is wrong with it and is empty where nothing is;
    `ignored` says it of single keys, whose values are the defaults meanwhile.
    """

    path: Path | None = None
    problem: str = ""
    remedy: str = ""
    ignored: Mapping[str, str] = field(default_factory=dict)


class SettingsFile:
    """The settings of a user, as they are now. May be used on any thread.

    `check` gets each key and value of a change and gives them back as they are kept, or
    refuses them; it knows what the providers are. `changed` is told of every change,
    whoever made it.
    """

    def __init__(
        self,
        path: Callable[[], Path],
        *,
        changed: Callable[[SettingsChanged], None] = lambda _event: None,
        check: Callable[[str, Any], tuple[str, Any]] = lambda key, value: (key, value),
    ) -> None:
        self._path = path
        self._found: Path | None = None
        self._changed = changed
        self._check = check
        self._lock = threading.RLock()
        self._stamp: Stamp = "never looked at"
        self._settings = Settings()
        self._state = FileState()
        self._known = False

    @property
    def current(self) -> Settings:
        """The settings now; a file that changed is read anew.

        Never fails: what cannot be read is as if it were not there, and `state` says
        what is wrong.
        """
        with self._lock:
            self._look()
            return self._settings

    @property
    def state(self) -> FileState:
        """How the file is."""
        with self._lock:
            self._look()
            return self._state

    def value(self, key: str) -> object:
        """The value of a key.

        Raises:
            UsageError: there is no such setting.

        """
        return lookup(self.current, key)

    def changes(self) -> dict[str, object]:
        """What differs from its default, by key."""
        settings = self.current
        found = {key: lookup(settings, key) for key in keys(settings.providers)}
        return {key: value for key, value in found.items() if value != default(key)}

    def update(self, values: Mapping[str, object]) -> Settings:
        """Change some settings at once; may wait for the disk and for another kernel.

        Args:
            values: new values by their keys; None gives a key its default back.

        Raises:
            UsageError: a key or a value that cannot be; nothing is changed then.
            SettingsError: the file cannot be written; nothing is changed then.

        """
        checked: dict[tuple[str, ...], object] = {}
        for name, given in values.items():
            path_of(name)
            key, value = self._check(name.strip(), given)
            if value is not None:
                value = _validated(key, value)
            checked[path_of(key)] = value
        if checked:
            with self._lock, changing(self._place()) as data:
                self._look()  # what it was before, to tell what has changed
                for way, value in checked.items():
                    _put(data, way, value)
        return self.current

    def reset(self, *names: str) -> Settings:
        """Give keys their defaults back.

        Raises:
            UsageError: there is no such setting.
            SettingsError: the file cannot be written.

        """
        return self.update(dict.fromkeys(names))

    def _place(self) -> Path:
        try:
            return self._path()
        except ParllamaError as error:
            failure = SettingsError(error.message, hint=error.hint)
        raise failure

    def _look(self) -> None:
        path = self._found
        stamp: Stamp
        try:
            if path is None:
                # Kept: to find it makes its directory, and every question asks here.
                path = self._found = self._path()
            stamp = stamp_of(path)
        except ParllamaError as error:
            # No place for it: all is as usual, and only a change is refused.
            stamp = error.message
        if stamp == self._stamp:
            return
        found = Found(problem=str(stamp)) if path is None else find(path)
        settings, ignored = read(found.data)
        before, self._settings = self._settings, settings
        self._stamp = stamp
        ignored = _unknown(found.data) | ignored
        self._state = FileState(path, found.problem, found.remedy, ignored)
        told = _differing(before, settings) if self._known else ()
        self._known = True
        if told:
            self._changed(SettingsChanged(told))


def _put(data: dict[str, Any], way: tuple[str, ...], value: object) -> None:
    """Set a value in nested data, or with None take it out; what is empty goes too."""
    *groups, last = way
    nodes = [data]
    for part in groups:
        name = _written(nodes[-1], part)
        inner = nodes[-1].get(name)
        if not isinstance(inner, dict):
            if value is None:
                return
            inner = nodes[-1][name] = {}
        nodes.append(inner)
    if value is not None:
        nodes[-1][last] = value
        return
    nodes[-1].pop(last, None)
    for part, outer in reversed(list(zip(groups, nodes, strict=False))):
        name = _written(outer, part)
        if not outer[name]:
            del outer[name]


def _written(node: Mapping[str, Any], name: str) -> str:
    """The name as a file has it already, whatever its letter case."""
    same = [each for each in node if each.lower() == name]
    return same[-1] if same else name


def _differing(before: Settings, after: Settings) -> tuple[str, ...]:
    names = dict.fromkeys((*before.providers, *after.providers))
    return tuple(
        key for key in keys(names) if lookup(before, key) != lookup(after, key)
    )


def _unknown(data: Mapping[str, Any]) -> dict[str, str]:
    """The keys of a file that mean nothing here; they are kept."""
    known = {VERSION, *keys(["NAME"])}
    groups = {key.rpartition(".")[0] for key in known} | {PROVIDERS}
    found: dict[str, str] = {}

    def walk(node: Mapping[str, Any], before: str, generic: str) -> None:
        for name, value in node.items():
            each = f"{generic}{'NAME' if generic == f'{PROVIDERS}.' else name}"
            if isinstance(value, dict) and each in groups:
                walk(value, f"{before}{name}.", f"{each}.")
            elif each not in known | groups:
                found[f"{before}{name}"] = "there is no such setting"

    walk(data, "", "")
    return found
