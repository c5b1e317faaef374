"""What would be sent for a question: the same as asking sends, and nothing secret."""

from __future__ import annotations

import asyncio
import base64
import json
import struct
from collections.abc import AsyncIterator

import pytest

from parllama_nb.application import Parllama
from parllama_nb.chats.preview import RequestPreview
from parllama_nb.chats.question import Question
from parllama_nb.errors import BadRequestError, ParllamaError
from parllama_nb.events import Event
from parllama_nb.providers.messages import (
    ChatRequest,
    DocumentPart,
    ImagePart,
    Message,
    TextPart,
)
from parllama_nb.providers.token_estimate import TokenCount
from parllama_nb.providers.wire_preview import WirePreview
from parllama_nb.secret import Redactor, Secret
from parllama_nb.testing import FakeProvider, Pause

from ..browser.xss_corpus import CORPUS
from ..own_app import own_app, scripted
from ..virtual_time import OnLoop

KEY = "sk-known-0123456789"
PNG = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR" + struct.pack(">II", 640, 480) + bytes(4000)
IMAGE = ImagePart(f"data:image/png;base64,{base64.b64encode(PNG).decode()}")


@pytest.fixture
async def app() -> AsyncIterator[Parllama]:
    with own_app() as app:
        real = app.runtime
        app.runtime = app.jobs.runtime = OnLoop(asyncio.get_running_loop())
        app.model = "fake/scripted"
        yield app
        app.runtime = app.jobs.runtime = real


@pytest.fixture
def fake(app: Parllama) -> FakeProvider:
    return scripted(app, models=("scripted", "other"))


def previewed(
    *messages: Message, redact: Redactor | None = None, doubt: str = ""
) -> RequestPreview:
    """A preview of a request whose body is the messages as JSON."""
    request = ChatRequest("m", messages, temperature=0.2)
    body = json.dumps(request.to_dict()).encode()
    url = "https://api.example.com/v1/chat"
    return RequestPreview(
        model="fake/m",
        provider="Fake",
        request=request,
        wire=WirePreview("POST", url, (("Host", "api.example.com"),), body, doubt),
        tokens=TokenCount(12),
        context_window=10,
        sent_to="",
        notes=(),
        redact=redact or Redactor(),
    )


async def ask(app: Parllama, question: Question) -> None:
    job = app.jobs.start("ask", lambda job: app.sessions.ask(question, job))
    await asyncio.wrap_future(job.future)


@pytest.mark.parametrize("conversation", [None, "c"])
async def test_a_preview_is_the_request_that_asking_sends(
    app: Parllama, fake: FakeProvider, conversation: str | None
) -> None:
    app.settings.update({"chat.system": "Be brief.", "chat.temperature": 0.4})
    for text in ("One?", "Two?"):
        await ask(app, Question(text, conversation=conversation))
    question = Question(
        "Three?",
        options={"max_tokens": 7},
        attached=(IMAGE,),
        conversation=conversation,
        cell_id="cell",
    )
    asked = len(fake.requests)
    events: list[Event] = []
    app.events.listen("*", events.append)
    before = await app.chats.sessions()
    found = await app.sessions.preview(question)
    assert len(fake.requests) == asked, "it was sent"
    assert await app.chats.sessions() == before, "it was written"
    await ask(app, question)
    assert found.request == fake.requests[-1]
    count = 6 if conversation else 2
    assert len(found.messages) == count
    assert found.options == {"temperature": 0.4, "max_tokens": 7}
    assert found.messages[-1].attached == ("image/png, 640 x 480, 4.0 kB",)


async def test_a_new_conversation_is_not_named_by_a_preview(
    app: Parllama, fake: FakeProvider
) -> None:
    session = await app.sessions.new()
    await session.preview(Question("What is its name?"))
    assert session.name.startswith("New chat")
    assert await app.chats.sessions() == []
    assert fake.requests == []


async def test_each_model_of_a_comparison_has_its_preview_or_its_error(
    app: Parllama, fake: FakeProvider
) -> None:
    await ask(app, Question("One?", conversation="c"))
    question = Question("Two?", options={"seed": 1, "top_k": 3}, conversation="c")
    fake.spec = fake.spec.__class__(**{**_fields(fake), "options": {"seed", "top_k"}})
    models = ["fake/scripted", "nowhere/m", "fake/other"]
    found = await app.comparisons.preview(question, models)
    assert len(found) == 3
    assert [each.model for each in found] == ["fake/scripted", "fake/other"]
    begun = app.comparisons.begin(question, ["fake/other"])
    await asyncio.wrap_future(app.jobs.start("compare", begun.outcome).future)
    assert fake.requests[-1] == [*found][1].request
    assert "nowhere/m" in str(found)
    assert "cannot be asked" in str(found)
    assert found.markdown.count("nothing was sent") == 2


def _fields(fake: FakeProvider) -> dict[str, object]:
    spec = fake.spec
    return {name: getattr(spec, name) for name in spec.__dataclass_fields__}


async def test_an_option_that_would_be_refused_is_refused(
    app: Parllama, fake: FakeProvider
) -> None:
    del fake
    with pytest.raises(BadRequestError, match="does not support top_k"):
        await app.sessions.preview(Question("Why?", options={"top_k": 3}))


