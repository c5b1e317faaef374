"""Reads what is attached to a question, whatever it comes as."""

from __future__ import annotations

import base64
from collections.abc import Callable, Iterable
from pathlib import Path

from ..errors import UsageError
from ..events import Progress
from ..prompting.images import image_part
from ..providers.image_facts import image_facts
from ..providers.messages import DocumentPart, ImagePart
from ..providers.single_flight import in_thread
from .addresses.fetch import Fetcher, is_address
from .attachment import Attachment, Limits, check_total, document, tokens_of
from .kinds import FileKind, kind_of
from .pdf.reading import PdfText, read_pdf
from .sources import NamedFile, check_size, clean_name, file_at, file_in
from .texts import cut, notebook_text, table_text

__all__ = ["AttachmentReader"]

_NATIVE_PAGES = 100
"""Pages of a PDF file that a model may read itself; of a longer one it gets the text.

What models of a context of 200,000 tokens take:
https://platform.claude.com/docs/en/build-with-claude/pdf-support
"""

Report = Callable[[Progress], None]


class AttachmentReader:
    """Reads files, images, addresses and objects. Used on the service loop only.

    `limits()` returns how large they may be, `fetcher` fetches what has an address.
    """

    def __init__(
        self,
        limits: Callable[[], Limits] = Limits,
        fetcher: Fetcher | None = None,
    ) -> None:
        self._limits = limits
        self._fetcher = fetcher or Fetcher()

    @property
    def limits(self) -> Limits:
        """How large attachments may be, as the user's settings say now."""
        return self._limits()

    async def read_all(
        self,
        given: Iterable[object],
        report: Report = lambda _: None,
        *,
        images: Iterable[object] = (),
    ) -> tuple[Attachment, ...]:
        """Read all that is attached to one message: `images`, then `given`.

        Raises:
            UsageError: one cannot be attached, or together they are too large.
            ProviderError: one could not be fetched.

        """
        attachments: list[Attachment] = []
        asked = [*((each, True) for each in images), *((each, False) for each in given)]
        for each, image in asked:
            attachments.append(await self.read(each, report, image=image))
            # Before the next one is read.
            check_total(attachments, self.limits)
        return tuple(attachments)

    async def read(
        self, given: object, report: Report = lambda _: None, *, image: bool = False
    ) -> Attachment:
        """Read one.

        Args:
            given: a path, an address, a `data:` URL, bytes, a `NamedFile`, a PIL image,
                a matplotlib figure, any object that a notebook shows as an image, or a
                part of a message. An `Attachment` is returned as it is.
            report: gets the progress; it may be called from any thread.
            image: whether only an image will do.

        Raises:
            UsageError: it cannot be attached; the message says why.
            ProviderError: it could not be fetched.

        """
        if isinstance(given, Attachment):
            return given
        limits = self.limits
        largest = limits.image if image else max(limits.file, limits.image)
        if isinstance(given, str) and is_address(given):
            fetched = await self._fetcher.fetch(given, largest, report)
            file = NamedFile(clean_name(fetched.name), fetched.data, fetched.url)
            return await self._read_file(file, limits, report, image=image)
        if isinstance(given, ImagePart | DocumentPart):
            return await in_thread(lambda _: _of_part(given, limits))
        read = await in_thread(lambda _: _file_of(given, largest))
        if read is None:
            # An object that shows itself as an image.
            return await in_thread(
                lambda _: _of_part(image_part(given, largest=limits.image), limits)
            )
        return await self._read_file(read, limits, report, image=image)

    async def _read_file(
        self, file: NamedFile, limits: Limits, report: Report, *, image: bool
    ) -> Attachment:
        kind = await in_thread(lambda _: kind_of(file.data, file.name))
        if image and kind.kind != "image":
            message = f"{file.name} is no image."
            raise UsageError(message, hint="Attach it with --file or files=.")
        if kind.kind == "image":
            return await in_thread(lambda _: _image(file, limits))
        check_size(file.name, len(file.data), limits.file)
        if kind.kind == "pdf":
            return await self._pdf(file, limits, report)
        return await in_thread(lambda _: _text(file, kind, limits))

    async def _pdf(self, file: NamedFile, limits: Limits, report: Report) -> Attachment:
        result = await read_pdf(
            file.data,
            file.name,
            pages=limits.pages,
            characters=limits.characters,
            report=report,
        )
        return await in_thread(lambda _: _pdf(file, result))


