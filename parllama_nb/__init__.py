"""Language models in notebooks: `%load_ext parllama_nb`, then `%%parllama` cells."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from IPython.core.interactiveshell import InteractiveShell

    from . import errors, scorers
    from .api.asking import AnswerStream, aask, ask, preview, stream
    from .api.asking import aask as achat
    from .api.asking import ask as chat
    from .api.conversations import (
        Conversation,
        conversation,
        export_sessions,
        import_sessions,
    )
    from .api.describing import describe
    from .api.embeddings import embed
    from .api.local_models import create, pull, quantize, show
    from .api.memory import memory
    from .api.prompts import prompt, prompts
    from .api.sessions import sessions
    from .api.usage import usage
    from .api.views import app, models, open_chat, panel
    from .chats.answer import Answer
    from .chats.preview import RequestPreview
    from .errors import ParllamaError
    from .frames.chart import chart
    from .frames.functions import (
        acompare,
        amap,
        compare,
        map,  # noqa: A004 - the word for it
    )
    from .vaults.vault import Vault

    vault: Vault

__all__ = [
    "Answer",
    "AnswerStream",
    "Conversation",
    "ParllamaError",
    "RequestPreview",
    "__version__",
    "aask",
    "achat",
    "acompare",
    "amap",
    "app",
    "ask",
    "chart",
    "chat",
    "compare",
    "conversation",
    "create",
    "describe",
    "embed",
    "errors",
    "export_sessions",
    "import_sessions",
    "load_ipython_extension",
    "map",
    "memory",
    "models",
    "open_chat",
    "panel",
    "preview",
    "prompt",
    "prompts",
    "pull",
    "quantize",
    "scorers",
    "sessions",
    "show",
    "stream",
    "unload_ipython_extension",
    "usage",
    "vault",
]

__version__ = "0.1.0"

# Where each public name is defined: they are imported when first used (PEP 562), so
# that loading the extension costs nothing.
_HOMES = {
    "Answer": "chats.answer:Answer",
    "AnswerStream": "api.asking:AnswerStream",
    "Conversation": "api.conversations:Conversation",
    "ParllamaError": "errors:ParllamaError",
    "RequestPreview": "chats.preview:RequestPreview",
    "aask": "api.asking:aask",
    "achat": "api.asking:aask",
    "acompare": "frames.functions:acompare",
    "amap": "frames.functions:amap",
    "app": "api.views:app",
    "ask": "api.asking:ask",
    "chart": "frames.chart:chart",
    "chat": "api.asking:ask",
    "compare": "frames.functions:compare",
    "conversation": "api.conversations:conversation",
    "create": "api.local_models:create",
    "describe": "api.describing:describe",
    "embed": "api.embeddings:embed",
    "errors": "errors:",
    "export_sessions": "api.conversations:export_sessions",
    "import_sessions": "api.conversations:import_sessions",
    "map": "frames.functions:map",
    "memory": "api.memory:memory",
    "models": "api.views:models",
    "open_chat": "api.views:open_chat",
    "panel": "api.views:panel",
    "preview": "api.asking:preview",
    "prompt": "api.prompts:prompt",
    "prompts": "api.prompts:prompts",
    "pull": "api.local_models:pull",
    "quantize": "api.local_models:quantize",
    "scorers": "scorers:",
    "sessions": "api.sessions:sessions",
    "show": "api.local_models:show",
    "stream": "api.asking:stream",
    "usage": "api.usage:usage",
    "vault": "api.views:vault",
}


def __getattr__(name: str) -> Any:  # noqa: ANN401 - any public name
    if name not in _HOMES:
        message = f"module {__name__!r} has no attribute {name!r}"
        raise AttributeError(message)
    home, _, attribute = _HOMES[name].partition(":")
    module = import_module(f".{home}", __name__)
    value: Any = getattr(module, attribute) if attribute else module
    if name == "vault":
        # That of the app there is now: a fork, or a test, makes another.
        return value()
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
