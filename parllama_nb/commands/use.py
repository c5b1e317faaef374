"""use: chooses the default model of this notebook."""

from __future__ import annotations

from typing import Annotated

from ..errors import NoModelError
from ..markdown.sanitize import escape
from .report import Report, prose
from .table import Argument, Call, Command, Params

__all__ = ["COMMAND", "UseParams"]


class UseParams(Params):
    """The model that answers questions that do not name one."""

    model: Annotated[
        str | None,
        Argument(
            "MODEL", "provider/model; without it, show the present one.", values="model"
        ),
    ] = None


async def use(params: UseParams, call: Call) -> Report:
    """Choose the default model and prepare it, which may download a demo model."""
    app = call.app
    if params.model is None:
        try:
            provider, name = await app.choose(None)
        except NoModelError as error:
            return Report(prose(str(error)))
        return _report(f"{provider.spec.name}/{name}")
    provider, name = await app.choose(params.model)
    await provider.prepare(name, call.job.report)
    app.model = f"{provider.spec.name}/{name}"
    return _report(app.model)


def _report(model: str) -> Report:
    return Report(f"The default model is **{escape(model)}**.")


COMMAND = Command(
    name="use",
    group="Models",
    summary="Choose the default model of this notebook.",
    params=UseParams,
    run=use,
    live=True,
    examples=("%parllama use embedded/smollm2", "%parllama use ollama/llama3.2:1b"),
)
