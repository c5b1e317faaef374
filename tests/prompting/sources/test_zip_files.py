"""Zip archives: honest ones are read, and every other one is refused in one line."""

from __future__ import annotations

import io
import random
import struct
import sys
import threading
import zipfile
import zlib
from pathlib import Path

import pytest

from parllama_nb.errors import StoppedError, UsageError
from parllama_nb.prompting.sources.zip_files.archive import Limits, opened
from parllama_nb.prompting.sources.zip_files.names import RefusedZipError
from tests.prompting.sources.zips import (
    Member,
    deflated,
    fabric_zip,
    hostile,
    with_wide_end,
    written,
)

MIB = 1 << 20


def read(path: Path, data: bytes, limits: Limits | None = None) -> dict[str, bytes]:
    path.write_bytes(data)
    with opened(path, "that.zip", limits=limits, hint="Name another.") as archive:
        return dict(archive.contents(lambda entry: entry.path.endswith(".md")))


def refusal(path: Path, data: bytes, limits: Limits | None = None) -> str:
    path.write_bytes(data)
    with (
        pytest.raises(UsageError) as caught,
        opened(path, "that.zip", limits=limits, hint="Name another.") as archive,
    ):
        for _ in archive.contents(lambda entry: entry.path == "a.md", verify=True):
            pass
    assert caught.value.__suppress_context__
    assert caught.value.hint == "Name another."
    return caught.value.message


def test_every_hostile_archive_is_refused_in_one_line_and_leaves_no_file(
    tmp_path: Path,
) -> None:
    path, refused = tmp_path / "that.zip", {}
    for what, data in hostile():
        message = refusal(path, data)
        assert message.startswith("that.zip is not read: "), what
        assert message.isprintable(), what
        assert len(message) < 200, what
        refused[what] = message
    assert len(refused) > 130
    assert [each.name for each in tmp_path.iterdir()] == ["that.zip"]


