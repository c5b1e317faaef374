r"""Templates of the command line tool `llm`: YAML with `prompt` and `system`.

`$name` and `${name}` of a template are `{{name}}` here, `$$` is `$`, and `defaults` are
those of the variables. A template without `$input` gets the user's text in a line
after its prompt: such a prompt ends with `{{input}}`, whose default is nothing. What
`llm` has no key for (name, description, tags, model and submit) is in comments at the
top, as YAML after `# `; a model's name there is ours, not the one of `llm`.

https://llm.datasette.io/en/stable/templates.html
"""

from __future__ import annotations

import re
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path, PurePath
from typing import ClassVar

from ...errors import FieldError, UsageError
from ...providers.messages import Message
from ..library.prompt import Prompt
from ..library.variables import INPUT, Variable
from .fields import parsed_prompt, text
from .file_names import file_names
from .files import place, read_text
from .reading import Parsed, read_files
from .source import Found, PromptSource, Report, SourceContext
from .texts import PLACEHOLDER, first_sentence
from .yaml_values import Inline, Value, read_yaml, write_yaml

__all__ = ["LLMSource"]

_SUFFIXES = frozenset({".yaml", ".yml"})
_IN_COMMENTS = ("name", "description", "tags", "model", "submit")
_KEYS = frozenset({"prompt", "system", "defaults", "model", "name"})
# As `string.Template` reads a text; names are of ASCII letters.
_DOLLAR = re.compile(r"\$(?:(\$)|([A-Za-z_]\w*)|\{([A-Za-z_]\w*)\})", re.ASCII)
_NAME = re.compile(r"[A-Za-z_]\w{0,99}", re.ASCII)
_APPENDED = f"\n{{{{{INPUT}}}}}"


class LLMSource(PromptSource):
    """The templates of `llm`."""

    name: ClassVar[str] = "llm"
    title: ClassVar[str] = "llm templates"
    location: ClassVar[str] = "a YAML template of llm, or a folder of them"
    needs_location: ClassVar[bool] = False
    writes: ClassVar[bool] = True

    async def read(
        self,
        location: str | None,
        report: Report,
        context: SourceContext,
        *,
        refresh: bool = False,
    ) -> Found:
        """See `PromptSource.read`. Its own location is the one of `llm`."""
        del refresh

        def root() -> Path:
            if location is not None and location.strip():
                return place(location, self.location)
            return _templates(context.environ)

        return await read_files(
            root,
            lambda path, name, reading: reading.attempt(
                name or path.name, _parser(path)
            ),
            report,
            context,
            suffixes=_SUFFIXES,
            expected=self.location,
        )

    def write(self, prompts: Sequence[Prompt]) -> Mapping[str, bytes]:
        """See `PromptSource.write`. Put the files into the folder of `llm templates`.

        Raises:
            UsageError: a prompt has more than a system prompt and a question, or a
                variable that `llm` cannot name.

        """
        names = file_names(prompts, ".yaml")
        return {
            name: _template(prompt, PurePath(name).stem).encode("utf-8", "replace")
            for name, prompt in zip(names, prompts, strict=True)
        }


def _templates(environ: Callable[[str], str | None]) -> Path:
    """Return the folder in which `llm` keeps templates.

    Raises:
        UsageError: there is none.

    """
    named = environ("LLM_USER_PATH")
    if named:
        root = Path(named)
    elif sys.platform == "darwin":
        root = Path("~/Library/Application Support/io.datasette.llm")
    elif sys.platform == "win32":
        root = Path(environ("APPDATA") or "~", "io.datasette.llm")
    else:
        root = Path(environ("XDG_CONFIG_HOME") or "~/.config", "io.datasette.llm")
    try:
        path = root.expanduser() / "templates"
        if path.is_dir():
            return path
    except (OSError, RuntimeError, ValueError):
        path = root
    message = f"There are no templates of llm in {path}."
    raise UsageError(message, hint="Name their folder: `llm templates path` prints it.")


def _parser(path: Path) -> Callable[[], Parsed]:
    def parse() -> Parsed:
        content = read_text(path)
        comments = _comments(content)
        value = read_yaml(content).value
        if isinstance(value, str):
            value = {"prompt": value}
        if not isinstance(value, dict):
            message = "It is not a template: it has no keys."
            raise UsageError(message, hint="A template has prompt or system.")
        return _parsed(value, comments, path.stem)

    return parse


