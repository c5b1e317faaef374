"""The formats of a conversation in a file; each is imported when it is used."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from ...errors import UsageError
from ...fuzzy import near
from ..history.saved import SavedConversation
from .parsed import Parsed

__all__ = ["FORMATS", "Format", "find_format", "format_of", "read_text"]


@dataclass(frozen=True, slots=True)
class Format:
    """A format. `holds_images` says whether images are in its files in any case.

    `write` gets a conversation, and whether to put in the data of images. `read`
    returns None for a text of another kind; it is None if the format is only written.
    """

    name: str
    title: str
    suffix: str
    write: Callable[[SavedConversation, bool], str]
    read: Callable[[str], Parsed | None] | None = None
    holds_images: bool = True
    holds_branches: bool = True


def _write_markdown(conversation: SavedConversation, attachments: bool) -> str:  # noqa: FBT001 - as all
    from .markdown.writing import write_markdown  # noqa: PLC0415 - when it is used

    return write_markdown(conversation, attachments=attachments)


def _read_markdown(text: str) -> Parsed | None:
    from .markdown.reading import read_markdown  # noqa: PLC0415 - when it is used

    return read_markdown(text)


def _write_json(conversation: SavedConversation, _attachments: bool) -> str:  # noqa: FBT001
    from .json_file import write_json  # noqa: PLC0415 - when it is used

    return write_json(conversation)


def _read_json(text: str) -> Parsed | None:
    from .json_file import content_of, conversation_in  # noqa: PLC0415 - as above
    from .parllama import read_parllama_chat  # noqa: PLC0415

    content = content_of(text)
    conversation = conversation_in(content)
    if conversation is not None:
        return Parsed(conversation)
    return read_parllama_chat(content)


def _write_notebook(conversation: SavedConversation, _attachments: bool) -> str:  # noqa: FBT001
    from .notebook import write_notebook  # noqa: PLC0415 - when it is used

    return write_notebook(conversation)


def _read_notebook(text: str) -> Parsed | None:
    from .notebook import read_notebook  # noqa: PLC0415 - when it is used

    return read_notebook(text)


def _write_html(conversation: SavedConversation, _attachments: bool) -> str:  # noqa: FBT001
    from .html.page import write_html  # noqa: PLC0415 - when it is used

    return write_html(conversation)


FORMATS: dict[str, Format] = {
    each.name: each
    for each in (
        Format(
            "markdown",
            "Markdown",
            ".md",
            _write_markdown,
            _read_markdown,
            holds_images=False,
        ),
        Format("json", "JSON", ".json", _write_json, _read_json),
        Format("notebook", "Notebook", ".ipynb", _write_notebook, _read_notebook),
        Format("html", "HTML", ".html", _write_html, holds_branches=False),
    )
}
"""All formats by their names; the first is that of a path that tells none."""

_SUFFIXES = {
    **{each.suffix: each for each in FORMATS.values()},
    ".markdown": FORMATS["markdown"],
    ".htm": FORMATS["html"],
}


def find_format(name: str) -> Format:
    """Return a format by its name.

    Raises:
        UsageError: there is no such format; the hint names those there are.

    """
    known = FORMATS.get(name.lower())
    if known is not None:
        return known
    message = f"There is no format {name!r:.60}."
    meant = near(name, FORMATS, 1)
    also = f"Did you mean {meant[0]}? " if meant else ""
    raise UsageError(message, hint=f"{also}There are {', '.join(FORMATS)}.")


def format_of(path: str) -> Format | None:
    """Return the format that the end of a file's name tells; None if it tells none."""
    _, dot, suffix = path.lower().rpartition(".")
    return _SUFFIXES.get(f".{suffix}") if dot else None


def read_text(path: str, text: str) -> Parsed | None:
    """Return the conversation of a file's text; None if the text is of another kind.

    Raises:
        UsageError: it is damaged, or of a later version.

    """
    known = format_of(path)
    if known is None or known.read is None:
        return None
    return known.read(text)
