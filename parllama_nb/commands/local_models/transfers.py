"""pull, push and update: models that travel between Ollama and a registry."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Annotated

from ...durations import in_words
from ...errors import ParllamaError
from ...jobs import Job
from ...local_models import OLLAMA
from ...markdown.sanitize import escape
from ...sizes import size_in_words
from ..report import Report, prose
from ..table import Argument, Call, Command, Option, Params
from .names import GROUP, of_ollama
from .together import Together

if TYPE_CHECKING:
    from ...local_models.ollama.transfer import Transfer

__all__ = ["PULL", "PUSH", "PushParams", "TransferParams"]


class TransferParams(Params):
    """Which models travel."""

    models: Annotated[
        tuple[str, ...],
        Argument(
            "MODEL",
            "NAME:TAG of the library, HOST/NAME:TAG of another registry, or "
            "hf.co/USER/REPOSITORY:QUANTIZATION.",
            many=True,
            values=of_ollama,
        ),
    ]
    insecure: Annotated[
        bool, Option(("--insecure",), "Allow a registry without a valid certificate.")
    ] = False
    background: Annotated[
        bool, Option(("--background",), "Go on while other cells run.")
    ] = False


class PushParams(TransferParams):
    """Which models travel to their registry."""

    models: Annotated[
        tuple[str, ...],
        Argument(
            "MODEL",
            "NAMESPACE/NAME:TAG of ollama.com, or HOST/NAMESPACE/NAME:TAG.",
            many=True,
            values=of_ollama,
        ),
    ]


async def pull(params: TransferParams, call: Call) -> Report:
    """Download models to the Ollama server; several at once."""
    start = call.app.local_models.pull
    return await _transfer(params, call, "pull", start)


async def push(params: PushParams, call: Call) -> Report:
    """Upload models of the Ollama server to their registry."""
    start = call.app.local_models.push
    return await _transfer(params, call, "push", start)


async def _transfer(
    params: TransferParams, call: Call, verb: str, start: Callable[..., Job[Transfer]]
) -> Report:
    names = list(dict.fromkeys(params.models))
    jobs = [start(name, insecure=params.insecure) for name in names]
    if len(jobs) == 1:
        await jobs[0].followed(call.job.report, call.job.notice)
    else:
        together = Together(f"{verb.capitalize()}ing {len(jobs)} models", call.job)
        await together.wait(dict(zip(names, jobs, strict=True)))
    lines = [_line(name, verb, job) for name, job in zip(names, jobs, strict=True)]
    return Report("\n\n".join(lines))


def _line(name: str, verb: str, job: Job[Transfer]) -> str:
    """Return how a job ended, in one line."""
    if job.error is not None:
        return f"**{escape(name)}**: {prose(str(ParllamaError.of(job.error)))}"
    transfer = job.future.result()
    done = "is here" if verb == "pull" else "is pushed"
    if not transfer.size:
        # A cloud model has no layers, and those of a tiny one may pass unseen.
        return f"**{escape(name)}** {done}."
    if not transfer.moved:
        # A layer that is pushed at once looks like one that the registry had.
        what = "is up to date" if verb == "pull" else done
        return f"**{escape(name)}** {what} ({size_in_words(transfer.size)})."
    # Not those of the job, which may have waited for other downloads.
    seconds = transfer.seconds
    rate = size_in_words(transfer.moved / seconds)
    line = (
        f"**{escape(name)}** {done}: {size_in_words(transfer.size)} in "
        f"{in_words(seconds)}, {rate}/s."
    )
    if verb == "pull":
        line += f" Ask it: `%%parllama {OLLAMA}/{name.removeprefix(f'{OLLAMA}/')}`"
    return line


PULL = Command(
    name="pull",
    group=GROUP,
    summary="Download models to Ollama.",
    params=TransferParams,
    run=pull,
    live=True,
    follower=True,
    examples=(
        "%parllama pull llama3.2:1b",
        "%parllama pull qwen3:4b gemma3:1b --background",
        "%parllama pull hf.co/bartowski/Llama-3.2-1B-Instruct-GGUF:Q4_K_M",
    ),
)

PUSH = Command(
    name="push",
    group=GROUP,
    summary="Upload models of yours to ollama.com or another registry.",
    params=PushParams,
    run=push,
    live=True,
    follower=True,
    examples=("%parllama push me/mario",),
)
