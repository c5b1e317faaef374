"""The form of the settings, read from their JSON schema."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from typing import Any

from .protocol import Kind, SettingData, SettingsGroup, Value

__all__ = ["form", "group_of"]

_KINDS: dict[str, Kind] = {
    "boolean": "switch",
    "integer": "integer",
    "number": "number",
    "string": "text",
}
_FORMATS: dict[str, Kind] = {"multiline": "area", "model": "model"}


def form(
    schema: Mapping[str, Any],
    providers: Mapping[str, str],
    value: Callable[[str], Any],
    default: Callable[[str], Any],
    without: Collection[str] = (),
) -> list[SettingsGroup]:
    """Return the groups of the form with their current values.

    Args:
        schema: the JSON schema of the settings. A property that is an object is a
            group; one that maps names to objects is a group for each provider.
        providers: titles by the providers' names.
        value: gives the value of a key.
        default: gives its default.
        without: keys that are left out.

    """
    single: list[SettingData] = []
    groups: list[SettingsGroup] = []

    def setting(key: str, property_: Mapping[str, Any]) -> SettingData:
        return _setting(key, _resolved(schema, property_), value(key), default(key))

    def group(name: str, title: str, found: Mapping[str, Any]) -> SettingsGroup:
        return SettingsGroup(
            name=name,
            title=title,
            description=found.get("description", ""),
            settings=[
                setting(f"{name}.{key}", each)
                for key, each in found["properties"].items()
                if f"{name}.{key}" not in without
            ],
        )

    for name, property_ in schema["properties"].items():
        found = _resolved(schema, property_)
        if "properties" in found:
            groups.append(group(name, found.get("title", name), found))
        elif "additionalProperties" in found:
            each = _resolved(schema, found["additionalProperties"])
            groups += [
                group(f"{name}.{provider}", title, each)
                for provider, title in providers.items()
            ]
        else:
            single.append(setting(name, property_))
    if single:
        groups.insert(0, SettingsGroup(name="", title="General", settings=single))
    return groups


def group_of(
    name: str,
    schema: Mapping[str, Any],
    value: Callable[[str], Any],
    default: Callable[[str], Any],
) -> list[SettingData]:
    """Return the settings of one group; `schema` is that of the group alone."""
    keys = {f"{name}.{key}": each for key, each in schema["properties"].items()}
    return [
        _setting(key, _resolved(schema, each), value(key), default(key))
        for key, each in keys.items()
    ]


def _resolved(schema: Mapping[str, Any], found: Mapping[str, Any]) -> dict[str, Any]:
    """Return a property with its references resolved, and null as `optional`."""
    merged = dict(found)
    if "$ref" in merged:
        name = merged.pop("$ref").rpartition("/")[2]
        merged = {**_resolved(schema, schema["$defs"][name]), **merged}
    for choice in merged.pop("anyOf", ()):
        if choice.get("type") == "null":
            merged["optional"] = True
        else:
            merged = {**_resolved(schema, choice), **merged}
    return merged


def _setting(
    key: str, found: Mapping[str, Any], value: Value, default: Value
) -> SettingData:
    return SettingData(
        key=key,
        title=found.get("title", key),
        description=found.get("description", ""),
        kind=_kind(found),
        optional=found.get("optional", False),
        minimum=found.get("minimum", found.get("exclusiveMinimum")),
        maximum=found.get("maximum", found.get("exclusiveMaximum")),
        choices=[str(each) for each in found.get("enum", ())],
        default=default,
        value=value,
    )


def _kind(found: Mapping[str, Any]) -> Kind:
    if "enum" in found:
        return "choice"
    return _FORMATS.get(found.get("format", ""), _KINDS[found["type"]])
