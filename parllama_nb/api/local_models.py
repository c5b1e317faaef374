"""Local models from Python: as the commands of the same names, shown in the cell."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..application import get_app
from ..commands import COMMANDS, Call, Notebook
from ..errors import UsageError
from ..local_models.ollama.details import ModelDetails
from ..notebook.live_cell import run_shown

__all__ = ["create", "pull", "quantize", "show"]


def pull(*models: str, insecure: bool = False) -> None:
    """Download models to the Ollama server, with progress in the calling cell.

    A pull that was stopped or cut goes on where it was when it is asked for again.

    Args:
        models: `llama3.2:1b` of the library, `HOST/NAME:TAG` of another registry, or
            `hf.co/USER/REPOSITORY:QUANTIZATION`.
        insecure: allow a registry without a valid certificate.

    Raises:
        UsageError: no model was named, or not one.
        ModelNotFoundError: the registry has no such model.
        ParllamaError: it failed; of several models, all did.

    """
    if not models:
        message = "pl.pull needs the name of a model."
        raise UsageError(message, hint='pl.pull("llama3.2:1b") downloads that one.')
    subject = " ".join(map(str, models))
    _run("pull", subject, models=models, insecure=insecure)


def create(  # noqa: PLR0913 - each is an option of its own
    name: str,
    base: str | None = None,
    *,
    modelfile: str = "",
    system: str | None = None,
    template: str | None = None,
    parameters: Mapping[str, object] | None = None,
    license: str | None = None,  # noqa: A002 - what a Modelfile calls it
    adapter: str | None = None,
    quantize: str | None = None,
) -> None:
    """Make a model on the Ollama server; one of the same name is replaced.

    Args:
        name: of the new model.
        base: a model, `hf.co/USER/REPOSITORY:TYPE`, the path of a GGUF file or of a
            folder of weights; None if the Modelfile names it.
        modelfile: the text of a Modelfile; what else is given goes before it.
        system: its system prompt.
        template: its template.
        parameters: as Ollama names them: `{"temperature": 0.2, "stop": ["END"]}`.
        license: the text of its license.
        adapter: the path of a LoRA adapter.
        quantize: the type to which Ollama quantizes an F16 or BF16 base.

    Raises:
        UsageError: it cannot be made; nothing has travelled.
        ParllamaError: it was not made.

    """
    pairs = [
        f"{key}={each}"
        for key, value in (parameters or {}).items()
        for each in (value if isinstance(value, list | tuple) else [value])
    ]
    _run(
        "create",
        name,
        name=name,
        base=base,
        modelfile=modelfile,
        system=system,
        template=template,
        parameter=tuple(pairs),
        license=license,
        adapter=adapter,
        quantize=quantize,
    )


def quantize(source: str, type: str, to: str | None = None) -> None:  # noqa: A002 - the word for it
    """Make a smaller model of a model in F32, F16 or BF16, or of a GGUF file.

    Args:
        source: a model, or the path of a GGUF file.
        type: such as "Q4_K_M"; `%parllama quantize` lists them.
        to: a name for Ollama, `embedded/NAME`, or the path of a new file; None for a
            name made of the source's, where that is.

    Raises:
        UsageError: it cannot be quantized to this type, and why.
        ParllamaError: it failed; nothing is left behind.

    """
    _run("quantize", f"{source} {type}", source=source, type=type, to=to)


def show(model: str) -> ModelDetails:
    """Return what is known of a local model.

    Raises:
        UsageError: it is no name of a model.
        ModelNotFoundError: there is no such model; the hint names near ones.
        ParllamaError: its server did not say.

    """
    app = get_app()
    COMMANDS["show"].validated({"model": model})
    return app.runtime.run(app.local_models.details(model))


def _run(command_name: str, subject: str, /, **values: object) -> Any:  # noqa: ANN401
    """Run a command that follows a job, and show it in the calling cell."""
    app, command = get_app(), COMMANDS[command_name]
    params = command.validated({k: v for k, v in values.items() if v is not None})
    return run_shown(
        app,
        f"{command_name} {subject}",
        lambda job: command.run(params, Call(app, Notebook(name="python"), job)),
        listed=False,
    )
