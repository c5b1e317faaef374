from __future__ import annotations

import base64
import io
import os
import subprocess
import sys
import threading
from types import SimpleNamespace
from typing import Any

import numpy as np
import pandas as pd
import pytest
from PIL import Image

from parllama_nb.prompting.describing.describer import described, text_of
from parllama_nb.prompting.describing.kinds import summary
from parllama_nb.providers.messages import ImagePart
from parllama_nb.providers.token_estimate import text_tokens
from parllama_nb.secret import Redactor, Secret
from tests import sentinels

from .values import FRAME, KINDS, SECRET, Settings, figure


@pytest.mark.parametrize("kind", KINDS)
def test_a_value_of_each_kind_is_described_within_300_tokens(kind: str) -> None:
    value, expected = KINDS[kind]
    description = described(value)
    assert [each for each in expected if each not in description.text] == []
    assert text_tokens(description.text) <= 300


@pytest.mark.parametrize("tokens", [40, 60, 100, 1_000, 5_000])
@pytest.mark.parametrize("kind", KINDS)
def test_a_description_keeps_to_its_budget(kind: str, tokens: int) -> None:
    assert text_tokens(text_of(KINDS[kind][0], tokens)) <= tokens


@pytest.mark.parametrize("tokens", [60, 300, 5_000])
@pytest.mark.parametrize("kind", KINDS)
def test_no_description_holds_what_is_named_like_a_secret(
    kind: str, tokens: int
) -> None:
    text = text_of(KINDS[kind][0], tokens)
    assert sentinels.found(text.encode(), [SECRET]) == []


@pytest.mark.parametrize(
    "value",
    [
        {"API_KEY": SECRET, "nested": [{"clientSecret": SECRET}]},
        [("API_KEY", SECRET), ["github_token", SECRET]],
        [{"name": "API_KEY", "value": SECRET}],
        {"headers": {"Authorization": f"Bearer {SECRET}"}},
        SimpleNamespace(inner=Settings()),
        pd.DataFrame({"name": ["API_KEY", "user"], "value": [SECRET, "ada"]}),
        pd.DataFrame({"password": [SECRET]}, index=["a"]),
        pd.Series([SECRET], name="secret"),
        pd.Series({"API_KEY": SECRET}),
        f"OPENAI_API_KEY={SECRET}\n",
        f"{{'password': '{SECRET}'}}",
        f'client = Client(api_key="{SECRET}")',
        f'os.environ["HF_TOKEN"] = "{SECRET}"',
        f"postgres://ada:{SECRET}@host/db",
        ValueError(f"bad key: api_key='{SECRET}'"),
        Secret("key", SECRET),
        {"k": Secret("key", SECRET)},
    ],
    ids=lambda value: type(value).__name__ + str(value)[:60],
)
def test_a_secret_is_hidden_wherever_it_stands(value: object) -> None:
    for tokens in (60, 300, 3_000):
        text = text_of(value, tokens)
        assert sentinels.found(text.encode(), [SECRET]) == []


def test_a_known_secret_is_hidden_though_it_is_cut() -> None:
    redactor = Redactor()
    redactor.add(Secret("mine", SECRET * 10))
    frame = pd.DataFrame({"text": [SECRET * 10]})
    for value in (frame, [SECRET * 10], "x" * 990 + SECRET * 10):
        assert SECRET[:12] not in text_of(value, 300)


