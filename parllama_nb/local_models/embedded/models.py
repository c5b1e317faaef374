"""The life of the embedded engine's models: added, shown, loaded, removed.

Files that are downloaded or copied lie in a folder of ours, below the data directory; a
file of the user's own stays where it is, and is never deleted.
"""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import re
from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

from ...errors import (
    DamagedModelError,
    ModelNotFoundError,
    ParllamaError,
    UsageError,
)
from ...events import Progress
from ...fuzzy import near
from ...providers.embedded.file_facts import file_facts
from ...providers.embedded.known_models import MODELS, cached_path
from ...providers.embedded.own_models import OwnModel, check_name
from ...providers.embedded.provider import EmbeddedProvider
from ...providers.keys import check_key, find_key
from ...providers.retry import RetryPolicy
from ...providers.single_flight import Report, Shared, in_thread
from ...providers.spec import ModelInfo
from ...secret import Secret
from ...weights.gguf_facts import GGUFFacts
from ...weights.split_files import is_part
from ..downloads.file_download import Download, RemoteFile, is_here
from ..downloads.hub_files import choose, file_url, list_files
from ..downloads.part_files import bytes_come, locked, remove_traces, room_for
from ..downloads.refusals import TOKEN_NAME
from ..downloads.sources import HubSource, PathSource, WebSource, hub_address, parse
from ..downloads.web import Web
from .files import (
    Removed,
    begun,
    complete_at,
    copied,
    copy_of,
    given_up,
    is_below,
    kept,
    remove_demo,
    remove_own,
)

__all__ = ["EmbeddedDetails", "EmbeddedModels", "Removed"]

_Parts = Sequence[tuple[RemoteFile, Path]]
"""The files of a model, and where each is to lie."""

_HUB = "Hugging Face"
_TOKENS = (TOKEN_NAME, "HUGGING_FACE_HUB_TOKEN")


@dataclass(frozen=True, slots=True)
class EmbeddedDetails:
    """A model of the embedded engine, and what its file says of it.

    `facts` is None while there is no whole file; `fault` says then why. `state` is
    "", or "unfinished", "missing", "changed" or "not downloaded". `memory` is what the
    model uses now, in bytes. `is_ours`: its file is deleted with the model.
    """

    name: str
    path: str
    source: str
    added: str
    state: str
    facts: GGUFFacts | None
    fault: str
    memory: int
    is_ours: bool


