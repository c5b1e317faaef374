"""The protocol: what views declare is checked by mypy, and is what is sent."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from parllama_nb.widgets._protocol import Snapshot, Wire
from parllama_nb.widgets._requests import declared, request
from parllama_nb.widgets._schema import ViewTypes, views, wire_schema

ROOT = Path(__file__).resolve().parents[2]

CODE = """
from parllama_nb.widgets._base import View
from parllama_nb.widgets._requests import declared, request
from parllama_nb.widgets.chat.protocol import SendParams, TurnsData, TurnsGone
from parllama_nb.widgets.chat.view import ChatView
from parllama_nb.widgets.compare.protocol import ColumnGone
from parllama_nb.widgets.jobs.protocol import JobsSnapshot


def told(view: ChatView) -> None:
    view.tell(TurnsGone(turns=[1]))
    view.tell(view.snapshot())
    view.tell(TurnsGone(turns=1))  # wrong
    view.tell(ColumnGone(column=1))  # wrong
    view.tell(JobsSnapshot(seq=1, jobs=[]))  # wrong
    view.tell("removed", TurnsGone(turns=[1]))  # wrong


class Mine(View[JobsSnapshot, TurnsGone]):
    def snapshot(self) -> JobsSnapshot:
        return JobsSnapshot(seq=self.seq, jobs=[])

    @request
    async def on_send(self, params: SendParams) -> TurnsData:
        self.tell(TurnsGone(turns=[len(params.text)]))
        self.tell(TurnsData(turns=[]))  # wrong
        return TurnsData(turns=[params.text])  # wrong

    @request  # wrong
    async def on_list(self) -> list[str]:
        return []

    @request  # wrong
    def on_stop(self) -> None:
        pass


class Odd(View[SendParams, TurnsGone]):  # wrong
    pass
"""


@pytest.mark.slow
def test_mypy_refuses_what_a_view_does_not_declare(tmp_path: Path) -> None:
    path = tmp_path / "code.py"
    path.write_text(CODE)

    done = subprocess.run(
        [sys.executable, "-m", "mypy", "--no-error-summary", str(path)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )

    lines = [line for line in done.stdout.splitlines() if ": error: " in line]
    assert all("code.py:" in line for line in lines), done.stdout
    found = {int(line.partition("code.py:")[2].partition(":")[0]) for line in lines}
    wrong = [
        number
        for number, line in enumerate(CODE.splitlines(), 1)
        if line.endswith("# wrong")
    ]
    assert sorted(found) == wrong, done.stdout


class Number(Wire):
    n: int


async def on_nothing(self: Any) -> None: ...


async def answer(self: Any, params: Number) -> None: ...


async def on_number(self: Any, params: int) -> None: ...


async def on_two(self: Any, params: Number, more: Number) -> None: ...


async def on_any(self, params) -> None: ...  # type: ignore[no-untyped-def]  # noqa: ANN001


@pytest.mark.parametrize("method", [answer, on_number, on_two, on_any])
def test_a_request_without_its_prefix_or_of_no_wire_type_cannot_be_declared(
    method: Any,
) -> None:
    with pytest.raises(TypeError, match=method.__name__):
        request(method)


async def test_a_request_without_parameters_takes_none() -> None:
    class Asked:
        on_nothing = request(on_nothing)

    nothing = declared(Asked)["nothing"]
    assert await nothing.answer(Asked(), {}) == ({}, [])
    with pytest.raises(ValueError, match="n\n"):
        await nothing.answer(Asked(), {"n": 1})


def test_every_view_declares_a_snapshot_and_events_of_different_names() -> None:
    for name, kind in views().items():
        types = ViewTypes.of(kind)
        names = [each.event for each in types.events]
        assert names[0] == "snapshot", name
        assert issubclass(types.events[0], Snapshot)
        assert len(set(names)) == len(names)
        assert types.requests["hello"] == (None, types.events[0])


def test_every_view_of_the_front_end_is_in_the_protocol() -> None:
    folders = {path.parent.name for path in (ROOT / "js" / "src").glob("*/index.tsx")}
    assert {*views()} == folders
    assert {*wire_schema()["views"]} == {"view", *folders}


def test_the_generated_types_are_what_the_views_declare() -> None:
    generator = ROOT / "js" / "node_modules" / "json-schema-to-typescript"
    if not generator.is_dir():
        pytest.skip("what the front end is made with is not installed")
    command = [
        sys.executable,
        "hatch_build.py",
        "npm",
        "run",
        "protocol",
        "--",
        "--check",
    ]
    environment = os.environ | {"PYTHON": sys.executable}
    done = subprocess.run(
        command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
