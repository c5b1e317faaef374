"""A GGUF file in fewer bits, made by ggml's own quantizer in a child process.

recipes       the types of files
tensor_types  which type each tensor of a file gets
ggml_types    the number formats of tensors
source        what is in the file that is quantized
plan          what will be written where, and how large the file will be
quantizer     the child process, from the kernel's side
child         the child process itself; imports nothing of this package
"""

from __future__ import annotations

from .plan import estimate, estimates
from .quantizer import Quantized, quantize
from .recipes import TYPES, FileType, find_type

__all__ = [
    "TYPES",
    "FileType",
    "Quantized",
    "estimate",
    "estimates",
    "find_type",
    "quantize",
]
