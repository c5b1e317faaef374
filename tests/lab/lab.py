"""A real JupyterLab in a real Chromium, driven as a user would."""

from __future__ import annotations

import contextlib
import json
import os
import re
import secrets
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any
from urllib.request import Request, urlopen

import nbformat
from playwright.sync_api import Browser, Locator, Page, WebSocket, sync_playwright

from ..chromium import chromium_path

FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]

_THEMES = {"light": "JupyterLab Light", "dark": "JupyterLab Dark"}


class Server:
    """A running `jupyter lab` over a directory."""

    def __init__(self, root: Path, env: Mapping[str, str], *options: str) -> None:
        self.root = root
        self.token = secrets.token_hex(16)
        self.log = root.parent / "jupyterlab.log"
        home = root.parent / "jupyter"
        settings = home / "settings" / "@jupyterlab" / "apputils-extension"
        settings.mkdir(parents=True)
        (settings / "notification.jupyterlab-settings").write_text(
            '{"checkForUpdates": false, "fetchNews": "false"}'
        )
        with self.log.open("wb") as log:
            self._process = subprocess.Popen(
                [
                    sys.executable,
                    "-m",
                    "jupyterlab",
                    "--no-browser",
                    "--allow-root",
                    "--ip=127.0.0.1",
                    "--port=0",
                    f"--IdentityProvider.token={self.token}",
                    f"--ServerApp.root_dir={root}",
                    "--LabApp.expose_app_in_browser=True",
                    # A `print()` per token at 1,000/s, as benches compare with, passes
                    # the usual limit, and what is beyond it never reaches the page.
                    "--ServerApp.iopub_msg_rate_limit=100000",
                    *options,
                ],
                env={
                    **os.environ,
                    "JUPYTER_CONFIG_DIR": str(home / "config"),
                    "JUPYTER_RUNTIME_DIR": str(home / "runtime"),
                    "JUPYTERLAB_SETTINGS_DIR": str(home / "settings"),
                    "JUPYTERLAB_WORKSPACES_DIR": str(home / "workspaces"),
                    "IPYTHONDIR": str(home / "ipython"),
                    **env,
                },
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        self.url = self._wait()

    def _wait(self) -> str:
        end = time.monotonic() + 60
        while time.monotonic() < end:
            found = re.search(r"http://127\.0\.0\.1:(\d+)/", self.log.read_text())
            if found:
                url = found.group().rstrip("/")
                with contextlib.suppress(OSError):
                    urlopen(f"{url}/api/status?token={self.token}", timeout=5).close()
                    return url
            time.sleep(0.1)
        message = f"JupyterLab did not start: {self.log.read_text()[-2000:]}"
        raise TimeoutError(message)

    def api(self, path: str) -> Any:
        with urlopen(f"{self.url}/api/{path}?token={self.token}", timeout=10) as got:
            return json.load(got)

    def start_kernel(self, notebook: Path) -> None:
        """Start the kernel of a notebook before a page opens it."""
        session = {
            "path": notebook.relative_to(self.root).as_posix(),
            "name": notebook.name,
            "type": "notebook",
            "kernel": {"name": "python3"},
        }
        url = f"{self.url}/api/sessions?token={self.token}"
        request = Request(url, json.dumps(session).encode(), method="POST")
        urlopen(request, timeout=30).close()

    def delete(self, path: str) -> None:
        request = Request(f"{self.url}/api/{path}?token={self.token}", method="DELETE")
        urlopen(request, timeout=10).close()

    def close(self) -> None:
        os.killpg(self._process.pid, signal.SIGTERM)
        try:
            self._process.wait(10)
        except subprocess.TimeoutExpired:
            os.killpg(self._process.pid, signal.SIGKILL)
            self._process.wait(10)


def write_notebook(path: Path, *cells: str) -> Path:
    """A notebook of code cells that does not ask for its kernel."""
    notebook = nbformat.v4.new_notebook(
        cells=[nbformat.v4.new_code_cell(cell) for cell in cells],
        metadata={
            "kernelspec": {
                "name": "python3",
                "display_name": "Python 3",
                "language": "python",
            }
        },
    )
    path.parent.mkdir(parents=True, exist_ok=True)
    nbformat.write(notebook, path)
    return path


def close_documents(page: Page) -> None:
    """Close all that is open in a page of Lab, without a question; keep the page."""
    page.evaluate(
        """() => {
            for (const each of [...window.jupyterapp.shell.widgets('main')])
                each.dispose();
        }"""
    )


class Notebook:
    """One notebook open in a page, which is loaded unless Lab is in it already."""

    def __init__(self, server: Server, page: Page, path: Path) -> None:
        self.server = server
        self.page = page
        self.path = path
        self.errors: list[str] = []
        page.on("pageerror", lambda error: self.errors.append(str(error)))
        name = path.relative_to(server.root).as_posix()
        if f"/doc/tree/{name}?" in page.url:
            pass
        elif page.url.startswith(server.url):
            page.evaluate(
                """path => window.jupyterapp.commands.execute(
                    'docmanager:open', {path, factory: 'Notebook'})""",
                name,
            )
        else:
            page.goto(f"{server.url}/doc/tree/{name}?token={server.token}&reset")
        page.wait_for_selector(".jp-Notebook .jp-Cell", timeout=60_000)
        self.wait_for_idle()

    def wait_for_idle(self, seconds: float = 60) -> None:
        self.page.wait_for_function(
            """() => {
                const kernel = window.jupyterapp?.shell?.currentWidget
                    ?.sessionContext?.session?.kernel;
                return kernel && kernel.connectionStatus === 'connected'
                    && kernel.status === 'idle';
            }""",
            timeout=seconds * 1000,
        )

    def interrupt(self) -> None:
        """Interrupt the kernel, and wait until it is idle."""
        self.page.evaluate(
            """() => window.jupyterapp.shell.currentWidget
                .sessionContext.session.kernel.interrupt()"""
        )
        self.wait_for_idle()

    def reload(self) -> None:
        self.page.reload()
        self.page.wait_for_selector(".jp-Notebook .jp-Cell", timeout=60_000)
        self.wait_for_idle()

    def watch_frames(self, sizes: list[int]) -> None:
        """Note the size of every message the kernel sends from the next load on."""

        def watch(socket: WebSocket) -> None:
            socket.on("framereceived", lambda frame: sizes.append(len(frame)))

        self.page.on("websocket", watch)
        self.reload()

    def cell(self, index: int) -> Locator:
        return self.page.locator(
            f".jp-Notebook .jp-Cell[data-windowed-list-index='{index}']"
        )

    def output(self, index: int) -> Locator:
        return self.cell(index).locator(".jp-OutputArea")

    def start(self, index: int) -> None:
        """Run a cell; do not wait."""
        self.page.evaluate(
            """(index) => {
                const panel = window.jupyterapp.shell.currentWidget;
                panel.content.activeCellIndex = index;
                panel.content.deselectAll();
                void window.jupyterapp.commands.execute('notebook:run-cell');
            }""",
            index,
        )

    def state(self, index: int) -> dict[str, Any]:
        """A cell of the notebook's model as it would be saved."""
        return self.page.evaluate(
            """(index) => window.jupyterapp.shell.currentWidget
                .content.model.cells.get(index).toJSON()""",
            index,
        )

    def run(self, index: int, seconds: float = 120) -> dict[str, Any]:
        """Run a cell and give it as it would be saved."""
        before = self.state(index)["execution_count"]
        self.start(index)
        self.wait(index, before, seconds)
        return self.state(index)

    def wait(self, index: int, before: int | None = None, seconds: float = 120) -> None:
        """Wait until a cell that was started is over."""
        self.page.wait_for_function(
            """([index, before]) => {
                const panel = window.jupyterapp.shell.currentWidget;
                const cell = panel.content.model.cells.get(index);
                return cell.executionState === 'idle' && cell.executionCount !== null
                    && cell.executionCount !== before;
            }""",
            arg=[index, before],
            timeout=seconds * 1000,
        )

    def run_all(self, seconds: float = 300) -> None:
        """Run all cells and wait until the last is over."""
        last = self.page.evaluate(
            "() => window.jupyterapp.shell.currentWidget.content.model.cells.length - 1"
        )
        before = self.state(last)["execution_count"]
        self.page.evaluate(
            "() => void window.jupyterapp.commands.execute('notebook:run-all-cells')"
        )
        self.wait(last, before, seconds)

    def clear(self, index: int) -> None:
        """Take a cell's output away."""
        self.page.evaluate(
            """(index) => window.jupyterapp.shell.currentWidget
                .content.model.cells.get(index).outputs.clear()""",
            index,
        )

    def save(self) -> dict[str, Any]:
        self.page.evaluate(
            "() => window.jupyterapp.commands.execute('docmanager:save')"
        )
        self.page.wait_for_function(
            "() => !window.jupyterapp.shell.currentWidget.context.model.dirty"
        )
        return json.loads(self.path.read_text())

    def theme(self, name: str) -> None:
        self.page.evaluate(
            """(theme) => window.jupyterapp.commands.execute(
                'apputils:change-theme', {theme})""",
            _THEMES[name],
        )
        light = str(name == "light").lower()
        # Lab's body has no height of its own, so it never counts as visible.
        self.page.wait_for_selector(
            f"body[data-jp-theme-light='{light}']", state="attached"
        )


@contextlib.contextmanager
def chromium() -> Iterator[Browser]:
    """The system's Chromium where there is one, else Playwright's own."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=chromium_path(), args=FLAGS
        )
        try:
            yield browser
        finally:
            browser.close()
