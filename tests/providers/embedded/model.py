"""The demo model for tests: fetched once per machine, and shared by all of them."""

from __future__ import annotations

import os
import threading
from pathlib import Path

from parllama_nb.providers.address import SPECS
from parllama_nb.providers.base import ProviderContext
from parllama_nb.providers.embedded import EmbeddedProvider
from parllama_nb.providers.embedded.fetch import fetch
from parllama_nb.providers.embedded.known_models import MODELS
from parllama_nb.secret import Redactor

ROOT = Path(__file__).resolve().parents[3]


def cache_of_tests() -> str:
    """The directory whose downloads outlive a test run."""
    return os.environ.get("PARLLAMA_NB_TEST_CACHE") or str(ROOT / ".cache")


def demo_model() -> Path:
    """The demo model's GGUF file; downloads it if this machine has none yet."""
    return fetch(
        MODELS["smollm2"],
        cache_of_tests(),
        lambda _: None,
        threading.Event(),
        os.getenv,
    )


def embedded(cache_dir: str | None = None, **environ: str) -> EmbeddedProvider:
    """A provider of the embedded engine, as the house makes it."""
    return EmbeddedProvider(
        SPECS["embedded"],
        ProviderContext(
            secret=lambda _: None,
            redact=Redactor(),
            environ=environ.get,
            cache_dir=lambda: cache_dir or cache_of_tests(),
        ),
    )
