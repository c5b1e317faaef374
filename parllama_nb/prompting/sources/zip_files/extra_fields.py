"""The extra fields of an entry: its zip64 values, and a second name."""

from __future__ import annotations

import struct
import zlib
from collections.abc import Mapping

from .names import RefusedZipError

__all__ = ["LONG", "SHORT", "check_unicode_path", "extra_fields", "widened"]

SHORT, LONG = 0xFFFF, 0xFFFFFFFF
"""What a field of 2 or 4 bytes holds whose value is in the zip64 field."""

_ZIP64, _UNICODE_PATH = 0x0001, 0x7075
"""Kinds of extra fields."""

_HEAD = 4
"""Bytes of the kind and the length of an extra field."""


def extra_fields(extra: bytes, path: str) -> dict[int, bytes]:
    """Return extra fields by their kinds.

    Raises:
        RefusedZipError: one is damaged, or one of those read here is there twice.

    """
    found: dict[int, bytes] = {}
    at = 0
    while at + _HEAD <= len(extra):
        kind, length = struct.unpack_from("<2H", extra, at)
        at += _HEAD
        twice = kind in found and kind in (_ZIP64, _UNICODE_PATH)
        if at + length > len(extra) or twice:
            reason = f"the extra fields of {path!r:.80} are damaged"
            raise RefusedZipError(reason)
        found[kind] = extra[at : at + length]
        at += length
    return found


def widened(
    fields: Mapping[int, bytes], path: str, *values: tuple[int, int]
) -> tuple[int, ...]:
    """Return values, each from the zip64 field if it is `SHORT` or `LONG`.

    Args:
        fields: the extra fields.
        path: names the entry in errors.
        values: in the order of the format: size, packed size, place, disk; each with
            what it holds if it is in the zip64 field.

    Raises:
        RefusedZipError: the zip64 field has too little or too much.

    """
    wide, at, result = fields.get(_ZIP64, b""), 0, []
    for value, unset in values:
        if value != unset:
            result.append(value)
            continue
        width = 4 if unset == SHORT else 8
        if at + width > len(wide):
            reason = f"the zip64 field of {path!r:.80} is missing or too short"
            raise RefusedZipError(reason)
        result.append(int.from_bytes(wide[at : at + width], "little"))
        at += width
    if at and at != len(wide):
        reason = f"the zip64 field of {path!r:.80} is too long"
        raise RefusedZipError(reason)
    return tuple(result)


def check_unicode_path(fields: Mapping[int, bytes], raw_name: bytes, path: str) -> None:
    """Refuse a second name in an extra field, which some readers use instead.

    Raises:
        RefusedZipError: there is one.

    """
    field = fields.get(_UNICODE_PATH)
    if field is None or len(field) < 5 or field[0] != 1:  # noqa: PLR2004
        return
    current = int.from_bytes(field[1:5], "little") == zlib.crc32(raw_name)
    if current and field[5:] != path.encode() + b"/" * raw_name.endswith(b"/"):
        reason = f"the entry {path!r:.80} has two names"
        raise RefusedZipError(reason)
