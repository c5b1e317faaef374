"""The doubles of the providers' tests."""

from ..providers.conftest import (
    _anthropic,
    _double,
    _ollama,
    anthropic,
    double,
    ollama,
)

__all__ = ["_anthropic", "_double", "_ollama", "anthropic", "double", "ollama"]
