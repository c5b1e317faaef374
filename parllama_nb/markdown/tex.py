r"""Finds TeX formulas in Markdown.

Every renderer of notebooks has its own rules for formulas, and most look for formulas
before they look for code or links. So formulas are found here once, and only those
that all renderers read alike stay formulas; every other dollar becomes a plain one.
`\(..\)` and `\[..\]`, which many models write and no notebook renders, become dollars.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from .scripts import in_word, right_to_left
from .tex_source import clean_math

if TYPE_CHECKING:
    from collections.abc import MutableMapping

    from markdown_it import MarkdownIt
    from markdown_it.rules_block import StateBlock
    from markdown_it.rules_inline import StateInline

__all__ = ["formula_end", "install"]

_INLINE = re.compile(
    # Each form ends at the first thing that could open another, so matching is linear.
    r"(?P<d>\$\$?)(?!\$)(?P<dollars>[^$\\]*(?:\\.[^$\\]*)*)(?P=d)(?!\$)"
    r"|(?P<b>\\\\?)(?:\((?P<round>[^\\]*(?:\\[^()\\][^\\]*|\\\\(?!\))[^\\]*)*)(?P=b)\)"
    r"|\[(?P<square>[^\\]*(?:\\[^][\\][^\\]*|\\\\(?!\])[^\\]*)*)(?P=b)\])",
    re.DOTALL,
)
# MathJax takes any environment for a formula, those of texts such as `itemize` too.
_BEGIN = re.compile(
    r"\\begin\{((?:equation|(?:fl)?align|x?x?alignat|align(?:ed|edat)|gather(?:ed)?"
    r"|multline|eqnarray|split|d?r?cases|(?:d|sub)?array|(?:[pbBvV]|small)?matrix|CD)\*?)\}"
)
_TWO_DOLLARS = re.compile(r"(?<!\\)\$\$")

# Searches for a missing end; each costs a scan of the rest of the text.
_FAILURES = 30

# Characters of a formula that may stand within a word: `$n$th`.
_SHORT = 2
# Characters. A longer text with empty lines is no formula, even between its marks.
_LONGEST = 4000

# An amount of money and prose after it: "$5 and US$", "$3k, or 4$".
_PRICE = re.compile(
    r"[\d.,]+[kKmMbB]?(?:[,;:.]?\s+[A-Za-z]{2,}|\s*[-\u2013/]\s*\Z)", re.ASCII
)


def install(md: MarkdownIt) -> None:
    """Add formulas to a parser; their tokens are `math_inline` and `math_block`."""
    md.inline.ruler.before("escape", "math", _inline_rule)
    md.block.ruler.before(
        "fence",
        "math",
        _block_rule,
        {"alt": ["paragraph", "reference", "blockquote", "list"]},
    )


def _environment(src: str, start: int, stop: int, env: MutableMapping[str, Any]) -> int:
    """Return where the environment that begins at `start` ends, or -1."""
    match = _BEGIN.match(src, start, stop)
    if not match or env.get("failures", 0) > _FAILURES:
        return -1
    closing = f"\\end{{{match[1]}}}"
    end = src.find(closing, match.end(), stop)
    if end < 0:
        env["failures"] = env.get("failures", 0) + 1
        return -1
    return end + len(closing)


def _plausible(before: str, tex: str, after: str) -> bool:
    """Whether the dollars around `tex` delimit a formula and do not mean money."""
    if "`" in tex or _PRICE.match(tex):
        return False
    if tex.startswith("{") and after == "{":
        # Variables of a shell: `${HOME}/${USER}`.
        return False
    before, after = (
        # Arabic and Hebrew write "and", "in" and "the" at the word that follows.
        "" if right_to_left(side) else side
        for side in (before, after)
    )
    if in_word(before) or in_word(after):
        # `$n$th` and `2$\times$2`, but neither `$5-$10` nor `$HOME/$USER`.
        short = len(tex) <= _SHORT and not after.isdigit()
        return "\\" in tex or "^" in tex or (short and not in_word(before))
    if tex != tex.strip():
        # `$ x + y $` is common; "$ 5 and $ 6" is not a formula.
        padded = tex[0].isspace() and tex[-1].isspace()
        return padded and (len(tex.strip()) == 1 or any(c in tex for c in "\\^_=+"))
    return True


def formula_end(src: str, pos: int, stop: int) -> int:
    """Return where the formula within a line that begins at `pos` ends, or -1."""
    found = _formula(src, pos, stop, {})
    return found[2] if found else -1


def _formula(
    src: str, pos: int, stop: int, env: MutableMapping[str, Any]
) -> tuple[str, str, int] | None:
    """Return delimiter, clean source and end of a formula in a paragraph, if any."""
    if src.startswith("\\begin{", pos):
        end = _environment(src, pos, stop, env)
        formula = ("", src[pos:end], end) if end > 0 else None
    else:
        formula = _delimited(src, pos, stop)
    if formula is None:
        return None
    markup, tex, end = formula
    cleaned = clean_math(tex, display=markup != "$", block=False)
    return None if cleaned is None else (markup, cleaned, end)


def _inline_rule(state: StateInline, silent: bool) -> bool:  # noqa: FBT001 - its API
    # In the text of a link these are brackets.
    bracket = state.linkLevel and state.src.startswith("\\[", state.pos)
    formula = _formula(state.src, state.pos, state.posMax, state.env)
    if formula is None or bracket:
        return False
    markup, cleaned, end = formula
    if not silent:
        token = state.push("math_inline", "", 0)
        token.markup, token.content = markup, cleaned
    state.pos = end
    return True


def _delimited(src: str, pos: int, stop: int) -> tuple[str, str, int] | None:
    """Return delimiter, inside and end of a formula that begins at `pos`, if any."""
    match = _INLINE.match(src, pos, stop)
    before = src[pos - 1 : pos] if pos else ""
    if not match or (before == "$" and match["d"]):
        return None
    end = match.end()
    if match["round"] is not None:
        return "$", match["round"], end
    if match["square"] is not None:
        return "$$", match["square"], end
    markup, tex = match["d"], match["dollars"]
    if markup == "$" and not _plausible(before, tex, src[end : end + 1]):
        return None
    return markup, tex, end


def _block_rule(
    state: StateBlock,
    start: int,
    stop: int,
    silent: bool,  # noqa: FBT001 - its API
) -> bool:
    if state.is_code_block(start):
        return False
    first = state.bMarks[start] + state.tShift[start]
    opening = state.src[first : first + 2]
    if opening not in {"$$", "\\[", "\\b"}:
        return False
    if opening == "\\b" and not state.src.startswith("\\begin{", first):
        return False
    formula = _block(state, start, stop, opening, first)
    if formula is None or (silent and opening == "$$" and _within(state, first)):
        return False
    tex, line = formula
    cleaned = clean_math(tex, display=True, block=True)
    if cleaned is None:
        return False
    if not silent:
        token = state.push("math_block", "", 0)
        token.markup = "" if opening == "\\b" else "$$"
        token.content = cleaned
        token.map = [start, line]
        state.line = line
    return True


def _within(state: StateBlock, first: int) -> bool:
    """Whether the paragraph that these dollars would end has opened a formula."""
    before = state.src[state.bMarks[state.line] : first]
    return len(_TWO_DOLLARS.findall(before)) % 2 == 1


def _block(
    state: StateBlock, start: int, stop: int, opening: str, first: int
) -> tuple[str, int] | None:
    """Return the formula whose lines begin at `start`, and the line after it."""
    src, env = state.src, state.env
    if env.get("failures", 0) > _FAILURES:
        return None
    if opening == "\\b":
        match = _BEGIN.match(src, first, state.eMarks[start])
        if not match:
            return None
        closing, after = f"\\end{{{match[1]}}}", match.end()
    else:
        closing, after = ("$$" if opening == "$$" else "\\]"), first + 2
    # Dollars may also mean money: only those that have a line to themselves may have
    # empty lines between them.
    alone = not src[after : state.eMarks[start]].strip()
    line, body = start, after
    blank = False
    while (end := src.find(closing, after, state.eMarks[line])) < 0:
        line += 1
        blank = blank or (line < stop and state.isEmpty(line))
        outside = line < stop and state.sCount[line] < state.blkIndent
        outside = outside and not state.isEmpty(line)
        if line >= stop or outside or (blank and opening == "$$" and not alone):
            env["failures"] = env.get("failures", 0) + 1
            return None
        after = state.bMarks[line] + state.tShift[line]
    if blank and (end - body > _LONGEST or "```" in src[body:end]):
        return None
    end += len(closing)
    if src[end : state.eMarks[line]].strip():
        return None
    tex = state.getLines(start, line + 1, state.blkIndent, keepLastLF=False).strip()
    if opening != "\\b":
        tex = tex[2:-2]
    return tex, line + 1
