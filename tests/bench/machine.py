"""What the numbers were measured on."""

from __future__ import annotations

import os
import platform
import shutil
import subprocess
from importlib.metadata import version
from pathlib import Path

__all__ = ["describe"]


def describe() -> dict[str, str | int]:
    """The machine and the versions of what the numbers depend on."""
    return {
        "processor": _processor(),
        "cores": len(os.sched_getaffinity(0)),
        "system": f"{platform.system()} {platform.release()}",
        "python": platform.python_version(),
        "ipykernel": version("ipykernel"),
        "jupyterlab": version("jupyterlab"),
        "openai": version("openai"),
        "chromium": _chromium(),
        "load": f"{os.getloadavg()[0]:.1f} before the run",
    }


def _processor() -> str:
    information = Path("/proc/cpuinfo")
    if information.exists():
        for line in information.read_text().splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    return platform.processor() or platform.machine()


def _chromium() -> str:
    for name in ("chromium", "chromium-browser", "google-chrome"):
        path = shutil.which(name)
        if path:
            said = subprocess.run(
                [path, "--version"], capture_output=True, text=True, check=False
            )
            return said.stdout.strip()
    return "Playwright's own"
