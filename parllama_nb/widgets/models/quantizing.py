"""What a model can be quantized to, as the form of the view offers it."""

from __future__ import annotations

import asyncio
from pathlib import Path

from ...errors import UsageError
from ...local_models import NATIVE_TYPES
from ...local_models.quantization import TYPES, estimate
from ...model_catalog.lists import ModelLists
from ...providers.spec import ModelInfo
from .forms_protocol import QuantizeChoice, QuantizeTypes

__all__ = ["types_of", "types_of_file", "types_of_model"]

_BASE_BITS = {"F32": 32.0, "F16": 16.0, "BF16": 16.0}


async def types_of(lists: ModelLists, source: str) -> QuantizeTypes:
    """Return what a model of these lists, or the GGUF file of a path, can become.

    Raises:
        UsageError: there is no such file, or it is quantized already.
        DamagedModelError: it is no GGUF file, or is damaged.

    """
    source = source.strip()
    for each in lists.at_hand():
        for info in each.models:
            if info.id == source:
                return types_of_model(info)
    return await asyncio.to_thread(types_of_file, Path(source))


def types_of_model(info: ModelInfo) -> QuantizeTypes:
    """Return what an installed model can be quantized to.

    Raises:
        UsageError: it is quantized already.

    """
    base = str(info.extra.get("quantization_level") or "").upper()
    bits = _BASE_BITS.get(base)
    if bits is None:
        message = f"{info.name} is quantized already ({base or 'of an unknown type'})."
        hint = "Only F32, F16 and BF16 can be quantized; many models have an fp16 tag."
        raise UsageError(message, hint=hint)
    size = info.size or 0
    native = base != "F32" and info.provider == "ollama"
    choices = [
        QuantizeChoice(
            name=each.name,
            bits=each.bits,
            description=each.description,
            size=round(size * each.bits / bits) or None,
            native=native and each.name in NATIVE_TYPES,
        )
        for each in TYPES.values()
        if not each.needs_importance and each.bits < bits
    ]
    return QuantizeTypes(base=base, size=info.size, types=choices)


def types_of_file(path: Path) -> QuantizeTypes:
    """Return what a GGUF file can be quantized to, with exact sizes.

    Raises:
        UsageError: there is no such file, or it is quantized already.
        DamagedModelError: it is no GGUF file, or is damaged.

    """
    path = path.expanduser()
    estimate(path, "Q8_0")  # refuses what cannot be a base
    size = path.stat().st_size
    choices = []
    for each in TYPES.values():
        if each.needs_importance:
            continue
        try:
            made = estimate(path, each.name)
        except UsageError:
            continue  # it is of this type, or has no tensors for it
        if made < size:
            choices.append(
                QuantizeChoice(
                    name=each.name,
                    bits=each.bits,
                    description=each.description,
                    size=made,
                )
            )
    return QuantizeTypes(base="", size=size, types=choices)
