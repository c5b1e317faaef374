"""What the view of the settings and the kernel send each other."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from .._protocol import EventData, Failure, Snapshot, Wire

__all__ = [
    "ResetParams",
    "SetParams",
    "SettingData",
    "SettingsData",
    "SettingsGroup",
    "SettingsSnapshot",
    "ValueData",
]

Kind = Literal["text", "area", "integer", "number", "switch", "choice", "model"]
Value = str | bool | int | float | None


class SetParams(Wire):
    """A setting and its new value; None gives it its default back."""

    key: str = Field(max_length=256)
    value: Value


class ResetParams(Wire):
    """Settings that get their defaults back."""

    keys: list[str] = Field(max_length=1000)


class ValueData(Wire):
    """The value that a setting has now."""

    value: Value


class SettingData(Wire):
    """One setting, and how it is written in a form.

    One that is `optional` may be empty: its value is None then. An `area` is text of
    several lines, a `model` is chosen from those that the request `models` lists.
    """

    key: str
    title: str
    description: str = ""
    kind: Kind
    optional: bool = False
    minimum: float | None = None
    maximum: float | None = None
    choices: list[str] = Field(default_factory=list)
    default: Value = None
    value: Value = None


class SettingsGroup(Wire):
    """Settings that belong together."""

    name: str
    title: str
    description: str = ""
    settings: list[SettingData]


class SettingsData(EventData):
    """New values by their keys, and what is wrong with the file now, if anything.

    It is sent whoever made the change.
    """

    event = "settings"
    values: dict[str, Value]
    problem: Failure | None = None


class SettingsSnapshot(Snapshot):
    """All settings, and where they are kept."""

    groups: list[SettingsGroup]
    path: str = ""
    problem: Failure | None = None
