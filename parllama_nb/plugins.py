"""Plugins: objects of other packages, found by their entry points.

A package names its object in its own pyproject:

    [project.entry-points."parllama_nb.providers"]
    acme = "acme_parllama:provider"

A test, or a notebook that tries one, hands the object over itself:

    pl.app().plugins.provide("parllama_nb.providers", "acme", AcmeProvider)

Plugins are looked up when they are first needed. One that cannot be loaded is logged
and listed with its reason, and does not affect the others.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Mapping
from importlib import metadata

__all__ = ["PROMPT_SOURCES", "PROVIDERS", "Plugins"]

_log = logging.getLogger(__name__)

PROVIDERS = "parllama_nb.providers"
"""The entry point group of providers; see `providers.registry` for its objects."""

PROMPT_SOURCES = "parllama_nb.prompt_sources"
"""The one of sources of prompts; see `prompting.sources.registry`."""


class Plugins:
    """The plugins of the installed packages, by group and name."""

    def __init__(self) -> None:
        self.failures: dict[str, str] = {}
        """Why a plugin is not used, in one line, by its name."""
        self._lock = threading.RLock()
        self._loaded: dict[str, Mapping[str, object]] = {}

    def load(self, group: str) -> Mapping[str, object]:
        """Return the objects of a group by their names. Each is loaded only once.

        It is the same mapping until one is provided.
        """
        with self._lock:
            if group not in self._loaded:
                self._loaded[group] = self._load(group)
            return self._loaded[group]

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
        """Add a plugin to `failures`, and log it."""
        reason = " ".join(reason.split())
        self.failures[name] = reason
        _log.warning("plugin %s is not used: %s", name, reason)

    def _load(self, group: str) -> dict[str, object]:
        loaded: dict[str, object] = {}
        for point in metadata.entry_points(group=group):
            try:
                loaded[point.name] = point.load()
            # A module that calls sys.exit when imported must not end the kernel.
            except (Exception, SystemExit) as error:  # noqa: BLE001 - listed
                self.reject(point.name, f"{type(error).__name__}: {error}")
        return loaded
