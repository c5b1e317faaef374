r"""Writes the source of a formula so that all typesetters read the same.

A formula comes from a model and goes to MathJax, KaTeX and whatever GitHub has, which
disagree on what their TeX is. `js/src/markdown/tex-source.ts` does for the one that
streams what they would disagree on.
"""

from __future__ import annotations

import re

__all__ = ["COMMAND", "clean_math", "pipes"]

# Commands that make a link, load something, or act outside of the formula.
COMMAND = re.compile(
    r"\\(?=(href|url|includegraphics|require|autoload|style|class|cssId|data|unicode"
    r"|mmlToken|csname|special|setOptions|html[A-Za-z]*)(?![A-Za-z])"
    # A box may have a colour and a width, but no call of a CSS function.
    r"|(bbox)(?![A-Za-z])(?!\s*\[[\w\s:,.#%-]*\])(?=\s*\[))"
)

_ENVIRONMENT = re.compile(r"\\(begin|end)\s*\{([^{}]*)\}", re.IGNORECASE)
_BRACE = re.compile(r"\\[{}$]|[{}]")
# A dollar within a formula, unless escaped, ends the formula for some renderers.
_DOLLAR = re.compile(r"(?<!\\)\$")
_ENTITY = re.compile(r"&(?=#?\w+;)")
_TAG = re.compile(r"<(?=[A-Za-z/!?])")
# Places of images, links, and what GitHub turns into links.
_LINK = re.compile(
    r"(?<=\])(?=[(\[:])|(?<=!)(?=\[)|(?<=:)(?=//)|(?<=www)(?=\.)", re.IGNORECASE
)
_CONTROL = re.compile("[\x00-\x09\x0b-\x1f\x7f-\x9f\u2028\u2029]")
_ROW_SPACE = re.compile(r"\\\\\s{0,9}\[[^\]\n]{0,30}\]")
_BRACKET = re.compile(r"\\\\(?=[(\[])")
_COMMENT = re.compile(r"(?<!\\)%[^\n]*")
_MARKER = re.compile(r"\n(?=[-+*>#=~|:_]|\d+[.)])")

# A percent sign behind a digit is one: nobody comments on half a number.
_PERCENT = re.compile(r"(?<=\d)%")
# Labels are for a document: a page that shows a formula twice has them twice, and
# MathJax refuses the second one.
_LABEL = re.compile(r"\\label\s*\{[^{}]*\}")
_REFERENCE = re.compile(r"\\(eq)?ref\s*\{([^{}]*)\}")
# Text within a formula, with braces one deep.
_TEXT = re.compile(
    r"(\\(?:text(?:rm|bf|it|tt|sf|normal|up|md)?|mbox)\s*\{)"
    r"((?:[^{}\\]|\\.|\{(?:[^{}\\]|\\.)*\})*)\}",
    re.DOTALL,
)
_TEXT_SIGN = re.compile(r"(?<!\\)[_#&]")
_SCRIPT = re.compile(r"(?<!\\)[_^]\Z")


def clean_math(tex: str, *, display: bool, block: bool) -> str | None:
    r"""Return a formula's source, changed so that all renderers read it alike.

    None if that is impossible. `tex` is without its delimiters, but with `\begin` and
    `\end`. A formula that is not a `block` is put on one line, because nbconvert drops
    whole lines from its search for formulas. The source of a block begins with what
    stands before it, a line break or a space.
    """
    tex = _COMMENT.sub("", _PERCENT.sub(r"\\%", tex))
    tex = _TEXT.sub(_plain_text, _REFERENCE.sub(_reference, _LABEL.sub("", tex)))
    tex = "\n".join(line.strip() for line in tex.split("\n") if line.strip())
    if not tex or tex.endswith("\\") or _SCRIPT.search(tex):
        return None
    if not _balanced(tex) or _DOLLAR.search(tex):
        return None
    tex = _CONTROL.sub(" ", tex).replace("`", "\u2018")
    # Not `&lt;`: JupyterLab escapes a formula itself, and would show the entity.
    tex = _TAG.sub("< ", tex)
    tex = _ENTITY.sub("& ", tex)
    tex = _LINK.sub(" ", tex)
    tex = COMMAND.sub(r"\\backslash ", tex)
    if not display:
        # nbconvert reads `\\[` as the beginning of a formula, wherever it stands.
        tex = _ROW_SPACE.sub(r"\\\\ ", tex)
        tex = _BRACKET.sub(r"\\\\ ", tex)
    # A line that begins with a minus is a list to a renderer without formulas.
    return _MARKER.sub(" ", f"\n{tex}") if block else tex.replace("\n", " ")


def pipes(tex: str) -> str:
    """Return the formula without pipes, which would end the cell of a table."""
    return tex.replace("\\|", "\\Vert ").replace("|", "\\vert ")


def _balanced(tex: str) -> bool:
    """Whether all braces and environments close: an open one swallows what follows."""
    depth = 0
    for brace in _BRACE.findall(tex):
        if brace == "{":
            depth += 1
        elif brace == "}":
            depth -= 1
            if depth < 0:
                return False
    open_names: list[str] = []
    for kind, name in _ENVIRONMENT.findall(tex):
        if kind == "begin":
            open_names.append(name)
        elif not open_names or open_names.pop() != name:
            return False
    return depth == 0 and not open_names


def _plain_text(match: re.Match[str]) -> str:
    """Return a text within a formula, with its own formulas behind and before it."""
    opening, text = match.groups()
    parts = _DOLLAR.split(text)
    if len(parts) % 2 == 0:
        return match[0]
    for index in range(0, len(parts), 2):
        part = _TEXT_SIGN.sub(r"\\\g<0>", parts[index])
        parts[index] = f"{opening}{part}}}" if part or len(parts) == 1 else ""
    return "".join(parts)


def _reference(match: re.Match[str]) -> str:
    return rf"\text{{({match[2]})}}" if match[1] else rf"\text{{{match[2]}}}"
