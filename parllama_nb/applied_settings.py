"""The user's settings as services take them, and what a new value has to be."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from .errors import FieldError, UsageError
from .ledger.ledger import Budget
from .providers.address import address
from .providers.registry import Registry
from .providers.spec import ProviderOptions, Spec, Timeouts
from .settings.keys import path_of, refuse_secret
from .settings.model import Settings, holds_key
from .vaults.timer import Limits

if TYPE_CHECKING:
    from .attachments.attachment import Limits as AttachmentLimits

__all__ = ["AppliedSettings", "check_memory", "check_setting"]

_MEGABYTE = 1_000_000


class AppliedSettings:
    """The settings, as they are whenever a service asks. `current` returns them."""

    def __init__(self, current: Callable[[], Settings]) -> None:
        self._current = current

    def options(self, name: str) -> ProviderOptions:
        """Return those of a provider."""
        settings = self._current()
        own, default = settings.provider(name), settings.timeouts
        return ProviderOptions(
            enabled=own.enabled,
            base_url=own.base_url or "",
            cloud=settings.local_models.cloud_models,
            cache_hours=own.cache_hours,
            timeouts=Timeouts(
                connect=own.connect_timeout or default.connect,
                first_token=own.first_token_timeout or default.first_token,
                stall=own.stall_timeout or default.stall,
            ),
        )

    def defaults(self, spec: Spec) -> dict[str, Any]:
        """Return the options of all questions to a provider.

        These are `system`, `temperature` and `max_tokens`, as far as they are set and
        the provider accepts them.
        """
        chosen = self._current().chat
        options: dict[str, Any] = {
            name: getattr(chosen, name)
            for name in ("temperature", "max_tokens")
            if name in spec.options
        }
        options["system"] = chosen.system or None
        return {name: value for name, value in options.items() if value is not None}

    def limits(self) -> Limits:
        """Return after how many seconds the vault locks by itself."""
        chosen = self._current().vault
        return Limits(
            idle=chosen.idle_minutes * 60 or None,
            absolute=chosen.longest_hours * 3600 or None,
        )

    def budget(self) -> Budget:
        """Return what a calendar month may cost."""
        chosen = self._current().budget
        return Budget(chosen.warn, chosen.stop)

    def attachment_limits(self) -> AttachmentLimits:
        """Return how large attachments may be."""
        from .attachments.attachment import Limits as AttachmentLimits  # noqa: PLC0415 - not needed by most questions

        chosen = self._current().attachments
        return AttachmentLimits(
            file=chosen.file_mb * _MEGABYTE,
            image=chosen.image_mb * _MEGABYTE,
            message=chosen.message_mb * _MEGABYTE,
        )

    def naming_model(self) -> str | None:
        """Return the model that names conversations.

        "" is the one that answers in them; None: they are named by their questions.
        """
        chosen = self._current().chat
        return (chosen.naming_model or "") if chosen.name_by_model else None


def check_setting(
    key: str,
    value: object,
    *,
    providers: Registry,
    redact: Callable[[str], str],
    environ: Callable[[str], str | None],
) -> tuple[str, object]:
    """Check a setting; return its key and value as they are stored.

    Raises:
        UsageError: the value is not valid, or holds a key.
        UnknownProviderError: it is for a provider that does not exist.

    """
    if isinstance(value, str) and redact(value) != value:
        message = f"{key}: this value contains a known secret."
        raise UsageError(message, hint="Settings must not hold keys.")
    # First of all, because the errors below repeat the value.
    refuse_secret(key, value)
    first, *rest = path_of(key)
    if first == "providers":
        spec = providers.spec(rest[0])
        key = f"{first}.{spec.name}.{rest[1]}"
        if rest[1] == "base_url" and not (spec.base_url or spec.url_env):
            message = f"The address of {spec.title} cannot be set."
            raise UsageError(message)
        if rest[1] == "base_url" and isinstance(value, str):
            address(spec, environ, value)  # raises UsageError if it is invalid
    elif key == "model" and isinstance(value, str):
        value = "/".join(providers.parse(value))
    return key, value


def check_memory(text: str, redact: Callable[[str], str]) -> None:
    """Check a text of the memory.

    Raises:
        FieldError: it holds a secret.

    """
    if redact(text) == text and not holds_key(text):
        return
    message = "The memory would hold a secret."
    hint = "It is stored unencrypted, and sent to every model that you ask."
    raise FieldError(message, hint=hint, field="text")
