"""Serves the double until it is interrupted; the first line printed is the address."""

from __future__ import annotations

import argparse
import contextlib
import threading

from . import OllamaDouble


def main() -> None:
    parser = argparse.ArgumentParser(description="Ollama double")
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--login", default="", help="NAME:PASSWORD to ask for")
    parser.add_argument("--step", type=float, help="seconds between two lines")
    given = parser.parse_args()
    with OllamaDouble(port=given.port, login=given.login) as double:
        double.step = given.step or double.step
        print(double.url, flush=True)
        with contextlib.suppress(KeyboardInterrupt):
            threading.Event().wait()


if __name__ == "__main__":
    main()
