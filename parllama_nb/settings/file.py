"""The settings of a user, shared by all kernels through `settings.json`.

The file holds only what differs from the defaults. A change reads it again under a
lock, sets its own keys and replaces the file, so that kernels do not lose each other's
changes, unknown keys stay, and a killed kernel leaves the old file or the new one.
Changes made by others are noticed at the next access.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ..errors import ParllamaError, SettingsError
from ..events import SettingsChanged
from .disk import VERSION, FileContent, Stamp, changing, load, stamp_of
from .keys import default, keys, lookup, path_of, read
from .keys import validated as _validated
from .model import PROVIDERS, Settings

__all__ = ["FileState", "SettingsFile"]


@dataclass(frozen=True, slots=True)
class FileState:
    """The condition of the file, as settings, doctor and the settings view show it.

    `problem` says in one line what is wrong, "" if nothing is. `ignored` holds the
    keys whose values are not used, with the reason; their defaults hold meanwhile.
    """

    path: Path | None = None
    problem: str = ""
    remedy: str = ""
    ignored: Mapping[str, str] = field(default_factory=dict)


class SettingsFile:
    """The current settings of a user. May be used on any thread.

    `check` gets each key and value of a change and returns them as they are to be
    saved, or raises UsageError; it knows the providers. `changed` is called after every
    change, whoever made it.
    """

    def __init__(
        self,
        path: Callable[[], Path],
        *,
        changed: Callable[[SettingsChanged], None] = lambda _event: None,
        check: Callable[[str, Any], tuple[str, Any]] = lambda key, value: (key, value),
    ) -> None:
        self._find_path = path
        self._path: Path | None = None
        self._changed = changed
        self._check = check
        self._lock = threading.RLock()
        self._stamp: Stamp = "never read"
        self._settings = Settings()
        self._state = FileState()
        self._was_read = False

    @property
    def current(self) -> Settings:
        """The settings as they are now; the file is read again if it has changed.

        Never fails: a file that cannot be read counts as absent, and `state` says what
        is wrong.
        """
        with self._lock:
            self._refresh()
            return self._settings

    @property
    def state(self) -> FileState:
        """The condition of the file."""
        with self._lock:
            self._refresh()
            return self._state

    def value(self, key: str) -> object:
        """Returns the value of a key.

        Raises:
            UsageError: there is no such setting.

        """
        return lookup(self.current, key)

    def changes(self) -> dict[str, object]:
        """Returns the values that differ from their defaults, by key."""
        settings = self.current
        values = {key: lookup(settings, key) for key in keys(settings.providers)}
        return {key: value for key, value in values.items() if value != default(key)}

    def update(self, values: Mapping[str, object]) -> Settings:
        """Change some settings together; may wait for the disk and for another kernel.

        Args:
            values: new values by their keys; None restores the default.

        Raises:
            UsageError: a key or a value is invalid; nothing is changed then.
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
                self._refresh()  # so that `changed` hears of this change alone
                for way, value in checked.items():
                    _put(data, way, value)
        return self.current

    def reset(self, *names: str) -> Settings:
        """Restore the defaults of these keys.

        Raises:
            UsageError: there is no such setting.
            SettingsError: the file cannot be written.

        """
        return self.update(dict.fromkeys(names))

    def _place(self) -> Path:
        try:
            return self._find_path()
        except ParllamaError as error:
            failure = SettingsError(error.message, hint=error.hint)
        raise failure

    def _refresh(self) -> None:
        path = self._path
        stamp: Stamp
        try:
            if path is None:
                # Remembered: finding it creates its directory, and every question
                # reads the settings.
                path = self._path = self._find_path()
            stamp = stamp_of(path)
        except ParllamaError as error:
            # No directory for it: the defaults hold, and only a change is refused.
            stamp = error.message
        if stamp == self._stamp:
            return
        content = FileContent(problem=str(stamp)) if path is None else load(path)
        settings, ignored = read(content.data)
        before, self._settings = self._settings, settings
        self._stamp = stamp
        ignored = _unknown(content.data) | ignored
        self._state = FileState(path, content.problem, content.remedy, ignored)
        changed = _differing(before, settings) if self._was_read else ()
        self._was_read = True
        if changed:
            self._changed(SettingsChanged(changed))


def _put(data: dict[str, Any], way: tuple[str, ...], value: object) -> None:
    """Set a value in nested data; None removes it, and groups that are empty then."""
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
    """Returns the name as the file spells it already, in whatever letter case."""
    same = [each for each in node if each.lower() == name]
    return same[-1] if same else name


def _differing(before: Settings, after: Settings) -> tuple[str, ...]:
    names = dict.fromkeys((*before.providers, *after.providers))
    return tuple(
        key for key in keys(names) if lookup(before, key) != lookup(after, key)
    )


def _unknown(data: Mapping[str, Any]) -> dict[str, str]:
    """Returns the unknown keys of a file, which stay in it, with the reason."""
    known = {VERSION, *keys(["NAME"])}
    groups = {key.rpartition(".")[0] for key in known} | {PROVIDERS}
    unknown: dict[str, str] = {}

    def walk(node: Mapping[str, Any], before: str, generic: str) -> None:
        for name, value in node.items():
            each = f"{generic}{'NAME' if generic == f'{PROVIDERS}.' else name}"
            if isinstance(value, dict) and each in groups:
                walk(value, f"{before}{name}.", f"{each}.")
            elif each not in known | groups:
                unknown[f"{before}{name}"] = "there is no such setting"

    walk(data, "", "")
    return unknown
