"""Whatever can be attached, read into the parts that are sent."""

from __future__ import annotations

import base64
import io
import os
import socket
import sys
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from parllama_nb.attachments.addresses.fetch import Fetcher
from parllama_nb.attachments.addresses.guard import Guard
from parllama_nb.attachments.attachment import Attachment, Limits, parts_to_send
from parllama_nb.attachments.reader import AttachmentReader
from parllama_nb.attachments.sources import NamedFile, named_value
from parllama_nb.errors import UsageError
from parllama_nb.providers.messages import DocumentPart, ImagePart

from . import pdfs
from .file_server import FileServer
from .files import notebook, png, program

READER = AttachmentReader()


def written(folder: Path, name: str, data: bytes) -> Path:
    path = folder / name
    path.write_bytes(data)
    return path


async def test_an_image_is_sent_unchanged_whatever_it_comes_as(tmp_path: Path) -> None:
    path = written(tmp_path, "chart.txt", png())
    url = f"data:image/png;base64,{base64.b64encode(png()).decode()}"
    for given in (path, str(path), png(), bytearray(png()), url, ImagePart(url)):
        found = await READER.read(given)
        assert found.parts == (ImagePart(url),)
        assert (found.kind, found.size, found.pixels) == ("image", len(png()), (4, 3))
        assert found.tokens > 100
    assert (await READER.read(path)).name == "chart.txt"
    assert await READER.read(found) is found


async def test_an_image_of_another_format_is_sent_as_png() -> None:
    image = pytest.importorskip("PIL.Image")
    file = io.BytesIO()
    image.new("RGB", (5, 6)).save(file, format="TIFF")

    found = await READER.read(NamedFile("scan.tif", file.getvalue()))

    assert (found.media_type, found.pixels) == ("image/png", (5, 6))
    assert found.notes == ("sent as PNG",)
    assert str(found).startswith("scan.tif, image, 5 x 6, ")


async def test_objects_that_show_themselves_as_images_are_attached() -> None:
    image = pytest.importorskip("PIL.Image")
    figure = pytest.importorskip("matplotlib.figure").Figure(figsize=(1, 1), dpi=20)
    figure.subplots().plot([1, 2])
    from IPython.display import Image as Shown

    for given, pixels in (
        (image.new("RGB", (5, 6)), (5, 6)),
        (figure, (20, 20)),
        (Shown(data=png()), (4, 3)),
        (SimpleNamespace(_repr_png_=png), (4, 3)),
    ):
        found = await READER.read(given)
        assert (found.kind, found.pixels) == ("image", pixels)
    with pytest.raises(UsageError, match="a value of the type int"):
        await READER.read(7)


async def test_a_pdf_file_is_its_text_and_the_original(tmp_path: Path) -> None:
    data = pdfs.pdf(["Hello", "world"], "Greeting")
    path = written(tmp_path, "a.bin", data)

    found = await READER.read(path)

    (part,) = found.parts
    assert isinstance(part, DocumentPart)
    assert part.text == "[page 1]\nHello\n\n[page 2]\nworld"
    assert part.title == "Greeting (a.bin)"
    assert part.data == (
        f"data:application/pdf;base64,{base64.b64encode(data).decode()}"
    )
    # A path says something of this machine.
    assert str(tmp_path) not in repr(part.source)
    assert (found.kind, found.pages, found.size) == ("pdf", 2, len(data))
    assert found.excerpt == part.text
    assert found.notes == ()
    assert "data:" not in repr(found)


async def test_pages_that_are_pictures_are_said_to_be() -> None:
    few = await READER.read(pdfs.pdf(["", ""]))
    assert few.notes == ("without text: its pages are pictures",)
    with pytest.raises(UsageError, match="no text in it: its 101 pages are pictures"):
        await READER.read(pdfs.pdf([""] * 101))


async def test_a_long_pdf_file_is_only_its_text_as_far_as_it_is_read() -> None:
    reader = AttachmentReader(lambda: Limits(pages=3))
    found = await reader.read(pdfs.pdf(["page"] * 101))

    (part,) = found.parts
    assert isinstance(part, DocumentPart)
    assert part.data == ""
    assert found.notes == ("text of 3 of 101 pages",)


@pytest.mark.parametrize(
    ("name", "data", "kind", "has"),
    [
        ("n.ipynb", notebook(), "notebook", "print('```')"),
        ("t.csv", b"a,b\n1,2\n", "table", "Table of 1 rows and 2 columns"),
        ("a.py", b"x = 1\n", "text", "x = 1\n"),
        ("a.txt", "grüße".encode("utf-16"), "text", "grüße"),
    ],
)
async def test_a_document_is_its_text(
    name: str, data: bytes, kind: str, has: str
) -> None:
    found = await READER.read(NamedFile(name, data))

    (part,) = found.parts
    assert isinstance(part, DocumentPart)
    assert found.kind == kind
    assert has in part.text
    assert part.data == ""
    assert name in part.title
    assert found.size == len(data)


async def test_ten_megabytes_of_text_are_cut_and_say_so() -> None:
    found = await READER.read(NamedFile("log.txt", b"line of a log\n" * 750_000))

    (part,) = found.parts
    assert isinstance(part, DocumentPart)
    assert 490_000 < len(part.text) <= 500_000
    assert found.notes == (f"the first {len(part.text):,} of 10,500,000 characters",)
    assert len(found.excerpt) <= 600


