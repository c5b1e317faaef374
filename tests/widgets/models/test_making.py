"""Quantizing, and models of the embedded engine, asked of the view of local models."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from tests.local_models.made_weights import make_gguf

from parllama_nb.widgets.models.quantizing import types_of_file
from tests.eventually import eventually
from tests.servers.ollama import OllamaDouble

from .asking import Browser


@pytest.fixture
def base(browser: Browser, server: OllamaDouble) -> str:
    """A model of 16 bits, in the list."""
    echo = server.library.find("echo")
    assert echo is not None
    server.library.add(replace(echo, name="base:fp16", quantization="F16"))
    browser.result("refresh")
    eventually(lambda: "ollama/base:fp16" in browser.models)
    return "ollama/base:fp16"


@pytest.fixture
def gguf(tmp_path: Path) -> Path:
    """A small GGUF file of 16 bits."""
    path = tmp_path / "Tiny-F16.gguf"
    make_gguf(path)
    return path


def test_what_a_model_can_become_is_said_with_sizes(
    browser: Browser, base: str
) -> None:
    found = browser.result("quantize_types", source=base)
    types = {each["name"]: each for each in found["types"]}
    assert found["base"] == "F16"
    assert types["Q4_K_M"]["native"]
    assert not types["Q6_K"]["native"]
    assert types["Q8_0"]["size"] == round(found["size"] * 8.5 / 16)
    assert types["Q2_K"]["size"] < types["Q6_K"]["size"] < types["Q8_0"]["size"]
    # Those that need what is not made here are not offered, nor is what it is.
    assert not {"IQ1_S", "F16", "BF16", "F32"} & {*types}


def test_what_is_quantized_already_says_so(browser: Browser) -> None:
    error = browser.ask("quantize_types", source="ollama/echo:small")["error"]
    assert error["message"] == "echo:small is quantized already (Q4_K_M)."
    assert "fp16" in error["hint"]


def test_a_file_says_what_it_can_become(browser: Browser, gguf: Path) -> None:
    found = browser.result("quantize_types", source=str(gguf))
    assert found["size"] == gguf.stat().st_size
    assert all(each["size"] < found["size"] for each in found["types"])
    assert "Q8_0" in {each["name"] for each in found["types"]}
    error = browser.ask("quantize_types", source=str(gguf.with_name("no.gguf")))
    assert "error" in error


def test_a_file_that_is_none_is_one_clear_line(
    browser: Browser, tmp_path: Path
) -> None:
    wrong = tmp_path / "wrong.gguf"
    wrong.write_bytes(b"<html>")
    error = browser.ask("quantize_types", source=str(wrong))["error"]
    assert error["code"] == "damaged-model"
    with pytest.raises(Exception, match=r"wrong\.gguf"):
        types_of_file(wrong)


def test_a_model_is_quantized_by_its_server(
    browser: Browser, base: str, server: OllamaDouble
) -> None:
    asked = {"source": base, "target": "base:q8", "type": "Q8_0", "place": "ollama"}
    job = browser.ended(browser.result("quantize", **asked)["job_id"])
    assert job["state"] == "done", job
    eventually(lambda: "ollama/base:q8" in browser.models)
    assert browser.models["ollama/base:q8"]["quantization"] == "Q8_0"
    (sent,) = server.asked("/api/create")
    assert sent.body["quantize"] == "Q8_0"


def test_a_file_is_added_to_the_embedded_engine_and_leaves_it_again(
    browser: Browser, gguf: Path
) -> None:
    asked = {"source": str(gguf), "name": "tiny"}
    job = browser.ended(browser.result("add_embedded", **asked)["job_id"])
    assert job["state"] == "done", job
    eventually(lambda: "embedded/tiny" in browser.models)
    row = browser.models["embedded/tiny"]
    assert row["quantization"] == "F16"
    assert row["file_stays"]
    facts = {
        each["name"]: each["value"]
        for each in browser.result("details", model="embedded/tiny")["facts"]
    }
    assert facts["File"] == str(gguf)
    gguf.rename(gguf.with_name("elsewhere.gguf"))
    browser.result("refresh")
    eventually(lambda: browser.models["embedded/tiny"]["state"] == "missing")
    assert browser.result("delete", models=["embedded/tiny"])["failed"] == []
    eventually(lambda: "embedded/tiny" not in browser.models)
    assert gguf.with_name("elsewhere.gguf").exists()


def test_a_file_that_is_not_there_is_said_by_the_job(browser: Browser) -> None:
    asked = {"source": "/nowhere/x.gguf", "name": ""}
    job = browser.ended(browser.result("add_embedded", **asked)["job_id"])
    assert job["state"] == "failed"
    assert "x.gguf" in job["error"]["message"]
