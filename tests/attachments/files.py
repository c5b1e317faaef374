"""Files of many kinds, by the bytes that they begin with."""

from __future__ import annotations

import io
import json
import struct
import zipfile
import zlib

__all__ = ["notebook", "office", "png", "program", "zipped"]


def png(size: int = 0) -> bytes:
    """Return a picture of 4 x 3 pixels, filled up to a size with a private chunk."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        check = zlib.crc32(kind + data)
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", check)

    head = struct.pack(">IIBBBBB", 4, 3, 8, 2, 0, 0, 0)
    pixels = zlib.compress(b"".join(b"\0" + b"\xff\0\0" * 4 for _ in range(3)))
    start = b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", pixels)
    end = chunk(b"IEND", b"")
    missing = size - len(start) - len(end) - 12
    return start + (chunk(b"fiLl", bytes(missing)) if missing > 0 else b"") + end


def program() -> bytes:
    """Return the beginning of a program of Linux."""
    return b"\x7fELF\2\1\1" + bytes(400)


def zipped(**files: str) -> bytes:
    """Return an archive of these files; `__` in a name is a slash."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        for name, text in files.items():
            archive.writestr(name.replace("__", "/"), text)
    return file.getvalue()


def office() -> bytes:
    """Return what a word processor writes."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("[Content_Types].xml", "<Types/>")
        archive.writestr("word/document.xml", "<document/>")
    return file.getvalue()


def notebook() -> bytes:
    """Return a notebook with text, code, and outputs of all kinds."""
    outputs = [
        {"output_type": "stream", "name": "stdout", "text": ["\x1b[31mred\x1b[0m\n"]},
        {
            "output_type": "display_data",
            "data": {"image/png": "AAAA", "text/plain": ["<Figure size 640x480>"]},
            "metadata": {},
        },
        {
            "output_type": "execute_result",
            "data": {"text/plain": "x" * 5_000},
            "metadata": {},
            "execution_count": 1,
        },
        {
            "output_type": "error",
            "ename": "ValueError",
            "evalue": "no",
            "traceback": ["SECRET TRACEBACK"],
        },
    ]
    cells = [
        {"cell_type": "markdown", "metadata": {}, "source": ["# Growth\n", "of cells"]},
        {
            "cell_type": "code",
            "metadata": {},
            "execution_count": 1,
            "source": ["print('```')\n", "```\n"],
            "outputs": outputs,
        },
    ]
    metadata = {"kernelspec": {"language": "julia", "name": "j", "display_name": "J"}}
    whole = {"cells": cells, "metadata": metadata, "nbformat": 4, "nbformat_minor": 5}
    return json.dumps(whole).encode()