def test_a_document_that_is_sent_as_it_is_is_shown_as_its_size() -> None:
    content = b"%PDF-1.7" + bytes(4000)
    url = f"data:application/pdf;base64,{base64.b64encode(content).decode()}"
    pdf = DocumentPart("The text.", "1", title="a.pdf", data=url)
    found = previewed(Message("user", (pdf, TextPart("What is this?"))))
    (message,) = found.messages
    assert message.attached == ("[1] a.pdf, application/pdf, 4.0 kB",)
    # Its text is not what the model reads.
    assert message.text == "What is this?"
    assert base64.b64encode(content).decode() not in found.shown_body
    assert "[application/pdf, 4.0 kB, sha256 " in found.shown_body


def test_a_document_of_which_the_text_is_sent_is_shown_with_it() -> None:
    page = DocumentPart("The text.", "1", title="a.pdf")
    found = previewed(Message("user", (page, TextPart("What is this?"))))
    (message,) = found.messages
    assert message.attached == ()
    assert "[1] a.pdf\nThe text." in message.text


def test_an_image_is_shown_as_its_size_and_its_bytes_stay_in_the_body() -> None:
    found = previewed(Message("user", (IMAGE, TextPart("What is this?"))))
    data = base64.b64encode(PNG).decode()
    for shown in (found.shown_body, found.markdown, str(found), repr(found)):
        assert data[:200] not in shown
    assert "[image/png, 640 x 480, 4.0 kB, sha256 " in found.shown_body
    assert data.encode() in found.body
    assert json.loads(found.shown_body)["messages"][0]["role"] == "user"


def test_a_secret_in_a_question_is_hidden_and_said() -> None:
    redact = Redactor()
    redact.add(Secret("OPENAI_API_KEY", KEY))
    found = previewed(Message.of("user", f"My key is {KEY}."), redact=redact)
    for shown in (found.shown_body, found.markdown, str(found), repr(found)):
        assert KEY not in shown
    assert "holds a secret" in found.warnings[0]
    assert "<Secret OPENAI_API_KEY>" in found.messages[0].text
    assert KEY.encode() in found.body
    assert not any("secret" in w for w in previewed(Message.of("user", "x")).warnings)


def test_doubts_and_a_full_window_are_said() -> None:
    found = previewed(Message.of("user", "x"), doubt="It may differ.")
    assert found.warnings == (
        "It may differ.",
        "It may be too long: the model reads 10 tokens.",
    )
    for shown in (str(found), found.markdown):
        assert "It may differ." in shown
        assert "about 12 of 10" in shown


def test_a_long_conversation_is_shown_by_its_ends() -> None:
    turns = [Message.of("user", f"Question {number}?") for number in range(100)]
    found = previewed(Message.of("system", "Be brief."), *turns)
    assert "Be brief." in str(found)
    assert "94 more messages" in str(found)
    assert "101. user" in found.markdown
    long = previewed(Message.of("user", "word " * 20_000))
    assert len(long.markdown) < 40_000
    assert "more characters" in long.markdown


def test_hostile_text_stays_in_its_fence() -> None:
    from markdown_it import MarkdownIt

    reader = MarkdownIt("commonmark", {"html": True}).enable("table")
    for text in (
        *CORPUS[::7],
        "```\n</pre><script>x</script>",
        "`````\n# x",
        "\x1b[31m",
    ):
        found = previewed(Message.of("system", text), Message.of("user", text))
        kinds = {token.type for token in reader.parse(found.markdown)}
        assert "html_block" not in kinds
        inline = [t for t in reader.parse(found.markdown) if t.type == "inline"]
        inner = {child.type for token in inline for child in token.children or ()}
        assert not inner & {"html_inline", "image", "link_open"}
        assert "\x1b" not in str(found)


def test_a_body_that_is_no_json_is_shown_as_it_is() -> None:
    found = previewed(Message.of("user", "x"))
    wire = WirePreview("POST", "https://h/", (), b"\xff not JSON")
    other = RequestPreview(**{**vars(found), "wire": wire})
    assert other.shown_body.endswith("not JSON")


async def test_a_preview_of_no_model_says_what_asking_says(app: Parllama) -> None:
    app.model = None
    with pytest.raises(ParllamaError, match="No model is chosen"):
        await app.sessions.preview(Question("Why?"))


async def test_a_preview_leaves_an_answer_under_way_alone(
    app: Parllama, fake: FakeProvider
) -> None:
    gate = asyncio.Event()
    fake.script = ["Half ", Pause(gate), "and half."]
    session = await app.sessions.open("c")
    job = session.send(Question("One?"))
    await session.begun(job)
    live = session.transcript.turns[-1]
    found = await session.preview(Question("Two?"))
    assert found.messages[-1].text == "Two?"
    assert session.transcript.turns[-1] is live
    gate.set()
    answer = await asyncio.wrap_future(job.future)
    assert answer.text == "Half and half."
    assert [turn.prompt for turn in session.transcript.turns] == ["One?"]
    assert len(fake.requests) == 1
