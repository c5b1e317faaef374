"""Zip archives for tests: honest ones, and every kind of hostile one.

Hostile ones are written byte by byte, for Python's own writer would not write them.
"""

from __future__ import annotations

import io
import stat
import struct
import zipfile
import zlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

ROOT = "fabric-main/data/patterns"

SYSTEM = (
    "# IDENTITY and PURPOSE\n\n"
    "You are an expert at {what}. You take text in and give {what} out.\n\n"
    "# STEPS\n\n- Think.\n\n# INPUT:\n\nINPUT:\n"
)


def fabric_zip(files: Mapping[str, str | bytes] | None = None) -> bytes:
    """An archive in the layout of Fabric's own; `files` lie among its patterns."""
    patterns: dict[str, str | bytes] = {
        "analyze_tides/system.md": SYSTEM.format(what="tides"),
        "create_maps/system.md": SYSTEM.format(what="maps"),
        "create_maps/user.md": "CONTENT:\n",
        "translate/system.md": "# IDENTITY\n\nYou translate to {{lang_code}}, well.\n",
    }
    patterns |= {} if files is None else files
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.mkdir("fabric-main")
        archive.writestr("fabric-main/LICENSE", "MIT")
        for name, text in patterns.items():
            archive.writestr(f"{ROOT}/{name}", text)
        archive.comment = b"272f04dd3278f99bee49e94a7747b54708745a5d"
    return stream.getvalue()


@dataclass
class Member:
    """One entry, and what its two headers say of it if that is not the truth."""

    name: str | bytes
    data: bytes = b"text"
    method: int = 8
    flags: int = 0
    mode: int = 0
    attributes: int = 0
    central: dict[str, int | bytes] = field(default_factory=dict)
    local: dict[str, int | bytes] = field(default_factory=dict)
    packed: bytes | None = None
    extra: bytes = b""
    tail: bytes = b""


def written(
    *members: Member,
    end: Mapping[str, int] | None = None,
    before: bytes = b"",
    between: bytes = b"",
    comment: bytes = b"",
) -> bytes:
    """An archive of these entries, as they say."""
    body, directory = bytearray(before), bytearray()
    for each in members:
        raw = each.name if isinstance(each.name, bytes) else each.name.encode()
        is_ascii = raw.isascii() or isinstance(each.name, bytes)
        flags = each.flags | (0 if is_ascii else 0x800)
        packed = each.packed
        if packed is None:
            packed = deflated(each.data) if each.method == 8 else each.data
        truth: dict[str, int | bytes] = {
            "flags": flags,
            "method": each.method,
            "crc": zlib.crc32(each.data),
            "packed": len(packed),
            "size": len(each.data),
            "name": raw,
            "extra": each.extra,
            "place": len(body),
            "disk": 0,
        }
        local, central = truth | each.local, truth | each.central
        body += struct.pack(
            "<4s5H3L2H", b"PK\3\4", 20, local["flags"], local["method"], 0, 0x21,
            local["crc"], local["packed"], local["size"],
            len(local["name"]), len(local["extra"]),
        )  # fmt: skip
        body += local["name"] + local["extra"] + packed + each.tail
        directory += struct.pack(
            "<4s6H3L5H2L", b"PK\1\2", 0x314, 20, central["flags"], central["method"],
            0, 0x21, central["crc"], central["packed"], central["size"],
            len(central["name"]), len(central["extra"]), 0, central["disk"], 0,
            each.mode << 16 | each.attributes, central["place"],
        )  # fmt: skip
        directory += central["name"] + central["extra"]
    body += between
    said = {
        "disk": 0,
        "count": len(members),
        "size": len(directory),
        "begin": len(body),
        "comment": len(comment),
    } | dict(end or {})
    return bytes(
        body
        + directory
        + struct.pack(
            "<4s4H2LH",
            b"PK\5\6",
            said["disk"],
            said["disk"],
            said["count"],
            said["count"],
            said["size"],
            said["begin"],
            said["comment"],
        )
        + comment
    )


def deflated(data: bytes) -> bytes:
    stream = zlib.compressobj(9, zlib.DEFLATED, -15)
    return stream.compress(data) + stream.flush()


def _unicode_path(name: bytes, other: str) -> bytes:
    content = struct.pack("<BL", 1, zlib.crc32(name)) + other.encode()
    return struct.pack("<2H", 0x7075, len(content)) + content


def _zip64(*values: int) -> bytes:
    content = struct.pack(f"<{len(values)}Q", *values)
    return struct.pack("<2H", 1, len(content)) + content


