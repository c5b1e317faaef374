"""The steps by which the double makes a model, of another or of uploaded files."""

from __future__ import annotations

import json
from collections.abc import Generator, Iterator
from dataclasses import replace
from typing import Any

from .gguf_head import BadGgufError, human, read_head
from .layers import Layer
from .library import Library, RefusedError, Step
from .models import Model
from .names import SHA256, blob_path, canonical, digest_of

__all__ = ["check_files", "creating"]

Making = Generator[Step, None, Model]
"""Steps with a model at their end."""

_CLOUD = "https://ollama.com:443"

_TAKEN = {"F32", "F16", "BF16", "Q8_0", "Q4_K_S", "Q4_K_M", "Q4_K"}
_TENSORS = 16
"""Steps of rewriting a file, of which a server before 0.30 tells each."""

_BITS = {"F32": 32.0, "F16": 16.0, "BF16": 16.0, "Q8_0": 8.5, "Q4_K_S": 4.6}

_ARCHITECTURES = {"LlamaForCausalLM", "MistralForCausalLM", "Gemma3ForCausalLM"}
"""Those of the safetensors folders that it converts; the real server knows more."""

_CHATML = """\
{{- range .Messages }}<|im_start|>{{ .Role }}
{{ .Content }}<|im_end|>
{{ end }}<|im_start|>assistant
"""


def check_files(asked: dict[str, Any]) -> None:
    """RefusedError where the server does not even begin."""
    for which in ("files", "draft_files"):
        for path, digest in (asked.get(which) or {}).items():
            if path.startswith("/") or ".." in path.split("/"):
                raise RefusedError(400, "file path must be relative")
            if not digest:
                raise RefusedError(400, "invalid digest format")
    if asked.get("draft_quantize") and not asked.get("draft_files"):
        raise RefusedError(400, "--draft-quantize requires a DRAFT model")


def creating(
    library: Library, asked: dict[str, Any], *, aloud: bool = False
) -> Iterator[Step]:
    """The steps; `asked` is the body of the request, `aloud` tells numbers."""
    if asked.get("from"):
        base = yield from _base(library, asked)
    elif asked.get("files") is not None:
        base = yield from _from_files(library, asked, aloud=aloud)
    else:
        raise RefusedError(400, "neither 'from' or 'files' was specified")
    if not base.remote:
        base = yield from _with_parts(library, base, asked)
        base = yield from _rewritten(base, asked, aloud=aloud)
    model = _described(base, asked)
    guessed = asked.get("files") is not None and model.template == _CHATML
    for layer in model.layers:
        known = layer.digest in library.blobs
        library.write(blob_path("sha256:1427027553"), 0 if known else layer.size)
        if layer.kind == "template" and guessed:
            yield {"status": "using autodetected template chatml"}
        else:
            verb = "using existing" if known else "creating new"
            yield {"status": f"{verb} layer {layer.digest}"}
    library.write(blob_path("sha256:1427027553"), model.config.size)
    yield {"status": "writing manifest"}
    library.add(model)
    yield {"status": "success"}


def _base(library: Library, asked: dict[str, Any]) -> Making:
    """The model that another is made of; one that is not here is pulled."""
    name = str(asked["from"])
    host = asked.get("remote_host") or ""
    bare, _, suffix = name.rpartition(":")
    if not host and suffix == "cloud":
        name, host = bare, _CLOUD
    elif not host and suffix.endswith("-cloud"):
        name, host = name.removesuffix("-cloud"), _CLOUD
    try:
        canonical(name)
    except ValueError:
        raise RefusedError(400, "invalid model name") from None
    if host:
        return _remote(name, host, asked.get("info") or {})
    found = library.find(name)
    if found is None:
        yield from library.pulling(name)
        found = library.find(name)
        assert found
    return replace(found, parent=found.name, pulled=False)


def _remote(name: str, host: str, info: dict[str, Any]) -> Model:
    return Model(
        name,
        family=info.get("model_family", ""),
        window=info.get("context_length", 0),
        capabilities=tuple(info.get("capabilities", ())),
        quantization=info.get("quantization_level", ""),
        parameter_size=info.get("parameter_size", ""),
        remote_host=_CLOUD if host == "ollama.com" else host,
        remote_model=name,
    )


def _from_files(library: Library, asked: dict[str, Any], *, aloud: bool) -> Making:
    files: dict[str, str] = asked["files"]
    if any(path.endswith(".safetensors") for path in files):
        return (yield from _converted(library, files))
    (path, digest), *_ = files.items() or [("", "")]
    blob = library.blobs.get(digest)
    if not path.endswith(".gguf") and (blob is None or blob.head[:4] != b"GGUF"):
        raise RefusedError(400, "unknown type")
    yield {"status": "parsing GGUF"}
    model = _of_gguf(library, digest)
    if not asked.get("quantize"):
        yield from _rewriting(model, "validating GGUF model", aloud=aloud)
    if "tokenizer.chat_template" in model.info:
        stop = {"stop": ["<|im_start|>", "<|im_end|>"]}
        model = replace(model, template=_CHATML, parameters=stop)
    return model


