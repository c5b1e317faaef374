r"""Mentions of the notebook in a question's text: `@df`, `@cell[3]`, `@error`.

The text is sent as it was written, and what it mentions is sent with it, described. A
mention is a path as in `{{name}}`. In code (a fence, a span, a decorator) and in an
e-mail address there is none, and `\@name` is one that is not meant.
"""

from __future__ import annotations

import asyncio
import re
import time
from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial

from ..errors import ParllamaError
from ..providers.message_parts import document_text
from ..providers.messages import DocumentPart, ImagePart
from ..providers.token_estimate import IMAGE_TOKENS, text_tokens
from ..surrogates import without_surrogates
from .describing.budget import cut
from .describing.deadline import within
from .describing.describer import TOKENS, Description, described
from .kernel_names import CellText, KernelNames, hiding
from .value_paths import NAME, STEPS, Missing, Refused, follow

__all__ = ["MOST", "Mention", "Mentions", "cell_text", "mentioned", "paths_in"]

MOST = 20
"""Mentions of one question; more are not sent."""

SECONDS = 2.0
"""What describing one value may take."""

_ALL_SECONDS = 8.0
_LEAST_SECONDS = 0.1
_SHORT = 100_000  # characters
_MENTION = re.compile(
    # A word, a dot or a slash before it: an address, a package, a path.
    rf"(?<![\w@\\/.+-])@(?P<path>(?P<name>{NAME})(?P<steps>{STEPS}))"
)
_SPAN = re.compile(r"(?<!`)(`{1,5})(?!`)[^\n]{0,500}?(?<!`)\1(?!`)")
_FENCE = re.compile(r"[ \t]{0,9}(?P<marks>`{3,99}|~{3,99})(?P<rest>[^\n]{0,999})")
_DEFINED = re.compile(r"[ \t]{0,99}(?:def|class|async[ \t]+def)[ \t]+\w")
_DECORATOR = re.compile(
    rf"[ \t]{{0,99}}@{NAME}(?:\.{NAME}){{0,20}}[ \t]{{0,9}}(?:(?P<arguments>\()|\r?$)",
    re.MULTILINE,
)
_CELL = re.compile(r"cell\[(\d{1,18})\]")
_ANSI = re.compile(r"\x1b\[[0-9;?]*[ -/]*[@-~]")


@dataclass(frozen=True, slots=True)
class Mention:
    """Something that a question's text mentions, and what is sent of it.

    `about` says in a few words what it is; `problem` says in one line why nothing is
    sent of it.
    """

    path: str
    about: str = ""
    parts: tuple[DocumentPart | ImagePart, ...] = ()
    problem: str = ""

    @property
    def tokens(self) -> int:
        """How many tokens its parts have, estimated."""
        return sum(
            IMAGE_TOKENS
            if isinstance(part, ImagePart)
            else text_tokens(document_text(part))
            for part in self.parts
        )


@dataclass(frozen=True, slots=True)
class Mentions:
    """All that a question's text mentions, in its order, each once."""

    all: tuple[Mention, ...] = ()

    @property
    def parts(self) -> tuple[DocumentPart | ImagePart, ...]:
        """What is sent with the text."""
        return tuple(part for mention in self.all for part in mention.parts)

    @property
    def notes(self) -> tuple[str, ...]:
        """A line for each mention of which nothing is sent."""
        return tuple(mention.problem for mention in self.all if mention.problem)

    @property
    def tokens(self) -> int:
        """How many tokens all parts have, estimated."""
        return sum(mention.tokens for mention in self.all)


def paths_in(text: str) -> list[str]:
    """Return what a text mentions, without the `@`, each once, in order."""
    if "@" not in text:
        return []
    code = _code(text)
    decorators = _decorators(text)
    paths = []
    line = seen = 0
    for match in _MENTION.finditer(text):
        start = match.start()
        while code and code[0][1] <= start:
            code.pop(0)
        line = max(line, text.rfind("\n", seen, start) + 1)
        seen = start
        if code and code[0][0] <= start:
            continue
        if line in decorators and not text[line:start].strip():
            continue
        paths.append(match["path"])
    return list(dict.fromkeys(paths))


