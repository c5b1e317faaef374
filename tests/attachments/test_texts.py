"""Texts, tables and notebooks, as a model reads them."""

from __future__ import annotations

import json

from parllama_nb.attachments.texts import cut, notebook_text, table_text

from .files import notebook


def test_a_text_that_is_too_long_is_cut_at_the_end_of_a_line() -> None:
    text = "".join(f"line {i}\n" for i in range(100))

    kept = cut(text, 100)

    assert text.startswith(kept.text + "\n")
    assert len(kept.text) <= 100
    assert kept.notes == (f"the first {len(kept.text)} of {len(text)} characters",)
    assert cut(text, len(text)) == (text, "", ())
    assert len(cut("x" * 1_000, 10).text) == 10


def test_a_table_says_its_size_its_separator_and_its_header() -> None:
    kept = table_text('name;"long; name"\nÄ;1\nB;"two\nlines"\n', 1_000)

    assert kept.text.startswith(
        "Table of 2 rows and 2 columns, separated by semicolons.\n"
        "Header: name, long; name\n\nname;"
    )
    assert kept.text.endswith('B;"two\nlines"\n')
    assert kept.notes == ()


def test_a_long_table_says_how_many_rows_of_it_are_sent() -> None:
    text = "n,square\n" + "".join(f"{i},{i * i}\n" for i in range(50_000))

    kept = table_text(text, 10_000)

    assert "Table of 50,000 rows and 2 columns" in kept.text
    last = kept.text.rsplit("\n", 1)[1]
    assert kept.notes == (f"the first {int(last.split(',')[0]) + 1:,} of 50,000 rows",)


def test_a_table_of_one_column_and_one_that_is_none_are_sent() -> None:
    assert "3 rows and 1 columns" in table_text("a\n1\n2\n3\n", 100).text
    huge = "x" * 200_000  # a field longer than the reader takes
    assert table_text(huge, 100).text == "x" * 100


def test_a_notebook_is_its_cells_with_the_outputs_that_are_text() -> None:
    kept = notebook_text(notebook().decode(), 100_000)

    assert kept.title == "Growth"
    # Longer than the fence in the code.
    assert "````julia\nprint('```')\n```\n````" in kept.text
    assert "Output:\n```\nred\n```" in kept.text
    assert "ValueError: no" in kept.text
    assert "SECRET TRACEBACK" not in kept.text
    assert "Figure size" not in kept.text
    assert "… (3,000 more characters)" in kept.text
    assert kept.notes == ("without 1 picture",)


def test_a_notebook_with_odd_fields_is_read_as_far_as_it_goes() -> None:
    cells = [7, {"cell_type": "code", "source": None, "outputs": [3, {"data": 1}]}, {}]
    odd = {"cells": cells, "nbformat": 4, "metadata": []}

    assert notebook_text(json.dumps(odd), 100) == ("", "", ())
