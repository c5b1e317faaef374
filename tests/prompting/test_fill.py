from __future__ import annotations

import subprocess
import sys
from decimal import Decimal
from pathlib import PurePosixPath
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

from parllama_nb.errors import UsageError
from parllama_nb.prompting.fill import Filled, fill
from parllama_nb.secret import Secret

PAGE = {
    "name": "Ada",
    "n": 3,
    "config": {"k": [{"c": SimpleNamespace(d="deep")}], "a b": 1, "é": "accent"},
    "rows": ["first", "last"],
    "user": "Ada",
}


@pytest.mark.parametrize(
    ("template", "expected"),
    [
        ("Hi {{name}}!", "Hi Ada!"),
        ("{{ name }} and {{name}}", "Ada and Ada"),
        ("{{rows[0]}} {{rows[-1]}}", "first last"),
        ('{{config["a b"]}} {{config["é"]}}', "1 accent"),
        ("{{config['k'][0]['c'].d}}", "deep"),
        ("{{config['\\x6b'][0]['c'].d}}", "deep"),
        ("{{{{name}}}}", "{{{{name}}}}"),
        ("a{{name}}b{{n}}c", "aAdab3c"),
    ],
)
def test_a_name_of_the_notebook_is_filled(template: str, expected: str) -> None:
    assert fill(template, PAGE).text == expected


@pytest.mark.parametrize(
    "text",
    [
        '{"a": {"b": {}}}',
        '{"a": {"name": 1}}',
        "f'{name} {n!r:>{width}}'",
        "f'{{{name}}}'",
        "{{{name}}}",
        "int main() { if (x) {{ y(); }} }",
        "\\frac{{a}}{{b + c}}",
        "{% for x in rows %}{{ x | upper }}{% endfor %}",
        "{{ name | upper }}",
        "{{ name + 1 }}",
        "{{ name() }}",
        "{{ name.upper() }}",
        "{{ rows[n] }}",
        "{{ rows[0:1] }}",
        "{{#if name}}x{{/if}}",
        "{{> name}}",
        "{{name\n}}",
        "{ {name} }",
        "{{}}",
        "{{ }}",
        "{{3}}",
        "{{'name'}}",
        "{{lambda: name}}",
        "{{name.}}",
        "{{.name}}",
        "{{name[}}",
        "{{__import__('os')}}",
        "}} {{",
    ],
)
def test_braces_of_other_languages_are_sent_as_written(text: str) -> None:
    filled = fill(text, PAGE)
    assert filled.text == text
    assert not filled.filled


def test_unknown_names_are_sent_as_written_and_reported_once_in_order() -> None:
    text = "title = {{Title}}, {{name}}, {{ other.x }}, {{Title}}"
    assert fill(text, PAGE) == Filled(
        "title = {{Title}}, Ada, {{ other.x }}, {{Title}}",
        filled=("name",),
        literal=("Title", "other.x"),
    )


@pytest.mark.parametrize(
    "path",
    [
        "user.name",
        "rows[7]",
        "config.missing",
        'config["missing"]',
        "n[0]",
        'rows["a"]',
        "name.__class__",
        "name._private",
        "config.__len__",
        "config.items",
        "name.upper",
        "__builtins__",
    ],
)
def test_a_placeholder_that_leads_nowhere_is_sent_as_written(path: str) -> None:
    namespace = {**PAGE, "__builtins__": "no"}
    text = f"x {{{{{path}}}}} y"
    assert fill(text, namespace) == Filled(text, literal=(path,))


def test_placeholders_in_a_filled_value_are_not_filled() -> None:
    namespace = {"a": "{{b}}", "b": "{{a}}", "c": "{{"}
    assert fill("{{a}} {{b}} {{c}}a}}", namespace).text == "{{b}} {{a}} {{a}}"


def test_each_placeholder_is_read_once() -> None:
    reads = []

    class Counter:
        @property
        def value(self) -> int:
            reads.append(1)
            return len(reads)

    assert fill("{{c.value}} {{c.value}}", {"c": Counter()}).text == "1 1"


class Failing:
    @property
    def value(self) -> str:
        message = "key sk-0123456789"
        raise RuntimeError(message)

    def __str__(self) -> str:
        return self.value


@pytest.mark.parametrize("path", ["x.value", "x"])
def test_the_error_of_a_failing_property_names_the_placeholder(path: str) -> None:
    with pytest.raises(UsageError) as caught:
        fill(f"{{{{{path}}}}}", {"x": Failing()})
    assert f"{{{{{path}}}}}" in caught.value.message
    assert "RuntimeError" in caught.value.message
    assert caught.value.hint
    assert "sk-" not in str(caught.value)
    assert caught.value.__cause__ is None
    assert caught.value.__context__ is None


def test_a_value_whose_class_has_no_module_is_described() -> None:
    class Thing:
        def __repr__(self) -> str:
            return "a thing"

    Thing.__module__ = None  # type: ignore[assignment]
    assert fill("{{thing}}", {"thing": Thing()}).text == "a thing"