def test_the_environment_is_described_by_its_names_alone(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    # Whoever runs the tests may have so many that the last are left out.
    for name in [*os.environ]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("A_PLACE", SECRET)
    text = text_of(os.environ, 2_000)
    assert "A_PLACE" in text
    assert SECRET not in text


@pytest.mark.parametrize("value", [figure(), figure().axes[0]], ids=["figure", "axes"])
def test_a_figure_is_described_as_a_picture(value: object) -> None:
    description = described(value)
    assert _size_of(description.picture) == (640, 480)
    assert description.tokens > text_tokens(description.text)


def test_an_array_of_axes_is_the_picture_of_their_figure() -> None:
    import matplotlib.pyplot as plt

    drawn, axes = plt.subplots(2, 2)
    plt.close(drawn)
    assert _size_of(described(axes).picture) == (640, 480)


def test_a_large_picture_is_sent_as_large_as_models_see_it() -> None:
    image = Image.new("RGB", (6_000, 30))
    assert _size_of(described(image).picture) == (1_568, 8)
    drawn = figure()
    drawn.set_size_inches(60, 30)
    assert _size_of(described(drawn).picture) == (1_568, 784)
    assert drawn.get_dpi() == 100


def _size_of(picture: ImagePart | None) -> tuple[int, int]:
    assert picture is not None
    data = base64.b64decode(picture.url.partition(",")[2])
    with Image.open(io.BytesIO(data)) as image:
        return image.size


def test_a_frame_with_many_columns_names_them_by_type_and_says_which_have_nulls() -> (
    None
):
    numbers = {f"value_{n}": [1.5, None if n == 30 else 2.0] for n in range(60)}
    frame = pd.DataFrame({"id": [1, 2], **numbers, "city": ["a", "b"]})
    lines = text_of(frame).splitlines()
    assert lines[0] == "DataFrame, 2 rows x 62 columns"
    assert lines[1].startswith(
        "Columns by type: int64: id; float64: value_0 to value_59;"
    )
    assert lines[2] == "With nulls: value_30 50%"


def test_a_large_frame_is_described_by_rows_that_are_spread_over_it() -> None:
    values = np.arange(2_000_000)
    frame = pd.DataFrame(
        {"n": values, "late": np.where(values > 1_000_000, 1.0, np.nan)}
    )
    text = text_of(frame)
    assert "(nulls and ranges of 1,000 rows spread evenly)" in text
    assert "late float64, 50% null" in text


def test_the_names_of_columns_are_shown_though_they_repeat_or_are_no_words() -> None:
    frame = pd.DataFrame([[1, 2, 3]], columns=["a b", "a b", 7])
    assert '"a b" int64, 1\n"a b" int64, 2\n"7" int64, 3' in text_of(frame)


UNUSUAL: list[Any] = [
    pd.DataFrame(),
    pd.DataFrame(index=[1, 2]),
    pd.DataFrame({"a": []}),
    pd.DataFrame({"a": [None, None]}),
    pd.DataFrame({"a": [{"b": 1}, [2], None]}),
    pd.DataFrame(np.zeros((3, 2_000))),
    pd.DataFrame({"n" * 5_000: ["x" * 100_000]}),
    pd.DataFrame({"a": pd.Categorical(["x", None])}),
    pd.DataFrame({"a": pd.array([1, None], dtype="Int64")}),
    pd.DataFrame({"a": [1 + 2j]}),
    FRAME.groupby(["city", "id"]).price.agg(["min", "max"]),
    FRAME.pivot_table(columns="city", values="price", aggfunc=["min", "max"]),
    FRAME.set_index(["city", "id"]).index,
    pd.Series([], dtype="int64"),
    pd.Series([pd.NaT]),
    pd.period_range("2026-01", periods=3),
    np.array(5),
    np.zeros((0, 3)),
    np.full((2, 2), np.nan),
    np.array([np.inf, -np.inf]),
    np.array([{"a": 1}, None], dtype=object),
    np.array([(1, 2.0)], dtype=[("a", int), ("b", float)]),
    np.array(["a", "b"]),
    np.array([True, False]),
    np.zeros((2, 3, 4, 5), dtype=np.float16),
    np.float64(2.5),
    10**5_000,
    {},
    [],
    "",
    b"",
    lambda: 1,
    iter([1]),
    object(),
    type,
    Exception(),
]


@pytest.mark.parametrize("number", range(len(UNUSUAL)))
def test_unusual_values_are_described(number: int) -> None:
    assert 0 < text_tokens(text_of(UNUSUAL[number])) <= 300


def test_containers_that_contain_themselves_are_described() -> None:
    rows: list[Any] = [1]
    rows.append(rows)
    named: dict[str, Any] = {}
    named["self"] = named
    assert "[1, [1, " in text_of(rows)
    assert '{"self": {"self": ' in text_of(named)


def test_a_dict_that_another_thread_changes_is_described() -> None:
    changing: dict[int, int] = dict.fromkeys(range(1_000), 0)
    ended = threading.Event()

    def change() -> None:
        number = 0
        while not ended.is_set():
            number += 1
            changing[number] = 1
            changing.pop(number - 500, None)

    thread = threading.Thread(target=change)
    thread.start()
    try:
        for _ in range(200):
            assert text_of(changing).startswith("dict, ")
    finally:
        ended.set()
        thread.join()


def test_a_generator_is_described_without_using_it_up() -> None:
    values = (n for n in range(3))
    text_of(values)
    assert list(values) == [0, 1, 2]


def test_an_object_whose_repr_raises_is_described_by_its_attributes() -> None:
    class Broken:
        def __init__(self) -> None:
            self.size = 3

        def __repr__(self) -> str:
            raise ValueError(SECRET)

    text = text_of(Broken())
    assert "its repr raised ValueError" in text
    assert "size = 3" in text
    assert SECRET not in text


def test_a_property_is_not_read() -> None:
    class Lazy:
        read = 0

        @property
        def data(self) -> int:
            Lazy.read += 1
            return 1

    text_of(Lazy())
    text_of([Lazy()])
    assert Lazy.read == 0


def test_a_class_of_a_cell_is_described_with_its_source(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    import linecache

    source = "class Cell:\n    def go(self):\n        return 1\n"
    name = "ipykernel_1/cell.py"
    monkeypatch.setitem(
        linecache.cache,
        name,
        (len(source), None, source.splitlines(keepends=True), name),
    )
    space: dict[str, Any] = {"__name__": "__main__"}
    exec(compile(source, name, "exec"), space)  # noqa: S102 - as a kernel does
    assert "    def go(self):\n        return 1" in text_of(space["Cell"])


def test_an_error_shows_the_users_frames_and_none_of_a_library() -> None:
    try:
        FRAME["no such column"]
    except KeyError as error:
        text = text_of(error)
    assert "test_describer.py, in test_an_error_shows" in text
    assert 'FRAME["no such column"]' in text
    assert "pandas" not in text
    assert "FRAME = DataFrame 100" not in text  # a global name, not of the frame


def test_the_last_frames_of_a_long_traceback_are_kept() -> None:
    def deeper(left: int) -> None:
        if left == 0:
            message = "the end"
            raise RuntimeError(message)
        deeper(left - 1)

    try:
        deeper(50)
    except RuntimeError as error:
        text = text_of(error)
    assert "RuntimeError: the end" in text
    assert "raise RuntimeError(message)" in text
    assert text_tokens(text) <= 300


def test_the_cause_of_an_error_is_named() -> None:
    try:
        try:
            int("x")
        except ValueError as error:
            message = "outer"
            raise RuntimeError(message) from error
    except RuntimeError as error:
        text = text_of(error)
    assert "Caused by ValueError: invalid literal" in text


def test_a_syntax_error_shows_its_line() -> None:
    with pytest.raises(SyntaxError) as caught:
        compile("a = = 1\n", "cell", "exec")
    assert "line 1: a = = 1" in text_of(caught.value)


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (
            pd.DataFrame(np.zeros((1_000, 2))),
            "DataFrame 1,000 \N{MULTIPLICATION SIGN} 2",
        ),
        (np.zeros((3, 4)), "ndarray 3 \N{MULTIPLICATION SIGN} 4 float64"),
        ([1], "list 1 item"),
        ({}, "dict 0 keys"),
        ("ab", "str 2 characters"),
        (3, "int"),
        (np, "module"),
        (Settings, "class"),
        (Settings(), "Settings"),
        (None, "None"),
    ],
)
def test_a_summary_says_class_and_size(value: object, expected: str) -> None:
    assert summary(value) == expected


def test_describing_does_not_import_pandas_numpy_or_matplotlib() -> None:
    code = (
        "import sys; from parllama_nb.prompting.describing.describer import described; "
        "described([1]); "
        "print({'pandas', 'numpy', 'matplotlib', 'PIL', 'polars'} & set(sys.modules))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "set()"
