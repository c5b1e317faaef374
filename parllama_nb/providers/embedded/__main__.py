"""`python -m parllama_nb.providers.embedded NAME` downloads a model ahead of time."""

from __future__ import annotations

import argparse
import os
import sys
import threading

from ...errors import ParllamaError
from ...events import Progress
from ...paths import directory
from .fetch import fetch
from .known_models import MODELS, cached_path, is_sound

_MEGABYTE = 1_000_000


def main(arguments: list[str] | None = None) -> int:
    """Download a model into a cache folder; shows progress as text on stderr.

    Returns:
        The exit status: 0, 1 for an error that was shown, 130 for an interrupt.

    """
    parser = argparse.ArgumentParser(prog="python -m parllama_nb.providers.embedded")
    parser.add_argument("model", choices=sorted(MODELS))
    parser.add_argument(
        "--cache", metavar="DIR", help="the folder; by default the one that cells use"
    )
    options = parser.parse_args(arguments)
    weights = MODELS[options.model]
    cache = options.cache or str(directory("cache"))
    path = cached_path(weights, cache)
    if is_sound(path, weights):
        sys.stderr.write(f"{weights.name} was downloaded before: {path}\n")
        return 0
    bar = _Lines()
    try:
        fetch(weights, cache, bar, threading.Event(), os.environ.get)
    except ParllamaError as error:
        bar.end()
        sys.stderr.write(f"{error}\n")
        return 1
    except KeyboardInterrupt:
        bar.end()
        return 130
    bar.end()
    sys.stderr.write(f"{weights.name} is ready: {path}\n")
    return 0


class _Lines:
    """Progress as text: one line that moves on a terminal, one per phase in a log."""

    def __init__(self) -> None:
        self._phase = ""
        self._open = False
        self._moves = sys.stderr.isatty()

    def __call__(self, progress: Progress) -> None:
        if progress.phase != self._phase:
            self.end()
            self._phase = progress.phase
            if not self._moves:
                sys.stderr.write(f"{progress.phase}\n")
        if self._moves:
            text = progress.phase
            if progress.total:
                done, total = (
                    int(n) // _MEGABYTE for n in (progress.done, progress.total)
                )
                text += f": {done} of {total} MB"
            sys.stderr.write(f"\r{text:<60}")
            sys.stderr.flush()
            self._open = True

    def end(self) -> None:
        """End the moving line."""
        if self._open:
            sys.stderr.write("\n")
            self._open = False


if __name__ == "__main__":
    sys.exit(main())
