"""A front end in Python: it runs cells in a real kernel and speaks for a view.

It does what JupyterLab does on the wire: keeps a cell's outputs and replaces them by
display id, makes a subshell for comm messages where the kernel has subshells, and
repeats a view's first request until it is answered.
"""

from __future__ import annotations

import os
import queue
import sys
import threading
import time
import uuid
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from jupyter_client import BlockingKernelClient, KernelManager
from jupyter_client.kernelspec import KernelSpec

Message = dict[str, Any]

KERNELS = Path(
    os.environ.get(
        "PARLLAMA_NB_KERNELS", Path(__file__).parents[2] / ".cache" / "kernels"
    )
)


def python_of(version: str) -> str:
    """The interpreter that has this ipykernel; "own" is the tests' own."""
    if version == "own":
        return sys.executable
    return str(KERNELS / version / "bin" / "python")


@dataclass
class Run:
    """One executed cell."""

    msg_id: str
    cell_id: str
    outputs: list[Message] = field(default_factory=list)
    reply: Message | None = None
    idle: bool = False
    started: float = field(default_factory=time.monotonic)
    seconds: float = 0.0

    @property
    def status(self) -> str:
        assert self.reply is not None
        return str(self.reply["content"]["status"])

    @property
    def text(self) -> str:
        """All that the cell shows, as a reader of the saved notebook sees it."""
        shown = []
        for output in self.outputs:
            data = output.get("data", {})
            shown.append(
                data.get("text/markdown")
                or data.get("text/plain")
                or output.get("text")
                or f"{output.get('ename')}: {output.get('evalue')}"
            )
        return "\n".join(shown)

    @property
    def error(self) -> Message | None:
        return next((o for o in self.outputs if o["output_type"] == "error"), None)


_ANEW = """
import atexit, os
from parllama_nb import application
from parllama_nb.widgets import _base
_base._ARRIVAL = 3.0
if application._app is not None:
    atexit.unregister(application._app.close)
    application._app.close()
    application._app = None
os.environ["PARLLAMA_NB_HOME"] = {home!r}
"""
"""What makes a kernel's next command begin with nothing: its instance is closed."""

# What a kernel has imported stays, and each reset would search it for garbage twice:
# for a second or more, once prices and providers are among it.
_KEEP = "__import__('gc').freeze()"


