"""YAML of strangers as plain values, and plain values as YAML.

PyYAML only finds the tokens; the values are built here, with limits. All scalars are
texts: whoever writes `name: No`, `tags: [1.10]` or `default: 2024-01-01` means what
stands there. A key that is there twice, a tag (`!!python/...`) and an alias of more
than a text are errors, so that no file runs code, and none grows when it is read.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from ...errors import FieldError
from ...surrogates import without_surrogates

__all__ = ["Inline", "Value", "YAMLValues", "read_yaml", "write_yaml"]

Value = str | None | list["Value"] | dict[str, "Value"]

_DEEPEST = 20
_MOST_VALUES = 20_000
_NULLS = frozenset({"", "~", "null", "Null", "NULL"})
_BREAKS = re.compile("[\r\x85\u2028\u2029]")
_STRING_TAG = "tag:yaml.org,2002:str"
_TABS = "Indent with spaces: YAML allows no tabs there."
_QUOTES = "Put the text between quotes if it has a colon or begins with a sign."


@dataclass(frozen=True, slots=True)
class YAMLValues:
    """What a YAML text holds; `lines` are those of the keys at the top, from 1."""

    value: Value
    lines: Mapping[str, int]


class Inline(list[str]):
    """A list that is written in one line."""


def read_yaml(text: str, first_line: int = 1) -> YAMLValues:
    """Return the values of a YAML text.

    Args:
        text: one document.
        first_line: the line of the file in which the text begins.

    Raises:
        FieldError: it is not YAML, or has what no prompt needs; the message begins with
            the line, and `field` is the key at the top that it belongs to, or "".

    """
    import yaml  # noqa: PLC0415 - not paid by %load_ext

    builder = _Builder(first_line)
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    fault: yaml.YAMLError | None = None
    try:
        for event in yaml.parse(without_surrogates(text), Loader=loader):
            builder.take(event)
    except yaml.YAMLError as error:
        fault = error
    if fault is not None:
        raise _not_yaml(fault, builder, text)
    return YAMLValues(builder.value, builder.lines)


@dataclass(slots=True)
class _Open:
    """A list or a mapping whose end has not come."""

    values: list[Value] | dict[str, Value]
    key: str | None = None


@dataclass(slots=True)
class _Builder:
    """Makes values of the parser's events, without recursion."""

    first_line: int
    value: Value = None
    lines: dict[str, int] = field(default_factory=dict)
    documents: int = 0
    count: int = 0
    anchors: dict[str, Value] = field(default_factory=dict)
    stack: list[_Open] = field(default_factory=list)
    top: str = ""

    def take(self, event: Any) -> None:  # noqa: ANN401 - PyYAML's
        line = self.first_line + event.start_mark.line
        match type(event).__name__:
            case "DocumentStartEvent":
                self.documents += 1
                if self.documents > 1:
                    raise self.error(line, "A second document begins.", "Remove it.")
            case "MappingStartEvent":
                self._begin(event, {}, line)
            case "SequenceStartEvent":
                self._begin(event, [], line)
            case "MappingEndEvent" | "SequenceEndEvent":
                self._put(self.stack.pop().values, line)
            case "ScalarEvent":
                self._scalar(event, line)
            case "AliasEvent":
                known = self.anchors.get(event.anchor)
                if not isinstance(known, str):
                    what = f"*{event.anchor:.40} is an alias of more than a text."
                    raise self.error(line, what, "Write out what it stands for.")
                self._put(known, line)

    def error(self, line: int, what: str, hint: str) -> FieldError:
        return FieldError(f"Line {line:,}: {what}", hint=hint, field=self.top)

    def _begin(self, event: Any, values: Any, line: int) -> None:  # noqa: ANN401
        if event.tag is not None:
            raise self._tagged(event.tag, line)
        if len(self.stack) == _DEEPEST:
            what = f"Lists and mappings are nested more than {_DEEPEST} deep."
            raise self.error(line, what, "Write the prompt with less nesting.")
        if self.stack and self._awaits_key():
            raise self.error(line, "A key is a list or a mapping.", _QUOTES)
        self.stack.append(_Open(values))

    def _scalar(self, event: Any, line: int) -> None:  # noqa: ANN401
        if event.tag not in {None, "!", _STRING_TAG}:
            raise self._tagged(event.tag, line)
        is_plain = not event.style and event.tag is None
        value = None if is_plain and event.value in _NULLS else event.value
        if event.anchor is not None:
            self.anchors[event.anchor] = value
        self._put(event.value if self.stack and self._awaits_key() else value, line)

    def _awaits_key(self) -> bool:
        inside = self.stack[-1]
        return isinstance(inside.values, dict) and inside.key is None

    def _put(self, value: Value, line: int) -> None:
        self.count += 1
        if self.count > _MOST_VALUES:
            what = f"There are more than {_MOST_VALUES:,} values."
            raise self.error(line, what, "Split it into several prompts.")
        if not self.stack:
            self.value = value
            return
        inside = self.stack[-1]
        if isinstance(inside.values, list):
            inside.values.append(value)
        elif inside.key is None:
            inside.key = str(value)
            if len(self.stack) == 1:
                self.top = inside.key
            if inside.key in inside.values:
                what = f"The key {inside.key!r:.60} is there twice."
                raise self.error(line, what, "Remove one of them.")
            if len(self.stack) == 1:
                self.lines[inside.key] = line
        else:
            inside.values[inside.key] = value
            inside.key = None

    def _tagged(self, tag: str, line: int) -> FieldError:
        what = f"A value has the tag {tag.removeprefix('tag:yaml.org,2002:')!r:.60}."
        return self.error(line, what, "Write the value without it.")


