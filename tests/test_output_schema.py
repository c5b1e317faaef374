"""Answers as data: what a schema accepts, asks for and reads."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pytest
from pydantic import BaseModel

from parllama_nb.errors import SchemaMismatchError, UsageError
from parllama_nb.output_schema import OutputSchema
from parllama_nb.providers.messages import ChatRequest, Message


class Colour(BaseModel):
    name: str
    shades: list[int] = []


@dataclass
class Point:
    x: int
    y: int = 0


JSON_SCHEMA = {
    "type": "object",
    "properties": {"n": {"type": "integer"}},
    "required": ["n"],
}


@pytest.mark.parametrize(
    ("given", "text", "value"),
    [
        (Colour, '{"name": "red", "shades": [1]}', Colour(name="red", shades=[1])),
        (Point, '{"x": 1}', Point(1)),
        (JSON_SCHEMA, '{"n": 1}', {"n": 1}),
        ({}, "[1, null]", [1, None]),
        ({"type": "string"}, '"a"', "a"),
        (Point, '```json\n{"x": 1, "y": 2}\n```', Point(1, 2)),
    ],
)
def test_a_text_that_fits_becomes_a_value_of_the_given_type(
    given: Any, text: str, value: object
) -> None:
    assert OutputSchema.of(given).parse(text) == value


@pytest.mark.parametrize(
    ("given", "text", "reason"),
    [
        (Colour, "{}", "name: Field required"),
        (Point, '{"x": "one"}', "x: Input should be a valid integer"),
        (JSON_SCHEMA, '{"n": "1"}', "n: '1' is not of type 'integer'"),
        (JSON_SCHEMA, "red", "Expecting value"),
    ],
)
def test_a_text_that_does_not_fit_is_one_line_that_says_why(
    given: Any, text: str, reason: str
) -> None:
    with pytest.raises(SchemaMismatchError, match="does not fit") as caught:
        OutputSchema.of(given).parse(text)
    assert reason in caught.value.message
    assert "\n" not in caught.value.message
    assert OutputSchema.of(given).read(text) == ({}, caught.value.message)


@pytest.mark.parametrize(
    ("given", "text", "columns"),
    [
        (Colour, '{"name": "red"}', {"name": "red", "shades": []}),
        (Point, '{"x": 1}', {"x": 1, "y": 0}),
        (JSON_SCHEMA, '{"n": 1, "m": 2}', {"n": 1}),
        ({}, "7", {"value": 7}),
    ],
)
def test_the_columns_of_an_answer_are_json_values(
    given: Any, text: str, columns: dict[str, Any]
) -> None:
    assert OutputSchema.of(given).read(text) == (columns, "")


@pytest.mark.parametrize("given", [7, "text", int, Colour(name="red"), None])
def test_what_is_no_schema_is_refused(given: Any) -> None:
    with pytest.raises(UsageError, match="is not a schema") as caught:
        OutputSchema.of(given)
    assert "pydantic model" in str(caught.value.hint)


def test_a_dict_that_is_no_json_schema_is_refused() -> None:
    with pytest.raises(UsageError, match="not a JSON schema"):
        OutputSchema.of({"type": "colour"})


def test_a_provider_without_schemas_is_asked_in_words() -> None:
    request = ChatRequest("m", (Message.of("user", "Q"),))
    schema = OutputSchema.of(JSON_SCHEMA)
    assert schema.ask(request, supported=True).response_schema == JSON_SCHEMA
    in_words = schema.ask(request, supported=False)
    assert in_words.response_schema is None
    system, question = in_words.messages
    assert (system.role, question.text) == ("system", "Q")
    assert '"integer"' in system.text


def test_the_words_for_a_schema_come_after_the_system_prompt() -> None:
    request = ChatRequest(
        "m", (Message.of("system", "Be brief."), Message.of("user", "Q"))
    )
    system, _ = OutputSchema.of({}).ask(request, supported=False).messages
    assert system.text == (
        "Be brief.\n\nAnswer with JSON alone, without any other text"
    )
