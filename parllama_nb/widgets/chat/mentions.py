"""Mentions of the notebook in a chat's question: offered, shown, sent with it."""

from __future__ import annotations

from dataclasses import replace

from ...chats.question import Question
from ...prompting.kernel_names import KernelNames
from ...prompting.mentions import mentioned
from ...prompting.name_completion import offers
from ...providers.messages import ImagePart
from .._requests import request
from .mention_protocol import (
    MentionData,
    MentionOffer,
    MentionOffers,
    MentionQuery,
    MentionsData,
    MentionsParams,
)

__all__ = ["MentionRequests"]

_LONGEST_ABOUT = 120


class MentionRequests:
    """Answers what is asked of mentions, on the service loop.

    Args:
        names: what of the kernel can be mentioned.

    """

    def __init__(self, names: KernelNames) -> None:
        self._names = names

    @request
    async def on_names(self, params: MentionQuery) -> MentionOffers:
        """List what may follow an `@`; a cell may be running."""
        return MentionOffers(
            offers=[
                MentionOffer(text=each.text, about=each.about[:_LONGEST_ABOUT])
                for each in offers(params.typed, self._names)
            ]
        )

    @request
    async def on_mentions(self, params: MentionsParams) -> MentionsData:
        """Say what would be sent of what a text mentions."""
        found = await mentioned(params.text, self._names)
        return MentionsData(
            mentions=[
                MentionData(
                    path=each.path,
                    about=each.about,
                    tokens=each.tokens,
                    picture=any(isinstance(part, ImagePart) for part in each.parts),
                    problem=each.problem,
                )
                for each in found.all
            ]
        )

    async def with_mentions(self, question: Question) -> Question:
        """Return a question with what its text mentions, as the kernel has it now."""
        found = await mentioned(question.text or "", self._names)
        if not found.all:
            return question
        return replace(
            question,
            attached=(*question.attached, *found.parts),
            notes=(*question.notes, *found.notes),
        )
