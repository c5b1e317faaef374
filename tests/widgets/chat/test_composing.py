"""What a question of a chat is composed of: attachments, held until they are sent."""

from __future__ import annotations

import base64
import io
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from parllama_nb.application import Parllama
from parllama_nb.attachments.attachment import Limits
from parllama_nb.attachments.reader import AttachmentReader
from parllama_nb.providers.messages import DocumentPart, ImagePart
from parllama_nb.testing import FakeProvider
from parllama_nb.widgets.chat.attach_protocol import PART
from parllama_nb.widgets.chat.view import ChatView

from ...own_app import scripted
from ...virtual_time import VirtualLoop
from ..recording import Page
from .test_view import Room, echo


def picture(side: int = 8) -> bytes:
    made = io.BytesIO()
    Image.effect_noise((side, side), 90).save(made, "PNG")
    return made.getvalue()


@pytest.fixture
def room(app: Parllama, page: Page, loop: VirtualLoop) -> Room:
    return Room(app, page, loop)


def held(view: ChatView) -> list[dict[str, Any]]:
    """What the view says of its attachments."""
    data = view._attached.current.attachments
    return [each.model_dump(exclude_none=True) for each in data]


def upload(room: Room, view: ChatView, name: str, data: bytes, part: int = PART) -> str:
    """Send a file as a page does; gives its id."""
    begun = room.result(view, "upload", name=name, size=len(data))
    for at in range(0, len(data), part):
        asked = room.page.ask(
            view, "upload_part", id=begun["id"], at=at, buffers=[data[at : at + part]]
        )
        room.until(lambda asked=asked: bool(room.page.responses(asked)))  # type: ignore[misc]
        assert "error" not in room.page.response(asked)
    return str(begun["id"])


def ready(room: Room, view: ChatView, *ids: str) -> None:
    """Wait until attachments are read."""
    attached = view._attached
    for each in ids:
        room.run(attached.wait(each))


def test_a_file_that_comes_in_parts_is_read_and_sent_with_the_question(
    room: Room,
) -> None:
    view = room.view()
    image, text = picture(64), b"one line\n" * 400
    ids = [
        upload(room, view, "noise.png", image, part=1000),
        upload(room, view, "notes.md", text),
    ]
    ready(room, view, *ids)
    first, second = held(view)
    assert (first["state"], first["kind"], first["pixels"]) == (
        "ready",
        "image",
        [64, 64],
    )
    assert first["size"] == len(image)
    assert (second["kind"], second["name"]) == ("text", "notes.md")
    assert second["excerpt"].startswith("one line")
    assert second["tokens"] > 400

    room.result(view, "send", text="What is this?", attachments=ids)
    room.wait(view)
    (request,) = room.fake.requests
    sent_image, document, question = request.messages[-1].parts
    encoded = base64.b64encode(image).decode()
    assert sent_image == ImagePart(f"data:image/png;base64,{encoded}")
    assert isinstance(document, DocumentPart)
    assert document.text.startswith("one line")
    assert question.text == "What is this?"  # type: ignore[union-attr]
    assert held(view) == []
    (turn,) = room.result(view, "snapshot")["turns"]
    assert [(each["kind"], each["name"]) for each in turn["attachments"]] == [
        ("image", ""),
        ("document", "notes.md"),
    ]


def test_attachments_survive_a_page_that_is_loaded_again(room: Room) -> None:
    view = room.view()
    held_id = upload(room, view, "noise.png", picture())
    ready(room, view, held_id)
    snapshot = room.result(view, "hello")
    (shown,) = snapshot["attached"]["attachments"]
    assert (shown["id"], shown["state"]) == (held_id, "ready")
    answered = room.page.ask(view, "picture", id=held_id)
    room.until(lambda: bool(room.page.responses(answered)))
    pictures = room.page.response(answered)["result"]["pictures"]
    assert pictures == [{"media_type": "image/png"}]


def test_a_picture_is_made_small_for_the_page(room: Room) -> None:
    view = room.view()
    held_id = upload(room, view, "noise.png", picture(1200))
    ready(room, view, held_id)
    room.result(view, "send", text="Q", attachments=[held_id])
    room.wait(view)
    turn = room.result(view, "snapshot")["turns"][0]["id"]
    answered = room.page.ask(view, "turn_pictures", turn=turn)
    room.until(lambda: bool(room.page.responses(answered)))
    (buffers,) = [
        buffers
        for _, _, data, buffers in room.page.sent
        if data.get("content", {}).get("request_id") == answered
    ]
    with Image.open(io.BytesIO(buffers[0])) as image:
        assert image.size == (480, 480)
    assert len(buffers[0]) < 200_000


@pytest.mark.parametrize(
    ("name", "data", "reason"),
    [
        ("cat.png", b"\x7fELF" + bytes(200), "a program (ELF)"),
        ("empty.txt", b"", "empty"),
    ],
)
def test_a_file_that_cannot_be_attached_says_why_and_is_not_sent(
    room: Room, name: str, data: bytes, reason: str
) -> None:
    view = room.view()
    held_id = upload(room, view, name, data)
    reading = view._attached._held[held_id].reading
    if reading is not None:
        room.until(reading.done)
    (shown,) = held(view)
    assert shown["state"] == "failed"
    assert reason in shown["error"]["message"]
    response = room.ask(view, "send", text="Q", attachments=[held_id])
    assert response["error"]["message"].startswith(f"{name} cannot be sent yet: ")
    assert room.fake.requests == []
    room.result(view, "detach", id=held_id)
    assert held(view) == []


