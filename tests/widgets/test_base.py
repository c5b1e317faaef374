"""Every view: one response to each request, whatever it is and however it ends."""

from __future__ import annotations

import asyncio
import gc
import hashlib
import json
from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import Any

import pytest

from parllama_nb.application import Parllama
from parllama_nb.errors import FrontEndError, ServerError
from parllama_nb.secret import Secret
from parllama_nb.widgets import _assets
from parllama_nb.widgets._base import View
from parllama_nb.widgets._protocol import NoticeData, Wire
from parllama_nb.widgets._requests import Buffers, request
from parllama_nb.widgets.answer.protocol import AnswerEvent, AnswerSnapshot

from ..eventually import eventually
from ..virtual_time import VirtualLoop
from .recording import Page

KEY = "sk-sentinel-5d1c77aa"


class EchoData(Wire):
    n: int = 0


class Probe(View[AnswerSnapshot, AnswerEvent]):
    """A view with requests that go wrong."""

    bundle_name = "answer"

    def snapshot(self) -> AnswerSnapshot:
        return AnswerSnapshot(seq=self.seq, state="waiting", model="fake/m")

    @request
    async def on_echo(self, params: EchoData) -> EchoData:
        return params

    @request
    async def on_weigh(self, params: EchoData, buffers: Buffers) -> EchoData:
        return EchoData(n=params.n + sum(each.nbytes for each in buffers))

    @request
    async def on_wait(self) -> None:
        await asyncio.sleep(60)

    @request
    async def on_ours(self) -> None:
        message = f"Far: {KEY} was refused."
        raise ServerError(message, hint=f"Set another than {KEY}.")

    @request
    async def on_foreign(self) -> None:
        message = f"Bearer {KEY}"
        raise ValueError(message)


@pytest.fixture
def view(page: Page, app: Parllama) -> Probe:
    return Probe(app)


Settle = Callable[[float], None]


@pytest.fixture
def settle(loop: VirtualLoop) -> Settle:
    """Lets so many seconds of the loop pass."""
    return lambda seconds: loop.run_until_complete(asyncio.sleep(seconds))


def during(loop: VirtualLoop, work: Coroutine[Any, Any, None]) -> None:
    loop.run_until_complete(work)


def test_a_request_brings_bytes_along(view: Probe, page: Page, settle: Settle) -> None:
    some = page.ask(view, "weigh", n=100, buffers=[b"abc", b"de"])
    none = page.ask(view, "weigh", n=100)
    settle(0.1)
    assert page.response(some)["result"] == {"n": 105}
    assert page.response(none)["result"] == {"n": 100}


def test_every_request_gets_one_response(
    page: Page, view: Probe, settle: Settle
) -> None:
    ids = [page.ask(view, method) for method in (*view.requests, "no-such-thing")]
    settle(100)

    def answered() -> bool:
        settle(0)
        return all(map(page.responses, ids))

    # Some are answered with the help of a thread.
    eventually(answered)
    for request_id in ids:
        response = page.response(request_id)
        assert ("result" in response) != ("error" in response)


def test_a_repeated_request_is_answered_once(
    page: Page, view: Probe, settle: Settle
) -> None:
    for _ in range(3):
        page.ask(view, "hello", "h1")
        settle(0.01)
    page.ask(view, "hello", "h1")
    settle(1)
    assert page.response("h1")["result"]["model"] == "fake/m"


def test_two_pages_get_a_response_each(page: Page, view: Probe, settle: Settle) -> None:
    page.ask(view, "hello", "a")
    page.ask(view, "hello", "b")
    settle(1)
    assert page.response("a")["result"] == page.response("b")["result"]


def test_ids_of_long_ago_are_forgotten_and_those_of_late_are_not(
    page: Page, view: Probe, settle: Settle
) -> None:
    for number in range(1500):
        page.ask(view, "echo", f"e{number}", n=number)
        settle(0)
    settle(1)
    page.ask(view, "echo", "e1499")
    settle(1)
    assert [page.response(f"e{n}")["result"]["n"] for n in range(1500)] == list(
        range(1500)
    )
    assert len(view._tasks_by_id) <= 1024


def test_an_unknown_method_is_an_error_with_its_name(
    page: Page, view: Probe, settle: Settle
) -> None:
    asked = page.ask(view, "frobnicate")
    settle(0)
    error = page.response(asked)["error"]
    assert error["code"] == "usage"
    assert "frobnicate" in error["message"]


