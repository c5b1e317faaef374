"""The phrases of the library's pages: counts, sizes, ages, and what they are of.

`386.8K` beside `Pulls`, `1.3GB`, `128K context window`, `Text, Image`, `2 weeks ago`.
Each pattern has to match a whole phrase, and none backtracks far.
"""

from __future__ import annotations

import re

__all__ = [
    "CAPABILITIES",
    "age_of",
    "bytes_of",
    "count_of",
    "digest_of",
    "inputs_of",
    "label_of",
    "labelled",
    "parameters_of",
    "phrases_of",
    "tokens_of",
]

_WORDS = "audio cloud code decision embedding image insert thinking tools video vision"

CAPABILITIES = frozenset(_WORDS.split())
"""What a model may be capable of, as the site calls it."""

_KINDS = frozenset(["audio", "file", "image", "pdf", "text", "video"])

_LABELS = {
    "pulls": ("pull", "pulls", "download", "downloads"),
    "tags": ("tag", "tags", "variant", "variants", "version", "versions"),
    "updated": ("updated", "modified", "last updated"),
    "models": ("model", "models"),
}
_LABEL = {word: label for label, words in _LABELS.items() for word in words}

_BETWEEN = re.compile(r" ?[•·∙|] ?")
_COUNT = re.compile(r"(\d[\d,]{0,14}(?:\.\d{1,4})?) ?([KMB]?)\+?", re.IGNORECASE)
_PARAMETERS = re.compile(
    r"(?:\d{1,4}x|e)?\d{1,5}(?:\.\d{1,3})?[bmt](?:-a\d{1,4}(?:\.\d{1,3})?b)?",
    re.IGNORECASE,
)
_BYTES = re.compile(r"(\d{1,6}(?:\.\d{1,3})?) ?([KMGT])i?B", re.IGNORECASE)
_TOKENS = re.compile(
    r"(\d{1,9}(?:\.\d{1,3})?) ?([KM]?)( ?(?:tokens? )?(?:context|ctx)"
    r"(?: window| length)?| ?tokens?)?",
    re.IGNORECASE,
)
_DIGEST = re.compile(r"(?:sha256:)?([0-9a-f]{12}(?:[0-9a-f]{52})?)", re.IGNORECASE)
_AGE = re.compile(
    r"(?:(?:about |over |almost )?(?:\d{1,4}|an?|a few) ?"
    r"(?:s|sec|m|min|h|hr|d|w|wk|mo|y|yr|second|minute|hour|day|week|month|year)s?"
    r" ago|yesterday|today|just now|last (?:week|month|year)"
    r"|\d{4}-\d\d-\d\d(?:[T ][\d:.Z+-]{1,20})?"
    r"|[A-Z][a-z]{2,8} \d{1,2}, \d{4}(?: \d{1,2}:\d\d(?: [AP]M)?)?(?: UTC)?)",
    re.IGNORECASE,
)

_DECIMAL = {"": 1, "K": 10**3, "M": 10**6, "G": 10**9, "B": 10**9, "T": 10**12}
_BINARY = {"": 1, "K": 2**10, "M": 2**20}


def phrases_of(words: str) -> list[str]:
    """Split a text at the dots and bars that stand between its phrases."""
    return [phrase for phrase in _BETWEEN.split(words) if phrase]


def label_of(phrase: str) -> str:
    """Return what a label is of: "pulls", "tags", ...; "" if it is none."""
    return _LABEL.get(phrase.rstrip(":").strip().lower(), "")


def labelled(phrase: str) -> tuple[str, str]:
    """Split "386.8K Pulls" or "Updated 2 weeks ago" into label and value, or "", ""."""
    words = phrase.removeprefix("Last ").split(" ")
    for label, rest in ((words[-1], words[:-1]), (words[0], words[1:])):
        kind, value = label_of(label), " ".join(rest)
        if kind and rest and (age_of if kind == "updated" else count_of)(value):
            return kind, value
    return "", ""


def count_of(phrase: str) -> int | None:
    """Return the number in "386.8K" or "1,234"."""
    found = _COUNT.fullmatch(phrase)
    if found is None:
        return None
    return round(float(found[1].replace(",", "")) * _DECIMAL[found[2].upper()])


def parameters_of(phrase: str) -> str:
    """Return a number of parameters as "1.5b", "8x7b" or "e4b"; "" if it is none.

    "6.3M" is a count: that of parameters has a small letter, but for billions.
    """
    is_size = _PARAMETERS.fullmatch(phrase) and phrase[-1] not in "MT"
    return phrase.lower() if is_size else ""


def bytes_of(phrase: str) -> int | None:
    """Return the bytes in "1.3GB"; Ollama counts them in thousands."""
    found = _BYTES.fullmatch(phrase)
    return found and round(float(found[1]) * _DECIMAL[found[2].upper()])


def tokens_of(phrase: str, *, named: bool) -> int | None:
    """Return the tokens in "128K context window", or in "128K" unless `named`."""
    found = _TOKENS.fullmatch(phrase)
    if found is None or (named and not found[3]):
        return None
    return round(float(found[1]) * _BINARY[found[2].upper()]) or None


def digest_of(phrase: str) -> str:
    """Return how a digest begins, 12 digits or all 64; "" if it is none."""
    found = _DIGEST.fullmatch(phrase)
    return found[1].lower() if found else ""


def inputs_of(phrase: str) -> tuple[str, ...]:
    """Return the kinds in "Text, Image" or "Text input"; () if it has others."""
    words = re.split(r"[,/&+]| and ", phrase.lower().removesuffix(" input"))
    kinds = tuple(word.strip() for word in words)
    return kinds if set(kinds) <= _KINDS else ()


def age_of(phrase: str) -> str:
    """Return a phrase that says when, as it is; "" for others."""
    return phrase if _AGE.fullmatch(phrase) else ""