def quoted_bomb(count: int = 40) -> bytes:
    """Entries that share one kernel: each quotes the headers of those behind it.

    https://www.bamsoftware.com/hacks/zipbomb/
    """
    kernel = deflated(bytes(50_000))
    data, crcs = bytes(50_000), []
    names = [f"{number:03}".encode() for number in range(count)]
    heads: list[bytes] = []
    chunk = kernel
    for name in reversed(names):
        crcs.append(zlib.crc32(data))
        head = struct.pack(
            "<4s5H3L2H", b"PK\3\4", 20, 0, 8, 0, 0x21, crcs[-1], len(chunk), len(data),
            len(name), 0,
        ) + name  # fmt: skip
        heads.append(head)
        # A stored block that quotes this header, before what it holds.
        quote = struct.pack("<BHH", 0, len(head), len(head) ^ 0xFFFF) + head
        data, chunk = head + data, quote + chunk
    body, places = bytearray(), []
    sizes: list[tuple[int, int, int]] = []
    packed, size = len(kernel), 50_000
    for crc, head in zip(crcs, heads, strict=True):
        sizes.append((crc, packed, size))
        packed, size = packed + 5 + len(head), size + len(head)
    for number, head in enumerate(reversed(heads)):
        places.append(len(body))
        body += head
        if number < count - 1:
            following = heads[count - 2 - number]
            body += struct.pack("<BHH", 0, len(following), len(following) ^ 0xFFFF)
    body += kernel
    directory = bytearray()
    for name, place, (crc, packed, size) in zip(
        names, places, reversed(sizes), strict=True
    ):
        directory += struct.pack(
            "<4s6H3L5H2L", b"PK\1\2", 20, 20, 0, 8, 0, 0x21, crc, packed, size,
            len(name), 0, 0, 0, 0, 0, place,
        ) + name  # fmt: skip
    end = struct.pack(
        "<4s4H2LH", b"PK\5\6", 0, 0, count, count, len(directory), len(body), 0
    )
    return bytes(body + directory + end)


def _named(*names: str | bytes) -> bytes:
    return written(*(Member(name) for name in names))


NAMES: dict[str, str | bytes] = {
    "a parent": "../evil.md",
    "a parent within": "a/../../evil.md",
    "a parent that stays inside": "a/../b.md",
    "a parent at the end": "a/..",
    "backslashes": "..\\evil.md",
    "a backslash": "a\\b.md",
    "mixed slashes": "a/..\\..\\evil.md",
    "an absolute path": "/etc/passwd",
    "two slashes": "//server/share/evil.md",
    "an empty part": "a//b.md",
    "UNC": "\\\\server\\share\\evil.md",
    "a drive": "C:/evil.md",
    "a drive alone": "C:evil.md",
    "a device path": "\\\\?\\C:\\evil.md",
    "a stream": "system.md:hidden",
    "this folder": "./evil.md",
    "this folder within": "a/./evil.md",
    "NUL within": "evil.md\0.txt",
    "NUL before": "\0",
    "a line break": "evil\nsystem.md",
    "an escape": "evil\x1b[2J.md",
    "no name": "",
    "a slash": "/",
    "a wide dot": "\uff0e\uff0e/evil.md",
    "a two-dot leader": "‥/evil.md",
    "a wide slash": "..\uff0fevil.md",
    "a wide backslash": "a\uff3cevil.md",
    "a wide colon": "C\uff1aevil.md",
    "turned around": "evil\u202edm.exe",
    "zero width": "sys\u200btem.md",
    "a byte order mark": "\ufeffsystem.md",
    "a trailing dot": "system.md.",
    "a trailing space": "system.md ",
    "a folder with a trailing dot": "a./system.md",
    "three dots": ".../evil.md",
    "CON": "con",
    "NUL the device": "a/NUL.md",
    "COM1": "com1.tar.gz",
    "COM with a superscript": "COM¹",
    "wide CON": "\uff43\uff4f\uff4e.md",
    "AUX with a space": "aux .md",
    "not UTF-8": b"\xff\xfe/system.md",
    "overlong UTF-8": b"\xc0\xae\xc0\xae/evil.md",
    "too long": "a" * 300,
    "too long in all": "a/" * 600 + "b",
    "too deep": "a/" * 60 + "b",
}

PAIRS: dict[str, tuple[str, str]] = {
    "the same": ("a/system.md", "a/system.md"),
    "case": ("a/system.md", "A/System.md"),
    "composed and not": ("é.md", "e\u0301.md"),
    "wide": ("\uff41.md", "a.md"),
    "a ligature": ("ﬁle.md", "file.md"),
    "sharp s": ("straße.md", "STRASSE.md"),
    "Kelvin": ("k.md", "\u212a.md"),
    "a file and its folder": ("a", "a/b.md"),
    "a folder and a file": ("a/", "a"),
}