@pytest.mark.parametrize(
    "name", ["__init__", "close", "comm", "_loop", "send_state", "on_hello", "msg"]
)
def test_only_what_is_listed_can_be_asked(
    page: Page, view: Probe, settle: Settle, name: str
) -> None:
    asked = page.ask(view, name)
    settle(0)
    assert page.response(asked)["error"]["code"] == "usage"
    assert view.comm is not None


@pytest.mark.parametrize(
    "content",
    [
        None,
        7,
        "hello",
        [],
        {},
        {"type": "request"},
        {"type": "request", "request_id": "x"},
        {"type": "request", "request_id": "", "method": "hello"},
        {"type": "request", "request_id": "x" * 65, "method": "hello"},
        {"type": "request", "request_id": "x", "method": "hello", "params": []},
        {"type": "request", "request_id": "x", "method": "hello", "more": 1},
        {"type": "request", "request_id": {}, "method": "hello"},
        {"type": "response", "request_id": "x", "result": {}},
        {"type": "cancel"},
        {"type": "cancel", "request_id": "never-asked"},
        {"type": "event", "event": "delta", "seq": 1, "data": {}},
    ],
    ids=repr,
)
def test_what_is_no_message_does_no_harm(
    page: Page,
    view: Probe,
    settle: Settle,
    caplog: pytest.LogCaptureFixture,
    content: object,
) -> None:
    page.say(view, content)
    settle(0)
    assert page.messages == []
    assert "Traceback" not in caplog.text
    asked = page.ask(view, "hello")
    settle(0)
    assert "result" in page.response(asked)


def test_a_view_writes_no_traits(page: Page, view: Probe, settle: Settle) -> None:
    before = view.get_state()
    state = {"state": {"_esm": "evil()", "bundle": "0", "view": "other"}}
    data = {"method": "update", "buffer_paths": [], **state}
    view.comm.handle_msg({"content": {"data": data}, "buffers": []})
    settle(1)
    assert view.get_state() == before


def test_the_state_is_sent_where_it_is_asked_for(
    page: Page, view: Probe, settle: Settle
) -> None:
    page.say(view, None, method="request_state")
    assert all(kind == "comm_open" for _, kind, *_ in page.sent)  # not on this thread
    settle(0)
    (update,) = [data for _, kind, data, _ in page.sent if kind == "comm_msg"]
    assert update["method"] == "update"
    assert update["state"]["view"] == view.view
    assert update["state"]["bundle"] == view.bundle


# cancel


def test_a_cancelled_request_gets_its_response(
    page: Page, view: Probe, settle: Settle
) -> None:
    asked = page.ask(view, "wait")
    settle(1)
    assert page.responses(asked) == []
    page.cancel(view, asked)
    settle(0)
    assert page.response(asked)["error"]["code"] == "cancelled"
    page.cancel(view, asked)
    settle(100)
    page.response(asked)


def test_a_request_cancelled_in_the_same_breath_gets_its_response(
    page: Page, view: Probe, settle: Settle
) -> None:
    asked = page.ask(view, "wait")
    page.cancel(view, asked)
    settle(100)
    assert page.response(asked)["error"]["code"] == "cancelled"


def test_cancelling_one_leaves_the_others(
    page: Page, view: Probe, settle: Settle
) -> None:
    one, other = page.ask(view, "wait"), page.ask(view, "wait")
    settle(1)
    page.cancel(view, one)
    settle(100)
    assert page.response(one)["error"]["code"] == "cancelled"
    assert page.response(other)["result"] == {}


def test_a_cancel_after_the_response_changes_nothing(
    page: Page, view: Probe, settle: Settle
) -> None:
    asked = page.ask(view, "echo", n=7)
    settle(1)
    page.cancel(view, asked)
    settle(1)
    assert page.response(asked)["result"] == {"n": 7}


# errors


def test_an_error_of_ours_is_shown_without_its_secret(
    page: Page, view: Probe, app: Parllama, settle: Settle
) -> None:
    app.redact.add(Secret("FAR_API_KEY", KEY))
    asked = page.ask(view, "ours")
    settle(0)
    error = page.response(asked)["error"]
    assert error == {
        "code": "server",
        "message": "Far: <Secret FAR_API_KEY> was refused.",
        "hint": "Set another than <Secret FAR_API_KEY>.",
    }