def _not_yaml(error: Any, builder: _Builder, text: str) -> FieldError:  # noqa: ANN401
    mark = getattr(error, "problem_mark", None) or getattr(error, "context_mark", None)
    problem = getattr(error, "problem", None) or getattr(error, "reason", None)
    position = getattr(error, "position", None)
    if mark is not None:
        line = mark.line
    elif isinstance(position, int):
        line = text.count("\n", 0, position)
    else:
        line = 0
    # A parser that runs into the end names the line after the last.
    line = min(line, text.count("\n"))
    lines = text.split("\n")
    what = f"This is not YAML: {problem or 'it cannot be read'}."
    hint = _TABS if lines[line].lstrip(" ").startswith("\t") else _QUOTES
    return builder.error(builder.first_line + line, what, hint)


def write_yaml(values: Mapping[str, object]) -> str:
    """Return values as YAML: texts of several lines as blocks, None as nothing.

    `read_yaml` returns the same texts.
    """
    import yaml  # noqa: PLC0415 - not paid by %load_ext

    written = yaml.dump(
        dict(values),
        Dumper=_dumper(),
        allow_unicode=True,
        sort_keys=False,
        default_flow_style=False,
        width=1 << 30,
    )
    # The mark of a document's end, after a text that ends with empty lines.
    return str(written).removesuffix("...\n")


@functools.cache
def _dumper() -> type[Any]:
    import yaml  # noqa: PLC0415 - not paid by %load_ext

    class Dumper(yaml.SafeDumper):
        """Writes our kinds of values."""

        def ignore_aliases(self, data: object) -> bool:
            del data
            return True

    def text(dumper: yaml.SafeDumper, value: str) -> yaml.Node:
        # What YAML takes for a line break as well is folded, unless it is escaped.
        breaks = _BREAKS.search(value)
        style = '"' if breaks else "|" if "\n" in value else None
        return dumper.represent_scalar(_STRING_TAG, value, style=style)

    def nothing(dumper: yaml.SafeDumper, _value: None) -> yaml.Node:
        return dumper.represent_scalar("tag:yaml.org,2002:null", "")

    def inline(dumper: yaml.SafeDumper, value: Sequence[str]) -> yaml.Node:
        tag = "tag:yaml.org,2002:seq"
        return dumper.represent_sequence(tag, value, flow_style=True)

    Dumper.add_representer(str, text)
    Dumper.add_representer(type(None), nothing)
    Dumper.add_representer(Inline, inline)
    return Dumper