async def test_an_image_of_300_mb_is_refused_before_it_is_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = written(tmp_path, "huge.png", png())
    os.truncate(path, 300_000_000)  # a file with a hole: it takes no room
    import psutil

    before = psutil.Process().memory_info().rss
    with pytest.raises(UsageError) as caught:
        await READER.read(path)

    assert str(caught.value) == (
        "huge.png is 300 MB; the limit is 50.0 MB. Attach a smaller file, or a part "
        "of it."
    )
    assert psutil.Process().memory_info().rss - before < 20_000_000


async def test_a_renamed_program_is_refused_by_its_bytes(tmp_path: Path) -> None:
    path = written(tmp_path, "picture.png", program())

    with pytest.raises(UsageError, match=r"picture\.png is a program \(ELF\)"):
        await READER.read(path)


async def test_what_is_no_file_is_named_for_what_it_is(tmp_path: Path) -> None:
    pipe, sock = tmp_path / "pipe", str(tmp_path / "sock")
    os.mkfifo(pipe)
    server = socket.socket(socket.AF_UNIX)
    server.bind(sock)
    cases: list[tuple[Any, str]] = [
        (tmp_path, "is a folder"),
        (pipe, "pipe is a pipe, not a file"),
        (sock, "sock is a socket, not a file"),
        ("/dev/zero", "zero is a device, not a file"),
        (written(tmp_path, "empty.txt", b""), r"empty\.txt is empty"),
        (tmp_path / "none.png", "There is no file"),
        ("", "not the path of a file"),
        ("a\0b", "not the path of a file"),
        ("~nobody-of-that-name/x", "There is no file"),
        ("x" * 5_000, "cannot be read: File name too long"),
        ("data:image/png;base64,%%%", "data: URL is damaged"),
        ("data:nothing", "data: URL is damaged"),
    ]
    for given, says in cases:
        with pytest.raises(UsageError, match=says) as caught:
            await READER.read(given)
        assert caught.value.hint
        assert "\n" not in str(caught.value)
    server.close()


@pytest.mark.skipif(os.getuid() == 0, reason="root may read everything")
async def test_a_file_without_permission_says_so(tmp_path: Path) -> None:
    path = written(tmp_path, "mine.txt", b"x")
    path.chmod(0)

    with pytest.raises(UsageError, match="you have no permission"):
        await READER.read(path)


@pytest.mark.skipif(sys.platform != "linux", reason="it is a file of Linux")
async def test_a_file_that_cannot_be_read_says_why() -> None:
    # A regular file, whose first byte is nothing that a process may read.
    with pytest.raises(UsageError, match="mem cannot be read: Input/output error"):
        await READER.read("/proc/self/mem")


async def test_only_an_image_will_do_where_one_is_asked_for() -> None:
    with pytest.raises(UsageError, match=r"a\.txt is no image"):
        await READER.read(NamedFile("a.txt", b"text"), image=True)


async def test_all_attachments_of_a_message_have_a_limit_together() -> None:
    reader = AttachmentReader(lambda: Limits(message=1_000))
    text = NamedFile("a.txt", b"x" * 400)

    assert len(await reader.read_all([text, text])) == 2
    with pytest.raises(UsageError) as caught:
        await reader.read_all([text, text, text, "/does/not/matter"])

    assert str(caught.value) == (
        "The 3 attachments have 1.2 kB; the limit of one message is 1.0 kB. Send some "
        "of them with another question."
    )


async def test_documents_are_numbered_so_that_they_can_be_cited() -> None:
    read: list[Attachment] = [
        await READER.read(NamedFile("a.txt", b"first")),
        await READER.read(png()),
        await READER.read(NamedFile("b.txt", b"second")),
    ]

    first, image, second = parts_to_send(read)

    assert isinstance(image, ImagePart)
    assert isinstance(first, DocumentPart)
    assert isinstance(second, DocumentPart)
    assert (first.id, first.text, second.id, second.text) == (
        "1",
        "first",
        "2",
        "second",
    )


async def test_a_name_from_elsewhere_is_one_short_line() -> None:
    found = await READER.read(NamedFile("a\n\x1b[31m\u202eb" + "c" * 200, b"text"))

    assert "\n" not in found.name
    assert "\x1b" not in found.name
    assert "\u202e" not in found.name
    assert len(found.name) <= 81


async def test_a_picture_address_that_redirects_to_this_machine_is_refused() -> None:
    reader = AttachmentReader(
        fetcher=Fetcher(Guard(lambda address: str(address) == "127.0.0.2"))
    )
    async with FileServer(
        {"/a.png": "http://127.0.0.1:1/secret.png", "/b.png": png()}
    ) as server:
        found = await reader.read(f"{server.url}/b.png", image=True)
        with pytest.raises(UsageError, match=r"127\.0\.0\.1 is this machine"):
            await reader.read(f"{server.url}/a.png", image=True)

    assert (found.name, found.source) == ("b.png", f"{server.url}/b.png")


def test_a_name_is_a_variable_before_it_is_a_path(tmp_path: Path) -> None:
    path = str(written(tmp_path, "a.txt", b"x"))

    assert named_value("chart", {"chart": 7}) == 7
    assert named_value(path, {}) == path
    assert named_value("https://a.test/b", {}) == "https://a.test/b"
    for text in ("chart", "", "a\0b", "~nobody-of-that-name"):
        with pytest.raises(UsageError, match="no variable, no file and no address"):
            named_value(text, {})
