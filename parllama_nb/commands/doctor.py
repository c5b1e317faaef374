"""doctor: what works here and what does not, with the remedy."""

from __future__ import annotations

import asyncio
import importlib.util
import logging
import os
import sys
from importlib.metadata import PackageNotFoundError, version

from ..chats.inert import literal
from ..errors import ParllamaError, UnreachableError
from ..paths import directory
from ..providers.base import Spec
from ..secret import where
from ._table import Call, Check, Command, Params, Report

__all__ = ["COMMAND", "DoctorParams"]

_log = logging.getLogger(__name__)

# We are here, installed or not: a checkout on the path has no version to tell.
_OURS = "parllama_nb"
_PACKAGES = (_OURS, "ipykernel", "anywidget", "ipywidgets", "openai")

_SHOWN = {True: "ok", False: "**no**", None: "–"}  # noqa: RUF001 - a dash

# Seconds a local server may take to list its models.
_LOCAL = 3.0


class DoctorParams(Params):
    """Nothing to say."""


async def doctor(params: DoctorParams, call: Call) -> Report:
    """Look at the installation and at every provider; contacts local ones only."""
    del params
    app = call.app
    specs = [app.providers.spec(name) for name in app.providers.names()]
    checks = [_python(), *call.notebook.checks(), _data()]
    checks.append(await _vault(call))
    checks += await asyncio.gather(*(_provider(spec, call) for spec in specs))
    checks += [
        Check(
            f"plug-in {literal(name)}",
            ok=False,
            found=literal(app.redact(reason)),
            remedy="Upgrade or remove it.",
        )
        for name, reason in app.plugins.failures.items()
    ]
    lines = ["| | what | found | what to do |", "|:---|:---|:---|:---|"]
    lines += [
        f"| {_SHOWN[check.ok]} | {check.what} | {check.found} "
        f"| {'' if check.ok else check.remedy} |"
        for check in checks
    ]
    return Report("\n".join(lines))


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


def _data() -> Check:
    try:
        found = str(directory("data"))
    except ParllamaError as error:
        remedy = literal(error.hint or "")
        return Check(
            "data directory", ok=False, found=literal(error.message), remedy=remedy
        )
    return Check("data directory", ok=True, found=literal(found))


async def _vault(call: Call) -> Check:
    vault = call.app.vault
    try:
        state = await asyncio.to_thread(lambda: vault.state)
    except ParllamaError as error:
        remedy = literal(error.hint or "")
        return Check("vault", ok=False, found=literal(error.message), remedy=remedy)
    if state == "absent":
        remedy = "`%parllama vault create`, to keep keys encrypted."
        return Check("vault", ok=None, found="none", remedy=remedy)
    if state == "locked":
        remedy = "`%parllama vault unlock`"
        return Check("vault", ok=None, found="locked", remedy=remedy)
    if vault.warning:
        return Check("vault", ok=False, found=literal(vault.warning))
    return Check("vault", ok=True, found="unlocked")


async def _provider(spec: Spec, call: Call) -> Check:
    if spec.local:
        return await _local(spec, call)
    if spec.key == "none":
        return Check(spec.title, ok=True, found="wants no key")
    for name in spec.key_env:
        if call.app.secret(name) is not None:
            kept = "" if os.environ.get(name) else ", from the vault"
            return Check(spec.title, ok=True, found=f"key in `{name}`{kept}")
    names = " or ".join(f"`{name}`" for name in spec.key_env)
    where = f" ({spec.keys_url})" if spec.keys_url else ""
    return Check(spec.title, ok=None, found="no key", remedy=f"Set {names}{where}.")


async def _local(spec: Spec, call: Call) -> Check:
    if spec.wire == "embedded" and importlib.util.find_spec("xllamacpp") is None:
        remedy = '`%pip install "parllama_nb[embedded]"`'
        return Check(spec.title, ok=None, found="not installed", remedy=remedy)
    try:
        async with asyncio.timeout(_LOCAL):
            models = await call.app.providers.get(spec.name).models()
    except TimeoutError:
        return Check(spec.title, ok=False, found=f"silent for {_LOCAL:.0f} s")
    except UnreachableError as error:
        return Check(spec.title, ok=None, found="not running", remedy=error.hint or "")
    except ParllamaError as error:
        redact = call.app.redact
        found, remedy = (
            literal(redact(error.message)),
            literal(redact(error.hint or "")),
        )
        return Check(spec.title, ok=False, found=found, remedy=remedy)
    except Exception as error:  # noqa: BLE001 - a plugin may raise anything
        _log.warning("%s cannot list its models: %s", spec.name, where(error))
        found = f"unexpected {type(error).__name__}; the kernel's log says where"
        return Check(spec.title, ok=False, found=found)
    names = ", ".join(literal(model.id) for model in models[:3])
    more = ", …" if len(models) > len(models[:3]) else ""
    return Check(spec.title, ok=True, found=f"{names}{more}" or "runs, has no model")


COMMAND = Command(
    name="doctor",
    summary="Say what works here and what does not, with the remedy.",
    params=DoctorParams,
    run=doctor,
)
