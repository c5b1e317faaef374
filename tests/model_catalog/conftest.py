"""The doubles of servers, as the tests of providers have them."""

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
