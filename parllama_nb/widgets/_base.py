"""What every view is: an anywidget whose messages are answered on the service loop."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import uuid
from collections import OrderedDict
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, ClassVar, Generic, TypeVar

import anywidget
import traitlets
from pydantic import TypeAdapter, ValidationError

from ..errors import ParllamaError, UsageError
from ..events import VAULT, VaultChanged
from ..secret import where
from ._assets import asset, loader, parts
from ._detached import Detached, shared_layout
from ._keys import add_key, unlock, vault_data
from ._protocol import (
    AddKeyParams,
    AssetData,
    AssetParams,
    Event,
    EventData,
    Failure,
    FromView,
    KeyParams,
    LockData,
    Request,
    Response,
    SealingKey,
    Snapshot,
    UnlockParams,
    VaultData,
    Wire,
)
from ._requests import Buffers, RequestMethod, declared, request
from ._sealed import SealingKeys

if TYPE_CHECKING:
    from .. import events
    from ..application import Parllama

__all__ = ["AnyView", "EventT", "SnapshotT", "View", "failure"]

_log = logging.getLogger(__name__)

_from_view: TypeAdapter[Any] = TypeAdapter(FromView)

# How many request ids are remembered: a view repeats a request until it is answered.
_REMEMBERED = 1024

# Seconds to wait for a view's first request before a snapshot is sent unasked.
_HELLO = 0.3

# Seconds after which a page that has not made a view's model never will.
_ARRIVAL = 3.0

SnapshotT = TypeVar("SnapshotT", bound=Snapshot)
EventT = TypeVar("EventT", bound=EventData)


class View(Detached, anywidget.AnyWidget, Generic[SnapshotT, EventT]):
    """Base of all views, by what their snapshot and their other events carry.

    A subclass names its bundle in `bundle_name` and declares its requests with
    `@request`; it gives its state by `snapshot` and says what happens with `tell`, both
    on the service loop.
    """

    bundle_name: ClassVar[str] = ""
    requests: ClassVar[Mapping[str, RequestMethod]] = {}
    """The requests that a view of this kind answers, by name."""
    groups: ClassVar[Mapping[str, type]] = {}
    """Classes of objects that answer some of them, by the attribute that holds each."""
    without_widgets: str = ""
    """The text that is shown where the view cannot be, and once its kernel is gone."""

    _esm = traitlets.Unicode().tag(sync=True)
    view = traitlets.Unicode().tag(sync=True)
    """The parts that the loader fetches, in the order in which it imports them."""
    bundle = traitlets.Unicode().tag(sync=True)
    """Their hashes; a page that has a part does not fetch it again."""
    output_id = traitlets.Unicode().tag(sync=True)
    """The model id, by which a notebook's outputs name the view."""

    # For a view that is closed before it was whole.
    _unlisten_vault: Callable[[], None] = staticmethod(lambda: None)

    def __init_subclass__(cls, **keys: Any) -> None:  # noqa: ANN401 - traitlets'
        super().__init_subclass__(**keys)
        cls.requests = declared(cls)
        for holder, kind in cls.groups.items():
            cls.requests |= declared(kind, holder)

    def __init__(self, app: Parllama, **traits: object) -> None:
        unknown = traits.keys() - self.trait_names()
        if unknown:
            message = f"{type(self).__name__} has no {', '.join(sorted(unknown))}"
            raise TypeError(message)
        self._app = app
        self._loop = app.runtime.loop
        self._tasks_by_id: OrderedDict[str, asyncio.Task[None] | None] = OrderedDict()
        self._sealing = SealingKeys()
        self._seq = 0
        self._listened = False
        self._shown = 0
        self._over = False
        built = parts(self.bundle_name)
        model_id = uuid.uuid4().hex
        super().__init__(
            model_id=model_id,
            output_id=model_id,
            _esm=loader(),
            view=" ".join(part.name for part in built),
            bundle=" ".join(part.hash for part in built),
            layout=shared_layout(),
            **traits,
        )
        self._unlisten_vault = app.events.listen(VAULT, self._hear_vault)
        self._loop.call_soon_threadsafe(
            self._loop.call_later, _HELLO, self._tell_unasked
        )

    def close(self) -> None:
        """Close the view."""
        self._unlisten_vault()
        super().close()

    def _hear_vault(self, event: events.Event) -> None:
        if isinstance(event, VaultChanged):
            self.tell(LockData(state=event.state))

    def snapshot(self) -> SnapshotT:
        """Return all that the view shows now."""
        raise NotImplementedError

    @property
    def seq(self) -> int:
        """The number of the last event."""
        return self._seq

    def tell(self, data: SnapshotT | EventT | LockData) -> None:
        """Send an event to all rendered views. On the service loop.

        Nothing is sent before a view listens: the first thing it gets is a snapshot,
        which holds everything.
        """
        if self._listened:
            self._seq += 1
            carried = data.model_dump(exclude_none=True)
            self._post(Event(event=data.event, seq=self._seq, data=carried))

    def output(self) -> dict[str, str]:
        """Return the MIME bundle: the view, and its text where there are no widgets."""
        bundle = self._repr_mimebundle_()
        return bundle[0] if isinstance(bundle, tuple) else bundle

    def _repr_mimebundle_(self, **kwargs: Any) -> Any:  # noqa: ANN401 - anywidget's
        bundle = super()._repr_mimebundle_(**kwargs)
        data, *metadata = bundle if isinstance(bundle, tuple) else (bundle or {},)
        data = {**data, "text/plain": self.without_widgets}
        return (data, *metadata) if metadata else data

    def __repr__(self) -> str:
        # Not the traits: one of them is the loader's source.
        return f"<{type(self).__name__} {self.model_id}>"

    def close_soon(self) -> None:
        """Close the view once no page shows it. From any thread.

        A page whose output replaces the view drops it and sends `left`. A view that
        has sent nothing yet may be on its way to a page: anywidget reports a model that
        is closed before it is initialized as failed, and a page that was loaded while
        the cell ran has asked for the model, and waits for good if it is closed then.
        """
        self._soon(self._close_soon)

    def _soon(self, callback: Callable[[], object]) -> None:
        """Call `callback` on the service loop, unless it has ended. From any thread."""
        # Widgets are also closed when Python exits, and the loop has ended by then.
        with contextlib.suppress(RuntimeError):
            self._loop.call_soon_threadsafe(callback)

    def _close_soon(self) -> None:
        self._over = True
        self._close_later()

    def _close_later(self) -> None:
        self._once_arrived(self._close_unseen)

    def _once_arrived(self, callback: Callable[[], None]) -> None:
        """Call `callback` when a page that is to show the view must have said hello."""
        self._loop.call_later(_ARRIVAL, callback)

    def _close_unseen(self) -> None:
        if self._over and self._shown <= 0:
            self.close()

    def _handle_msg(self, msg: dict[str, Any]) -> None:
        # The kernel chooses the thread, so the message is only passed on. Views write
        # no traits: only their own messages and the front end's request for the state
        # are handled.
        data = msg["content"]["data"]
        if data.get("method") == "custom":
            buffers = msg.get("buffers") or ()
            self._loop.call_soon_threadsafe(self._take, data.get("content"), buffers)
        elif data.get("method") == "request_state":
            self._loop.call_soon_threadsafe(self.send_state)

    def _take(self, content: object, buffers: Buffers = ()) -> None:
        try:
            message = _from_view.validate_python(content)
        except ValidationError:
            _log.warning("%s got a malformed message", type(self).__name__)
            return
        task = self._tasks_by_id.get(message.request_id)
        if not isinstance(message, Request):
            if task is not None:
                task.cancel()
        elif message.request_id not in self._tasks_by_id:
            task = self._loop.create_task(self._answer(message, buffers))
            task.add_done_callback(lambda task: self._never_ran(message, task))
            self._tasks_by_id[message.request_id] = task
            if len(self._tasks_by_id) > _REMEMBERED:
                self._tasks_by_id.popitem(last=False)

    async def _answer(self, request: Request, given: Buffers) -> None:
        buffers: list[bytes] = []
        response = Response(request_id=request.request_id)
        try:
            method = self._method(request.method)
            result, buffers = await method.answer(self, request.params, given)
            response = response.model_copy(update={"result": result})
        except asyncio.CancelledError:
            error = Failure(code="cancelled", message="Cancelled.")
            response = response.model_copy(update={"error": error})
        except Exception as error:  # noqa: BLE001 - each request gets its response
            if not isinstance(error, ParllamaError | ValidationError):
                _log.error("%s failed: %s", request.method, where(error))
            shown = failure(error, self._app.redact)
            response = response.model_copy(update={"error": shown})
        self._tasks_by_id[request.request_id] = None
        self._post(response, buffers)

    def _never_ran(self, request: Request, task: asyncio.Task[None]) -> None:
        # A task that is cancelled before its first step cannot respond by itself.
        if task.cancelled():
            self._tasks_by_id[request.request_id] = None
            error = Failure(code="cancelled", message="Cancelled.")
            self._post(Response(request_id=request.request_id, error=error))

    def _method(self, name: str) -> RequestMethod:
        method = self.requests.get(name)
        if method is not None:
            return method
        message = f"{self.bundle_name} views have no {name!r}."
        raise UsageError(message)

    def _post(self, message: Wire, buffers: list[bytes] | None = None) -> None:
        if self.comm is not None:
            self.send(message.model_dump(exclude_none=True), buffers)

    def _tell_unasked(self) -> None:
        # No view has said hello: there is none, or the running cell blocks it.
        if not self._listened and self.comm is not None:
            self._listened = True
            self.tell_all()

    def tell_all(self) -> None:
        """Send a snapshot to all rendered views. On the service loop."""
        self.tell(self._snapshot_at(self._seq + 1))

    def _snapshot_at(self, seq: int) -> SnapshotT:
        """Return the snapshot, numbered as the last event that it holds."""
        return self.snapshot().model_copy(update={"seq": seq})

    # what every view answers

    @request
    async def on_hello(self) -> SnapshotT:
        """Answer the first request of a rendered view with a snapshot."""
        self._listened = True
        self._shown += 1
        return self._snapshot_at(self._seq)

    @request
    async def on_left(self) -> None:
        """Note that a rendered view was removed; a closed page cannot send this."""
        self._shown -= 1
        self._close_later()

    @request
    async def on_asset(self, params: AssetParams) -> tuple[AssetData, list[bytes]]:
        """Send a built file."""
        wanted = asset(params.name)
        return AssetData(hash=wanted.hash), [wanted.read()]

    @request
    async def on_vault(self, params: KeyParams) -> VaultData:
        """Return whether the vault is unlocked, and whether a key is there."""
        return await vault_data(self._app, params.name)

    @request
    async def on_sealing_key(self) -> SealingKey:
        """Return a key that the texts of one request can be sealed with."""
        return self._sealing.make()

    @request
    async def on_unlock(self, params: UnlockParams) -> VaultData:
        """Unlock the vault."""
        with self._sealing.opened(params.sealed, "unlock") as texts:
            await unlock(self._app, texts, older=params.older)
        return await vault_data(self._app, params.name)

    @request
    async def on_add_key(self, params: AddKeyParams) -> None:
        """Store a key in the vault."""
        with self._sealing.opened(params.sealed, "add_key") as texts:
            await add_key(self._app, params.name, texts)

    @request
    async def on_snapshot(self) -> SnapshotT:
        """Send a snapshot, to a view that missed an event."""
        return self._snapshot_at(self._seq)


View.requests = declared(View)

AnyView = View[Any, Any]
"""Any view."""


def failure(error: BaseException, redact: Callable[[str], str]) -> Failure:
    """Return an error as views show it, without secrets."""
    if isinstance(error, ParllamaError):
        hint = redact(error.hint) if error.hint else None
        missing = getattr(error, "missing_key", "") or None
        return Failure(
            code=error.code,
            message=redact(error.message),
            hint=hint,
            missing_key=missing,
            field=getattr(error, "field", "") or None,
            wait=getattr(error, "seconds", None),
        )
    if isinstance(error, ValidationError):
        return Failure(code="usage", message="The view asked with wrong parameters.")
    return failure(ParllamaError.unexpected(error), redact)
