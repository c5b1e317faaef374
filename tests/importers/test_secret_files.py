"""Which files of secrets are found and read, and that others are refused at once."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from parllama_nb.importers import secret_files
from parllama_nb.vaults.errors import ImportFileError


@pytest.mark.parametrize("name", ["keys.env", "secrets.json"])
def test_what_never_ends_is_not_read(tmp_path: Path, name: str) -> None:
    pipe = tmp_path / name
    os.mkfifo(pipe)
    with pytest.raises(ImportFileError, match="not a file"):
        secret_files.read(pipe, "password")
    if pipe.suffix == ".json":
        with pytest.raises(ImportFileError, match="not a file"):
            secret_files.has_password(pipe)


def test_a_device_is_not_read() -> None:
    with pytest.raises(ImportFileError, match="not a file"):
        secret_files.read(Path("/dev/zero"), "")


@pytest.mark.parametrize("name", ["~nobody_has_this_name/keys.env", "a\0b"])
def test_what_cannot_be_a_path_is_refused(name: str) -> None:
    with pytest.raises(ImportFileError, match="cannot be the path"):
        secret_files.secrets_path(name)
