"""The comparisons of this kernel: the newest are kept for whoever opens them again."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Sequence

from ..chats.question import Question
from ..chats.services import ChatServices
from ..chats.sessions import Sessions
from ..errors import UsageError
from .column import check_count
from .comparison import Comparison

__all__ = ["Comparisons"]

# How many are kept; the one that began first is forgotten first.
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
        self._kept: deque[Comparison] = deque(maxlen=_KEPT)

    @property
    def last(self) -> Comparison | None:
        """The comparison that began last. From any thread."""
        return self._kept[-1] if self._kept else None

    def get(self, comparison: str) -> Comparison:
        """A comparison by its id.

        Raises:
            UsageError: it is forgotten.

        """
        for each in self._kept:
            if each.id == comparison:
                return each
        message = "That comparison is forgotten."
        raise UsageError(message, hint=f"The newest {_KEPT} are kept.")

    def begin(
        self, question: Question, models: Sequence[str], *, listed: bool = True
    ) -> Comparison:
        """Ask several models; the same one twice is two columns.

        Args:
            question: what each is asked. A picked answer goes to its conversation,
                whose turns are sent along if it `follows`.
            models: `provider/model` each. One that does not exist fails in its column.
            listed: whether the columns' jobs are worth a line each in a list of jobs.

        Raises:
            UsageError: there are too many.

        """
        check_count(len(models))
        comparison = self._new(question, listed=listed)
        self._kept.append(comparison)
        for model in models:
            comparison.add(model)
        return comparison

    def empty(self, session: str) -> Comparison:
        """A comparison without a question yet, for a view to begin with; not kept."""
        question = Question("", conversation=session, follows=False)
        return self._new(question, listed=True)

    def _new(self, question: Question, *, listed: bool) -> Comparison:
        return Comparison(
            question, self._services, self._sessions, self._redact, listed=listed
        )
