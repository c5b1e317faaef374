"""The vault of a page's kernel, small enough to be read at once.

What a view sends to it is really sealed, and opened by the kernel's own half.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from .harness import Sealing

if TYPE_CHECKING:
    from collections.abc import Iterable

    from .harness import Stub

__all__ = ["PASSWORD", "StubVault"]

PASSWORD = "correct horse battery staple"


class StubVault:
    """A vault in one of its three states, with keys of these names.

    `opened` are the texts that were sealed for it, beside their requests' names.
    """

    def __init__(self, stub: Stub, state: str, keys: Iterable[str] = ()) -> None:
        self.state, self.keys = state, set(keys)
        self.opened: list[tuple[str, dict[str, str]]] = []
        self._stub = stub
        self._sealing = Sealing(stub)
        for method in ("vault", "unlock", "add_key"):
            stub.answer(method, getattr(self, method))

    def vault(self, params: dict[str, Any]) -> dict[str, Any]:
        name = params.get("name", "")
        found = self.state == "unlocked" and name in self.keys
        return {"result": {"state": self.state, "found": found}}

    def unlock(self, params: dict[str, Any]) -> dict[str, Any]:
        if self._texts("unlock", params)["password"] != PASSWORD:
            error = {"code": "wrong-password", "message": "This is not the password."}
            return {"error": error}
        self.state = "unlocked"
        return self.vault(params)

    def add_key(self, params: dict[str, Any]) -> dict[str, Any]:
        texts = self._texts("add_key", params)
        if self.state == "absent" and texts["password"] != PASSWORD:
            error = {"code": "weak-password", "message": "It is easy to guess."}
            return {"error": error}
        self.state = "unlocked"
        self.keys.add(params["name"])
        return {"result": {}}

    def change(self, state: str) -> None:
        """Lock or unlock it elsewhere, which the view hears."""
        self.state = state
        self._stub.tell("lock", state=state)

    def _texts(self, method: str, params: dict[str, Any]) -> dict[str, str]:
        texts = self._sealing.opened(method, params["sealed"])
        self.opened.append((method, texts))
        return texts
