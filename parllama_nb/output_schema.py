"""Answers as data: a schema that the user gives, and values that fit it."""

from __future__ import annotations

import dataclasses
import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from .errors import SchemaMismatchError, UsageError
from .providers.messages import ChatRequest, Message, TextPart

__all__ = ["OutputSchema"]

_FENCED = re.compile(r"\A\s*```(?:json)?\s*\n(.*?)\n?\s*```\s*\Z", re.DOTALL)

_LONGEST_REASON = 200


@dataclass(frozen=True, slots=True)
class OutputSchema:
    """What an answer has to be.

    Attributes:
        schema: the JSON schema, as it is sent.
        fields: the columns that an answer gives in a table; one, `value`, if the schema
            is not that of an object with properties.
        load: validates JSON values and makes what the user gave the type of: a pydantic
            model's or a dataclass's instance, or the JSON values themselves.
        dump: the reverse, as JSON values.

    """

    schema: Mapping[str, Any]
    fields: tuple[str, ...]
    load: Callable[[Any], Any]
    dump: Callable[[Any], Any]

    @classmethod
    def of(cls, given: object) -> OutputSchema:
        """The schema that a pydantic model, a dataclass or a JSON schema stands for.

        Raises:
            UsageError: it is none of these.

        """
        if isinstance(given, OutputSchema):
            return given
        if isinstance(given, Mapping):
            return cls(given, _fields(given), _checked(given), lambda value: value)
        if isinstance(given, type) and (
            hasattr(given, "model_json_schema") or dataclasses.is_dataclass(given)
        ):
            from pydantic import TypeAdapter  # noqa: PLC0415 - not paid by %load_ext

            adapter: TypeAdapter[Any] = TypeAdapter(given)
            schema = adapter.json_schema()
            return cls(
                schema,
                _fields(schema),
                adapter.validate_python,
                lambda value: adapter.dump_python(value, mode="json"),
            )
        name = given.__name__ if isinstance(given, type) else type(given).__name__
        message = f"A {name} is not a schema."
        hint = "Give a pydantic model, a dataclass or a dict; {} is any JSON."
        raise UsageError(message, hint=hint)

    def ask(self, request: ChatRequest, *, supported: bool) -> ChatRequest:
        """The request for an answer that fits.

        If the provider cannot hold the model to a schema, the words of the request do.
        """
        if supported:
            return replace(request, response_schema=self.schema)
        words = "Answer with JSON alone, without any other text"
        if self.schema:
            words += f", that fits this JSON schema: {json.dumps(self.schema)}"
        first, *others = request.messages
        if first.role == "system":
            parts = (*first.parts, TextPart(f"\n\n{words}"))
            return replace(request, messages=(Message("system", parts), *others))
        return replace(request, messages=(Message.of("system", words), first, *others))

    def parse(self, text: str) -> Any:  # noqa: ANN401 - what the user gave the type of
        """The value that an answer's text stands for.

        Raises:
            SchemaMismatchError: it is not JSON, or does not fit.

        """
        fenced = _FENCED.match(text)
        try:
            return self.load(json.loads(fenced[1] if fenced else text))
        except ValueError as error:
            reason = _reason(error)
        message = f"The answer does not fit the schema: {reason}"
        raise SchemaMismatchError(message)

    def read(self, text: str) -> tuple[dict[str, Any], str]:
        """The columns of an answer, or none and why it does not fit."""
        try:
            value = self.dump(self.parse(text))
        except SchemaMismatchError as error:
            return {}, error.message
        if self.fields == ("value",) and not isinstance(value, Mapping):
            return {"value": value}, ""
        return {name: value.get(name) for name in self.fields}, ""


def _reason(error: ValueError) -> str:
    """One line of what pydantic, jsonschema or json says."""
    text = str(error)
    details = getattr(error, "errors", None)
    if callable(details):
        first = details()[0]
        place = ".".join(map(str, first["loc"]))
        text = f"{place}: {first['msg']}" if place else first["msg"]
    return " ".join(text.split())[:_LONGEST_REASON]


def _fields(schema: Mapping[str, Any]) -> tuple[str, ...]:
    properties = schema.get("properties")
    if isinstance(properties, Mapping) and properties:
        return tuple(map(str, properties))
    return ("value",)


def _checked(schema: Mapping[str, Any]) -> Callable[[Any], Any]:
    """What returns a JSON value if it fits, and raises ValueError if not."""
    import jsonschema  # noqa: PLC0415 - comes with Jupyter's notebook format

    problem = None
    kind = jsonschema.validators.validator_for(schema)
    try:
        kind.check_schema(schema)
    except jsonschema.SchemaError as error:
        problem = " ".join(error.message.split())[:_LONGEST_REASON]
    if problem is not None:
        message = f"This is not a JSON schema: {problem}."
        raise UsageError(message)
    checker = kind(schema)

    def load(value: Any) -> Any:  # noqa: ANN401 - any JSON
        for error in checker.iter_errors(value):
            place = ".".join(map(str, error.absolute_path))
            raise ValueError(f"{place}: {error.message}" if place else error.message)
        return value

    return load
