"""The house's own rules, held by reading its sources."""

from __future__ import annotations

import ast
import json
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
PACKAGE = ROOT / "parllama_nb"
MODULES = sorted(
    path for path in PACKAGE.rglob("*.py") if path != PACKAGE / "__init__.py"
)

# Who may import whom: arrows go down. A name is a module or a room of the package;
# the longest one that fits a module is its own.
LEVEL = {
    "durations": 0,
    "errors": 0,
    "events": 0,
    "fuzzy": 0,
    "markdown": 0,
    "quoting": 0,
    "secret": 0,
    "sizes": 0,
    "surrogates": 0,
    "tracebacks": 0,
    "providers.messages": 0,
    "runtime": 1,
    "jobs": 1,
    "leaks": 1,
    "progress_rate": 1,
    "redaction": 1,
    "store": 1,
    "output_schema": 1,
    "plugins": 1,
    "paths": 1,
    "weights": 1,
    "whole_files": 1,
    "attachments": 2,
    "batches": 2,
    "chats": 2,
    "comparisons": 2,
    "ledger": 2,
    "local_models": 2,
    "memories": 2,
    "model_catalog": 2,
    "prompting": 2,
    "providers": 2,
    "settings": 2,
    "vaults": 2,
    "application": 3,
    "applied_settings": 3,
    "importers": 3,
    "commands": 4,
    "scorers": 1,
    "api": 5,
    "frames": 5,
    "magics": 5,
    "notebook": 5,
    "widgets": 5,
    "testing": 6,
}
# On this level the rooms do not know each other either, but for these.
APART = 2
ACQUAINTED = {
    ("attachments", "prompting"),
    ("attachments", "providers"),
    ("batches", "chats"),
    ("batches", "providers"),
    ("chats", "prompting"),
    ("chats", "providers"),
    ("comparisons", "batches"),
    ("comparisons", "chats"),
    ("comparisons", "providers"),
    ("ledger", "providers"),
    ("local_models", "providers"),
    ("model_catalog", "providers"),
    ("prompting", "providers"),
}

# A module asks at 300 lines which two things it is; this is where it has to answer.
LONGEST = 450
VAGUE = re.compile(r"(^|_)(utils?|helpers?|misc|common)(_|$)")
REGISTRIES = re.compile(
    r"registry\.npmjs|registry\.yarnpkg|pypi\.org/simple|files\.pythonhosted"
    r"|deb\.debian"
)
MACHINES = re.compile(r"(?<![\w.$}>)~-])/(?:work|root|tmp|home/\w+|Users/\w+)/\w")


def room(module: str) -> str | None:
    """The entry of LEVEL that a dotted module name belongs to."""
    parts = module.split(".")
    for length in range(len(parts), 0, -1):
        name = ".".join(parts[:length])
        if name in LEVEL:
            return name
    return None


def dotted(path: Path, package: Path) -> str:
    """The module's name inside the package: `chats.engine`, `chats` for its init."""
    parts = list(path.relative_to(package).with_suffix("").parts)
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def imports(path: Path, package: Path) -> Iterator[tuple[int, str]]:
    """Every import of the package's own modules, wherever in the file it stands."""

    def is_module(name: str) -> bool:
        place = package.joinpath(*name.split("."))
        return place.with_suffix(".py").is_file() or place.is_dir()

    own = list(path.relative_to(package.parent).with_suffix("").parts)
    here = own[:-1]
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            base = here[: len(here) - node.level + 1] if node.level else []
            source = ".".join([*base, *([node.module] if node.module else [])])
            # `from .providers import base` names a module, `from .base import Spec`
            # a thing inside one.
            names = [
                f"{source}.{alias.name}"
                if is_module(f"{source}.{alias.name}".partition(".")[2])
                else source
                for alias in node.names
            ]
        else:
            continue
        for name in names:
            top, _, rest = name.partition(".")
            if top == package.name and rest:
                yield node.lineno, rest


def upward(path: Path, package: Path) -> list[str]:
    """The imports of one file that go against the arrows, each as one line."""
    found = []
    here = room(dotted(path, package))
    if here is None:
        return [f"{path.name}: its place in the house is not written down in LEVEL"]
    for line, name in imports(path, package):
        there = room(name)
        if there is None:
            found.append(f"{path.name}:{line}: {name} has no place in LEVEL")
        elif here == there:
            continue
        elif LEVEL[there] > LEVEL[here]:
            found.append(f"{path.name}:{line}: {here} imports {there}, a level above")
        elif LEVEL[there] == LEVEL[here] == APART and (here, there) not in ACQUAINTED:
            found.append(f"{path.name}:{line}: {here} imports its neighbour {there}")
    return found


