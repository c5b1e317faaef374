"""The view of the vault: requests that are taken back, and what it tells."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from parllama_nb.application import Parllama
from parllama_nb.importers import secret_files
from parllama_nb.vaults.vault import Vault
from parllama_nb.widgets.vault.view import VaultView

from ...vaults.weak import PASSWORD, weak_policy
from ...virtual_time import VirtualLoop
from ..recording import Page
from ..room import answer, pass_time
from ..sealing import seal

NAME = "GROQ_API_KEY"
KEY = "gsk-sentinel-51d0c7be22f4"


@pytest.fixture
def vault(app: Parllama) -> Vault:
    app.vault.policy = weak_policy()
    app.vault.create(PASSWORD)
    return app.vault


@pytest.fixture
def view(page: Page, app: Parllama, vault: Vault, loop: VirtualLoop) -> VaultView:
    del vault
    view = VaultView(app)
    answer(page, view, loop, "hello")
    return view


@pytest.fixture
def keys(tmp_path: Path) -> Path:
    """A file of secrets that can be imported."""
    path = tmp_path / "keys.env"
    path.write_text(f"{NAME}={KEY}\n")
    return path


class Gate:
    """A function that waits, once it runs, until a test lets it go on."""

    def __init__(self, real: Callable[..., Any]) -> None:
        self._real = real
        self.began, self.go = threading.Event(), threading.Event()

    def __call__(self, *values: Any, **named: Any) -> Any:
        self.began.set()
        assert self.go.wait(30)
        return self._real(*values, **named)


async def answered(page: Page, request: str) -> None:
    while not page.responses(request):
        page.changed.clear()
        await page.changed.wait()


def taken_back(
    page: Page,
    view: VaultView,
    loop: VirtualLoop,
    gate: Gate,
    *,
    times: int = 1,
    **asked: Any,
) -> dict[str, Any]:
    """Ask for something, and leave while it is under way; the response."""
    request = page.ask(view, **asked)
    loop.run_until_complete(asyncio.to_thread(gate.began.wait, 30))
    for _ in range(times):
        page.cancel(view, request)
        pass_time(loop)
    gate.go.set()
    loop.run_until_complete(answered(page, request))
    return page.response(request)


@pytest.mark.parametrize("times", [1, 3])
def test_a_key_of_a_page_that_leaves_is_stored_as_it_was_typed(
    page: Page,
    vault: Vault,
    view: VaultView,
    loop: VirtualLoop,
    monkeypatch: pytest.MonkeyPatch,
    times: int,
) -> None:
    vault.lock()
    gate = Gate(vault.unlock)
    monkeypatch.setattr(vault, "unlock", gate)
    key = answer(page, view, loop, "sealing_key")["result"]
    sealed = seal(key, "add_key", {"value": KEY, "password": PASSWORD})
    asked = {"method": "add_key", "name": NAME, "sealed": sealed}
    done = taken_back(page, view, loop, gate, times=times, **asked)
    assert done["error"]["code"] == "cancelled"
    assert vault.get(NAME).reveal() == KEY


def test_what_is_read_for_a_page_that_leaves_is_dropped(
    page: Page,
    view: VaultView,
    loop: VirtualLoop,
    keys: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    gate = Gate(secret_files.read)
    monkeypatch.setattr(secret_files, "read", gate)
    done = taken_back(page, view, loop, gate, method="import_read", path=str(keys))
    assert done["error"]["code"] == "cancelled"
    # Whatever still runs on a thread has ended.
    loop.run_until_complete(loop.shutdown_default_executor())
    assert view._file._secrets is None


@pytest.mark.parametrize("fails", [False, True])
def test_what_another_page_drops_is_stored_first(
    page: Page,
    vault: Vault,
    view: VaultView,
    loop: VirtualLoop,
    keys: Path,
    monkeypatch: pytest.MonkeyPatch,
    *,
    fails: bool,
) -> None:
    answer(page, view, loop, "import_read", path=str(keys))
    gate = Gate(secret_files.store)
    monkeypatch.setattr(secret_files, "store", gate)
    request = page.ask(view, "import", names=[NAME])
    loop.run_until_complete(asyncio.to_thread(gate.began.wait, 30))
    answer(page, view, loop, "import_drop")
    if fails:
        vault.lock()
    gate.go.set()
    loop.run_until_complete(answered(page, request))
    assert ("error" in page.response(request)) is fails
    assert view._file._secrets is None
    if not fails:
        assert vault.get(NAME).reveal() == KEY


def test_what_is_read_while_the_vault_locks_is_not_kept(
    page: Page,
    vault: Vault,
    view: VaultView,
    loop: VirtualLoop,
    keys: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    gate = Gate(secret_files.read)
    monkeypatch.setattr(secret_files, "read", gate)
    request = page.ask(view, "import_read", path=str(keys))
    loop.run_until_complete(asyncio.to_thread(gate.began.wait, 30))
    vault.lock()
    pass_time(loop)
    loop.run_until_complete(view._look())
    gate.go.set()
    loop.run_until_complete(answered(page, request))
    assert view._file._secrets is None


def test_a_vault_that_cannot_be_read_is_told_once(
    page: Page, app: Parllama, vault: Vault, view: VaultView, loop: VirtualLoop
) -> None:
    vault.set(NAME, KEY)
    vault.lock()
    # No look but the test's own, once those that are under way are over.
    assert view._watching is not None
    view._watching.cancel()
    pass_time(loop)
    # After those looks that the lock has begun.
    loop.run_until_complete(view._look())
    place = Path(app.vault.storage.place)
    broken = place.with_name("broken")
    broken.write_bytes(b"no database at all" * 400)
    before = len(page.events)
    # At once: the view looks at any moment, and an empty file is no vault.
    broken.replace(place)
    app.vault.storage.close()
    for _ in range(3):
        loop.run_until_complete(view._look())
    told = [each for each in page.events[before:] if each["event"] != "lock"]
    assert [each["event"] for each in told] == ["vault"]
    assert told[0]["data"]["problem"]["code"].startswith("vault-")


def test_a_thousand_marked_secrets_are_listed_with_what_is_ours(
    page: Page,
    vault: Vault,
    view: VaultView,
    loop: VirtualLoop,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("SHADOWED_TOKEN", "mine")
    with vault.batch() as changes:
        changes.set("SHADOWED_TOKEN", "x")
        for number in range(1000):
            changes.set(f"SECRET_{number}", "x", export=True)
    entries = answer(page, view, loop, "hello")["result"]["entries"]
    assert len(entries) == 1001
    assert [each["name"] for each in entries if each["shadowed"]] == ["SHADOWED_TOKEN"]
    vault.lock()
