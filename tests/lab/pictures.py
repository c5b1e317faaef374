"""The README's pictures, taken of a real JupyterLab with the demo model.

    python -m tests.lab.pictures

writes docs/streaming.png and docs/dark.png.
"""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

from playwright.sync_api import expect

from ..providers.embedded_model import cache_of_tests, demo_model
from .lab import Notebook, Server, chromium, write_notebook

ROOT = Path(__file__).parents[2]

_CELLS = (
    "%load_ext parllama_nb\n%parllama use embedded/smollm2",
    (
        "%%parllama -t 0 --seed 1 --max-tokens 80\n"
        "Write a short Python function that adds two numbers, and explain it."
    ),
)


def main() -> None:
    demo_model()
    (ROOT / "docs").mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as scratch, chromium() as browser:
        root = Path(scratch) / "root"
        home = Path(scratch) / "home"
        root.mkdir()
        home.mkdir()
        (home / "cache").symlink_to(cache_of_tests())
        environment = {"PARLLAMA_NB_HOME": str(home), "PYTHONPATH": os.fspath(ROOT)}
        server = Server(root, environment)
        try:
            for name, theme in (("streaming", "light"), ("dark", "dark")):
                page = browser.new_page(
                    viewport={"width": 980, "height": 560}, device_scale_factor=2
                )
                path = write_notebook(root / f"{name}.ipynb", *_CELLS)
                notebook = Notebook(server, page, path)
                notebook.theme(theme)
                _take(notebook, ROOT / "docs" / f"{name}.png", settled=theme == "dark")
                page.close()
        finally:
            server.close()


def _take(notebook: Notebook, picture: Path, *, settled: bool) -> None:
    notebook.run(0)
    notebook.start(1)
    view = notebook.output(1).locator(".pl-answer")
    expect(view.locator("pre code")).to_contain_text("return", timeout=60_000)
    if settled:
        notebook.wait(1)
    notebook.page.mouse.move(0, 0)
    notebook.page.screenshot(path=picture, animations="disabled")


if __name__ == "__main__":
    main()
