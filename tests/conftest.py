"""What every test gets: a home of its own, and no key of whoever runs it."""

from __future__ import annotations

import atexit
import contextlib
import os
import re
import signal
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from parllama_nb.errors import StoreError
from parllama_nb.paths import directory

from .workers import FileScheduling, slow_first

# The usual environment names of providers: keys, and where they are to be found.
_PROVIDER_VARIABLE = re.compile(
    r"(_API_KEY|_API_BASE|_BASE_URL|_API_TOKEN|_ACCESS_KEY_ID|_SECRET_ACCESS_KEY)$"
    r"|^(OPENAI|ANTHROPIC|AZURE|AWS|GEMINI|GOOGLE|GITHUB|HF|OLLAMA|LITELLM)_"
)

# A shell has what it starts in the background ignore Ctrl-C, which tests press.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)

# Where nothing is to be written beside the sources, as in most containers, each of the
# hundreds of processes that tests start would compile all it imports: twice its time.
if sys.dont_write_bytecode:
    _compiled = Path(__file__).parents[1] / ".cache" / "pycache"
    sys.pycache_prefix = os.environ["PYTHONPYCACHEPREFIX"] = str(_compiled)
    sys.dont_write_bytecode = False
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)

# jsonschema reads 39 grammars when it is imported, in four seconds, to check a format
# that nothing here has; without this package it does not.
sys.modules.setdefault("rfc3987_syntax", None)

# What `make lab` has downloaded, tests do not download again. Asked here, before any
# test has a home of its own.
with contextlib.suppress(StoreError):
    os.environ.setdefault("PARLLAMA_NB_TEST_CACHE", str(directory("cache")))


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """The directory that holds all that parllama_nb keeps, empty for every test."""
    for name in list(os.environ):
        if _PROVIDER_VARIABLE.search(name):
            monkeypatch.delenv(name)
    path = tmp_path / "home"
    monkeypatch.setenv("PARLLAMA_NB_HOME", str(path))
    yield path
    # The kernel's instance, if the test made it, belongs to that home too.
    application = sys.modules.get("parllama_nb.application")
    if application is not None and application._app is not None:
        atexit.unregister(application._app.close)
        application._app.close()
        application._app = None


def pytest_collection_modifyitems(
    config: pytest.Config, items: list[pytest.Item]
) -> None:
    """Leave out the long set, unless `-m` names it; order what workers share."""
    if "long" not in config.option.markexpr:
        long = [item for item in items if item.get_closest_marker("long")]
        if long:
            config.hook.pytest_deselected(items=long)
            items[:] = [item for item in items if item not in long]
    if hasattr(config, "workerinput"):
        slow_first(items)


def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> FileScheduling:
    config.option.loadscopereorder = False
    return FileScheduling(config, log)
