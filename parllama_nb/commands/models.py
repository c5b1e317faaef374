"""models: the models of every provider, as a DataFrame."""

from __future__ import annotations

import asyncio
import html
import importlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Any

from ..application import Parllama
from ..errors import ConnectionFailedError, UnknownProviderError, UsageError
from ..fuzzy import near, score
from ..model_catalog.listing import ModelList
from ..providers.keys import NO_KEY
from ..providers.spec import ModelInfo
from .table import Argument, Call, Command, Opening, Option, Params

if TYPE_CHECKING:
    from pandas import DataFrame

__all__ = ["COMMAND", "ModelTable", "ModelsParams", "load_pandas"]

_COLUMNS = {
    "provider": "str",
    "model": "str",
    "context_window": "Int64",
    "input_price": "float64",
    "output_price": "float64",
    "capabilities": "object",
    "size": "Int64",
    "quantization": "object",
    "state": "object",
    "modified": "datetime64[ns, UTC]",
    "note": "object",
}
"""The columns of the table and their types: prices are US dollars for a million tokens,
sizes bytes; `state` is `loaded`, `installed`, `not downloaded` or `cloud`; what is not
known is missing."""

# What fits as well as `gpt5` does `gpt-5`, and no worse.
_FITS = 0.45


_ROWS = 60
"""Rows shown as text, half of the first and half of the last; pandas does so too."""

_VIEW = (
    "The local models are a view, which only Jupyter shows. %parllama models lists the "
    "models without it."
)

_Row = tuple[ModelInfo, str]


def _providers(app: Parllama, before: Sequence[str]) -> Iterable[str]:
    return () if before else app.providers.enabled()


class ModelsParams(Params):
    """Which models to list."""

    words: Annotated[
        tuple[str, ...],
        Argument(
            "WORD",
            "A provider, or words to search for in the names of models.",
            many=True,
            values=_providers,
        ),
    ] = ()
    refresh: Annotated[
        bool,
        Option(("--refresh",), "Ask the providers again, however new their lists are."),
    ] = False
    view: Annotated[
        bool,
        Option(
            ("--view",),
            "Open the local models in a view: pull, chat, create, delete.",
            cell=True,
        ),
    ] = False


@dataclass(frozen=True, slots=True)
class ModelTable:
    """Models as a DataFrame, with notes of a line each."""

    frame: DataFrame
    notes: tuple[str, ...] = ()

    def _repr_html_(self) -> str:
        notes = "".join(f"<div>{html.escape(note)}</div>" for note in self.notes)
        return f"{self.frame._repr_html_()}{notes}"

    def __repr__(self) -> str:
        return "\n".join([self.frame.to_string(max_rows=_ROWS), *self.notes])


async def models(params: ModelsParams, call: Call) -> ModelTable | Opening:
    """List the models of all providers that are on; recent lists are not asked for."""
    if params.view:
        return Opening("models", " ".join(params.words), _VIEW)
    app = call.app
    words, names = [*params.words], None
    if words:
        try:
            names, words = [app.providers.spec(words[0]).name], words[1:]
        except UnknownProviderError:
            names = None  # a word of a model's name
    # pandas takes as long to import as a provider to answer: both at the same time.
    lists, pandas = await asyncio.gather(
        app.model_lists.get(names, refresh=params.refresh), load_pandas()
    )
    chosen = _chosen(lists, " ".join(words))
    frame = await asyncio.to_thread(_frame, pandas, chosen)
    notes = {each.provider: each.note for each in lists if each.note}
    frame.attrs["notes"] = notes
    return ModelTable(frame, tuple(_lines(app, lists, words, chosen)))


def _chosen(lists: Sequence[ModelList], words: str) -> list[_Row]:
    """Models with the note of their list; the best match of the words first."""
    rows = [(info, each.note) for each in lists for info in each.models]
    if not words:
        return rows
    scored = [(score(words, row[0].id), row) for row in rows]
    fitting = [pair for pair in scored if pair[0] >= _FITS]
    fitting.sort(key=lambda pair: pair[0], reverse=True)
    return [row for _, row in fitting]


def _lines(
    app: Parllama,
    lists: Sequence[ModelList],
    words: Sequence[str],
    chosen: Sequence[_Row],
) -> Iterable[str]:
    if words and not chosen:
        text = " ".join(words)
        ids = {info.name: info.id for each in lists for info in each.models}
        offered = [ids[name] for name in near(text, ids)]
        offered += near(text, app.providers.enabled(), 1)
        also = f" Did you mean {' or '.join(offered)}?" if offered else ""
        yield f"No model's name matches {text!r}.{also}"
    for missing in dict.fromkeys(each.missing for each in lists if each.missing):
        names = ", ".join(each.provider for each in lists if each.missing == missing)
        locked = app.providers.context.key_hint("").removeprefix(", or ")
        also = f" Perhaps {locked}." if locked and missing == NO_KEY else ""
        yield f"Not asked ({missing.rstrip('.')}): {names}.{also}"
    failed = [each for each in lists if each.failure and not each.missing]
    off = [each for each in failed if each.code == ConnectionFailedError.code]
    off = [
        each
        for each in off
        if not each.models and app.providers.spec(each.provider).local
    ]
    if off:
        yield f"Not running: {', '.join(each.provider for each in off)}."
    yield from (f"{each.provider}: {each.note}" for each in failed if each not in off)


def _state(info: ModelInfo) -> str | None:
    """Return where a local model is; None for one whose provider does not say."""
    extra = info.extra
    if extra.get("remote"):
        return "cloud"
    if "loaded" not in extra and "downloaded" not in extra:
        return None
    if extra.get("loaded"):
        return "loaded"
    return "installed" if extra.get("downloaded", True) else "not downloaded"


async def load_pandas() -> Any:  # noqa: ANN401 - the module
    """Import pandas in a thread.

    Raises:
        UsageError: it is not installed.

    """
    try:
        return await asyncio.to_thread(importlib.import_module, "pandas")
    except ImportError:
        message = "This list is a DataFrame, but pandas is not installed."
    raise UsageError(message, hint="Install it: %pip install pandas")


def _frame(pandas: Any, chosen: Sequence[_Row]) -> DataFrame:  # noqa: ANN401
    rows = [
        (
            info.provider,
            info.name,
            info.context_window,
            info.input_price,
            info.output_price,
            None if info.capabilities is None else ", ".join(sorted(info.capabilities)),
            info.size,
            info.extra.get("quantization_level"),
            _state(info),
            info.modified,
            note or None,
        )
        for info, note in chosen
    ]
    frame = pandas.DataFrame(rows, columns=[*_COLUMNS], dtype="object")
    frame["modified"] = pandas.to_datetime(
        frame["modified"], utc=True, errors="coerce", format="ISO8601"
    )
    found: DataFrame = frame.astype(_COLUMNS)
    return found


COMMAND = Command(
    name="models",
    group="Models",
    summary="List the models that there are, as a DataFrame.",
    params=ModelsParams,
    run=models,
    examples=(
        "%parllama models",
        "%parllama models openrouter --refresh",
        "%parllama models llama 70b",
        "%parllama models --view",
    ),
)
