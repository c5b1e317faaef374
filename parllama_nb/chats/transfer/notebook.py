"""One conversation as a notebook: each question is a cell that can be run again.

The cells show the branch that the conversation shows, with sanitised answers. All of
the conversation is in the notebook's metadata, and an import reads it from there.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

from ...errors import UsageError
from ...markdown.sanitize import escape, sanitize
from ...providers.messages import DocumentPart, ImagePart
from ...quoting import quoted
from ...surrogates import without_surrogates
from ..history.saved import SavedConversation, SavedTurn
from .facts import answer_of, date_of, turn_count
from .json_file import FORMAT, VERSION, check_version
from .parsed import Parsed
from .sharing import without_paths
from .values import conversation_of, indented, values_of

__all__ = ["read_notebook", "write_notebook"]

_KEY = "parllama_nb"
_IMAGE = re.compile(r"data:(image/(?:png|jpeg|gif|webp));base64,([A-Za-z0-9+/]+={0,2})")


def write_notebook(conversation: SavedConversation) -> str:
    """Return a conversation as a notebook of the format 4.5."""
    conversation = without_paths(conversation)
    values = values_of(conversation)
    cells = [*_head(conversation)]
    for turn in conversation.shown:
        cells += _turn(turn)
    for number, cell in enumerate(cells, 1):
        cell["id"] = f"cell-{number}"
    metadata = {
        "kernelspec": {
            "display_name": "Python 3 (ipykernel)",
            "language": "python",
            "name": "python3",
        },
        "language_info": {"name": "python"},
        _KEY: {"format": FORMAT, "version": VERSION, "conversation": values},
    }
    notebook = {
        "cells": cells,
        "metadata": metadata,
        "nbformat": 4,
        "nbformat_minor": 5,
    }
    return indented(notebook)


def read_notebook(text: str) -> Parsed | None:
    """Return the conversation in a notebook's metadata; None if there is none.

    Raises:
        UsageError: it is not JSON, is of a later version, or is damaged.

    """
    try:
        notebook = json.loads(text)
    except (ValueError, RecursionError):
        message = "It is not a notebook: it is not JSON."
        raise UsageError(message, hint="The file is damaged.") from None
    metadata = notebook.get("metadata") if isinstance(notebook, dict) else None
    content = metadata.get(_KEY) if isinstance(metadata, dict) else None
    if not isinstance(content, dict) or content.get("format") != FORMAT:
        return None
    check_version(content.get("version"))
    return Parsed(conversation_of(content.get("conversation")))


def _head(conversation: SavedConversation) -> Iterator[dict[str, Any]]:
    facts = [turn_count(conversation), date_of(conversation.created)]
    line = " · ".join(each for each in facts if each)
    yield _markdown(f"# {escape(conversation.name)}\n\n{escape(line)}")
    if conversation.system:
        yield _markdown(f"## System prompt\n\n{sanitize(conversation.system)}")
    yield _code("%load_ext parllama_nb")


def _turn(turn: SavedTurn) -> Iterator[dict[str, Any]]:
    asked = [n for n, each in enumerate(turn.question) if each.role == "user"]
    last = asked[-1] if asked else -1
    for number, message in enumerate(turn.question):
        if number != last and message.text.strip():
            yield _markdown(f"## {message.role.title()}\n\n{sanitize(message.text)}")
        documents = [part for part in message.parts if isinstance(part, DocumentPart)]
        for document in documents:
            title = escape(document.title or document.source or "Document")
            yield _markdown(f"**{title}**\n\n{sanitize(document.text)}")
        images = [part for part in message.parts if isinstance(part, ImagePart)]
        if images:
            yield _images(images)
    model = f"-m {quoted(without_surrogates(turn.model))} " if turn.model else ""
    question = turn.question[last].text if asked else ""
    cell = _code(f"%%parllama {model}-c\n{question}")
    answer = answer_of(turn)
    data = {
        "text/markdown": without_surrogates(answer.markdown),
        "text/plain": without_surrogates(answer.text),
    }
    cell["outputs"] = [{"output_type": "display_data", "data": data, "metadata": {}}]
    yield cell


def _images(images: list[ImagePart]) -> dict[str, Any]:
    """Return a cell that shows images, which it holds as attachments."""
    lines, attachments = [], {}
    for number, image in enumerate(images, 1):
        match = _IMAGE.fullmatch(image.url)
        if match is None:
            lines.append("*An image that cannot be shown.*")
            continue
        name = f"image-{number}.{match[1].rpartition('/')[2]}"
        lines.append(f"![Image {number}](attachment:{name})")
        attachments[name] = {match[1]: match[2]}
    cell = _markdown("\n\n".join(lines))
    if attachments:
        cell["attachments"] = attachments
    return cell


def _markdown(text: str) -> dict[str, Any]:
    return {"cell_type": "markdown", "id": "", "metadata": {}, "source": _lines(text)}


def _code(text: str) -> dict[str, Any]:
    return {
        "cell_type": "code",
        "execution_count": None,
        "id": "",
        "metadata": {},
        "outputs": [],
        "source": _lines(text),
    }


def _lines(text: str) -> list[str]:
    lines = without_surrogates(text).split("\n")
    return [f"{line}\n" for line in lines[:-1]] + lines[-1:]
