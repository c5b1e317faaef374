"""The conversation of a file of Markdown, as `writing` writes it."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any

from ....errors import FieldError, UsageError
from ....prompting.sources.markdown.layout import MarkdownFile, dissect
from ..json_file import FORMAT, check_version
from ..parsed import Parsed
from ..values import conversation_of
from .layout import marks
from .parllama import read_parllama
from .writing import IMAGE

__all__ = ["read_markdown"]

_BOUNDARY = re.compile(r"[0-9a-f]{8}")
_HINT = "Write the file anew, or take its marks from a copy."
_TRUE = frozenset({"true", "yes", "on"})


def read_markdown(text: str) -> Parsed | None:
    """Return the conversation of a text; None if the text is of another kind.

    A file that PAR LLAMA has exported is read too.

    Raises:
        UsageError: it is of a later version, or is damaged; the message has the line.

    """
    if text.partition("\n")[0].endswith("\r"):
        # The file went through a system that ends lines so.
        text = text.replace("\r\n", "\n")
    try:
        file = dissect(text)
    except FieldError as error:
        if not re.match(r"---[ \t]*\n(?s:.{0,2000}?)^format:", text, re.MULTILINE):
            return None
        fault = error
    else:
        if file.values.get("format") != FORMAT:
            return read_parllama(file)
        check_version(file.values.get("version"))
        return _Reader(file).read()
    raise UsageError(fault.message, hint=fault.hint)


class _Reader:
    """Reads one file, mark by mark."""

    def __init__(self, file: MarkdownFile) -> None:
        self._file = file
        self._body = file.body
        self._conversation: dict[str, Any] = {"turns": []}
        self._message: dict[str, Any] | None = None
        self._part: dict[str, Any] | None = None
        self._system: str | None = None
        self._missing = 0

    def read(self) -> Parsed:
        boundary = str(self._file.values.get("boundary"))
        if not _BOUNDARY.fullmatch(boundary):
            message = "The front matter has no boundary."
            raise UsageError(message, hint=_HINT)
        begin: re.Match[str] | None = None
        for match in marks(boundary).finditer(self._body):
            kind = match[1]
            if (kind == "end") != (begin is not None):
                what = "ends a text that has not begun"
                if begin is not None:
                    what = f"stands within the text of line {self._line(begin)}"
                raise self._error(match, what)
            if begin is not None:
                self._take_text(self._between(begin, match), match)
                begin = None
            elif kind == "text":
                begin = match
            else:
                self._take(kind, self._values(match), match)
        if begin is not None:
            raise self._error(begin, "begins a text that has no end")
        self._take_front()
        # Those of other branches stand behind the others.
        self._conversation["turns"].sort(key=_number)
        conversation = conversation_of(self._conversation)
        if not self._missing:
            return Parsed(conversation)
        count = self._missing
        images = "1 image is" if count == 1 else f"{count:,} images are"
        return Parsed(conversation, (f"{images} not in the file.",))

    def _take(self, kind: str, values: dict[str, Any], match: re.Match[str]) -> None:
        if kind == "conversation":
            self._conversation |= {**values, "turns": []}
        elif kind == "turn":
            self._message = None
            self._conversation["turns"].append({**values, "question": []})
        elif kind == "part":
            self._part = values
        elif kind == "item":
            self._take_item(values)
        elif not self._conversation["turns"]:
            raise self._error(match, "stands before the first turn")
        else:
            turn = self._conversation["turns"][-1]
            self._message = {**values, "parts": []}
            if kind == "question":
                turn["question"].append(self._message)
            else:
                turn["answer"] = self._message

    def _take_text(self, text: str, match: re.Match[str]) -> None:
        part, self._part = self._part or {"type": "text"}, None
        if part.get("type") == "system":
            self._system = text
            return
        if self._message is None:
            raise self._error(match, "ends a text of no message")
        if part.get("type") == "image":
            before, after = IMAGE
            part["url"] = text.removeprefix(before).removesuffix(after)
        else:
            part["text"] = text
        self._message["parts"].append(part)

    def _take_item(self, values: dict[str, Any]) -> None:
        if values.get("type") == "image":
            self._missing += 1
        elif self._message is not None:
            self._message["parts"].append(values)

    def _between(self, begin: re.Match[str], end: re.Match[str]) -> str:
        text = self._body[begin.end() : end.start()]
        # Whoever edits a file may join lines that stand apart in it.
        text = text.removeprefix("\n").removeprefix("\n")
        text = text.removesuffix("\n").removesuffix("\n")
        closed = self._values(end).get("closed", 0)
        return text[: len(text) - closed] if isinstance(closed, int) else text

    def _take_front(self) -> None:
        front, conversation = self._file.values, self._conversation
        conversation["name"] = _text(front.get("name"))
        model = front.get("model")
        conversation["model"] = None if model is None else _text(model)
        conversation["folder"] = _text(front.get("folder"))
        tags = front.get("tags") or []
        if isinstance(tags, str):
            tags = [tags]
        conversation["tags"] = [_text(each) for each in tags]
        pinned = _text(front.get("pinned")).lower()
        conversation["pinned"] = pinned in _TRUE
        if self._system is not None:
            options = conversation.setdefault("options", {})
            if isinstance(options, dict):
                options["system"] = self._system

    def _values(self, match: re.Match[str]) -> dict[str, Any]:
        if match[2] is None:
            return {}
        try:
            values = json.loads(match[2])
        except (ValueError, RecursionError):
            values = None
        if isinstance(values, Mapping):
            return dict(values)
        raise self._error(match, "has values that are not JSON")

    def _line(self, match: re.Match[str]) -> int:
        return self._file.body_line + self._body.count("\n", 0, match.start())

    def _error(self, match: re.Match[str], what: str) -> UsageError:
        message = f"Line {self._line(match)}: This mark {what}."
        return UsageError(message, hint=_HINT)


def _number(turn: Mapping[str, Any]) -> int:
    number = turn.get("number")
    return number if isinstance(number, int) else 0


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""