def test_an_archive_that_is_cut_anywhere_is_refused(tmp_path: Path) -> None:
    data = fabric_zip()
    for part in range(50):
        assert refusal(tmp_path / "a.zip", data[: len(data) * part // 50])
    for missing in range(1, 80):
        assert refusal(tmp_path / "a.zip", data[:-missing])


def test_an_archive_with_any_byte_changed_is_refused_or_says_the_same(
    tmp_path: Path,
) -> None:
    data, chance = fabric_zip(), random.Random(1)
    whole = read(tmp_path / "a.zip", data)
    for _ in range(200):
        changed = bytearray(data)
        changed[chance.randrange(len(data))] ^= 1 << chance.randrange(8)
        try:
            content = read(tmp_path / "a.zip", bytes(changed))
        except UsageError:
            continue
        assert content == whole


@pytest.mark.parametrize(
    "data",
    [
        written(Member("a.md", method=0)),
        written(Member("a.md"), comment=b"PK\5\6 is how an end begins"),
        written(Member("dir/", b"", method=0, mode=0o40755), Member("a.md")),
        written(Member("a.md", mode=0o100644, attributes=0x20)),
        # A descriptor behind the data, with and without its mark.
        *(
            written(
                Member(
                    "a.md",
                    flags=8,
                    local={"crc": 0, "packed": 0, "size": 0},
                    tail=mark + struct.pack(form, zlib.crc32(b"text"), 6, 4),
                )
            )
            for mark in (b"", b"PK\7\x08")
            for form in ("<3L", "<L2Q")
        ),
        # Zip64, as what streams an archive writes it.
        written(
            Member(
                "a.md",
                local={
                    "size": 0xFFFFFFFF,
                    "packed": 0xFFFFFFFF,
                    "extra": struct.pack("<2H2Q", 1, 16, 4, len(deflated(b"text"))),
                },
            )
        ),
        with_wide_end(written(Member("a.md"))),
        with_wide_end(written(Member("a.md")), unset=True),
    ],
)
def test_an_honest_archive_is_read(tmp_path: Path, data: bytes) -> None:
    assert read(tmp_path / "a.zip", data) == {"a.md": b"text"}


@pytest.mark.parametrize(
    "name",
    [
        "%2e%2e/a.md",
        "%00.md",
        "..a.md",
        "a..b/c.md",
        "ü/名前.md",
        "console.md",
        "a b.md",
    ],
)
def test_a_name_that_only_looks_odd_is_a_name(tmp_path: Path, name: str) -> None:
    assert list(read(tmp_path / "a.zip", written(Member(name)))) == [name]


def test_what_pythons_own_writer_makes_is_read_alike(tmp_path: Path) -> None:
    class Pipe(io.BytesIO):
        """Cannot be sought in, so that sizes stand behind the data."""

        def seekable(self) -> bool:
            return False

        def seek(self, *_: object) -> int:
            raise io.UnsupportedOperation

        def tell(self) -> int:
            raise io.UnsupportedOperation

    for stream in (io.BytesIO(), Pipe()):
        with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
            for number in range(30):
                archive.writestr(f"f{number}/ü.md", f"text {number} " * number)
        data = stream.getvalue()
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            whole = {name: archive.read(name) for name in archive.namelist()}
        assert read(tmp_path / "a.zip", data) == whole


@pytest.mark.parametrize(
    ("limits", "words"),
    [
        (Limits(archive=1_000), "more than 1.0 kB"),
        (Limits(entry=1_999), "'a.md' has more than 2.0 kB"),
        (Limits(entries=1), "2 entries, more than 1"),
        (Limits(total=3_999), "its files have more than 4.0 kB"),
        (Limits(ratio=1, free=1), "is a bomb"),
    ],
)
def test_what_is_beyond_a_limit_is_refused(
    tmp_path: Path, limits: Limits, words: str
) -> None:
    noise = random.Random(2).randbytes(1_000).hex().encode()
    data = written(Member("a.md", noise), Member("b.md", noise))
    assert set(read(tmp_path / "a.zip", data)) == {"a.md", "b.md"}
    assert words in refusal(tmp_path / "a.zip", data, limits)


def test_a_bomb_that_lies_is_found_in_its_first_pieces(tmp_path: Path) -> None:
    # 16 MB of zeros, and headers that say it is a small file.
    stream = zlib.compressobj(9, zlib.DEFLATED, -15)
    packed = b"".join(stream.compress(bytes(MIB)) for _ in range(16)) + stream.flush()
    lie: dict[str, int | bytes] = {"size": 60_000, "crc": 0}
    path = tmp_path / "a.zip"
    path.write_bytes(written(Member("a.md", packed=packed, local=lie, central=lie)))
    pieces = []
    with opened(path, "a.zip") as archive:
        content = archive._pieces(archive.entries[0])
        with pytest.raises(RefusedZipError, match="damaged"):
            pieces.extend(content)
    assert pieces == []


def test_a_reading_ends_when_it_is_stopped(tmp_path: Path) -> None:
    path, stop = tmp_path / "a.zip", threading.Event()
    path.write_bytes(written(Member("a.md"), Member("b.md")))
    seen = []
    with opened(path, "a.zip", stop=stop) as archive:
        contents = archive.contents(lambda _: True)
        seen.append(next(contents)[0])
        stop.set()
        with pytest.raises(StoppedError):
            next(contents)
    assert seen == ["a.md"]


def test_a_file_that_is_none_is_named(tmp_path: Path) -> None:
    missing = tmp_path / "missing.zip"
    with (
        pytest.raises(UsageError, match="cannot be read: No such file"),
        opened(missing, "missing.zip"),
    ):
        pass
    for begin in (b"", b"PK", b"<!doctype html>", b"\x1f\x8b\x08", b"Rar!\x1a\7"):
        assert "no zip archive" in refusal(tmp_path / "a.zip", begin)


@pytest.mark.skipif(sys.platform == "win32", reason="permissions of another kind")
def test_a_folder_in_the_place_of_an_archive_is_refused(tmp_path: Path) -> None:
    with (
        pytest.raises(UsageError, match="cannot be read: Is a directory"),
        opened(tmp_path, "that.zip"),
    ):
        pass
