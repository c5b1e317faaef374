"""The vault's view in JupyterLab: from the click on Unlock to the secrets."""

from __future__ import annotations

import statistics
import time
from collections.abc import Iterator

from parllama_nb.vaults.format.crypto import KDF

from ..lab.lab import Notebook
from ..vaults.weak import PASSWORD
from .figures import Figure
from .rig import Rig

__all__ = ["measure"]

# Clicks on Unlock and waits until a secret is there to be revealed.
_UNLOCK = """
(index) => new Promise((resolve) => {
    const cell = document.querySelector(
        `.jp-Notebook .jp-Cell[data-windowed-list-index='${index}']`);
    const button = [...cell.querySelectorAll('button')]
        .find((each) => each.textContent === 'Unlock');
    const begun = performance.now();
    const look = () => {
        if (cell.querySelector('[aria-label="Reveal A_KEY"]'))
            resolve(performance.now() - begun);
        else requestAnimationFrame(look);
    };
    button.click();
    look();
})
"""

# The first derivation of a kernel also touches its memory for the first time.
_VAULT = f"""
import parllama_nb as pl

vault = pl.app().vault
vault.create({PASSWORD!r})
vault.set("A_KEY", "sk-something-long")
vault.lock()
vault.unlock({PASSWORD!r})
"""


def measure(rig: Rig) -> Iterator[Figure]:
    """Yield the time from the click to the unlocked vault."""
    samples, floor = [], []
    with rig.notebook(_VAULT, "vault.lock()\n%parllama vault") as notebook:
        notebook.run(1)
        notebook.run(2)
        for _ in rig.times(15, 5):
            begun = time.perf_counter()
            KDF().derive(bytearray(b"p"), bytes(16))
            floor.append(1000 * (time.perf_counter() - begun))
            samples.append(_unlocked(notebook))
    # The first click fetches what seals.
    yield Figure("first click to unlocked", "ms", samples[:1])
    yield Figure(
        "click to unlocked",
        "ms",
        samples[1:],
        {"key derivation alone": floor[1:]},
        target=statistics.median(floor[1:]) + 100,
        aim="the key derivation and 100 ms",
    )


def _unlocked(notebook: Notebook) -> float:
    view = notebook.output(2)
    view.get_by_label("Password of the vault", exact=True).fill(PASSWORD)
    took = float(notebook.page.evaluate(_UNLOCK, 2))
    view.get_by_role("button", name="Lock", exact=True).click()
    return took
