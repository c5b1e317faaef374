"""Answers that fit a schema: asked for, read, and turned into values."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from pydantic import BaseModel, ValidationError

from ..errors import UsageError
from ..providers.messages import ChatRequest, Message, TextPart

__all__ = ["OutputSchema"]

_FENCED = re.compile(r"\A\s*```(?:json)?\s*\n(.*?)\n?\s*```\s*\Z", re.DOTALL)

_LONGEST_REASON = 200


@dataclass(frozen=True, slots=True)
class OutputSchema:
    """What an answer has to be: a JSON schema, and what turns JSON into its values.

    `fields` are the columns an answer gives; a schema that is not of an object gives
    one, `value`.
    """

    schema: Mapping[str, Any]
    validate: Callable[[Any], Any]
    fields: tuple[str, ...]

    @classmethod
    def of(cls, given: object) -> OutputSchema:
        """The shape of a pydantic model or of a JSON schema.

        Raises:
            UsageError: it is neither.

        """
        if isinstance(given, type) and issubclass(given, BaseModel):
            model = given
            return cls(
                model.model_json_schema(),
                lambda value: model.model_validate(value).model_dump(mode="json"),
                tuple(model.model_fields),
            )
        if isinstance(given, Mapping):
            return cls(given, _validator(given), _fields(given))
        message = f"A schema is a pydantic model or a dict, not {type(given).__name__}."
        raise UsageError(message, hint="For example {'type': 'object', ...}.")

    def ask(self, request: ChatRequest, *, supported: bool) -> ChatRequest:
        """The request for an answer of this shape.

        Where the provider cannot hold the model to a schema it is asked for in words.
        """
        if supported:
            return replace(request, response_schema=self.schema)
        words = (
            "Answer with JSON alone, without any other text, that fits this JSON "
            f"schema: {json.dumps(self.schema)}"
        )
        first, *others = request.messages
        if first.role == "system":
            parts = (*first.parts, TextPart(f"\n\n{words}"))
            return replace(request, messages=(Message("system", parts), *others))
        return replace(request, messages=(Message.of("system", words), first, *others))

    def read(self, text: str) -> tuple[dict[str, Any], str]:
        """The values of an answer by field, or none and why it does not fit."""
        fenced = _FENCED.match(text)
        try:
            value = self.validate(json.loads(fenced[1] if fenced else text))
        except ValidationError as error:
            first = error.errors()[0]
            place = ".".join(map(str, first["loc"]))
            return {}, _reason(f"{place}: {first['msg']}" if place else first["msg"])
        except ValueError as error:
            return {}, _reason(str(error))
        if self.fields == ("value",) and not isinstance(value, Mapping):
            return {"value": value}, ""
        return {name: value.get(name) for name in self.fields}, ""


def _reason(text: str) -> str:
    text = " ".join(text.split())[:_LONGEST_REASON]
    return f"The answer does not fit the schema: {text}"


def _fields(schema: Mapping[str, Any]) -> tuple[str, ...]:
    properties = schema.get("properties")
    if isinstance(properties, Mapping) and properties:
        return tuple(map(str, properties))
    return ("value",)


def _validator(schema: Mapping[str, Any]) -> Callable[[Any], Any]:
    import jsonschema  # noqa: PLC0415 - comes with Jupyter's notebook format

    problem = None
    kind = jsonschema.validators.validator_for(schema)
    try:
        kind.check_schema(schema)
    except jsonschema.SchemaError as error:
        problem = " ".join(error.message.split())[:_LONGEST_REASON]
    if problem is not None:
        message = f"This is no JSON schema: {problem}."
        raise UsageError(message)
    checker = kind(schema)

    def validate(value: Any) -> Any:  # noqa: ANN401 - any JSON
        for error in checker.iter_errors(value):
            place = ".".join(map(str, error.absolute_path))
            raise ValueError(f"{place}: {error.message}" if place else error.message)
        return value

    return validate
