from __future__ import annotations

import types
from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pytest

from parllama_nb.prompting.kernel_names import CellText, KernelNames
from parllama_nb.prompting.name_completion import NameOffer, offers
from parllama_nb.secret import Secret

TIMES = "\N{MULTIPLICATION SIGN}"


class Hostile:
    """All that may run is an error."""

    def __repr__(self) -> str:
        raise AssertionError

    def __len__(self) -> int:
        raise AssertionError

    def __getattr__(self, name: str) -> Any:
        raise AssertionError

    def __bool__(self) -> bool:
        raise AssertionError

    def __eq__(self, other: object) -> bool:
        raise AssertionError

    __hash__ = object.__hash__

    @property
    def shape(self) -> tuple[int, ...]:
        raise AssertionError


SPACE: dict[str, Any] = {
    "In": ["", "x"],
    "_": 1,
    "_hidden": 2,
    "np": np,
    "frame": pd.DataFrame({"price": [1], "unit price": [2], "api_key": ["k"], 3: [4]}),
    "features": np.zeros((10, 3)),
    "fit": lambda: None,
    "config": {"url": "u", "password": "p", "deep": {"rate": 0.5}, 7: "seven"},
    "api_key": "k",
    "github_token": "t",
    "key": Secret("openai", "sk-0123456789"),
    "hostile": Hostile(),
    "job": types.SimpleNamespace(steps=3, token="t"),
    "polars_frame": pl.DataFrame({"a": [1]}),
}


def names(space: dict[str, Any] | None = None) -> KernelNames:
    cells = {5: CellText("\n  api_key = 'sentinel4711'\n"), 4: CellText("df.head()")}
    return KernelNames(
        lambda: SPACE if space is None else space,
        hidden=lambda: ["In", "_"],
        cell=cells.get,
        cells=lambda: [5, 4],
        error=lambda: ValueError("no"),
    )


def texts(typed: str) -> list[str]:
    return [offer.text for offer in offers(typed, names())]


def test_names_are_offered_with_class_and_shape() -> None:
    assert offers("f", names())[:3] == [
        NameOffer("frame", f"DataFrame 1 {TIMES} 4"),
        NameOffer("features", f"ndarray 10 {TIMES} 3 float64"),
        NameOffer("fit", "function"),
    ]


def test_without_a_letter_data_come_before_code_and_modules_before_cells() -> None:
    found = texts("")
    assert found[0] == "polars_frame"
    assert found.index("features") < found.index("fit") < found.index("np")
    assert found[-3:] == ["error", "cell[5]", "cell[4]"]


def test_neither_secrets_nor_ipythons_own_names_are_offered() -> None:
    for typed in ("", "a", "api", "k", "git", "I", "_"):
        found = texts(typed)
        assert not {"api_key", "github_token", "key", "In", "_"} & set(found)
    assert "_hidden" not in texts("")
    assert texts("_")[0] == "_hidden"


def test_letters_match_anywhere_in_order() -> None:
    assert "frame" in texts("frm")
    assert texts("frame")[:2] == ["frame", "polars_frame"]
    assert texts("FRAME")[0] == "frame"
    assert texts("nothing of the kind") == []


def test_columns_of_a_frame_are_offered() -> None:
    assert texts("frame.") == ["frame.price"]
    assert texts('frame["') == ['frame["price"]', 'frame["unit price"]']
    assert texts('frame["unit') == ['frame["unit price"]']
    assert texts("polars_frame.") == ["polars_frame.a"]


def test_keys_of_dicts_are_offered_at_any_depth() -> None:
    assert texts('config["') == ['config["url"]', 'config["deep"]', "config[7]"]
    assert offers('config["deep"]["r', names()) == [
        NameOffer('config["deep"]["rate"]', "float")
    ]


def test_attributes_that_an_object_holds_are_offered() -> None:
    assert texts("job.") == ["job.steps"]


@pytest.mark.parametrize(
    "typed",
    [
        "hostile.",
        'hostile["',
        "nope.",
        "api_key.",
        'config["password"].',
        "config[",
        "@",
        "..",
    ],
)
def test_what_leads_nowhere_offers_nothing_else(typed: str) -> None:
    assert all(text.startswith("config[") for text in texts(typed))


def test_cells_are_offered_with_their_first_line() -> None:
    assert offers("cell[", names()) == [
        NameOffer("cell[5]", "api_key = '[hidden]'"),
        NameOffer("cell[4]", "df.head()"),
    ]
    assert texts("ce")[-2:] == ["cell[5]", "cell[4]"]
    assert texts("cell[4") == ["cell[4]"]


def test_the_last_error_is_offered_by_its_class() -> None:
    assert NameOffer("error", "the last one: ValueError") in offers("err", names())


def test_variables_named_cell_and_error_are_offered_in_their_place() -> None:
    found = offers("", names({"cell": [1], "error": "mine"}))
    assert found == [
        NameOffer("error", "str 4 characters"),
        NameOffer("cell", "list 1 item"),
    ]


def test_no_more_than_a_few_are_offered() -> None:
    space = {f"v{number}": number for number in range(10_000)}
    assert len(offers("", names(space))) == 50
    assert len(offers("v", names(space), limit=7)) == 7
