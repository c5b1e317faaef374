"""What the browser tests and measurements share: server, browser, page."""

from __future__ import annotations

import http.server
import threading
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from parllama_nb.widgets._protocol import SealedTexts
from parllama_nb.widgets._sealed import SealingKeys, seal_for_view

from ..chromium import chromium_path

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from playwright.sync_api import Browser, BrowserContext, Page, Playwright

__all__ = [
    "FOREIGN",
    "LAB_THEMES",
    "STATIC",
    "Sealing",
    "Stub",
    "launch",
    "open_stub",
    "serve",
]

HERE = Path(__file__).parent
STATIC = HERE.parents[1] / "parllama_nb" / "widgets" / "static"

FOREIGN = "stub.test"
"""A host name that leads to the same server over plain http: no secure context."""

_ARGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    # A process for all pages of a context that holds one open: starting another costs
    # as much as the page.
    "--renderer-process-limit=1",
    f"--host-resolver-rules=MAP {FOREIGN} 127.0.0.1",
]


class _Files(http.server.SimpleHTTPRequestHandler):
    def translate_path(self, path: str) -> str:
        path = path.partition("?")[0]
        if path.startswith("/static/"):
            return str(STATIC / Path(path).name)
        return str(HERE / (Path(path).name or "page.html"))

    def log_message(self, *args: object) -> None:
        pass


@contextmanager
def serve() -> Iterator[int]:
    """The page and the built files on a free port of this machine."""
    handler = partial(_Files, directory=str(HERE))
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        try:
            yield server.server_address[1]
        finally:
            server.shutdown()
            thread.join()


def launch(playwright: Playwright) -> Browser:
    """The system's Chromium, or Playwright's own where there is none."""
    return playwright.chromium.launch(executable_path=chromium_path(), args=_ARGS)


_DARK = {
    "layout-color0": "#111",
    "layout-color1": "#212121",
    "layout-color2": "#424242",
    "border-color1": "#616161",
    "border-color2": "#424242",
    "cell-editor-background": "#212121",
    "content-font-color0": "#fff",
    "content-font-color1": "#fff",
    "content-link-color": "#64b5f6",
    "brand-color1": "#2196f3",
    "error-color1": "#f44336",
    "rendermime-table-row-background": "#212121",
    "mirror-editor-keyword-color": "#4caf50",
    "mirror-editor-string-color": "#ff7070",
}
_LIGHT = {
    "layout-color0": "white",
    "layout-color1": "white",
    "layout-color2": "#eee",
    "border-color1": "#bdbdbd",
    "border-color2": "#e0e0e0",
    "cell-editor-background": "#f5f5f5",
    "content-font-color0": "#000",
    "content-font-color1": "rgba(0,0,0,.87)",
    "content-link-color": "#0d47a1",
    "brand-color1": "#1976d2",
    "error-color1": "#d32f2f",
    "rendermime-table-row-background": "#f5f5f5",
    "mirror-editor-keyword-color": "green",
    "mirror-editor-string-color": "#ba2121",
}
LAB_THEMES = {"light": _LIGHT, "dark": _DARK}
"""The variables of JupyterLab's two themes that matter most here."""


@dataclass
class Stub:
    """The page, and everything it should not have done."""

    page: Page
    base: str
    errors: list[str] = field(default_factory=list)
    requests: list[str] = field(default_factory=list)

    @property
    def foreign(self) -> list[str]:
        """Requests to anywhere but the page's own server."""
        own = (self.base, "blob:", "data:")
        return [url for url in self.requests if not url.startswith(own)]

    def theme(self, name: str) -> None:
        """Dress the page as JupyterLab's `light` or `dark` theme does."""
        rules = "".join(
            f"--jp-{key}:{value};" for key, value in LAB_THEMES[name].items()
        )
        self.page.evaluate(
            """([name, rules]) => {
              document.body.dataset.jpThemeLight = String(name === "light");
              document.querySelector("#theme").textContent =
                `:root{${rules}} body{background:var(--jp-layout-color0)}`;
            }""",
            [name, rules],
        )

    def widget(self, **options: Any) -> int:
        """Open a widget with one view; gives its number."""
        number: int = self.page.evaluate("options => openWidget(options)", options)
        return number

    def chat(self, **options: Any) -> int:
        """Open a chat whose kernel is `chat_kernel.js`; gives its number."""
        number: int = self.page.evaluate(
            """async (options) => {
              await import("/chat_kernel.js");
              return openChat(options);
            }""",
            options,
        )
        self.page.locator(".pl-chat").last.wait_for()
        return number

    def prompts(self, **options: Any) -> int:
        """Open a prompt library whose kernel is `prompts_kernel.js`; its number."""
        number: int = self.page.evaluate(
            """async (options) => {
              await import("/prompts_kernel.js");
              return openPrompts(options);
            }""",
            options,
        )
        self.page.locator(".pl-prompts").last.wait_for()
        return number

    def tell(self, event: str, widget: int = -1, **data: Any) -> None:
        """Let the kernel of a widget, by default the last, say something."""
        self.page.evaluate(
            "([at, event, data]) => widgets.at(at).tell(event, data)",
            [widget, event, data],
        )

    def stream(self, text: str, size: int = 40, pause: float = 0) -> None:
        """Send a text as deltas."""
        self.page.evaluate(
            "([text, size, pause]) => widgets.at(-1).stream(text, size, pause)",
            [text, size, pause],
        )

    def answer(
        self, method: str, function: Callable[[dict[str, Any]], dict[str, Any]]
    ) -> None:
        """Answer the requests of a kind by what a function of their parameters gives.

        It gives `{"result": …}` or `{"error": …}`, and in `events` what the kernel
        tells before it answers; what a widget's own `answers` name comes first. It
        runs while Playwright waits for something.
        """
        self.page.expose_function(f"answer_{method}", function)

    def asked(self, method: str, widget: int = -1) -> list[dict[str, Any]]:
        """The requests of a kind that the kernel of a widget was sent."""
        found: list[dict[str, Any]] = self.page.evaluate(
            "([at, method]) => widgets.at(at).requests.filter(r => r.method == method)",
            [widget, method],
        )
        return found


class Sealing:
    """The kernel's keys of a page: what its views seal is opened by the kernel's half.

    Each key opens one message, as in the kernel.
    """

    def __init__(self, stub: Stub) -> None:
        self._keys = SealingKeys()
        stub.answer("sealing_key", lambda _: {"result": self._keys.make().model_dump()})

    def opened(self, request: str, sealed: dict[str, Any]) -> dict[str, str]:
        """The texts that were sealed for a request, by their names."""
        message = SealedTexts.model_validate(sealed)
        with self._keys.opened(message, request) as texts:
            return {name: text.decode() for name, text in texts.items()}

    @staticmethod
    def for_view(value: str, public_key: str, context: str) -> str:
        """A value, sealed for the view that has sent this key."""
        return seal_for_view(value, public_key, context)


def open_stub(context: BrowserContext, port: int, host: str = "127.0.0.1") -> Stub:
    """A fresh page, watched."""
    page = context.new_page()
    stub = Stub(page, f"http://{host}:{port}")
    page.on("pageerror", lambda error: stub.errors.append(str(error)))
    page.on(
        "console",
        lambda said: stub.errors.append(said.text) if said.type == "error" else None,
    )
    page.on("request", lambda request: stub.requests.append(request.url))
    page.goto(stub.base)
    page.wait_for_function("window.ready")
    return stub
