"""Local models as the kernel tells of them, for tests of their view."""

from __future__ import annotations

from typing import Any

__all__ = ["LISTS", "NOW", "PLACE", "ROWS", "details", "job", "row", "snapshot"]

NOW = 1_800_000_000.0
DAY = 86_400


def row(name: str, provider: str = "ollama", **more: Any) -> dict[str, Any]:
    """An installed model."""
    return {
        "id": f"{provider}/{name}",
        "provider": provider,
        "name": name,
        "size": 1_321_098_329,
        "quantization": "Q4_K_M",
        "family": "llama",
        "parameters": "1.2B",
        "context_window": 131_072,
        "capabilities": ["completion", "tools"],
        "modified": NOW - 3 * DAY,
        "loaded": False,
        "remote": "",
        "downloaded": True,
        "digest": name,
        **more,
    }


ROWS = [
    row("llama3.2:1b", loaded=True, modified=NOW - 600),
    row("qwen3:8b", family="qwen3", parameters="8.2B", size=5_225_388_164),
    row(
        "nomic-embed-text:latest",
        family="nomic-bert",
        size=274_302_450,
        capabilities=["embedding"],
    ),
    row("qwen3-coder:480b-cloud", remote="ollama.com", size=None),
    row(
        "gemma3:12b-it-qat", capabilities=["completion", "vision"], quantization="Q4_0"
    ),
    row(
        "hf.co/someone/A-Very-Long-Model-Name-Instruct-GGUF:Q4_K_M", size=42_520_413_916
    ),
    row("deepseek-r1:32b", family="qwen2", size=19_851_337_640),
    row("smollm2", "embedded", capabilities=["completion"], downloaded=False),
]
LISTS: list[dict[str, Any]] = [
    {"provider": "ollama", "title": "Ollama", "listing": False, "listed": NOW - 4},
    {"provider": "embedded", "title": "Embedded", "listing": False, "listed": NOW},
]
PLACE = {"segment": "installed", "sort": "name", "down": False, "filter": ""}


def job(**more: Any) -> dict[str, Any]:
    """A pull under way."""
    layers = [
        {"name": "58574f2e94b9", "done": 6.1e9, "total": 18.4e9},
        {"name": "eb4402837c78", "done": 1482, "total": 1482},
    ]
    progress = {
        "phase": "Pulling qwen3:30b",
        "done": 6.1e9,
        "total": 18.5e9,
        "unit": "bytes",
        "rate": 48e6,
        "eta": 258,
        "layers": layers,
    }
    return {
        "id": "4",
        "title": "pull qwen3:30b",
        "state": "running",
        "seconds": 12,
        "notice": "",
        "progress": progress,
        **more,
    }


def snapshot(**more: Any) -> dict[str, Any]:
    """All that the view shows."""
    return {
        "now": NOW,
        "models": ROWS,
        "lists": LISTS,
        "jobs": [],
        "place": PLACE,
        "in_panel": False,
        **more,
    }


def details() -> dict[str, Any]:
    """All that is known of a model."""
    facts = {"Family": "llama", "Context window": "131,072 tokens", "Digest": "a" * 64}
    return {
        "model": "ollama/llama3.2:1b",
        "facts": [{"name": name, "value": value} for name, value in facts.items()],
        "capabilities": ["completion", "tools"],
        "license": "LLAMA 3.2 COMMUNITY LICENSE AGREEMENT\n" * 80,
        "template": "{{ if .System }}{{ .System }}{{ end }}\n{{ .Prompt }}",
        "system": "Be brief.",
        "parameters": [{"name": "stop", "value": "<|eot_id|>"}],
        "modelfile": 'FROM llama3.2:1b\nPARAMETER stop "<|eot_id|>"',
        "messages": [{"role": "user", "content": "Hi"}],
        "metadata": [{"name": f"llama.block_{n}", "value": "7"} for n in range(30)],
        "remote": "",
    }
