"""The doubles of the wire formats, which have lists of models too."""

from __future__ import annotations

from tests.providers.conftest import (
    _anthropic,
    _double,
    _ollama,
    anthropic,
    double,
    ollama,
)

__all__ = ["_anthropic", "_double", "_ollama", "anthropic", "double", "ollama"]