def test_a_foreign_exception_is_shown_by_its_kind_alone(
    page: Page, view: Probe, settle: Settle, caplog: pytest.LogCaptureFixture
) -> None:
    asked = page.ask(view, "foreign")
    settle(0)
    error = page.response(asked)["error"]
    assert error["code"] == "error"
    assert "ValueError" in error["message"]
    assert KEY not in json.dumps(page.messages)
    assert "ValueError" in caplog.text
    assert KEY not in caplog.text


def test_wrong_parameters_are_an_error(page: Page, view: Probe, settle: Settle) -> None:
    ids = [
        page.ask(view, "asset"),
        page.ask(view, "asset", name="answer", more=1),
        page.ask(view, "asset", name=["answer"]),
        page.ask(view, "asset", name="x" * 65),
        page.ask(view, "hello", more=1),
    ]
    settle(0)
    for asked in ids:
        assert page.response(asked)["error"]["code"] == "usage"


# the front end's files


@pytest.mark.parametrize("name", ["core", "answer", "katex", "highlight"])
def test_a_file_is_sent_with_its_hash(
    page: Page, view: Probe, settle: Settle, name: str
) -> None:
    asked = page.ask(view, "asset", name=name)
    settle(0)
    ((data, buffers),) = [
        (data["content"], buffers)
        for _, kind, data, buffers in page.sent
        if kind == "comm_msg"
    ]
    assert data["request_id"] == asked
    (bundle,) = buffers
    wanted = hashlib.sha256(bundle).hexdigest()
    assert wanted.startswith(data["result"]["hash"])
    assert len(data["result"]["hash"]) >= 16
    parts = dict(zip(view.view.split(), view.bundle.split(), strict=True))
    assert data["result"]["hash"] == parts.get(name, data["result"]["hash"])


def test_a_view_names_its_parts_in_the_order_of_their_import(view: Probe) -> None:
    assert view.view == "core answer"
    assert view.bundle == " ".join(
        _assets.asset(name).hash for name in ("core", "answer")
    )


@pytest.mark.parametrize(
    "name", ["nothing", "../__init__.py", "../../secret", "manifest.json", "", "/"]
)
def test_only_files_of_the_manifest_are_sent(
    page: Page, view: Probe, settle: Settle, name: str
) -> None:
    asked = page.ask(view, "asset", name=name)
    settle(0)
    assert page.response(asked)["error"]["code"] == "usage"
    assert all(not buffers for *_, buffers in page.sent)


def test_without_a_built_front_end_the_remedy_is_said(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, app: Parllama, page: Page
) -> None:
    monkeypatch.setattr(_assets, "_STATIC", tmp_path)
    _assets._manifest.cache_clear()
    _assets.loader.cache_clear()
    try:
        with pytest.raises(FrontEndError) as caught:
            Probe(app)
    finally:
        monkeypatch.undo()
        _assets._manifest.cache_clear()
        _assets.loader.cache_clear()
    assert "npm" in str(caught.value.hint)


# who listens


def test_nothing_is_told_before_someone_listens(
    page: Page, view: Probe, settle: Settle
) -> None:
    for number in range(3):
        view.tell(NoticeData(text=str(number)))
    assert page.messages == []
    asked = page.ask(view, "hello")
    settle(0)
    view.tell(NoticeData(text="now"))
    assert page.response(asked)["result"]["seq"] == 0
    assert [(e["seq"], e["data"]["text"]) for e in page.events] == [(1, "now")]


def test_without_a_word_from_the_page_it_is_told_everything(
    page: Page, view: Probe, settle: Settle
) -> None:
    settle(0.29)
    assert page.messages == []
    settle(0.02)
    (event,) = page.events
    assert (event["event"], event["seq"]) == ("snapshot", 1)
    assert event["data"]["seq"] == 1
    view.tell(NoticeData(text="now"))
    assert [e["seq"] for e in page.events] == [1, 2]
    settle(60)
    assert len(page.events) == 2


def test_a_page_that_said_hello_is_not_told_unasked(
    page: Page, view: Probe, settle: Settle
) -> None:
    page.ask(view, "hello")
    settle(60)
    assert page.events == []


def test_a_hello_that_comes_late_gets_what_was_told_until_then(
    page: Page, view: Probe, settle: Settle
) -> None:
    settle(1)
    view.tell(NoticeData(text="now"))
    asked = page.ask(view, "hello")
    settle(0)
    assert page.response(asked)["result"]["seq"] == 2


