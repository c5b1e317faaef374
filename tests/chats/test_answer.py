"""Answers: the footer, and that their Markdown is harmless."""

from __future__ import annotations

import random
from dataclasses import FrozenInstanceError, replace
from html.parser import HTMLParser

import pytest
from markdown_it import MarkdownIt

from parllama_nb.chats.answer import Answer, Timing
from parllama_nb.errors import StreamInterruptedError
from parllama_nb.output_schema import OutputSchema
from parllama_nb.providers.messages import Usage, parts_of

WHOLE = Answer(parts_of("Yes."), "fake/m", "stop", Timing(0.0, 0.5, 1.5))
CUT = StreamInterruptedError("The connection broke.", hint="Try again.")


@pytest.mark.parametrize(
    ("answer", "footer"),
    [
        pytest.param(WHOLE, "fake/m · 1.5 s", id="whole"),
        pytest.param(
            replace(WHOLE, usage=Usage(1234, 56)),
            "fake/m · 1,234 → 56 tokens · 1.5 s · 56 tokens/s",
            id="usage",
        ),
        pytest.param(
            replace(WHOLE, usage=Usage(None, 56)),
            "fake/m · 56 tokens · 1.5 s · 56 tokens/s",
            id="output only",
        ),
        pytest.param(
            replace(WHOLE, usage=Usage(12, None)), "fake/m · 1.5 s", id="input only"
        ),
        pytest.param(
            replace(WHOLE, cost=0.001249), "fake/m · 1.5 s · $0.0012", id="cost"
        ),
        pytest.param(
            replace(WHOLE, cost=0.00009), "fake/m · 1.5 s · <$0.0001", id="cheap"
        ),
        pytest.param(
            replace(WHOLE, cost=1234.567), "fake/m · 1.5 s · $1,234.57", id="dear"
        ),
        pytest.param(
            replace(WHOLE, cost=0.25, turn=2),
            "fake/m · 1.5 s · $0.2500 · turn 2",
            id="cost and turn",
        ),
        pytest.param(
            replace(WHOLE, finish_reason="cancelled"),
            "fake/m · stopped · 1.5 s",
            id="stopped",
        ),
        pytest.param(
            replace(WHOLE, parts=parts_of(""), finish_reason="cancelled"),
            "fake/m · stopped · 1.5 s",
            id="stopped before the first token",
        ),
        pytest.param(
            replace(WHOLE, finish_reason="length"),
            "fake/m · cut at the token limit · 1.5 s",
            id="length",
        ),
        pytest.param(
            replace(WHOLE, parts=parts_of(""), finish_reason="content_filter"),
            "fake/m · withheld by the provider · 1.5 s",
            id="filter",
        ),
        pytest.param(
            replace(WHOLE, parts=parts_of("")),
            "fake/m · empty answer · 1.5 s",
            id="empty",
        ),
        pytest.param(
            replace(WHOLE, finish_reason="error", error=CUT),
            "fake/m · broke off · 1.5 s",
            id="broke off",
        ),
        pytest.param(
            replace(WHOLE, parts=parts_of(""), finish_reason="error", error=CUT),
            "fake/m · no answer · 1.5 s",
            id="no answer",
        ),
        pytest.param(
            replace(WHOLE, session="s", turn=3), "fake/m · 1.5 s · turn 3", id="turn"
        ),
        pytest.param(
            replace(WHOLE, notes=("sent literally: {{x}}", "and so on")),
            "fake/m · 1.5 s · sent literally: {{x}} · and so on",
            id="notes",
        ),
    ],
)
def test_the_footer_says_how_the_answer_ended(answer: Answer, footer: str) -> None:
    assert answer.footer == footer


@pytest.mark.parametrize(
    ("tokens", "first", "total", "rate"),
    [
        (30, 0.5, 1.5, 30.0),
        (1, 0.0, 0.25, 4.0),
        (None, 0.5, 1.5, None),
        (0, 0.5, 1.5, None),
        (30, None, 1.5, None),
        (30, 1.5, 1.5, None),
        (30, 2.0, 1.5, None),
    ],
)
def test_the_footer_has_a_speed_only_if_it_is_known(
    tokens: int | None, first: float | None, total: float, rate: float | None
) -> None:
    answer = replace(WHOLE, usage=Usage(None, tokens), timing=Timing(0.0, first, total))
    assert answer.tokens_per_s == rate
    assert ("tokens/s" in answer.footer) == (rate is not None)


