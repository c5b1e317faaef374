"""PAR LLAMA's prompts: `prompts/ID.json` in its data directory.

Read without its package, whose start moves directories. Written as its version 0.10
does; what it does not know (tags, model, variables) is kept under keys that it ignores,
and that it drops when it saves a prompt. Without these keys, each `{{name}}` of a text
is a variable.
"""

from __future__ import annotations

import json
import re
import uuid
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import ClassVar

from ...errors import UsageError
from ...providers.messages import Message
from ..library.prompt import Prompt
from .fields import FIELDS, parsed_prompt, text
from .files import place, read_exact
from .json_list import read_json
from .reading import Parsed, read_files
from .records import as_record
from .source import Found, PromptSource, Report, SourceContext

__all__ = ["PARLlamaSource"]

_SUFFIXES = frozenset({".json"})
_OWN = ("tags", "model", "variables")
_LEFT_OUT = ("images", "documents", "tool_calls")


class PARLlamaSource(PromptSource):
    """The prompts of a PAR LLAMA installation."""

    name: ClassVar[str] = "parllama"
    title: ClassVar[str] = "PAR LLAMA"
    location: ClassVar[str] = "PAR LLAMA's data directory, or its folder prompts"
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
        """See `PromptSource.read`. Its own location is where PAR LLAMA keeps data."""
        del refresh

        def root() -> Path:
            if location is not None and location.strip():
                path = place(location, self.location)
            else:
                path = _data_directory(context.environ)
            return path / "prompts" if (path / "prompts").is_dir() else path

        return await read_files(
            root,
            lambda path, name, reading: reading.attempt(
                name or path.name, _parser(path)
            ),
            report,
            context,
            suffixes=_SUFFIXES,
            expected=self.location,
            choose=lambda names: [name for name in names if "/" not in name],
        )

    def write(self, prompts: Sequence[Prompt]) -> Mapping[str, bytes]:
        """See `PromptSource.write`. Put the files into the folder `prompts`."""
        now = datetime.now(UTC).isoformat()
        files = {}
        for prompt in prompts:
            record = as_record(prompt)
            content: dict[str, object] = {
                "id": uuid.uuid4().hex,
                "name": prompt.name,
                "last_updated": now,
                "description": prompt.description,
                "submit_on_load": prompt.submit,
                "messages": [_message(message) for message in prompt.messages],
                "source": prompt.source or "parllama_nb",
            }
            content |= {key: record[key] for key in _OWN}
            written = json.dumps(content, ensure_ascii=False, indent=2)
            files[f"{content['id']}.json"] = written.encode("utf-8", "backslashreplace")
        return files


def _message(message: Message) -> dict[str, object]:
    return {
        "id": uuid.uuid4().hex,
        "role": message.role,
        "content": message.text,
        "thinking": "",
        "images": None,
        "tool_calls": None,
        "documents": None,
    }


def _data_directory(environ: Callable[[str], str | None]) -> Path:
    """Return the first of PAR LLAMA's usual places that has prompts.

    Raises:
        UsageError: none has.

    """
    named = environ("PARLLAMA_DATA_DIR")
    share = environ("XDG_DATA_HOME") or "~/.local/share"
    places = [Path(named)] if named else []
    # The last two are where versions before 0.6 kept it, and where it is moved to.
    places += [Path(share, "parllama"), Path(share, "parllama", ".parllama")]
    places.append(Path("~/.parllama"))
    for path in places:
        try:
            if (path.expanduser() / "prompts").is_dir():
                return path.expanduser()
        except (OSError, RuntimeError, ValueError):
            continue
    message = "PAR LLAMA's prompts are not in any of its usual places."
    hint = "Name its data directory: %parllama prompts import parllama PATH"
    raise UsageError(message, hint=hint)


def _parser(path: Path) -> Callable[[], Parsed]:
    def parse() -> Parsed:
        content = read_json(read_exact(path))
        if not isinstance(content, Mapping) or not isinstance(
            content.get("messages"), list
        ):
            message = "It is not a prompt of PAR LLAMA: it has no messages."
            raise UsageError(message, hint="Such a file has name and messages.")
        values = {key: content[key] for key in FIELDS if key in content}
        values["submit"] = content.get("submit_on_load")
        if not text(content.get("name"), "name").strip():
            # Fallbacks are for other formats: an ID says nothing.
            message = "It has no name."
            raise UsageError(message, hint="Give it one in PAR LLAMA.")
        parsed = parsed_prompt(values, name="")
        held = [
            key
            for key in _LEFT_OUT
            for each in content["messages"]
            if isinstance(each, Mapping) and each.get(key)
        ]
        if not held:
            return parsed
        kinds = re.sub("_", " ", ", ".join(dict.fromkeys(held)))
        note = f"Its {kinds} are left out: a prompt has texts."
        return Parsed(parsed.prompt, (*parsed.notes, note))

    return parse
