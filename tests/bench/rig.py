"""What the benches stand on: the synthetic server, real kernels, a real JupyterLab."""

from __future__ import annotations

import contextlib
import json
import os
import re
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self
from urllib.request import urlopen

from ..kernel.page import Page, Run, View
from ..lab.lab import Notebook, Server, chromium, write_notebook

if TYPE_CHECKING:
    from playwright.sync_api import Browser
    from playwright.sync_api import Page as Tab

__all__ = [
    "LOAD",
    "ROOT",
    "STATIC",
    "Rig",
    "arrived",
    "ask",
    "idle_at",
    "milliseconds",
]

ROOT = Path(__file__).parents[2]

STATIC = ROOT / "parllama_nb" / "widgets" / "static"

LOAD = "%load_ext parllama_nb"


class Rig:
    """Everything a bench needs, made when first asked for and ended with the run."""

    def __init__(self, *, quick: bool) -> None:
        self.quick = quick
        self._stack = contextlib.ExitStack()
        self._of_lab = contextlib.ExitStack()
        self._lab: tuple[Server, Browser] | None = None
        self._made = 0

    def __enter__(self) -> Self:
        self.directory = Path(
            self._stack.enter_context(
                tempfile.TemporaryDirectory(ignore_cleanup_errors=True)
            )
        )
        self.url = self.server("tests.servers.openai_sse")
        return self

    def __exit__(self, *exc: object) -> None:
        self.close_lab()
        self._stack.close()

    def close_lab(self) -> None:
        """End JupyterLab and its browser, whose event loop is on the main thread."""
        self._lab = None
        self._of_lab.close()

    def server(self, module: str, *options: str) -> str:
        """Start a server of ours; gives its address."""
        # A process of its own: its work is not to be counted as ours, nor to wait
        # for a thread of ours.
        server = subprocess.Popen(
            [sys.executable, "-m", module, "--port", "0", *options],
            stdout=subprocess.PIPE,
            cwd=ROOT,
        )
        self._stack.callback(server.wait)
        self._stack.callback(server.kill)
        assert server.stdout is not None
        found = re.search(r"http://\S+", server.stdout.readline().decode())
        assert found, f"{module} does not start"
        return found.group()

    def times(self, full: int, quick: int) -> range:
        """The repetitions of a bench."""
        return range(quick if self.quick else full)

    def environment(self) -> dict[str, str]:
        """The environment of a kernel: a home of its own, and the synthetic server."""
        self._made += 1
        work = self.directory / f"work-{self._made}"
        work.mkdir()
        return {
            "PARLLAMA_NB_HOME": str(work / "home"),
            "IPYTHONDIR": str(work / "ipython"),
            "OPENAI_BASE_URL": self.url,
            "OPENAI_API_KEY": "sk-bench",
            "OLLAMA_HOST": "127.0.0.1:9",
            "PYTHONPATH": os.fspath(ROOT),
        }

    @contextlib.contextmanager
    def page(self, python: str = sys.executable, **more: str) -> Iterator[Page]:
        """A fresh kernel and a page that answers as JupyterLab's would."""
        environment = {**self.environment(), **more}
        work = Path(environment["PARLLAMA_NB_HOME"]).parent
        page = Page(python, environment, work)
        page.on_view = _greet
        try:
            yield page
        finally:
            page.close()

    @contextlib.contextmanager
    def notebook(
        self, *cells: str, on_page: Callable[[Tab], None] | None = None
    ) -> Iterator[Notebook]:
        """A notebook of these cells, open in JupyterLab, the extension loaded.

        The cells are numbered from 1; `on_page` gets the tab before it is used.
        """
        if self._lab is None:
            root = self.directory / f"lab-{self._made}" / "notebooks"
            root.mkdir(parents=True)
            server = Server(root, self.environment())
            self._of_lab.callback(server.close)
            self._lab = server, self._of_lab.enter_context(chromium())
        server, browser = self._lab
        self._made += 1
        path = server.root / f"bench-{self._made}.ipynb"
        write_notebook(path, LOAD, *cells)
        context = browser.new_context(viewport={"width": 1280, "height": 900})
        try:
            tab = context.new_page()
            if on_page is not None:
                on_page(tab)
            notebook = Notebook(server, tab, path)
            notebook.run(0)
            yield notebook
            # A kernel left behind would be a load on whatever is measured next.
            notebook.page.evaluate(
                "() => window.jupyterapp.shell.currentWidget.sessionContext.shutdown()"
            )
        finally:
            context.close()

    def asked(self) -> list[dict[str, Any]]:
        """What the server has recorded, with the times of the tokens."""
        with urlopen(f"{self.url.removesuffix('/v1')}/_recorded") as answer:
            recorded: list[dict[str, Any]] = json.load(answer)["requests"]
        return recorded


def ask(model: str, options: str = "") -> str:
    """A cell that asks."""
    return f"%%parllama openai/{model} {options}\nSay something."


def arrived(page: Page, run: Run, *kinds: str) -> float:
    """When the first message of a cell of one of these kinds came, by our clock."""
    return next(
        float(message["at"])
        for message in page.messages
        if message["parent_header"].get("msg_id") == run.msg_id
        and message["header"]["msg_type"] in kinds
    )


def milliseconds(page: Page, run: Run) -> float:
    """From the sending of a cell to the kernel's word that it is idle."""
    return 1000 * (idle_at(page, run) - run.started)


def idle_at(page: Page, run: Run) -> float:
    """When the kernel's word came that it is done with a cell, by our clock."""
    return next(
        float(message["at"])
        for message in reversed(page.messages)
        if message["parent_header"].get("msg_id") == run.msg_id
        and message["header"]["msg_type"] == "status"
    )


def _greet(view: View) -> None:
    # The page may be closed in the meantime; then nobody is waiting any more.
    with contextlib.suppress(TimeoutError):
        view.ask("hello")
