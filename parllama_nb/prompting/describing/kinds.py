"""What a value is, found out without running any of its code."""

from __future__ import annotations

from typing import Any

__all__ = ["TRUSTED", "class_name", "is_a", "kinds", "package", "summary"]

TRUSTED = frozenset(
    [
        "builtins",
        "cudf",
        "cupy",
        "jax",
        "jaxlib",
        "matplotlib",
        "mlx",
        "modin",
        "numpy",
        "pandas",
        "PIL",
        "polars",
        "pyarrow",
        "tensorflow",
        "torch",
        "xarray",
    ]
)
"""Packages whose `shape` costs nothing to read."""

_DTYPE = 20  # characters
_TIMES = "\N{MULTIPLICATION SIGN}"
_SIZED = (str, bytes, bytearray, list, tuple, dict, set, frozenset, range)
_WORDS: dict[type, str] = {
    str: "characters",
    bytes: "bytes",
    bytearray: "bytes",
    dict: "keys",
}


def package(cls: type) -> str:
    """Return the package of a class, "" if it does not say."""
    module = getattr(cls, "__module__", None)
    return module.partition(".")[0] if isinstance(module, str) else ""


def kinds(value: object) -> set[tuple[str, str]]:
    """Return the package and the name of each class that a value is of.

    pandas and the like are told by them, because whoever has a frame has imported
    pandas, and nobody else should.
    """
    return {(package(cls), cls.__name__) for cls in type(value).__mro__}


def is_a(value: object, *wanted: tuple[str, str]) -> bool:
    """Whether a value is of one of these classes, each a package and a name."""
    return not kinds(value).isdisjoint(wanted)


def class_name(value: object) -> str:
    """Return the name of a value's class, with its package unless that is obvious."""
    cls = type(value)
    home = package(cls)
    if home in {"builtins", "__main__", "numpy", "pandas", ""}:
        return cls.__name__
    return f"{home}.{cls.__name__}"


def summary(value: Any) -> str:  # noqa: ANN401 - any value
    """Return a value's class and size in a few words: `DataFrame` and its shape.

    Nothing is computed: only of known classes the size is asked for.
    """
    cls = type(value)
    name = cls.__name__
    if cls in _SIZED:
        count = len(value)
        word = _WORDS.get(cls, "items")
        return f"{name} {count:,} {word if count != 1 else word[:-1]}"
    if package(cls) not in TRUSTED or package(cls) == "builtins":
        return _other(value)
    shape = getattr(value, "shape", None)
    if package(cls) == "PIL":
        shape = getattr(value, "size", None)
    if not isinstance(shape, tuple) or not all(type(each) is int for each in shape):
        return name
    sizes = f" {_TIMES} ".join(f"{each:,}" for each in shape)
    dtype = getattr(value, "dtype", None)
    kind = (
        f" {str(dtype)[:_DTYPE]}"
        if type(dtype).__module__.startswith(("numpy", "torch"))
        else ""
    )
    return f"{name} {sizes}{kind}".replace("  ", " ")


def _other(value: object) -> str:
    if value is None:
        return "None"
    cls = type(value)
    if issubclass(cls, type):
        return "class"
    if cls.__name__ == "module":
        return "module"
    return cls.__name__
