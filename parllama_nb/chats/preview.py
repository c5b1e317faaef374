"""What would be sent for a question, to be read before it is asked."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from ..errors import ParllamaError
from ..providers.base import Provider
from ..providers.http.endpoint import is_loopback
from ..providers.image_facts import ImageFacts, image_facts
from ..providers.message_parts import document_title, result_text, text_of
from ..providers.messages import (
    ChatRequest,
    DocumentPart,
    ImagePart,
    Message,
    Part,
    ThinkingPart,
    ToolCallPart,
    ToolResultPart,
)
from ..providers.token_estimate import TokenCount
from ..providers.wire_preview import WirePreview
from ..sizes import size_in_words
from .left_out import ALL_OF_IT, Fitting
from .preview_words import ShownMessage, ShownRequest, as_markdown, as_text
from .request import Built

__all__ = ["RequestPreview", "RequestPreviews", "preview_of"]

THIS_MACHINE = "this machine"


@dataclass(frozen=True)
class RequestPreview:
    """What would be sent for a question. Shows as Markdown in a notebook.

    Attributes:
        model: `provider/model`.
        provider: the provider's title.
        request: the question with its turns and options, for every provider alike.
        wire: the same as this provider gets it.
        tokens: how many tokens the prompt has.
        context_window: how many tokens the model reads; None if that is not known.
        fitting: what of the conversation is left out, so that the rest fits.
        sent_to: the host that it goes on to from the provider's server; "" for none.
        notes: remarks on how the question was made.
        redact: hides known secrets in all that is shown.

    """

    model: str
    provider: str
    request: ChatRequest = field(repr=False)
    wire: WirePreview = field(repr=False)
    tokens: TokenCount
    context_window: int | None
    sent_to: str
    notes: tuple[str, ...]
    redact: Callable[[str], str] = field(repr=False)
    fitting: Fitting = ALL_OF_IT

    @property
    def method(self) -> str:
        """The method of HTTP; "" where nothing is sent over HTTP."""
        return self.wire.method

    @property
    def url(self) -> str:
        """The address, without user name, password and keys."""
        return self.wire.url

    @property
    def headers(self) -> dict[str, str]:
        """The headers, without keys."""
        return dict(self.wire.headers)

    @property
    def body(self) -> bytes:
        """The exact bytes, secrets among them if the question holds any."""
        return self.wire.body

    @property
    def exact(self) -> bool:
        """Whether `body` is what is sent, byte for byte."""
        return self.wire.exact

    @property
    def host(self) -> str:
        """Where it is sent: a host, or this machine."""
        host = self.wire.host
        name = host.rpartition(":")[0] or host
        if not is_loopback(name.strip("[]")):
            return host
        return f"{THIS_MACHINE} ({host})" if ":" in host else THIS_MACHINE

    @cached_property
    def messages(self) -> tuple[ShownMessage, ...]:
        """The messages in order, without secrets; images as their sizes."""
        return tuple(self._shown(message) for message in self.request.messages)

    @cached_property
    def options(self) -> dict[str, Any]:
        """The options that are set, by our names."""
        return self.request.options() | dict(self.request.extra)

    @cached_property
    def shown_body(self) -> str:
        """The body as text: JSON is indented, an image is its size, secrets hidden."""
        try:
            value = json.loads(self.body)
        except ValueError:
            return self.redact(self._without_images(self.body.decode(errors="replace")))
        written = json.dumps(self._readable(value), ensure_ascii=False, indent=2)
        return self.redact(written)

    @property
    def warnings(self) -> tuple[str, ...]:
        """What the user should know of it before it is sent."""
        window, found = self.context_window, []
        if not self.exact:
            found.append(self.wire.doubt)
        if self._holds_secret:
            found.append(
                "The question holds a secret that is known here. It is hidden here, "
                "but it would be sent."
            )
        if self.sent_to:
            found.append(f"The server sends it on to {self.sent_to}.")
        found += self.fitting.warnings
        if window is not None and self.tokens.tokens > window and self.fitting.fits:
            found.append(f"It may be too long: the model reads {window:,} tokens.")
        return (*found, *self.notes)

    @property
    def facts(self) -> tuple[tuple[str, str], ...]:
        """Where it goes and what it has, as names and values."""
        window, size = self.context_window, size_in_words(len(self.body))
        of = f" of {window:,}" if window else ""
        found = [
            ("Provider", self.provider),
            ("Host", self.host or "not known"),
            ("Request", f"{self.method} {self.redact(self.url)}".strip()),
            ("Tokens", f"{self.tokens}{of}"),
            ("Options", self._options_in_words()),
            ("Body", f"{size}, sha256 {hashlib.sha256(self.body).hexdigest()}"),
        ]
        return tuple((name, value) for name, value in found if value)

    @property
    def markdown(self) -> str:
        """All of it as Markdown that is safe to show and to share."""
        return as_markdown(self.shown)

    @property
    def shown(self) -> ShownRequest:
        """All of it, without secrets."""
        lines = (f"{name}: {value}" for name, value in self.wire.headers)
        return ShownRequest(
            model=self.model,
            facts=self.facts,
            warnings=self.warnings,
            messages=self.messages,
            headers=self.redact("\n".join(lines)),
            body=self.shown_body,
            exact=self.exact,
        )

    def _repr_markdown_(self) -> str:
        return self.markdown

    def __str__(self) -> str:
        return as_text(self.shown)

    @cached_property
    def _images(self) -> dict[str, ImageFacts]:
        """The images, and documents as they are, by their base64."""
        parts = (part for message in self.request.messages for part in message.parts)
        urls = (_url(part) for part in parts)
        found = (image_facts(url) for url in urls if url)
        return {each.data: each for each in found if each is not None and each.data}

    @cached_property
    def _holds_secret(self) -> bool:
        texts = [self._without_images(self.body.decode(errors="replace"))]
        texts += [
            part.text
            for message in self.request.messages
            for part in message.parts
            if not isinstance(part, ImagePart | ToolCallPart)
        ]
        return any(self.redact(text) != text for text in texts)

    def _shown(self, message: Message) -> ShownMessage:
        texts, attached = [], []
        for part in message.parts:
            if isinstance(part, ImagePart):
                facts = image_facts(part.url)
                attached.append(str(facts) if facts else f"image at {part.url[:200]}")
            elif isinstance(part, ToolCallPart):
                arguments = json.dumps(dict(part.arguments), ensure_ascii=False)
                attached.append(f"calls {part.name} {arguments}")
            elif isinstance(part, ToolResultPart):
                attached.append(f"result {result_text(part)}")
            elif isinstance(part, DocumentPart) and self._is_sent(part):
                facts = image_facts(part.data)
                attached.append(f"{document_title(part)}, {facts}")
            elif not isinstance(part, ThinkingPart):
                texts.append(text_of(part))
        lines = tuple(self.redact(line) for line in attached)
        return ShownMessage(message.role, self.redact("".join(texts)), lines)

    def _is_sent(self, part: DocumentPart) -> bool:
        """Whether a document is sent as it is, and not its text."""
        data = part.data.partition(",")[2]
        return bool(data) and data.encode() in self.body

    def _readable(self, value: Any) -> Any:  # noqa: ANN401 - JSON
        if isinstance(value, str):
            return self.redact(self._without_images(value))
        if isinstance(value, list):
            return [self._readable(each) for each in value]
        if isinstance(value, dict):
            return {name: self._readable(each) for name, each in value.items()}
        return value

    def _without_images(self, text: str) -> str:
        for data, facts in self._images.items():
            if data in text:
                text = text.replace(data, f"[{facts}, sha256 {facts.sha256}]")
        return text

    def _options_in_words(self) -> str:
        words = []
        for name, value in self.options.items():
            label = name.replace("_", " ")
            short = isinstance(value, str | int | float)
            words.append(f"{label} {value}" if short else label)
        return self.redact(", ".join(words))


def _url(part: Part) -> str:
    """Return the `data:` URL of an image or a document, "" of any other part."""
    if isinstance(part, ImagePart):
        return part.url
    return part.data if isinstance(part, DocumentPart) else ""


@dataclass(frozen=True, slots=True)
class RequestPreviews:
    """What would be sent to several models; an error where that cannot be sent.

    `found` has the models in order, each with its preview or the error.
    """

    found: tuple[tuple[str, RequestPreview | ParllamaError], ...]

    def __len__(self) -> int:
        return len(self.found)

    def __iter__(self) -> Iterator[RequestPreview]:
        return (each for _, each in self.found if isinstance(each, RequestPreview))

    @property
    def markdown(self) -> str:
        """A section for each model, safe to show and to share."""
        return "\n\n".join(as_markdown(_shown(p), model) for model, p in self.found)

    def _repr_markdown_(self) -> str:
        return self.markdown

    def __str__(self) -> str:
        return "\n\n".join(as_text(_shown(p), model) for model, p in self.found)


def _shown(preview: RequestPreview | ParllamaError) -> ShownRequest | ParllamaError:
    return preview.shown if isinstance(preview, RequestPreview) else preview


async def preview_of(
    provider: Provider, built: Built, notes: Sequence[str] = ()
) -> RequestPreview:
    """Return what a provider would send for a request. Nothing is sent.

    Raises:
        ParllamaError: the request would be refused before it is sent.

    """
    request = built.request
    provider.check(request)
    wire = await provider.preview(request)
    window = built.fitting.window
    if window is None:
        facts = await provider.context.prices.find(provider.spec, request.model)
        window = None if facts is None else facts.context_window
    return RequestPreview(
        model=f"{provider.spec.name}/{request.model}",
        provider=provider.spec.title,
        request=request,
        wire=wire,
        tokens=await provider.count(request),
        context_window=window,
        sent_to=provider.sent_to(request.model),
        notes=(*notes, *built.remarks),
        redact=provider.context.redact,
        fitting=built.fitting,
    )
