"""The vault's view in JupyterLab, and everywhere its secrets must not be.

Two pages show the same notebook, the server and the kernel log at debug level, the
state of all widgets is saved. Then all is searched for sentinels: files, logs, messages
on the websockets of both pages, consoles, stores and the pages themselves.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

from .. import sentinels
from ..servers.openai_sse import OpenAIDouble
from .lab import Notebook, Server, write_notebook

if TYPE_CHECKING:
    from playwright.sync_api import Browser, BrowserContext, Locator, Page, WebSocket

pytestmark = [pytest.mark.lab, pytest.mark.slow]

FIRST = "sentinel pass'phrase of five words"
SECOND = "another sentinel of five words"
WRONG = "mistyped sentinel of five words"
VALUE = 'sk-sentinel/9d+3"f7=c1'
NEWER = "sk-sentinel-2f7c41d9a85e"
IMPORTED = "gsk-sentinel-51d0c7be22f4"
ADDED = "sk-sentinel-77aa01b2c3d4"
SENTINELS = (FIRST, SECOND, WRONG, VALUE, NEWER, IMPORTED, ADDED)

_STORES = """() => JSON.stringify([
    {...localStorage}, {...sessionStorage}, document.cookie, location.href])"""
_EVERYTHING = """() => {
    const typed = [...document.querySelectorAll('input, textarea')];
    return document.documentElement.outerHTML + typed.map((each) => each.value).join();
}"""


class Watched:
    """A page whose messages, in both directions, and console are kept."""

    def __init__(self, context: BrowserContext) -> None:
        self.page: Page = context.new_page()
        self.frames: list[bytes] = []
        self.console: list[str] = []
        self.page.on("websocket", self._watch)
        self.page.on("console", lambda message: self.console.append(message.text))

    def _watch(self, socket: WebSocket) -> None:
        def keep(frame: str | bytes) -> None:
            self.frames.append(frame.encode() if isinstance(frame, str) else frame)

        socket.on("framesent", keep)
        socket.on("framereceived", keep)

    def surfaces(self) -> Iterator[tuple[str, bytes]]:
        """Each place of the page that can hold a text, by name."""
        for number, frame in enumerate(self.frames):
            yield f"frame {number}", frame
        yield "console", "\n".join(self.console).encode()
        yield "stores", self.page.evaluate(_STORES).encode()
        yield "page", self.page.evaluate(_EVERYTHING).encode()


@pytest.fixture
def debug_lab(
    tmp_path: Path, double: OpenAIDouble, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Server]:
    """A JupyterLab that logs all it can, with places of its own."""
    monkeypatch.delenv("OPENAI_API_KEY", raising=False)
    for name in ("root", "home", "temporary"):
        (tmp_path / name).mkdir()
    server = Server(
        tmp_path / "root",
        {
            "PARLLAMA_NB_HOME": str(tmp_path / "home"),
            "TMPDIR": str(tmp_path / "temporary"),
            "OPENAI_BASE_URL": double.url,
            "OLLAMA_HOST": "127.0.0.1:9",
            "PYTHONPATH": str(Path(__file__).parents[2]),
        },
        "--debug",
    )
    yield server
    server.close()


@pytest.fixture
def contexts(browser: Browser) -> Iterator[Callable[[], BrowserContext]]:
    """Browsers of several users, as it were: they share no storage."""
    opened: list[BrowserContext] = []

    def open_one() -> BrowserContext:
        opened.append(browser.new_context(viewport={"width": 1100, "height": 900}))
        return opened[-1]

    yield open_one
    for context in opened:
        context.close()


def unlock(view: Locator, password: str) -> None:
    field = view.get_by_label("Password of the vault", exact=True)
    field.fill(password)
    view.get_by_role("button", name="Unlock", exact=True).click()


def lock(view: Locator) -> None:
    view.get_by_role("button", name="Lock", exact=True).click()
    expect(view.get_by_label("Password of the vault", exact=True)).to_be_visible()


def unlocked(view: Locator) -> None:
    expect(view.get_by_role("button", name="Lock", exact=True)).to_be_visible()


def more(view: Locator, item: str, of: str = "More") -> Locator:
    """Choose from a menu; returns the dialog that it opens."""
    view.get_by_role("button", name=of, exact=True).click()
    view.page.get_by_role("menuitem", name=item).click()
    return view.page.get_by_role("dialog")


def use_everything(view: Locator, work: Path) -> None:
    """Do in the view all that has to do with a password or a value."""
    page = view.page
    view.get_by_label("Password of the new vault", exact=True).fill(FIRST)
    view.get_by_label("The same password again", exact=True).fill(FIRST)
    view.get_by_role("button", name="Create the vault").click()
    unlocked(view)
    lock(view)
    unlock(view, WRONG)
    expect(view.get_by_role("alert")).to_be_visible()
    unlock(view, FIRST)
    unlocked(view)

    view.get_by_role("button", name="Add a secret…").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("Name", exact=True).fill("A_KEY")
    dialog.get_by_label("Value", exact=True).fill(VALUE)
    dialog.get_by_role("button", name="Store").click()
    expect(dialog).to_have_count(0)

    view.get_by_role("button", name="Reveal A_KEY").click()
    expect(dialog.get_by_label("Value of A_KEY", exact=True)).to_have_value(VALUE)
    dialog.get_by_role("button", name="Hide").click()
    expect(dialog).to_have_count(0)

    dialog = more(view, "Replace…", "More about A_KEY")
    dialog.get_by_label("New value", exact=True).fill(NEWER)
    dialog.get_by_role("button", name="Replace").click()
    expect(dialog).to_have_count(0)

    dialog = more(view, "Change the password…")
    dialog.get_by_label("Present password", exact=True).fill(FIRST)
    dialog.get_by_label("New password", exact=True).fill(SECOND)
    dialog.get_by_label("The same password again", exact=True).fill(SECOND)
    dialog.get_by_role("button", name="Change").click()
    expect(dialog).to_have_count(0)

    dialog = more(view, "Back up…")
    dialog.get_by_role("button", name="Back up", exact=True).click()
    expect(dialog).to_contain_text("vault-")
    dialog.get_by_role("button", name="Close", exact=True).last.click()

    dialog = more(view, "Restore a backup…")
    dialog.get_by_label("Password of the backup", exact=True).fill(SECOND)
    dialog.get_by_role("button", name="Compare").click()
    expect(dialog.get_by_role("button", name="Restore", exact=True)).to_be_visible()
    dialog.get_by_role("button", name="Close").first.click()
    expect(dialog).to_have_count(0)

    # What is imported has to stand in a file; that one is not searched.
    (work / "keys.env").write_text(f"GROQ_API_KEY={IMPORTED}\n")
    dialog = more(view, "Import…")
    dialog.get_by_label("File", exact=True).fill(str(work / "keys.env"))
    dialog.get_by_role("button", name="Look").click()
    dialog.get_by_role("button", name="Import 1 secret").click()
    expect(dialog).to_have_count(0)
    (work / "keys.env").unlink()

    more(view, "Audit log…").get_by_role("button", name="Close").last.click()


def places(base: Path) -> Iterator[tuple[str, bytes]]:
    """All files that the server, the kernel and both pages have written."""
    for path in sorted(base.rglob("*")):
        if path.is_file():
            yield str(path.relative_to(base)), path.read_bytes()


def found(surfaces: Iterator[tuple[str, bytes]]) -> list[tuple[str, bytes]]:
    return [
        (name, form)
        for name, content in surfaces
        for form in sentinels.found(content, SENTINELS)
    ]


def test_what_is_typed_into_the_vaults_view_is_nowhere_else(
    debug_lab: Server, contexts: Callable[[], BrowserContext], tmp_path: Path
) -> None:
    path = write_notebook(
        debug_lab.root / "leaks.ipynb",
        "%load_ext parllama_nb\n"
        "import logging; logging.basicConfig(level='DEBUG')\n"
        "get_ipython().kernel.log.setLevel('DEBUG')",
        "%parllama vault",
        "%parllama",
        "import parllama_nb as pl\npl.app().vault.get('OPENAI_API_KEY').reveal()",
        "%%parllama openai/fault-401-echo\nHi.",
        "pl.app().settings.update({'vault.redact_outputs': False})\n"
        "print(pl.app().vault.get('A_KEY').reveal())",
    )
    debug_lab.start_kernel(path)
    mine, other = Watched(contexts()), Watched(contexts())
    notebook = Notebook(debug_lab, mine.page, path)
    notebook.run(0)
    notebook.run(1)
    second = Notebook(debug_lab, other.page, path)
    view = notebook.output(1).get_by_role("region", name="Vault", exact=True)
    use_everything(view, tmp_path)

    # A key is added where a model misses it; the chat asks again with it.
    notebook.run(2)
    panel = notebook.output(2)
    panel.get_by_role("tab", name="Providers").click()
    row = panel.get_by_role("listitem").filter(has_text="OpenAI").first
    row.get_by_role("button", name="Add key").click()
    dialog = mine.page.get_by_role("dialog")
    dialog.get_by_label("OPENAI_API_KEY", exact=True).fill(ADDED)
    dialog.get_by_role("button", name="Add key").click()
    expect(dialog).to_have_count(0)
    hidden = notebook.run(3)
    assert "<Secret OPENAI_API_KEY>" in json.dumps(hidden)
    notebook.run(4)

    # The other page has a view of the same vault; they follow each other.
    second.run(1)
    theirs = second.output(1).get_by_role("region", name="Vault", exact=True)
    unlocked(theirs)
    theirs.get_by_role("button", name="Reveal A_KEY").click()
    dialog = other.page.get_by_role("dialog")
    expect(dialog.get_by_label("Value of A_KEY", exact=True)).to_have_value(NEWER)
    lock(view)
    expect(dialog).to_have_count(0)
    unlock(theirs, SECOND)
    unlocked(view)
    mine.page.evaluate(
        """() => window.jupyterapp.commands.execute(
            '@jupyter-widgets/jupyterlab-manager:saveWidgetState')"""
    )
    notebook.save()
    for each in (mine, other):
        assert len(each.frames) > 10
        assert found(each.surfaces()) == []
    assert found(places(tmp_path)) == []

    # The search finds what there is to find: in messages, a page, the saved notebook.
    notebook.run(5)
    notebook.save()
    shown = {name for name, _ in found(mine.surfaces())}
    assert "page" in shown
    assert any(name.startswith("frame") for name in shown)
    assert "root/leaks.ipynb" in {name for name, _ in found(places(tmp_path))}
    assert notebook.errors == []


def test_twenty_unlocks_send_no_password_and_nothing_per_key_stroke(
    debug_lab: Server, contexts: Callable[[], BrowserContext]
) -> None:
    path = write_notebook(
        debug_lab.root / "unlocks.ipynb",
        "%load_ext parllama_nb",
        f"import parllama_nb as pl; pl.app().vault.create({FIRST!r})",
        "pl.app().vault.lock()\n%parllama vault",
    )
    debug_lab.start_kernel(path)
    mine = Watched(contexts())
    notebook = Notebook(debug_lab, mine.page, path)
    for index in range(3):
        notebook.run(index)
    view = notebook.output(2).get_by_role("region", name="Vault", exact=True)
    field = view.get_by_label("Password of the vault", exact=True)
    # What the cell above has sent is no part of this.
    expect(field).to_be_visible()
    mine.frames.clear()
    for _ in range(20):
        field.press_sequentially(FIRST[:-1])
        before = len([each for each in mine.frames if b'"request"' in each])
        field.press_sequentially(FIRST[-1])
        field.press_sequentially("x")
        field.press("Backspace")
        assert len([each for each in mine.frames if b'"request"' in each]) == before
        field.press("Enter")
        unlocked(view)
        lock(view)
    asked = [each for each in mine.frames if b"sealing_key" in each]
    assert len(asked) == 20
    assert [
        form for each in mine.frames for form in sentinels.found(each, [FIRST])
    ] == []
