"""Every built-in source passes the suite that plug-ins pass."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from parllama_nb.prompting.library.prompt import Prompt
from parllama_nb.prompting.library.variables import Variable
from parllama_nb.prompting.sources.csv_list import CSVSource
from parllama_nb.prompting.sources.fabric.source import FabricSource
from parllama_nb.prompting.sources.json_list import JSONSource
from parllama_nb.prompting.sources.llm import LLMSource
from parllama_nb.prompting.sources.markdown.source import MarkdownSource
from parllama_nb.prompting.sources.parllama import PARLlamaSource
from parllama_nb.prompting.sources.source import PromptSource
from parllama_nb.providers.messages import Message
from parllama_nb.testing import PromptSourceConformance
from tests.prompting.sources.zips import fabric_zip

# What is hard to hold: many messages, odd texts, and every field.
HARD = Prompt(
    name="Hard: a 'name' # with \"all\"",
    messages=(
        Message.of("system", "\n\nBe brief.\n\n---\n<!-- user -->\n\ttab\r\n"),
        Message.of("user", '$input ${x} $$ {{role "user"}} {{input}}'),
        Message.of("assistant", '  "quoted", \x85 \u2028 😀\n'),
        Message.of("user", "=1+1; a, b\ttab {{ input }} {{{input}}} {{unknown}}"),
    ),
    description="yes\n# no: 'maybe'",
    tags=("no", "c: d", "1.0"),
    variables=(
        Variable("input", description="What is asked; a=b, c"),
        Variable("x", "", "nothing"),
        Variable("y", "null"),
        Variable("z", "a, b;\n{{x}}"),
    ),
    model="openai/gpt-5-mini",
    submit=True,
)
LITERAL = Prompt(
    name="README",
    messages=(Message.of("user", "$ARGUMENTS {{x}} ${input:y} {{role 'user'}}"),),
)
TAKES_NOTHING = Prompt(name="on", messages=(Message.of("user", "No\n\n\n"),))
SAMPLES = (*PromptSourceConformance.samples, HARD, LITERAL, TAKES_NOTHING)


class TestMarkdown(PromptSourceConformance):
    samples = SAMPLES

    @pytest.fixture
    def source(self) -> MarkdownSource:
        return MarkdownSource()


class TestCSV(PromptSourceConformance):
    samples = SAMPLES

    @pytest.fixture
    def source(self) -> CSVSource:
        return CSVSource()


class TestJSON(PromptSourceConformance):
    samples = SAMPLES

    @pytest.fixture
    def source(self) -> JSONSource:
        return JSONSource()


class TestPARLlama(PromptSourceConformance):
    samples = SAMPLES

    @pytest.fixture
    def source(self) -> PARLlamaSource:
        return PARLlamaSource()


class TestLLM(PromptSourceConformance):
    # `llm` has one system prompt and one question, and no words about a variable.
    samples = (
        *PromptSourceConformance.samples,
        replace(
            HARD,
            messages=(
                Message.of("system", "$5 $$ ${x} {{x}}y {{x}}_ {{x}}é {{y}}\r\n{{z}}"),
                Message.of("user", "\n {{unknown}} ${{input}}\n\n"),
            ),
            variables=(
                Variable("x", ""),
                Variable("y"),
                Variable("z", "null"),
                Variable("input"),
            ),
        ),
    )

    @pytest.fixture
    def source(self) -> LLMSource:
        return LLMSource()


class TestFabric(PromptSourceConformance):
    def kept(self, prompt: Prompt) -> Prompt:
        # A pattern is its texts; the rest is read from these.
        description, tag, names = {
            "Explain code": (
                "You explain language code.",
                "explain",
                ("language", "input"),
            ),
            "Kapitän Müller 🏴": (
                "Antworte als Pirat: »Arrr!« Und {so} weiter.",
                "kapitän",
                ("weiter",),
            ),
        }[prompt.name]
        return replace(
            prompt,
            description=description,
            tags=(tag,),
            variables=tuple(map(Variable, names)),
        )

    def location(self, source: PromptSource, folder: Path) -> str:
        path = folder / "fabric.zip"
        path.write_bytes(fabric_zip())
        return str(path)

    @pytest.fixture
    def source(self) -> FabricSource:
        return FabricSource()
