"""What other packages bring, found by entry points.

A package names its object in its own pyproject:

    [project.entry-points."parllama_nb.providers"]
    acme = "acme_parllama:provider"

A test, or a notebook that tries one, hands the object over itself:

    pl.app().plugins.provide("parllama_nb.providers", "acme", AcmeProvider)

Nothing is looked for before it is needed. A plugin that cannot be loaded is logged and
listed with its reason, and never stands in the way of the others.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Mapping
from importlib import metadata

__all__ = ["PROVIDERS", "Plugins"]

_log = logging.getLogger(__name__)

PROVIDERS = "parllama_nb.providers"
"""The entry point group of providers; `providers.registry` says what it takes."""


class Plugins:
    """The objects that installed packages bring, by group and name."""

    def __init__(self) -> None:
        self.failures: dict[str, str] = {}
        """The reason, in one line, of every plugin that is not used, by its name."""
        self._lock = threading.RLock()
        self._loaded: dict[str, Mapping[str, object]] = {}

    def load(self, group: str) -> Mapping[str, object]:
        """The objects of a group by the names of their entry points, loaded once.

        It is the same mapping until one is provided.
        """
        with self._lock:
            found = self._loaded.get(group)
            if found is None:
                found = self._loaded[group] = self._load(group)
        return found

    def provide(self, group: str, name: str, plugin: object) -> None:
        """Use an object as if an installed package had named it in this group.

        It takes the place of one of the same name, unless that is in use already.
        """
        with self._lock:
            self._loaded[group] = {**self.load(group), name: plugin}

    def ignore_installed(self, group: str) -> None:
        """Do not load what installed packages name in this group."""
        with self._lock:
            self._loaded.setdefault(group, {})

    def reject(self, name: str, reason: str) -> None:
        """Put a plugin on the list of those that are not used, and log it."""
        reason = " ".join(reason.split())
        self.failures[name] = reason
        _log.warning("plugin %s is not used: %s", name, reason)

    def _load(self, group: str) -> dict[str, object]:
        loaded: dict[str, object] = {}
        for point in metadata.entry_points(group=group):
            try:
                loaded[point.name] = point.load()
            # A module that exits with its import must not take the kernel with it.
            except (Exception, SystemExit) as error:  # noqa: BLE001 - listed
                self.reject(point.name, f"{type(error).__name__}: {error}")
        return loaded