def _of_gguf(library: Library, digest: str) -> Model:
    if not SHA256.fullmatch(digest):
        raise RefusedError(500, "invalid digest format")
    blob = library.blobs.get(digest)
    if blob is None:
        raise RefusedError(500, f"open {blob_path(digest)}: no such file or directory")
    try:
        head = read_head(blob.head, blob.size)
    except BadGgufError as error:
        raise RefusedError(500, str(error)) from None
    pools = f"{head.family}.pooling_type" in head.values
    return Model(
        "",
        family=head.family,
        window=head.window,
        capabilities=("embedding",) if pools else ("completion",),
        quantization=head.quantization,
        parameter_size=human(head.parameters),
        # The server writes each file anew, so its digest is another one.
        weights=f"sha256:{digest_of(f'copy of {digest}')}",
        size=blob.size,
        info=head.values,
        tensors=head.tensors,
    )


def _converted(library: Library, files: dict[str, str]) -> Making:
    """The model of a safetensors folder, which becomes F16."""
    yield {"status": "converting model"}
    blobs = {path: library.blobs.get(digest) for path, digest in files.items()}
    config = blobs.get("config.json")
    if config is None:
        raise RefusedError(500, "open config.json: no such file or directory")
    values = json.loads(config.head)
    kind = (values.get("architectures") or [""])[0]
    if kind not in _ARCHITECTURES:
        raise RefusedError(500, f"unsupported architecture {json.dumps(kind)}")
    if not {"tokenizer.json", "tokenizer.model"} & set(files):
        raise RefusedError(500, "unknown tokenizer format")
    for path, blob in blobs.items():
        if blob is None:
            raise RefusedError(500, f"open {path}: no such file or directory")
    yield {"status": "verifying conversion"}
    weights = [
        blob.size for path, blob in blobs.items() if blob and path[-4:] == "sors"
    ]
    return Model(
        "",
        family=str(values.get("model_type", "llama")),
        window=int(values.get("max_position_embeddings", 2048)),
        quantization="F16",
        parameter_size=human(sum(weights) // 2),
        weights=f"sha256:{digest_of(repr(sorted(files.items())))}",
        size=sum(weights),
    )


def _with_parts(library: Library, model: Model, asked: dict[str, Any]) -> Making:
    """The model with its draft and its adapter."""
    for which in ("draft_files", "adapters"):
        digests = list((asked.get(which) or {}).values())
        if which == "adapters" and len(digests) > 1:
            raise RefusedError(400, "only one adapter is currently supported")
        for digest in digests:
            yield {"status": "parsing GGUF"}
            part = _of_gguf(library, digest)
            if which == "draft_files":
                draft = Layer("draft", digest, part.size)
                model = replace(model, draft=draft)
            else:
                adapter = Layer("adapter", digest, part.size)
                model = replace(model, adapters=(*model.adapters, adapter))
    return model


def _rewritten(model: Model, asked: dict[str, Any], *, aloud: bool) -> Making:
    """The model quantized, if that was asked for."""
    kind = str(asked.get("quantize") or "").upper()
    if not kind:
        return model
    if kind not in _TAKEN:
        taken = "supported types are F32, F16, Q4_K_S, Q4_K_M, Q8_0"
        raise RefusedError(500, f"unsupported quantization type {kind} - {taken}")
    have = model.quantization
    if have not in ("F16", "BF16", "F32"):
        only = "quantization is only supported for F16, BF16 and F32 models"
        raise RefusedError(500, only)
    kind = "Q4_K_M" if kind == "Q4_K" else kind
    if have == kind:
        return model
    status = f"quantizing {have} model to {kind}"
    yield from _rewriting(model, status, aloud=aloud)
    return replace(
        model,
        parent="",
        # A file of F32 has the type 0, which the server reads as none.
        quantization="unknown" if kind == "F32" else kind,
        weights=f"sha256:{digest_of(f'{model.layer} as {kind}')}",
        size=int(model.size * _BITS.get(kind, 4.9) / _BITS[have]),
        tensors=(),
    )


def _rewriting(model: Model, status: str, *, aloud: bool) -> Iterator[Step]:
    """What the quantizer does, of which a newer server tells nothing.

    The server reads its numbers from the standard output, where llama.cpp of today does
    not write them.
    """
    line = {"status": status, "digest": "0" * 19, "total": model.size}
    for step in range(1, _TENSORS + 1):
        done = {**line, "completed": model.size * step // _TENSORS}
        yield done if aloud else None
    yield {"status": "verifying conversion"}


def _described(base: Model, asked: dict[str, Any]) -> Model:
    template = str(asked.get("template") or "")
    if template.count("{{") != template.count("}}"):
        raise RefusedError(400, "template error: template: :1: unclosed action")
    licenses = asked.get("license") or ()
    if not isinstance(licenses, str | list | tuple):
        wrong = "json: cannot unmarshal number into Go value of type []string"
        raise RefusedError(500, wrong)
    licenses = (licenses,) if isinstance(licenses, str) else tuple(licenses)
    messages = tuple(asked.get("messages") or ()) or base.messages
    return replace(
        base,
        name=str(asked.get("model") or asked.get("name")),
        template=template or base.template,
        system=asked.get("system") or base.system,
        parameters={**base.parameters, **(asked.get("parameters") or {})},
        licenses=(*base.licenses, *licenses),
        messages=messages,
        renderer=asked.get("renderer") or base.renderer,
        parser=asked.get("parser") or base.parser,
        requires=asked.get("requires") or base.requires,
    )
