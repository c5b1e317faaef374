"""A GGUF file of a few hundred bytes, which says what a test wants it to say."""

from __future__ import annotations

import struct

__all__ = ["small_gguf"]

_INT, _STRING = 4, 8
_F16 = 1


def small_gguf(
    architecture: str = "llama", file_type: int = 1, window: int = 2048, **texts: str
) -> bytes:
    """The bytes of a file with one tensor of 64 weights.

    `file_type` is 1 for F16, 2 for Q4_0 and so on; a key of `texts` has `__` for a dot.
    """
    pairs: list[tuple[str, str | int]] = [
        ("general.architecture", architecture),
        ("general.file_type", file_type),
        (f"{architecture}.context_length", window),
        *((key.replace("__", "."), text) for key, text in texts.items()),
    ]
    head = b"GGUF" + struct.pack("<IQQ", 3, 1, len(pairs))
    for key, value in pairs:
        head += _text(key)
        if isinstance(value, str):
            head += struct.pack("<I", _STRING) + _text(value)
        else:
            head += struct.pack("<II", _INT, value)
    head += _text("token_embd.weight") + struct.pack("<IQIQ", 1, 64, _F16, 0)
    return head + bytes(-len(head) % 32) + bytes(128)


def _text(text: str) -> bytes:
    data = text.encode()
    return struct.pack("<Q", len(data)) + data
