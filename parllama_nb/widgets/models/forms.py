"""What the form of a new model says, as a Modelfile and as a creation."""

from __future__ import annotations

from pathlib import Path

from ...errors import UsageError
from ...local_models.creation.creation import Creation
from ...local_models.creation.from_modelfile import creation_of
from ...local_models.creation.modelfile import Command, Modelfile, parse
from ...local_models.creation.parameters import checked
from .forms_protocol import CreateParams

__all__ = ["creation", "modelfile"]

_HUBS = ("hf.co/", "huggingface.co/")
_PREFIX = "ollama/"


def modelfile(params: CreateParams) -> Modelfile:
    """Return the Modelfile that says what a form says.

    Raises:
        UsageError: the form lacks something, or a Modelfile cannot hold it.

    """
    if not params.source.strip():
        message = "There is nothing to start from."
        raise UsageError(message, hint="Name a model, a file or a folder.")
    if params.start == "modelfile":
        made = parse(params.source)
    else:
        made = Modelfile.of([Command("from", _from(params))])
    texts = {
        "system": params.system,
        "template": params.template,
        "license": params.license,
        "adapter": params.adapter.strip(),
    }
    for name, text in texts.items():
        if text.strip():
            made = made.having(Command(name, text))
    for pair in params.parameters:
        if pair.name.strip():
            name, value = pair.name.strip(), pair.value.strip()
            made = made.having(Command("parameter", value, name))
    for each in params.messages:
        if each.content.strip():
            made = made.having(Command("message", each.content, each.role))
    return made


def creation(params: CreateParams) -> Creation:
    """Return the model that a form describes; looks up its files.

    Raises:
        UsageError: the form lacks something, or what it names is not there.

    """
    name = params.name.strip().removeprefix(_PREFIX)
    if not name:
        message = "The new model has no name."
        raise UsageError(message, hint="One is written NAME or NAME:TAG.")
    made = creation_of(name, modelfile(params), Path.cwd(), quantize=params.quantize)
    checked(made.parameters)  # so that the form says it, and not a job
    return made


def _from(params: CreateParams) -> str:
    """Return what FROM names."""
    source = params.source.strip()
    if params.start == "model":
        return source.removeprefix(_PREFIX)
    if params.start == "hub":
        source = source.removeprefix("https://")
        return source if source.startswith(_HUBS) else f"hf.co/{source}"
    path = Path(source).expanduser()
    # So that it is never taken for the name of a model.
    return str(path) if path.is_absolute() else f"./{path}"
