"""What becomes of a conversation in a chat: files, a summary, a prompt, a name."""

from __future__ import annotations

import io
import json
import zipfile
from pathlib import Path
from typing import Any

import pytest

from parllama_nb.application import Parllama
from parllama_nb.widgets.chat import transfers
from parllama_nb.widgets.chat.view import ChatView

from ...vaults.weak import PASSWORD, weak_policy
from ...virtual_time import VirtualLoop
from ..recording import Page
from .test_view import Room


@pytest.fixture
def room(app: Parllama, page: Page, loop: VirtualLoop) -> Room:
    return Room(app, page, loop)


def refused(room: Room, view: ChatView, method: str, **params: Any) -> str:
    return str(room.ask(view, method, **params)["error"]["message"])


def exported(room: Room, view: ChatView, **params: Any) -> tuple[dict[str, Any], bytes]:
    """Return what an export says, and the bytes of the download."""
    asked = room.page.ask(view, "export_session", **params)
    room.until(lambda: bool(room.page.responses(asked)))
    response = room.page.response(asked)
    assert "error" not in response, response
    (content,) = next(
        buffers
        for _, _, data, buffers in room.page.sent
        if buffers and data["content"].get("request_id") == asked
    )
    return response["result"], bytes(content)


def imported(
    room: Room, view: ChatView, name: str, content: bytes, part: int = 1_000_000
) -> dict[str, Any]:
    """Return what the response to the last part of a file says."""
    for at in range(0, max(1, len(content)), part):
        asked = room.page.ask(
            view,
            "import_part",
            id="f",
            name=name,
            size=len(content),
            at=at,
            buffers=[content[at : at + part]],
        )
        room.until(lambda asked=asked: bool(room.page.responses(asked)))
    return room.page.response(asked)


def test_a_conversation_is_downloaded_and_imported_again(room: Room) -> None:
    view = room.view()
    room.say(view, "One?")
    said, content = exported(room, view, name="s", format="markdown")
    assert (said["file_name"], said["count"]) == ("s.md", 1)
    assert b"One?" in content
    again = imported(room, view, "s.md", content)["result"]
    assert (again["added"], again["present"]) == ([], ["s"])
    room.result(view, "forget_session", name="s", now=True)
    back = imported(room, view, "s.md", content, part=40)["result"]
    assert (back["done"], back["added"]) == (True, ["s"])
    room.result(view, "open", name="s")
    assert room.shown(view).said == [("One?", "[One?]", "done")]


@pytest.mark.parametrize("kind", ["json", "notebook", "html"])
def test_a_download_has_the_format_that_was_chosen(room: Room, kind: str) -> None:
    view = room.view()
    room.say(view, "One?")
    said, content = exported(room, view, name="s", format=kind)
    suffix = {"json": ".json", "notebook": ".ipynb", "html": ".html"}[kind]
    assert said["file_name"] == f"s{suffix}"
    assert b"One?" in content
    if kind != "html":
        json.loads(content)


def test_all_conversations_are_one_archive(room: Room) -> None:
    view = room.view()
    room.say(view, "One?")
    room.result(view, "new")
    room.say(view, "Two?")
    said, content = exported(room, view, format="json")
    assert (said["file_name"], said["count"]) == ("conversations.zip", 2)
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        assert sum(name.endswith(".json") for name in archive.namelist()) >= 2
    for name in ("s", "Two?"):
        room.result(view, "forget_session", name=name, now=True)
    back = imported(room, view, "conversations.zip", content)["result"]
    assert sorted(back["added"]) == ["Two?", "s"]


def test_the_kernel_writes_a_path_and_replaces_only_what_it_may(
    room: Room, tmp_path: Path
) -> None:
    view, path = room.view(), tmp_path / "kept.md"
    room.say(view, "One?")
    wanted = {"name": "s", "path": str(path)}
    assert room.result(view, "export_session", **wanted)["path"] == str(path)
    assert "exists already" in refused(room, view, "export_session", **wanted)
    room.result(view, "export_session", **wanted, overwrite=True)
    assert "One?" in path.read_text()


def test_an_encrypted_conversation_is_downloaded_only_if_that_is_wished(
    room: Room,
) -> None:
    view = room.view()
    room.app.vault.policy = weak_policy()
    room.app.vault.create(PASSWORD)
    room.say(view, "One?")
    room.result(view, "encrypt")
    assert "encrypted" in refused(room, view, "export_session", name="s")
    said, content = exported(room, view, name="s", decrypted=True)
    assert b"One?" in content
    assert said["notes"] == ["What is encrypted here, is not in the file."]
    assert "encrypted" in refused(room, view, "save_prompt")


def test_a_download_that_would_not_arrive_is_refused(
    room: Room, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(transfers, "_LARGEST_DOWNLOAD", 10)
    view = room.view()
    room.say(view, "One?")
    assert "too much for a download" in refused(room, view, "export_session", name="s")


def test_a_file_without_a_conversation_is_refused_with_the_reason(room: Room) -> None:
    view = room.view()
    error = imported(room, view, "a.md", b"# Nothing")["error"]
    assert error["message"] == "No conversation is in there."
    assert "error" in imported(room, view, "empty.md", b"")


def test_a_file_of_which_a_part_is_missing_is_not_imported(room: Room) -> None:
    view = room.view()
    part = {"id": "f", "name": "a.md", "size": 10, "at": 5}
    assert "missing" in refused(room, view, "import_part", **part)
    huge = {**part, "at": 0, "size": 10**9}
    assert "the limit is" in refused(room, view, "import_part", **huge)


def test_the_questions_become_a_prompt_of_the_library(room: Room) -> None:
    view = room.view()
    assert "no question yet" in refused(room, view, "save_prompt", name="mine")
    room.say(view, "One?")
    saved = room.result(view, "save_prompt", name="mine", answers=True, submit=True)
    assert saved == {"name": "mine"}
    prompt = room.run(room.app.prompts.get("mine"))
    assert [each.text for each in prompt.messages] == ["One?", "[One?]"]
    assert prompt.submit
    assert "mine" in refused(room, view, "save_prompt", name="mine")


def test_a_conversation_is_named_by_a_model_and_goes_on_from_a_summary(
    room: Room,
) -> None:
    view = room.view()
    assert "no answer yet" in refused(room, view, "name_by_model")
    assert "nothing to summarise" in refused(room, view, "summarise")
    room.say(view, "One?")
    named = room.result(view, "name_by_model")["name"]
    assert named == view.session.name != "s"
    room.result(view, "summarise")
    (turn,) = room.run(room.app.chats.turns(named))
    assert turn.prompt != "One?"
    assert len(turn.alternatives) == 2
