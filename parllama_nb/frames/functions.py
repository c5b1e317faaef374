"""`pl.compare` and `pl.map`: answers as a DataFrame."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from .. import scorers as scoring
from ..application import get_app
from ..batches.schema import OutputSchema
from ..batches.table import Row, columns_of, placed
from ..errors import UsageError
from .questions import Target, filled_prompts, options_of, questions_of
from .run import Plan, asking, run

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["compare", "map"]


def compare(  # noqa: PLR0913 - each is an option of its own
    prompts: str | Sequence[str],
    models: str | Sequence[str] | None = None,
    *,
    system: str | None = None,
    params: Mapping[str, Any] | Sequence[Mapping[str, Any]] | None = None,
    repeats: int = 1,
    scorers: Sequence[scoring.Scorer | scoring.Judge] = (),
    concurrency: int | None = None,
    budget: float | None = None,
    cache: bool = False,
    resume: bool = True,
    executor: object = None,
) -> pd.DataFrame:
    """Ask several models the same questions; one row per prompt, model and repeat.

    Ctrl-C gives what was answered until then, and the same call goes on from there.

    Args:
        prompts: what to ask, sent as it is.
        models: `provider/model` each; the notebook's default model without it.
        system: a system prompt for all.
        params: options of the request by name (`temperature`, `max_tokens`, ...), or a
            list of such sets, each of which is tried; then there is a column `params`.
        repeats: how often each question is asked.
        scorers: of `parllama_nb.scorers`, or of your own; each is a column.
        concurrency: requests under way at one provider, at most.
        budget: US dollars that may be spent; what does not fit is not asked.
        cache: take answers that were kept before, and keep new ones.
        resume: go on with the same call where it broke off.
        executor: a `concurrent.futures.Executor`, a Dask or an ipyparallel client whose
            workers ask, with the keys of their own environment.

    Returns:
        A frame with the columns `prompt model repeat text error finish_reason
        input_tokens output_tokens cost first_token_s total_s tokens_per_s`; times in
        seconds, cost in US dollars. `attrs["notes"]` are remarks.

    Raises:
        UsageError: there is no such model, option or scorer.

    """
    asked_prompts = [prompts] if isinstance(prompts, str) else list(prompts)
    _whole("repeats", repeats)
    scoring.check(scorers, [])
    app = get_app()
    sets = [params] if params is None or isinstance(params, Mapping) else list(params)
    options = [options_of(each or {}) for each in sets]
    named: Sequence[str | None] = models or (None,)
    names = [models] if isinstance(models, str) else list(named)
    targets = [Target(app, name, each) for name in names for each in options]
    plan = Plan(app, f"compare {len(targets)} models")
    labels: list[str] = []
    for prompt, each, repeat, question in questions_of(
        asked_prompts, targets, system=system, repeats=repeats
    ):
        plan.add(Row(prompt, each.id, repeat), question)
        labels.append(" ".join(f"{name}={v}" for name, v in each.options.items()))
    how = asking(
        plan,
        concurrency=concurrency,
        budget=budget,
        cache=cache,
        resume=resume,
        executor=executor,
        streamed=True,
    )
    run(plan, how, scorers, None)
    frame = _frame(columns_of(plan.rows, cached=cache), plan)
    if len(sets) > 1:
        frame.insert(2, "params", labels)
    return frame


def map(  # noqa: A001, PLR0913 - the word for it
    df: pd.DataFrame,
    template: str,
    *,
    model: str | None = None,
    system: str | None = None,
    schema: object = None,
    scorers: Sequence[scoring.Scorer | scoring.Judge] = (),
    concurrency: int | None = None,
    budget: float | None = None,
    cache: bool = False,
    resume: bool = True,
    executor: object = None,
    **options: Any,  # noqa: ANN401 - those of a request
) -> pd.DataFrame:
    """Ask one question for every row of a frame.

    Answers land on disk as they come: after Ctrl-C, a crash or a restart the same call
    goes on where it stopped and pays for nothing twice.

    Args:
        df: the frame; it is not changed.
        template: the question; `{{name}}` is filled from the row's column of that name,
            else from the notebook, `{{row["any name"]}}` from the row.
        model: `provider/model`; the notebook's default without it.
        system: a system prompt for all.
        schema: a pydantic model or a JSON schema. Its fields become typed columns; an
            answer that does not fit is kept as text, and `error` says why.
        scorers: of `parllama_nb.scorers`, or of your own; each is a column.
        concurrency: requests under way at the provider, at most.
        budget: US dollars that may be spent; what does not fit is not asked.
        cache: take answers that were kept before, and keep new ones.
        resume: go on with the same call where it broke off.
        executor: a `concurrent.futures.Executor`, a Dask or an ipyparallel client whose
            workers ask, with the keys of their own environment.
        **options: `temperature`, `max_tokens`, `seed`, ...: those of a request.

    Returns:
        The frame with columns added: those of the schema and those of `compare`. One
        whose name the frame has already gets `answer_` before it.

    Raises:
        UsageError: there is no such column, model, option or scorer.

    """
    if not hasattr(df, "iterrows"):
        message = f"pl.map takes a DataFrame, not {type(df).__name__}."
        raise UsageError(message, hint="pl.compare takes a list of prompts.")
    columns = [str(column) for column in df.columns]
    scoring.check(scorers, columns)
    shape = None if schema is None else OutputSchema.of(schema)
    app = get_app()
    target = Target(app, model, options_of(options))
    rows = df.to_dict("records")
    sources = [{str(name): value for name, value in row.items()} for row in rows]
    prompts = list(filled_prompts(template, sources, _namespace()))
    plan = Plan(app, f"map {target.id} over {len(rows):,} rows")
    questions = questions_of(
        [prompt for prompt, _ in prompts], [target], system=system, schema=shape
    )
    for (text, each, _, question), (_, why), source in zip(
        questions, prompts, sources, strict=True
    ):
        plan.add(Row(text, each.id, error=why, source=source), question)
    how = asking(
        plan,
        concurrency=concurrency,
        budget=budget,
        cache=cache,
        resume=resume,
        executor=executor,
        streamed=False,
    )
    run(plan, how, scorers, shape)
    made = columns_of(plan.rows, shape.schema if shape else None, cached=cache)
    frame = df.copy()
    for name, column in made.items():
        column.index = df.index
        frame[placed(name, [str(taken) for taken in frame.columns])] = column
    return _noted(frame, plan)


def _frame(columns: Mapping[str, Any], plan: Plan) -> pd.DataFrame:
    import pandas as pd  # noqa: PLC0415 - heavy, and only needed here

    return _noted(pd.DataFrame(columns), plan)


def _noted(frame: pd.DataFrame, plan: Plan) -> pd.DataFrame:
    frame.attrs["notes"] = plan.notes
    return frame


def _whole(name: str, value: int) -> None:
    if value < 1:
        message = f"{name}= is at least 1."
        raise UsageError(message)


def _namespace() -> Mapping[str, Any]:
    """The notebook's names; none outside of IPython."""
    from IPython import get_ipython  # noqa: PLC0415 - not known outside of IPython

    shell = get_ipython()
    return {} if shell is None else shell.user_ns
