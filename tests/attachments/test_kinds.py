"""What a file is, told by its bytes."""

from __future__ import annotations

import io

import pytest

from parllama_nb.attachments.kinds import kind_of
from parllama_nb.errors import UsageError

from .files import notebook, office, png, program, zipped


@pytest.mark.parametrize(
    ("data", "name", "kind", "media_type"),
    [
        (png(), "chart.txt", "image", "image/png"),
        (b"\xff\xd8\xff\xe0rest", "a", "image", "image/jpeg"),
        (b"GIF89a....", "a.pdf", "image", "image/gif"),
        (b"RIFF\0\0\0\0WEBPVP8 ", "a", "image", "image/webp"),
        (b"BM\x46\0\0\0\0\0\0\0\x36\0", "a.png", "image", "image/*"),
        (b"II*\0\x08\0\0\0", "a", "image", "image/*"),
        (b"MM\0*\0\0\0\x08", "a", "image", "image/*"),
        (b"P3 2 2 255 0 0 0", "a", "image", "image/*"),
        (b"%PDF-1.4\n", "a.docx", "pdf", "application/pdf"),
        (b"\n\njunk %PDF-1.4\n", "a", "pdf", "application/pdf"),
        (notebook(), "a.txt", "notebook", "application/x-ipynb+json"),
        (b"a,b\n1,2\n", "a.csv", "table", "text/csv"),
        (b"a\tb\n1\t2\n", "a.tsv", "table", "text/tab-separated-values"),
        (b"a,b\n1,2\n", "a", "text", "text/plain"),
        (b"# Title\n", "a.MD", "text", "text/markdown"),
        (b"#!/bin/sh\necho\n", "run", "text", "text/plain"),
        (b'{"cells": "none", "nbformat": 4}', "a.ipynb", "text", "text/plain"),
        (b"BMW is a maker of cars.", "a", "text", "text/plain"),
        (b"MZ is not a program here.", "a", "text", "text/plain"),
        ("grüße".encode("utf-16"), "a.txt", "text", "text/plain"),
        ("\ufeffgrüße".encode(), "a.txt", "text", "text/plain"),
        (
            b"<svg xmlns='http://www.w3.org/2000/svg'/>",
            "a.svg",
            "text",
            "image/svg+xml",
        ),
    ],
)
def test_a_file_is_what_its_bytes_are_not_its_name(
    data: bytes, name: str, kind: str, media_type: str
) -> None:
    found = kind_of(data, name)

    assert (found.kind, found.media_type) == (kind, media_type)


def pickled() -> bytes:
    import pickle

    return pickle.dumps({"a": [1, 2]})


def array() -> bytes:
    import numpy as np

    file = io.BytesIO()
    np.save(file, np.arange(3))
    return file.getvalue()


@pytest.mark.parametrize(
    ("data", "says", "hint"),
    [
        (program(), "a program (ELF)", "source code"),
        (b"MZ\x90\0\x03\0\0\0", "a program (Windows)", "source code"),
        (b"\xcf\xfa\xed\xfe\x07\0", "a program (Mach-O or Java)", "source code"),
        (b"\xca\xfe\xba\xbe\0\0\0\x34", "a program (Mach-O or Java)", "source code"),
        (office(), "an office file or a book", "Save it as PDF"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(99), "office", "Save it as PDF"),
        (b"{\\rtf1\\ansi}", "an office file (RTF)", "Save it as PDF"),
        (zipped(a__b="x"), "an archive (zip)", "Unpack it"),
        (b"\x1f\x8b\x08\0", "an archive, or compressed", "Unpack it"),
        (b"7z\xbc\xaf\x27\x1c", "an archive, or compressed", "Unpack it"),
        (b"Rar!\x1a\x07\0", "an archive, or compressed", "Unpack it"),
        (b"name" + bytes(253) + b"ustar\0", "an archive", "Unpack it"),
        (b"ID3\x04\0", "sound or film", "transcript"),
        (b"\0\0\0\x20ftypisom\0\0", "sound or film", "transcript"),
        (b"SQLite format 3\0", "binary data", "notebook"),
        (pickled(), "binary data", "notebook"),
        (array(), "binary data", "notebook"),
        (b"a\0b\0\0\xff", "a binary file", "UTF-8"),
        ("grüße".encode("latin-1"), "is not UTF-8", "UTF-8"),
        (b"", "is empty", "holds something"),
        (b" \n\t\n", "nothing but blanks", "holds something"),
    ],
)
def test_what_cannot_be_attached_is_refused_by_what_it_is(
    data: bytes, says: str, hint: str
) -> None:
    with pytest.raises(UsageError) as caught:
        kind_of(data, "picture.png")

    assert says in caught.value.message
    assert caught.value.message.startswith("picture.png ")
    assert caught.value.hint
    assert hint in caught.value.hint
    assert "\n" not in str(caught.value)
