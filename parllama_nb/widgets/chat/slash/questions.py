"""Slash commands for the next question: prompts and attachments."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from ....providers.single_flight import in_thread
from ..protocol import NameParams, SendParams
from .command import SlashCall, SlashCommand, first_word
from .protocol import CommandDone, CommandOption

if TYPE_CHECKING:
    import threading

__all__ = ["QUESTION", "paths"]

_OFFERED = 50


async def _prompt(call: SlashCall, name: str) -> CommandDone:
    await call.composer.on_choose_prompt(NameParams(name=name))
    return CommandDone()


async def _prompt_names(call: SlashCall, text: str) -> list[CommandOption]:
    listing = await call.app.prompts.find(text, limit=_OFFERED)
    redact = call.app.redact
    return [
        CommandOption(value=row.name, about=redact(row.description)[:160])
        for row in listing.rows
    ]


async def _image(call: SlashCall, argument: str) -> CommandDone:
    return await _attach(call, argument, image=True)


async def _file(call: SlashCall, argument: str) -> CommandDone:
    return await _attach(call, argument)


async def _attach(
    call: SlashCall, argument: str, *, image: bool = False
) -> CommandDone:
    """Attach what the first word names; the rest, if any, is asked with it."""
    if not argument:
        return CommandDone(act="pick")
    session, attached = call.session, call.composer.attached
    source, text = first_word(argument)
    await attached.wait(attached.begin(source, image=image))
    if text:
        params = SendParams(
            tab=session.id, text=text, attachments=attached.ready(session)
        )
        await call.composer.send(session, params)
    return CommandDone()


async def paths(call: SlashCall, text: str) -> list[CommandOption]:
    """Return the files and folders that a beginning of a path may mean."""
    del call
    return await in_thread(lambda stop: _listed(text, stop))


def _listed(text: str, stop: threading.Event) -> list[CommandOption]:
    quote = text[:1] if text[:1] in {'"', "'"} else ""
    typed = text.removeprefix(quote)
    if "://" in typed or (not quote and " " in typed) or (quote and quote in typed):
        return []
    folder, slash, beginning = typed.rpartition("/")
    try:
        place = Path(f"{folder}{slash}" or ".").expanduser()
        found: list[tuple[bool, str]] = []
        for each in place.iterdir():
            if stop.is_set() or len(found) > _LOOKED_AT:
                break
            if each.name.casefold().startswith(beginning.casefold()) and (
                beginning.startswith(".") or not each.name.startswith(".")
            ):
                found.append((not each.is_dir(), each.name))
    except (OSError, RuntimeError, ValueError):
        return []
    return [
        _option(f"{folder}{slash}{name}", is_file=is_file)
        for is_file, name in sorted(found)[:_OFFERED]
    ]


_LOOKED_AT = 2000


def _option(path: str, *, is_file: bool) -> CommandOption:
    quote = next((each for each in ('"', "'") if each not in path), "")
    if not is_file:
        opened = f"{path}/"
        value = f"{quote}{opened}" if " " in path else opened
        return CommandOption(value=value, about="folder", open=True)
    return CommandOption(value=f"{quote}{path}{quote}" if " " in path else path)


QUESTION = (
    SlashCommand(
        "prompt",
        "Ask with a prompt of the library.",
        _prompt,
        "NAME",
        ("prompt.load",),
        _prompt_names,
    ),
    SlashCommand(
        "image",
        "Attach an image, by its path, address or variable; ask with it.",
        _image,
        "[PATH|URL|VAR] [TEXT]",
        ("add.image",),
        paths,
    ),
    SlashCommand(
        "file",
        "Attach a document or an image likewise.",
        _file,
        "[PATH|URL|VAR] [TEXT]",
        ("add.doc", "attach"),
        paths,
    ),
)