def hostile() -> Iterator[tuple[str, bytes]]:
    """Every hostile archive, and what is wrong with it."""
    good = Member("a.md")
    utf_8 = 0x800
    for what, name in NAMES.items():
        flags = utf_8 if isinstance(name, bytes) else 0
        yield f"name: {what}", written(good, Member(name, flags=flags))
    for what, pair in PAIRS.items():
        yield f"two names: {what}", _named(*pair)
    for what, mode in {
        "symbolic link": stat.S_IFLNK | 0o777,
        "pipe": stat.S_IFIFO,
        "character device": stat.S_IFCHR,
        "block device": stat.S_IFBLK,
        "socket": stat.S_IFSOCK,
        "unknown kind": 0o030000,
        "folder without a slash": stat.S_IFDIR | 0o755,
    }.items():
        yield f"kind: {what}", written(Member("a.md", b"/etc/passwd", mode=mode))
    yield "kind: link of Windows", written(Member("a.md", attributes=0x400))
    yield "kind: device of Windows", written(Member("a.md", attributes=0x40))
    yield "kind: folder with data", written(Member("a/", b"data"))
    yield "kind: folder that is a file", written(Member("a/", b"", mode=stat.S_IFREG))
    for what, flags in {"weak": 1, "strong": 0x41, "hidden": 0x2000}.items():
        yield f"encrypted: {what}", written(Member("a.md", flags=flags))
    yield "a patch", written(Member("a.md", flags=0x20))
    for method in (1, 6, 9, 12, 14, 93, 95, 97, 99):
        yield f"method {method}", written(Member("a.md", method=method))
    yield from _lies()
    yield from _bombs()
    yield from _ends()


def _lies() -> Iterator[tuple[str, bytes]]:
    good, text = Member("a.md"), b"text" * 20
    for what, lie in {
        "name": {"name": b"b.md"},
        "method": {"method": 0},
        "flags": {"flags": 0x800},
        "encryption": {"flags": 1},
        "checksum": {"crc": 1},
        "packed size": {"packed": 3},
        "size": {"size": 5},
        "absent size": {"size": 0},
    }.items():
        lies: dict[str, int | bytes] = dict(lie)  # type: ignore[arg-type]
        yield f"local header: another {what}", written(Member("a.md", text, local=lies))
    for what, lie in {"checksum": {"crc": 1}, "size": {"size": 5}}.items():
        both: dict[str, int | bytes] = dict(lie)
        yield (
            f"both headers: a wrong {what}",
            written(Member("a.md", text, local=both, central=both)),
        )
    less: dict[str, int | bytes] = {"size": 40, "crc": zlib.crc32(text[:40])}
    yield (
        "more data than the headers say",
        written(Member("a.md", text, local=less, central=less)),
    )
    yield (
        "data behind the end of the stream",
        written(Member("a.md", packed=deflated(b"text") + b"more")),
    )
    yield (
        "a stream without its end",
        written(Member("a.md", text, packed=deflated(text)[:-1])),
    )
    yield "no stream at all", written(Member("a.md", packed=b"\xff" * 20))
    yield "stored with two sizes", written(Member("a.md", method=0, packed=b"texts"))
    yield "a descriptor that is not there", written(Member("a.md", flags=8), good_b())
    yield (
        "a descriptor that lies",
        written(Member("a.md", flags=8, tail=b"PK\7\x08" + bytes(12))),
    )
    yield (
        "a place within another entry",
        written(
            Member("a.md", method=0, data=written(Member("b.md"))[:38]),
            Member("b.md", central={"place": 34}),
        ),
    )
    yield (
        "two entries in one place",
        written(good, Member("a.md", central={"place": 0})),
    )
    yield "a place behind the end", written(Member("a.md", central={"place": 10**6}))
    yield (
        "a place in the directory",
        written(good, Member("b.md", central={"place": 90})),
    )
    yield "a place that is no header", written(Member("a.md", central={"place": 1}))
    yield (
        "data that reach into the directory",
        written(Member("a.md", local={"packed": 60}, central={"packed": 60})),
    )
    yield "another disk", written(Member("a.md", central={"disk": 1}))
    name = b"a.md"
    second = _unicode_path(name, "../evil.md")
    yield "a second name", written(Member(name, extra=second))
    yield "a second name in one header", written(Member(name, local={"extra": second}))
    yield "extra fields that are cut", written(Member("a.md", extra=b"\1\0\xff\0abc"))


def good_b() -> Member:
    return Member("b.md")


