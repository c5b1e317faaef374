"""Models on this machine: Ollama's and the embedded engine's, their whole life."""

from __future__ import annotations

from typing import Final

__all__ = ["EMBEDDED", "NATIVE_TYPES", "OLLAMA"]

# Here, since commands are declared with them and import nothing else of this room.

OLLAMA: Final = "ollama"
EMBEDDED: Final = "embedded"

NATIVE_TYPES: Final = ("F16", "BF16", "Q8_0", "Q4_K_S", "Q4_K_M")
"""The types that every Ollama server quantizes to."""
