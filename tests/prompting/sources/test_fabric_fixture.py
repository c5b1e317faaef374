"""All patterns of Fabric itself, as they were in July 2025, where that archive is."""

from __future__ import annotations

import re
import zipfile
from pathlib import Path

import pytest

from parllama_nb.prompting.library.prompt import Prompt
from parllama_nb.prompting.sources.fabric.source import FabricSource
from parllama_nb.prompting.sources.source import Found, SourceContext

NAME = Path("shared", "fixtures", "fabric-main.zip")
ARCHIVE = next(
    (
        folder / NAME
        for folder in Path(__file__).resolve().parents
        if (folder / NAME).is_file()
    ),
    None,
)

pytestmark = pytest.mark.skipif(ARCHIVE is None, reason=f"there is no ../{NAME}")

VARIABLES = {
    "analyze_threat_report": ["input"],
    "analyze_threat_report_trends": ["input"],
    "create_network_threat_landscape": ["input"],
    "create_report_finding": ["input"],
    "extract_article_wisdom": ["input"],
    "extract_insights": ["input"],
    "improve_report_finding": ["input"],
    "judge_output": [
        "query_language_info",
        "guidelines",
        "user_input",
        "generated_query",
    ],
    "rate_content": ["input"],
    "sanitize_broken_html_to_markdown": ["input"],
    "translate": ["lang_code"],
    "write_essay": ["author_name"],
}
"""All others have none, whatever braces they show."""

DESCRIPTIONS = {
    "ai": "You are an expert at interpreting the heart and spirit of a question and "
    "answering in an insightful manner.",
    "analyze_incident": "Objective: To swiftly and effectively gather essential "
    "information from articles about cybersecurity breaches, prioritizing conciseness "
    "and order.",
    "compare_and_contrast": "Please be brief. Compare and contrast the list of items.",
    "extract_wisdom_dm": "You are a hyper-intelligent AI system with a 4,312 IQ. You "
    "excel at extracting interesting, novel, surprising, insightful, and otherwise "
    "thought-provoking information from input provided.",
    "improve_writing": "You are a writing expert. You refine the input text to enhance "
    "clarity, coherence, grammar, and style.",
    "review_design": "You are an expert solution architect. You fully digest input and "
    "review design.",
    "solve_with_cot": "You are an AI assistant designed to provide detailed, "
    "step-by-step responses.",
    "summarize": "You are an expert content summarizer. You take content in and output "
    "a Markdown formatted summary using the format below.",
}


@pytest.fixture(scope="module")
def texts() -> dict[str, dict[str, str]]:
    """The texts of all patterns by name and file, read by Python's own reader."""
    assert ARCHIVE is not None
    found: dict[str, dict[str, str]] = {}
    with zipfile.ZipFile(ARCHIVE) as archive:
        for path in archive.namelist():
            match = re.fullmatch(r"fabric-main/data/patterns/([^/]+)/([^/]+)", path)
            if match:
                text = archive.read(path).decode("utf-8-sig").replace("\r\n", "\n")
                found.setdefault(match[1], {})[match[2]] = text
    return found


async def read(folder: Path, location: Path | None = ARCHIVE) -> Found:
    context = SourceContext(lambda: folder)
    return await FabricSource().read(str(location), lambda _: None, context)


async def test_all_patterns_are_there_each_with_its_own_text(
    tmp_path: Path, texts: dict[str, dict[str, str]]
) -> None:
    found = await read(tmp_path)

    assert found.problems == ()
    assert len(found.prompts) == 225
    assert {prompt.name for prompt in found.prompts} == {
        name for name, files in texts.items() if "system.md" in files
    }
    tail = re.compile(
        r"(?:\s*\n\s*(?:#+ *)?\(?INPUT\)?:?[:%]?|…|\{\{input\}\}|\s)*", re.IGNORECASE
    )
    for prompt in found.prompts:
        text = texts[prompt.name]["system.md"]
        assert text.startswith(prompt.system), prompt.name
        assert tail.fullmatch(text, len(prompt.system)), prompt.name
        assert not re.search(r"\n[# ]*INPUT:?$", prompt.system), prompt.name
        assert prompt.source == "fabric"


async def test_variables_are_those_that_a_user_fills_in(tmp_path: Path) -> None:
    found = await read(tmp_path)
    variables = {
        prompt.name: [variable.name for variable in prompt.variables]
        for prompt in found.prompts
        if prompt.variables
    }
    assert variables == VARIABLES
    nuclei = named(found, "write_nuclei_template_rule")
    assert "{{Hostname}}" in nuclei.system


async def test_users_messages_are_those_that_say_something(
    tmp_path: Path, texts: dict[str, dict[str, str]]
) -> None:
    found = await read(tmp_path)
    asked = {
        prompt.name: [each.text for each in prompt.messages if each.role == "user"]
        for prompt in found.prompts
        if len(prompt.messages) > 1
    }
    slots = {
        name: ["CONTENT:\n\n{{input}}"]
        for name, files in texts.items()
        if files.get("user.md") == "CONTENT:\n"
    }
    assert len(slots) == 7
    assert asked == slots | {
        "extract_insights": ["{{input}}"],
        "sanitize_broken_html_to_markdown": ["{{input}}"],
        "suggest_pattern": [texts["suggest_pattern"]["user.md"].strip()],
    }


async def test_every_pattern_has_a_description_of_whole_words(tmp_path: Path) -> None:
    found = await read(tmp_path)
    for prompt in found.prompts:
        description = prompt.description
        assert 40 < len(description) <= 300, prompt.name
        assert not re.search(r"[*`#<>|]|\]\(|\{\{|\n|^//|^-", description), prompt.name
        words = " ".join(re.sub(r"[*`{}]", "", prompt.system).split())
        last = description.removesuffix("…").split(". ")[-1]
        assert last in words, prompt.name
        assert prompt.tags, prompt.name
    for name, description in DESCRIPTIONS.items():
        assert named(found, name).description == description
    assert named(found, "summarize").tags == ("summarize",)


async def test_a_checkout_gives_what_the_archive_gives(
    tmp_path: Path, texts: dict[str, dict[str, str]]
) -> None:
    for name, files in texts.items():
        folder = tmp_path / "fabric" / "data" / "patterns" / name
        folder.mkdir(parents=True)
        for file, text in files.items():
            # As git checks it out on Windows.
            (folder / file).write_bytes(text.replace("\n", "\r\n").encode())
    archive = await read(tmp_path)
    assert (await read(tmp_path, tmp_path / "fabric")).prompts == archive.prompts


async def test_what_is_exported_is_read_again_as_it_was(tmp_path: Path) -> None:
    before = (await read(tmp_path)).prompts
    for name, content in FabricSource().write(before).items():
        path = tmp_path / "out" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    assert (await read(tmp_path, tmp_path / "out")).prompts == before


def named(found: Found, name: str) -> Prompt:
    return next(prompt for prompt in found.prompts if prompt.name == name)
