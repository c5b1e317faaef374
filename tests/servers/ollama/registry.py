"""The registry that the double pulls from and pushes to, and what goes wrong there."""

from __future__ import annotations

import re
from dataclasses import dataclass

from .models import Model
from .names import digest_of

__all__ = ["MIB", "Fault", "registry", "sized"]

MIB = 1024 * 1024

_SIZED = re.compile(r"sized-(\d+)-(\d+)")

_REFUSED = '401: {"error":"unauthorized"}'
_RETRIES = (
    "max retries exceeded: Get "
    '"https://registry.ollama.ai/v2/library/fault-retries/blobs/sha256:0": EOF'
)


@dataclass(frozen=True)
class Fault:
    """What a pull or a push meets, by the last part of the model's name.

    `ticks`: the lines of a large layer; `refusal`: what the registry answers at once;
    `breaks`: the error after the first layer; `spoils`: wrong bytes come; `cut_after`:
    the server is gone after so many lines, once; `stands_after`: no more comes then.
    """

    ticks: int = 0
    refusal: str = ""
    breaks: str = ""
    spoils: bool = False
    cut_after: int = 0
    stands_after: int = 0

    @staticmethod
    def of(name: str) -> Fault:
        bare = name.rpartition("/")[2].partition(":")[0]
        if sized := _SIZED.fullmatch(bare):
            return Fault(ticks=int(sized[2]))
        return _FAULTS.get(bare, Fault())


_FAULTS = {
    "fault-denied": Fault(refusal=_REFUSED),
    "fault-forbidden": Fault(refusal="unauthorized: access denied"),
    "fault-403": Fault(refusal="403: "),
    "fault-cut": Fault(cut_after=3),
    "fault-stands": Fault(stands_after=3),
    "fault-spoilt": Fault(spoils=True),
    "fault-retries": Fault(breaks=_RETRIES),
}


_TEMPLATE = "{{ if .System }}<|system|>{{ .System }}{{ end }}{{ .Prompt }}"


def registry() -> dict[str, Model]:
    """What can be pulled, by full name in small letters."""
    models = [
        Model(
            "llama3.2:1b",
            template=_TEMPLATE,
            licenses=("LLAMA 3.2 COMMUNITY LICENSE", "Acceptable Use Policy"),
            parameters={"stop": ["<|start_header_id|>", "<|eot_id|>"]},
            size=1_321_082_688,
            capabilities=("completion", "tools"),
            window=131_072,
            quantization="Q8_0",
            pulled=True,
        ),
        Model("tiny:latest", template=_TEMPLATE, size=8 * MIB, pulled=True),
        Model(
            "far:cloud",
            remote_host="https://ollama.com:443",
            remote_model="far",
            family="",
            quantization="",
            parameter_size="",
            capabilities=(),
            pulled=True,
        ),
    ]
    models += [_of_size(f"{name}:latest", 16) for name in _FAULTS]
    return {model.name: model for model in models}


def sized(name: str) -> Model | None:
    """`sized-MEBIBYTES-LINES`: a layer of that size that comes in so many lines."""
    match = _SIZED.fullmatch(name.rpartition("/")[2].partition(":")[0])
    return _of_size(name, int(match[1])) if match else None


def _of_size(name: str, mebibytes: int) -> Model:
    weights = f"sha256:{digest_of(name)}"
    return Model(name, weights=weights, size=mebibytes * MIB, pulled=True)
