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
        "state": "",
        "file_stays": False,
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


def library(**more: Any) -> dict[str, Any]:
    """Models of the public library."""

    def offer(name: str, **of: Any) -> dict[str, Any]:
        return {
            "name": name,
            "description": f"{name} is a family of models that answer questions.",
            "capabilities": ["tools"],
            "sizes": ["1b", "3b"],
            "pulls": 41_200_000,
            "tags": 63,
            "updated": "2 weeks ago",
            "url": f"https://ollama.example/library/{name}",
            **of,
        }

    models = [
        offer("llama3.2"),
        offer("qwen3", capabilities=["tools", "thinking"], sizes=["8b", "30b"]),
        offer("gemma3", capabilities=["vision"], description="Sees. " * 40),
        offer("nomic-embed-text", capabilities=["embedding"], sizes=[], pulls=950),
    ]
    recommended = [
        {"name": "qwen3:8b", "description": "Good at all.", "memory": 7_000_000_000},
        {"name": "glm-4.6:cloud", "description": "Large.", "plan": "pro"},
    ]
    return {
        "now": NOW,
        "fetched": NOW - 7300,
        "note": "",
        "models": models,
        "recommended": recommended,
        **more,
    }


def tags() -> dict[str, Any]:
    """The tags of a model of the library."""

    def tag(name: str, **of: Any) -> dict[str, Any]:
        return {
            "name": f"llama3.2:{name}",
            "size": 1_300_000_000,
            "context_window": 131_072,
            "inputs": ["text"],
            "updated": "a year ago",
            "digest": "baf6a787fdff",
            "is_latest": False,
            "fit": "yes",
            "reason": "it fits into the free memory",
            **of,
        }

    return {
        "now": NOW,
        "fetched": NOW,
        "note": "",
        "tags": [
            tag("1b", is_latest=True),
            tag("3b", fit="slowly", reason="other programs have to make room"),
            tag("70b", size=43_000_000_000, fit="no", reason="it needs more memory"),
            tag("120b-cloud", size=None, fit="", reason=""),
        ],
    }


def quantize_types() -> dict[str, Any]:
    """What a model of 16 bits can become."""
    bits = {"Q8_0": 8.5, "Q6_K": 6.6, "Q4_K_M": 4.9, "IQ4_XS": 4.5, "Q2_K": 3.2}
    return {
        "base": "F16",
        "size": 16_100_000_000,
        "types": [
            {
                "name": name,
                "bits": each,
                "description": "small, little loss",
                "size": int(1e9 * each),
                "native": name in ("Q8_0", "Q4_K_M"),
            }
            for name, each in bits.items()
        ],
    }
