"""Names of models, as Ollama reads and compares them.

A name is `HOST/NAMESPACE/MODEL:TAG`, of which only MODEL has to be written. The rules
are those of `types/model/name.go`: https://github.com/ollama/ollama.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

from ...errors import UsageError

__all__ = ["HUGGING_FACE", "REGISTRY", "ModelName", "canonical", "is_cloud"]

REGISTRY = "registry.ollama.ai"
HUGGING_FACE = ("hf.co", "huggingface.co")
"""Hosts that serve a repository's GGUF files as models."""

_NAMESPACE = "library"
_TAG = "latest"

_LONGEST = {"host": 350, "namespace": 80, "model": 80, "tag": 80}
_CHARACTERS = {
    "host": (re.compile(r"\w[\w.:-]*", re.ASCII), "letters, digits and _ . : -"),
    "namespace": (re.compile(r"\w[\w-]*", re.ASCII), "letters, digits and _ -"),
    "model": (re.compile(r"\w[\w.-]*", re.ASCII), "letters, digits and _ . -"),
    "tag": (re.compile(r"\w[\w.-]*", re.ASCII), "letters, digits and _ . -"),
}

_PAGE = re.compile(r"https?://(www\.)?ollama\.com/", re.IGNORECASE)
"""How the address of a page about a model begins, which names it as well."""

_LOOKS = "A name looks like llama3.2:1b, USER/MODEL:TAG or hf.co/USER/REPOSITORY:TAG."


@dataclass(frozen=True, slots=True)
class ModelName:
    """A name with all its parts, each as it was written.

    Ollama keeps the case of a name and does not tell two by it: compare their `key`.
    `scheme` is how its registry is reached, "https" unless the name says "http".
    """

    host: str
    namespace: str
    model: str
    tag: str
    scheme: str = "https"

    @classmethod
    def parse(cls, text: str) -> ModelName:
        """Return the name that a user has written; missing parts are the usual ones.

        The address of a model's page at ollama.com or Hugging Face is its name, too.

        Raises:
            UsageError: it is not a name.

        """
        written = text.strip()
        page = _PAGE.match(written)
        name = _bare(written[page.end() :].rstrip("/") if page else written)
        for part, characters in _CHARACTERS.items():
            _check(text, part, getattr(name, part), characters)
        if name.scheme not in ("http", "https"):
            _refuse(text, f"{name.scheme}:// is not a way to reach a registry")
        return name

    @property
    def full(self) -> str:
        """All four parts."""
        return f"{self.host}/{self.repository}:{self.tag}"

    @property
    def repository(self) -> str:
        """Namespace and model, as a registry's addresses have them."""
        return f"{self.namespace}/{self.model}"

    @property
    def shortest(self) -> str:
        """The name as Ollama lists it: without a host and namespace that are usual."""
        if self.host.lower() != REGISTRY:
            return self.full
        if self.namespace.lower() != _NAMESPACE:
            return f"{self.repository}:{self.tag}"
        return f"{self.model}:{self.tag}"

    @property
    def without_tag(self) -> str:
        """The model itself, as short as `shortest`."""
        return self.shortest.removesuffix(f":{self.tag}")

    @property
    def key(self) -> str:
        """What is the same for two names of the same model; see `canonical`."""
        return self.shortest.lower()

    @property
    def is_hugging_face(self) -> bool:
        """Whether it names a repository at Hugging Face."""
        return self.host.lower() in HUGGING_FACE

    @property
    def is_listed(self) -> bool:
        """Whether ollama.com has a page about it."""
        return self.host.lower() == REGISTRY

    def with_tag(self, tag: str) -> ModelName:
        """Return the same model's name with another tag."""
        return replace(self, tag=tag)

    def __str__(self) -> str:
        return self.shortest


def canonical(name: str) -> str:
    """Return a model's name as it is compared: short, in lower case, with its tag.

    For names that a server lists; it accepts any text.
    """
    return _bare(name.strip()).key


def is_cloud(name: str) -> bool:
    """Whether a model of this name runs at ollama.com and not on the server."""
    return bool(re.search(r"[:-]cloud$", canonical(name)))


def _bare(text: str) -> ModelName:
    """Return the parts of a name, right or wrong, with the usual ones for missing."""
    scheme, mark, rest = text.partition("://")
    scheme, rest = (scheme.lower(), rest) if mark else ("https", text)
    path, slash, last = rest.rpartition("/")
    model, colon, tag = last.rpartition(":")
    model, tag = (model, tag) if colon else (last, _TAG)
    host, other, namespace = path.rpartition("/")
    return ModelName(
        host if other else REGISTRY,
        namespace if slash else _NAMESPACE,
        model,
        tag,
        scheme,
    )


def _check(
    text: str, part: str, value: str, characters: tuple[re.Pattern[str], str]
) -> None:
    pattern, allowed = characters
    if not value:
        what = "it is empty" if not text.strip() else f"its {part} is missing"
        _refuse(text, what)
    if len(value) > _LONGEST[part]:
        _refuse(text, f"its {part} is longer than {_LONGEST[part]} characters")
    if pattern.fullmatch(value):
        return
    if any(map(str.isspace, value)):
        _refuse(text, f"its {part} has a space")
    if "/" in value:
        _refuse(text, "it has more than two slashes")
    if not re.match(r"\w", value, re.ASCII):
        _refuse(text, f"its {part} begins with {value[0]!r}, not with a letter")
    _refuse(text, f"its {part} may hold only {allowed}")


def _refuse(text: str, reason: str) -> None:
    shown = " ".join(text.split())
    shown = shown if len(shown) <= 80 else f"{shown[:79]}…"  # noqa: PLR2004
    message = f"{shown!r} is not the name of a model: {reason}."
    raise UsageError(message, hint=_LOOKS)
