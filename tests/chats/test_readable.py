"""What a model is sent of images and documents, by what is known of it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace

import pytest

from parllama_nb.application import Parllama
from parllama_nb.chats.history.reading import Turn
from parllama_nb.chats.question import Question
from parllama_nb.chats.readable import readable
from parllama_nb.chats.request import Built, build
from parllama_nb.errors import UsageError
from parllama_nb.providers.messages import DocumentPart, ImagePart, Message, TextPart
from parllama_nb.providers.model_facts import facts_of
from parllama_nb.testing import FakeProvider

from ..own_app import own_app, result_of, scripted
from ..servers.ollama import OllamaDouble

IMAGE = ImagePart("data:image/png;base64,iVBORw0KGgo=")
PDF = DocumentPart("Text.", "1", title="a.pdf", data="data:application/pdf;base64,AAAA")
SCAN = replace(PDF, text="")
UNSEEN = TextPart("[An image that this model cannot see.]")


class Able(FakeProvider):
    """A provider of whose model something is known."""

    known: Mapping[str, bool] = {}

    async def abilities(self, model: str, *, ask: bool = True) -> Mapping[str, bool]:
        return self.known


def able(documents: int = 0, **known: bool) -> Able:
    provider = Able()
    provider.known = known
    provider.spec = replace(provider.spec, documents=documents)
    return provider


def built(*parts: ImagePart | DocumentPart, earlier: bool = False) -> Built:
    spec = FakeProvider.spec
    if not earlier:
        return build(Question("Q", attached=parts), "m", spec=spec, defaults={})
    asked = Message("user", (*parts, TextPart("Before")))
    answer = Message.of("assistant", "Yes.")
    turn = Turn(1, "settled", "other/m", (asked,), answer, "stop", None)
    return build(Question("Q"), "m", spec=spec, defaults={}, turns=[turn])


def parts_of(result: Built) -> tuple[object, ...]:
    return result.request.messages[0].parts[:-1]


async def test_an_image_is_refused_by_name_for_a_model_that_is_known_not_to_see() -> (
    None
):
    with pytest.raises(UsageError) as caught:
        await readable(built(IMAGE), able(vision=False), lambda _: "fake/sees")
    assert str(caught.value) == "fake/m cannot see images. fake/sees can."
    with pytest.raises(UsageError, match="Ask a model that can, or leave it out"):
        await readable(built(IMAGE), able(vision=False))


async def test_a_mentioned_picture_is_left_out_with_a_remark_for_who_cannot_see() -> (
    None
):
    asked = built(DocumentPart("Figure.", "@fig"), IMAGE)
    result = await readable(asked, able(vision=False))
    assert parts_of(result) == (DocumentPart("Figure.", "@fig"), UNSEEN)
    remark = "without the picture of @fig, which this model cannot see"
    assert result.remarks == (remark,)
    # It stays in the conversation, for a model that sees.
    assert result.new == asked.new
    assert not (await readable(asked, able(vision=True))).remarks


async def test_an_attached_image_is_refused_beside_a_mentioned_picture() -> None:
    mention = DocumentPart("Figure.", "@fig")
    with pytest.raises(UsageError, match="cannot see images"):
        await readable(built(IMAGE, mention, IMAGE), able(vision=False))


@pytest.mark.parametrize("known", [{}, {"vision": True}, {"pdf": False}])
async def test_an_image_is_sent_if_the_model_may_see(known: dict[str, bool]) -> None:
    result = await readable(built(IMAGE), able(**known))
    assert parts_of(result) == (IMAGE,)


async def test_an_image_of_an_earlier_turn_does_not_end_a_conversation() -> None:
    result = await readable(built(IMAGE, earlier=True), able(vision=False))
    assert parts_of(result) == (UNSEEN,)
    # It stays in the conversation, for a model that sees.
    sees = await readable(built(IMAGE, earlier=True), able())
    assert parts_of(sees) == (IMAGE,)


@pytest.mark.parametrize(
    ("documents", "known", "native"),
    [
        (1_000, {"pdf": True}, True),
        (1_000, {"pdf": False}, False),
        (1_000, {}, False),  # the text is what every model reads
        (0, {"pdf": True}, False),
        (2, {"pdf": True}, False),  # too large
    ],
)
async def test_a_pdf_file_is_sent_as_it_is_only_to_who_is_known_to_read_it(
    documents: int, known: dict[str, bool], native: bool
) -> None:
    asked = built(PDF)
    result = await readable(asked, able(documents, **known))
    assert parts_of(result) == (PDF if native else replace(PDF, data=""),)
    # What is stored is whole: another model may be asked the same.
    assert result.new == asked.new


async def test_pages_that_are_pictures_are_refused_for_who_reads_only_text() -> None:
    assert parts_of(await readable(built(SCAN), able(1_000, pdf=True))) == (SCAN,)
    with pytest.raises(UsageError) as caught:
        await readable(built(SCAN), able())
    assert "a.pdf has no text in it, and fake/m cannot read its pages" in str(
        caught.value
    )
    with pytest.raises(UsageError, match="is too large for fake/m"):
        await readable(built(SCAN), able(1, pdf=True))


async def test_a_question_of_text_asks_nothing_about_the_model() -> None:
    class Unasked(FakeProvider):
        async def abilities(
            self, model: str, *, ask: bool = True
        ) -> Mapping[str, bool]:
            raise AssertionError

    plain = built(DocumentPart("Text.", "1"))
    assert await readable(plain, Unasked()) is plain


def test_the_table_says_what_a_model_has_what_it_lacks_and_no_more() -> None:
    entry = {"mode": "chat", "supports_vision": False, "supports_pdf_input": True}
    facts = facts_of("m", entry)
    assert (facts.capabilities, facts.lacks) == ({"pdf"}, {"vision"})
    assert facts_of("m", {"mode": "chat"}).lacks == frozenset()


@pytest.fixture
def ollama(monkeypatch: pytest.MonkeyPatch) -> Iterator[OllamaDouble]:
    with OllamaDouble() as double:
        monkeypatch.setenv("OLLAMA_HOST", double.url)
        yield double


def test_a_model_of_ollama_that_cannot_see_is_named_before_it_is_asked(
    ollama: OllamaDouble,
) -> None:
    png = b"\x89PNG\r\n\x1a\n" + bytes(8)
    with own_app() as app:
        app.runtime.run(app.model_lists.get(["ollama"]))
        before = len(ollama.asked())
        for dry_run in (True, False):
            with pytest.raises(UsageError) as caught:
                result_of(
                    app,
                    "ask",
                    prompt="What is it?",
                    model="ollama/echo",
                    image=png,
                    dry_run=dry_run,
                )
            assert str(caught.value) == (
                "ollama/echo cannot see images. ollama/sees:latest can."
            )
        assert len(ollama.asked()) == before
        answer = result_of(app, "ask", prompt="It?", model="ollama/sees", image=png)
        assert answer.error is None


def test_a_view_can_ask_what_a_model_is_able_to(
    ollama: OllamaDouble, monkeypatch: pytest.MonkeyPatch
) -> None:
    def abilities(app: Parllama, model: str) -> Mapping[str, bool]:
        return app.runtime.run(app.abilities(model))

    with own_app() as app:
        scripted(app)
        assert abilities(app, "ollama/echo") == {"vision": False, "pdf": False}
        asked = len(ollama.requests)
        assert abilities(app, "ollama/sees")["vision"]
        assert abilities(app, "ollama/echo")["vision"] is False
        assert len(ollama.requests) == asked + 1  # each once
        assert abilities(app, "embedded/smollm2")["vision"] is False
        assert abilities(app, "fake/scripted") == {}
        assert abilities(app, "openai/gpt-5-mini")["pdf"]
        assert abilities(app, "anthropic/claude-haiku-4-5")["vision"]
        assert "vision" not in abilities(app, "openai/gpt-3.5-turbo")
    with own_app() as app:
        monkeypatch.setenv("OLLAMA_HOST", "127.0.0.1:9")  # nobody is there
        assert abilities(app, "ollama/echo") == {}
