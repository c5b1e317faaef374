"""All sources of prompts: the built-in ones, and those of plugins.

A plugin is a subclass of `PromptSource`, which is made without arguments.
"""

from __future__ import annotations

import inspect
import re
from collections.abc import Mapping
from importlib import import_module
from typing import cast

from ...errors import UsageError
from ...fuzzy import near
from ...plugins import PROMPT_SOURCES, Plugins
from .guess import guess
from .source import PromptSource

__all__ = ["PromptSources"]

_BUILT_IN = {
    "fabric": (".fabric.source", "FabricSource"),
    "markdown": (".markdown.source", "MarkdownSource"),
    "csv": (".csv_list", "CSVSource"),
    "json": (".json_list", "JSONSource"),
    "parllama": (".parllama", "PARLlamaSource"),
    "llm": (".llm", "LLMSource"),
}
"""Which module of this package has a source, and its class."""

_OTHER_NAMES = {
    "md": "markdown",
    "tsv": "csv",
    "jsonl": "json",
    "yaml": "llm",
    "par-llama": "parllama",
    "par_llama": "parllama",
}
_NAME = re.compile(r"[a-z0-9][a-z0-9_.-]*")

_Brought = dict[str, type[PromptSource]]


class PromptSources:
    """Sources of prompts by name. Usable from any thread."""

    def __init__(self, plugins: Plugins) -> None:
        self.plugins = plugins
        self._brought: tuple[Mapping[str, object], _Brought] = {}, {}

    def names(self) -> list[str]:
        """Return all sources, the built-in ones first."""
        return [*_BUILT_IN, *self._plugins()]

    def all(self) -> list[PromptSource]:
        """Return all sources, in the order of `names`."""
        return [self.get(name) for name in self.names()]

    def get(self, name: str) -> PromptSource:
        """Return the source of this name; accepts any case.

        Raises:
            UsageError: there is no such source, or its plugin fails.

        """
        wanted = name.strip().lower()
        wanted = _OTHER_NAMES.get(wanted, wanted)
        if wanted in _BUILT_IN:
            module, attribute = _BUILT_IN[wanted]
            # By its name, so that a format is not paid for before it is used.
            loaded = getattr(import_module(module, __package__), attribute)
            return cast("type[PromptSource]", loaded)()
        brought = self._plugins().get(wanted)
        if brought is None:
            raise self._unknown(name.strip(), wanted)
        try:
            return brought()
        except Exception as error:  # noqa: BLE001 - a plugin's, whatever it is
            reason = f"{type(error).__name__}: {error}"
        self.plugins.reject(wanted, reason)
        message = f"The plugin of the source {wanted!r} cannot be used."
        raise UsageError(message, hint=self.plugins.failures[wanted])

    def guess(self, location: str) -> str:
        """Return the name of the source that a location probably belongs to.

        Raises:
            UsageError: it is unlike all of them; the hint names them.

        """
        name = guess(location, self.names())
        if name:
            return name
        message = f"{location!r:.200} is not like any source of prompts."
        hint = f"Name the source before it: {', '.join(self.names())}."
        raise UsageError(message, hint=hint)

    def _unknown(self, name: str, wanted: str) -> UsageError:
        names = self.names()
        reason = self.plugins.failures.get(wanted)
        offered = near(wanted, names)
        if reason:
            hint = f"Its plugin cannot be used: {reason}"
        elif offered:
            hint = f"Did you mean {' or '.join(offered)}?"
        else:
            hint = f"Available: {', '.join(names)}."
        return UsageError(f"There is no source of prompts {name!r:.60}.", hint=hint)

    def _plugins(self) -> _Brought:
        loaded = self.plugins.load(PROMPT_SOURCES)
        if self._brought[0] is not loaded:
            brought: _Brought = {}
            for point, plugin in loaded.items():
                wrong = _wrong(plugin, brought)
                if wrong:
                    self.plugins.reject(point, wrong)
                else:
                    source = cast("type[PromptSource]", plugin)
                    brought[source.name] = source
            self._brought = loaded, brought
        return self._brought[1]


def _wrong(plugin: object, brought: _Brought) -> str:
    """Return why a plugin cannot be used; "" if it can."""
    if not (isinstance(plugin, type) and issubclass(plugin, PromptSource)):
        return "it is not a subclass of PromptSource"
    if inspect.isabstract(plugin):
        return "it has no method read"
    texts = ("name", "title", "location")
    without = [key for key in texts if not isinstance(getattr(plugin, key, None), str)]
    if without:
        return f"it has no {without[0]}"
    if not _NAME.fullmatch(plugin.name):
        return (
            f"{plugin.name!r} is not a name: lower-case letters, digits, . _ and - only"
        )
    if plugin.name in {*_BUILT_IN, *_OTHER_NAMES}:
        return f"the source {plugin.name} is built in"
    return (
        f"another plugin brings the source {plugin.name}"
        if plugin.name in brought
        else ""
    )
