"""Starts the child from its folder, with nothing of ours around it."""

from __future__ import annotations

import sys
from importlib import import_module
from pathlib import Path

if __name__ == "__main__":
    folder = Path(__file__).parent
    # The folder that is run comes first on the path. Instead of it, and for these
    # imports alone, the one that holds it: that has modules of other names.
    sys.path[0] = str(folder.parent)
    child = import_module(f"{folder.name}.child")
    del sys.path[0]
    child.main()
