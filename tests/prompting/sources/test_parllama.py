"""PAR LLAMA's prompts, from its directory and for it."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from parllama_nb.errors import UsageError
from parllama_nb.prompting.library.prompt import Prompt
from parllama_nb.prompting.library.variables import Variable
from parllama_nb.prompting.sources.parllama import PARLlamaSource
from parllama_nb.providers.messages import Message
from parllama_nb.testing import PromptSourceConformance

from .readers import found, problems

SOURCE = PARLlamaSource()


def document(**fields: object) -> dict[str, object]:
    """A prompt as PAR LLAMA 0.10.1 writes it."""
    message = {
        "id": "8d1c4f8e1a0b4c7a9a0e5f8d4f1f0c11",
        "role": "system",
        "content": "You are kind.",
        "thinking": "",
        "images": None,
        "tool_calls": None,
        "documents": None,
    }
    return {
        "id": "0123456789abcdef0123456789abcdef",
        "name": "Kind",
        "last_updated": "2025-11-02T10:11:12.131415+00:00",
        "description": "",
        "submit_on_load": True,
        "messages": [message],
        "source": None,
        **fields,
    }


def folder(path: Path, *documents: object) -> Path:
    prompts = path / "prompts"
    prompts.mkdir(parents=True)
    for number, each in enumerate(documents):
        (prompts / f"{number:02}.json").write_text(json.dumps(each))
    return path


KIND = Prompt("Kind", (Message.of("system", "You are kind."),), submit=True)


def test_its_data_directory_is_found_by_the_environment(tmp_path: Path) -> None:
    data = folder(tmp_path / "data", document())
    folder(tmp_path / "share" / "parllama", document(name="Shared"))
    share = {"XDG_DATA_HOME": str(tmp_path / "share")}
    assert found(SOURCE, None, {"PARLLAMA_DATA_DIR": str(data)}).prompts == (KIND,)
    assert found(SOURCE, None, share).prompts[0].name == "Shared"
    both = {"PARLLAMA_DATA_DIR": str(tmp_path / "empty"), **share}
    assert found(SOURCE, "  ", both).prompts[0].name == "Shared"


def test_no_installation_is_an_error_that_says_how_to_name_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("USERPROFILE", str(tmp_path))
    with pytest.raises(UsageError, match="usual places") as caught:
        found(SOURCE, None, {"PARLLAMA_DATA_DIR": "no\0where"})
    assert "import parllama PATH" in (caught.value.hint or "")


def test_the_directory_the_folder_and_one_file_can_be_named(tmp_path: Path) -> None:
    data = folder(tmp_path, document())
    (data / "prompts" / "00.json.backup").write_text("damaged")
    (data / "settings.json").write_text("{}")
    for place in (data, data / "prompts", data / "prompts" / "00.json"):
        assert found(SOURCE, place).prompts == (KIND,)
        assert problems(SOURCE, place) == {}


def test_what_a_prompt_cannot_hold_is_a_problem(tmp_path: Path) -> None:
    tool = {"role": "tool", "content": "x"}
    system = {"role": "system", "content": "x"}
    picture = {"role": "user", "content": "x", "images": ["data:image/png;base64,"]}
    data = folder(
        tmp_path,
        document(),
        document(name="Tool", messages=[tool]),
        document(name="Two", messages=[system, system]),
        document(name=""),
        document(name="None", messages=None),
        document(name="Picture", messages=[picture]),
        document(name="kind"),
        ["a list"],
        document(name="Off", submit_on_load="never"),
    )
    names = [prompt.name for prompt in found(SOURCE, data).prompts]
    assert names == ["Kind", "Picture"]
    expected = {
        "01.json": "role 'tool'",
        "02.json": "2 system prompts",
        "03.json": "no name",
        "04.json": "no messages",
        "05.json": "images",
        "06.json": "already: 00.json",
        "07.json": "no messages",
        "08.json": "'never'",
    }
    found_problems = problems(SOURCE, data)
    assert found_problems.keys() == expected.keys()
    for where, phrase in expected.items():
        assert phrase in found_problems[where]


def test_braces_of_its_texts_are_variables(tmp_path: Path) -> None:
    message = {"role": "user", "content": "Hi {{name}}"}
    data = folder(tmp_path, document(messages=[message]))
    assert found(SOURCE, data).prompts[0].variables == (Variable("name"),)


def test_what_is_written_has_the_names_and_keys_that_it_loads() -> None:
    files = SOURCE.write(PromptSourceConformance.samples)
    for name, data in files.items():
        content = json.loads(data)
        assert re.fullmatch(r"[0-9a-f]{32}\.json", name)
        assert content["id"] == name.removesuffix(".json")
        assert document().keys() <= content.keys()
        for message in content["messages"]:
            assert message.keys() == document()["messages"][0].keys()  # type: ignore[index]
