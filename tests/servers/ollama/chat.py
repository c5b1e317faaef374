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

_DURATION = r"-?0|-?([\d.]+[a-z]+)+"

_UNITS = {"ms": 0.001, "s": 1.0, "m": 60.0, "h": 3600.0}

_FOR_EVER = 292 * 365.25 * 86_400
"""What the server makes of a negative time: all that Go's durations hold."""


class Chat(Api):
    """`/api/chat`, and `/api/generate` which says the same in other fields."""

    model: Model
    window: int
    prompt: int

    @property
    def generates(self) -> bool:
        return self.request.path == "/api/generate"

    async def post(self) -> None:
        name = self.name and self.valid_name
        model = self.double.library.find(name) if name else None
        if model is None:
            self.refuse(404, f"model '{name}' not found")
            return
        self.model = model
        if model.remote and self.double.no_cloud:
            self.refuse(403, "ollama cloud is disabled: remote model is unavailable")
            return
        if not self.messages:
            self._load_or_unload()
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
        # A runner is known by its file, so two names of one model share it.
        loaded = self.double.loaded.get(model.layer)
        if loaded is None or loaded.window != self.window:
            self.double.loads.append((model.name, self.window))
            loaded = Loaded(model, self.window, datetime.now(UTC))
        keep = _seconds(self.asked.get("keep_alive"))
        loaded.keep = loaded.keep if keep is None else keep
        now = datetime.now(UTC)
        # Later than the others even where the clock has not moved.
        others = (e.expires for e in self.double.loaded.values() if e is not loaded)
        last = max(others, default=now)
        expires = now + timedelta(seconds=loaded.keep)
        if keep is None:
            expires = max(expires, last + timedelta(seconds=1))
        loaded.expires = expires
        self.double.loaded[model.layer] = loaded

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

    def _load_or_unload(self) -> None:
        if self._misspells_time():
            return
        unloads = _seconds(self.asked.get("keep_alive")) == 0
        if unloads:
            self.double.loaded.pop(self.model.layer, None)
        elif not self.model.remote:
            self.load()
        reason = "unload" if unloads else "load"
        self.answer({**self.chunk(), "done": True, "done_reason": reason})

    def _misspells_time(self) -> bool:
        keep = self.asked.get("keep_alive")
        wrong = isinstance(keep, str) and not re.fullmatch(_DURATION, keep)
        if wrong:
            self.refuse(400, f'time: missing unit in duration "{keep}"')
        return wrong

    def _unable(self) -> bool:
        """Refuse what the model cannot do."""
        name, able = self.asked["model"], self.model.capabilities
        think = self.asked.get("think")
        levels = self.double.version >= (0, 17, 7) or self.model.family == "gptoss"
        if self._misspells_time():
            pass
        elif isinstance(think, str) and think not in ("low", "medium", "high", "max"):
            told = '(must be "high", "medium", "low", "max", true, or false)'
            self.refuse(400, f'invalid think value: "{think}" {told}')
        elif think and "thinking" not in able:
            self.refuse(400, f'"{name}" does not support thinking')
        elif isinstance(think, str) and not levels:
            told = f'think value "{think}" is not supported for this model'
            self.refuse(400, told)
        elif "completion" not in able and not self.model.remote:
            self.refuse(400, f'"{name}" does not support chat')
        elif self.asked.get("tools") and "tools" not in able:
            full = f"registry.ollama.ai/library/{canonical(name)}"
            self.refuse(400, f"{full} does not support tools")
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
        self.set_status(400)
        self.set_header("Content-Type", "application/json")
        told = json.dumps({"error": below}, separators=(",", ":"))
        self.finish(json.dumps({"error": told}))

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


def _seconds(keep: Any) -> float | None:
    """What `keep_alive` says, in seconds; None if it says nothing."""
    if keep is None:
        return None
    if isinstance(keep, str):
        parts = re.findall(r"([\d.]+)([a-z]+)", keep)
        seconds = sum(float(number) * _UNITS[unit] for number, unit in parts)
        keep = -1 if keep.startswith("-") and seconds else seconds
    return _FOR_EVER if keep < 0 else float(keep)
