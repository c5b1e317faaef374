"""`pl.compare` and `pl.map`, and both for `await`: answers as a DataFrame."""

from __future__ import annotations

import asyncio
import functools
import inspect
from collections.abc import Callable, Coroutine, Mapping, Sequence
from typing import TYPE_CHECKING, Any, ParamSpec

from .. import scorers as scoring
from ..application import get_app
from ..batches.table import Row, columns_of, free_name
from ..commands.question import EMPTY
from ..output_schema import OutputSchema
from . import arguments
from .library_prompt import library_prompt_of, with_text
from .questions import Target, checked_options, questions_of
from .rows import Rows, frame_of
from .run import Plan, Table, run_options

if TYPE_CHECKING:
    import pandas as pd

    from ..prompting.library.prompt import Prompt

__all__ = ["acompare", "amap", "compare", "map"]

P = ParamSpec("P")


def _compare(  # noqa: PLR0913 - each is an option of its own
    prompts: str | Sequence[str],
    models: str | Sequence[str] | None = None,
    *,
    system: str | None = None,
    library_prompt: str | Prompt | None = None,
    variables: Mapping[str, object] | None = None,
    schema: object = None,
    params: Mapping[str, Any] | Sequence[Mapping[str, Any]] | None = None,
    repeats: int = 1,
    scorers: Sequence[scoring.Scorer | scoring.Judge] = (),
    concurrency: int | None = None,
    budget: float | None = None,
    cache: bool = False,
    resume: bool = True,
    executor: object = None,
) -> Table:
    """Ask several models the same questions; one row per prompt, model and repeat.

    After Ctrl-C the frame holds the answers so far, and the same call continues.

    Args:
        prompts: the questions, sent as they are.
        models: `provider/model` each; None asks the notebook's default model.
        system: a system prompt for all; "" sends none.
        library_prompt: a prompt of the library, whose texts come before each question.
        variables: the values of its variables, by their names.
        schema: a pydantic model, a dataclass or a JSON schema. Its fields become
            columns; an answer that does not fit stays text, and `error` says why.
        params: options of the request by name (`temperature`, `max_tokens`, ...), or a
            list of such sets to try; a list adds a column `params`.
        repeats: how often each question is asked.
        scorers: from `parllama_nb.scorers`, or your own; each adds a column.
        concurrency: the most requests in flight to one provider.
        budget: US dollars that may be spent; questions that do not fit are not asked.
        cache: reuse cached answers, and cache new ones.
        resume: continue the same call where it was interrupted.
        executor: a `concurrent.futures.Executor`, a Dask or an ipyparallel client whose
            workers ask, with the keys of their own environment.

    Returns:
        A frame with the columns `prompt model repeat text error finish_reason
        input_tokens output_tokens cost first_token_s total_s tokens_per_s`; times in
        seconds, cost in US dollars. `attrs["notes"]` are remarks.

    Raises:
        UsageError: there is no such model, option or scorer.

    """
    texts = arguments.texts(prompts)
    arguments.count("repeats", repeats)
    arguments.text("system=", system)
    names = arguments.model_names(models)
    sets = arguments.option_sets(params)
    scoring.check(scorers, [])
    output = None if schema is None else OutputSchema.of(schema)
    app = get_app()
    options = [checked_options(each) for each in sets]
    targets = [Target(app, name, each) for name in names for each in options]
    asked = library_prompt_of(app, library_prompt, variables)
    filled = [with_text(asked, variables or {}, each) for each in texts]
    plan = Plan(app, f"compare {len(targets)} models")
    labels: list[str] = []
    for prompt, each, repeat, question in questions_of(
        texts,
        targets,
        system=system,
        schema=output,
        library_prompts=filled,
        repeats=repeats,
    ):
        why = "" if question else EMPTY
        plan.add(Row(prompt, each.id, repeat, error=why), question)
        labels.append(" ".join(f"{name}={v}" for name, v in each.options.items()))
    run = run_options(
        plan,
        concurrency=concurrency,
        budget=budget,
        cache=cache,
        resume=resume,
        executor=executor,
        streamed=True,
        purpose="compare",
    )

    def frame() -> pd.DataFrame:
        json_schema = output.schema if output else None
        made = _frame(columns_of(plan.rows, json_schema, cached=cache), plan)
        if len(sets) > 1:
            made.insert(2, "params", labels)
        return made

    return Table(plan, run, scorers, output, frame)