def test_half_a_character_in_a_value_is_filled_as_the_sign_for_one() -> None:
    name = b"caf\xe9.txt".decode("utf-8", "surrogateescape")
    assert fill("{{n}}", {"n": name}).text == "caf\ufffd.txt"


@pytest.mark.parametrize(
    "path", ["key", "key.name", "key.reveal", 'all["key"]', "holder.key"]
)
def test_a_placeholder_of_a_secret_is_refused(path: str) -> None:
    key = Secret("openai", "sk-0123456789")
    namespace = {"key": key, "all": {"key": key}, "holder": SimpleNamespace(key=key)}
    with pytest.raises(UsageError) as caught:
        fill(f"{{{{{path}}}}}", namespace)
    assert "sk-" not in str(caught.value)


@pytest.mark.parametrize(
    "path", ["api_key", "GITHUB_TOKEN", 'config["password"]', "holder.client_secret"]
)
def test_a_placeholder_of_a_value_that_is_named_like_a_secret_is_refused(
    path: str,
) -> None:
    value = "sentinel-4711"
    namespace = {
        "api_key": value,
        "GITHUB_TOKEN": value,
        "config": {"password": value},
        "holder": SimpleNamespace(client_secret=value),
    }
    with pytest.raises(UsageError) as caught:
        fill(f"{{{{{path}}}}}", namespace)
    assert value not in str(caught.value)
    assert caught.value.hint


def test_a_column_is_filled_though_it_is_named_like_a_secret() -> None:
    row = {"token": "running", "api_key": "k"}
    text = fill("{{token}}", {"row": row, **row}, columns=("token",)).text
    assert text == "running"


def test_values_that_are_named_like_secrets_are_hidden_within_filled_values() -> None:
    config = {"user": "ada", "deep": [{"api_key": "sentinel-4711"}]}
    namespace = {"config": config, "pair": ("a", config), "rows": [config]}
    text = fill("{{config}} {{pair}} {{rows}}", namespace).text
    assert "sentinel" not in text
    assert text.count("[hidden]") == 3
    assert config["deep"] == [{"api_key": "sentinel-4711"}]


def test_the_history_of_cells_is_filled_without_what_it_assigns_to_secrets() -> None:
    inputs = ["", 'OPENAI_API_KEY = "sentinel-4711"\nprint(1)']
    text = fill("{{In[1]}}", {"In": inputs}).text
    assert text == 'OPENAI_API_KEY = "[hidden]"\nprint(1)'


def test_a_secret_within_a_filled_value_is_not_shown() -> None:
    key = Secret("openai", "sk-0123456789")
    frame = pd.DataFrame({"k": [key]})
    text = fill("{{a}} {{b}} {{f}}", {"a": [key], "b": {"k": key}, "f": frame}).text
    assert text.count("<Secret openai>") >= 3
    assert "sk-" not in text


def test_a_string_is_filled_uncut_and_unchanged() -> None:
    text = "  {x}\n" * 20_000
    assert fill("{{t}}", {"t": text}).text == text


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (None, "None"),
        (True, "True"),
        (1.5, "1.5"),
        (Decimal("1.10"), "1.10"),
        (PurePosixPath("a/b"), "a/b"),
        ((1, "a"), "(1, 'a')"),
        ({1: "a"}, "{1: 'a'}"),
        ({"a": [1, None, "é"]}, '{"a": [1, null, "é"]}'),
        ([], "[]"),
        (b"ab", "b'ab'"),
        (ValueError("no"), "ValueError: no"),
        (np.float64(2.5), "2.5"),
    ],
)
def test_values_are_described_in_a_form_that_models_read_well(
    value: object, expected: str
) -> None:
    assert fill("{{v}}", {"v": value}).text == expected


def test_a_large_dict_is_described_as_indented_json() -> None:
    value = {f"key {n}": {"text": "x" * 20} for n in range(5)}
    text = fill("{{v}}", {"v": value}).text
    assert text.startswith('{\n  "key 0": {\n    "text"')


def test_a_list_that_contains_itself_is_described() -> None:
    value: list[object] = [1]
    value.append(value)
    assert fill("{{v}}", {"v": value}).text.startswith("[1, [1, [1")


@pytest.mark.parametrize(
    "value",
    [
        list(range(1_000_000)),
        {str(n): [n] for n in range(100_000)},
        {n: n for n in range(100_000)},
        ["x" * 1_000_000],
        {"a": "x" * 1_000_000, 1: 2},
        set(range(100_000)),
        b"x" * 1_000_000,
        SimpleNamespace(x="x" * 1_000_000),
        tuple(range(1_000_000)),
        10**4_000,
    ],
)
def test_the_description_of_a_large_value_is_cut_and_says_so(value: object) -> None:
    text = fill("{{v}}", {"v": value}).text
    assert len(text) < 20_200
    assert len(text) < 5_000 or "cut: " in text or "..." in text


