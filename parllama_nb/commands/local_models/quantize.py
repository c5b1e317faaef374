"""quantize: a smaller model of a model, or of a GGUF file."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from ...application import Parllama
from ...durations import in_words
from ...errors import UsageError
from ...local_models import EMBEDDED, OLLAMA
from ...markdown.sanitize import escape
from ...sizes import size_in_words
from ..report import Report, table
from ..table import Argument, Call, Command, Option, Params
from .names import GROUP, local

if TYPE_CHECKING:
    from ...local_models.quantization import FileType
    from ...local_models.quantizing import Place

__all__ = ["COMMAND", "QuantizeParams"]


def _types(app: Parllama, before: Sequence[str]) -> Iterable[str]:
    del app
    return [each.name for each in _made()] if len(before) == 1 else ()


def _made() -> list[FileType]:
    """Return the types that are made here."""
    from ...local_models.quantization import TYPES  # noqa: PLC0415 - for this alone

    return [each for each in TYPES.values() if not each.needs_importance]


def _first(app: Parllama, before: Sequence[str]) -> Iterable[str]:
    return () if before else local(app, before)


class QuantizeParams(Params):
    """What is quantized, to which type, and where the result goes."""

    source: Annotated[
        str | None,
        Argument("SOURCE", "A model, or the path of a GGUF file.", values=_first),
    ] = None
    type: Annotated[
        str | None,
        Argument("TYPE", "The type, such as Q4_K_M.", values=_types),
    ] = None
    to: Annotated[
        str | None,
        Option(
            ("--to",),
            "A name for Ollama, embedded/NAME, or the path of a new file (.gguf).",
            "TARGET",
        ),
    ] = None
    background: Annotated[
        bool, Option(("--background",), "Go on while other cells run.")
    ] = False


async def quantize(params: QuantizeParams, call: Call) -> Report:
    """Make a smaller model; without a type, list the types."""
    if params.source is None or params.type is None:
        return Report(_list())
    place, target = _place(params.source, params.to)
    job = call.app.local_models.quantize(
        params.source, target, params.type, place=place
    )
    made = await job.followed(call.job.report, call.job.notice)
    seconds = max(0.001, (job.finished or job.started) - job.started)
    size = f", {size_in_words(made.size)}" if made.size else ""
    line = f"**{escape(made.target)}** is made{size}, in {in_words(seconds)}."
    if made.place == "file":
        return Report(f"{line} Ask it: `%%parllama {EMBEDDED}/{made.target}`")
    return Report(f"{line} Ask it: `%%parllama {made.place}/{made.target}`")


def _place(source: str, to: str | None) -> tuple[Place, str]:
    """Return where the result goes, and its name or path; "" for one by itself.

    What is not said is where the source is: a file beside a file, a model of Ollama
    for a model of Ollama.
    """
    if to is None:
        path = Path(source).expanduser()
        if source.startswith(f"{EMBEDDED}/"):
            return EMBEDDED, ""
        return ("file" if path.suffix.lower() == ".gguf" else OLLAMA), ""
    if to.startswith(f"{EMBEDDED}/"):
        return EMBEDDED, to.removeprefix(f"{EMBEDDED}/")
    if to.lower().endswith(".gguf"):
        return "file", to
    if to.startswith((".", "~")) or Path(to).is_absolute():
        message = f"{to} is neither a name of a model nor a GGUF file."
        raise UsageError(message, hint="The path of a new file ends in .gguf.")
    return OLLAMA, to


def _list() -> str:
    rows = [(t.name, f"{t.bits:g}", escape(t.description)) for t in _made()]
    head = (
        "`%parllama quantize SOURCE TYPE` makes a smaller model of one in F32, F16 or "
        "BF16. Bits are for each weight, about:"
    )
    return f"{head}\n\n{table(('type', '>bits', ''), rows)}"


COMMAND = Command(
    name="quantize",
    group=GROUP,
    summary="Make a smaller model of a model or a GGUF file.",
    params=QuantizeParams,
    run=quantize,
    live=True,
    follower=True,
    examples=(
        "%parllama quantize",
        "%parllama quantize llama3.2:1b-instruct-fp16 Q4_K_M",
        "%parllama quantize model-f16.gguf IQ4_XS --to embedded/small",
    ),
)
