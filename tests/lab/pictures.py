"""The README's pictures, taken of a real JupyterLab with the demo model.

    python -m tests.lab.pictures

writes docs/streaming.png, docs/dark.png, docs/panel.png, docs/side-by-side.png and
docs/vault.png; docs/models.png if OLLAMA_HOST names an Ollama server with some models,
and docs/prompts.png if FABRIC names an archive of Fabric's patterns.
"""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

from playwright.sync_api import expect

from ..own_app import own_app
from ..providers.embedded.model import cache_of_tests, demo_model
from .lab import Notebook, Server, chromium, write_notebook

ROOT = Path(__file__).parents[2]

_LOAD = "%load_ext parllama_nb\n%parllama use embedded/smollm2"
# Long enough to be caught while it streams; short enough for its footer to be seen.
_LENGTHS = {"streaming": 220, "dark": 80}


_CELLS = {
    "models": "%parllama models --view",
    "panel": "%parllama",
    "prompts": "%parllama prompts --view",
    "vault": "%parllama vault",
    "side-by-side": (
        "%%parllama embedded/smollm2 embedded/smollm2 -t 0.7 --max-tokens 160\n"
        "Write a short Python function that adds two numbers, and explain it."
    ),
}


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
        if os.environ.get("FABRIC"):
            _import_patterns(home, os.environ["FABRIC"])
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
            others = {"panel": _panel, "side-by-side": _side_by_side, "vault": _vault}
            if os.environ.get("OLLAMA_HOST"):
                others["models"] = _models
            if os.environ.get("FABRIC"):
                others["prompts"] = _prompts
            for name, take in others.items():
                page = browser.new_page(
                    viewport={"width": 980, "height": 820}, device_scale_factor=2
                )
                path = write_notebook(root / f"{name}.ipynb", _LOAD, _CELLS[name])
                notebook = Notebook(server, page, path)
                notebook.theme("light")
                notebook.run(0)
                take(notebook)
                picture = ROOT / "docs" / f"{name}.png"
                page.screenshot(path=picture, animations="disabled")
                page.close()
        finally:
            server.close()


def _models(notebook: Notebook) -> None:
    """The browser of models, with the details of the first one open."""
    notebook.run(1)
    view = notebook.output(1)
    row = view.get_by_role("row").nth(1)
    expect(row).to_be_visible(timeout=30_000)
    row.click()
    expect(view.get_by_text("Quantization").last).to_be_visible()


def _import_patterns(home: Path, archive: str) -> None:
    """Have the patterns in the library of this home."""
    os.environ["PARLLAMA_NB_HOME"] = str(home)
    with own_app() as app:
        offer = app.runtime.run(
            app.prompt_imports.offer("fabric", archive, lambda _: None)
        )
        app.runtime.run(app.prompt_imports.take(offer.chosen(), lambda _: None))


def _prompts(notebook: Notebook) -> None:
    """The prompt library, with one of its prompts open."""
    notebook.run(1)
    view = notebook.output(1)
    search = view.get_by_role("searchbox").first
    search.fill("summar")
    row = view.locator(".pl-prompt-name", has_text="summarize").first
    expect(row).to_be_visible(timeout=30_000)
    row.click()
    expect(view.get_by_text("As it is written")).to_be_visible()
    notebook.page.mouse.move(0, 0)


def _vault(notebook: Notebook) -> None:
    """The vault with some keys in it, made here and nowhere else."""
    notebook.run(1)
    view = notebook.output(1)
    password = "a password that is only in this picture"
    view.get_by_label("Password of the new vault", exact=True).fill(password)
    again = view.get_by_label("The same password again", exact=True)
    again.fill(password)
    again.press("Enter")
    for name in ("ANTHROPIC_API_KEY", "HF_TOKEN", "OPENAI_API_KEY"):
        view.get_by_role("button", name="Add a secret…").click()
        dialog = notebook.page.get_by_role("dialog")
        dialog.get_by_label("Name", exact=True).fill(name)
        dialog.get_by_label("Value", exact=True).fill(f"no value of {name}")
        dialog.get_by_role("button", name="Store").click()
        expect(dialog).to_have_count(0)
    # What was said of each goes by itself.
    expect(view.locator(".pl-toast")).to_have_count(0, timeout=30_000)
    notebook.page.mouse.move(0, 0)


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


def _panel(notebook: Notebook) -> None:
    """A question in the panel's chat, and its answer."""
    notebook.run(1)
    panel = notebook.output(1)
    composer = panel.get_by_role("textbox", name="Message")
    composer.fill("What is a notebook? Answer in two sentences.")
    composer.press("Enter")
    expect(panel.get_by_text("tokens/s")).to_be_visible(timeout=60_000)
    notebook.cell(1).scroll_into_view_if_needed()
    notebook.page.mouse.move(0, 0)


def _side_by_side(notebook: Notebook) -> None:
    """Two columns while they stream."""
    notebook.start(1)
    code = notebook.output(1).locator(".pl-column pre code")
    expect(code.last).to_contain_text("return", timeout=60_000)
    notebook.page.mouse.move(0, 0)


if __name__ == "__main__":
    main()
