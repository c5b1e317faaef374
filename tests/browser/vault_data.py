"""A vault as the kernel tells of it, and where in a page a text is looked for."""

from __future__ import annotations

import base64
import json
import urllib.parse
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from playwright.sync_api import Locator

    from .harness import Stub

__all__ = ["LOCKED", "NOW", "OPEN", "forms", "secret", "shown", "told"]

NOW = 1_800_000_000.0


def secret(name: str, **more: Any) -> dict[str, Any]:
    """A secret without its value."""
    return {
        "name": name,
        "version": 1,
        "created": NOW - 9e6,
        "modified": NOW - 3 * 86_400,
        "export": False,
        "exportable": True,
        "shadowed": False,
        **more,
    }


LOCKED: dict[str, Any] = {
    "state": "locked",
    "key_names": ["ANTHROPIC_API_KEY", "OPENAI_API_KEY"],
    "wait": 0.0,
    "why_locked": "",
    "warning": "",
    "place": "/srv/ada/vault.db",
    "network": False,
    "entries": [],
}
OPEN = {
    **LOCKED,
    "state": "unlocked",
    "left": 840.0,
    "entries": [
        secret("ANTHROPIC_API_KEY", shadowed=True),
        secret("GITHUB_TOKEN", export=True),
        secret("HF_TOKEN"),
        secret("LD_PRELOAD", exportable=False),
        secret("my mail", exportable=False),
    ],
}


def shown(stub: Stub, snapshot: dict[str, Any], **more: Any) -> Locator:
    """Open the view with a state of the vault; returns its region."""
    stub.widget(view="vault", snapshot=snapshot, **more)
    view = stub.page.get_by_role("region", name="Vault").last
    view.wait_for()
    return view


def forms(text: str) -> list[str]:
    """A text in six encodings, as it would be in something else."""
    raw = text.encode()
    spelt = [base64.b64encode(b"." * skip + raw)[4:-4].decode() for skip in range(3)]
    return [
        text,
        json.dumps(text)[1:-1],
        urllib.parse.quote(text),
        raw.hex(),
        "\\u00".join(["", *(f"{each:02x}" for each in raw)]),
        *spelt,
    ]


_EVERYWHERE = """
() => {
  const fields = [...document.querySelectorAll("input, textarea")];
  return [
    document.documentElement.outerHTML,
    ...fields.flatMap((each) => [each.value, each.defaultValue]),
    JSON.stringify(window.widgets.map((each) => each.requests)),
    JSON.stringify({ ...localStorage }) + JSON.stringify({ ...sessionStorage }),
    location.href + document.cookie + document.title,
  ].join("\\n");
}
"""


def told(stub: Stub, text: str) -> list[str]:
    """The forms of a text that the page, its fields or its messages hold."""
    everything: str = stub.page.evaluate(_EVERYWHERE)
    assert "pl-vault" in everything, "the view is not in the page"
    return [form for form in forms(text) if form in everything]
