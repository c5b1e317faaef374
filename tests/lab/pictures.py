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

_LOAD = "%load_ext parllama_nb\n%parllama use embedded/smollm2"
# Long enough to be caught while it streams; short enough for its footer to be seen.
_LENGTHS = {"streaming": 220, "dark": 80}


def _question(tokens: int) -> str:
    return (
        f"%%parllama -t 0 --seed 1 --max-tokens {tokens}\n"
        "Write a short Python function that adds two numbers, and explain it."
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
                question = _question(_LENGTHS[name])
                path = write_notebook(root / f"{name}.ipynb", _LOAD, question)
                notebook = Notebook(server, page, path)
                notebook.theme(theme)
                _take(notebook, ROOT / "docs" / f"{name}.png", settled=theme == "dark")
                page.close()
        finally:
            server.close()


def _take(notebook: Notebook, picture: Path, *, settled: bool) -> None:
    notebook.run(0)
    if settled:
        notebook.run(1)
    else:
        notebook.start(1)
        code = notebook.output(1).locator(".pl-answer pre code")
        expect(code).to_contain_text("return", timeout=60_000)
    notebook.page.mouse.move(0, 0)
    notebook.page.screenshot(path=picture, animations="disabled")


if __name__ == "__main__":
    main()