def _bombs() -> Iterator[tuple[str, bytes]]:
    zeros = bytes(3_000_000)
    yield "a bomb", written(Member("a.md", zeros))
    small: dict[str, int | bytes] = {"size": 1_000}
    yield (
        "a bomb that says it is small",
        written(Member("a.md", zeros, local=small, central=small)),
    )
    yield (
        "a bomb in a file that nobody wants",
        written(Member("a.md"), Member("b.bin", zeros)),
    )
    later: dict[str, int | bytes] = {"size": 0, "packed": 0, "crc": 0}
    packed = deflated(zeros)
    yield (
        "a bomb with a descriptor",
        written(
            Member(
                "a.md",
                zeros,
                flags=8,
                local=later,
                tail=b"PK\7\x08"
                + struct.pack("<3L", zlib.crc32(zeros), len(packed), len(zeros)),
            )
        ),
    )
    yield "a quoted bomb", quoted_bomb()
    part = bytes(65_000)
    yield (
        "many small bombs",
        written(*(Member(f"{number}.md", part) for number in range(200))),
    )
    yield (
        "too many entries",
        written(*(Member(f"{number}.md", b"", method=0) for number in range(10_001))),
    )


def _ends() -> Iterator[tuple[str, bytes]]:
    good = Member("a.md")
    honest = written(good, good_b())
    for what, lie in {
        "more entries": {"count": 3},
        "fewer entries": {"count": 1},
        "no entries": {"count": 0},
        "a longer directory": {"size": 200},
        "a shorter directory": {"size": 60},
        "another begin": {"begin": 3},
        "a begin behind the file": {"begin": 10**6},
        "another disk": {"disk": 1},
        "a longer comment": {"comment": 9},
        "zip64 without its record": {"count": 0xFFFF},
        "zip64 sizes without its record": {"size": 0xFFFFFFFF, "begin": 0xFFFFFFFF},
    }.items():
        yield f"end: {what}", written(good, good_b(), end=lie)
    padding: dict[str, int | bytes] = {"extra": b"\x99\x99\xfb\xff" + bytes(0xFFFB)}
    yield (
        "a directory of many megabytes",
        written(*(Member(f"{n}", b"", method=0, central=padding) for n in range(700))),
    )
    yield "bytes before the first entry", b"MZ" + honest
    yield "bytes behind the end", honest + b"more"
    yield "bytes before the directory", honest[:-22] + b"more" + honest[-22:]
    # Which of the two is read depends on who looks.
    inner = written(Member("evil.md"))
    yield "two ends", written(good, comment=inner)
    for what, values in {
        "fields that are missing": b"",
        "too few fields": _zip64(4),
        "too many fields": _zip64(4, 6, 0, 0, 0),
        "a huge place": _zip64(4, 6, 2**62),
    }.items():
        wide: dict[str, int | bytes] = {
            "size": 0xFFFFFFFF, "packed": 0xFFFFFFFF, "extra": values,
        }  # fmt: skip
        place: dict[str, int | bytes] = {"place": 0xFFFFFFFF}
        yield (
            f"zip64: {what}",
            written(Member("a.md", local=wide, central=wide | place)),
        )
    huge: dict[str, int | bytes] = {
        "size": 0xFFFFFFFF,
        "packed": 0xFFFFFFFF,
        "extra": _zip64(2**62, 6),
    }
    yield "zip64: a huge size", written(Member("a.md", local=huge, central=huge))
    yield "zip64: an end that disagrees", with_wide_end(honest, count=1)
    yield "zip64: a huge count", with_wide_end(honest, count=2**60, unset=True)
    yield "zip64: a huge begin", with_wide_end(honest, begin=2**60, unset=True)
    yield "zip64: a place that is none", with_wide_end(honest, place=3)
    yield "zip64: a record of another size", with_wide_end(honest, record=10**6)


def with_wide_end(
    archive: bytes, *, place: int | None = None, record: int = 44, unset: bool = False,
    **lies: int,
) -> bytes:  # fmt: skip
    """An archive with an end for large archives; `unset`: and with that alone."""
    _, disk, _, _, count, size, begin, _ = struct.unpack("<4s4H2LH", archive[-22:])
    said = {"count": count, "size": size, "begin": begin} | lies
    at = len(archive) - 22
    wide = struct.pack(
        "<4sQ2H2L4Q", b"PK\6\6", record, 45, 45, 0, 0, said["count"], said["count"],
        said["size"], said["begin"],
    )  # fmt: skip
    locator = struct.pack("<4sLQL", b"PK\6\7", 0, at if place is None else place, 1)
    narrow = (
        struct.pack(
            "<4s4H2LH", b"PK\5\6", disk, 0, *(0xFFFF,) * 2, *(2**32 - 1,) * 2, 0
        )
        if unset
        else archive[-22:]
    )
    return archive[:-22] + wide + locator + narrow
