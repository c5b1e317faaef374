"""The settings file: shared, damaged, newer or read-only, and never half-written."""

from __future__ import annotations

import json
import os
import shutil
import stat
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from parllama_nb import whole_files
from parllama_nb.errors import SettingsError, StoreError, UsageError
from parllama_nb.events import SettingsChanged
from parllama_nb.settings import disk as settings_disk
from parllama_nb.settings.file import SettingsFile
from parllama_nb.settings.model import Settings


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "settings.json"


@pytest.fixture
def file(path: Path) -> SettingsFile:
    return SettingsFile(lambda: path)


def kept(path: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(path.read_text())
    return found


def others(path: Path) -> list[str]:
    """Returns the other files of its directory, without its lock."""
    names = {each.name for each in path.parent.iterdir()}
    return sorted(names - {path.name, f"{path.name}.lock"})


def test_settings_without_a_file_are_defaults_and_create_none(
    file: SettingsFile, path: Path
) -> None:
    assert file.current == Settings()
    assert file.changes() == {}
    assert file.state.problem == ""
    assert not path.exists()


def test_a_changed_setting_is_seen_at_once_and_by_a_new_reader(
    file: SettingsFile, path: Path
) -> None:
    file.update({"chat.temperature": "0.5", "providers.x.enabled": "no"})
    assert file.current.chat.temperature == 0.5
    assert SettingsFile(lambda: path).current == file.current
    assert kept(path) == {
        "schema_version": 1,
        "chat": {"temperature": 0.5},
        "providers": {"x": {"enabled": False}},
    }


def test_the_settings_file_is_private_and_leaves_no_other_file(
    file: SettingsFile, path: Path
) -> None:
    file.update({"model": "a/b"})
    path.chmod(0o644)
    file.update({"model": "a/c"})
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert others(path) == []


def test_resetting_a_setting_removes_it_from_the_file(
    file: SettingsFile, path: Path
) -> None:
    file.update({"chat.temperature": 1, "providers.x.enabled": False, "model": "a/b"})
    file.reset("chat.temperature", "providers.x.enabled")
    assert kept(path) == {"schema_version": 1, "model": "a/b"}
    file.reset("model", "chat.system")
    assert kept(path) == {"schema_version": 1}
    assert file.current == Settings()


def test_an_update_with_one_invalid_value_changes_nothing(
    file: SettingsFile, path: Path
) -> None:
    with pytest.raises(UsageError):
        file.update({"chat.temperature": 1, "chat.max_tokens": "many"})
    assert not path.exists()


def test_unknown_keys_of_the_file_survive_a_change(
    file: SettingsFile, path: Path
) -> None:
    theirs = {
        "future": {"deep": [1, {"x": None}]},
        "chat": {"style": "é🦙", "temperature": 9},
        "providers": {"OpenAI": {"region": "eu"}},
    }
    path.write_text(json.dumps(theirs))
    file.update({"providers.openai.enabled": False, "model": "a/b"})
    assert kept(path) == {
        **theirs,
        "providers": {"OpenAI": {"region": "eu", "enabled": False}},
        "schema_version": 1,
        "model": "a/b",
    }
    assert {*file.state.ignored} == {
        "future",
        "chat.style",
        "chat.temperature",
        "providers.OpenAI.region",
    }
    file.reset("providers.openai.enabled")
    assert kept(path)["providers"] == theirs["providers"]


def test_a_change_by_another_kernel_is_seen_and_emitted(path: Path) -> None:
    heard: list[SettingsChanged] = []
    mine = SettingsFile(lambda: path, changed=heard.append)
    theirs = SettingsFile(lambda: path)
    assert mine.current.model is None
    theirs.update({"model": "a/b", "providers.x.enabled": False})
    assert mine.current.model == "a/b"
    assert heard == [SettingsChanged(("model", "providers.x.enabled"))]
    assert mine.current.model == "a/b"
    theirs.reset("model")
    mine.update({"chat.temperature": 1})
    assert heard[1:] == [
        SettingsChanged(("model",)),
        SettingsChanged(("chat.temperature",)),
    ]


def test_a_change_that_keeps_the_file_size_is_seen(path: Path) -> None:
    mine, theirs = SettingsFile(lambda: path), SettingsFile(lambda: path)
    for model in ("a/b", "a/c", "a/d"):
        theirs.update({"model": model})
        assert mine.current.model == model


def test_concurrent_kernels_do_not_lose_each_others_changes(path: Path) -> None:
    code = (
        "import sys; from pathlib import Path;"
        "from parllama_nb.settings.file import SettingsFile;"
        "f = SettingsFile(lambda: Path(sys.argv[1]));"
        "[f.update({f'providers.k{sys.argv[2]}n{n}.enabled': False})"
        " for n in range(25)]"
    )
    kernels = [
        subprocess.Popen([sys.executable, "-c", code, str(path), str(number)])
        for number in range(4)
    ]
    assert [kernel.wait(120) for kernel in kernels] == [0] * 4
    assert len(SettingsFile(lambda: path).current.providers) == 100
    assert others(path) == []


def test_a_kernel_killed_in_a_change_leaves_the_old_file_or_the_new(
    path: Path,
) -> None:
    SettingsFile(lambda: path).update({"model": "a/b", "chat.system": "x" * 9_000})
    code = (
        "import os, sys; from pathlib import Path;"
        "from parllama_nb.settings.file import SettingsFile;"
        "old = getattr(os, sys.argv[2]);"
        "setattr(os, sys.argv[2], lambda *a: os._exit(9));"
        "SettingsFile(lambda: Path(sys.argv[1])).update({'model': 'a/c'})"
    )
    for step in ("fsync", "replace"):
        killed = subprocess.run(
            [sys.executable, "-c", code, str(path), step], check=False
        )
        assert killed.returncode == 9
        settings = SettingsFile(lambda: path)
        assert settings.current.model in {"a/b", "a/c"}
        assert settings.state.problem == ""
    # Its lock does not outlive it: the next change works.
    assert SettingsFile(lambda: path).update({"model": "a/d"}).model == "a/d"


def test_a_change_is_refused_while_another_kernel_holds_the_lock(
    file: SettingsFile, path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from filelock import FileLock

    monkeypatch.setattr(whole_files, "_LOCK_SECONDS", 0.05)
    with (
        FileLock(path.with_name("settings.json.lock")),
        pytest.raises(SettingsError, match="another kernel"),
    ):
        file.update({"model": "a/b"})
    file.update({"model": "a/b"})


# files that are damaged, newer or not files


DAMAGED = {
    "no JSON": b"These are notes.",
    "truncated": b'{"model": "a/b", "chat": {',
    "a list": b"[1, 2]",
    "a number": b"7",
    "null": b"null",
    "bytes": b"\xff\xfe\x00{}",
    "deep": b'{"a":' * 50_000,
    "a large one": b'{"model": "' + b"x" * 10_000_000 + b'"}',
    "a strange version": b'{"schema_version": "1"}',
    "no version": b'{"schema_version": 0}',
    "a true version": b'{"schema_version": true}',
}


@pytest.mark.parametrize("what", DAMAGED)
def test_a_damaged_file_is_reported_and_moved_aside_by_the_next_change(
    file: SettingsFile, path: Path, what: str
) -> None:
    path.write_bytes(DAMAGED[what])
    assert file.current == Settings()
    state = file.state
    assert str(path) in state.problem
    assert "\n" not in state.problem
    assert "moved aside" in state.remedy
    # Until then it can be corrected by hand.
    assert path.read_bytes() == DAMAGED[what]
    file.update({"model": "a/b"})
    assert file.state.problem == ""
    assert kept(path) == {"schema_version": 1, "model": "a/b"}
    (aside,) = others(path)
    assert aside.startswith("settings.json.damaged-")
    assert (path.parent / aside).read_bytes() == DAMAGED[what]


def test_no_damaged_file_overwrites_an_earlier_one(
    file: SettingsFile, path: Path
) -> None:
    for number in range(3):
        path.write_text(f"damaged {number}")
        file.update({"model": "a/b"})
    texts = {(path.parent / name).read_text() for name in others(path)}
    assert texts == {f"damaged {number}" for number in range(3)}


@pytest.mark.parametrize("content", [b"", b"\n", b"\0" * 100])
def test_an_empty_file_is_reported_and_filled_by_the_next_change(
    file: SettingsFile, path: Path, content: bytes
) -> None:
    path.write_bytes(content)
    assert file.current == Settings()
    assert "is empty" in file.state.problem
    file.update({"model": "a/b"})
    assert file.state.problem == ""
    assert others(path) == []


def test_a_file_with_a_byte_order_mark_is_read(file: SettingsFile, path: Path) -> None:
    path.write_bytes(b'\xef\xbb\xbf{"model": "a/b"}')
    assert file.current.model == "a/b"


def test_a_file_of_a_newer_schema_is_read_and_never_written(
    file: SettingsFile, path: Path
) -> None:
    path.write_text('{"schema_version": 99, "model": "a/b"}')
    before = path.read_bytes()
    assert file.current.model == "a/b"
    with pytest.raises(SettingsError, match="newer") as caught:
        file.update({"model": "a/c"})
    assert "%pip install -U" in (caught.value.hint or "")
    assert path.read_bytes() == before
    assert others(path) == []


def test_an_older_file_is_brought_to_the_newest_schema(
    file: SettingsFile, path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def first(data: dict[str, Any]) -> dict[str, Any]:
        return {"model": data.pop("default_model"), **data}

    def second(data: dict[str, Any]) -> dict[str, Any]:
        return {**data, "model": f"a/{data['model']}"}

    monkeypatch.setattr(settings_disk, "MIGRATIONS", (first, second))
    path.write_text('{"schema_version": 1, "default_model": "b", "mine": 1}')
    assert file.current.model == "a/b"
    file.update({"chat.temperature": 1})
    assert kept(path) == {
        "schema_version": 3,
        "model": "a/b",
        "mine": 1,
        "chat": {"temperature": 1.0},
    }


def test_a_read_only_settings_file_is_read_and_not_replaced(
    file: SettingsFile, path: Path
) -> None:
    path.write_text('{"model": "a/b"}')
    path.chmod(0o400)
    assert file.current.model == "a/b"
    assert "read-only" in file.state.problem
    with pytest.raises(SettingsError, match="read-only"):
        file.update({"model": "a/c"})
    assert kept(path) == {"model": "a/b"}


def test_a_directory_in_place_of_the_file_is_reported(
    file: SettingsFile, path: Path
) -> None:
    path.mkdir()
    assert file.current == Settings()
    with pytest.raises(SettingsError, match="is a directory"):
        file.update({"model": "a/b"})
    assert path.is_dir()


def test_settings_without_a_directory_are_defaults_and_refuse_changes() -> None:
    def nowhere() -> Path:
        message = "The config directory cannot be made."
        raise StoreError(message, hint="Set a variable.")

    file = SettingsFile(nowhere)
    assert file.current == Settings()
    assert "cannot be made" in file.state.problem
    with pytest.raises(SettingsError, match="cannot be made") as caught:
        file.update({"model": "a/b"})
    assert caught.value.hint == "Set a variable."


def test_a_change_on_a_full_disk_fails_and_loses_nothing(
    file: SettingsFile, path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file.update({"model": "a/b"})

    def full(_handle: int) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as context:
        context.setattr(os, "fsync", full)
        with pytest.raises(SettingsError, match="No space left") as caught:
            file.update({"model": "a/c"})
    assert caught.value.__cause__ is None
    assert file.current.model == "a/b"
    assert others(path) == []


def test_a_symbolic_link_to_the_settings_stays_one(
    file: SettingsFile, path: Path, tmp_path: Path
) -> None:
    elsewhere = tmp_path / "dotfiles"
    elsewhere.mkdir()
    path.symlink_to(elsewhere / "mine.json")
    file.update({"model": "a/b"})
    assert path.is_symlink()
    assert kept(elsewhere / "mine.json")["model"] == "a/b"
    assert file.current.model == "a/b"


@pytest.fixture
def unprivileged() -> Iterator[Path]:
    """Another user's directory with a settings file, read as nobody if we are root."""
    place = Path(tempfile.mkdtemp())
    path = place / "settings.json"
    path.write_text('{"model": "a/b"}')
    path.chmod(0o644)
    place.chmod(0o555)
    root = os.geteuid() == 0
    if root:
        os.setresuid(65534, 65534, 0)
    try:
        yield path
    finally:
        if root:
            os.setresuid(0, 0, 0)
        place.chmod(0o755)
        shutil.rmtree(place)


@pytest.mark.skipif(not hasattr(os, "setresuid"), reason="needs setresuid")
def test_a_directory_without_write_permission_is_reported(unprivileged: Path) -> None:
    file = SettingsFile(lambda: unprivileged)
    assert file.current.model == "a/b"
    with pytest.raises(SettingsError, match="ermission"):
        file.update({"model": "a/c"})
    assert kept(unprivileged) == {"model": "a/b"}


def test_a_listener_may_read_the_settings(path: Path) -> None:
    seen: list[object] = []
    read: list[Callable[[], object]] = []
    file = SettingsFile(lambda: path, changed=lambda _: seen.append(read[0]()))
    read.append(lambda: file.current.model)
    file.update({"model": "a/b"})
    assert seen == ["a/b"]