@pytest.mark.parametrize("path", MODULES, ids=lambda path: dotted(path, PACKAGE))
def test_imports_go_down(path: Path) -> None:
    assert upward(path, PACKAGE) == []


@pytest.mark.parametrize(
    ("place", "line", "verdict"),
    [
        ("chats/engine.py", "from ..providers.base import Provider", None),
        ("chats/engine.py", "from ..events import Event", None),
        ("chats/engine.py", "from ..application import Parllama", "a level above"),
        ("chats/engine.py", "from .. import application", "a level above"),
        ("chats/engine.py", "import parllama_nb.application", "a level above"),
        (
            "chats/engine.py",
            "from parllama_nb.application import Parllama",
            "a level above",
        ),
        (
            "chats/engine.py",
            "def f():\n    from ..application import Parllama",
            "a level above",
        ),
        ("providers/base.py", "from ..chats import engine", "its neighbour chats"),
        ("providers/base.py", "from ..events import Event", None),
        ("providers/messages.py", "from .base import Spec", "a level above"),
        ("secret.py", "from .providers import messages", None),
        ("secret.py", "from .providers import base", "a level above"),
        ("application.py", "from . import testing", "a level above"),
        ("cellar.py", "import os", "not written down"),
    ],
)
def test_the_rule_about_imports_sees_what_it_should(
    tmp_path: Path, place: str, line: str, verdict: str | None
) -> None:
    package = tmp_path / "parllama_nb"
    for name in ("chats/engine", "providers/base", "providers/messages", "application"):
        path = package / f"{name}.py"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()
    for name in ("secret", "events", "testing"):
        (package / f"{name}.py").touch()
    path = package / place
    path.write_text(f"{line}\n")

    found = upward(path, package)

    if verdict is None:
        assert found == []
    else:
        assert len(found) == 1
        assert verdict in found[0]


def tracked() -> list[Path]:
    """Every text file that is, or is about to be, in git."""
    done = subprocess.run(
        # The checkout may belong to another user than the one who runs its tests.
        ["git", "-c", "safe.directory=*", "ls-files", "-coz", "--exclude-standard"],
        cwd=ROOT,
        capture_output=True,
        check=True,
    )
    paths = (ROOT / name for name in done.stdout.decode().split("\0") if name)
    return [path for path in paths if path.is_file() and b"\0" not in path.read_bytes()]


def test_no_module_outgrows_two_screens_of_thought() -> None:
    sources = [*MODULES, PACKAGE / "__init__.py", ROOT / "hatch_build.py"]
    sources += (ROOT / "js" / "src").rglob("*.ts*")
    lengths = {
        str(path.relative_to(ROOT)): len(path.read_text().splitlines())
        for path in sources
        if path.name != "protocol.ts"  # generated
    }
    assert {name: n for name, n in lengths.items() if n > LONGEST} == {}


def test_every_module_is_named_for_what_it_holds() -> None:
    names = {path.relative_to(ROOT) for path in (*MODULES, *ROOT.glob("js/src/**/*"))}
    assert [
        str(name)
        for name in names
        if any(VAGUE.search(Path(p).stem) for p in name.parts)
    ] == []


@pytest.mark.parametrize("pattern", [REGISTRIES, MACHINES], ids=["registry", "machine"])
def test_no_file_names_where_it_was_made(pattern: re.Pattern[str]) -> None:
    found = [
        f"{path.relative_to(ROOT)}:{number}: {line.strip():.120}"
        for path in tracked()
        for number, line in enumerate(path.read_text(errors="replace").split("\n"), 1)
        if pattern.search(line)
    ]
    assert found == []


def test_the_lock_file_names_no_registry() -> None:
    lock = ROOT / "js" / "package-lock.json"
    assert '"resolved"' not in lock.read_text()


def test_the_lock_file_is_whole() -> None:
    # `npm ci` refuses one that lacks a package for another platform.
    lock = json.loads((ROOT / "js" / "package-lock.json").read_text())
    packages = lock["packages"]
    assert [
        name for name, each in packages.items() if name and "integrity" not in each
    ] == []
    assert [
        f"{name} wants {wanted}"
        for name, each in packages.items()
        for wanted in each.get("optionalDependencies", {})
        if not {f"node_modules/{wanted}", f"{name}/node_modules/{wanted}"}
        & set(packages)
    ] == []
