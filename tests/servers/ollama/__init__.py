"""A loopback double of Ollama's API, with faults on demand.

Its answers, headers and errors are those of a real Ollama 0.33, with which they were
compared; `version` makes it an older one. A token is a word, and a prompt has ten more.
The fault, or the speed, is chosen by the name of the model: `MODELS` lists them for
questions, `registry.py` for pulls and pushes. `double.library` has the models, the
blobs and the disk; what was recorded stands in the tests beside.

    python -m tests.servers.ollama --port 0
"""

from __future__ import annotations

from ..double import Recorded
from .behaviours import MODELS
from .server import OllamaDouble

__all__ = ["MODELS", "OllamaDouble", "Recorded"]
