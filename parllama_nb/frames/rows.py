"""The rows that `pl.map` asks about, and the question of each."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from ..commands.question import EMPTY
from ..errors import UsageError
from ..fuzzy import near
from ..prompting.fill import fill, placeholders
from .library_prompt import with_row

if TYPE_CHECKING:
    import pandas as pd

    from ..prompting.library.prompt import Prompt
    from ..prompting.library.rendering import Rendered

__all__ = ["Rows", "frame_of"]

# Methods by which frames of other libraries become pandas frames: polars, pyarrow and
# others; Spark; DuckDB.
_CONVERSIONS = ("to_pandas", "toPandas", "df")


def frame_of(data: object) -> pd.DataFrame:
    """Returns a pandas frame of what is one, or can become one.

    That is a frame of polars, pyarrow, Spark or DuckDB, a dict of columns or a list of
    dicts.

    Raises:
        UsageError: it is none of these.

    """
    import pandas as pd  # noqa: PLC0415 - heavy, and only needed here

    if isinstance(data, pd.DataFrame):
        return data
    if isinstance(data, Mapping) or _are_dicts(data):
        return _built(data)
    for name in _CONVERSIONS:
        frame = _called(data, name)
        if isinstance(frame, pd.DataFrame):
            return frame
    # polars needs pyarrow for its `to_pandas`, but not for this.
    rows = _called(data, "to_dicts")
    if _are_dicts(rows) or rows == []:
        return pd.DataFrame(rows, columns=list(getattr(data, "columns", ())))
    kind = type(data)
    package = kind.__module__.partition(".")[0]
    named = kind.__name__ if package == "builtins" else f"{package}.{kind.__name__}"
    message = f"pl.map takes a pandas DataFrame, not a {named}."
    raise UsageError(message, hint=_advice(data))


@dataclass(frozen=True, slots=True)
class Rows:
    """The rows of a frame, each a dict by the names of the columns.

    `repeated` are the names of more than one column, which no row has, because nobody
    can say which is meant.
    """

    values: Sequence[Mapping[str, Any]]
    columns: Sequence[str]
    repeated: Sequence[str]

    @classmethod
    def of(cls, frame: pd.DataFrame) -> Rows:
        """Returns the rows of a frame."""
        names = [str(name) for name in frame.columns]
        counts = Counter(names)
        columns = [name for name in names if counts[name] == 1]
        repeated = [name for name, count in counts.items() if count > 1]
        if repeated:
            frame = frame.loc[:, [counts[name] == 1 for name in names]]
        rows = frame.set_axis(columns, axis="columns").to_dict("records")
        return cls(rows, columns, repeated)

    def prompts(
        self, template: str, namespace: Mapping[str, Any]
    ) -> list[tuple[str | None, str]]:
        """Returns the prompt of every row, or None and the reason.

        Columns win over names of the notebook; `row` is the row itself, for columns
        whose names are not identifiers: `{{row["Unit price"]}}`.

        Raises:
            UsageError: a placeholder can be filled in no row.

        """
        for name in placeholders(template):
            if name not in {*self.columns, *namespace, "row"}:
                raise self._unknown(name)
        made: list[tuple[str | None, str]] = []
        unfilled: Counter[str] = Counter()
        tried = 0
        for row in self.values:
            names = {**namespace, "row": row, **row}
            filled = fill(
                template, names, columns=self.columns, missing=self._is_missing
            )
            tried += not filled.missing
            unfilled.update(filled.literal)
            absent = filled.missing or filled.literal
            if absent:
                made.append((None, f"{', '.join(absent)} is missing in this row."))
            elif not filled.text.strip():
                made.append((None, EMPTY))
            else:
                made.append((filled.text, ""))
        for path, count in unfilled.items():
            if count >= tried:
                raise self._leads_nowhere(path)
        return made

    def asked_with(
        self,
        prompt: Prompt,
        variables: Mapping[str, object],
        template: str,
        namespace: Mapping[str, Any],
    ) -> tuple[list[tuple[str | None, str]], list[Rendered | None]]:
        """Returns what `prompts` does, and a library prompt filled from each row.

        Raises:
            UsageError: a placeholder can be filled in no row.
            FieldError: a variable has no value, or a value no variable.

        """
        asked: list[tuple[str | None, str]] = [("", "")] * len(self.values)
        if template.strip():
            asked = self.prompts(template, namespace)
        filled: list[Rendered | None] = []
        for number, (row, (text, _)) in enumerate(zip(self.values, asked, strict=True)):
            rendered, why = None, ""
            if text is not None:
                rendered, why = with_row(
                    prompt, variables, row, namespace, text, is_missing=_is_missing
                )
            if why:
                asked[number] = (None, why)
            filled.append(rendered)
        return asked, filled

    def _is_missing(self, name: str, value: object) -> bool:
        return (name in self.columns or name == "row") and _is_missing(value)

    def _unknown(self, name: str) -> UsageError:
        if name in self.repeated:
            return self._ambiguous(name)
        shown = ", ".join(near(name, self.columns) or self.columns[:8])
        message = f"There is no column {name!r}, and no such name in the notebook."
        hint = f"Available: {shown}. " if shown else "The frame has no columns. "
        hint += "Write three braces to send them as they are."
        return UsageError(message, hint=hint)

    def _leads_nowhere(self, path: str) -> UsageError:
        """Returns the error of a placeholder that no row can fill."""
        message = f"{{{{{path}}}}} leads to nothing in any row."
        if not path.startswith("row["):
            hint = "Write three braces to send it as it is."
            return UsageError(message, hint=hint)
        if "row" in self.columns:
            hint = "The column 'row' hides the row itself: rename that column."
            return UsageError(message, hint=hint)
        key = path.removeprefix("row[").rstrip("]").strip("\"'")
        if key in self.repeated:
            return self._ambiguous(key)
        known = near(key, self.columns) or self.columns[:8]
        shown = ", ".join(f'row["{name}"]' for name in known)
        return UsageError(message, hint=f"Available: {shown}.")

    def _ambiguous(self, name: str) -> UsageError:
        message = f"The frame has more than one column {name!r}."
        return UsageError(message, hint="Give each column a name of its own.")


def _are_dicts(data: object) -> bool:
    return (
        isinstance(data, list)
        and bool(data)
        and all(isinstance(each, Mapping) for each in data)
    )


def _built(data: object) -> pd.DataFrame:
    import pandas as pd  # noqa: PLC0415 - as above

    try:
        return pd.DataFrame(data)
    except ValueError as error:
        reason = str(error)
    message = f"This is not a table: {reason.rstrip('.')}."
    hint = "A dict of columns has a list for each, all of the same length."
    raise UsageError(message, hint=hint)


def _called(data: object, name: str) -> object:
    """Returns what a method gives; None if there is none, or its library is missing.

    Raises:
        UsageError: it fails.

    """
    try:
        return getattr(data, name, lambda: None)()
    except (ImportError, TypeError):
        return None
    except Exception as error:  # noqa: BLE001 - a frame may be a query that fails
        failure = type(error).__name__
    message = f"The frame could not be read: .{name}() raised {failure}."
    raise UsageError(message, hint="Convert it first, and pass the pandas DataFrame.")


def _advice(data: object) -> str:
    if isinstance(data, list | tuple | str):
        return "For a list of prompts use pl.compare."
    if hasattr(data, "to_frame"):
        return 'Name its column: .to_frame("text").'
    for name in ("collect", "compute"):
        if hasattr(data, name):
            return f"It is not computed yet: call .{name}()."
    return "Make one of it: pandas.DataFrame(...)."


def _is_missing(value: object) -> bool:
    """Whether it is None, NaN or NaT; a list or a dict is a value."""
    if value is None:
        return True
    if isinstance(value, float):
        return value != value  # noqa: PLR0124 - NaN alone is not itself
    return type(value).__name__ in ("NAType", "NaTType")
