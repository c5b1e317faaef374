"""`pl.pull`, `pl.show`: local models from Python, as the commands of the same names."""

from __future__ import annotations

from typing import Any

from ..application import get_app
from ..commands import COMMANDS, Call, Notebook
from ..local_models.details import ModelDetails
from ..notebook.live_cell import run_shown

__all__ = ["pull", "show"]


def pull(*models: str, insecure: bool = False) -> None:
    """Download models to the Ollama server, with progress in the calling cell.

    A pull that was stopped or cut goes on where it was when it is asked for again.

    Args:
        models: `llama3.2:1b` of the library, `HOST/NAME:TAG` of another registry, or
            `hf.co/USER/REPOSITORY:QUANTIZATION`.
        insecure: allow a registry without a valid certificate.

    Raises:
        ModelNotFoundError: the registry has no such model.
        ParllamaError: it failed; of several models, all did.

    """
    _run("pull", " ".join(models), models=models, insecure=insecure)


def show(model: str) -> ModelDetails:
    """Return what is known of a local model.

    Raises:
        ModelNotFoundError: there is no such model; the hint names near ones.
        ParllamaError: its server did not say.

    """
    app = get_app()
    return app.runtime.run(app.local_models.details(model))


def _run(name: str, subject: str, **values: object) -> Any:  # noqa: ANN401
    """Run a command that follows a job, and show it in the calling cell."""
    app, command = get_app(), COMMANDS[name]
    params = command.validated({k: v for k, v in values.items() if v is not None})
    return run_shown(
        app,
        f"{name} {subject}",
        lambda job: command.run(params, Call(app, Notebook(name="python"), job)),
        listed=False,
    )
