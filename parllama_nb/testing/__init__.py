"""For tests of plug-ins: a scripted provider, and suites for what plug-ins bring.

`FakeProvider` answers from a script. `ProviderConformance` is the test suite that the
providers here pass, and that a provider of yours should pass:

    class TestAcme(ProviderConformance):
        @pytest.fixture
        def provider(self):
            return AcmeProvider(AcmeProvider.spec, context())

        @pytest.fixture
        def model(self):
            return "acme-small"

A provider is tried in an app of the test's own, as if it were installed:

    app = Parllama()
    app.plugins.provide(PROVIDERS, "acme", AcmeProvider)

It needs only pytest; each test runs on an event loop of its own. `StorageConformance`
is the suite for storages of a vault, `PromptSourceConformance` the one for sources of
prompts. Call
`pytest.register_assert_rewrite("parllama_nb.testing")` in a `conftest.py` before the
import, so that a failed assertion shows its values.
"""

from __future__ import annotations

from ..plugins import PROMPT_SOURCES, PROVIDERS
from .fakes import FakeProvider, Pause, Script, context
from .prompt_source_conformance import PromptSourceConformance
from .provider_conformance import ProviderConformance
from .storage_conformance import StorageConformance

__all__ = [
    "PROMPT_SOURCES",
    "PROVIDERS",
    "FakeProvider",
    "Pause",
    "PromptSourceConformance",
    "ProviderConformance",
    "Script",
    "StorageConformance",
    "context",
]
