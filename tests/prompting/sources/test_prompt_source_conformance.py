"""The suite for sources of prompts finds what is wrong with one."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from parllama_nb.errors import UsageError
from parllama_nb.events import Progress
from parllama_nb.prompting.library.prompt import Prompt
from parllama_nb.prompting.sources.markdown.source import MarkdownSource
from parllama_nb.prompting.sources.source import (
    Found,
    Problem,
    PromptSource,
    Report,
    SourceContext,
)
from parllama_nb.testing import PromptSourceConformance

SUITE = PromptSourceConformance()


class Loses(MarkdownSource):
    def write(self, prompts: Sequence[Prompt]) -> Mapping[str, bytes]:
        return super().write([replace(prompt, tags=()) for prompt in prompts])


class Overwrites(MarkdownSource):
    def write(self, prompts: Sequence[Prompt]) -> Mapping[str, bytes]:
        names = [prompt.name.replace("/", "_") for prompt in prompts]
        files = super().write(prompts).values()
        return dict(zip(names, files, strict=True))


class Reads(MarkdownSource):
    """Does something to the result of a reading."""

    async def read(
        self,
        location: str | None,
        report: Report,
        context: SourceContext,
        *,
        refresh: bool = False,
    ) -> Found:
        found = await super().read(location, report, context)
        return self.changed(found, Path(str(location)), report)

    def changed(self, found: Found, location: Path, report: Report) -> Found:
        raise NotImplementedError


class Touches(Reads):
    def changed(self, found: Found, location: Path, report: Report) -> Found:
        (location / "seen.md").write_text("x")
        return found


class ReadsTwice(Reads):
    def changed(self, found: Found, location: Path, report: Report) -> Found:
        return replace(found, prompts=found.prompts * 2)


class BreaksLines(Reads):
    def changed(self, found: Found, location: Path, report: Report) -> Found:
        broken = [Problem(each.where, f"{each.what}\n") for each in found.problems]
        return replace(found, problems=tuple(broken))


class NeverEnds(Reads):
    def changed(self, found: Found, location: Path, report: Report) -> Found:
        report(Progress("parsing", 0, 1, "items"))
        return found


class Hintless(MarkdownSource):
    async def read(
        self,
        location: str | None,
        report: Report,
        context: SourceContext,
        *,
        refresh: bool = False,
    ) -> Found:
        try:
            return await super().read(location, report, context)
        except UsageError as error:
            error.hint = None
            raise


class IgnoresCancelling(MarkdownSource):
    async def read(
        self,
        location: str | None,
        report: Report,
        context: SourceContext,
        *,
        refresh: bool = False,
    ) -> Found:
        try:
            return await super().read(location, report, context)
        except asyncio.CancelledError:
            return Found(())


Check = Callable[[Any, Path], None]


@pytest.mark.parametrize(
    ("bad", "check"),
    [
        (Loses, SUITE.test_what_was_written_is_read),
        (Touches, SUITE.test_reading_changes_no_file),
        (ReadsTwice, SUITE.test_every_prompt_can_be_kept),
        (BreaksLines, SUITE.test_a_bad_file_does_not_affect_the_others),
        (NeverEnds, SUITE.test_progress_ends_with_all),
        (Hintless, SUITE.test_a_missing_location_is_an_error_with_a_hint),
        (Hintless, SUITE.test_files_without_a_prompt_are_an_error_with_a_hint),
        (IgnoresCancelling, SUITE.test_cancelling_ends_the_reading),
    ],
)
def test_the_suite_fails_for_a_wrong_source(
    tmp_path: Path, bad: type[PromptSource], check: Check
) -> None:
    with pytest.raises(AssertionError):
        check(bad(), tmp_path)


def test_the_suite_fails_for_names_that_no_system_accepts() -> None:
    with pytest.raises(AssertionError):
        SUITE.test_writing_the_same_names_twice_loses_no_prompt(Overwrites())
