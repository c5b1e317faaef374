"""The directories of the user's files, and the errors if one cannot be used."""

from __future__ import annotations

import os
import shutil
import stat
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Literal

import pytest

from parllama_nb.errors import StoreError
from parllama_nb.paths import HOME_VARIABLE, directory

Kind = Literal["data", "config", "cache"]
KINDS: tuple[Kind, ...] = ("data", "config", "cache")

posix = pytest.mark.skipif(os.name != "posix", reason="permissions of another kind")


@pytest.mark.parametrize("kind", KINDS)
def test_the_home_variable_puts_all_below_one_directory(home: Path, kind: Kind) -> None:
    assert directory(kind) == home / kind
    assert (home / kind).is_dir()
    assert directory(kind) == home / kind


@posix
@pytest.mark.parametrize("kind", KINDS)
def test_a_new_directory_is_private(home: Path, kind: Kind) -> None:
    before = os.umask(0)
    try:
        path = directory(kind)
    finally:
        os.umask(before)
    assert stat.S_IMODE(path.stat().st_mode) == 0o700


def test_no_directory_is_created_before_it_is_needed(home: Path) -> None:
    directory("data")
    assert [path.name for path in home.iterdir()] == ["data"]


@pytest.mark.parametrize("kind", KINDS)
def test_without_the_variable_the_systems_directories_are_used(
    kind: Kind, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv(HOME_VARIABLE)
    for name in ("HOME", "USERPROFILE", "LOCALAPPDATA", "APPDATA"):
        monkeypatch.setenv(name, str(tmp_path))
    for name in ("DATA", "CONFIG", "CACHE"):
        monkeypatch.setenv(f"XDG_{name}_HOME", str(tmp_path / name))
    path = directory(kind)
    assert path.is_relative_to(tmp_path)
    assert "parllama_nb" in path.parts
    assert len({directory(each) for each in KINDS}) > 1


def test_a_tilde_in_the_variable_is_the_users_home(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("USERPROFILE", str(tmp_path))
    monkeypatch.setenv(HOME_VARIABLE, os.path.join("~", "notes"))  # noqa: PTH118
    assert directory("data") == tmp_path / "notes" / "data"


def refused(kind: Kind = "data") -> StoreError:
    with pytest.raises(StoreError) as caught:
        directory(kind)
    error = caught.value
    assert HOME_VARIABLE in str(error.hint)
    assert "\n" not in str(error)
    return error


def test_a_home_that_is_a_file_is_an_error(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "file"
    path.write_text("keep me")
    monkeypatch.setenv(HOME_VARIABLE, str(path))
    assert str(path) in refused().message
    assert path.read_text() == "keep me"


def test_a_file_in_the_place_of_a_directory_is_an_error(home: Path) -> None:
    home.mkdir()
    (home / "data").write_text("")
    assert str(home / "data") in refused().message
    assert directory("cache") == home / "cache"


def test_a_directory_that_cannot_be_created_is_an_error(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    # Not even root can create directories here, nor if it does not exist.
    monkeypatch.setenv(HOME_VARIABLE, "/proc/nowhere")
    assert "/proc/nowhere" in refused().message.replace(os.sep, "/")


def test_a_home_of_an_unknown_user_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(HOME_VARIABLE, "~no-such-user-here/notes")
    refused()


@pytest.fixture
def unprivileged() -> Iterator[Path]:
    """A directory, and no permission to write to it, not even for root."""
    path = Path(tempfile.mkdtemp())
    path.chmod(0o755)
    nobody = 65534
    root = os.geteuid() == 0
    if root:
        (path / "data").mkdir(mode=0o755)
        os.setresuid(nobody, nobody, 0)
    else:
        (path / "data").mkdir(mode=0o555)
    try:
        yield path
    finally:
        if root:
            os.setresuid(0, 0, 0)
        (path / "data").chmod(0o755)
        shutil.rmtree(path)


@posix
@pytest.mark.skipif(not hasattr(os, "setresuid"), reason="needs setresuid")
def test_a_directory_that_is_not_writable_is_an_error(
    unprivileged: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(HOME_VARIABLE, str(unprivileged))
    assert "is not writable" in refused().message