class EmbeddedModels:
    """The models of one embedded engine. Used on the service loop only.

    `provider()` is asked for with each call: it may be switched off meanwhile.
    """

    def __init__(
        self,
        provider: Callable[[], EmbeddedProvider],
        policy: RetryPolicy | None = None,
    ) -> None:
        self._provider = provider
        self._policy = policy or RetryPolicy()
        self._downloads: Shared[OwnModel] = Shared()

    async def list(self) -> list[ModelInfo]:
        """Return all models, as the provider lists them."""
        return await self._provider().models()

    async def add(
        self,
        source: str,
        name: str | None = None,
        report: Report = lambda _: None,
        *,
        copy: bool = False,
    ) -> OwnModel:
        """Add a model to the list; downloads it if it is not here.

        What a cut or a cancel leaves is kept, and the same call goes on from there.

        Args:
            source: a path, `hf.co/USER/REPO[:QUANTIZATION]`, or the address of a file.
            name: how it is to be called; else as its file.
            report: gets the progress; may be called from any thread.
            copy: copy a file of this machine into our folder; else it is only named.

        Raises:
            UsageError: the source or the name is not valid, or the name is taken.
            ModelNotFoundError: there is no such file or repository.
            DamagedModelError: the file is no model, or is damaged.
            DownloadError: it cannot be stored.
            ProviderError: the server cannot be reached, or refuses.

        """
        provider = self._provider()
        context = provider.context
        wanted = check_name(name) if name is not None else None
        given = await asyncio.to_thread(parse, source, context.environ, context.redact)
        if isinstance(given, PathSource):
            return await self._add_file(given.path, wanted, report, copy=copy)
        if isinstance(given, HubSource):
            return await self._add_of_hub(given, wanted, report)
        return await self._add_of_web(given, wanted, report)

    async def show(self, name: str) -> EmbeddedDetails:
        """Return what is known of a model, and what its file says.

        Raises:
            ModelNotFoundError: there is no model of this name.

        """
        provider = self._provider()
        name = name.removeprefix("embedded/")
        if name in MODELS:
            weights = MODELS[name]
            path = cached_path(weights, provider.context.cache_dir())
            state = "" if provider.is_there(weights) else "not downloaded"
            source, added, ours = weights.title, "", True
        else:
            model = self._found(name)
            name, path = model.name, Path(model.path)
            state, source, added = model.state, model.source, model.added
            ours = is_below(path, provider.own.folder)
        facts, fault = None, ""
        if state in ("", "changed"):
            try:
                facts = await in_thread(lambda _: file_facts(path))
            except ParllamaError as error:
                fault = error.message
        memory = provider.memory(name)
        return EmbeddedDetails(
            name, str(path), source, added, state, facts, fault, memory, ours
        )

    def path_of(self, name: str) -> Path:
        """Return the file of a model, the first one of a split model.

        Raises:
            ModelNotFoundError: there is no model of this name.

        """
        provider = self._provider()
        if name in MODELS:
            return cached_path(MODELS[name], provider.context.cache_dir())
        return Path(self._found(name).path)

    async def load(self, name: str, report: Report = lambda _: None) -> None:
        """Load a model for what it is made for, answers or embeddings.

        Downloads the engine's own model if it is missing.

        Raises:
            EngineError: the engine or the model is not available.
            ModelNotFoundError: there is no model of this name, or its file is gone.

        """
        provider = self._provider()
        name = name.removeprefix("embedded/")
        model = provider.own.find(name)
        if model is not None and model.capabilities == ("embedding",):
            await provider.prepare_embeddings(name, report)
        else:
            await provider.prepare(name, report)

    async def unload(self, name: str) -> int:
        """End what runs of a model; returns the bytes of memory that it used."""
        return await self._provider().unload(name.removeprefix("embedded/"))

    async def remove(self, name: str, *, delete_file: bool = True) -> Removed:
        """Forget a model, and delete its file if it lies in our folder.

        What runs of it ends first. The engine's own model stays in the list, and is
        downloaded again when it is used.

        Raises:
            ModelNotFoundError: there is no model of this name.
            UsageError: it is being downloaded.
            StoreError: the list cannot be changed.

        """
        provider = self._provider()
        name = name.removeprefix("embedded/")
        if name in MODELS:
            await provider.unload(name)
            path = cached_path(MODELS[name], provider.context.cache_dir())
            return await in_thread(lambda _: remove_demo(name, path))
        model = self._found(name)
        await provider.unload(model.name)
        own = provider.own
        return await in_thread(
            lambda _: remove_own(own, model, delete_file=delete_file)
        )

    async def aclose(self) -> None:
        """Stop all downloads; what has come is kept."""
        await self._downloads.aclose()

    # adding

    async def _add_file(
        self, path: Path, name: str | None, report: Report, *, copy: bool
    ) -> OwnModel:
        facts = await in_thread(lambda _: file_facts(path))
        own = self._provider().own
        source = str(path)
        place = path
        if copy and not is_below(path, own.folder):
            known = await in_thread(lambda _: copy_of(own, source, facts))
            if known is None:
                known = await in_thread(lambda stop: copied(own, path, report, stop))
            place = known
        return await in_thread(lambda _: kept(own, place, source, name, facts))

    async def _add_of_hub(
        self, source: HubSource, name: str | None, report: Report
    ) -> OwnModel:
        context = self._provider().context
        endpoint = hub_address(context.environ)
        token = find_key(_TOKENS, context)
        check_key(token, _HUB)
        page = f"{endpoint}/{source.repository}"
        async with self._web(_HUB, page) as web:
            report(Progress(f"Looking at {source}"))
            variant = choose(source, await list_files(web, endpoint, source, token))
        folder = self._provider().own.folder / "hub" / source.repository
        if source.revision != "main":
            folder /= re.sub(r"[^\w.-]", "-", f"@{source.revision}")
        parts = []
        for file in variant.files:
            url = Secret("address", file_url(endpoint, source, file))
            remote = RemoteFile(url, file.size, file.sha256, token)
            parts.append((remote, folder / file.path))
        exact = replace(source, quantization="", file=variant.files[0].path)
        return await self._downloads.run(
            str(parts[0][1]),
            lambda tell: self._download((_HUB, page), parts, str(exact), name, tell),
            report,
        )

    async def _add_of_web(
        self, source: WebSource, name: str | None, report: Report
    ) -> OwnModel:
        url = source.url.reveal()
        number = hashlib.sha256(url.encode()).hexdigest()[:16]
        file_name = re.sub(r"[^\w.() +@-]", "-", source.file_name)[-120:].strip(" .")
        if not file_name.lower().endswith(".gguf"):
            file_name = f"{file_name or 'model'}.gguf"
        if is_part(file_name):
            message = f"{file_name} is a part of a split model."
            hint = "Download all parts into one folder, and add the first one's path."
            raise UsageError(message, hint=hint)
        target = self._provider().own.folder / "web" / number / file_name
        own = self._provider().own
        if await in_thread(lambda _: complete_at(own, target)):
            facts = await in_thread(lambda _: file_facts(target))
            return await in_thread(
                lambda _: kept(own, target, str(source), name, facts)
            )
        label = str(source).partition("://")[2].partition("/")[0]
        parts = [(RemoteFile(source.url), target)]
        return await self._downloads.run(
            str(target),
            lambda tell: self._download((label, ""), parts, str(source), name, tell),
            report,
        )

    @contextlib.asynccontextmanager
    async def _web(self, label: str, page: str = "") -> AsyncIterator[Web]:
        provider = self._provider()
        web = Web(provider.context.redact, provider.options.timeouts, label, page)
        try:
            yield web
        finally:
            await web.aclose()

    async def _download(
        self,
        server: tuple[str, str],
        parts: _Parts,
        source: str,
        name: str | None,
        report: Report,
    ) -> OwnModel:
        """Download all files of a model from a server, of this label and page."""
        provider = self._provider()
        own, first = provider.own, parts[0][1]
        try:
            entry = await in_thread(lambda _: begun(own, first, source, name))
            async with locked(first, report, entry.name), self._web(*server) as web:
                anew = await self._missing(web, parts, entry.name, report)
            facts = await self._whole(parts)
            sha256 = parts[0][0].sha256
            done = await in_thread(
                lambda _: kept(own, first, source, entry.name, facts, sha256)
            )
        finally:
            if not any(bytes_come(target) for _, target in parts):
                await in_thread(lambda _: given_up(own, first))
        if anew and entry.complete:
            # It was here in another version, which may still run.
            await provider.unload(done.name)
        return done

    async def _missing(
        self, web: Web, parts: _Parts, name: str, report: Report
    ) -> bool:
        """Download the files that are not here; returns whether there were any."""
        own, (remote, first) = self._provider().own, parts[0]
        # Another notebook may have had the lock before.
        there = await in_thread(lambda _: complete_at(own, first))
        if there is not None and there.sha256 == remote.sha256:
            return False
        missing = [
            (number, remote, target)
            for number, (remote, target) in enumerate(parts, 1)
            if not await in_thread(partial(is_here, remote, target, report))
        ]
        sizes = [remote.size or 0 for remote, _ in parts]
        needed = sum(
            (remote.size or 0) - bytes_come(target) for _, remote, target in missing
        )
        room_for(first.parent, needed)
        for number, remote, target in missing:
            of = f" ({number} of {len(parts)})" if len(parts) > 1 else ""
            await Download(
                web,
                remote,
                target,
                report,
                f"Downloading {name}{of}",
                policy=self._policy,
                before=sum(sizes[: number - 1]),
                whole=sum(sizes) if all(sizes) else None,
            ).run()
        return bool(missing)

    async def _whole(self, parts: _Parts) -> GGUFFacts:
        """Return what the files say; deletes them if they are damaged."""
        first = parts[0][1]
        failure: DamagedModelError | None = None
        try:
            return await in_thread(lambda _: file_facts(first))
        except DamagedModelError as error:
            failure = error
        for _, target in parts:
            remove_traces(target)
        failure.hint = "What came was deleted: it is not whole, or not in this format."
        raise failure

    def _found(self, name: str) -> OwnModel:
        own = self._provider().own
        model = own.find(name)
        if model is not None:
            return model
        names = [*MODELS, *(one.name for one in own.all())]
        offered = near(name, names, 1)
        message = f"The embedded engine has no model {name!r}."
        hint = (
            f"Did you mean {offered[0]}?" if offered else f"It has {', '.join(names)}."
        )
        raise ModelNotFoundError(message, hint=f"{own.problem} {hint}".strip())
