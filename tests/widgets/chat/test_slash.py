"""Slash commands: what each does, and what it says of bad input."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from parllama_nb.application import Parllama
from parllama_nb.providers.messages import ChatRequest, ImagePart
from parllama_nb.providers.spec import ModelInfo
from parllama_nb.testing import FakeProvider
from parllama_nb.widgets.chat.attaching import AttachmentRequests
from parllama_nb.widgets.chat.slash.table import COMMANDS, find
from parllama_nb.widgets.chat.view import ChatView

from ...own_app import scripted
from ...virtual_time import VirtualLoop
from ..recording import Page
from .test_composing import held, picture
from .test_view import Room, echo


@pytest.fixture
def room(app: Parllama, page: Page, loop: VirtualLoop) -> Room:
    return Room(app, page, loop)


def command(room: Room, view: ChatView, text: str, **more: Any) -> dict[str, Any]:
    """What comes of a command, typed as in the composer."""
    name, _, argument = text.removeprefix("/").partition(" ")
    return room.result(view, "command", name=name, argument=argument, **more)


def refused(room: Room, view: ChatView, text: str) -> str:
    """Why a command is refused."""
    name, _, argument = text.removeprefix("/").partition(" ")
    error = room.ask(view, "command", name=name, argument=argument)["error"]
    return f"{error['message']} {error.get('hint', '')}".strip()


def offered(room: Room, view: ChatView, name: str, argument: str) -> list[str]:
    options = room.result(view, "complete", name=name, argument=argument)["options"]
    return [each["value"] for each in options]


_PARLLAMA = (
    "help ? session.new session.name session.provider session.model session.temp",
    "session.delete session.system_prompt session.clear_system_prompt prompt.load",
    "add.image add.doc attach history.clear tab.new tab.2 t.1 tab.remove",
    "session.summarize session.export session.import session.to_prompt",
    "remember forget memory.clear memory.status",
)


@pytest.mark.parametrize("name", " ".join(_PARLLAMA).split())
def test_a_command_of_par_llama_is_known_under_its_own_name(name: str) -> None:
    assert find(f"/{name}")[0].help


def test_every_command_is_listed_once_and_says_what_it_does(room: Room) -> None:
    view = room.view()
    listed = room.result(view, "commands")["commands"]
    names = [name for each in listed for name in (each["name"], *each["aliases"])]
    assert len(names) == len(set(names)) >= len(COMMANDS)
    for each in listed:
        assert each["help"].endswith(".")
        assert bool(each["question"]) == bool(each["decision"])


def test_an_argument_keeps_its_case_and_quotes(room: Room) -> None:
    view = room.view()
    text = 'You are "Bob" from NASA:  be Brief.'
    command(room, view, f"/session.system_prompt {text}")
    assert view.session.options["system"] == text
    command(room, view, "/rename Talks with Bob")
    assert view.session.name == "Talks with Bob"
    command(room, view, "/clear-system")
    assert "system" not in view.session.options


def test_a_new_conversation_may_have_a_name(room: Room) -> None:
    view = room.view()
    command(room, view, "/new Ideas of Ann")
    assert view.session.name == "Ideas of Ann"
    room.say(view, "Q")
    assert view.session.name == "Ideas of Ann"
    command(room, view, "/new")
    assert view.session.name != "Ideas of Ann"
    assert refused(room, view, "/new Ideas of Ann") == (
        "There is a conversation 'Ideas of Ann' already. /open Ideas of Ann shows it."
    )
    command(room, view, "/open ideas OF ann")
    assert view.session.name == "Ideas of Ann"
    assert "Did you mean Ideas of Ann?" in refused(room, view, "/open Ideas of An")
    assert offered(room, view, "open", "ann") == ["Ideas of Ann"]


def test_a_model_is_found_by_a_part_of_its_name(room: Room) -> None:
    class Many(FakeProvider):
        async def models(self) -> list[ModelInfo]:
            names = ("llama3.2:1b", "llama3.2:3b", "qwen3:4b")
            return [ModelInfo("many", name) for name in names]

    scripted(room.app, echo, name="many", kind=Many, local=True)
    view = room.view()
    room.run(room.app.model_lists.get(["many"]))
    command(room, view, "/model qwen")
    assert view.session.model == "many/qwen3:4b"
    command(room, view, "/session.model llama3.2:1b")
    assert view.session.model == "many/llama3.2:1b"
    assert refused(room, view, "/model llama3.2") == (
        "There are 2 models like 'llama3.2'. "
        "For example many/llama3.2:1b, many/llama3.2:3b."
    )
    assert "many/qwen3:4b" in offered(room, view, "model", "qwen")
    command(room, view, "/model default")
    assert view.session.model is None
    done = command(room, view, "/provider MANY")
    assert done["text"].startswith("many/llama3.2:1b answers")
    assert "Did you mean many?" in refused(room, view, "/provider manny")


def test_options_are_set_shown_and_unset(room: Room) -> None:
    view = room.view()
    assert command(room, view, "/temp 0.7")["text"] == (
        "temperature is 0.7 from now on."
    )
    assert command(room, view, "/temp")["text"] == "temperature is 0.7."
    command(room, view, '/set stop ["END", "\\n"]')
    command(room, view, "/set seed 5")
    room.say(view, "Q")
    sent: ChatRequest = room.fake.requests[-1]
    assert (sent.temperature, sent.seed, sent.stop) == (0.7, 5, ("END", "\n"))
    command(room, view, "/temp default")
    assert "temperature" not in view.session.options
    assert refused(room, view, "/temp warm").startswith("temperature cannot be 'warm'.")
    assert refused(room, view, "/temp 3").startswith("temperature cannot be '3'.")
    assert refused(room, view, "/set sed 5") == (
        "There is no option 'sed'. Did you mean seed?"
    )
    assert offered(room, view, "set", "se") == ["seed"]


def test_an_option_that_the_provider_does_not_take_is_kept_and_said_so(
    room: Room,
) -> None:
    view = room.view()
    room.result(view, "set_model", name="fake/scripted")
    done = command(room, view, "/set top_k 40")
    assert done["text"] == (
        "top_k is 40 from now on. Fake does not take it: it is kept for other models."
    )
    room.say(view, "Q")
    assert room.fake.requests[-1].top_k is None
    (turn,) = room.result(view, "snapshot")["turns"]
    assert "without top_k, which Fake does not take" in turn["footer"]


def test_what_cannot_be_undone_is_asked_before(room: Room) -> None:
    view = room.view()
    room.say(view, "one")
    room.say(view, "two")
    shown = room.shown(view)
    assert refused(room, view, "/clear") == (
        "/clear has to be confirmed. "
        "Delete all turns of this conversation? This cannot be undone."
    )
    assert len(room.result(view, "snapshot")["turns"]) == 2
    assert command(room, view, "/clear", confirmed=True)["text"] == "2 turns deleted."
    assert room.catch_up(view, shown).said == []
    assert view.session.name == "s"
    done = command(room, view, "/delete")
    assert (done["act"], done["data"]) == ("deleted", "s")
    assert view.session.name != "s"
    room.result(view, "restore_session", name="s")


def test_the_last_question_is_asked_again_and_its_answer_copied(room: Room) -> None:
    view = room.view()
    assert refused(room, view, "/retry") == (
        "Nothing was asked here yet. Type a question first."
    )
    room.say(view, "Q")
    done = command(room, view, "/copy")
    assert (done["act"], done["data"]) == ("copy", "[Q]")
    assert refused(room, view, "/copy code") == (
        "The answer has no block of code. /copy copies all of it."
    )
    command(room, view, "/retry")
    room.wait(view)
    assert len(room.fake.requests) == 2
    assert room.fake.requests[0].messages == room.fake.requests[1].messages
    room.say(view, "\n```py\nprint(1)\n```\n")
    assert command(room, view, "/copy code")["data"] == "print(1)\n"


def test_an_image_is_attached_by_its_path_and_asked_about(
    room: Room, tmp_path: Path
) -> None:
    view = room.view()
    path = tmp_path / "My Picture.png"
    path.write_bytes(picture())
    command(room, view, f'/add.image "{path}" What is "This"?')
    room.wait(view)
    parts = room.fake.requests[-1].messages[-1].parts
    assert isinstance(parts[0], ImagePart)
    assert parts[1].text == 'What is "This"?'  # type: ignore[union-attr]
    command(room, view, f'/file "{path}"')
    assert [each["name"] for each in held(view)] == ["My Picture.png"]
    assert command(room, view, "/attach")["act"] == "pick"


def test_a_command_is_for_the_conversation_where_it_was_typed(
    room: Room, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    scripted(room.app, echo, name="other", models=["m"], local=True)
    view = room.view()
    first, second = view.session, room.run(room.app.sessions.begin("second"))
    read = AttachmentRequests.wait

    async def read_late(attached: AttachmentRequests, held: str) -> None:
        while view.session is first:
            await room.page.changed.wait()
            room.page.changed.clear()
        await read(attached, held)

    monkeypatch.setattr(AttachmentRequests, "wait", read_late)
    path = tmp_path / "picture.png"
    path.write_bytes(picture())
    for name, argument in (
        ("provider", "other"),
        ("rename", "Renamed"),
        ("image", f"{path} What is this?"),
        ("image", f"{tmp_path}/none.png And this?"),
    ):
        room.result(view, "open", name=first.name)
        # Another tab is shown before the command is done.
        ran = room.page.ask(view, "command", name=name, argument=argument)
        shown = room.page.ask(view, "open", name="second")
        room.until(lambda ran=ran: bool(room.page.responses(ran)))  # type: ignore[misc]
        room.until(lambda shown=shown: bool(room.page.responses(shown)))  # type: ignore[misc]
        assert view.session is second
        room.over(first.id, lambda: first.answering)
        if name == "rename":
            done = room.page.response(ran)["result"]
            assert done["text"] == "It is called Renamed now."
    assert (first.model, second.model) == ("other/m", None)
    (turn,) = first.transcript.turns
    assert turn.prompt == "What is this?"
    assert second.transcript.turns == []
    # One that failed comes back where it was typed.
    assert room.result(view, "hello")["draft"] == ""
    room.result(view, "open", name=first.name)
    assert (
        room.result(view, "hello")["draft"] == f"/image {tmp_path}/none.png And this?"
    )


def test_a_file_that_is_not_there_is_named_and_nothing_is_attached(
    room: Room, tmp_path: Path
) -> None:
    view = room.view()
    path = tmp_path / "none.png"
    # A message shows the beginning of a long one.
    assert refused(room, view, f"/image {path}").startswith(
        f"There is no variable, no file and no address '{str(path)[:70]}"
    )
    assert held(view) == []
    assert refused(room, view, '/image "open.png') == (
        'The quote " is not closed. Write "open.png".'
    )


def test_paths_are_completed(
    room: Room, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    place = tmp_path / "place"
    (place / "Data").mkdir(parents=True)
    monkeypatch.chdir(place)
    for name in ("Data/a b.csv", "day.txt", ".hidden"):
        (place / name).touch()
    view = room.view()
    assert offered(room, view, "file", "") == ["Data/", "day.txt"]
    assert offered(room, view, "file", "da") == ["Data/", "day.txt"]
    assert offered(room, view, "file", "Data/") == ['"Data/a b.csv"']
    assert offered(room, view, "file", '"Data/a') == ['"Data/a b.csv"']
    assert offered(room, view, "file", ".h") == [".hidden"]
    assert offered(room, view, "file", "day.txt Why?") == []
    assert offered(room, view, "file", "https://example.org/") == []


def test_a_command_that_is_not_there_has_a_hint(room: Room) -> None:
    view = room.view()
    assert refused(room, view, "/renam x") == (
        "There is no command /renam. Did you mean /rename?"
    )
    assert refused(room, view, "/rename") == (
        "/rename needs NAME. Rename this conversation."
    )
    assert command(room, view, "/help /TEMP") == {
        "text": "",
        "act": "help",
        "data": "temp",
    }


def test_the_memory_is_changed_after_it_was_seen(room: Room) -> None:
    scripted(room.app, ["- I am Ann\n- I like tea"], name="writer")
    room.app.model = "writer/scripted"
    view = room.view()
    done = command(room, view, "/remember I am Ann, and I like tea")
    assert done["act"] == "propose"
    assert "+ " in done["data"]
    assert "Ann" in done["data"]
    assert room.run(room.app.memory.read()).text == ""
    command(room, view, "/memory accept")
    assert "Ann" in room.run(room.app.memory.read()).text
    assert command(room, view, "/memory off")["text"].startswith("The memory is off")
    assert command(room, view, "/memory.status")["text"].startswith(
        "The memory is off and has "
    )
    command(room, view, "/memory.clear")
    assert room.run(room.app.memory.read()).text == ""
    assert "Did you mean status?" in refused(room, view, "/memory statu")
    assert offered(room, view, "memory", "o") == ["on", "off"]


def test_a_conversation_is_exported_imported_and_made_a_prompt(
    room: Room, tmp_path: Path
) -> None:
    view = room.view()
    room.say(view, "What is 2 + 2?")
    path = tmp_path / "My talk.json"
    done = command(room, view, f'/session.export "{path}"')
    assert done["text"] == f"The conversation is exported to {path}."
    assert "What is 2 + 2?" in path.read_text()
    assert "exists" in refused(room, view, f'/export "{path}"')
    done = command(room, view, f'/import "{path}"')
    assert "here already" in done["text"] or done["text"].startswith("Imported: ")
    assert "json" in offered(room, view, "export", "js")
    done = command(room, view, "/session.to_prompt 0 Sums of Two")
    assert done["text"] == "The prompt Sums of Two is in the library."
    assert room.run(room.app.prompts.get("Sums of Two")).messages[-1].text == (
        "What is 2 + 2?"
    )


def test_a_conversation_goes_on_from_its_summary(room: Room) -> None:
    view = room.view()
    assert refused(room, view, "/summarise").startswith("There is nothing to summarise")
    room.say(view, "one")
    room.say(view, "two")
    done = command(room, view, "/summarise")
    assert done["text"].startswith("The conversation goes on from the summary")
    assert len(view.session.transcript.turns) == 1
