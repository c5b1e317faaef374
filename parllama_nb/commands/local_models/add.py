"""add: a model of one's own for the embedded engine."""

from __future__ import annotations

from typing import Annotated

from ...local_models import EMBEDDED
from ...markdown.sanitize import escape
from ...sizes import size_in_words
from ..report import Report
from ..table import Argument, Call, Command, Option, Params
from .names import GROUP

__all__ = ["COMMAND", "AddParams"]


class AddParams(Params):
    """Where the model is, and what it is called."""

    source: Annotated[
        str,
        Argument(
            "SOURCE", "A GGUF file, hf.co/USER/REPOSITORY:QUANTIZATION, or an address."
        ),
    ]
    name: Annotated[
        str | None, Option(("--name",), "Its name; else that of its file.", "NAME")
    ] = None
    copy_file: Annotated[
        bool, Option(("--copy",), "Copy a file of this machine, not only name it.")
    ] = False
    background: Annotated[
        bool, Option(("--background",), "Go on while other cells run.")
    ] = False


async def add(params: AddParams, call: Call) -> Report:
    """Add a model to the embedded engine; downloads it if it is not here."""
    job = call.app.local_models.add_embedded(
        params.source, params.name, copy=params.copy_file
    )
    model = await job.followed(call.job.report, call.job.notice)
    facts = [model.architecture, model.quantization, size_in_words(model.size)]
    known = ", ".join(filter(None, facts))
    name = f"{EMBEDDED}/{model.name}"
    line = f"**{escape(name)}** is added: {escape(known)}."
    return Report(f"{line} Ask it: `%%parllama {name}`")


COMMAND = Command(
    name="add",
    group=GROUP,
    summary="Add a GGUF model to the embedded engine.",
    params=AddParams,
    run=add,
    live=True,
    follower=True,
    examples=(
        "%parllama add weights/model-Q4_K_M.gguf --name mine",
        "%parllama add hf.co/bartowski/Llama-3.2-1B-Instruct-GGUF:Q4_K_M",
    ),
)
