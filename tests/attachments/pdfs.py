"""PDF files, written by hand: good ones, and those that nobody should read."""

from __future__ import annotations

import zlib
from collections.abc import Sequence

__all__ = ["bomb", "nested", "pdf", "recursive", "slow", "text_page"]


def _file(objects: Sequence[bytes], *, trailer: bytes = b"") -> bytes:
    """Return a file of these objects, of which the first is the catalog."""
    out = bytearray(b"%PDF-1.7\n")
    places = []
    for number, body in enumerate(objects, 1):
        places.append(len(out))
        out += b"%d 0 obj\n%b\nendobj\n" % (number, body)
    start = len(out)
    out += b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1)
    for place in places:
        out += b"%010d 00000 n \n" % place
    out += b"trailer\n<< /Size %d /Root 1 0 R %b >>\n" % (len(objects) + 1, trailer)
    return bytes(out + b"startxref\n%d\n%%%%EOF\n" % start)


def _stream(data: bytes, filters: int = 0) -> bytes:
    for _ in range(filters):
        data = zlib.compress(data, 9)
    names = b"/FlateDecode " * filters
    return b"<< /Length %d /Filter [%b] >>\nstream\n%b\nendstream" % (
        len(data),
        names,
        data,
    )


def text_page(text: str) -> bytes:
    """Return the content of a page that shows a text."""
    lines = b"".join(
        b"(%b) Tj 0 -14 Td " % line.replace("(", "").replace(")", "").encode("latin-1")
        for line in text.split("\n")
    )
    return b"BT /F1 12 Tf 72 720 Td " + lines + b"ET"


def pdf(pages: Sequence[str], title: str = "") -> bytes:
    """Return a file with a page for each text."""
    return of_contents([_stream(text_page(page), 1) for page in pages], title)


def of_contents(contents: Sequence[bytes], title: str = "") -> bytes:
    """Return a file with a page for each content, which is a stream object."""
    count = len(contents)
    kids = b" ".join(b"%d 0 R" % (5 + 2 * i) for i in range(count))
    objects = [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Count %d /Kids [%b] >>" % (count, kids),
        b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>",
        b"<< /Title (%b) >>" % title.encode("latin-1"),
    ]
    for i, content in enumerate(contents):
        objects += [
            b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 612 792] /Contents %d 0 R "
            b"/Resources << /Font << /F1 3 0 R >> >> >>" % (6 + 2 * i),
            content,
        ]
    return _file(objects, trailer=b"/Info 4 0 R" if title else b"")


def bomb(gigabytes: int = 8) -> bytes:
    """Return a small file whose page unfolds to some gigabytes of blanks."""
    # One piece, packed once: the bomb must not go off here.
    packer = zlib.compressobj(9, zlib.DEFLATED, -15)
    piece = packer.compress(b" " * (1 << 24)) + packer.flush(zlib.Z_FULL_FLUSH)
    packed = b"\x78\xda" + piece * (64 * gigabytes) + b"\x03\0" + bytes(4)
    data = zlib.compress(packed, 9)
    return of_contents(
        [
            b"<< /Length %d /Filter [/FlateDecode /FlateDecode] >>\nstream\n%b\n"
            b"endstream" % (len(data), data)
        ]
    )


def nested(depth: int = 100_000) -> bytes:
    """Return a file whose page is arrays within arrays."""
    return of_contents([_stream(b"[" * depth + b"]" * depth, 1)])


def recursive() -> bytes:
    """Return a file with a form that draws itself, twice."""
    own = b"/Resources << /XObject << /X 5 0 R >> >>"
    objects = [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Count 1 /Kids [3 0 R] >>",
        b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 9 9] /Contents 4 0 R %b >>" % own,
        _stream(b"/X Do"),
        b"<< /Type /XObject /Subtype /Form /BBox [0 0 9 9] /Length 11 %b >>\n"
        b"stream\n/X Do /X Do\nendstream" % own,
    ]
    return _file(objects)


def slow(pages: int = 50) -> bytes:
    """Return a file whose every page takes long: millions of operators."""
    content = _stream(b"BT /F1 12 Tf " + b"(a) Tj " * 3_000_000 + b"ET", 1)
    return of_contents([content] * pages)
