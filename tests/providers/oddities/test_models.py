"""Lists of models are read in whichever shape a server gives them."""

from __future__ import annotations

import json
from typing import Any

import pytest

from parllama_nb.errors import InvalidResponseError
from tests.servers.scripted import ScriptedDouble

from .conftest import Connect

LISTED: dict[str, Any] = {
    "data": {"object": "list", "data": [{"id": "alpha"}]},
    "a list": [{"id": "alpha"}],
    "models": {"models": [{"id": "alpha"}]},
    "models in data": {"data": {"models": [{"id": "alpha"}]}},
    "result": {"success": True, "errors": [], "result": [{"name": "alpha"}]},
    "names": {"data": ["alpha"]},
    "a list of names": ["alpha"],
    "name": {"models": [{"name": "alpha", "displayName": "Alpha"}]},
    "model": {"models": [{"model": "alpha"}]},
    "an id of null": {"data": [{"id": None, "name": "alpha"}]},
    "one without any name": {"data": [{}, None, 7, {"id": "alpha"}]},
    "a null beside it": {"data": None, "models": [{"id": "alpha"}]},
}

WRITTEN = {
    "a byte order mark": b'\xef\xbb\xbf{"data": [{"id": "alpha"}]}',
    "a byte that is not UTF-8": b'{"data": [{"id": "alpha", "owned_by": "caf\xe9"}]}',
    "a control character": b'{"data": [{"id": "alpha", "about": "a\tb\nc"}]}\n',
    **{name: json.dumps(shape).encode() for name, shape in LISTED.items()},
}


@pytest.mark.parametrize("shape", WRITTEN)
@pytest.mark.parametrize("wire", ["openai", "anthropic"])
async def test_models_are_found_in_any_list(
    connect: Connect,
    server: ScriptedDouble,
    monkeypatch: pytest.MonkeyPatch,
    wire: str,
    shape: str,
) -> None:
    monkeypatch.setattr(server, "listed", WRITTEN[shape])
    listed = await connect(wire, None).models()
    assert [info.name for info in listed] == ["alpha"]


@pytest.mark.parametrize(
    "body", [b"{}", b'{"data": null}', b'{"data": [{"x": 1}]}', b"[7]", b"alpha"]
)
@pytest.mark.parametrize("wire", ["openai", "anthropic", "ollama"])
async def test_what_is_no_list_of_models_is_told(
    connect: Connect,
    server: ScriptedDouble,
    monkeypatch: pytest.MonkeyPatch,
    wire: str,
    body: bytes,
) -> None:
    """It is not shown as a server without models."""
    monkeypatch.setattr(server, "listed", body)
    with pytest.raises(InvalidResponseError):
        await connect(wire, None).models()
