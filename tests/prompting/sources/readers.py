"""Reads a location with a source, as a test needs it."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from pathlib import Path

from parllama_nb.prompting.library.prompt import Prompt
from parllama_nb.prompting.sources.source import Found, PromptSource, SourceContext

__all__ = ["found", "one", "one_problem", "problems"]


def found(
    source: PromptSource,
    location: Path | str | None,
    environ: Mapping[str, str] | None = None,
) -> Found:
    context = SourceContext(
        cache_dir=Path,
        redact=lambda text: text.replace("sk-secret", "[secret]"),
        environ=(environ or {}).get,
    )
    place = None if location is None else str(location)
    return asyncio.run(source.read(place, lambda _: None, context))


def one(source: PromptSource, location: Path | str) -> Prompt:
    result = found(source, location)
    assert result.problems == result.notes == ()
    (prompt,) = result.prompts
    return prompt


def problems(source: PromptSource, location: Path | str) -> dict[str, str]:
    """What was not read, and what was read in part, by its place."""
    result = found(source, location)
    return {each.where: each.what for each in (*result.problems, *result.notes)}


def one_problem(source: PromptSource, location: Path | str) -> str:
    (what,) = problems(source, location).values()
    return what
