"""A real Ollama makes what was asked for; `PARLLAMA_NB_TEST_OLLAMA` names one."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from parllama_nb.errors import BadRequestError
from parllama_nb.local_models.creation.creation import Creation, create
from parllama_nb.local_models.creation.from_modelfile import creation_of
from parllama_nb.local_models.creation.modelfile import Command, parse

from .conftest import Connect, Reports

_HOST, _, _MODEL = os.environ.get("PARLLAMA_NB_TEST_OLLAMA", "").partition(" ")
_NAME = "parllama-nb-test/made"

pytestmark = pytest.mark.skipif(
    not _MODEL, reason="PARLLAMA_NB_TEST_OLLAMA names no HOST MODEL"
)


async def test_a_model_shows_what_it_was_given_and_can_be_made_of_that_again(
    connect: Connect, report: Reports, tmp_path: Path
) -> None:
    client = connect(_HOST if "://" in _HOST else f"http://{_HOST}")
    creation = Creation(
        _NAME,
        from_model=_MODEL,
        system="Be brief. 👨\u200d👩\u200d👧",
        template="{{ .System }} {{ .Prompt }}",
        parameters={"stop": ["<a>", " b "], "num_ctx": "2048", "use_mmap": "true"},
        license=("One.", "Two."),
        messages=(("user", "Hi: there"), ("assistant", "Hello")),
    )
    try:
        await create(client, creation, report)
        assert report.phases[-1] == "success"
        shown = await client.call("POST", "/api/show", {"model": _NAME})
        assert shown["system"] == creation.system
        assert shown["template"] == creation.template
        assert [m["content"] for m in shown["messages"]] == ["Hi: there", "Hello"]

        modelfile = parse(shown["modelfile"])
        assert modelfile.render() == shown["modelfile"]
        again = modelfile.having(Command("from", _NAME)).without("license")
        await create(client, creation_of(_NAME, again, tmp_path), report)
        second = await client.call("POST", "/api/show", {"model": _NAME})
        for key in ("system", "template", "messages", "license"):
            assert second[key] == shown[key]
        lines = shown["parameters"].splitlines()
        assert sorted(second["parameters"].splitlines()) == sorted(lines)

        wrong = Creation(_NAME, from_model=_MODEL, template="{{ if }")
        with pytest.raises(BadRequestError, match="template error"):
            await create(client, wrong, report)
    finally:
        await client.call("DELETE", "/api/delete", {"model": _NAME})
