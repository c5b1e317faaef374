"""Fabric's patterns as prompts, from archives and folders, and back."""

from __future__ import annotations

import os
import sys
import time
from pathlib import Path

import pytest

from parllama_nb.errors import FieldError, UsageError
from parllama_nb.events import Progress
from parllama_nb.prompting.library.prompt import Prompt
from parllama_nb.prompting.library.rendering import render
from parllama_nb.prompting.library.variables import Variable
from parllama_nb.prompting.sources.fabric.descriptions import description_of
from parllama_nb.prompting.sources.fabric.layout import pattern_files
from parllama_nb.prompting.sources.fabric.patterns import prompt_of
from parllama_nb.prompting.sources.fabric.source import FabricSource
from parllama_nb.prompting.sources.source import Found, SourceContext
from parllama_nb.prompting.sources.steps import Steps
from parllama_nb.providers.messages import Message
from tests.prompting.sources.zips import ROOT, fabric_zip


async def read(
    tmp_path: Path, location: Path | str, log: list[Progress] | None = None
) -> Found:
    context = SourceContext(lambda: tmp_path / "cache")
    report = (log if log is not None else []).append
    return await FabricSource().read(str(location), report, context)


def put(folder: Path, files: dict[str, str | bytes]) -> Path:
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(text.encode() if isinstance(text, str) else text)
    return folder


async def test_an_archive_gives_each_of_its_patterns(tmp_path: Path) -> None:
    put(tmp_path, {"f.zip": fabric_zip()})
    log: list[Progress] = []

    found = await read(tmp_path, tmp_path / "f.zip", log)

    assert [prompt.name for prompt in found.prompts] == [
        "analyze_tides",
        "create_maps",
        "translate",
    ]
    tides, maps, translate = found.prompts
    assert tides == Prompt(
        name="analyze_tides",
        messages=(
            Message.of(
                "system",
                "# IDENTITY and PURPOSE\n\nYou are an expert at tides. You take text "
                "in and give tides out.\n\n# STEPS\n\n- Think.",
            ),
        ),
        description="You are an expert at tides. You take text in and give tides out.",
        tags=("analyze",),
        source="fabric",
    )
    assert maps.messages[1] == Message.of("user", "CONTENT:\n\n{{input}}")
    assert [each.name for each in translate.variables] == ["lang_code"]
    assert found.problems == ()
    assert found.origin == str(tmp_path / "f.zip")
    assert found.from_cache is None
    assert not (tmp_path / "cache").exists()
    percents = [each.percent or 0 for each in log]
    assert percents == sorted(percents)
    assert percents[-1] == 90
    assert list(dict.fromkeys(each.phase for each in log)) == ["Extracting", "Parsing"]


@pytest.mark.parametrize("place", ["", "data/patterns", "patterns", "mine"])
@pytest.mark.parametrize("asked", ["root", "place"])
async def test_patterns_are_found_wherever_a_folder_has_them(
    tmp_path: Path, place: str, asked: str
) -> None:
    root = tmp_path / "root"
    put(
        root / place,
        {"a_b/system.md": "Do a.", "c/system.md": "Do c.", "README.md": "x"},
    )
    if place == "mine" and asked == "root":
        with pytest.raises(UsageError, match="holds no Fabric patterns"):
            await read(tmp_path, root)
        return
    log: list[Progress] = []

    found = await read(tmp_path, root if asked == "root" else root / place, log)

    assert [prompt.name for prompt in found.prompts] == ["a_b", "c"]
    percents = [each.percent or 0 for each in log]
    assert percents == sorted(percents)


async def test_a_pattern_of_its_own_may_be_named(tmp_path: Path) -> None:
    put(tmp_path, {"wise/system.md": "Be wise.", "wise/user.md": "Now."})
    found = await read(tmp_path, tmp_path / "wise")
    assert [prompt.name for prompt in found.prompts] == ["wise"]
    assert (await read(tmp_path, tmp_path / "wise/system.md")).prompts == found.prompts
    assert found.prompts[0].messages[1].text == "Now."


