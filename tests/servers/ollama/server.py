"""The double itself: its paths, and what it remembers."""

from __future__ import annotations

from ..double import Double, Recorded
from .api import Api
from .behaviours import models
from .blobs import Blobs
from .chat import Chat
from .embed import Embed
from .library import Library
from .lists import (
    Manifest,
    Me,
    Ps,
    Recommendations,
    Show,
    Status,
    Tags,
    Version,
)
from .models import Loaded
from .verbs import Copy, Create, Delete, Pull, Push

__all__ = ["OllamaDouble"]

_SINCE = {
    "/api/ps": (0, 1, 38),
    "/api/embed": (0, 3, 4),
    "/api/me": (0, 12, 0),
    "/api/status": (0, 16, 2),
    "/api/experimental/model-recommendations": (0, 22, 1),
}
"""The first release that has a path; older ones say that there is no such page."""

_RECOMMENDED = (
    {
        "model": "kimi-k2.6:cloud",
        "description": "Long tasks with code, in the cloud",
        "context_length": 262_144,
        "max_output_tokens": 262_144,
        "required_plan": "pro",
    },
    {
        "model": "gemma4",
        "description": "Code and reasoning on this machine",
        "vram_bytes": 12_000_000_000,
    },
)


class Lost(Api):
    async def prepare(self) -> None:
        await super().prepare()
        if not self._finished:
            self.send_error(404)


class OllamaDouble(Double):
    """The double as a context manager: a server on a thread of its own.

    `login` is `NAME:PASSWORD` that every request has to bring; `window` what a model
    is given that asks for none; `step` the seconds between two steps of a pull. `lacks`
    are paths that it has not, beside those that its version had not yet. `account` is
    who is signed in at ollama.com, `no_cloud` that its models are switched off. `aloud`
    has it tell how far a quantization is, as servers before 0.30 do.
    """

    routes = (
        (r"/api/version", Version),
        (r"/api/tags", Tags),
        (r"/api/show", Show),
        (r"/api/ps", Ps),
        (r"/api/embed", Embed),
        (r"/api/copy", Copy),
        (r"/api/delete", Delete),
        (r"/api/pull", Pull),
        (r"/api/push", Push),
        (r"/api/create", Create),
        (r"/api/blobs/(.+)", Blobs),
        (r"/api/status", Status),
        (r"/api/me", Me),
        (r"/api/experimental/model-recommendations", Recommendations),
        (r"/api/(?:chat|generate)", Chat),
        (r"/v2/(.+)/manifests/(.+)", Manifest),
        (r".*", Lost),
    )

    def __init__(
        self,
        *,
        port: int = 0,
        version: tuple[int, int, int] = (0, 33, 0),
        login: str = "",
        window: int = 4096,
    ) -> None:
        super().__init__(port=port)
        self.login = login
        self.version = version
        self.window = window
        self.step = 0.001
        self.library = Library(models())
        self.loaded: dict[str, Loaded] = {}
        self.loads: list[tuple[str, int]] = []
        self.lacks: set[str] = set()
        self.account: dict[str, str] = {}
        self.public_key = f"ssh-ed25519 {'A' * 68} box"
        self.no_cloud = self.aloud = False
        self.recommendations = list(_RECOMMENDED)
        self.shown = ("think", "gpt-oss", "sees", "embeds", "cloud")

    @property
    def url(self) -> str:
        """The address, as OLLAMA_HOST takes it."""
        return self.root

    @property
    def host(self) -> str:
        return f"127.0.0.1:{self.port}"

    def has(self, path: str) -> bool:
        return path not in self.lacks and self.version >= _SINCE.get(path, (0, 0, 0))

    def asked(self, path: str = "/api/chat") -> list[Recorded]:
        """What came to one path."""
        return [request for request in self.requests if request.path == path]

    def reset(self) -> None:
        super().reset()
        self.library.reset()
        self.loaded.clear()
        self.loads.clear()
        self.lacks.clear()
        self.account = {}
        self.no_cloud = self.aloud = False
        self.recommendations = list(_RECOMMENDED)
