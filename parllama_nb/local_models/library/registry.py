"""Manifests: what a model in a registry consists of, and how large it is.

They are fetched as Ollama fetches them, `/v2/NAMESPACE/MODEL/manifests/TAG`, from its
own registry, from Hugging Face, or from any other (`server/images.go`,
https://github.com/ollama/ollama). The digest that Ollama lists for a model is the
SHA-256 of its manifest's bytes, so another digest there is another model; but for one
that was made on the server and pushed, whose manifest there ends with a line break.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha256
from http import HTTPStatus

from ...errors import (
    BadRequestError,
    InvalidResponseError,
    ModelNotFoundError,
    ProviderError,
)
from ...providers.http.json_values import document_of
from ...providers.ollama.names import ModelName
from .web import Web

__all__ = ["Layer", "Manifest", "Update", "fetch_manifest"]

_ACCEPT = "application/vnd.docker.distribution.manifest.v2+json"
_LARGEST = 4 << 20
"""Bytes of a manifest; one of tensors in files of their own has thousands of layers."""

_DIGEST = re.compile(r"sha256[:-][0-9a-f]{64}")
_KIND = re.compile(r"application/vnd\.ollama\.image\.([a-z]{1,20})")
_WEIGHTS = frozenset(["adapter", "model", "projector", "tensor"])


@dataclass(frozen=True, slots=True)
class Layer:
    """One file of a model: "model", "template", "license", ..., and its bytes."""

    kind: str
    digest: str
    size: int


@dataclass(frozen=True, slots=True)
class Manifest:
    """What a model consists of.

    `digest` is as Ollama lists it where it has pulled the model, 64 digits;
    `made_digest` where it has made and pushed it.
    """

    name: ModelName
    digest: str
    made_digest: str
    layers: tuple[Layer, ...]

    @property
    def size(self) -> int:
        """All bytes, as Ollama lists them."""
        return sum(layer.size for layer in self.layers)

    @property
    def weights(self) -> int:
        """The bytes that are loaded into memory."""
        return sum(layer.size for layer in self.layers if layer.kind in _WEIGHTS)


@dataclass(frozen=True, slots=True)
class Update:
    """A model on a server beside the same in its registry."""

    name: ModelName
    digest: str
    manifest: Manifest

    @property
    def is_there(self) -> bool:
        """Whether the registry has another model under the name."""
        known = (self.manifest.digest, self.manifest.made_digest)
        return self.digest.removeprefix("sha256:").lower() not in known


async def fetch_manifest(
    web: Web, name: ModelName, *, mirrors: Mapping[str, str] | None = None
) -> Manifest:
    """Return the manifest of a model.

    `mirrors` maps a registry's host to the address that is asked instead.

    Raises:
        ModelNotFoundError: the registry does not have the model, or not for everybody.
        ProviderError: it could not be asked, or answered with something else.

    """
    host = name.host.lower()
    base = (mirrors or {}).get(host) or f"{name.scheme}://{name.host}"
    url = f"{base.rstrip('/')}/v2/{name.repository}/manifests/{name.tag}"
    failure: ProviderError
    try:
        answer = await web.get(url, label=host, accept=_ACCEPT, largest=_LARGEST)
    except ProviderError as error:
        failure = _missing(name, error) or error
    else:
        layers = _layers(document_of(answer.body))
        if layers is not None:
            digest = sha256(answer.body).hexdigest()
            made = sha256(answer.body + b"\n").hexdigest()
            return Manifest(name, digest, made, layers)
        text = f"{host} answered with something that is not a manifest."
        failure = InvalidResponseError(text)
    raise failure


def _missing(name: ModelName, error: ProviderError) -> ModelNotFoundError | None:
    """Return the error for a model that is not there, None if it is another's."""
    status = error.status
    if status == HTTPStatus.NOT_FOUND:
        text = f"{name.host}: there is no model {name.shortest!r}."
    elif status in (HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN):
        text = f"{name.host}: there is no model {name.shortest!r} for everybody."
    elif status == HTTPStatus.BAD_REQUEST and name.is_hugging_face:
        text = f"{name.host}: {name.repository} has no GGUF file {name.tag!r}."
        if isinstance(error, BadRequestError) and "refused (400)" not in error.message:
            # Its words say whether the repository or the tag is the wrong one.
            text = error.message
    else:
        return None
    hint = None
    if name.is_hugging_face:
        hint = "A tag is a quantization that the repository has, such as Q4_K_M."
    return ModelNotFoundError(text, hint=hint, status=status)


def _layers(document: object) -> tuple[Layer, ...] | None:
    """Return the layers of a manifest, its configuration too; None if it is none."""
    if not isinstance(document, dict) or "layers" not in document:
        return None
    # A model that runs at ollama.com has a configuration alone, and null for layers.
    listed = document["layers"] if document["layers"] is not None else []
    if not isinstance(listed, list):
        return None
    parts = [*listed, document["config"]] if document.get("config") else listed
    layers = [_layer(part) for part in parts]
    found = tuple(layer for layer in layers if layer is not None)
    return found if found and len(found) == len(layers) else None


def _layer(part: object) -> Layer | None:
    if not isinstance(part, dict):
        return None
    digest, size = str(part.get("digest")), part.get("size")
    if not _DIGEST.fullmatch(digest) or type(size) is not int or size < 0:
        return None
    kind = _KIND.match(str(part.get("mediaType")))
    return Layer(kind[1] if kind else "config", digest, size)