async def test_a_users_own_configuration_is_found_under_its_home(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("USERPROFILE", str(tmp_path))
    put(tmp_path / ".config/fabric/patterns", {"wise/system.md": "Be wise."})
    for location in ("~/.config/fabric", "~/.config/fabric/patterns"):
        assert len((await read(tmp_path, location)).prompts) == 1


def test_the_patterns_of_a_checkout_go_before_copies_of_them() -> None:
    copies = [f"f/web/static/{name}/system.md" for name in "abcde"]
    found = pattern_files(["f/data/patterns/a/system.md", *copies, "f/x/y.md"], "f")
    assert found == {"a": {"system": "f/data/patterns/a/system.md"}}
    assert set(pattern_files(copies, "f")) == set("abcde")
    assert pattern_files(["System.md", "README.md"], "wise") == {
        "wise": {"system": "System.md", "readme": "README.md"}
    }
    assert pattern_files(["a/user.md", "b.md"], "f") == {}


async def test_what_cannot_be_read_is_a_problem_and_the_rest_is_there(
    tmp_path: Path,
) -> None:
    folder = put(
        tmp_path / "patterns",
        {
            "good/system.md": "Do good.",
            "good/README.md": b"\xff",
            "empty/system.md": " \n",
            "latin/system.md": "Grüße".encode("latin-1"),
            "latin_user/system.md": "Do it.",
            "latin_user/user.md": b"\xff",
            "huge/system.md": "x" * 4_000_001,
            "long/system.md": "x" * 1_000_001,
            "alone/user.md": "No system prompt.",
            "-dash/system.md": "Do it.",
            ("n" * 101) + "/system.md": "Do it.",
            "readme_only/README.md": "x",
        },
    )
    (folder / "folder" / "system.md").mkdir(parents=True)

    found = await read(tmp_path, folder)

    assert [prompt.name for prompt in found.prompts] == ["good"]
    problems = {problem.where: problem.what for problem in found.problems}
    assert problems == {
        "-dash": "The name begins with '-'.",
        "alone": "There is no system.md.",
        "empty": "The prompt has no text.",
        "folder/system.md": "It is not a file.",
        "huge/system.md": "The file has more than 4.0 MB.",
        "latin/system.md": "The byte 0xFC in line 1 (byte 3 of the file) is not UTF-8.",
        "latin_user/user.md": "The byte 0xFF in line 1 (byte 1 of the file) is not "
        "UTF-8.",
        "long": "The prompt has 1,000,001 characters.",
        "n" * 101: "The name has 101 characters.",
    }


async def test_problems_of_an_archive_are_those_of_a_folder(tmp_path: Path) -> None:
    noise = os.urandom(2_100_000).hex()
    data = fabric_zip({"huge/system.md": noise, "latin/system.md": b"\xff"})
    found = await read(tmp_path, put(tmp_path, {"f.zip": data}) / "f.zip")
    assert len(found.prompts) == 3
    assert {each.where: each.what for each in found.problems} == {
        "huge/system.md": "The file has more than 4.0 MB.",
        "latin/system.md": "The byte 0xFF in line 1 (byte 1 of the file) is not UTF-8.",
    }


@pytest.mark.skipif(sys.platform == "win32", reason="no pipes there")
async def test_a_pipe_among_the_patterns_does_not_hang_the_reading(
    tmp_path: Path,
) -> None:
    put(tmp_path / "p", {"a/system.md": "Do a.", "b/user.md": "b"})
    os.mkfifo(tmp_path / "p" / "b" / "system.md")
    os.mkfifo(tmp_path / "pipe.zip")
    found = await read(tmp_path, tmp_path / "p")
    assert [prompt.name for prompt in found.prompts] == ["a"]
    with pytest.raises(UsageError, match="neither a file nor a folder"):
        await read(tmp_path, tmp_path / "pipe.zip")


@pytest.mark.parametrize(
    ("location", "words"),
    [
        ("missing.zip", "No such file"),
        ("a\0b", "no such file"),
        ("~nobody-there/x", "no such file"),
        ("x" * 5_000, "File name too long"),
        ("empty", "holds no Fabric patterns"),
        ("text.zip", "is no zip archive"),
        ("other.zip", "holds no Fabric patterns"),
    ],
)
async def test_a_location_that_holds_nothing_is_one_line_and_a_hint(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, location: str, words: str
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "empty").mkdir()
    put(
        tmp_path,
        {"text.zip": "text", "other.zip": fabric_zip().replace(b"system", b"sister")},
    )
    with pytest.raises(UsageError) as caught:
        await read(tmp_path, location)
    assert words in caught.value.message
    assert caught.value.message.isprintable()
    assert len(caught.value.message) < 400
    assert caught.value.hint


@pytest.mark.parametrize(
    "section",
    [
        "# INPUT:\n\nINPUT:",
        "# INPUT\nINPUT:",
        "## INPUT",
        "INPUT:",
        "INPUT:%",
        "Input:",
        "# INPUT\n\n…",
        "# INPUT\n\n...",
        "# INPUT\n\n(INPUT)",
        "# INPUT \n \n INPUT: \n\n",
    ],
)
def test_an_empty_input_section_at_the_end_is_left_out(section: str) -> None:
    prompt = prompt_of("a", f"Do it.\n\n# STEPS\n\n- One\n\n{section}\n\n")
    assert [each.text for each in prompt.messages] == ["Do it.\n\n# STEPS\n\n- One"]
    assert not prompt.takes_input


@pytest.mark.parametrize(
    "section",
    [
        "# INPUT\n\nMy first request is:",
        "# INPUT FORMAT\n\nA list of words.",
        "NEWSLETTER INPUT:",
        "INPUT:\n```",
        "# INPUT\n\nINPUT:\n\n# OUTPUT",
        "and so on...",
    ],
)
def test_a_section_that_says_something_stays(section: str) -> None:
    text = f"Do it.\n\n{section}"
    assert prompt_of("a", text).system == text


def test_the_place_of_the_input_at_the_end_becomes_the_users_message() -> None:
    prompt = prompt_of("a", "Do it.\n\n# INPUT\n\n{{input}}\n")
    assert prompt.messages == (
        Message.of("system", "Do it."),
        Message.of("user", "{{input}}"),
    )
    assert prompt.variables == (Variable("input"),)
    assert render(prompt, {}, "Hello").messages[1].text == "Hello"


def test_the_place_of_the_input_within_a_text_stays_there() -> None:
    for text in ("Do {{input}} now.", "Do {{input}}.\n\n# INPUT\n\n{{input}}"):
        prompt = prompt_of("a", text)
        assert prompt.messages == (Message.of("system", text),)
        assert prompt.takes_input


@pytest.mark.parametrize(
    ("user", "message"),
    [
        ("", None),
        (" \n\n", None),
        ("CONTENT:\n", "CONTENT:\n\n{{input}}"),
        ("# Content", "# Content\n\n{{input}}"),
        ("Look at this.\n", "Look at this."),
        ("Look at {{input}}.", "Look at {{input}}."),
    ],
)
def test_a_users_file_becomes_the_users_message(user: str, message: str | None) -> None:
    prompt = prompt_of("a", "Do it.", user)
    texts = [each.text for each in prompt.messages if each.role == "user"]
    assert texts == ([] if message is None else [message])
    assert prompt.takes_input == ("{{input}}" in (message or ""))


@pytest.mark.parametrize(
    ("text", "names"),
    [
        (
            "In {{lang_code}}, by {{ author }}, to {{lang_code}}.",
            ["lang_code", "author"],
        ),
        ("{{input}} in {{tone}}", ["input", "tone"]),
        ("Today, {{plugin:datetime:today}}, in {{tone}}.", ["tone"]),
        ("{{Hostname}} and {{base64('x')}}", []),
        ("{{ theme.label || 'x' }}, {{ text }}", []),
        ("{{interactsh-url}} {{input}} {{Port}}", ["input"]),
        ('A chain: {{"name": "{name}"}} {{tone}}', []),
        ("{{{tone}}} {single} ${x}", []),
        ("no braces", []),
    ],
)
def test_only_plain_placeholders_of_no_other_language_are_variables(
    text: str, names: list[str]
) -> None:
    assert [each.name for each in prompt_of("a", text).variables] == names


@pytest.mark.parametrize(
    ("text", "description"),
    [
        (
            "# IDENTITY\n\nYou write. You\nread.\n\n# STEPS\n\n- No.",
            "You write. You read.",
        ),
        ("# IDENTITY\n\nYou write.\n\nYou read.\n\n# STEPS", "You write. You read."),
        ("# IDENTITY\n\n// Who you are\n\nYou write.", "You write."),
        ("IDENTITY and GOAL:\n\nYou write.", "You write."),
        (
            "<identity>\n\nYou **write** `code` in [Go](http://x/).",
            "You write code in Go.",
        ),
        ("# A title\n\nThe title\n\nObjective: To write.", "Objective: To write."),
        ("```\ncode.\n```\n\nYou write.", "You write."),
        ("| a | b |\n|---|---|\n\n1. You write.", "You write."),
        ("# Only a heading", ""),
        ("\n\n", ""),
        ("just words", "just words"),
        (
            "You write the essay I asked for, at length. Take a deep breath.",
            "You write the essay I asked for, at length.",
        ),
        ("You are e.g. a poet. You write as U. S. Grant did.", None),
        ("You write to {{name}}.", "You write to name."),
        ("snake_case_names and 2 * 3 * 4 stay.", None),
    ],
)
def test_a_description_is_the_first_prose(text: str, description: str | None) -> None:
    assert description_of(text) == (text if description is None else description)


def test_a_long_description_ends_with_a_whole_word_or_sentence() -> None:
    sentence = "You write what is asked for. "
    assert description_of(sentence * 30) == (sentence * 10).strip()
    words = description_of("word " * 200)
    assert words.endswith("word…")
    assert len(words) <= 300
    assert len(description_of("w" * 1_000)) <= 300


def test_a_readme_describes_a_pattern_that_does_not() -> None:
    assert description_of("# X\n", "# T\n\n<img src='x'>\n\nIt writes.") == "It writes."


@pytest.mark.parametrize(
    "text",
    [
        "*" * 50_000,
        "{{" * 50_000,
        "<" * 50_000,
        "[" * 50_000,
        "_a" * 25_000,
        "`" * 50_000,
        "a. " * 20_000,
        "# INPUT\n" * 9_000,
    ],
)
def test_an_odd_text_is_parsed_in_no_time(text: str) -> None:
    begin = time.process_time()
    prompt_of("a", f"x\n{text}", text)
    assert time.process_time() - begin < 2


async def test_what_is_exported_is_read_again_as_it_was(tmp_path: Path) -> None:
    put(tmp_path, {"f.zip": fabric_zip({"slot/system.md": "Do it.\n\n{{input}}"})})
    before = await read(tmp_path, tmp_path / "f.zip")

    files = FabricSource().write(before.prompts)

    assert files["slot/system.md"] == b"Do it.\n\n# INPUT\n\n{{input}}\n"
    assert files["create_maps/user.md"] == b"CONTENT:\n\n{{input}}\n"
    assert "analyze_tides/user.md" not in files
    put(tmp_path / "out", {**files})
    after = await read(tmp_path, tmp_path / "out")
    assert after.prompts == before.prompts


def prompt(name: str, *roles: str) -> Prompt:
    messages = tuple(Message.of(role, f"text of {role}") for role in roles)  # type: ignore[arg-type]
    return Prompt(name, messages)


@pytest.mark.parametrize(
    ("prompts", "words"),
    [
        ([prompt("a", "user")], "a has no system prompt"),
        ([prompt("a", "system", "user", "assistant")], "a has a conversation"),
        ([prompt("a", "system", "assistant")], "a has a conversation"),
    ],
)
def test_what_fabric_has_no_place_for_is_refused(
    prompts: list[Prompt], words: str
) -> None:
    with pytest.raises(UsageError, match=words) as caught:
        FabricSource().write(prompts)
    assert caught.value.hint


def test_a_pattern_without_text_names_the_field() -> None:
    with pytest.raises(FieldError) as caught:
        prompt_of("a", "\n")
    assert caught.value.field == "messages"


def test_a_phase_is_reported_ten_times_a_second_and_at_its_end() -> None:
    log: list[Progress] = []
    steps = Steps(log.append)
    begin = time.monotonic()
    steps.begin("Counting", 10, 60, "items")
    for done in range(50_000):
        steps.show(done + 1, 50_000)
    steps.begin("Going back", 20, 70)
    elapsed = time.monotonic() - begin
    assert len(log) <= elapsed * 10 + 4
    assert log[0] == Progress("Counting", 0, None, "items", percent=10)
    assert log[-2] == Progress("Counting", 50_000, 50_000, "items", percent=60)
    assert log[-1] == Progress("Going back", percent=60)


def test_a_phase_of_unknown_length_never_reaches_its_end() -> None:
    log: list[Progress] = []
    steps = Steps(log.append)
    steps.begin("Downloading", 0, 30, "bytes")
    for done in (10**6, 10**8, 10**12):
        steps._shown = 0
        steps.show(done, None)
    percents = [each.percent or 0 for each in log]
    assert percents == sorted(percents)
    assert 25 < percents[-1] <= 30


def test_the_archive_of_the_tests_has_the_layout_of_fabrics_own(tmp_path: Path) -> None:
    assert f"{ROOT}/analyze_tides/system.md".encode() in fabric_zip()
