"""Markdown prompts of other programs: what they write otherwise.

- Prompt files of VS Code and GitHub Copilot (`NAME.prompt.md`): the body is what the
  user asks, `${input:name:placeholder}` a variable. The body of an agent
  (`NAME.agent.md`, once `NAME.chatmode.md`) is a system prompt.
  https://code.visualstudio.com/docs/copilot/customization/prompt-files
- Commands of Claude Code (`.claude/commands/NAME.md`): the body is what the user asks,
  `$ARGUMENTS` all that is typed after the command, `$1` its first word.
  https://code.claude.com/docs/en/slash-commands
- Dotprompt (`NAME.prompt`): `{{role "system"}}` begins a message, `input` in the front
  matter has schema and defaults of the variables.
  https://google.github.io/dotprompt/reference

A file that declares `variables` is ours, whatever its texts hold.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from pathlib import PurePath

from ....providers.messages import Message, Role
from ...library.variables import INPUT, Variable
from ..fields import parsed_prompt, text
from ..reading import Parsed
from ..texts import first_sentence, undeclared
from .layout import MarkdownFile, messages_of_body

__all__ = ["foreign"]

_CLAUDE_KEYS = frozenset({"argument-hint", "allowed-tools", "disable-model-invocation"})
_VS_CODE = frozenset({"prompt", "agent", "chatmode", "instructions"})
_ARGUMENTS = re.compile(r"\$ARGUMENTS\b(?!\[)")
_POSITION = re.compile(r"\$([1-9])(?!\d)")
_RUNS = re.compile(r"!`[^`\n]+`|(?<!\S)@[\w./~-]+\.\w+")
_HINT_WORD = re.compile(r"[\[<]?([A-Za-z][\w -]{0,40})[\]>]?")
_INPUT = re.compile(r"\$\{input:([^:}\n]{1,100})(?::([^}\n]{0,500}))?\}")
_ROLE = re.compile(r"\{\{\s*role\s+[\"'](system|user|model|assistant)[\"']\s*\}\}")
_HELPER = re.compile(r"\{\{\s*([#/>^!][\w-]*|history|media\b|section\b)[^}]{0,200}\}\}")
_ROLES: dict[str, Role] = {
    "system": "system",
    "user": "user",
    "model": "assistant",
    "assistant": "assistant",
}
_PROVIDERS = {"googleai": "gemini", "vertexai": "gemini"}


def foreign(file: MarkdownFile, path: PurePath, name: str) -> Parsed | None:
    """Return the prompt of another program's file; None if it is not such a file.

    Raises:
        FieldError: a field of the front matter is of the wrong kind.

    """
    values = file.values
    if "variables" in values or "messages" in values:
        return None
    if path.suffix.lower() == ".prompt" or _ROLE.search(file.body):
        return _dotprompt(file, name)
    kind = path.stem.lower().rpartition(".")[2]
    if kind in _VS_CODE or _INPUT.search(file.body):
        return _vs_code(file, name, "user" if kind == "prompt" else "system")
    in_commands = {".claude", "commands"} <= set(path.parts) and "name" not in values
    if _CLAUDE_KEYS & values.keys() or in_commands or _ARGUMENTS.search(file.body):
        return _claude_command(file, name)
    return None


def _claude_command(file: MarkdownFile, name: str) -> Parsed:
    hint = file.values.get("argument-hint")
    hint = " ".join(map(str, hint)) if isinstance(hint, list) else text(hint, "name")
    words = _HINT_WORD.findall(hint)
    used = sorted({int(number) for number in _POSITION.findall(file.body)})
    named = [_identifier(word) for word in words]
    if len(set(named)) < len(named) or (used and used[-1] > len(named)):
        named = [f"argument_{number}" for number in range(1, 10)]
    body = _ARGUMENTS.sub(f"{{{{{INPUT}}}}}", file.body)
    body = _POSITION.sub(lambda match: f"{{{{{named[int(match[1]) - 1]}}}}}", body)
    variables = [Variable(named[number - 1]) for number in used]
    if body != file.body and _ARGUMENTS.search(file.body):
        variables.append(Variable(INPUT, None, hint))
    notes: tuple[str, ...] = ()
    if _RUNS.search(body):
        notes = ("Commands (!`…`) and files (@…) in it are sent as text.",)
    return _made(file.values, name, messages_of_body(body, "user"), variables, notes)


def _vs_code(file: MarkdownFile, name: str, role: Role) -> Parsed:
    found: dict[str, Variable] = {}

    def placeholder(match: re.Match[str]) -> str:
        variable = _identifier(match[1])
        described = Variable(variable, None, (match[2] or "").strip())
        if not found.get(variable, Variable(variable)).description:
            found[variable] = described
        return f"{{{{{variable}}}}}"

    body = _INPUT.sub(placeholder, file.body)
    return _made(file.values, name, messages_of_body(body, role), found.values())


def _made(
    values: Mapping[str, object],
    name: str,
    messages: Sequence[Message],
    variables: Iterable[Variable],
    notes: Iterable[str] = (),
) -> Parsed:
    first = first_sentence(messages[0].text) if messages else ""
    parsed = parsed_prompt(values, name=name, messages=messages, description=first)
    prompt = replace(parsed.prompt, variables=tuple(variables))
    return Parsed(prompt, (*parsed.notes, *notes))


def _dotprompt(file: MarkdownFile, name: str) -> Parsed:
    pieces = _ROLE.split(file.body)
    roles = ["user", *pieces[1::2]]
    messages = tuple(
        Message.of(_ROLES[role], piece.strip("\n"))
        for role, piece in zip(roles, pieces[::2], strict=True)
        if piece.strip()
    )
    values = dict(file.values)
    model = values.get("model")
    if isinstance(model, str):
        provider, slash, rest = model.partition("/")
        values["model"] = f"{_PROVIDERS.get(provider, provider)}{slash}{rest}"
    declared = _schema(values.get("input"))
    used = undeclared(message.text for message in messages)
    variables = {each.name: each for each in used if each.name != "history"} | declared
    helpers = sorted({match[1] for match in _HELPER.finditer(file.body)})
    notes = [f"{{{{{each}}}}} of Dotprompt is sent as text." for each in helpers[:1]]
    return _made(values, name, messages, variables.values(), notes)


def _schema(value: object) -> dict[str, Variable]:
    """Return the variables that `input` declares: Picoschema, and defaults."""
    if not isinstance(value, Mapping):
        return {}
    schema, defaults = value.get("schema"), value.get("default")
    found: dict[str, Variable] = {}
    if isinstance(schema, Mapping) and "properties" not in schema:
        for key, kind in schema.items():
            name = str(key).partition("(")[0].strip()
            described = kind.partition(",")[2].strip() if isinstance(kind, str) else ""
            optional = "" if name.endswith("?") else None
            name = _identifier(name.rstrip("?"))
            found[name] = Variable(name, optional, described)
    if isinstance(defaults, Mapping):
        for key, default in defaults.items():
            name = _identifier(str(key))
            known = found.get(name, Variable(name))
            if default is None or isinstance(default, str):
                found[name] = replace(known, default=default or "")
    return found


def _identifier(name: str) -> str:
    """Return a name that a variable may have."""
    word = re.sub(r"\W+", "_", name.strip()).strip("_")[:100]
    return word if word and not word[0].isdigit() else f"argument_{word}".rstrip("_")
