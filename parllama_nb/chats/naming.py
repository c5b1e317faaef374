"""Names a conversation by a model, after its first question and answer."""

from __future__ import annotations

import re
from typing import Any

from ..errors import UsageError
from ..jobs import Job
from ..providers.messages import Message
from .history.reading import Turn
from .question import Question
from .services import ChatServices
from .unkept import ask_unkept

__all__ = ["model_name_for", "name_in", "naming_question"]

_SYSTEM = """\
You name conversations. You get the beginning of one, and answer with its name: 3 to 8 \
words that say what it is about, in the language of the conversation. Answer with the \
name only: no quotes, no full stop, no explanation."""

_EXAMPLES = (
    (
        "how do i read a csv with semicolons in pandas",
        "Use `pd.read_csv(path, sep=';')`.",
        "Reading CSV files with semicolons in pandas",
    ),
    (
        "Was kann ich mit Zucchini kochen?",
        "Zum Beispiel eine Suppe, Puffer oder einen Auflauf.",
        "Ideen für Gerichte mit Zucchini",
    ),
)

_LONGEST_TEXT = 2_000
"""Characters of the question, and of the answer, that say what it is about."""

_LONGEST_NAME = 80
_LONGEST_ANSWER = 400
"""Characters after which a model has begun to explain the name."""

_MOST_WORDS = 10

_LABEL = re.compile(r"(name|title|titel|topic)\s*:\s*", re.IGNORECASE)
_EXCUSE = re.compile(
    r"\W*(i\W?m sorry|sorry\b|i apologi|i can\W?(no|')?t\b|as an? (ai|language))",
    re.IGNORECASE,
)
_MARKS = "\"'`*_# \t\u00ab\u00bb\u2018\u2019\u201c\u201d\u201e"


def naming_question(turn: Turn, model: str | None) -> Question:
    """Return what asks a model for the name of a conversation that begins so."""
    before = []
    for question, answer, name in _EXAMPLES:
        before.append(Message.of("user", _beginning(question, answer)))
        before.append(Message.of("assistant", name))
    return Question(
        _beginning(turn.prompt, turn.answer.text),
        model=model,
        system=_SYSTEM,
        before=tuple(before),
        # Room for a model that thinks first.
        options={"temperature": 0.0, "max_tokens": 2_048},
    )


def _beginning(question: str, answer: str) -> str:
    cut = [text.strip()[:_LONGEST_TEXT] for text in (question, answer)]
    return f"Question: {cut[0]}\n\nAnswer: {cut[1]}\n\nWhat is the name?"


def name_in(text: str) -> str:
    """Return the name that a model has answered; "" if it is none."""
    line = next((each for each in text.splitlines() if each.strip()), "")
    name = _LABEL.sub("", line.strip(_MARKS), count=1).strip(_MARKS)
    name = " ".join(name.split()).rstrip(".").rstrip(_MARKS)
    too_long = len(name) > _LONGEST_NAME or len(name.split()) > _MOST_WORDS
    return "" if too_long or name.endswith(":") or _EXCUSE.match(name) else name


async def model_name_for(
    services: ChatServices, turn: Turn, model: str | None, job: Job[Any]
) -> str:
    """Return a name for a conversation that begins with this turn.

    Raises:
        UsageError: the model answered no name.
        ParllamaError: there is no answer.

    """
    question = naming_question(turn, model)
    answer = await ask_unkept(services, "name", question, job, _LONGEST_ANSWER)
    name = name_in(answer.text)
    if name:
        return name
    message = f"{answer.model} answered no name."
    raise UsageError(message, hint="Name it yourself, or ask another model.")
