"""Values of many kinds, as notebooks hold them."""

from __future__ import annotations

import collections
import datetime as dt
import functools
import types
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import PurePosixPath
from typing import Any

import matplotlib as mpl
import numpy as np
import pandas as pd
import polars as pl
from PIL import Image
from pydantic import BaseModel

mpl.use("Agg")
import matplotlib.pyplot as plt

__all__ = ["FRAME", "KINDS", "SECRET", "Settings", "figure"]

SECRET = "sentinel-b7Qz-4711-kfp"  # no word of any other text


@dataclass
class Settings:
    """What a job is run with."""

    rate: float = 0.5
    api_key: str = SECRET
    layers: list[int] = field(default_factory=lambda: [1, 2])

    def run(self, steps: int = 3) -> int:
        """Run some steps."""
        return steps


class Account(BaseModel):
    name: str = "ada"
    password: str = SECRET


class Tensor:
    """As far as it matters, one of torch."""

    shape = (2, 3)
    dtype = "float32"
    device = "cpu"
    requires_grad = True

    def detach(self) -> Tensor:
        return self

    def reshape(self, _size: int) -> list[float]:
        return _Flat([0.5, 1.5])


class _Flat(list[float]):
    def __getitem__(self, _key: Any) -> Any:
        return self

    def tolist(self) -> list[float]:
        return list(self)


class Estimator:
    def __init__(self) -> None:
        self.alpha = 0.5
        self.token = SECRET

    def __repr__(self) -> str:
        return "Estimator(alpha=0.5)"


def add(first: int, second: int = 2) -> int:
    """Return a sum."""
    password = "sentinel-b7Qz-4711-kfp"
    return first + second + len(password) * 0


def counting() -> Iterator[int]:
    yield 1


def failed() -> KeyError:
    """An exception that this file's own code has raised."""
    rows = [{"a": 1}]
    api_key = SECRET
    wanted = "b"
    try:
        rows[0][wanted], api_key
    except KeyError as error:
        return error
    raise AssertionError


def figure() -> Any:
    drawn = plt.figure()
    axes = drawn.subplots()
    axes.plot([1, 2, 3])
    axes.set_title("Loss")
    plt.close(drawn)
    return drawn


FRAME = pd.DataFrame(
    {
        "id": range(100),
        "when": pd.date_range("2026-01-01", periods=100, freq="h"),
        "price": [None, *(n / 7 for n in range(99))],
        "city": ["Berlin", "Paris"] * 50,
        "api_key": [SECRET] * 100,
    }
)

KINDS: dict[str, tuple[Any, tuple[str, ...]]] = {
    "frame": (
        FRAME,
        (
            "DataFrame, 100 rows x 5 columns",
            "id int64, 0 to 99",
            "price float64, 1 null, 0 to 14",
            "e.g. Berlin | Paris",
            "when datetime64",
            "2026-01-01 to 2026-01-05",
            "api_key",
            "hidden",
            "as CSV:",
        ),
    ),
    "series": (FRAME["price"], ("Series price, 100 values, float64, 1 null",)),
    "row": (pd.Series({"user": "ada", "password": SECRET}), ("ada", "[hidden]")),
    "index": (pd.Index(["a", "b"], name="n"), ("Index n, 2 values", "a\nb")),
    "array": (np.eye(3), ("shape (3, 3)", "float64", "min 0, max 1, mean 0.33", "[0.")),
    "nan": (np.array([1.0, np.nan]), ("1 NaN", "min 1, max 1")),
    "tensor": (Tensor(), ("Tensor", "shape (2, 3)", "device cpu", "0.5, 1.5")),
    "dict": (
        {"a": 1, "deep": {"list": list(range(500)), "password": SECRET}},
        ("dict, 2 keys", '"a": 1', "more", '"password": [hidden]'),
    ),
    "list": ([{"n": 1}, {"n": 2}], ("list, 2 items of dict", '{"n": 1}')),
    "tuple": ((1, "a"), ("tuple, 2 items", '(1, "a")')),
    "set": ({1}, ("set, 1 item of int", "{1}")),
    "counter": (collections.Counter("aab"), ("Counter, 2 keys", '"a": 2')),
    "dataclass": (Settings(), ("Settings object", "rate = 0.5", "api_key = [hidden]")),
    "pydantic": (Account(), ("Account object", 'name = "ada"', "password = [hidden]")),
    "namespace": (types.SimpleNamespace(a=1), ("SimpleNamespace", "a = 1")),
    "function": (add, ("function add", "def add(first: int", '"[hidden]"')),
    "method": (Settings().run, ("method Settings.run", "def run(self, steps")),
    "partial": (functools.partial(add, second=3), ("partial with second", "def add")),
    "builtin": (len, ("function len(obj, /)", "number of items")),
    "class": (Settings, ("class Settings", "@dataclass", "rate: float = 0.5")),
    "library class": (
        pd.DataFrame,
        ("class DataFrame(", "Methods:", "shape (property)"),
    ),
    "module": (np, ("module numpy", np.__version__, "public names:", "abs")),
    "exception": (failed(), ("KeyError: 'b'", "> ", "rows[0][wanted]", 'wanted = "b"')),
    "bare exception": (ValueError("no"), ("ValueError: no",)),
    "figure": (figure(), ("matplotlib Figure, 640 x 480 pixels", "'Loss'", "1 line")),
    "image": (Image.new("RGB", (30, 20)), ("image, 30 x 20 pixels", "RGB")),
    "polars": (
        pl.DataFrame({"a": [1, None], "b": ["x", "y"]}),
        ("polars DataFrame, 2 rows x 2 columns", "a Int64, 1 null", "e.g. x | y"),
    ),
    "string": ("word " * 2_000, ("str, 10,000 characters", "[cut: the first")),
    "number": (3, ("int: 3",)),
    "none": (None, ("None",)),
    "bytes": (b"ab" * 3_000, ("bytes, 6,000 bytes", "b'abab")),
    "date": (dt.date(2026, 1, 2), ("datetime.date(2026, 1, 2)",)),
    "path": (PurePosixPath("a/b"), ("PurePosixPath('a/b')",)),
    "generator": (counting(), ("generator counting", "not read")),
    "object": (Estimator(), ("Estimator(alpha=0.5)", "token = [hidden]")),
}
