"""What the view of the settings and the kernel say to each other.

Methods: those of every view, set (SetParams) and reset (ResetParams). Both take effect
before they are answered, and the error of a value that cannot be is the response's.
Events: snapshot (SettingsSnapshot), settings (SettingsData), whoever made the change.
"""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from .._protocol import Failure, _Wire

__all__ = [
    "ResetParams",
    "SetParams",
    "SettingData",
    "SettingsData",
    "SettingsGroup",
    "SettingsSnapshot",
]

Kind = Literal["text", "area", "integer", "number", "switch", "choice"]
Value = str | bool | int | float | None


class SetParams(_Wire):
    """A setting and its new value; None gives it its default back."""

    key: str = Field(max_length=256)
    value: Value


class ResetParams(_Wire):
    """Settings that get their defaults back."""

    keys: list[str] = Field(max_length=1000)


class SettingData(_Wire):
    """One setting, and how it is written in a form.

    One that is `optional` may be empty: its value is None then. An `area` is text of
    several lines.
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


class SettingsGroup(_Wire):
    """Settings that belong together."""

    name: str
    title: str
    description: str = ""
    settings: list[SettingData]


class SettingsData(_Wire):
    """New values by their keys, and what is wrong with the file now, if anything."""

    values: dict[str, Value]
    problem: Failure | None = None


class SettingsSnapshot(_Wire):
    """All settings, and where they are kept."""

    seq: int
    groups: list[SettingsGroup]
    path: str = ""
    problem: Failure | None = None
