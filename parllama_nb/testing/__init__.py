"""For tests: a provider that does what it is told, and what every provider must do.

`FakeProvider` answers from a script. `ProviderConformance` is the suite that the
providers here pass, and that one of your own should:

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

It needs pytest, and nothing else; each test runs on an event loop of its own.
`StorageConformance` is the suite for where a vault is kept. With
`pytest.register_assert_rewrite("parllama_nb.testing")` in a `conftest.py`, before the
import, a failure shows its values.
"""

from __future__ import annotations

from ..plugins import PROVIDERS
from .fakes import FakeProvider, Pause, Script, context
from .provider_conformance import ProviderConformance
from .storage_conformance import StorageConformance

__all__ = [
    "PROVIDERS",
    "FakeProvider",
    "Pause",
    "ProviderConformance",
    "Script",
    "StorageConformance",
    "context",
]
