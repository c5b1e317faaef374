"""What an import would change: which prompts are new, changed, or edited here."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Container, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from ...providers.messages import Message
from .prompt import Prompt, same_name
from .variables import Variable

__all__ = [
    "Candidate",
    "Held",
    "ImportState",
    "Imported",
    "candidates",
    "content_of",
    "digest",
    "free_name",
    "prompt_from",
]

ImportState = Literal["new", "changed", "same", "edited", "taken", "deleted"]
"""What a prompt of a source is to the library.

new: not there. changed: the source has another text than before, and it was not edited
here. same: nothing to do. edited: both the source and the user have changed it. taken:
another prompt, which is not of this source, has its name. deleted: it was imported from
there, and the user deleted it.
"""


@dataclass(frozen=True, slots=True)
class Candidate:
    """A prompt that a source offers, and what importing it means.

    `current` is the prompt of the library that has its place or its name. `beside` is
    the name under which it is imported if `current` stays as it is ("edited", "taken"):
    an import never overwrites what a user wrote.
    """

    prompt: Prompt
    state: ImportState
    current: Prompt | None = None
    beside: str = ""

    @property
    def chosen(self) -> bool:
        """Whether it is imported unless the user says otherwise."""
        return self.state in {"new", "changed"}

    @property
    def is_sealed(self) -> bool:
        """Whether `current` could not be compared, for it cannot be decrypted now."""
        return self.current is not None and not self.current.messages


@dataclass(frozen=True, slots=True)
class Imported:
    """What an import did: the names that were added, updated, and added beside."""

    added: tuple[str, ...] = ()
    updated: tuple[str, ...] = ()
    beside: tuple[str, ...] = ()

    @property
    def count(self) -> int:
        """How many prompts were imported."""
        return len(self.added) + len(self.updated) + len(self.beside)


def content_of(prompt: Prompt) -> str:
    """Return what a version of a prompt holds, as JSON."""
    content = {
        "description": prompt.description,
        "tags": list(prompt.tags),
        "messages": [[each.role, each.text] for each in prompt.messages],
        "variables": [
            [each.name, each.default, each.description] for each in prompt.variables
        ],
        "model": prompt.model,
        "submit": prompt.submit,
    }
    return json.dumps(content, ensure_ascii=False)


def prompt_from(name: str, source: str, version: int, text: str) -> Prompt:
    """The reverse of `content_of`."""
    content = json.loads(text)
    return Prompt(
        name=name,
        messages=tuple(Message.of(role, text) for role, text in content["messages"]),
        description=content["description"],
        tags=tuple(content["tags"]),
        variables=tuple(Variable(*each) for each in content["variables"]),
        model=content["model"],
        submit=content["submit"],
        source=source,
        version=version,
    )


def digest(content: str) -> str:
    """Return a hash of what `content_of` returned."""
    return hashlib.blake2b(content.encode(), digest_size=16).hexdigest()


@dataclass(frozen=True, slots=True)
class Held:
    """A prompt of the library, as an import sees it.

    `content` is "" if it is encrypted and the vault is locked. `source` is where it was
    imported from, "" if it was not; `imported` is the digest of what was imported last.
    """

    name: str
    version: int
    content: str
    source: str
    imported: str

    @property
    def prompt(self) -> Prompt:
        """The prompt, without texts if it cannot be decrypted."""
        if not self.content:
            return Prompt(self.name, ())
        return prompt_from(self.name, self.source, self.version, self.content)


def free_name(wanted: str, taken: Container[str], mark: str) -> str:
    """Return `wanted (mark)`, with a number if that is taken too."""
    name, number = f"{wanted[:80]} ({mark})", 1
    while same_name(name) in taken:
        number += 1
        name = f"{wanted[:80]} ({mark} {number})"
    return name


def candidates(
    prompts: Sequence[Prompt],
    source: str,
    held: Mapping[str, Held],
    of_source: Mapping[str, str],
    deleted: Container[str] = (),
) -> list[Candidate]:
    """Compare what a source offers with the library.

    Args:
        prompts: what the source offers.
        source: its name.
        held: the library's prompts, by `same_name` of their names.
        of_source: for the names that the source's prompts have there, `same_name` of
            what they are called here.
        deleted: `same_name` of the names in the source of those that were deleted.

    """
    result = []
    for prompt in prompts:
        place = same_name(prompt.name)
        here = held.get(of_source.get(place, place))
        offered = replace(prompt, source=source)
        if here is None and place in deleted:
            result.append(Candidate(offered, "deleted"))
        else:
            result.append(_candidate(offered, here, held))
    return result


def _candidate(
    prompt: Prompt, here: Held | None, held: Mapping[str, Held]
) -> Candidate:
    if here is None:
        return Candidate(prompt, "new")
    current, content = here.prompt, content_of(prompt)
    is_its = here.source == prompt.source
    if here.content == content or (is_its and digest(content) == here.imported):
        return Candidate(prompt, "same", current)
    if is_its and here.content and digest(here.content) == here.imported:
        return Candidate(prompt, "changed", current)
    beside = prompt.name
    if same_name(beside) in held:
        beside = free_name(beside, held, prompt.source)
    return Candidate(prompt, "edited" if is_its else "taken", current, beside)