# its life


def test_a_view_is_closed_and_the_layout_of_all_views_stays(
    page: Page, view: Probe, app: Parllama
) -> None:
    layout = view.layout.comm.comm_id
    assert page.open() == {view.comm.comm_id, layout}
    other = Probe(app)
    assert other.layout is view.layout
    view.close()
    view.close()
    assert page.open() == {other.comm.comm_id, layout}
    other.close()
    assert page.open() == {layout}


def test_a_layout_that_somebody_closed_is_made_anew(
    page: Page, view: Probe, app: Parllama
) -> None:
    view.layout.close()
    other = Probe(app)
    assert other.layout.comm is not None
    assert page.open() >= {other.comm.comm_id, other.layout.comm.comm_id}


def test_a_view_that_is_over_closes_when_its_page_has_left(
    page: Page, view: Probe, loop: VirtualLoop, settle: Settle
) -> None:
    page.ask(view, "hello")
    settle(0)
    closed = view.comm.comm_id
    loop.call_soon_threadsafe(view.tell, NoticeData(text="last"))
    view.close_soon()
    settle(60)
    assert closed in page.open()
    asked = page.ask(view, "left")
    settle(60)
    assert page.response(asked)["result"] == {}
    assert page.events[-1]["data"]["text"] == "last"
    assert page.sent[-1][:2] == (closed, "comm_close")


def test_a_view_that_is_over_waits_for_a_page_that_is_being_loaded(
    page: Page, view: Probe, settle: Settle
) -> None:
    page.ask(view, "hello")
    settle(0)
    view.close_soon()
    settle(60)
    page.ask(view, "left")
    settle(2)
    page.ask(view, "hello")
    settle(60)
    assert view.comm is not None


def test_a_view_that_is_shown_twice_closes_when_both_have_left(
    page: Page, view: Probe, settle: Settle
) -> None:
    closed = view.comm.comm_id
    for _ in range(2):
        page.ask(view, "hello")
    settle(0)
    view.close_soon()
    page.ask(view, "left")
    settle(60)
    assert closed in page.open()
    page.ask(view, "left")
    settle(60)
    assert closed not in page.open()


def test_a_view_that_is_not_over_stays_when_its_page_has_left(
    page: Page, view: Probe, settle: Settle
) -> None:
    page.ask(view, "hello")
    page.ask(view, "left")
    settle(60)
    assert view.comm is not None
    # Shown again: a page was loaded anew, or an output moved.
    asked = page.ask(view, "hello")
    settle(0)
    assert "result" in page.response(asked)
    view.close_soon()
    settle(60)
    assert view.comm is not None


def test_a_view_that_nobody_shows_closes_by_itself(
    page: Page, view: Probe, settle: Settle
) -> None:
    closed = view.comm.comm_id
    view.close_soon()
    settle(0)
    # It may still be on its way to a page.
    assert closed in page.open()
    settle(60)
    assert closed not in page.open()


def test_a_closed_view_says_nothing_more(
    page: Page, view: Probe, settle: Settle
) -> None:
    page.ask(view, "wait")
    comm = view.comm
    settle(0.1)
    view.close()
    sent = len(page.sent)
    view.tell(NoticeData(text="late"))
    data = {"type": "request", "request_id": "late", "method": "hello", "params": {}}
    message = {"content": {"data": {"method": "custom", "content": data}}}
    comm.handle_msg({**message, "buffers": []})
    settle(100)
    assert len(page.sent) == sent


def test_an_unknown_trait_is_refused_and_leaves_nothing_behind(
    page: Page, app: Parllama
) -> None:
    gc.collect()
    before = set(_instances())
    with pytest.raises(TypeError, match=r"Probe has no colour, modell"):
        Probe(app, modell="x", colour="y")
    gc.collect()
    assert set(_instances()) == before
    assert page.sent == []


def _instances() -> dict[str, Any]:
    from ipywidgets.widgets import widget

    return dict(widget._instances)


def test_what_is_saved_with_a_notebook_is_small(view: Probe) -> None:
    state = view.get_state()
    assert len(state["_esm"]) < 5000
    rest = {name: value for name, value in state.items() if name != "_esm"}
    assert len(json.dumps(rest, default=str)) < 600
