"""doctor: what works here and what does not, with the remedy."""

from __future__ import annotations

import asyncio
import sys
from importlib.metadata import PackageNotFoundError, version

from ..application import Parllama
from ..errors import ConnectionFailedError, ParllamaError
from ..markdown.sanitize import escape
from ..model_catalog.listing import ModelList
from ..paths import directory
from ..providers.address import hints
from ..providers.litellm import INSTALL
from ..providers.spec import Spec
from .provider_state import ProviderState, state_of
from .providers import age, counted
from .report import Report, prose, table
from .table import Call, Check, Command, Params

__all__ = ["COMMAND", "DoctorParams"]

# A checkout on the path runs without being installed, and has no version then.
_OURS = "parllama_nb"
_PACKAGES = (_OURS, "ipykernel", "anywidget", "ipywidgets", "openai", "anthropic")

_SHOWN = {True: "ok", False: "**no**", None: "–"}  # noqa: RUF001 - a dash


class DoctorParams(Params):
    """No parameters."""


async def doctor(params: DoctorParams, call: Call) -> Report:
    """Check the installation and every provider; contacts local ones only."""
    del params
    app = call.app
    states = [state_of(app, name) for name in app.providers.names()]
    enabled = [state.spec for state in states if state.enabled]
    await app.model_lists.get(spec.name for spec in enabled if spec.local)
    known = await app.model_lists.known(spec.name for spec in enabled)
    lists = {each.provider: each for each in known}
    checks = [_python(), *call.notebook.checks(), await _data(app), _settings(app)]
    checks += [await _vault(call), _prices(app)]
    checks += [_provider(state, lists.get(state.spec.name)) for state in states]
    checks += [
        Check(
            f"plug-in {escape(name)}",
            ok=False,
            found=escape(app.redact(reason)),
            remedy="Upgrade or uninstall its package.",
        )
        for name, reason in app.plugins.failures.items()
    ]
    rows = [
        (
            _SHOWN[check.ok],
            check.what,
            check.found,
            "" if check.ok else prose(check.remedy),
        )
        for check in checks
    ]
    return Report(table(("", "check", "result", "what to do"), rows))


def _python() -> Check:
    python = ".".join(map(str, sys.version_info[:3]))
    found = [f"Python {python}"]
    missing = []
    for name in _PACKAGES:
        try:
            found.append(f"{name} {version(name)}")
        except PackageNotFoundError:
            if name != _OURS:
                missing.append(name)
    remedy = f"`%pip install {' '.join(missing)}`" if missing else ""
    return Check("packages", ok=not missing, found=", ".join(found), remedy=remedy)


async def _data(app: Parllama) -> Check:
    """Check that conversations can be kept: the directory, and the database in it."""
    try:
        found = str(directory("data"))
        await asyncio.wrap_future(app.store.check())
    except ParllamaError as error:
        remedy = f"{error.hint or ''} Until then nothing is kept."
        found = escape(app.redact(error.message))
        return Check("data directory", ok=False, found=found, remedy=remedy.strip())
    return Check("data directory", ok=True, found=escape(found))


def _prices(app: Parllama) -> Check:
    source = app.prices.source
    if source is None:
        remedy = f"`{INSTALL}` installs the table of prices."
        return Check("prices", ok=None, found="unknown", remedy=remedy)
    return Check("prices", ok=True, found=f"estimated by the table of {source}")


def _settings(app: Parllama) -> Check:
    state = app.settings.state
    if state.problem:
        found = escape(app.redact(state.problem))
        return Check("settings", ok=False, found=found, remedy=state.remedy)
    ignored = [f"{key}: {why}" for key, why in state.ignored.items()]
    if ignored:
        found = escape(app.redact("; ".join(ignored)))
        remedy = f"Correct {state.path}."
        return Check("settings", ok=False, found=found, remedy=remedy)
    changed = ", ".join(app.settings.changes())
    found = f"changed: {changed}" if changed else "none changed"
    return Check("settings", ok=True, found=escape(found))


async def _vault(call: Call) -> Check:
    vault = call.app.vault
    try:
        state = await asyncio.to_thread(lambda: vault.state)
    except ParllamaError as error:
        remedy = error.hint or ""
        return Check("vault", ok=False, found=escape(error.message), remedy=remedy)
    if state == "absent":
        remedy = "`%parllama vault create` makes one, which keeps keys encrypted."
        return Check("vault", ok=None, found="there is none", remedy=remedy)
    if state == "locked":
        remedy = "`%parllama vault unlock` asks for its password."
        return Check("vault", ok=None, found="locked", remedy=remedy)
    if vault.warning:
        return Check("vault", ok=False, found=escape(vault.warning))
    return Check("vault", ok=True, found="unlocked")


def _provider(state: ProviderState, listed: ModelList | None) -> Check:
    """Check a provider; `listed` is its list of models, None where it is off."""
    spec = state.spec
    if not state.enabled or listed is None:
        remedy = f"`%parllama providers enable {spec.name}`"
        return Check(spec.title, ok=None, found="switched off", remedy=remedy)
    if state.lacks:
        found = "; ".join(escape(lack.what) for lack in state.lacks)
        first = state.lacks[0]
        remedy = state.key.advice if first.what == state.key.missing else first.remedy
        remedy = f"`{first.command}`" if first.command else remedy
        return Check(spec.title, ok=None, found=found, remedy=remedy)
    if spec.local:
        return _local(spec, listed)
    found = "needs no key"
    if state.key.secret:
        source = "" if state.key.source == "environment" else f", {state.key.source}"
        found = f"key in `{state.key.name}`{source}"
    elif spec.wire == "litellm":
        found = "needs the keys of its providers"
    if listed.fetched is not None:
        found += f"; {counted(listed)}, listed {age(listed.fetched)}"
    if listed.failure:
        found += f"; {escape(listed.failure)}"
    # The failure may be old, and its cause gone.
    again = f"`%parllama providers test {spec.name}` tries again."
    remedy = f"{listed.hint} {again}".strip()
    return Check(spec.title, ok=not listed.failure, found=found, remedy=remedy)


def _local(spec: Spec, listed: ModelList) -> Check:
    if listed.code == ConnectionFailedError.code:
        return Check(spec.title, ok=None, found="not running", remedy=listed.hint)
    if listed.failure:
        found, remedy = escape(listed.failure), listed.hint
        again = f"`%parllama providers test {spec.name}` tries again."
        return Check(spec.title, ok=False, found=found, remedy=remedy or again)
    names = ", ".join(escape(model.id) for model in listed.models[:3])
    more = ", …" if len(listed.models) > len(listed.models[:3]) else ""
    remedy = "" if listed.models else hints(spec).get("no-model", "")
    return Check(
        spec.title,
        ok=None if remedy else True,
        found=f"{names}{more}" or "running, without a model",
        remedy=remedy,
    )


COMMAND = Command(
    name="doctor",
    group="Notebook",
    summary="Check what works here, and how to mend the rest.",
    params=DoctorParams,
    run=doctor,
)
