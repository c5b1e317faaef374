"""What the next question of a conversation would leave out."""

from __future__ import annotations

from .left_out import Fitting
from .question import Question
from .session import Session

__all__ = ["forecast"]


async def forecast(session: Session, model: str | None = None) -> Fitting:
    """Return how the next question would fit, without what it will say itself.

    `model` answers where the session has none. Its server is not asked.

    Raises:
        ParllamaError: nothing could be asked.

    """
    _, built, _ = await session.built(
        Question("", model=session.model or model), ask=False
    )
    return built.fitting
