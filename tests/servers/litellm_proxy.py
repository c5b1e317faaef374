"""A real LiteLLM proxy in front of the embedded engine and its real model.

It answers on the paths of many makers: OpenAI's, Anthropic's (`/v1/messages`) and
Azure's (`/openai/deployments/M/...`). It runs without a database, a user interface, or
a way to reach anybody: its table of prices is the one in its wheel.
"""

from __future__ import annotations

import asyncio
import json
import os
import secrets
import socket
import subprocess
import sys
import tempfile
import threading
import time
import urllib.error
import urllib.request
from pathlib import Path
from typing import Self

from parllama_nb.providers.embedded.engine import Engine
from parllama_nb.providers.embedded.known_models import MODELS, Load
from parllama_nb.secret import Redactor

__all__ = ["LiteLLMProxy", "RunningEngine"]

_PATIENCE = 120.0
"""Seconds the proxy may take to start; 10 where nothing else runs."""


class RunningEngine:
    """The engine's server, on a thread that keeps its loop."""

    def __init__(self, gguf: Path) -> None:
        weights = MODELS["smollm2"]
        self._load = Load(
            weights.name, str(gguf), weights.context_window, weights.slots
        )
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)

    def __enter__(self) -> Engine:
        self._thread.start()
        starting = Engine.start(self._load, Redactor())
        self._engine = asyncio.run_coroutine_threadsafe(starting, self._loop).result(60)
        return self._engine

    def __exit__(self, *exc: object) -> None:
        ending = asyncio.run_coroutine_threadsafe(self._engine.aclose(), self._loop)
        ending.result(30)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(10)
        self._loop.close()


class LiteLLMProxy:
    """The proxy as a context manager; `model` is the one it has, `key` its only key."""

    model = "smollm2"

    def __init__(self, engine: Engine) -> None:
        self.key = f"sk-{secrets.token_hex(24)}"
        self.engine = engine
        self._home = tempfile.TemporaryDirectory(prefix="litellm-")
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self._port = int(free.getsockname()[1])

    @property
    def url(self) -> str:
        """Where it is, without a path."""
        return f"http://127.0.0.1:{self._port}"

    def __enter__(self) -> Self:
        home = Path(self._home.name)
        config = {
            "model_list": [
                {
                    "model_name": self.model,
                    "litellm_params": {
                        "model": f"openai/{self.engine.load.name}",
                        "api_base": f"{self.engine.url}/v1",
                        "api_key": self.engine.key.reveal(),
                    },
                }
            ],
            "general_settings": {"master_key": self.key},
            "litellm_settings": {"telemetry": False, "num_retries": 0},
        }
        # JSON is YAML, too.
        (home / "config.yaml").write_text(json.dumps(config), encoding="utf-8")
        self._log = (home / "log").open("wb")
        self._process = subprocess.Popen(
            [
                *(sys.executable, "-c", "from litellm import run_server; run_server()"),
                *("--config", str(home / "config.yaml"), "--host", "127.0.0.1"),
                *("--port", str(self._port), "--telemetry", "False"),
            ],
            cwd=home,
            env=_environment(home),
            stdout=self._log,
            stderr=subprocess.STDOUT,
        )
        try:
            self._wait()
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *exc: object) -> None:
        self._process.terminate()
        try:
            self._process.wait(10)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait(10)
        self._log.close()
        self._home.cleanup()

    def _wait(self) -> None:
        deadline = time.monotonic() + _PATIENCE
        while time.monotonic() < deadline and self._process.poll() is None:
            try:
                with urllib.request.urlopen(f"{self.url}/health/liveliness", timeout=5):
                    return
            except (OSError, urllib.error.URLError):
                time.sleep(0.2)
        self._log.flush()
        log = Path(self._log.name).read_text(errors="replace")[-2000:]
        message = f"the proxy does not start: {log}"
        raise AssertionError(message)


def _environment(home: Path) -> dict[str, str]:
    kept = ("PATH", "LANG", "LC_ALL", "VIRTUAL_ENV", "SYSTEMROOT")
    return {name: os.environ[name] for name in kept if name in os.environ} | {
        "HOME": str(home),
        "LITELLM_LOCAL_MODEL_COST_MAP": "True",
        "DISABLE_ADMIN_UI": "True",
        "NO_DOCS": "True",
        "NO_REDOC": "True",
    }
