"""A model with a price: a dollar for each word of its answer, which is the question."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from parllama_nb.application import Parllama
from parllama_nb.chats.answer import Answer
from parllama_nb.paths import directory

from ..own_app import result_of
from ..servers.openai_sse import OpenAIDouble

__all__ = ["KEY", "MODEL", "priced"]

KEY = "sk-sentinel-priced-0123456789"
"""What has to be OPENAI_API_KEY."""

MODEL = "openai/echo"

_ENTRY = {
    "litellm_provider": "openai",
    "mode": "chat",
    "input_cost_per_token": 0.0,
    "output_cost_per_token": 1.0,
    "max_input_tokens": 4096,
}


def priced(
    app: Parllama, double: OpenAIDouble, **options: Any
) -> Callable[..., Answer]:
    """Have OpenAI's models answer from a double, at that price.

    Gives what asks one as many words as it is told.
    """
    path = directory("data") / "prices.json"
    names = ("echo", "fault-stall", "fault-cut", "synthetic:3:50")
    path.write_text(json.dumps(dict.fromkeys(names, _ENTRY)))
    app.prices._given = path
    app.settings.update({"providers.openai.base_url": double.url})

    def ask(words: int = 1) -> Answer:
        prompt = " ".join(["word"] * words)
        answer: Answer = result_of(app, "ask", prompt=prompt, model=[MODEL], **options)
        return answer

    return ask
