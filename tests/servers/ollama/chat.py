"""`/api/chat` and `/api/generate`: what a model does when it is asked."""

from __future__ import annotations

import contextlib
import json
import re
from datetime import UTC, datetime, timedelta
from typing import Any

from tornado import iostream

from .api import Api
from .behaviours import FAULTS_BEFORE_LOAD, FRAME, MODELS, synthetic
from .models import Loaded, Model
from .names import canonical

__all__ = ["Chat"]


class Chat(Api):
    """`/api/chat`, and `/api/generate` which says the same in other fields."""

    model: Model
    window: int
    prompt: int

    @property
    def generates(self) -> bool:
        return self.request.path == "/api/generate"

    async def post(self) -> None:
        name = self.name
        model = self.double.library.find(name)
        if model is None:
            self.refuse(404, f"model '{name}' not found")
            return
        self.model = model
        if not self.messages:
            self._load_or_unload(name)
            return
        if self._unable():
            return
        behave = MODELS.get(model.behaviour, synthetic)
        with contextlib.suppress(iostream.StreamClosedError):
            if behave in FAULTS_BEFORE_LOAD:
                await behave(self)
                return
            if model.remote:
                self.prompt = FRAME
            else:
                self.load()
                if not await self._fits():
                    return
            await behave(self)

    @property
    def messages(self) -> list[dict[str, Any]]:
        if self.generates:
            prompt = self.asked.get("prompt")
            return [{"role": "user", "content": prompt}] if prompt else []
        return self.asked.get("messages") or []

    @property
    def options(self) -> dict[str, Any]:
        return self.asked.get("options") or {}

    @property
    def question(self) -> str:
        return str(self.messages[-1]["content"])

    @property
    def thinks(self) -> bool:
        able = "thinking" in self.model.capabilities
        return able and self.asked.get("think", True) is not False

    def load(self) -> None:
        model = self.model
        asked = self.options.get("num_ctx") or model.parameters.get("num_ctx")
        self.window = min(asked or self.double.window, model.window)
        key = canonical(model.name)
        loaded = self.double.loaded.get(key)
        if loaded is None or loaded.window != self.window:
            self.double.loads.append((model.name, self.window))
        now = datetime.now(UTC)
        # Later than the others even where the clock has not moved.
        last = max((e.expires for e in self.double.loaded.values()), default=now)
        expires = max(now + timedelta(minutes=5), last + timedelta(seconds=1))
        self.double.loaded[key] = Loaded(model, self.window, expires)

    def chunk(self, text: str = "", thought: str = "", **more: Any) -> dict[str, Any]:
        now = datetime.now(UTC).isoformat().replace("+00:00", "123Z")
        told: dict[str, Any] = {"model": self.asked["model"], "created_at": now}
        if self.generates:
            told["response"] = text
        else:
            told["message"] = {"role": "assistant", "content": text}
        if thought and self.generates:
            told["thinking"] = thought
        elif thought:
            told["message"]["thinking"] = thought
        return {**told, "done": False, **more}

    async def say(self, *texts: str) -> None:
        for text in texts:
            await self.line(self.chunk(text))

    async def complete(self, sent: int, reason: str = "stop") -> None:
        counts = {
            "total_duration": 1_690_933_298,
            "load_duration": 1_053_174_848,
            "prompt_eval_count": self.prompt,
            "prompt_eval_duration": 581_571_000,
            "eval_count": sent,
            "eval_duration": 53_829_000,
        }
        more = {"context": [1, 2, 3]} if self.generates else {}
        told = self.chunk(done=True, done_reason=reason, **more, **counts)
        if self.asked.get("stream") is False:
            said = [each["message"]["content"] for each in self.unsent]
            told["message"]["content"] = "".join(said)
            self.answer(told)
            return
        await self.line(told)
        self.finish()

    async def never(self) -> None:
        """Wait for the client to go away."""
        await self.gone.wait()

    def _load_or_unload(self, name: str) -> None:
        keep = self.asked.get("keep_alive")
        unloads = keep in (0, "0", "0s")
        if unloads:
            self.double.loaded.pop(canonical(self.model.name), None)
        else:
            self.load()
        reason = "unload" if unloads else "load"
        self.answer({**self.chunk(), "done": True, "done_reason": reason})

    def _unable(self) -> bool:
        """Refuse what the model cannot do."""
        name, able = self.asked["model"], self.model.capabilities
        think, keep = self.asked.get("think"), self.asked.get("keep_alive")
        levels = self.double.version >= (0, 17, 7) or self.model.family == "gptoss"
        if isinstance(keep, str) and not re.fullmatch(r"-?([\d.]+[a-z]+)+", keep):
            self.refuse(400, f'time: missing unit in duration "{keep}"')
        elif isinstance(think, str) and think not in ("low", "medium", "high", "max"):
            told = '(must be "high", "medium", "low", "max", true, or false)'
            self.refuse(400, f'invalid think value: "{think}" {told}')
        elif think and "thinking" not in able:
            self.refuse(400, f'"{name}" does not support thinking')
        elif isinstance(think, str) and not levels:
            told = f'think value "{think}" is not supported for this model'
            self.refuse(400, told)
        elif "completion" not in able:
            self.refuse(400, f'"{name}" does not support chat')
        elif isinstance(self.options.get("temperature"), str):
            self.refuse(500, 'option "temperature" must be of type float32')
        elif "vision" not in able and any(m.get("images") for m in self.messages):
            told = "Multimodal data provided, but model does not support multimodal"
            self._refuse_below(f"{told} requests.", "invalid_request_error")
        else:
            return False
        return True

    def _refuse_below(self, message: str, kind: str, **more: int) -> None:
        """An error of the engine below, whose body becomes the text of ours."""
        below = {"code": 400, "message": message, "type": kind, **more}
        self.refuse(400, json.dumps({"error": below}))

    async def _fits(self) -> bool:
        """Whether the prompt does; by default what does not is cut without a word."""
        texts = [str(message["content"]) for message in self.messages]
        self.prompt = FRAME + sum(len(text.split()) for text in texts)
        if self.prompt < self.window:
            return True
        told = self.double.version >= (0, 12, 6)
        if told and self.asked.get("truncate") is False:
            self._refuse_below(
                f"request ({self.prompt} tokens) exceeds the available context size "
                f"({self.window} tokens), try increasing it",
                "exceed_context_size_error",
                n_prompt_tokens=self.prompt,
                n_ctx=self.window,
            )
            return False
        self.prompt = self.window // 2
        return True
