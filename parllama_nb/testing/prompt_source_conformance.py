"""Tests that every source of prompts must pass."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from ..errors import ParllamaError
from ..events import Progress
from ..prompting.library.prompt import Prompt, checked
from ..prompting.library.variables import INPUT, Variable
from ..prompting.sources.source import Found, PromptSource, SourceContext
from ..providers.messages import Message

__all__ = ["PromptSourceConformance"]

EXPLAIN = Prompt(
    name="Explain code",
    messages=(
        Message.of("system", "You explain {{language}} code.\n\n- Be brief: 5 lines."),
        Message.of("user", "Explain this for $5, or 100 %:\n\n{{input}}"),
    ),
    description='Explains code, "line by line".',
    tags=("python", "teaching"),
    variables=(Variable("language", "Python"), Variable(INPUT)),
)
PIRATE = Prompt(
    name="Kapitän Müller 🏴",
    messages=(
        Message.of("system", "Antworte als Pirat: »Arrr!«\nUnd {so} {{weiter}}."),
    ),
)


def _context(directory: Path) -> SourceContext:
    return SourceContext(cache_dir=lambda: directory / "cache")


async def _read(
    source: PromptSource, location: str, reports: list[Progress] | None = None
) -> Found:
    reports = [] if reports is None else reports
    context = _context(Path(location).parent)
    return await source.read(location, reports.append, context)


def _plain(prompt: Prompt) -> Prompt:
    return replace(checked(prompt), source="", version=0)


class PromptSourceConformance:
    """Tests of a source of files. A subclass defines the fixture `source`.

    A source that writes is read from what it wrote: `samples` are prompts that the
    format can hold, and `kept` returns what it keeps of a prompt. One that does not
    write defines `location` too.
    """

    samples: Sequence[Prompt] = (EXPLAIN, PIRATE)

    def kept(self, prompt: Prompt) -> Prompt:
        """Return what is read of a prompt that was written."""
        return prompt

    def location(self, source: PromptSource, folder: Path) -> str:
        """Return a new path below a folder, from which the source reads prompts."""
        return _written(source, folder / "samples", self.samples)

    def test_a_source_names_itself(self, source: PromptSource) -> None:
        """In one line each, and by a name that can be typed."""
        assert source.name == source.name.strip().lower()
        assert len(source.name.split()) == 1
        for text in (source.title, source.location):
            assert text.strip()
            assert "\n" not in text

    def test_what_was_written_is_read(
        self, source: PromptSource, tmp_path: Path
    ) -> None:
        """In any number, with nothing lost that the format holds."""
        if not source.writes:
            _skip("the source does not write")
        for count, prompts in enumerate((self.samples[:1], self.samples)):
            location = _written(source, tmp_path / str(count), prompts)
            found = asyncio.run(_read(source, location))
            expected = {each.name: _plain(self.kept(each)) for each in prompts}
            assert {each.name: _plain(each) for each in found.prompts} == expected
            assert found.problems == found.notes == ()
            assert found.origin

    def test_writing_the_same_names_twice_loses_no_prompt(
        self, source: PromptSource
    ) -> None:
        """Names that differ for the library may not be one for a system of files."""
        if not source.writes:
            _skip("the source does not write")
        names = ["a/b", "a\\b", "a:b", "a_b", "CON", "..", "x" * 100, "y" * 100]
        files = source.write([replace(PIRATE, name=name) for name in names])
        for name in files:
            assert not Path(name).is_absolute()
            assert ".." not in Path(name).parts
            assert len(name.encode()) < 250  # noqa: PLR2004 - bytes of a file's name
            assert not set('<>:"\\|?*') & set(name)
        text = b"".join(files.values()).decode("utf-8-sig")
        assert text.count("Arrr") == len(names)

    def test_half_a_character_is_written_as_text(self, source: PromptSource) -> None:
        """What no file can hold does not stop an export."""
        if not source.writes:
            _skip("the source does not write")
        broken = replace(PIRATE, messages=(Message.of("system", "Arrr \ud83d!"),))
        for data in source.write([broken]).values():
            assert "Arrr" in data.decode("utf-8-sig")

    def test_reading_changes_no_file(
        self, source: PromptSource, tmp_path: Path
    ) -> None:
        """Neither its bytes nor its time, and adds none."""
        location = self.location(source, tmp_path)
        before = _state(Path(location))
        asyncio.run(_read(source, location))
        assert _state(Path(location)) == before

    def test_every_prompt_can_be_kept(
        self, source: PromptSource, tmp_path: Path
    ) -> None:
        """The library accepts it as it is, and no name is there twice."""
        location = self.location(source, tmp_path)
        found = asyncio.run(_read(source, location))
        assert found.prompts
        for prompt in found.prompts:
            assert checked(prompt) == prompt
        names = [prompt.name.casefold() for prompt in found.prompts]
        assert len(names) == len(set(names))

    def test_progress_ends_with_all(self, source: PromptSource, tmp_path: Path) -> None:
        """It never exceeds its total."""
        location = self.location(source, tmp_path)
        reports: list[Progress] = []
        asyncio.run(_read(source, location, reports))
        assert reports
        assert reports[-1].done == reports[-1].total
        assert all(each.total is None or each.done <= each.total for each in reports)

    def test_a_missing_location_is_an_error_with_a_hint(
        self, source: PromptSource, tmp_path: Path
    ) -> None:
        """In one line, and of ours."""
        for location in (
            "nowhere",
            "no\0where",
            "nowhere/*.md",
            "~nobody/x",
            "x" * 5000,
        ):
            error = _error(source, str(tmp_path / location))
            assert error.hint
            assert "\n" not in str(error)

    def test_files_without_a_prompt_are_an_error_with_a_hint(
        self, source: PromptSource, tmp_path: Path
    ) -> None:
        """Of whatever they hold; the message or its hint says what is wrong."""
        location = self.location(source, tmp_path)
        folder = tmp_path / "hostile"
        folder.mkdir()
        suffixes = {path.suffix for path in _files(Path(location))}
        for number, data in enumerate(_HOSTILE):
            for suffix in suffixes:
                path = folder / f"hostile {number}{suffix}"
                path.write_bytes(data)
                error = _error(source, str(path))
                assert error.hint
                assert "\n" not in str(error)
        error = _error(source, str(folder))
        assert error.hint

    def test_a_bad_file_does_not_affect_the_others(
        self, source: PromptSource, tmp_path: Path
    ) -> None:
        """It is a problem of one line, which says where."""
        location = self.location(source, tmp_path)
        folder = Path(location)
        if not folder.is_dir():
            _skip("all prompts are in one file")
        expected = asyncio.run(_read(source, location)).prompts
        suffix = _files(folder)[0].suffix
        for number, data in enumerate(_HOSTILE):
            (folder / f"hostile {number}{suffix}").write_bytes(data)
        found = asyncio.run(_read(source, location))
        assert set(found.prompts) == set(expected)
        assert len(found.problems) == len(_HOSTILE)
        for problem in found.problems:
            assert "hostile" in problem.where
            assert problem.what.strip()
            assert "\n" not in problem.where + problem.what

    def test_cancelling_ends_the_reading(
        self, source: PromptSource, tmp_path: Path
    ) -> None:
        """Soon, and without an error of another kind."""
        location = self.location(source, tmp_path)
        begun, may_go_on = threading.Event(), threading.Event()
        the_loop = threading.current_thread()
        late: list[Progress] = []

        def report(progress: Progress) -> None:
            if may_go_on.is_set():
                late.append(progress)
            elif threading.current_thread() is not the_loop:
                begun.set()
                may_go_on.wait(30)

        async def cancel() -> bool:
            context = _context(Path(location).parent)
            reading = asyncio.create_task(source.read(location, report, context))
            await asyncio.to_thread(begun.wait, 30)
            reading.cancel()
            done, _ = await asyncio.wait([reading], timeout=10)
            may_go_on.set()
            return bool(done) and reading.cancelled()

        assert asyncio.run(cancel())
        assert begun.is_set(), "nothing was reported by a thread"
        # Closing the loop has waited for the thread.
        assert len(late) <= 1


_HOSTILE = (
    b"",
    b"\0\1\2\3" * 1000,
    b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR",
    b"Caf\xe9 au lait",
    b"\xff\xfeA",
    b" \n\t\r\n ",
)


def _files(location: Path) -> list[Path]:
    if location.is_file():
        return [location]
    return sorted(path for path in location.rglob("*") if path.is_file())


def _state(location: Path) -> list[tuple[Path, bytes, int]]:
    return [
        (path, path.read_bytes(), path.stat().st_mtime_ns)
        for path in _files(location.parent if location.is_file() else location)
    ]


def _written(source: PromptSource, folder: Path, prompts: Sequence[Prompt]) -> str:
    """Write prompts; return the path of the one file, or of the folder of several."""
    files = source.write(prompts)
    for name, data in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
    return str(folder / next(iter(files))) if len(files) == 1 else str(folder)


def _error(source: PromptSource, location: str) -> ParllamaError:
    try:
        asyncio.run(_read(source, location))
    except ParllamaError as error:
        return error
    message = f"{location!r:.100} was read without an error"
    raise AssertionError(message)


def _skip(reason: str) -> None:
    import pytest  # noqa: PLC0415 - what the fakes beside this do without

    pytest.skip(reason)
