r"""How a file of Markdown keeps the texts of a conversation apart.

    ---
    format: parllama_nb conversation
    version: 1
    boundary: 5f0c1a2b
    name: Diary
    ...
    ---

    # Diary

    <!-- 5f0c1a2b turn {"number":1,"parent":null,...} -->

    <!-- 5f0c1a2b question {"role":"user"} -->

    ## Question

    <!-- 5f0c1a2b text -->

    What is a monad?

    <!-- 5f0c1a2b end -->

A mark is such a comment on a line of its own. A text is what stands between a mark that
begins one and the mark `end`, without the two line breaks on each side. The boundary
occurs in no text of the conversation, so that no text holds a mark. What stands outside
of texts is for people, and is not read.

If a text leaves a fence open, so that all that follows would be code, the fence is
closed behind the text; `end` says how many characters that took.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping
from typing import Any

__all__ = ["KINDS", "boundary_for", "closing", "mark", "marks"]

KINDS = ("conversation", "turn", "question", "answer", "part", "item", "text", "end")
"""A `part` is one whose text follows, an `item` one without a text."""

_SHORTEST = 8
_FENCE = re.compile(r" {0,3}(`{3,}|~{3,})(.*)")


def boundary_for(texts: str) -> str:
    """Return a boundary that does not occur in a text."""
    digest = hashlib.sha256(texts.encode("utf-8", "surrogatepass"))
    while True:
        boundary = digest.hexdigest()[:_SHORTEST]
        if boundary not in texts:
            return boundary
        digest.update(b"again")


def mark(boundary: str, kind: str, values: Mapping[str, Any] | None = None) -> str:
    """Return the line that begins or ends something."""
    if values is None:
        return f"<!-- {boundary} {kind} -->"
    written = json.dumps(values, ensure_ascii=False, separators=(",", ":"))
    # Nothing within a comment may end it.
    for character in "<>":
        written = written.replace(character, f"\\u{ord(character):04x}")
    written = written.replace("--", "-\\u002d")
    # Neither JSON nor a line of text ends at these, but some editors do.
    written = re.sub(
        "[\x7f-\x9f\u2028\u2029]", lambda m: f"\\u{ord(m[0]):04x}", written
    )
    return f"<!-- {boundary} {kind} {written} -->"


def marks(boundary: str) -> re.Pattern[str]:
    """Return a pattern of all marks: their kind, and their values as JSON or None."""
    kinds = "|".join(KINDS)
    return re.compile(
        rf"^<!-- {re.escape(boundary)} ({kinds})(?: (\{{.*\}}))? -->[ \t]*$",
        re.MULTILINE,
    )


def closing(text: str) -> str:
    """Return what closes the fence that a text leaves open; "" if it leaves none."""
    fence = ""
    for line in text.split("\n"):
        match = _FENCE.match(line)
        if match is None:
            continue
        run, rest = match.groups()
        if not fence:
            # A fence of backticks has none on its line.
            fence = "" if run[0] == "`" and "`" in rest else run
        elif run[0] == fence[0] and len(run) >= len(fence) and not rest.strip():
            fence = ""
    return f"\n{fence}" if fence else ""
