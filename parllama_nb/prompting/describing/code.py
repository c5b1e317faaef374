"""Functions and classes with their source, and modules."""

from __future__ import annotations

import ast
import functools
import inspect
import linecache
import sys
import types
from typing import Any

from ...providers.token_estimate import text_tokens
from .budget import cut, cut_line, fitting
from .exceptions import is_users_own

__all__ = ["class_text", "function_text", "is_function", "module_text"]

_FUNCTIONS = (
    types.FunctionType,
    types.MethodType,
    types.BuiltinFunctionType,
    types.MethodWrapperType,
    types.WrapperDescriptorType,
    types.MethodDescriptorType,
    functools.partial,
)
_LONGEST_SIGNATURE = 120
_WRAPPED = ("functools", "_lru_cache_wrapper")


def is_function(value: object) -> bool:
    """Whether a value is a function or a method, of Python or built in."""
    cls = type(value)
    return isinstance(value, _FUNCTIONS) or (cls.__module__, cls.__name__) == _WRAPPED


def function_text(function: Any, tokens: int) -> str:  # noqa: ANN401 - many kinds
    """Return a function's signature and where it is from, and its source."""
    if isinstance(function, functools.partial):
        named = ", ".join([*["…"] * len(function.args), *function.keywords])
        head = f"functools.partial with {named or 'no arguments'} of this function:"
        return f"{head}\n{function_text(function.func, tokens - text_tokens(head))}"
    name = getattr(function, "__qualname__", getattr(function, "__name__", "function"))
    kind = "method" if isinstance(function, types.MethodType) else "function"
    module = getattr(function, "__module__", None)
    home = f" of module {module}" if module and module != "__main__" else ""
    source = _source(inspect.unwrap(function))
    if source is not None:
        head = f"{kind} {name}{home}, source:"
        return f"{head}\n{cut(source, tokens - text_tokens(head))}"
    head = f"{kind} {name}{_signature(function)}{home}"
    doc = inspect.getdoc(function) or ""
    return f"{head}\n{cut(doc, tokens - text_tokens(head))}" if doc else head


def class_text(cls: type, tokens: int) -> str:
    """Return a class with its source, or with its bases and methods if that is long."""
    bases = ", ".join(base.__qualname__ for base in cls.__bases__ if base is not object)
    module = cls.__module__ if cls.__module__ not in {"__main__", "builtins"} else ""
    head = f"class {cls.__qualname__}({bases})".replace("()", "")
    head += f" of module {module}" if module else ""
    source = _class_source(cls) if _is_users_own(cls) else None
    if source is not None and text_tokens(source) + text_tokens(head) + 4 <= tokens:
        return f"{head}, source:\n{cut(source, tokens - text_tokens(head) - 4)}"
    doc = (inspect.getdoc(cls) or "").partition("\n\n")[0]
    parts = [head, cut_line(doc, 200)] if doc else [head]
    left = tokens - text_tokens("\n".join(parts)) - 10
    methods = list(fitting(_methods(cls), left))
    if methods:
        parts += ["Methods:", *methods]
    return "\n".join(parts)


def module_text(module: types.ModuleType, tokens: int) -> str:
    """Return a module's name, version and first words, and its public names."""
    names = types.ModuleType.__getattribute__(module, "__dict__")
    version = names.get("__version__")
    head = f"module {names.get('__name__', '')}"
    head += f" {version}" if isinstance(version, str) else ""
    doc = names.get("__doc__")
    if isinstance(doc, str) and doc.strip():
        head += f"\n{cut_line(doc.strip().partition(chr(10))[0], 200)}"
    public = [name for name in list(names) if not name.startswith("_")]
    left = tokens - text_tokens(head) - 12
    shown = list(fitting((f"{name}, " for name in public), left))
    more = f" … {len(public) - len(shown):,} more" if len(shown) < len(public) else ""
    listed = "".join(shown).rstrip(", ")
    return f"{head}\n{len(public):,} public names: {listed}{more}" if shown else head


def _source(function: Any) -> str | None:  # noqa: ANN401 - many kinds
    try:
        return inspect.cleandoc(f"\n{inspect.getsource(function)}")
    except (OSError, TypeError, IndexError, SyntaxError):
        return None


def _signature(function: Any) -> str:  # noqa: ANN401 - many kinds
    try:
        return str(inspect.signature(function))
    except (ValueError, TypeError):
        return "(…)"


def _is_users_own(cls: type) -> bool:
    """Whether the user wrote a class: a library's file takes long to read for it."""
    module = sys.modules.get(cls.__module__)
    if module is None or cls.__module__ == "__main__":
        return True
    return is_users_own(str(getattr(module, "__file__", None) or "<built in>"))


def _class_source(cls: type) -> str | None:
    """Return the source of a class, also of one that a cell has defined.

    Before Python 3.13 `inspect` looks for the file of a class's module, and a notebook
    has none: the cell is known by the code of a method.
    """
    try:
        return inspect.cleandoc(f"\n{inspect.getsource(cls)}")
    except (OSError, TypeError, IndexError, SyntaxError):
        pass
    for member in list(vars(cls).values()):
        function = inspect.unwrap(getattr(member, "__func__", member))
        code = getattr(function, "__code__", None)
        if not isinstance(code, types.CodeType):
            continue
        lines = linecache.getlines(code.co_filename)
        found = _class_around(lines, cls.__name__, code.co_firstlineno)
        if found is not None:
            return found
    return None


def _class_around(lines: list[str], name: str, line: int) -> str | None:
    try:
        tree = ast.parse("".join(lines))
    except SyntaxError:
        return None
    for node in ast.walk(tree):
        if not isinstance(node, ast.ClassDef) or node.name != name:
            continue
        last = node.end_lineno or node.lineno
        if node.lineno <= line <= last:
            first = min([node.lineno, *(each.lineno for each in node.decorator_list)])
            return inspect.cleandoc("\n" + "".join(lines[first - 1 : last]))
    return None


def _methods(cls: type) -> list[str]:
    """Return a line for each public method: its signature, its doc's first line."""
    lines = []
    for name, member in list(vars(cls).items()):
        if name.startswith("_") and name not in {"__init__", "__call__"}:
            continue
        if isinstance(member, property):
            lines.append(f"{name} (property)")
            continue
        function = getattr(member, "__func__", member)
        if is_function(function):
            doc = (inspect.getdoc(function) or "").partition("\n")[0]
            about = f"  # {cut_line(doc, 80)}" if doc and name[0] != "_" else ""
            signature = _signature(function)
            short = signature if len(signature) < _LONGEST_SIGNATURE else "(…)"
            lines.append(f"{name}{short}{about}")
    return lines
