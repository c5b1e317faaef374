"""The seat belt in real kernels: no message holds a secret that a cell reveals."""

from __future__ import annotations

import json

import pytest

from ..sentinels import found
from .conftest import VERSIONS, StartPage
from .page import Page

pytestmark = pytest.mark.kernel

KEY = 'sk-sentinel/9d+3"f7=c1'

HAND_OUT = (
    "import os, parllama_nb as pl\n"
    f"os.environ['A_KEY'] = {KEY.replace('sk-', 'sk-{}')!r}.format('')\n"
    "key = pl.app().keychain.find('A_KEY').reveal()"
)
"""Does not hold the key itself, so that what holds it afterwards is a leak."""

THREAD = """
import threading
thread = threading.Thread(target=print, args=[key])
thread.start()
thread.join()
"""

# What sends from where: streams, results, errors, a child process, another thread, the
# reply to a cell, a prompt, a pager, a widget, a log record.
CELLS = (
    "print(key)",
    "import sys; sys.stderr.write(key)",
    "key",
    "[{'key': key}]",
    "import base64; base64.b64encode(b'Bearer ' + key.encode()).decode()",
    "from IPython.display import JSON, display; display(JSON({'key': key}))",
    "handle = display('nothing yet', display_id=True); handle.update(key)",
    "raise ValueError(key)",
    "!env | grep A_KEY",
    THREAD,
    "documented = type('D', (), {'__doc__': key})\n%pinfo documented",
    "input(f'Is {key} right?')",
    "import ipywidgets; ipywidgets.Text(value=key)",
    "import logging; logging.warning('the key is %s', key)",
)


def everything(page: Page) -> list[str]:
    """All that a kernel has sent, on all channels."""
    sent = [*page.messages, *page._replies.values(), *page.prompts]
    return [json.dumps(each, default=str, ensure_ascii=False) for each in sent]


def leaks(page: Page) -> list[str]:
    return [each for each in everything(page) if found(each.encode(), [KEY])]


def test_no_message_holds_a_secret_that_a_cell_reveals(page: Page) -> None:
    page._replies.clear()
    assert page.run(HAND_OUT).status == "ok"
    for cell in CELLS:
        before = len(page.messages), len(page.prompts)
        run = page.run(cell, typed=["yes"])
        sent = [*page.messages[before[0] :], *page.prompts[before[1] :], run.reply]
        shown = json.dumps(sent, default=str)
        assert "<Secret A_KEY>" in shown, cell
    expressions = {
        "code": "",
        "silent": False,
        "store_history": False,
        "allow_stdin": False,
        "user_expressions": {"shown": "key"},
    }
    asked = page.request("execute_request", expressions)
    page.until(lambda: page.answered(asked))
    assert "<Secret A_KEY>" in json.dumps(page._replies[asked]["content"])
    assert leaks(page) == []
    page.run("get_ipython().kernel.log.critical('the key is %s', key)")
    log = page.log.read_bytes()
    assert b"the key is <Secret A_KEY>" in log
    assert found(log, [KEY]) == []
    # The control: without the belt the first cell leaks.
    page.run("pl.app().settings.update({'vault.redact_outputs': False})")
    assert page.run(CELLS[0]).text.strip() == KEY
    assert leaks(page) != []


def test_a_secret_of_the_vault_is_replaced_once_it_was_read(own: Page) -> None:
    password = "five words of a password"
    own.run("%parllama vault create", typed=[password, password])
    own.run("%parllama vault set A_KEY", typed=[KEY])
    own.run("import parllama_nb as pl")
    for read in ("get", "find"):
        assert own.value(f"pl.app().vault.{read}('A_KEY').reveal()") == "<Secret A_KEY>"


def test_an_exported_secret_is_replaced_from_the_unlock_on(own: Page) -> None:
    password = "five words of a password"
    own.run("%parllama vault create", typed=[password, password])
    own.run("%parllama vault set A_KEY --export", typed=[KEY])
    assert own.value("__import__('os').environ['A_KEY']") == "<Secret A_KEY>"


@pytest.mark.parametrize("version", VERSIONS)
def test_the_belt_is_put_on_once_with_the_first_secret_and_taken_off_at_the_end(
    start_page: StartPage, version: str, tmp_path_factory: pytest.TempPathFactory
) -> None:
    page = start_page(version)
    look = (
        "import logging, sys\n"
        "session = get_ipython().kernel.session\n"
        "print('parllama_nb.redaction' in sys.modules, type(session.pack).__name__,\n"
        "      type(getattr(session.pack, 'pack', None)).__name__,\n"
        "      type(logging.getLogRecordFactory()).__name__)"
    )

    def looked() -> str:
        # What is printed may arrive in several messages.
        return " ".join(page.run(look).text.split())

    bare, belted = " function NoneType type", " Belt function _RedactedRecords"
    assert looked() == f"False{bare}"
    # Each time an instance of its own, of which only the last one lives.
    for _ in range(3):
        page.forget(tmp_path_factory.mktemp("home"))
        assert page.run(HAND_OUT).status == "ok"
        assert page.value("key") == "<Secret A_KEY>"
        assert looked() == f"True{belted}"
    page.run("%unload_ext parllama_nb")
    assert looked() == f"True{bare}"
    assert page.value("key") == KEY
    page.run("%load_ext parllama_nb")
    assert page.run(HAND_OUT).status == "ok"
    assert page.value("key") == "<Secret A_KEY>"
