"""`pl.prompts` and `pl.prompt`: the prompt library."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from ..application import get_app
from ..commands.models import load_pandas
from ..errors import UsageError

if TYPE_CHECKING:
    from pandas import DataFrame

    from ..prompting.library.prompt import Prompt

__all__ = ["prompt", "prompts"]


def prompts(
    query: str = "",
    *,
    tags: str | Sequence[str] = (),
    source: str | None = None,
    favourites: bool = False,
) -> DataFrame:
    """List the prompts of the library in a DataFrame, one row each.

    Its columns are `name`, `description`, `tags` (a list), `source` ("" if it was
    written here), `favourite`, `uses`, `version`, `encrypted`, `created` and `changed`.

    Args:
        query: words of names, tags, descriptions or texts; the best come first.
        tags: only those that have all of these; a text is one of them.
        source: only those that were imported from it, such as "fabric".
        favourites: only these.

    Raises:
        UsageError: pandas is not installed, or the query is not a text.

    """
    _check_text("query=", query)
    tags = (tags,) if isinstance(tags, str) else tags
    app = get_app()
    pd = app.runtime.run(load_pandas())
    found = app.runtime.run(
        app.prompts.find(query, tags=tags, source=source, favourites=favourites)
    )
    columns = {
        "name": [row.name for row in found.rows],
        "description": [row.description for row in found.rows],
        "tags": [list(row.tags) for row in found.rows],
        "source": [row.source for row in found.rows],
        "favourite": [row.favourite for row in found.rows],
        "uses": [row.uses for row in found.rows],
        "version": [row.version for row in found.rows],
        "encrypted": [row.encrypted for row in found.rows],
    }
    times = {
        name: pd.to_datetime(
            [getattr(row, name) for row in found.rows], unit="s", utc=True
        )
        for name in ("created", "changed")
    }
    frame: DataFrame = pd.DataFrame({**columns, **times})
    return frame


def prompt(name: str, *, version: int | None = None) -> Prompt:
    """Return a prompt of the library; `.render(...)` fills it in.

    `pl.ask(pl.prompt("summarize").render(text))` asks with it, and so does
    `pl.ask(text, library_prompt="summarize")`.

    Args:
        name: what it is called, in any case.
        version: an earlier version of it; None is the last one.

    Raises:
        UsageError: there is no such prompt or version, or the name is not a text.
        VaultLockedError: it is encrypted, and the vault is locked.

    """
    _check_text("The name of a prompt", name)
    app = get_app()
    return app.runtime.run(app.prompts.get(name, version))


def _check_text(what: str, value: object) -> None:
    if not isinstance(value, str):
        message = f"{what} is a text, and {value!r:.60} is not."
        raise UsageError(message, hint="pl.prompts() lists all prompts.")
