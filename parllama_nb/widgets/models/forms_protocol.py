"""What the forms of the view of local models send, and what they are told."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from .._protocol import Wire

__all__ = [
    "AddEmbeddedParams",
    "CreateParams",
    "MessageInput",
    "ModelfileText",
    "PairInput",
    "QuantizeChoice",
    "QuantizeParams",
    "QuantizeTypes",
    "QuantizeTypesParams",
]

_NAME = 400
_PATH = 4096
_TEXT = 2_000_000

# view -> kernel


class PairInput(Wire):
    """A parameter of a model, its value as text."""

    name: str = Field(max_length=100)
    value: str = Field(max_length=10_000)


class MessageInput(Wire):
    """A message that a model is given."""

    role: Literal["system", "user", "assistant"]
    content: str = Field(max_length=_TEXT)


class CreateParams(Wire):
    """A model to be made.

    `start` says what `source` is: the name of an installed model, the text of a
    Modelfile, the path of a GGUF file or of a folder with safetensors, or a model of
    Hugging Face. What is empty is that of what it starts from. `quantize` is a type
    that the server quantizes to.
    """

    name: str = Field(max_length=_NAME)
    start: Literal["model", "modelfile", "gguf", "safetensors", "hub"]
    source: str = Field(max_length=_TEXT)
    system: str = Field(default="", max_length=_TEXT)
    template: str = Field(default="", max_length=_TEXT)
    license: str = Field(default="", max_length=_TEXT)
    adapter: str = Field(default="", max_length=_PATH)
    parameters: list[PairInput] = Field(default_factory=list, max_length=200)
    messages: list[MessageInput] = Field(default_factory=list, max_length=1000)
    quantize: str = Field(default="", max_length=40)


class QuantizeTypesParams(Wire):
    """An installed model, as it is named by users, or the path of a GGUF file."""

    source: str = Field(min_length=1, max_length=_PATH)


class QuantizeParams(QuantizeTypesParams):
    """What to quantize, to which type, and where it goes.

    `target` is a name for Ollama or for the embedded engine, or the path of a file.
    """

    type: str = Field(max_length=40)
    place: Literal["ollama", "embedded", "file"]
    target: str = Field(min_length=1, max_length=_PATH)


class AddEmbeddedParams(Wire):
    """A model for the embedded engine: a path, `hf.co/USER/REPO`, or an address.

    Without a `name` it is called as its file.
    """

    source: str = Field(min_length=1, max_length=_PATH)
    name: str = Field(default="", max_length=_NAME)


# kernel -> view


class ModelfileText(Wire):
    """The Modelfile that says what a form says."""

    text: str


class QuantizeChoice(Wire):
    """A type to quantize to. `bits` are per weight, `size` in bytes and estimated.

    A `native` one the Ollama server makes itself.
    """

    name: str
    bits: float
    description: str
    size: int | None = None
    native: bool = False


class QuantizeTypes(Wire):
    """What a model can be quantized to, the largest first. `base` is what it is now."""

    base: str
    size: int | None = None
    types: list[QuantizeChoice]
