"""Another extension of this kind, in an environment of its own, where it is wanted."""

from __future__ import annotations

import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from .rig import ROOT

__all__ = ["PEERS", "Peer", "advice", "available"]

_VARIABLE = "PARLLAMA_NB_BENCH_PEERS"
_ENVIRONMENTS = ROOT / ".cache" / "peers"


@dataclass(frozen=True)
class Peer:
    """A package, and the cell that loads its extension."""

    name: str
    requirements: tuple[str, ...]
    load: str

    @property
    def python(self) -> Path:
        return _ENVIRONMENTS / self.name / "bin" / "python"


PEERS = (
    Peer(
        "jupyter-ai-magics",
        ("jupyter-ai-magics", "langchain-openai", "ipykernel"),
        "%load_ext jupyter_ai_magics",
    ),
)


def advice() -> str:
    """How to get the peers into the table, where they are not."""
    if os.environ.get(_VARIABLE) == "1":
        return ""
    names = ", ".join(peer.name for peer in PEERS)
    return f"{_VARIABLE}=1 installs {names} and measures it here too."


def available() -> list[Peer]:
    """The peers that are wanted, each installed."""
    if os.environ.get(_VARIABLE) != "1":
        return []
    for peer in PEERS:
        if not peer.python.exists():
            environment = peer.python.parents[1]
            print(f"installing {peer.name} into {environment}", file=sys.stderr)
            _install(environment, peer.requirements)
    return list(PEERS)


def _install(environment: Path, requirements: tuple[str, ...]) -> None:
    uv = Path(sys.executable).with_name("uv")
    try:
        if uv.exists():
            subprocess.run(
                [uv, "venv", "--quiet", "--python", sys.executable, environment],
                check=True,
            )
            python = environment / "bin" / "python"
            subprocess.run(
                [uv, "pip", "install", "--quiet", "--python", python, *requirements],
                check=True,
            )
        else:
            subprocess.run([sys.executable, "-m", "venv", environment], check=True)
            subprocess.run(
                [environment / "bin" / "pip", "install", "--quiet", *requirements],
                check=True,
            )
    except subprocess.CalledProcessError:
        # A half-made environment would be taken for a whole one.
        (environment / "bin" / "python").unlink(missing_ok=True)
        raise
