"""How long an answer may be silent, and what counts as a sign of life."""

from __future__ import annotations

import json

import pytest

from parllama_nb.errors import ProviderTimeoutError
from parllama_nb.providers.http import limits
from parllama_nb.providers.spec import Timeouts
from tests.servers.scripted import Script

from .conftest import Ask
from .dialects import ALL, DIALECTS, EVENTS, OPENAI, Dialect, chunk

SHORT = Timeouts(connect=5.0, first_token=60.0, stall=0.3)
SIGNS = (b": keep-alive\n\n", b"event: ping\ndata: {}\n\n", b"data:\n\n", b"\n")


def alive(sign: bytes, times: int) -> tuple[bytes | float, ...]:
    """A sign of life every 0.1 s."""
    return (0.1, sign) * times


def end(dialect: Dialect, text: str) -> list[bytes]:
    return [dialect.encode(dialect.text(text)), *dialect.end()]


@pytest.mark.parametrize(
    ("wire", "sign"),
    [*(("openai", sign) for sign in SIGNS), *((wire, SIGNS[0]) for wire in EVENTS[1:])],
)
async def test_a_sign_of_life_extends_the_wait_for_a_token(
    ask: Ask, wire: str, sign: bytes
) -> None:
    dialect = DIALECTS[wire].dialect
    script = Script((*dialect.begin("One "), *alive(sign, 4), *end(dialect, "two.")))
    got = await ask(wire, script, timeouts=SHORT)
    assert (got.error, got.text) == (None, "One two.")


@pytest.mark.parametrize("wire", ALL)
async def test_an_empty_piece_is_a_sign_of_life(ask: Ask, wire: str) -> None:
    dialect = DIALECTS[wire].dialect
    sign = dialect.encode(dialect.text(""))
    script = Script((*dialect.begin("One "), *alive(sign, 4), *end(dialect, "two.")))
    got = await ask(wire, script, timeouts=SHORT)
    assert (got.error, got.text) == (None, "One two.")


async def test_a_sign_of_life_extends_the_wait_for_the_first_token(ask: Ask) -> None:
    dialect = DIALECTS["openai"].dialect
    timeouts = Timeouts(connect=5.0, first_token=0.4, stall=60.0)
    script = Script((*alive(b": queued\n\n", 5), *dialect.stream("One.")))
    got = await ask("openai", script, timeouts=timeouts)
    assert (got.error, got.text) == (None, "One.")


async def test_signs_of_life_do_not_extend_a_wait_without_end(
    ask: Ask, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(limits, "_ALIVE", 3)
    begun = DIALECTS["openai"].dialect.begin("One ")
    script = Script((*begun, *alive(b": keep-alive\n\n", 200)))
    got = await ask("openai", script, timeouts=SHORT)
    assert got.text == "One "
    assert type(got.error) is ProviderTimeoutError
    assert "no further token within 0.9 s, though the server said" in got.error.message


async def test_silence_is_limited(ask: Ask) -> None:
    begun = DIALECTS["openai"].dialect.begin("One ")
    got = await ask("openai", Script((*begun, 0.5)), timeouts=SHORT)
    assert got.text == "One "
    assert type(got.error) is ProviderTimeoutError
    assert "no further token within 0.3 s." in got.error.message


# an end that is said early


def counted() -> list[bytes]:
    return DIALECTS["openai"].dialect.end()[1:]


def piece(text: str, reason: str | None) -> bytes:
    return f"data: {json.dumps(chunk({'content': text}, reason))}\n\n".encode()


@pytest.fixture
def _impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """The usage of an answer is not waited for long."""
    monkeypatch.setattr(limits, "_AFTER_FINISH", 0.05)


@pytest.mark.usefixtures("_impatient")
@pytest.mark.parametrize(
    "before",
    [
        (piece("One ", "stop"),),
        (piece("One", "stop"), piece(" ", "stop")),
        (piece("", "stop"), piece("One ", "stop")),
        (piece("", "stop"), 0.2, piece("One ", "stop")),
        (piece("One", "stop"), piece(" ", "stop"), piece("", "stop")),
        (piece("One", None), piece(" ", "stop")),
        (piece("On", "stop"), piece("One ", "stop")),
    ],
)
@pytest.mark.parametrize("wire", OPENAI)
async def test_a_reason_with_every_piece_does_not_end_an_answer(
    ask: Ask, wire: str, before: tuple[bytes | float, ...]
) -> None:
    script = Script((*before, 0.2, piece("two.", "stop"), *counted()))
    got = await ask(wire, script)
    # Pieces that begin alike are held back until it is known what they are.
    alike = before[0] == piece("On", "stop")
    text = "OnOne two." if alike else "One two."
    assert (got.error, got.text, got.counted) == (None, text, (7, 3))


@pytest.mark.usefixtures("_impatient")
@pytest.mark.parametrize("wire", OPENAI)
async def test_the_usage_of_a_complete_answer_is_not_waited_for_without_end(
    ask: Ask, wire: str
) -> None:
    dialect = DIALECTS[wire].dialect
    ended = (*dialect.begin("One."), dialect.end()[0])
    got = await ask(wire, Script((*ended, *alive(b": waiting\n\n", 100))))
    assert (got.error, got.text) == (None, "One.")


async def test_an_answer_whose_reason_came_with_its_text_is_complete_when_silent(
    ask: Ask,
) -> None:
    script = Script((piece("One.", "stop"), *alive(b": waiting\n\n", 100)))
    got = await ask("openai", script, timeouts=SHORT)
    assert (got.error, got.text) == (None, "One.")