def test_a_frame_is_described_by_its_columns_and_first_rows() -> None:
    frame = pd.DataFrame({"a": range(5_000), "b": ["x, y"] * 5_000})
    text = fill("{{df}}", {"df": frame}).text
    lines = text.splitlines()
    assert lines[0] == "DataFrame, 5,000 rows x 2 columns"
    assert lines[1:3] == ["Columns:", "a int64, 0 to 4999"]
    assert lines[3].startswith("b ")
    assert lines[4:7] == ["First 20 rows as CSV:", "a,b", '0,"x, y"']
    assert len(lines) == 26


@pytest.mark.parametrize(
    "frame",
    [
        pd.DataFrame(np.zeros((100, 2_000))),
        pd.DataFrame({"a": ["x" * 10_000] * 100, "b": [list(range(10_000))] * 100}),
        pd.DataFrame({"n" * 5_000 + str(n): [1] for n in range(100)}),
        pd.DataFrame({"a": [1, 1], "b": [2, 3]}).groupby("a").agg(["min", "max"]),
        pd.DataFrame([[1, 2]], columns=["same", "same"]),
        pd.DataFrame(),
        pd.Series(["x" * 10_000] * 100, name="s"),
        pd.Series([], dtype="int64"),
        np.random.default_rng(1).random((500, 500)),
        np.array([{"a": "x" * 10_000}, None] * 100, dtype=object),
        np.zeros((0, 3)),
    ],
)
def test_descriptions_of_frames_and_arrays_are_bounded(frame: object) -> None:
    text = fill("{{f}}", {"f": frame}).text
    assert 0 < len(text) < 4_200


def test_a_long_cell_of_a_frame_is_cut() -> None:
    frame = pd.DataFrame({"a": ["x" * 10_000], "b": [list(range(10_000))]})
    row = fill("{{f}}", {"f": frame}).text.splitlines()[-1]
    assert row.startswith("x" * 79 + "…,")
    assert len(row) < 160


def test_the_index_of_a_frame_is_shown_unless_it_only_counts() -> None:
    frame = pd.DataFrame({"a": [1]}, index=["row"])
    assert fill("{{f}}", {"f": frame}).text.endswith("index,a\nrow,1")
    series = pd.Series([1.5], index=["row"], name="s")
    text = fill("{{s}}", {"s": series}).text
    assert text.splitlines() == [
        "Series s, 1 value, float64, 1.5",
        "First 1 value as CSV:",
        "row,1.5",
    ]


def test_an_array_is_described_by_shape_type_and_some_values() -> None:
    text = fill("{{a}}", {"a": np.arange(6).reshape(2, 3)}).text
    head = "ndarray, shape (2, 3), dtype int64, min 0, max 5, mean 2.5"
    assert text.splitlines()[0] == head
    assert "[3 4 5]" in text


def test_in_and_out_are_filled_by_cell_number() -> None:
    inputs = ["", "a = 1", "b = 2"]
    outputs = {2: "x" * 50_000}
    namespace = {"In": inputs, "Out": outputs}
    filled = fill("{{In[1]}}|{{Out[2]}}|{{Out[1]}}", namespace)
    cell, result, missing = filled.text.split("|")
    assert cell == "a = 1"
    assert len(result) < 20_100
    assert "of 50,000 characters" in result
    assert missing == "{{Out[1]}}"
    assert filled.literal == ("Out[1]",)


def test_a_value_that_stands_for_a_missing_one_is_told_from_a_wrong_path() -> None:
    filled = fill(
        "{{a}} {{b[0]}} {{b[1]}} {{c}}",
        {"a": None, "b": [None], "c": None},
        missing=lambda name, value: name != "c" and value is None,
    )
    assert (filled.missing, filled.literal) == (("a", "b[0]"), ("b[1]",))
    assert filled.filled == ("c",)


def test_the_error_placeholder_is_filled_with_the_last_traceback() -> None:
    text = "Why? {{error}}"
    filled = fill(text, {}, last_error=lambda: "\x1b[0;31mKeyError\x1b[0m: 'a'")
    assert filled == Filled("Why? KeyError: 'a'", filled=("error",))
    assert fill(text, {}, last_error=lambda: None) == Filled(text, literal=("error",))
    assert fill(text, {}) == Filled(text, literal=("error",))


def test_the_end_of_a_long_traceback_is_kept() -> None:
    filled = fill("{{error}}", {}, last_error=lambda: "x" * 50_000 + "KeyError: 'a'")
    assert filled.text.endswith("KeyError: 'a'")
    assert len(filled.text) < 20_100


def test_a_variable_named_error_comes_before_the_last_traceback() -> None:
    assert fill("{{error}}", {"error": "mine"}, last_error=lambda: "t").text == "mine"


@pytest.mark.parametrize(
    "unit", ["{{", "{{a", "{{a.b", "{{a[", "{{a['x", "}}", "{{ a "]
)
def test_a_prompt_of_braces_is_sent_as_written(unit: str) -> None:
    text = unit * (1_000_000 // len(unit))
    assert fill(text, {"a": "x"}) == Filled(text)


def test_filling_does_not_import_pandas_or_numpy() -> None:
    code = (
        "import sys; from parllama_nb.prompting.fill import fill; "
        "assert fill('{{a}}', {'a': [1]}).text == '[1]'; "
        "print({'pandas', 'numpy'} & set(sys.modules))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "set()"