class _Reading(HTMLParser):
    """Return what a page shows: its elements and its text."""

    def __init__(self) -> None:
        super().__init__()
        self.elements: list[str] = []
        self.text = ""

    def handle_starttag(self, tag: str, attrs: object) -> None:
        self.elements.append(tag)

    def handle_data(self, data: str) -> None:
        self.text += data


def reading(markdown: str) -> _Reading:
    page = _Reading()
    page.feed(MarkdownIt("gfm-like", {"linkify": False}).render(markdown))
    return page


HOSTILE = [
    "fake/my_model_v2_instruct",
    "fake/a|b",
    "fake/<img src=x onerror=alert(1)>",
    "fake/<!--",
    "fake/*bold* and **more**",
    "fake/`code`",
    "fake/[text](http://x.example)",
    "fake/![img](http://x.example/?leak)",
    "fake/$x^2$ and $$y$$",
    r"fake/\(x\) \[y\] \begin{a}",
    "fake/~~gone~~",
    "fake/&lt;b&gt; &amp; &copy;",
    "fake/<https://x.example>",
    "fake/a</sub><h1>b",
    "fake/a\nb",
    "fake/a\n\n# b\n\n- c",
    "fake/a\r\n\r\n    b",
]


def flat(text: str) -> str:
    return " ".join(text.split())


@pytest.mark.parametrize("name", HOSTILE)
def test_the_footer_shows_a_models_name_literally(name: str) -> None:
    answer = replace(WHOLE, model=name, parts=parts_of(""))
    page = reading(answer.markdown)
    assert page.elements == ["p", "sub"]
    assert flat(page.text) == flat(answer.footer)


@pytest.mark.parametrize("note", HOSTILE)
def test_the_footer_shows_a_note_literally(note: str) -> None:
    answer = replace(WHOLE, notes=(note,), parts=parts_of(""))
    page = reading(answer.markdown)
    assert page.elements == ["p", "sub"]
    assert flat(page.text) == flat(answer.footer)


@pytest.mark.parametrize("seed", range(50))
def test_the_footer_shows_any_random_name_literally(seed: int) -> None:
    chance = random.Random(seed)
    name = "".join(chance.choices("ab `*_[]()<>!#$&|~\\/:;-+=.1{}\"'@", k=30))
    answer = replace(WHOLE, model=f"fake/{name}", parts=parts_of(""))
    page = reading(answer.markdown)
    assert page.elements == ["p", "sub"]
    assert flat(page.text) == flat(answer.footer)


@pytest.mark.parametrize(
    "text",
    [
        "Yes.",
        "```python\nprint(1)",
        "| a |\n|---|\n| 1 |",
        "- a\n- b",
        "$$\nx",
        "    c",
    ],
)
def test_the_footer_is_never_rendered_as_part_of_the_answer(text: str) -> None:
    markdown = replace(WHOLE, parts=parts_of(text)).markdown
    page = reading(markdown)
    assert page.elements[-2:] == ["p", "sub"]
    assert page.text.rstrip().endswith(WHOLE.footer)


def test_a_blank_answer_shows_only_its_footer() -> None:
    blank = replace(WHOLE, parts=parts_of(" \n\n "))
    assert blank.markdown == replace(WHOLE, parts=parts_of("")).markdown
    assert "empty answer" in blank.markdown


def test_str_of_an_answer_is_its_text() -> None:
    assert str(WHOLE) == "Yes."
    assert f"{WHOLE}" == "Yes."


def test_the_markdown_of_an_answer_has_no_thinking() -> None:
    assert "secretly" not in replace(WHOLE, parts=parts_of("Yes.", "secretly")).markdown


def test_an_answer_cannot_be_changed() -> None:
    with pytest.raises(FrozenInstanceError):
        WHOLE.model = "No."  # type: ignore[misc]


def test_an_answer_with_a_schema_is_shown_as_code() -> None:
    answer = replace(
        WHOLE, parts=parts_of('{\n  "a": 1\n}'), schema=OutputSchema.of({})
    )
    assert answer.markdown.startswith('```json\n{\n  "a": 1\n}\n```\n')
    fenced = replace(answer, parts=parts_of('```json\n{"a": 1}\n```'))
    assert fenced.markdown.count("```") == 2