def _parsed(
    template: dict[str, Value], comments: Mapping[str, Value], stem: str
) -> Parsed:
    fields: dict[str, object] = {"model": template.get("model"), **comments}
    found: dict[str, None] = {}
    literal: list[str] = []

    def ours(key: str) -> str:
        written = text(template.get(key), key)
        literal.extend(match[1] for match in PLACEHOLDER.finditer(written))

        def placeholder(match: re.Match[str]) -> str:
            name = match[2] or match[3]
            if not name:
                return "$"
            found[name] = None
            return f"{{{{{name}}}}}"

        return _DOLLAR.sub(placeholder, written)

    system, asked = ours("system"), ours("prompt")
    defaults = template.get("defaults") or {}
    if not isinstance(defaults, dict):
        message = "The field defaults is not a mapping."
        hint = "For example defaults: {language: Python}."
        raise FieldError(message, hint=hint, field="defaults")
    variables = {name: _variable(name, defaults) for name in found}
    if asked and INPUT not in found:
        asked += _APPENDED
        variables[INPUT] = Variable(INPUT, "")
    messages = [Message.of("system", system)] if system else []
    messages += [Message.of("user", asked)] if asked else []
    first = first_sentence(system or asked)
    fields["variables"] = []
    parsed = parsed_prompt(fields, name=stem, messages=messages, description=first)
    prompt = parsed.prompt
    notes = [*parsed.notes]
    left = [key for key in template if key not in _KEYS and template[key] is not None]
    if left:
        notes.append(f"Left out of the template: {', '.join(sorted(left)):.200}.")
    clashes = sorted(set(literal) & variables.keys())
    if clashes:
        notes.append(f"{{{{{clashes[0]}}}}} in its text is now filled in as well.")
    return Parsed(replace(prompt, variables=tuple(variables.values())), tuple(notes))


def _variable(name: str, defaults: Mapping[str, Value]) -> Variable:
    if name not in defaults:
        return Variable(name)
    return Variable(name, text(defaults[name], "defaults"))


def _comments(content: str) -> dict[str, Value]:
    """Return what the comments at the top say, in YAML or in words."""
    lines = []
    for line in content.split("\n"):
        if not line.startswith("#"):
            break
        lines.append(line.removeprefix("#").removeprefix(" "))
    block = "\n".join(lines)
    try:
        value = read_yaml(f"{block}\n").value
    except FieldError:
        value = None
    if isinstance(value, dict) and value.keys() <= set(_IN_COMMENTS):
        return value
    words = " ".join(block.split())
    return {"description": words} if words else {}


def _template(prompt: Prompt, stem: str) -> str:
    roles = [message.role for message in prompt.messages]
    if roles not in (["system"], ["user"], ["system", "user"]):
        message = f"{prompt.name} is more than a system prompt and one question."
        raise UsageError(message, hint="llm has no place for it; export it as JSON.")
    for variable in prompt.variables:
        if not _NAME.fullmatch(variable.name):
            message = f"llm cannot name the variable {variable.name} of {prompt.name}."
            raise UsageError(message, hint="Name it with the letters a to z.")
    declared = {variable.name: variable for variable in prompt.variables}
    texts = {message.role: message.text for message in prompt.messages}
    asked = texts.get("user", "")
    if INPUT in declared and declared[INPUT].default == "":
        # As it came from a template without $input.
        asked = asked.removesuffix(_APPENDED)
    values: dict[str, object] = {}
    if "system" in texts:
        values["system"] = _dollars(texts["system"], declared)
    if asked:
        values["prompt"] = _dollars(asked, declared)
    defaults = {
        name: variable.default
        for name, variable in declared.items()
        if variable.default is not None and name != INPUT
    }
    if defaults:
        values["defaults"] = defaults
    return _header(prompt, stem) + write_yaml(values)


def _dollars(text: str, declared: Mapping[str, Variable]) -> str:
    def placeholder(match: re.Match[str]) -> str:
        if match[1] not in declared:
            return match[0]
        follows = text_after[match.end() : match.end() + 1]
        braces = follows and (
            follows == "_" or (follows.isascii() and follows.isalnum())
        )
        name = match[1]
        return f"${{{name}}}" if braces else f"${name}"

    text_after = text.replace("$", "$$")
    return PLACEHOLDER.sub(placeholder, text_after)


def _header(prompt: Prompt, stem: str) -> str:
    values: dict[str, object] = {}
    if prompt.name != stem:
        values["name"] = prompt.name
    values["description"] = prompt.description or None
    if prompt.tags:
        values["tags"] = Inline(prompt.tags)
    if prompt.model:
        values["model"] = prompt.model
    if prompt.submit:
        values["submit"] = True
    lines = write_yaml(values).removesuffix("\n").split("\n")
    return "".join(f"# {line}\n" for line in lines)
