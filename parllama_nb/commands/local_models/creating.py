"""create: a model of one's own, from a Modelfile or from options."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from ...errors import UsageError
from ...local_models import NATIVE_TYPES
from ...markdown.sanitize import escape
from ..report import Report
from ..table import Argument, Call, Command, Option, Params
from .names import GROUP, of_ollama

if TYPE_CHECKING:
    from ...local_models.creation.creation import Creation

__all__ = ["COMMAND", "CreateParams", "creation"]

_LARGEST = 4 << 20
"""Bytes of a Modelfile; one with a long license and many messages has a few 10,000."""


class CreateParams(Params):
    """What a new model is called, and what it is made of."""

    name: Annotated[str, Argument("NAME", "The new model, as me/mario or mario:v2.")]
    modelfile: Annotated[
        str, Argument("MODELFILE", "In a cell: the Modelfile.", cell=True)
    ] = ""
    base: Annotated[
        str | None,
        Option(
            ("--from",),
            "A model, hf.co/USER/REPOSITORY:TYPE, a GGUF file or a folder of weights.",
            "BASE",
            of_ollama,
        ),
    ] = None
    file: Annotated[
        str | None, Option(("-f", "--file"), "A Modelfile on disk.", "PATH")
    ] = None
    system: Annotated[
        str | None, Option(("-s", "--system"), "Its system prompt.", "TEXT")
    ] = None
    template: Annotated[
        str | None, Option(("--template",), "Its template.", "TEXT")
    ] = None
    parameter: Annotated[
        tuple[str, ...],
        Option(
            ("-p", "--parameter"),
            "A parameter, such as temperature=0.2; once for each.",
            "NAME=VALUE",
            repeat=True,
        ),
    ] = ()
    license: Annotated[
        str | None, Option(("--license",), "The text of its license.", "TEXT")
    ] = None
    adapter: Annotated[
        str | None, Option(("--adapter",), "A LoRA adapter for the base.", "PATH")
    ] = None
    quantize: Annotated[
        str | None,
        Option(
            ("-q", "--quantize"),
            f"Let Ollama quantize an F16 or BF16 base: {', '.join(NATIVE_TYPES)}.",
            "TYPE",
            lambda _app, _before: NATIVE_TYPES,
        ),
    ] = None
    background: Annotated[
        bool, Option(("--background",), "Go on while other cells run.")
    ] = False


async def create(params: CreateParams, call: Call) -> Report:
    """Make a model on the Ollama server; one of the same name is replaced."""
    wanted = await asyncio.to_thread(creation, params)
    job = call.app.local_models.create(wanted)
    await job.followed(call.job.report, call.job.notice)
    name = escape(params.name)
    return Report(f"**{name}** is made. Ask it: `%%parllama ollama/{params.name}`")


def creation(params: CreateParams) -> Creation:
    """Return what the parameters ask for; reads the Modelfile, and looks up paths.

    Raises:
        UsageError: it is not clear what to make, or a file is not there.

    """
    # Not needed to declare the command.
    from ...local_models.creation.from_modelfile import creation_of  # noqa: PLC0415
    from ...local_models.creation.modelfile import Command as Line  # noqa: PLC0415
    from ...local_models.creation.modelfile import Modelfile, parse  # noqa: PLC0415

    text = _modelfile(params)
    modelfile = parse(text) if text is not None else Modelfile()
    folder = Path(params.file).expanduser().parent if params.file else Path.cwd()
    own = [
        Line(name, value, key)
        for name, value, key in (
            ("from", params.base, ""),
            ("system", params.system, ""),
            ("template", params.template, ""),
            ("license", params.license, ""),
            ("adapter", params.adapter, ""),
            *(("parameter", v, k) for k, v in map(_pair, params.parameter)),
        )
        if value is not None
    ]
    # What is said on the line goes before what the Modelfile says.
    for line in own:
        modelfile = modelfile.without(line.name, line.key)
    for line in own:
        modelfile = modelfile.having(line)
    if not modelfile.values("from"):
        message = f"It is not said what {params.name} is made from."
        hint = "Name a base: --from llama3.2:1b, or a line FROM in a Modelfile."
        raise UsageError(message, hint=hint)
    made = creation_of(params.name, modelfile, folder)
    return replace(made, quantize=params.quantize or "")


def _modelfile(params: CreateParams) -> str | None:
    """Return the text of the Modelfile; None if there is none."""
    if not params.file:
        return params.modelfile if params.modelfile.strip() else None
    if params.modelfile.strip():
        message = "There are two Modelfiles: the cell, and that of --file."
        raise UsageError(message, hint="Leave one of them out.")
    path, reason = Path(params.file).expanduser(), ""
    try:
        with path.open("rb") as file:
            data = file.read(_LARGEST + 1)
    except OSError as error:
        reason = error.strerror or type(error).__name__
        data = b""
    if reason:
        message = f"The Modelfile {path} cannot be read: {reason}."
        raise UsageError(message)
    if len(data) > _LARGEST:
        message = f"{path} is no Modelfile: it is larger than 4 MB."
        raise UsageError(message, hint="--from takes a file of weights.")
    if data.startswith(b"GGUF"):
        message = f"{path} is no Modelfile, but a file of weights."
        raise UsageError(message, hint=f"--from {path} makes a model of it.")
    from ...local_models.creation.modelfile import decode  # noqa: PLC0415 - as above

    return decode(data)


def _pair(written: str) -> tuple[str, str]:
    name, equals, value = written.partition("=")
    if equals and name.strip():
        return name.strip(), value.strip()
    message = f"{written!r} is no parameter."
    raise UsageError(message, hint="Write it as NAME=VALUE: -p temperature=0.2.")


COMMAND = Command(
    name="create",
    group=GROUP,
    summary="Make a model of your own from a base.",
    params=CreateParams,
    run=create,
    live=True,
    follower=True,
    examples=(
        '%parllama create mario --from llama3.2:1b -s "You are Mario." -p seed=1',
        "%parllama create tiny --from weights/model.gguf",
        "%%parllama create mario\nFROM llama3.2:1b\nSYSTEM You are Mario.",
    ),
)