def test_what_is_too_large_is_refused_before_a_byte_comes(room: Room) -> None:
    view = room.view()
    response = room.ask(view, "upload", name="film.png", size=300_000_000)
    assert response["error"]["message"] == "film.png is 300 MB; the limit is 50.0 MB."
    assert held(view) == []


def test_all_of_a_message_stays_within_the_limit(room: Room) -> None:
    room.app._attachments = AttachmentReader(lambda: Limits(message=1000))
    view = room.view()
    upload(room, view, "a.txt", b"a" * 600)
    response = room.ask(view, "upload", name="b.txt", size=600)
    assert response["error"]["message"] == (
        "With b.txt the attachments have 1.2 kB; the limit of one message is 1.0 kB."
    )


def test_a_question_has_no_more_than_twenty_attachments(room: Room) -> None:
    view = room.view()
    for number in range(20):
        room.result(view, "upload", name=f"{number}.txt", size=1)
    response = room.ask(view, "upload", name="20.txt", size=1)
    assert response["error"]["message"] == "A question can have 20 attachments."


def test_a_part_that_is_missing_fails_the_file(room: Room) -> None:
    view = room.view()
    begun = room.result(view, "upload", name="a.txt", size=30)
    room.ask(view, "upload_part", id=begun["id"], at=10, buffers=[b"x" * 10])
    (shown,) = held(view)
    assert shown["state"] == "failed"
    assert shown["error"]["message"] == "A part of a.txt is missing."


def test_a_file_whose_page_is_gone_fails_after_a_while(room: Room) -> None:
    view = room.view()
    room.result(view, "upload", name="a.txt", size=30)
    room.pass_time(61)
    (shown,) = held(view)
    assert shown["error"]["message"] == "a.txt did not come."


def test_a_file_that_is_removed_while_it_comes_is_wanted_no_more(room: Room) -> None:
    view = room.view()
    begun = room.result(view, "upload", name="a.txt", size=30)
    room.result(view, "detach", id=begun["id"])
    response = room.ask(view, "upload_part", id=begun["id"], at=0, buffers=[b"x" * 10])
    assert response["error"]["message"] == "The file is no longer wanted."


def test_a_path_is_attached_by_the_kernel(room: Room, tmp_path: Path) -> None:
    (tmp_path / "noise.png").write_bytes(picture())
    view = room.view()
    begun = room.result(view, "attach", source=str(tmp_path / "noise.png"))
    ready(room, view, begun["id"])
    (shown,) = held(view)
    assert (shown["name"], shown["kind"]) == ("noise.png", "image")


def test_a_model_that_sees_no_images_is_named_before_it_is_asked(room: Room) -> None:
    class Blind(FakeProvider):
        async def abilities(self, model: str, *, ask: bool = True) -> dict[str, bool]:
            del ask
            return {"vision": model != "m"}

    scripted(room.app, echo, name="blind", kind=Blind)
    view = room.view()
    shown = room.shown(view)
    room.result(view, "set_model", name="blind/m")
    held_id = upload(room, view, "noise.png", picture())
    ready(room, view, held_id)
    room.pass_time(1)
    assert room.catch_up(view, shown).session["sees"] is False
    room.result(view, "set_model", name="fake/scripted")
    assert "sees" not in room.catch_up(view, shown).session


def test_attachments_stay_with_the_tab_of_their_conversation(room: Room) -> None:
    view = room.view()
    first = view.session
    held_id = upload(room, view, "notes.txt", b"words")
    ready(room, view, held_id)
    room.result(view, "new")
    assert held(view) == []
    response = room.ask(view, "send", text="Q", attachments=[held_id])
    assert response["error"]["message"] == "An attachment is no longer there."
    room.result(view, "show_tab", id=first.id)
    assert [each["id"] for each in held(view)] == [held_id]
    room.result(view, "send", text="Q", attachments=[held_id])
    room.wait(view)
    assert held(view) == []


def test_a_file_is_attached_in_the_tab_that_it_was_given_to(room: Room) -> None:
    view = room.view()
    first = view.session
    room.say(view, "One?")
    room.result(view, "new")
    # It waited behind another file while the user went on to the new tab.
    begun = room.result(view, "upload", tab=first.id, name="late.txt", size=4)
    assert held(view) == []
    room.ask(view, "upload_part", id=begun["id"], at=0, buffers=[b"late"])
    room.result(view, "show_tab", id=first.id)
    ready(room, view, begun["id"])
    assert [each["name"] for each in held(view)] == ["late.txt"]
    response = room.ask(view, "upload", tab="closed", name="later.txt", size=4)
    assert response["error"]["message"] == "The conversation is closed."


def test_attachments_go_with_the_tab_of_their_conversation(room: Room) -> None:
    view = room.view()
    first = view.session
    ready(room, view, upload(room, view, "notes.txt", b"words"))
    room.result(view, "new")
    room.result(view, "close_tab", id=first.id)
    assert view._attached._held == {}


def test_a_question_may_be_attachments_alone(room: Room) -> None:
    view = room.view()
    room.result(view, "new")
    held_id = upload(room, view, "notes.txt", b"words")
    ready(room, view, held_id)
    room.result(view, "send", text="", attachments=[held_id])
    room.wait(view)
    (request,) = room.fake.requests
    assert [type(part) for part in request.messages[-1].parts] == [DocumentPart]
    assert view.session.name == "notes.txt"


def test_what_is_sent_shows_attachments(room: Room) -> None:
    view = room.view()
    held_id = upload(room, view, "noise.png", picture())
    ready(room, view, held_id)
    shown = room.result(view, "preview", text="Q", attachments=[held_id])
    assert shown["messages"][-1]["attached"][0].startswith("image/png, 8 x 8")
    assert [each["id"] for each in held(view)] == [held_id]
