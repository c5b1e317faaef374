"""The types that a whole file can be quantized to, as llama.cpp names them.

A file of one type holds tensors of several: `tensor_types` says which.
"""

from __future__ import annotations

from dataclasses import dataclass

from ...errors import UsageError
from ...fuzzy import near
from .ggml_types import BY_NAME, GgmlType

__all__ = ["TYPES", "FileType", "find_type"]


@dataclass(frozen=True, slots=True)
class FileType:
    """A type of files.

    Attributes:
        name: as llama.cpp writes it.
        number: its `llama_ftype`, which a file holds as `general.file_type`.
        most: the type of most tensors.
        bits: per weight, in a Llama 3 of 8 billion parameters.
        description: one line for whoever chooses.
        needs_importance: whether it is only of use with an importance matrix, which
            says what matters for some text; none is made here, so it is refused.

    """

    name: str
    number: int
    most: GgmlType
    bits: float
    description: str
    needs_importance: bool = False


def _type(  # noqa: PLR0913, PLR0917 - a row of the table below
    name: str,
    number: int,
    most: str,
    bits: float,
    description: str,
    needs_importance: bool = False,  # noqa: FBT001, FBT002
) -> FileType:
    return FileType(name, number, BY_NAME[most], bits, description, needs_importance)


_IMPORTANCE = True

TYPES = {
    each.name: each
    for each in (
        _type("F32", 0, "F32", 32.0, "every bit, twice the size of F16"),
        _type("BF16", 32, "BF16", 16.0, "what most models are trained in"),
        _type("F16", 1, "F16", 16.0, "the usual base to quantize from"),
        _type("Q8_0", 7, "Q8_0", 8.5, "no loss that anybody notices"),
        _type("Q6_K", 18, "Q6_K", 6.6, "hardly any loss"),
        _type("Q5_K_M", 17, "Q5_K", 5.7, "very little loss"),
        _type("Q5_K_S", 16, "Q5_K", 5.6, "a little smaller than Q5_K_M"),
        _type("Q5_1", 9, "Q5_1", 6.0, "older; Q5_K_M is smaller and better"),
        _type("Q5_0", 8, "Q5_0", 5.6, "older; Q5_K_S is better"),
        _type("Q4_K_M", 15, "Q4_K", 4.9, "the usual choice: small, little loss"),
        _type("Q4_K_S", 14, "Q4_K", 4.7, "a little smaller than Q4_K_M"),
        _type("Q4_1", 3, "Q4_1", 5.1, "older; Q4_K_M is smaller and better"),
        _type("Q4_0", 2, "Q4_0", 4.6, "older; the fastest on some processors"),
        _type("IQ4_NL", 25, "IQ4_NL", 4.7, "like Q4_K_S, for odd row lengths"),
        _type("IQ4_XS", 30, "IQ4_XS", 4.5, "smaller than Q4_K_S, slower to run"),
        _type(
            "MXFP4_MOE",
            38,
            "MXFP4",
            8.5,
            "experts in 4 bits as gpt-oss has them, else Q8_0",
        ),
        _type("Q3_K_L", 13, "Q3_K", 4.3, "noticeable loss"),
        _type("Q3_K_M", 12, "Q3_K", 4.0, "more loss than Q3_K_L"),
        _type("Q3_K_S", 11, "Q3_K", 3.6, "much loss"),
        _type("IQ3_M", 27, "IQ3_S", 3.8, "better than Q3_K_S, slower to run"),
        _type("IQ3_S", 26, "IQ3_S", 3.7, "as small as Q3_K_S and better"),
        _type("IQ3_XS", 22, "IQ3_S", 3.5, "a mixture of IQ3", _IMPORTANCE),
        _type("IQ3_XXS", 23, "IQ3_XXS", 3.3, "three bits", _IMPORTANCE),
        _type("Q2_K", 10, "Q2_K", 3.2, "for when nothing else fits"),
        _type("Q2_K_S", 21, "Q2_K", 3.0, "smaller than Q2_K", _IMPORTANCE),
        _type("IQ2_M", 29, "IQ2_S", 2.9, "two bits and some", _IMPORTANCE),
        _type("IQ2_S", 28, "IQ2_XS", 2.7, "two bits and some", _IMPORTANCE),
        _type("IQ2_XS", 20, "IQ2_XS", 2.6, "two bits and some", _IMPORTANCE),
        _type("IQ2_XXS", 19, "IQ2_XXS", 2.4, "two bits", _IMPORTANCE),
        _type("IQ1_M", 31, "IQ1_M", 2.1, "the smallest but one", _IMPORTANCE),
        _type("IQ1_S", 24, "IQ1_S", 2.0, "the smallest", _IMPORTANCE),
        _type("Q2_0", 41, "Q2_0", 2.7, "only for models trained in two bits"),
        _type("TQ2_0", 37, "TQ2_0", 2.5, "only for ternary models: BitNet, TriLM"),
        _type("TQ1_0", 36, "TQ1_0", 2.2, "like TQ2_0, smaller and slower"),
        _type("Q1_0", 40, "Q1_0", 1.5, "only for models trained in one bit"),
    )
}

_ALIASES = {"Q3_K": "Q3_K_M", "Q4_K": "Q4_K_M", "Q5_K": "Q5_K_M"}


def find_type(typed: str) -> FileType:
    """Return the type that somebody typed, in any letter case.

    Raises:
        UsageError: there is no such type, or it needs an importance matrix.

    """
    name = typed.strip().upper().replace("-", "_")
    found = TYPES.get(_ALIASES.get(name, name))
    if found is None:
        close = near(name, TYPES) or ["Q4_K_M"]
        message = f"There is no type {typed.strip()[:40]!r} to quantize to."
        raise UsageError(message, hint=f"Did you mean {' or '.join(close)}?")
    if found.needs_importance:
        message = (
            f"{found.name} needs an importance matrix of the model, which parllama_nb "
            "does not make."
        )
        hint = "Q2_K and IQ3_S are the smallest types that need none."
        raise UsageError(message, hint=hint)
    return found
