"""The belt on a real session: what it replaces, and what it leaves alone."""

from __future__ import annotations

import base64
import datetime as dt
import html
import json
import secrets
from typing import Any
from urllib.parse import quote

import pytest
from jupyter_client.session import Session, json_packer, msg_header

from parllama_nb.redaction.belt import Belt
from parllama_nb.secret import Redactor, Secret

from ..sentinels import found
from .ordinary import ordinary_outputs

KEYS = {
    "plain": "sk-proj-" + secrets.token_urlsafe(40),
    "special": 'sk-sentinel/9d+3"f7=c1',
    "quotes": 'it\'s a "sentinel" of\nlines \\ and é',
    "short": "hunter22",
}

OTHERS = [
    *("sk-ant-api03-" + secrets.token_urlsafe(70) for _ in range(5)),
    *(secrets.token_hex(32) for _ in range(5)),
    *(secrets.token_urlsafe(12) for _ in range(5)),
]


def redactor(*values: str) -> Redactor:
    redact = Redactor()
    for number, value in enumerate(values):
        redact.add(Secret(f"KEY_{number}", value))
    return redact


def belt(*values: str, wanted: bool = True, session: Session | None = None) -> Belt:
    session = session or Session(key=b"k")
    return Belt(session, redactor(*values), lambda: wanted)


def shown(key: str) -> list[Any]:
    """What cells send when they show a key."""
    return [
        {"name": "stdout", "text": f"the key is {key}\n"},
        {"data": {"text/plain": repr(key)}},
        {"data": {"text/plain": repr({"key": [key]})}},
        {"data": {"application/json": {"deep": [{"key": key}]}}},
        {"data": {"text/plain": json.dumps({"key": key})}},
        {"data": {"text/plain": json.dumps({"key": key}, ensure_ascii=False)}},
        {"data": {"text/plain": f"https://x.example/?key={quote(key, safe='')}"}},
        {"data": {"text/plain": f"https://x.example/?key={quote(key)}"}},
        {"data": {"text/plain": base64.b64encode(key.encode()).decode()}},
        {"data": {"text/plain": key.encode().hex()}},
        {"data": {"text/html": f"<td>{html.escape(key)}</td>"}},
        {"ename": "E", "evalue": key, "traceback": ["...", f"E: {key}"]},
        {"comm_id": "c", "data": {"method": "update", "state": {"value": key}}},
        {"prompt": f"Is {key} right?", "password": False},
    ]


@pytest.mark.parametrize("others", [[], OTHERS], ids=["alone", "among others"])
@pytest.mark.parametrize("key", KEYS.values(), ids=KEYS)
def test_a_revealed_secret_is_replaced_by_its_name(key: str, others: list[str]) -> None:
    pack = belt(key, *others)
    for content in shown(key):
        packed = pack(content)
        assert b"<Secret KEY_0>" in packed, content
        assert found(packed, [key]) == []
        assert found(str(json.loads(packed)).encode(), [key]) == []


@pytest.mark.parametrize("number", range(3))
@pytest.mark.parametrize("name", ["plain", "special"])
def test_a_secret_is_found_in_the_base64_of_a_longer_text(
    name: str, number: int
) -> None:
    key = KEYS[name]
    text = base64.b64encode(b"." * number + key.encode() + b" and more").decode()
    packed = belt(key)({"data": {"text/plain": text}})
    assert b"<Secret KEY_0>" in packed
    assert found(packed, [key]) == []


@pytest.mark.parametrize("packer", ["json", "orjson", "msgpack"])
def test_every_packer_of_a_session_is_belted(packer: str) -> None:
    pytest.importorskip(packer)
    session = Session(key=b"k", packer=packer)
    for key in KEYS.values():
        pack = belt(key, session=session)
        for content in shown(key):
            packed = pack(content)
            assert found(packed, [key]) == []
            assert str(session.unpack(packed)).count("<Secret KEY_0>") >= 1


def test_a_whole_message_is_signed_as_it_is_sent() -> None:
    session = Session(key=b"k")
    key = KEYS["special"]
    session.pack = belt(key, session=session)
    message = session.msg("stream", {"name": "stdout", "text": key})
    _, parts = session.feed_identities(session.serialize(message))
    received = session.deserialize(parts)
    assert received["content"]["text"] == "<Secret KEY_0>"


def test_1000_ordinary_outputs_are_the_same_bytes() -> None:
    pack = belt(*KEYS.values(), *OTHERS)
    count = 0
    for count, content in enumerate(ordinary_outputs(), 1):  # noqa: B007
        assert pack(content) == pack.pack(content)
    assert count == 1_000
    # The control: each of them would have been changed for one secret in it.
    for content in ordinary_outputs():
        assert b"<Secret KEY_1>" in pack({**content, "more": [KEYS["special"]]})


