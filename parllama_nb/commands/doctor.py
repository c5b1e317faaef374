"""doctor: what works here and what does not, with the remedy."""

from __future__ import annotations

import importlib.util
import sys
from importlib.metadata import PackageNotFoundError, version

from ..application import Parllama
from ..chats.inert import literal
from ..errors import ParllamaError, UnreachableError
from ..paths import directory
from ..providers.base import Spec
from ..providers.catalog import hints
from ..providers.model_list import ModelList
from ._table import Call, Check, Command, Params, Report
from .providers import age

__all__ = ["COMMAND", "DoctorParams"]

# We are here, installed or not: a checkout on the path has no version to tell.
_OURS = "parllama_nb"
_PACKAGES = (_OURS, "ipykernel", "anywidget", "ipywidgets", "openai", "anthropic")

_SHOWN = {True: "ok", False: "**no**", None: "–"}  # noqa: RUF001 - a dash

_LITELLM = '`%pip install "parllama_nb[litellm]"`'


class DoctorParams(Params):
    """Nothing to say."""


async def doctor(params: DoctorParams, call: Call) -> Report:
    """Look at the installation and at every provider; contacts local ones only."""
    del params
    app = call.app
    specs = [app.providers.spec(name) for name in app.providers.names()]
    enabled = app.providers.enabled()
    local = [spec.name for spec in specs if spec.local and spec.name in enabled]
    asked = {each.provider: each for each in await app.model_lists.get(local)}
    asked |= {each.provider: each for each in await app.model_lists.known()}
    checks = [_python(), *call.notebook.checks(), _data(), _settings(app)]
    checks += [_prices(app)]
    checks += [_provider(spec, asked.get(spec.name), app) for spec in specs]
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


def _prices(app: Parllama) -> Check:
    source = app.prices.source
    if source is None:
        return Check("prices", ok=None, found="none", remedy=_LITELLM)
    return Check("prices", ok=True, found=f"estimates, by the table of {source}")


def _settings(app: Parllama) -> Check:
    state = app.settings.state
    if state.problem:
        found = literal(app.redact(state.problem))
        return Check("settings", ok=False, found=found, remedy=literal(state.remedy))
    ignored = [f"{key}: {why}" for key, why in state.ignored.items()]
    if ignored:
        found = literal(app.redact("; ".join(ignored)))
        remedy = f"Mend {literal(str(state.path))}."
        return Check("settings", ok=False, found=found, remedy=remedy)
    changed = ", ".join(app.settings.changes()) or "all as usual"
    return Check("settings", ok=True, found=literal(changed))


def _provider(spec: Spec, listed: ModelList | None, app: Parllama) -> Check:
    """A provider; `listed` is what is known of its models, None where it is off."""
    if listed is None:
        remedy = f"`%parllama providers enable {spec.name}`"
        return Check(spec.title, ok=None, found="switched off", remedy=remedy)
    if spec.local:
        return _local(spec, listed)
    if spec.wire == "litellm" and importlib.util.find_spec("litellm") is None:
        return Check(spec.title, ok=None, found="not installed", remedy=_LITELLM)
    if listed.missing:
        found, remedy = literal(listed.missing), literal(listed.hint)
        return Check(spec.title, ok=None, found=found, remedy=remedy)
    name = app.providers.key_name(spec.name)
    found = "wants no key" if name is None else f"key in `{name}`"
    if name is None and spec.wire == "litellm":
        found = "wants the keys of its providers"
    if listed.fetched is not None:
        found += f"; {len(listed.models)} models, listed {age(listed.fetched)}"
    if listed.failure:
        found += f"; {literal(listed.failure)}"
    remedy = f"`%parllama providers test {spec.name}`"
    return Check(spec.title, ok=not listed.failure, found=found, remedy=remedy)


def _local(spec: Spec, listed: ModelList) -> Check:
    if spec.wire == "embedded" and importlib.util.find_spec("xllamacpp") is None:
        remedy = '`%pip install "parllama_nb[embedded]"`'
        return Check(spec.title, ok=None, found="not installed", remedy=remedy)
    if listed.code == UnreachableError.code:
        return Check(
            spec.title, ok=None, found="not running", remedy=literal(listed.hint)
        )
    if listed.failure:
        found, remedy = literal(listed.failure), literal(listed.hint)
        return Check(spec.title, ok=False, found=found, remedy=remedy)
    names = ", ".join(literal(model.id) for model in listed.models[:3])
    more = ", …" if len(listed.models) > len(listed.models[:3]) else ""
    remedy = "" if listed.models else hints(spec).get("no-model", "")
    return Check(
        spec.title,
        ok=None if remedy else True,
        found=f"{names}{more}" or "runs, has no model",
        remedy=remedy,
    )


COMMAND = Command(
    name="doctor",
    summary="Say what works here and what does not, with the remedy.",
    params=DoctorParams,
    run=doctor,
)