class Page:
    """A kernel and what a page knows of it."""

    def __init__(self, python: str, env: Mapping[str, str], cwd: Path) -> None:
        self.messages: list[Message] = []
        self.views: dict[str, View] = {}
        self.on_view: Callable[[View], None] | None = None
        self._runs: dict[str, Run] = {}
        self._replies: dict[str, Message] = {}
        self._displays: dict[str, Message] = {}
        self._changed = threading.Condition()
        self._sending = threading.Lock()
        self._subshell: str | None = None
        self.prompts: list[Message] = []
        self._typed: list[str] = []
        self._manager = KernelManager()
        self._manager._kernel_spec = KernelSpec(
            argv=[python, "-m", "ipykernel_launcher", "-f", "{connection_file}"],
            display_name="Python",
            language="python",
        )
        self.log = cwd / "kernel.log"
        with self.log.open("wb") as log:
            self._manager.start_kernel(
                env={**os.environ, **env}, cwd=str(cwd), stdout=log, stderr=log
            )
        self.client: BlockingKernelClient = self._manager.blocking_client()
        self.client.start_channels()
        self.client.wait_for_ready(timeout=60)
        self._stop = threading.Event()
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    @property
    def pid(self) -> int:
        return int(self._manager.provisioner.pid)

    def close(self) -> None:
        self._stop.set()
        self._reader.join(5)
        self.client.stop_channels()
        self._manager.shutdown_kernel(now=True)

    def forget(self, home: Path) -> None:
        """Make the kernel as good as new, with a home of its own; forget what it said.

        What a test has chosen, kept or put in the place of something is another
        instance's, which is closed.
        """
        self.on_view = None
        anew = _ANEW.format(home=str(home))
        reset = self.run(f"{anew}\n%xmode Context\n%reset -f\n{_KEEP}")
        assert reset.status == "ok", reset.text
        self.views.clear()
        self.messages.clear()
        self.prompts.clear()

    def hasten_arrival(self) -> None:
        """Let a view that nobody shows be closed at once, until the next `forget`."""
        hastened = self.run("import parllama_nb.widgets._base as b; b._ARRIVAL = 0.1")
        assert hastened.status == "ok", hastened.text

    def interrupt(self) -> None:
        self._manager.interrupt_kernel()

    def kill(self) -> None:
        self._manager.shutdown_kernel(now=True)

    def start(
        self, code: str, cell_id: str | None = None, typed: Sequence[str] | None = None
    ) -> Run:
        """Send a cell; do not wait. `typed` is what a user types where it asks."""
        cell_id = cell_id or uuid.uuid4().hex[:8]
        content = {
            "code": code,
            "silent": False,
            "store_history": True,
            "user_expressions": {},
            "allow_stdin": typed is not None,
            "stop_on_error": True,
        }
        message = self.client.session.msg("execute_request", content)
        message["metadata"] = {"cellId": cell_id}
        run = Run(message["header"]["msg_id"], cell_id)
        self._runs[run.msg_id] = run
        self._typed = list(typed or ())
        self._send(message)
        return run

    def wait(self, run: Run, seconds: float = 60) -> Run:
        """Wait until a cell is over and the kernel has said so."""
        self.until(lambda: run.idle and run.reply is not None, seconds)
        return run

    def run(
        self,
        code: str,
        seconds: float = 60,
        cell_id: str | None = None,
        typed: Sequence[str] | None = None,
    ) -> Run:
        return self.wait(self.start(code, cell_id, typed), seconds)

    def value(self, expression: str) -> str:
        """What an expression prints in the kernel."""
        run = self.run(f"print({expression})")
        assert run.status == "ok", run.text
        return run.text.strip()

    def complete(self, code: str) -> Message:
        """What the kernel offers at the end of some code."""
        request = self.client.session.msg(
            "complete_request", {"code": code, "cursor_pos": len(code)}
        )
        self._send(request)
        wanted = request["header"]["msg_id"]
        self.until(lambda: wanted in self._replies)
        return self._replies[wanted]["content"]

    def until(self, condition: Callable[[], object], seconds: float = 30) -> None:
        """Wait for something to come true by messages that come in."""
        with self._changed:
            if not self._changed.wait_for(condition, seconds):
                said = [m["header"]["msg_type"] for m in self.messages[-20:]]
                message = f"waited {seconds} s in vain; last messages: {said}"
                raise TimeoutError(message)

    def iopub_bytes(self, since: int = 0) -> int:
        """The bytes of all IOPub messages as they travelled."""
        return sum(message["bytes"] for message in self.messages[since:])

    def subshell(self) -> str | None:
        """The subshell for comm messages, made with the first call; None where none."""
        if self._subshell is None:
            about = self._control("kernel_info_request")
            if "kernel subshells" in about.get("supported_features", ()):
                made = self._control("create_subshell_request")
                self._subshell = made["subshell_id"]
            else:
                self._subshell = ""
        return self._subshell or None

    def _control(self, kind: str) -> Message:
        """Ask something on the control channel; gives the reply's content."""
        session, control = self.client.session, self.client.control_channel
        request = session.msg(kind, {})
        control.send(request)
        while True:
            reply = control.get_msg(timeout=10)
            if reply["parent_header"].get("msg_id") == request["header"]["msg_id"]:
                return dict(reply["content"])

    def send_comm(self, comm_id: str, data: Message, subshell: str | None) -> None:
        message = self.client.session.msg(
            "comm_msg",
            {"comm_id": comm_id, "data": {"method": "custom", "content": data}},
        )
        if subshell is not None:
            message["header"]["subshell_id"] = subshell
        self._send(message)

    def request(
        self, kind: str, content: Message, metadata: Message | None = None
    ) -> str:
        """Send a message to the main shell; gives its id."""
        message = self.client.session.msg(kind, content, metadata=metadata)
        self._send(message)
        return str(message["header"]["msg_id"])

    def request_state(self, comm_id: str) -> str:
        """Ask a comm for its widget's state; gives the id of the request."""
        data = {"method": "request_state"}
        return self.request("comm_msg", {"comm_id": comm_id, "data": data})

    def request_states(self) -> str:
        """Ask for the states of all widgets as a new page does; gives the comm's id."""
        comm = {"comm_id": uuid.uuid4().hex}
        target = {"target_name": "jupyter.widget.control", "data": {}}
        self.request("comm_open", {**comm, **target}, {"version": "1.0.0"})
        self.request("comm_msg", {**comm, "data": {"method": "request_states"}})
        return comm["comm_id"]

    def states(self, control: str) -> Message | None:
        """What came of `request_states`: the widgets' states, None as long as none."""
        for message in self.messages:
            content = message["content"]
            if content.get("comm_id") == control and "states" in content["data"]:
                return dict(content["data"]["states"])
        return None

    def answered(self, request: str) -> bool:
        """Whether a request has its reply."""
        return request in self._replies

    def _send(self, message: Message) -> None:
        with self._sending:
            self.client.shell_channel.send(message)

    def _read(self) -> None:
        while not self._stop.is_set():
            self._answer_prompts()
            for channel in (self.client.iopub_channel, self.client.shell_channel):
                try:
                    # The reply comes after the outputs; so the outputs are drained.
                    wait = 0.02 if channel is self.client.iopub_channel else 0
                    while True:
                        if channel is self.client.shell_channel:
                            # A socket is for one thread at a time.
                            with self._sending:
                                message = channel.get_msg(timeout=wait)
                        else:
                            message = channel.get_msg(timeout=wait)
                        with self._changed:
                            self._take(message, channel)
                            self._changed.notify_all()
                except queue.Empty:
                    pass

    def _answer_prompts(self) -> None:
        """Type what is to be typed; what is asked beyond that is never answered."""
        if not self.client.stdin_channel.msg_ready():
            return
        asked = self.client.stdin_channel.get_msg(timeout=1)["content"]
        with self._changed:
            self.prompts.append(asked)
            self._changed.notify_all()
        if self._typed:
            self.client.input(self._typed.pop(0))

    def _take(self, message: Message, channel: object) -> None:
        run = self._runs.get(message["parent_header"].get("msg_id", ""))
        if channel is self.client.shell_channel:
            self._replies[message["parent_header"].get("msg_id", "")] = message
            if run is not None:
                run.reply = message
                run.seconds = time.monotonic() - run.started
            return
        message["bytes"] = _bytes(self.client.session, message)
        message["at"] = time.monotonic()
        self.messages.append(message)
        kind, content = message["header"]["msg_type"], message["content"]
        if kind.startswith("comm_"):
            self._take_comm(kind, message)
        elif kind == "update_display_data":
            self._displays[content["transient"]["display_id"]]["data"] = content["data"]
        elif run is not None:
            self._take_output(run, kind, content)

    def _take_output(self, run: Run, kind: str, content: Message) -> None:
        if kind == "status":
            run.idle = content["execution_state"] == "idle"
        elif kind in ("display_data", "execute_result", "stream", "error"):
            output = {**content, "output_type": kind}
            run.outputs.append(output)
            display_id = content.get("transient", {}).get("display_id")
            if display_id:
                self._displays[display_id] = output

    def _take_comm(self, kind: str, message: Message) -> None:
        content = message["content"]
        if kind == "comm_open":
            view = View(self, content["comm_id"], content["data"]["state"])
            view.parent = message["parent_header"]
            self.views[view.comm_id] = view
            if self.on_view is not None and "_esm" in view.state:
                # Not on the thread that reads: a view waits for what is read.
                threading.Thread(target=self.on_view, args=[view], daemon=True).start()
        elif content["comm_id"] in self.views:
            self.views[content["comm_id"]].take(
                kind, content, message.get("buffers") or []
            )