@pytest.mark.parametrize(
    "value", ["abcdefg", "password", "1234567", "12345678901", "configuration"]
)
def test_a_value_that_ordinary_texts_hold_is_left_alone(value: str) -> None:
    content = {"text": f"the {value} of a {value}"}
    pack = belt(value)
    assert pack(content) == pack.pack(content)


@pytest.mark.parametrize("value", ["abcdefg1", "correcthorsebattery", "1" * 16])
def test_a_value_that_is_no_word_and_no_number_is_replaced(value: str) -> None:
    assert b"<Secret KEY_0>" in belt(value)({"text": value})


def test_names_of_values_stay_as_they_are() -> None:
    key = KEYS["special"]
    packed = belt(key)({"state": {key: "a", "b": key}})
    assert json.loads(packed) == {"state": {key: "a", "b": "<Secret KEY_0>"}}


def test_a_header_stays_so_that_a_reply_finds_its_request() -> None:
    header = msg_header("0123-4567-89ab-cdef", "execute_request", "rootuser1", "s" * 32)
    pack = belt("0123-4567-89ab-cdef", "rootuser1")
    assert pack(header) == pack.pack(header)
    assert b"<Secret KEY_1>" in pack({"text": "rootuser1"})


def test_what_the_user_wants_to_see_is_sent() -> None:
    key = KEYS["plain"]
    pack = belt(key, wanted=False)
    for content in shown(key):
        assert pack(content) == pack.pack(content)


def test_a_secret_that_is_handed_out_later_is_replaced_from_then_on() -> None:
    redact = redactor(KEYS["plain"])
    pack = Belt(Session(key=b"k"), redact, lambda: True)
    content = {"text": f"{KEYS['plain']} {KEYS['special']}"}
    before, after = f"<Secret KEY_0> {KEYS['special']}", "<Secret KEY_0> <Secret LATER>"
    assert json.loads(pack(content)) == {"text": before}
    redact.add(Secret("LATER", KEYS["special"]))
    assert json.loads(pack(content)) == {"text": after}
    pack.loosen()
    assert pack(content) == pack.pack(content)


def test_the_last_of_thousands_of_secrets_is_replaced() -> None:
    values = [secrets.token_urlsafe(30) for _ in range(3_000)]
    packed = belt(*values)({"text": " ".join(values[-50:])})
    assert found(packed, values[-50:]) == []


def test_a_secret_that_is_handed_out_again_is_one_of_the_last() -> None:
    key, session = KEYS["special"], Session(key=b"k")
    redact = redactor(key, *(secrets.token_urlsafe(30) for _ in range(1_000)))
    pack = Belt(session, redact, lambda: True)
    assert b"KEY_0" not in pack({"text": key})
    redact.add(Secret("KEY_0", key))
    assert found(pack({"text": key}), [key]) == []
    for value in (secrets.token_urlsafe(30) for _ in range(100)):
        redact.add(Secret("OTHER", value))
        redact.add(Secret("KEY_0", key))
        assert found(pack({"text": f"{key} {value}"}), [key, value]) == []
    assert len(redact.recent) <= 256


def test_what_only_a_packer_understands_is_packed_as_before() -> None:
    content = {
        "when": dt.datetime(2026, 1, 2, tzinfo=dt.UTC),
        "bytes": b"\x00\xff",
        "tuple": (1, 2),
    }
    pack = belt(*KEYS.values())
    assert pack(content) == pack.pack(content)
    packed = pack({**content, "key": KEYS["special"]})
    expected = {**json.loads(pack.pack(content)), "key": "<Secret KEY_1>"}
    assert json.loads(packed) == expected


@pytest.mark.parametrize("part", ["unpack", "wanted", "recent"])
def test_a_message_goes_out_unchanged_if_the_belt_fails(part: str) -> None:
    session = Session(key=b"k")
    redact = redactor(KEYS["special"])

    def fail(*_: object) -> bool:
        message = "the belt is broken"
        raise RuntimeError(message)

    pack = Belt(session, redact, fail if part == "wanted" else lambda: True)
    if part == "unpack":
        session.unpack = fail
    elif part == "recent":
        redact.recent = None  # type: ignore[assignment]
    content = {"text": KEYS["special"]}
    assert pack(content) == pack.pack(content)


def test_a_message_that_cannot_be_packed_fails_as_before() -> None:
    session = Session(key=b"k", pack=json_packer)
    with pytest.raises((TypeError, ValueError)):
        belt(KEYS["special"], session=session)({"text": object()})
