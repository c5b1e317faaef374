"""The model on the server that another one is made from, looked at before starting."""

from __future__ import annotations

from typing import Any, Final

from ...errors import ModelNotFoundError, UsageError
from ...providers.ollama.client import OllamaClient
from ...providers.ollama.names import ModelName, canonical, is_cloud
from ...providers.ollama.near_names import near_names
from .. import NATIVE_TYPES

__all__ = ["check_base", "check_type", "refuse_type"]

_SOURCES: Final = ("F16", "BF16")
"""What a server quantizes from.

F32 is meant to be one too, but its number in a file is 0, which every version up to
0.33 takes for none: `FileType` in `fs/ggml/ggml.go`.
"""

_BY_US: Final = "`%parllama quantize` does it here, from a GGUF file."


def check_type(quantize: str) -> str:
    """Return the name of a type as a server writes it; "" for none.

    Raises:
        UsageError: a server does not quantize to it.

    """
    kind = quantize.strip().upper()
    if not kind or kind in NATIVE_TYPES:
        return kind
    message = f"Ollama does not quantize to {quantize.strip()}."
    hint = f"It does to {', '.join(NATIVE_TYPES)}; for other types {_BY_US}"
    raise UsageError(message, hint=hint)


def refuse_type(name: str, quantization: str) -> None:
    """Check that a server can quantize a model of these numbers.

    Raises:
        UsageError: it cannot.

    """
    known = quantization.upper()
    if known in _SOURCES:
        return
    if known in ("F32", "UNKNOWN", ""):
        message = f"{name} is of a type that Ollama does not quantize: F32, or unknown."
        raise UsageError(message, hint=f"It does from F16 and BF16. {_BY_US}")
    message = f"{name} is quantized already ({quantization})."
    hint = "Only F16 and BF16 can be quantized; many models have a tag with fp16."
    raise UsageError(message, hint=hint)


async def check_base(client: OllamaClient, name: str, *, quantize: bool) -> str:
    """Check that a model can be made from one of this name; returns its architecture.

    The architecture is "" where the server does not have the model yet. A name that
    says where it is from, such as `hf.co/USER/REPO`, is pulled by the server.

    Raises:
        UsageError: it cannot, as the name is none or the model is quantized already.
        ModelNotFoundError: the server has no such model.
        ProviderError: the server did not answer as expected.

    """
    ModelName.parse(name)
    if is_cloud(name):
        return ""
    names = [str(entry["name"]) for entry in await client.models()]
    if canonical(name) in map(canonical, names):
        shown = await client.call("POST", "/api/show", {"model": name}, model=name)
        if quantize:
            details: Any = shown.get("details")
            told = (
                details.get("quantization_level") if isinstance(details, dict) else ""
            )
            refuse_type(name, str(told or ""))
        return _architecture_of(shown)
    if name.count("/") <= 1:
        message = client.endpoint.line(f"there is no model {name!r} to start from.")
        found = near_names(name, names)
        hint = f"Did you mean {' or '.join(found)}? " if found else ""
        hint += f"`%parllama pull {name}` fetches it, if the library has it."
        raise ModelNotFoundError(message, hint=hint)
    tag = name.rpartition("/")[2].partition(":")[2].upper()
    if quantize and tag not in _SOURCES:
        message = f"What {name} is quantized to is not known before it is pulled."
        hint = (
            f"Name its F16 file, as in {name.partition(':')[0]}:F16, or pull it first."
        )
        raise UsageError(message, hint=hint)
    return ""


def _architecture_of(shown: dict[str, Any]) -> str:
    """Return the architecture that a server shows of a model, "" if none."""
    info = shown.get("model_info")
    return str(info.get("general.architecture") or "") if isinstance(info, dict) else ""