class View:
    """One widget as a page has it; speaks the protocol of the views."""

    def __init__(self, page: Page, comm_id: str, state: Message) -> None:
        self.page = page
        self.comm_id = comm_id
        self.state = state
        self.parent: Message = {}
        self.events: list[Message] = []
        self.responses: dict[str, Message] = {}
        self.buffers: dict[str, list[bytes]] = {}
        self.closed = False
        self.greeting: Message = {}

    def take(self, kind: str, content: Message, buffers: list[Any]) -> None:
        if kind == "comm_close":
            self.closed = True
            return
        data = content["data"]
        if data.get("method") != "custom":
            return
        said = data["content"]
        if said["type"] == "event":
            self.events.append(said)
        else:
            assert said["request_id"] not in self.responses, "answered twice"
            self.responses[said["request_id"]] = said
            self.buffers[said["request_id"]] = [bytes(buffer) for buffer in buffers]

    def ask(
        self, method: str, params: Message | None = None, seconds: float = 20
    ) -> Message:
        """Send a request every 250 ms until it is answered."""
        request_id = uuid.uuid4().hex
        request = {
            "type": "request",
            "request_id": request_id,
            "method": method,
            "params": params or {},
        }
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            self.page.send_comm(self.comm_id, request, self.page.subshell())
            try:
                self.page.until(lambda: request_id in self.responses, 0.25)
            except TimeoutError:
                continue
            return self.responses[request_id]
        message = f"{method} was not answered in {seconds} s"
        raise TimeoutError(message)

    @property
    def streamed(self) -> str:
        """The text that events have brought."""
        text = ""
        for event in self.events:
            if event["event"] == "snapshot":
                text = event["data"]["text"]
            elif event["event"] == "delta" and event["data"]["kind"] == "text":
                text += event["data"]["text"]
        return text


def _bytes(session: Any, message: Message) -> int:
    parts = ("header", "parent_header", "metadata", "content")
    size = sum(len(session.pack(message[part])) for part in parts)
    return size + sum(memoryview(b).nbytes for b in message.get("buffers") or [])
