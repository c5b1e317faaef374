"""Prompts as a JSON list, as JSON lines, or as one JSON object.

What is written here holds all of a prompt. What is read may also be a list or lines of
OpenAI's `messages`, Open WebUI's export, a mapping from names to texts, or any objects
with names that `records` knows.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path, PurePath
from typing import Any, ClassVar, NoReturn

from ...errors import UsageError
from ..library.prompt import Prompt
from .files import place, read_exact
from .reading import Parsed, Reading, read_files
from .records import TEXT_KEYS, as_record, key_of, record
from .source import Found, PromptSource, Report, SourceContext

__all__ = ["JSONSource", "read_json"]

_FORMAT = "parllama_nb prompts"
_VERSION = 1
_SUFFIXES = frozenset({".json", ".jsonl", ".ndjson"})
_HINT = "A list of objects with name and prompt is one."


class _Number(str):
    """A number as it is written, so that a name such as 3.10 stays one."""

    __slots__ = ()


class JSONSource(PromptSource):
    """A JSON file, or a folder of them."""

    name: ClassVar[str] = "json"
    title: ClassVar[str] = "JSON"
    location: ClassVar[str] = "a JSON file with a list of prompts"
    writes: ClassVar[bool] = True

    async def read(
        self,
        location: str | None,
        report: Report,
        context: SourceContext,
        *,
        refresh: bool = False,
    ) -> Found:
        """See `PromptSource.read`."""
        del refresh

        return await read_files(
            lambda: place(location, self.location),
            _read,
            report,
            context,
            suffixes=_SUFFIXES,
            expected=self.location,
        )

    def write(self, prompts: Sequence[Prompt]) -> Mapping[str, bytes]:
        """See `PromptSource.write`. One file, which holds all of each prompt."""
        document = {
            "format": _FORMAT,
            "version": _VERSION,
            "prompts": [as_record(prompt) for prompt in prompts],
        }
        written = json.dumps(document, ensure_ascii=False, indent=2)
        # Half a character has no UTF-8; JSON has an escape for it.
        return {"prompts.json": f"{written}\n".encode("utf-8", "backslashreplace")}


def _read(path: Path, name: str, reading: Reading) -> None:
    try:
        entries = _entries(read_exact(path), path.stem)
    except UsageError as error:
        reading.problem(name or path.name, error.message)
        return
    stem = PurePath(path.name).stem
    for where, number, value in reading.each(entries):

        def parse(value: object = value, number: int = number) -> Parsed:
            if isinstance(value, UsageError):
                raise value
            if isinstance(value, str) and not isinstance(value, _Number):
                value = {"prompt": value}
            if not isinstance(value, Mapping):
                message = "It is neither an object nor a text."
                raise UsageError(message, hint=_HINT)
            name = stem if len(entries) == 1 else f"{stem} {number}"
            return record(value, name)

        reading.attempt(f"{name}, {where}" if name else where, parse)


_Entry = tuple[str, int, object]


def _entries(text: str, stem: str) -> list[_Entry]:
    """Return where each prompt is, its number and its value, or the error of it.

    Raises:
        UsageError: the text is no JSON.

    """
    try:
        document = read_json(text)
    except UsageError as error:
        fault = error
    else:
        return _items(document, stem)
    lines = [line.strip() for line in text.splitlines()]
    numbered = [(n, line) for n, line in enumerate(lines, 1) if line]
    # Without two lines that begin an object of their own it is one broken document.
    objects = sum(line.startswith("{") and line.endswith("}") for _, line in numbered)
    if objects < 2:  # noqa: PLR2004
        raise fault
    return [
        (f"line {number:,}", count, _line(line))
        for count, (number, line) in enumerate(numbered, 1)
    ]


def _line(line: str) -> object:
    try:
        return read_json(line)
    except UsageError as error:
        return error


def _items(document: object, stem: str) -> list[_Entry]:
    if isinstance(document, Mapping):
        if isinstance(document.get("prompts"), list | Mapping):
            _check_version(document)
            return _items(document["prompts"], stem)
        if TEXT_KEYS & {key_of(key) for key in document}:
            return [(f"{stem}", 1, document)]
        document = [
            {"name": name, **(value if isinstance(value, Mapping) else {"text": value})}
            for name, value in document.items()
        ]
    if isinstance(document, list):
        return [(f"item {n:,}", n, value) for n, value in enumerate(document, 1)]
    message = "It holds neither a list nor an object."
    raise UsageError(message, hint=_HINT)


def _check_version(document: Mapping[str, object]) -> None:
    version = document.get("version")
    if document.get("format") == _FORMAT and version != str(_VERSION):
        message = f"It was written by a newer version of parllama_nb ({version!r:.20})."
        raise UsageError(
            message, hint="Update parllama_nb: %pip install -U parllama_nb"
        )


def read_json(text: str) -> Any:  # noqa: ANN401 - any JSON
    """Return the values of a JSON text, with all numbers as texts.

    Raises:
        UsageError: it is no JSON, or an object has a key twice; the message says where.

    """
    reason = ""
    try:
        return json.loads(
            text.removeprefix("\ufeff"),
            object_pairs_hook=_object,
            parse_int=_Number,
            parse_float=_Number,
            parse_constant=_constant,
        )
    except json.JSONDecodeError as error:
        reason = f"Line {error.lineno:,}: This is not JSON: {error.msg}."
    except RecursionError:
        reason = "Lists and objects are nested too deep."
    raise UsageError(reason, hint="Check the file with a JSON editor.")


def _object(pairs: list[tuple[str, object]]) -> dict[str, object]:
    values = dict(pairs)
    if len(values) < len(pairs):
        keys = [key for key, _ in pairs]
        twice = next(key for key in keys if keys.count(key) > 1)
        message = f"An object has the key {twice!r:.60} twice."
        raise UsageError(message, hint="Remove one of them.")
    return values


def _constant(name: str) -> NoReturn:
    message = f"{name} is not JSON."
    raise UsageError(message, hint="Write a number or a text.")
