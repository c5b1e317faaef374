"""Which file a name stands for, and how the engine loads it.

A name is one that the engine knows, one of the user's own models, or the path of a GGUF
file.
"""

from __future__ import annotations

import os
from pathlib import Path

from ...errors import BadRequestError, DamagedModelError, ModelNotFoundError
from ...fuzzy import near
from ...weights.gguf_facts import GGUFFacts
from .file_facts import file_facts
from .known_models import MODELS, Load, Weights
from .own_models import OwnModel, OwnModels

__all__ = [
    "ANSWER_WINDOW",
    "demo_load",
    "embedding_window",
    "file_of",
    "loaded_name",
    "own_load",
]

ANSWER_WINDOW = 8192
"""Tokens per answer of a model of the user's own, if it can read so many.

Its file may be large, and its cache grows with it: one slot, and a window that a laptop
can hold.
"""

_LONGEST_TEXT = 8192
_LONGEST_TEXT_OF_CHAT = 2048
"""Tokens of a text to embed. A model that also writes holds a number for each word it
knows and each token of the text: measured, 0.9 GB more for 2,048 tokens of a small one.
"""


def file_of(name: str, own: OwnModels) -> OwnModel | Path:
    """Return the user's own model of this name, or the file at this path.

    Raises:
        ModelNotFoundError: the name is neither, or the file is not there.

    """
    model = own.find(name)
    if model is not None:
        _check_there(model)
        return model
    path = Path(name).expanduser()
    if "/" not in name and os.sep not in name and path.suffix != ".gguf":
        names = [*MODELS, *(one.name for one in own.all())]
        offered = near(name, names, 1, cutoff=0.4) or names
        message = f"The embedded engine has no model {name!r}."
        hint = f"Try embedded/{offered[0]}, or embedded/PATH for a GGUF file of yours."
        problem = own.problem
        raise ModelNotFoundError(message, hint=f"{problem} {hint}".strip())
    if not path.is_file():
        message = f"There is no file {name!r}."
        hint = "embedded/PATH needs the path of a GGUF file on the kernel's machine."
        raise ModelNotFoundError(message, hint=hint)
    return path


def loaded_name(found: OwnModel | Path) -> str:
    """Return the name under which the engine has a file of the user's own."""
    return found.stem if isinstance(found, Path) else found.name


def own_load(found: OwnModel | Path, *, embeddings: bool) -> Load:
    """Return how the engine loads a file of the user's own. Blocks: reads its header.

    Raises:
        ModelNotFoundError: the file cannot be read.
        DamagedModelError: it has another format, or is damaged.
        BadRequestError: the model is not made for this.

    """
    path = found if isinstance(found, Path) else Path(found.path)
    name = loaded_name(found)
    facts = file_facts(path)
    _check_kind(name, facts, embeddings=embeddings)
    if not embeddings:
        window = min(facts.context_window or ANSWER_WINDOW, ANSWER_WINDOW)
        return Load(name, str(path.resolve()), window, slots=1)
    window = embedding_window(facts)
    # Without one in the file, the engine would give a vector for each token.
    pooling = "" if facts.pooling in ("mean", "cls", "last") else "mean"
    note = "" if facts.capabilities == {"embedding"} else _note(name)
    return Load(name, str(path.resolve()), window, 1, pooling, note)


def demo_load(weights: Weights, path: Path, *, embeddings: bool) -> Load:
    """Return how the engine loads a model that it knows by name."""
    if not embeddings:
        return Load(weights.name, str(path), weights.context_window, weights.slots)
    window = min(weights.context_window, _LONGEST_TEXT_OF_CHAT)
    return Load(weights.name, str(path), window, 1, "mean", _note(weights.name))


def embedding_window(facts: GGUFFacts) -> int:
    """Return how many tokens a text to embed may have."""
    most = _LONGEST_TEXT if facts.is_encoder else _LONGEST_TEXT_OF_CHAT
    return min(facts.context_window or most, most)


def _note(name: str) -> str:
    return f"{name} is made for chat, so its embeddings find less"


def _check_there(model: OwnModel) -> None:
    state = model.state
    if state == "unfinished":
        message = f"{model.name} is downloaded only in part."
        hint = f"Add {model.source} again, which goes on from there."
        raise ModelNotFoundError(message, hint=hint)
    if state == "missing":
        message = f"The file of {model.name} is gone: {model.path}."
        hint = f"Put it back, add {model.source} again, or remove the model."
        raise ModelNotFoundError(message, hint=hint)


def _check_kind(name: str, facts: GGUFFacts, *, embeddings: bool) -> None:
    if not facts.architecture:
        message = f"{name} is a GGUF file that names no architecture."
        raise DamagedModelError(
            message, hint="It may be an adapter, or of another use."
        )
    if facts.kind == "adapter":
        message = f"{name} changes another model; it is not a whole one."
        raise BadRequestError(message, hint="Use a model for that.")
    if facts.architecture == "clip" or facts.kind == "projector":
        message = f"{name} is the part of a model that sees, not a whole one."
        raise BadRequestError(message, hint="The embedded engine reads text only.")
    if facts.capabilities == {"rerank"}:
        message = f"{name} compares two texts; it neither answers nor embeds."
        raise BadRequestError(message, hint="Use a model for that.")
    if not embeddings and facts.capabilities == {"embedding"}:
        message = f"{name} is a model for embeddings; it does not answer."
        raise BadRequestError(message, hint="Ask a model that answers.")
