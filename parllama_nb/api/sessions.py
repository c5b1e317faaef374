"""`pl.sessions`: all conversations in a DataFrame."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..application import get_app
from ..commands.models import load_pandas
from ..errors import UsageError

if TYPE_CHECKING:
    from pandas import DataFrame

__all__ = ["sessions"]


def sessions(query: str | None = None) -> DataFrame:
    """List the conversations in a DataFrame, one row each, the one used last first.

    Its columns are `name`, `folder` ("" for none), `tags` (a list), `pinned`, `model`
    (None for the default one), `turns`, `created`, `used`, `cost` (US dollars, NaN if
    no price is known), `tokens` (sent and received), `encrypted` and `locked`. One that
    is locked has a name that says nothing, and neither folder nor tags nor sums.

    Args:
        query: words of names, folders, tags or models; None lists all.

    Raises:
        UsageError: pandas is not installed, or the query is not a text.

    """
    if query is not None and not isinstance(query, str):
        message = f"query= is a text, and {query!r:.60} is not."
        raise UsageError(message, hint="pl.sessions() lists all conversations.")
    app = get_app()
    pd = app.runtime.run(load_pandas())
    infos = app.runtime.run(app.session_library.sessions(query or ""))
    infos.sort(key=lambda info: -info.used)
    plain = ("name", "folder", "pinned", "model", "turns")
    columns = {name: [getattr(info, name) for info in infos] for name in plain}
    columns["tags"] = [list(info.tags) for info in infos]
    times = {
        name: pd.to_datetime(
            [getattr(info, name) for info in infos], unit="s", utc=True
        )
        for name in ("created", "used")
    }
    tokens = [
        pd.NA
        if info.locked
        else (info.usage.input_tokens or 0) + (info.usage.output_tokens or 0)
        for info in infos
    ]
    frame: DataFrame = pd.DataFrame(
        {
            **columns,
            **times,
            "cost": pd.array([info.cost for info in infos], dtype="float64"),
            "tokens": pd.array(tokens, dtype="Int64"),
            "encrypted": [info.encrypted for info in infos],
            "locked": [info.locked for info in infos],
        }
    )
    order = ["name", "folder", "tags", "pinned", "model", "turns", "created", "used"]
    return frame[[*order, "cost", "tokens", "encrypted", "locked"]]