def _file_of(given: object, largest: int) -> NamedFile | None:
    """Return the file that something names or holds, None for an object."""
    if isinstance(given, NamedFile):
        check_size(given.name, len(given.data), largest)
        return NamedFile(clean_name(given.name), given.data, given.source)
    if isinstance(given, bytes | bytearray | memoryview):
        data = bytes(given)
        name = f"The file of {len(data):,} bytes"
        check_size(name, len(data), largest)
        return NamedFile(name, data)
    if isinstance(given, str) and given[:5].lower() == "data:":
        return file_in(given, largest)
    if isinstance(given, str | Path):
        file = file_at(given, largest)
        return NamedFile(clean_name(file.name), file.data)
    return None


def _of_part(part: ImagePart | DocumentPart, limits: Limits) -> Attachment:
    if isinstance(part, DocumentPart):
        size = len(part.data) * 3 // 4 if part.data else len(part.text.encode())
        name = clean_name(part.title or part.source or "document")
        kind, media_type = ("pdf", "application/pdf") if part.data else ("text", "")
        check_size(name, size, limits.file)
        return document(
            name,
            "pdf" if kind == "pdf" else "text",
            media_type or "text/plain",
            size,
            part.text,
            source=part.source,
            original=part.data,
        )
    facts = image_facts(part.url)
    size = facts.size if facts else len(part.url)
    check_size("The image", size, limits.image)
    return Attachment(
        name="image",
        kind="image",
        media_type=facts.kind if facts else "image/*",
        size=size,
        parts=(part,),
        tokens=tokens_of((part,)),
        pixels=facts.pixels if facts else None,
    )


def _image(file: NamedFile, limits: Limits) -> Attachment:
    part = image_part(file.data, file.name, limits.image)
    facts = image_facts(part.url)
    assert facts is not None  # noqa: S101 - it was just made
    changed = facts.size != len(file.data)
    return Attachment(
        name=file.name,
        kind="image",
        media_type=facts.kind,
        size=facts.size,
        parts=(part,),
        tokens=tokens_of((part,)),
        source=file.source,
        pixels=facts.pixels,
        notes=("sent as PNG",) if changed else (),
    )


def _text(file: NamedFile, kind: FileKind, limits: Limits) -> Attachment:
    extract = {"notebook": notebook_text, "table": table_text}.get(kind.kind, cut)
    extracted = extract(kind.text, limits.characters)
    return document(
        file.name,
        kind.kind,
        kind.media_type,
        len(file.data),
        extracted.text,
        source=file.source,
        title=extracted.title,
        notes=extracted.notes,
    )


def _pdf(file: NamedFile, result: PdfText) -> Attachment:
    text, notes, original = result.text, [], ""
    if result.pages <= _NATIVE_PAGES:
        data = base64.b64encode(file.data).decode()
        original = f"data:application/pdf;base64,{data}"
    if not text:
        notes.append("without text: its pages are pictures")
        if not original:
            message = (
                f"{file.name} has no text in it: its {result.pages:,} pages are "
                "pictures."
            )
            hint = "Have its text recognised (OCR), or attach a few pages of it."
            raise UsageError(message, hint=hint)
    read = len(result.texts)
    if text and read < result.pages:
        notes.append(f"text of {read:,} of {result.pages:,} pages")
    return document(
        file.name,
        "pdf",
        "application/pdf",
        len(file.data),
        text,
        source=file.source,
        title=result.title,
        pages=result.pages,
        original=original,
        notes=tuple(notes),
    )
