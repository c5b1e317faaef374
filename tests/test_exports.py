"""The public names, and how little it takes to have them."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

import parllama_nb

# What an import costs the user of a notebook who never asks anything.
HEAVY = [
    "IPython",
    "aiohttp",
    "anthropic",
    "anywidget",
    "boto3",
    "cryptography",
    "httpx",
    "httpx2",
    "ipywidgets",
    "litellm",
    "markdown_it",
    "numpy",
    "openai",
    "pandas",
    "psygnal",
    "pydantic",
    "xllamacpp",
    "yaml",
    "zxcvbn",
]


def test_names_are_sorted_and_said_once() -> None:
    assert list(parllama_nb.__all__) == sorted(set(parllama_nb.__all__))


def test_every_public_name_is_there() -> None:
    names = parllama_nb.__all__
    assert [name for name in names if getattr(parllama_nb, name, None) is None] == []
    assert set(names) <= set(dir(parllama_nb))


def test_an_unknown_name_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="no_such_name"):
        _ = parllama_nb.no_such_name


def in_fresh_python(code: str, directory: Path) -> str:
    """What `code` prints in a Python whose every directory is an empty one."""
    places = ("HOME", "USERPROFILE", "XDG_CACHE_HOME", "XDG_CONFIG_HOME")
    done = subprocess.run(
        [sys.executable, "-B", "-W", "error", "-c", code],
        cwd=directory,
        env=os.environ
        | dict.fromkeys((*places, "XDG_DATA_HOME", "TMPDIR"), str(directory))
        | {
            "PARLLAMA_NB_HOME": str(directory / "parllama_nb"),
            "PYTHONPATH": str(Path(parllama_nb.__file__).parent.parent),
        },
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert done.stderr == ""
    return done.stdout


def test_an_import_is_light_and_silent_and_writes_nothing(tmp_path: Path) -> None:
    directory = tmp_path / "empty"
    directory.mkdir()
    code = "import parllama_nb, sys, json; print(json.dumps(sorted(sys.modules)))"

    loaded = json.loads(in_fresh_python(code, directory))

    assert [name for name in HEAVY if name in loaded] == []
    assert list(directory.iterdir()) == []


def test_names_are_resolved_one_at_a_time(tmp_path: Path) -> None:
    code = (
        "import parllama_nb, sys\n"
        "print(sorted(m for m in sys.modules if m.startswith('parllama_nb.')))"
    )
    directory = tmp_path / "empty"
    directory.mkdir()

    assert in_fresh_python(code, directory).strip() == "[]"
