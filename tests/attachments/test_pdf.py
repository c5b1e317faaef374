"""PDF files, read in a process that a bad one cannot get out of."""

from __future__ import annotations

import asyncio
import subprocess
import sys
import time
import zlib
from pathlib import Path

import psutil
import pytest

from parllama_nb.attachments.pdf.reading import PdfLimits, PdfText, read_pdf
from parllama_nb.errors import UsageError
from parllama_nb.events import Progress

from . import pdfs


async def read(data: bytes, limits: PdfLimits | None = None) -> PdfText:
    return await read_pdf(
        data, "a.pdf", pages=500, characters=500_000, limits=limits or PdfLimits()
    )


async def test_the_text_of_each_page_and_the_title_are_read() -> None:
    found = await read(pdfs.pdf(["Hello\nworld", "", "The end"], "On ends"))

    assert (found.pages, found.title, found.done) == (3, "On ends", True)
    assert found.text == "[page 1]\nHello\nworld\n\n[page 3]\nThe end"
    assert found.unread == {}


async def test_no_more_pages_and_characters_are_read_than_asked_for() -> None:
    data = pdfs.pdf(["a" * 50, "b" * 50, "c" * 50])
    shown: list[Progress] = []

    few = await read_pdf(data, "a.pdf", pages=2, characters=1_000, report=shown.append)
    short = await read_pdf(data, "a.pdf", pages=9, characters=60)

    assert sorted(few.texts) == [1, 2]
    assert [(each.done, each.total) for each in shown] == [(1, 2), (2, 2)]
    assert sum(map(len, short.texts.values())) <= 61
    assert sorted(short.texts) == [1, 2]


@pytest.mark.parametrize("make", [pdfs.bomb, pdfs.slow], ids=["bomb", "slow"])
async def test_a_bomb_is_one_clear_error_and_costs_the_kernel_nothing(
    make: object,
) -> None:
    data = make()  # type: ignore[operator]
    own = psutil.Process()
    before, begun = own.memory_info().rss, time.monotonic()

    with pytest.raises(UsageError) as caught:
        await read(data, PdfLimits(seconds=3, page_seconds=1))

    assert str(caught.value).startswith("a.pdf cannot be read")
    assert caught.value.hint
    assert time.monotonic() - begun < 30
    assert own.memory_info().rss - before < 100_000_000
    # Other tests of this process have children, too.
    ours = str(Path("attachments", "pdf", "child.py"))
    assert not [c for c in own.children() if ours in " ".join(c.cmdline())]


@pytest.mark.parametrize("make", [pdfs.nested, pdfs.recursive])
async def test_objects_within_objects_without_end_are_survived(make: object) -> None:
    found = await read(make())  # type: ignore[operator]

    assert found.pages == 1


async def test_a_bad_page_costs_no_other_page() -> None:
    good = pdfs.of_contents([zipped(pdfs.text_page("fine"))])
    bad = pdfs.of_contents([zipped(pdfs.text_page("fine")), unfolding(1 << 28)])

    assert (await read(good)).unread == {}
    found = await read(bad)
    assert "fine" in found.text
    assert list(found.unread) == [2]


def zipped(content: bytes) -> bytes:
    data = zlib.compress(content)
    return b"<< /Length %d /Filter /FlateDecode >>\nstream\n%b\nendstream" % (
        len(data),
        data,
    )


def unfolding(size: int) -> bytes:
    return zipped(bytes(size))


async def test_memory_that_is_not_there_is_one_clear_error() -> None:
    with pytest.raises(UsageError, match="more than fits in memory"):
        await read(pdfs.pdf(["x"]), PdfLimits(memory=1 << 24))


async def test_a_file_that_is_encrypted_says_so(tmp_path: Path) -> None:
    import io

    from pypdf import PdfReader, PdfWriter

    def encrypted(password: str) -> bytes:
        writer = PdfWriter(clone_from=PdfReader(io.BytesIO(pdfs.pdf(["hidden"]))))
        writer.encrypt(password, "owner", algorithm="AES-256")
        file = io.BytesIO()
        writer.write(file)
        return file.getvalue()

    with pytest.raises(UsageError, match="encrypted with a password"):
        await read(encrypted("secret"))
    # Without a password to open it, every viewer shows it.
    assert "hidden" in (await read(encrypted(""))).text


@pytest.mark.parametrize(
    "data", [b"%PDF-1.7\n", b"%PDF-1.7\n" + bytes(1000), pdfs.pdf(["x"])[:200]]
)
async def test_a_damaged_file_says_so(data: bytes) -> None:
    with pytest.raises(UsageError, match=r"a\.pdf (is damaged|has no pages)"):
        await read(data)


async def test_a_cancel_ends_the_process_at_once() -> None:
    own = psutil.Process()
    before = set(own.children())
    reading = asyncio.ensure_future(read(pdfs.slow(1)))
    while not set(own.children()) - before:  # noqa: ASYNC110 - nobody says so
        await asyncio.sleep(0.01)
    (child,) = set(own.children()) - before

    reading.cancel()
    with pytest.raises(asyncio.CancelledError):
        await reading

    assert not child.is_running()


async def test_a_file_of_the_current_folder_is_no_module(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("pypdf.py", "json.py"):
        (tmp_path / name).write_text("raise SystemExit('taken over')")
    monkeypatch.chdir(tmp_path)

    assert (await read(pdfs.pdf(["x"]))).pages == 1


def test_the_child_writes_no_file(tmp_path: Path) -> None:
    from parllama_nb.attachments.pdf import child

    code = (
        f"import pathlib, runpy; m = runpy.run_path({child.__file__!r}); "
        "m['_limit'](1 << 30, 9); pathlib.Path('made').write_text('x' * 9)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=tmp_path, capture_output=True, check=False
    )

    assert done.returncode
    assert (tmp_path / "made").stat().st_size == 0