def _map(  # noqa: PLR0913 - each is an option of its own
    df: object,
    template: str | None = None,
    *,
    model: str | None = None,
    system: str | None = None,
    library_prompt: str | Prompt | None = None,
    variables: Mapping[str, object] | None = None,
    schema: object = None,
    scorers: Sequence[scoring.Scorer | scoring.Judge] = (),
    concurrency: int | None = None,
    budget: float | None = None,
    cache: bool = False,
    resume: bool = True,
    executor: object = None,
    **options: Any,  # noqa: ANN401 - those of a request
) -> Table:
    """Ask one question for every row of a frame.

    Answers are saved on disk as they arrive: after Ctrl-C, a crash or a restart the
    same call continues where it stopped and pays for nothing twice.

    Args:
        df: the frame; it is not changed. A frame of polars, pyarrow, Spark or DuckDB, a
            dict of columns or a list of dicts is made a pandas one.
        template: the question; `{{name}}` is filled from the row's column of that name,
            else from the notebook, `{{row["any name"]}}` from the row. It may be left
            out if a library prompt asks by itself.
        model: `provider/model`; None asks the notebook's default model.
        system: a system prompt for all; "" sends none.
        library_prompt: a prompt of the library, whose texts come before the question.
            Its variables are filled from the row's columns.
        variables: values of its variables that are the same for all rows.
        schema: a pydantic model, a dataclass or a JSON schema. Its fields become typed
            columns; an answer that does not fit stays text, and `error` says why.
        scorers: from `parllama_nb.scorers`, or your own; each adds a column.
        concurrency: the most requests in flight to the provider.
        budget: US dollars that may be spent; questions that do not fit are not asked.
        cache: reuse cached answers, and cache new ones.
        resume: continue the same call where it was interrupted.
        executor: a `concurrent.futures.Executor`, a Dask or an ipyparallel client whose
            workers ask, with the keys of their own environment.
        **options: the options of the request: `temperature`, `max_tokens`, `seed`, ...

    Returns:
        A copy of the frame with the columns of the schema and of `compare` added. If
        the frame has a column of that name, `answer_` is put before the new one's name.

    Raises:
        UsageError: there is no such column, model, option or scorer.

    """
    frame = frame_of(df)
    if template is None:
        arguments.needs_question(library_prompt)
        template = ""
    arguments.template(template)
    arguments.text("model=", model)
    arguments.text("system=", system)
    rows = Rows.of(frame)
    scoring.check(scorers, rows.columns)
    output = None if schema is None else OutputSchema.of(schema)
    app = get_app()
    target = Target(app, model, checked_options(options))
    namespace = _namespace()
    asked = library_prompt_of(app, library_prompt, variables)
    if asked is None:
        prompts = rows.prompts(template, namespace)
        filled = None
    else:
        prompts, filled = rows.asked_with(asked, variables or {}, template, namespace)
    plan = Plan(app, f"map {target.id} over {len(prompts):,} rows")
    questions = questions_of(
        [prompt for prompt, _ in prompts],
        [target],
        system=system,
        schema=output,
        library_prompts=filled,
    )
    for (text, each, _, question), (_, why), source in zip(
        questions, prompts, rows.values, strict=True
    ):
        plan.add(Row(text, each.id, error=why, source=source), question)
    run = run_options(
        plan,
        concurrency=concurrency,
        budget=budget,
        cache=cache,
        resume=resume,
        executor=executor,
        streamed=False,
        purpose="map",
    )

    def result() -> pd.DataFrame:
        json_schema = output.schema if output else None
        made = frame.copy()
        levels = frame.columns.nlevels
        for name, column in columns_of(plan.rows, json_schema, cached=cache).items():
            column.index = frame.index
            free = free_name(name, [str(taken) for taken in _top(made.columns)])
            made[free if levels == 1 else (free, *[""] * (levels - 1))] = column
        return _noted(made, plan)

    return Table(plan, run, scorers, output, result)


def _top(columns: pd.Index[Any]) -> pd.Index[Any]:
    """Returns the names of columns, of those with several levels the first."""
    return columns.get_level_values(0)


def _frame(columns: Mapping[str, Any], plan: Plan) -> pd.DataFrame:
    import pandas as pd  # noqa: PLC0415 - heavy, and only needed here

    return _noted(pd.DataFrame(columns), plan)


def _noted(frame: pd.DataFrame, plan: Plan) -> pd.DataFrame:
    frame.attrs["notes"] = plan.notes
    return frame


def _namespace() -> Mapping[str, Any]:
    """Returns the notebook's variables; none outside of IPython."""
    from IPython import get_ipython  # noqa: PLC0415 - not known outside of IPython

    shell = get_ipython()
    return {} if shell is None else shell.user_ns


def _blocking(prepare: Callable[P, Table]) -> Callable[P, pd.DataFrame]:
    """Makes the function that waits for a table, with the arguments of `prepare`."""

    @functools.wraps(prepare)
    def function(*args: P.args, **kwargs: P.kwargs) -> pd.DataFrame:
        return prepare(*args, **kwargs).run()

    _present(function, prepare, "")
    return function


def _awaitable(
    prepare: Callable[P, Table],
) -> Callable[P, Coroutine[Any, Any, pd.DataFrame]]:
    """Makes the same function for `await`."""

    @functools.wraps(prepare)
    async def function(*args: P.args, **kwargs: P.kwargs) -> pd.DataFrame:
        # In a thread: rows may be many, and a local server may be asked for its models.
        table = await asyncio.to_thread(prepare, *args, **kwargs)
        return await table.arun()

    _present(function, prepare, "a")
    return function


def _present(function: Any, prepare: Callable[..., Table], prefix: str) -> None:  # noqa: ANN401
    """Give a function the name and the signature that its callers see."""
    name = prefix + prepare.__name__.removeprefix("_")
    function.__name__ = function.__qualname__ = name
    signature = inspect.signature(prepare)
    function.__signature__ = signature.replace(return_annotation="pd.DataFrame")


compare = _blocking(_compare)
acompare = _awaitable(_compare)
map = _blocking(_map)  # noqa: A001 - the word for it
amap = _awaitable(_map)
