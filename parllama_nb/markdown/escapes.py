r"""Writes text and code so that no renderer reads more into them than what they say.

JupyterLab and nbconvert look for formulas in the raw text before they look for code:
`\begin{a}` within backticks may swallow the backtick and free what follows. So no raw
dollar, backtick or angle bracket is written in prose, and code that holds what looks
like a formula is written as `<code>` with entities. MathJax looks for formulas in the
finished page, and only an element of its own keeps a dollar from starting one or a
command from acting in one: hence `<span>`.
"""

from __future__ import annotations

import re

from .tex_source import COMMAND

__all__ = [
    "DOLLAR",
    "code_span",
    "dollar",
    "entities",
    "line_start",
    "prose",
    "without_controls",
]

# Not `@`: JupyterLab marks a formula's place by `@@0@@`, and must see that in the text.
_PUNCTUATION = re.compile(r"[!\"#$&*.:<>\[-`{-~]")
_CONTROL = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f]")
_TICKS = re.compile("`+")
# What JupyterLab or nbconvert may read as the beginning or end of a formula.
_MATH_IN_CODE = re.compile(
    r"\$\$|\\\\[()\[\]]|\\(?:begin|end)\{[a-z]*\*?\}", re.IGNORECASE
)

_TEXT = re.compile(
    rf"(?P<tex>{COMMAND.pattern})"
    r"|(?P<char>[\\`<*~_$!|\[\]]|&(?=\#?\w)|:(?=//)|(?<=xmpp):|(?<=www)\.)",
    re.IGNORECASE,
)
_LINE_START = re.compile(
    r"(?P<entity>[ \t]|>|[=|](?=[-=:| \t+]*\Z)|:(?=\s|[-=:| \t+]*\Z)"
    # For nbconvert a label may extend beyond this line, up to a "]:" within code.
    r"|\[(?![^\[\]\\]*\][^(\[:]))"
    r"|(?P<escape>\#|[-+](?=\s|\Z|[-=:| \t+]+\Z))"
    r"|(?P<digits>\d{1,9})(?P<after>[.)])(?=\s|\Z)"
)
# The placeholder of a plain dollar, until all of a paragraph are counted.
DOLLAR = "\0"


def without_controls(text: str) -> str:
    """Return the text without characters that some parsers read as a line break."""
    return _CONTROL.sub("\ufffd", text.replace("\u2028", " ").replace("\u2029", " "))


def entities(text: str) -> str:
    """Return the text with all that could mean something as entities."""
    return _PUNCTUATION.sub(lambda m: f"&#{ord(m[0])};", text)


def dollar(*, alone: bool) -> str:
    """Return a plain dollar; only one that is alone in its paragraph needs no more."""
    return "\\$" if alone else "<span>&#36;</span>"


def line_start(text: str) -> tuple[str, str]:
    """Return what begins a line, so that it begins no block, and the text after it."""
    match = _LINE_START.match(text)
    if not match:
        return "", text
    rest = text[match.end() :]
    if match["entity"]:
        return f"&#{ord(match['entity'])};", rest
    return f"{match['digits'] or ''}\\{match['after'] or match['escape']}", rest


def prose(text: str, *, inside: bool, open_end: bool, near_math: bool) -> str:
    """Return a text as Markdown that shows it.

    `inside`: it is in a link's text. `open_end`: more of the paragraph follows, which
    may be a link or code. `near_math`: the finished paragraph may hold a formula.
    """

    def replaced(m: re.Match[str]) -> str:
        if m["tex"] is not None:
            return "<span>&#92;</span>" if near_math else "\\"
        char, before, after = (
            m["char"],
            text[max(0, m.start() - 1) : m.start()],
            text[m.end() : m.end() + 1],
        )
        if char == "$":
            return DOLLAR
        if char == "\\":
            return _backslash(text[m.end() : m.end() + 6])
        if char in "*~_":
            in_word = char == "_" and before.isalnum() and after.isalnum()
            return char if in_word else f"\\{char}"
        special = {"!": "[", "]": "([:", "[": "", "|": ""}.get(char)
        if special is not None:
            ambiguous = inside or (after in special if after else open_end)
            return f"&#{ord(char)};" if ambiguous else char
        return {"<": "&lt;", "&": "&amp;"}.get(char) or f"&#{ord(char)};"

    return _TEXT.sub(replaced, text)


def _backslash(rest: str) -> str:
    """Return a backslash that `rest` follows."""
    if rest.startswith(("\\", "$", "begin{", "ref{", "eqref{")):
        # MathJax drops one before the first two, outside of formulas too, and takes
        # the others for formulas.
        return "<span>&#92;</span>"
    plain = rest[:1].isalnum() and not rest.startswith("end{")
    return "\\" if plain else "&#92;"


def code_span(code: str, *, as_tag: bool, dir: str = "") -> str:  # noqa: A002 - HTML's
    """Return code in a line, `as_tag` if backticks would be ambiguous there."""
    code = without_controls(code.replace("\n", " "))
    runs = {len(run) for run in _TICKS.findall(code)}
    if as_tag or dir or runs >= {1, 2} or _MATH_IN_CODE.search(code):
        attribute = f' dir="{dir}"' if dir else ""
        return f"<code{attribute}>{entities(code)}</code>"
    fence = "`" if 1 not in runs else "``"
    pad = " " if runs and "`" in code[0] + code[-1] else ""
    if code[0] == code[-1] == " " and code.strip():
        pad = " "
    return f"{fence}{pad}{code}{pad}{fence}"
