"""Language models in notebooks: `%load_ext parllama_nb`, then `%%parllama` cells."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from IPython.core.interactiveshell import InteractiveShell

    from .api import (
        AnswerStream,
        achat,
        app,
        chat,
        models,
        open_chat,
        panel,
        stream,
    )
    from .chats.answer import Answer
    from .errors import ParllamaError
    from .frames.chart import chart
    from .frames.functions import compare, map  # noqa: A004 - the word for it

__all__ = [
    "Answer",
    "AnswerStream",
    "ParllamaError",
    "__version__",
    "achat",
    "app",
    "chart",
    "chat",
    "compare",
    "load_ipython_extension",
    "map",
    "models",
    "open_chat",
    "panel",
    "stream",
    "unload_ipython_extension",
]

__version__ = "0.1.0"

# Where each public name is defined: they are imported when first used (PEP 562), so
# that loading the extension costs nothing.
_HOMES = {
    "Answer": "chats.answer",
    "AnswerStream": "api",
    "ParllamaError": "errors",
    "achat": "api",
    "app": "api",
    "chart": "frames.chart",
    "chat": "api",
    "compare": "frames.functions",
    "map": "frames.functions",
    "models": "api",
    "open_chat": "api",
    "panel": "api",
    "stream": "api",
}


def __getattr__(name: str) -> Any:  # noqa: ANN401 - any public name
    home = _HOMES.get(name)
    if home is None:
        message = f"module {__name__!r} has no attribute {name!r}"
        raise AttributeError(message)
    value = getattr(import_module(f".{home}", __name__), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted(__all__)


def load_ipython_extension(shell: InteractiveShell) -> None:
    """What `%load_ext parllama_nb` does."""
    from .magics import register  # noqa: PLC0415

    register(shell)


def unload_ipython_extension(shell: InteractiveShell) -> None:
    """What `%unload_ext parllama_nb` does."""
    from .magics import unregister  # noqa: PLC0415

    unregister(shell)
