"""Where a refused push is told to register which key."""

from __future__ import annotations

import base64
from pathlib import Path

import pytest

from parllama_nb.local_models.ollama.push_key import key_hint, key_of, public_key

KEY = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIFRlc3Qga2V5IG9mIGEgdGVzdCwgbm90aGluZw"
PAGE = "https://ollama.com/settings/keys"


def sign_in(key: str) -> str:
    written = base64.urlsafe_b64encode(key.encode()).decode().rstrip("=")
    return f"https://ollama.com/connect?name=a+machine&key={written}"


def test_the_address_of_a_sign_in_page_holds_the_key() -> None:
    assert key_of(sign_in(KEY)) == KEY


@pytest.mark.parametrize(
    "url",
    ["", "https://ollama.com/connect", sign_in("no key"), sign_in("ssh-ü"), "a?key=%"],
)
def test_an_address_without_a_key_gives_none(url: str) -> None:
    assert key_of(url) == ""


def test_a_service_on_this_machine_goes_before_the_user(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOME", str(tmp_path / "user"))
    assert public_key((str(tmp_path / "service"),)) == ""
    for who, text in (("user", f"{KEY} me\n"), ("service", f"{KEY}\n")):
        folder = tmp_path / who / ".ollama"
        folder.mkdir(parents=True)
        (folder / "id_ed25519.pub").write_text(text)
    assert public_key((str(tmp_path / "service"),)) == KEY
    assert public_key(()) == f"{KEY} me"


async def test_the_hint_shows_the_key_of_a_server_elsewhere_if_it_said_it() -> None:
    assert await key_hint("gpu.lan", "me/x", sign_in(KEY)) == (
        f"Register its public key at {PAGE}: {KEY}"
    )
    hint = await key_hint("gpu.lan", "mario")
    assert PAGE in hint
    assert "Push NAMESPACE/mario" in hint


@pytest.mark.parametrize(
    ("name", "where"),
    [
        ("me/x", f"at {PAGE}"),
        ("hf.co/me/x:Q8_0", "at https://huggingface.co/settings/keys"),
        ("localhost:5000/me/x", "with localhost:5000"),
    ],
)
async def test_a_key_is_registered_where_the_model_is_and_ends_the_hint(
    name: str, where: str
) -> None:
    for verb in ("push", "pull"):
        hint = await key_hint("gpu.lan", name, sign_in(KEY), verb)
        assert hint == f"Register its public key {where}: {KEY}"
    assert (await key_hint("gpu.lan", "x", sign_in(KEY))).endswith(f": {KEY}")
