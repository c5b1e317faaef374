"""The vault's view in real kernels: asked while a cell runs, and by two at once."""

from __future__ import annotations

import threading
from typing import Any

import pytest

from ..widgets.sealing import Opener, seal
from .page import Page, View

pytestmark = pytest.mark.kernel

PASSWORD = "sentinel horse battery staple 5bd1"
SECRET = "sk-sentinel-e1f0a93c77b2"


def opened(page: Page) -> View:
    """A new view of the vault."""
    known = set(page.views)
    run = page.run("%parllama vault")
    assert run.status == "ok", run.text
    (view,) = (
        view
        for comm, view in page.views.items()
        if comm not in known and "_esm" in view.state
    )
    view.ask("hello")
    return view


def send(
    view: View, method: str, texts: dict[str, str], **params: Any
) -> dict[str, Any]:
    key = view.ask("sealing_key")["result"]
    box = seal(key, method, texts)
    return view.ask(method, {"sealed": box, **params})


def created(page: Page) -> View:
    view = opened(page)
    made = send(view, "create", {"password": PASSWORD})
    assert "result" in made, made
    return view


def test_the_vault_is_used_in_its_view_while_a_cell_runs(
    page_with_subshells: Page,
) -> None:
    page = page_with_subshells
    view = created(page)
    view.ask("lock")
    busy = page.start("import time\nwhile True:\n    time.sleep(0.01)")
    page.until(lambda: not busy.idle)
    done = send(view, "unlock", {"password": PASSWORD})
    assert done["result"]["state"] == "unlocked", done
    kept = send(view, "set", {"value": SECRET}, name="A_KEY", expect=0)
    assert kept["result"] == {}
    own = Opener()
    key = {"name": "A_KEY", "public_key": own.public_key}
    sealed = view.ask("reveal", key)["result"]["sealed"]
    assert own.open(sealed, "reveal/A_KEY") == SECRET
    assert not busy.idle
    page.interrupt()
    page.wait(busy)
    said = repr(page.messages)
    assert SECRET not in said
    assert PASSWORD not in said


def test_two_views_that_unlock_at_once_both_show_it_unlocked(own: Page) -> None:
    first = created(own)
    second = opened(own)
    first.ask("lock")
    answers: list[dict[str, Any]] = []
    threads = [
        threading.Thread(
            target=lambda view=view: answers.append(
                send(view, "unlock", {"password": PASSWORD})
            )
        )
        for view in (first, second)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert [each["result"]["state"] for each in answers] == ["unlocked"] * 2
    log = own.value("[e.event for e in __import__('parllama_nb').app().vault.log()]")
    assert log.count("'unlock'") == 1


def test_a_request_of_a_closed_tab_leaves_the_vault_as_it_was(own: Page) -> None:
    view = created(own)
    view.ask("lock")
    key = view.ask("sealing_key")["result"]
    box = seal(key, "unlock", {"password": PASSWORD})
    request = {"type": "request", "request_id": "gone", "method": "unlock"}
    data = {**request, "params": {"sealed": box}}
    own.send_comm(view.comm_id, data, own.subshell())
    own.send_comm(
        view.comm_id, {"type": "cancel", "request_id": "gone"}, own.subshell()
    )
    own.until(lambda: "gone" in view.responses)
    # Whether it came too late or not, the next one is answered, and by this key never.
    again = view.ask("unlock", {"sealed": box})
    assert again["error"]["code"] == "sealing"
    assert send(view, "unlock", {"password": PASSWORD})["result"]["state"] == "unlocked"