async def mentioned(
    text: str, names: KernelNames, *, tokens: int = TOKENS, seconds: float = SECONDS
) -> Mentions:
    """Return what a text mentions, each described in at most so many tokens.

    Values are read and described on a thread, so that their own code cannot keep the
    caller waiting. What cannot be described is a `problem` of its mention.
    """
    if len(text) < _SHORT:
        paths = paths_in(text)
    else:
        paths = await asyncio.to_thread(paths_in, text)
    if not paths:
        return Mentions()
    variables = names.snapshot()
    # While it is held, it hides secrets within other values.
    redactor = hiding(variables)
    found = []
    end = time.monotonic() + max(_ALL_SECONDS, seconds)
    for path in paths[:MOST]:
        limit = max(min(seconds, end - time.monotonic()), _LEAST_SECONDS)
        work = partial(_mention, path, names, variables, tokens)
        try:
            found.append(await within(limit, work))
        except TimeoutError:
            problem = f"@{path} could not be described within {limit:.2g} s."
            found.append(Mention(path, problem=problem))
        except Exception as error:  # noqa: BLE001 - a value's own code may raise anything
            found.append(Mention(path, problem=_failed(path, error)))
    del redactor
    found += [
        Mention(path, problem=f"@{path} is sent as text: {MOST} at most are described.")
        for path in paths[MOST:]
    ]
    return Mentions(tuple(found))


def _mention(
    path: str, names: KernelNames, variables: Mapping[str, object], tokens: int
) -> Mention:
    name = re.match(NAME, path)[0]  # type: ignore[index]
    if name not in variables:
        return _special(path, names, tokens)
    value = follow(name, variables[name], path[len(name) :], methods=True)
    if isinstance(value, Missing):
        problem = f"@{path} is sent as text: {name} has no such attribute or key."
        return Mention(path, problem=problem)
    if isinstance(value, Refused):
        if value.failure:
            return Mention(path, problem=_raised(path, value.failure))
        problem = f"@{path} is a secret, or named like one, and is not described."
        return Mention(path, problem=problem)
    return _of(path, described(value, tokens))


def _special(path: str, names: KernelNames, tokens: int) -> Mention:
    """Return the mention of a cell, or of the last error."""
    if match := _CELL.fullmatch(path):
        number = int(match[1])
        cell = names.cell(number)
        if cell is None:
            problem = f"@{path} is sent as text: no cell with that number has run."
            return Mention(path, problem=problem)
        return _of(path, Description(f"cell {number}", cell_text(cell, tokens)))
    error = names.error() if path == "error" else None
    if error is not None:
        return _of(path, described(error, tokens))
    if path == "error":
        return Mention(path, problem="@error is sent as text: no cell has failed.")
    return Mention(path, problem=f"@{path} is sent as text: there is no such variable.")


def _of(path: str, description: Description) -> Mention:
    text = without_surrogates(description.text)
    document = DocumentPart(text, id=f"@{path}", title=description.summary)
    picture = description.picture
    parts = (document,) if picture is None else (document, picture)
    return Mention(path, description.summary, parts)


def cell_text(cell: CellText, tokens: int) -> str:
    """Return the source and the outputs of a cell, of which the end is kept."""
    output = _ANSI.sub("", "\n".join(cell.outputs)).strip()
    source = cut(cell.source.strip(), tokens // 2 if output else tokens)
    if not output:
        return f"Source:\n{source}\nIt has no output."
    left = tokens - text_tokens(source) - 6
    return f"Source:\n{source}\nOutput:\n{cut(output, left, keep='end')}"


def _failed(path: str, error: Exception) -> str:
    if isinstance(error, ParllamaError):
        return f"@{path} could not be described: {error.message}"
    return _raised(path, type(error).__name__)


def _raised(path: str, failure: str) -> str:
    return f"@{path} could not be described: reading it raised {failure}."


def _code(text: str) -> list[tuple[int, int]]:
    """Return where code is in a text: fences, and spans between backticks."""
    places: list[tuple[int, int]] = []
    begun: tuple[int, str] | None = None
    at = 0
    for line in text.splitlines(keepends=True):
        fence = _FENCE.match(line)
        if begun is not None:
            marks = fence["marks"] if fence and not fence["rest"].strip() else ""
            if marks.startswith(begun[1]):
                places.append((begun[0], at + len(line)))
                begun = None
        elif fence:
            begun = (at, fence["marks"])
        elif "`" in line:
            spans = _SPAN.finditer(line)
            places += [(at + span.start(), at + span.end()) for span in spans]
        at += len(line)
    if begun is not None:
        places.append((begun[0], len(text)))
    return places


def _decorators(text: str) -> set[int]:
    """Return where lines begin that decorate a function or a class, as in code."""
    lines = text.splitlines(keepends=True)
    at = len(text)
    found: set[int] = set()
    # From below: whether the next line is what is decorated, or its paragraph has it.
    leads = defines = False
    for line in reversed(lines):
        at -= len(line)
        decorator = _DECORATOR.match(line)
        if decorator is None:
            leads = _DEFINED.match(line) is not None
            defines = leads or (defines and not line.isspace())
            continue
        # The arguments of a decorator may take several lines.
        leads = defines if decorator["arguments"] else leads
        if leads:
            found.add(at)
    return found
