"""The newest comparisons of this kernel, so that views can open them again."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Sequence

from ..chats.preview import RequestPreviews
from ..chats.question import Question
from ..chats.services import ChatServices
from ..chats.sessions import Sessions
from ..errors import ParllamaError, UsageError
from .column import check_count
from .comparison import Comparison
from .request import previews

__all__ = ["Comparisons"]

# How many comparisons are kept; the oldest is dropped first.
_KEPT = 20


class Comparisons:
    """Begins comparisons and keeps the newest. Used on the service loop only."""

    def __init__(
        self,
        services: ChatServices,
        sessions: Sessions,
        redact: Callable[[str], str],
    ) -> None:
        self._services = services
        self._sessions = sessions
        self._redact = redact
        self._newest: deque[Comparison] = deque(maxlen=_KEPT)

    @property
    def last(self) -> Comparison | None:
        """The comparison that began last. From any thread."""
        return self._newest[-1] if self._newest else None

    def get(self, comparison: str) -> Comparison:
        """Return a comparison by its id.

        Raises:
            UsageError: it is not among the newest.

        """
        for each in self._newest:
            if each.id == comparison:
                return each
        message = "That comparison is no longer available."
        raise UsageError(message, hint=f"Only the newest {_KEPT} are kept.")

    def begin(
        self, question: Question, models: Sequence[str], *, listed: bool = True
    ) -> Comparison:
        """Ask several models; a model that is named twice gets two columns.

        Args:
            question: what each model is asked. A picked answer goes to its
                conversation, whose turns are sent along if it `follows`.
            models: `provider/model` each. One that does not exist fails in its column.
            listed: whether the list of jobs shows the columns' jobs.

        Raises:
            UsageError: there are too many models.

        """
        check_count(len(models))
        comparison = self._new(question, listed=listed)
        self._newest.append(comparison)
        for model in models:
            comparison.add(model)
        return comparison

    async def preview(
        self, question: Question, models: Sequence[str]
    ) -> RequestPreviews:
        """Return what `begin` would send to each model; nothing is sent or written.

        Raises:
            UsageError: there are too many models.

        """
        check_count(len(models))
        found = await previews(question, models, self._services, self._sessions)
        for _, each in found.found:
            if isinstance(each, ParllamaError):
                each.redact(self._redact)
        return found

    def empty(self, session: str) -> Comparison:
        """Return a comparison without a question, for a view to begin with.

        It is not kept here.
        """
        question = Question("", conversation=session, follows=False)
        return self._new(question, listed=True)

    def _new(self, question: Question, *, listed: bool) -> Comparison:
        return Comparison(
            question, self._services, self._sessions, self._redact, listed=listed
        )
