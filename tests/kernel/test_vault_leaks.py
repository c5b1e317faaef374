"""A sentinel password and a sentinel secret, and everywhere they must not be."""

from __future__ import annotations

import json
import re
import tempfile
from pathlib import Path

import pytest

from ..sentinels import found
from .conftest import StartPage
from .page import Page

pytestmark = [pytest.mark.kernel, pytest.mark.slow]

PASSWORD = "sentinel pass'phrase of five words"
WRONG = "mistyped sentinel of five words"
SECRET = 'sk-sentinel/9d+3"f7=c1'
SENTINELS = (PASSWORD, WRONG, SECRET)


def leaks(page: Page, *places: Path) -> list[str]:
    said = [
        f"{message['header']['msg_type']}: {_around(text)}"
        for message in page.messages
        for text in [json.dumps(message["content"], default=str, ensure_ascii=False)]
        if found(text.encode(errors="replace"), SENTINELS)
    ]
    files = [
        str(path)
        for place in places
        for path in place.rglob("*")
        if path.is_file() and found(path.read_bytes(), SENTINELS)
    ]
    return said + files


def _around(text: str) -> str:
    places = [text.find(word) for word in ("sentinel", "73656e74", "c2VudGluZW")]
    place = max(places)
    return text[max(0, place - 400) : place + 100]


# What people do in notebooks, each seen to leak somewhere.
CELLS = (
    "secret",
    "print(secret, repr(secret), f'{secret}', f'{secret!r:>30}', '%s' % secret)",
    "[secret, {'a': secret}]",
    "import pprint; pprint.pprint({'key': [secret]})",
    "import json; json.dumps({'key': secret}, default=str)",
    "import json; json.dumps({'key': secret}, default=vars)",
    "import logging; logging.warning('the key is %s', secret)",
    "import pickle; pickle.dumps(secret)",
    "import copy; copy.deepcopy(secret)",
    "import pandas; pandas.DataFrame({'key': [secret], 'vault': [vault]})",
    "%whos",
    "%who_ls",
    "secret?",
    "vault?",
    "vault??",
    "%pinfo2 vault.get",
    "%store secret",
    "%store",
    "%env",
    "!env",
    "%%bash\nenv",
    "import os; dict(os.environ)",
    "import subprocess; subprocess.run(['env'], capture_output=True).stdout",
    "vars(app)",
    "vault, vars(vault), vars(vault._access), app.redact, app.keychain.unattended",
    "%xmode Verbose",
    "def f(key):\n    return 1 / 0\nf(secret)",
    "vault.unlock(getpass.getpass())",
    "vault.change_password(getpass.getpass(), getpass.getpass())",
    "vault.set('PATH', vault.get('A_KEY').reveal(), export=True)",
    "vault.set('A\\nB', vault.get('A_KEY').reveal())",
    "vault.set('A', vault.get('A_KEY').reveal() * 9999)",
    "vault.env('A_KEY', 'NONE').__enter__()",
    "with vault.env('A_KEY'):\n    1 / 0",
    "app.keychain.find('A_KEY'), app.vault.entries(), app.vault.log()",
    "%xmode Context",
    "import pdb, sys; sys.last_value",
    "print(vault.get('A_KEY').reveal())",
    "[vault.find('A_KEY').reveal()]",
    "import logging; logging.warning('the key is %s', secret.reveal())",
    "raise ValueError(secret.reveal())",
    "%parllama vault list",
    "%parllama vault status",
    "%parllama vault audit",
    "%parllama vault set A_KEY",
    "%parllama vault backup",
    "%parllama doctor",
    "%parllama jobs",
    "%history -n",
    "%notebook -e {notebook}",
    "%%parllama openai/fault-401-echo\nHi. {{secret}}",
    "%parllama vault lock",
    "vault.get('A_KEY')",
    "In, Out, _, __",
)


def test_no_secret_is_anywhere_it_must_not_be(
    start_page: StartPage, home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    temporary = tmp_path / "temporary"
    temporary.mkdir()
    monkeypatch.setenv("TMPDIR", str(temporary))
    monkeypatch.setattr(tempfile, "tempdir", None)
    page = start_page("own")
    page.run("get_ipython().kernel.log.setLevel('DEBUG')")
    page.run("%parllama vault create", typed=[PASSWORD, PASSWORD])
    page.run("%parllama vault lock")
    page.run("%parllama vault unlock", typed=[WRONG, PASSWORD])
    page.run("%parllama vault set A_KEY", typed=[SECRET])
    kept = page.run("%parllama vault set OPENAI_API_KEY", typed=[SECRET])
    assert kept.status == "ok", kept.text
    first = page.run(
        "import getpass, os, parllama_nb as pl\n"
        "os.environ.pop('OPENAI_API_KEY')\n"
        "app = pl.app(); vault = app.vault; secret = vault.get('A_KEY')"
    )
    assert first.status == "ok", first.text
    refused = 0
    for cell in CELLS:
        code = cell.replace("{notebook}", str(tmp_path / "saved.ipynb"))
        run = page.run(code, typed=[WRONG, WRONG, SECRET])
        refused += run.status == "error"
        # What others have takes jedi seconds, and is not ours to hide.
        if re.search("secret|vault|app|parllama", cell):
            page.complete(f"{cell.splitlines()[-1]}.")
    assert refused >= 10  # they do what they are for
    work = page.log.parent
    assert leaks(page, home, work, temporary, tmp_path) == []
    # The search finds what there is to find, in a message, a log and a file; a message
    # has it only if the user wants it.
    page.run("%parllama vault unlock", typed=[PASSWORD])
    page.run("app.settings.update({'vault.redact_outputs': False})")
    page.run(
        "key = vault.get('A_KEY').reveal()\n"
        "print(key); __import__('sys').__stderr__.write(key)\n"
        f"open({str(temporary / 'x')!r}, 'w').write(key.encode().hex())"
    )
    shown = leaks(page, home, work, temporary)
    assert any(each.startswith("stream") for each in shown)
    assert str(temporary / "x") in shown
    page.close()
    assert [path for path in leaks(page, work) if path.endswith("kernel.log")]
