"""Lists of models: kept, renewed all at once, old ones marked, and never waited for."""

from __future__ import annotations

import asyncio
import subprocess
import sys
import textwrap
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from parllama_nb.errors import ProviderDisabledError, UnknownProviderError
from parllama_nb.events import MODELS, Event, Events, ModelsListed
from parllama_nb.model_catalog import lists as model_lists
from parllama_nb.model_catalog.listing import ModelList
from parllama_nb.model_catalog.lists import ModelLists
from parllama_nb.plugins import PROVIDERS, Plugins
from parllama_nb.providers.base import ProviderContext
from parllama_nb.providers.registry import Registry
from parllama_nb.providers.spec import ModelInfo, ProviderOptions, Spec
from parllama_nb.secret import Secret
from parllama_nb.store.database import Store
from parllama_nb.testing import FakeProvider, context
from tests.servers.anthropic import AnthropicDouble
from tests.servers.ollama import OllamaDouble
from tests.servers.openai_sse import OpenAIDouble

HOUR = 3600.0

Listing = Callable[[], Any]


@dataclass
class House:
    """Lists over providers that do as they are told, with a clock of its own."""

    lists: ModelLists
    store: Store
    registry: Registry
    events: Events
    options: dict[str, ProviderOptions]
    behaviours: dict[str, Listing]
    asked: list[str]
    clock: list[float]

    def bring(
        self, name: str, behave: Listing | Any = ("one", "two"), **spec: Any
    ) -> None:
        """A provider that lists these names, or does what it is told."""
        house = self
        if not callable(behave):
            infos = [ModelInfo(name, each) for each in behave]

            async def behave() -> list[ModelInfo]:
                return infos

        self.behaviours[name] = behave
        described = Spec(name, name.title(), name, **{"key": "none", **spec})

        class Brought(FakeProvider):
            spec = described

            def __init__(self, spec: Spec, context: ProviderContext) -> None:
                super().__init__(spec=spec, context=context)

            async def models(self) -> list[ModelInfo]:
                house.asked.append(name)
                found: list[ModelInfo] = await house.behaviours[name]()
                return found

        self.registry.plugins.provide(PROVIDERS, name, Brought)

    async def one(self, name: str, *, refresh: bool = False) -> ModelList:
        (found,) = await self.lists.get([name], refresh=refresh)
        return found

    async def again(self) -> House:
        """The same providers and database, as the next kernel finds them."""
        return make(self.store, self)


def make(store: Store, before: House | None = None, **more: Any) -> House:
    options: dict[str, ProviderOptions] = before.options if before else {}
    secrets = {"ACME_KEY": "acme-sentinel-1234"}
    plugins = before.registry.plugins if before else Plugins()
    plugins.ignore_installed(PROVIDERS)
    registry = Registry(context(secrets, options=options), plugins)
    clock = before.clock if before else [1_800_000_000.0]
    events = Events()
    lists = ModelLists(
        registry,
        store,
        events,
        limit=lambda: 0.2,
        now=lambda: clock[0],
        **more,
    )
    behaviours = before.behaviours if before else {}
    asked: list[str] = before.asked if before else []
    return House(lists, store, registry, events, options, behaviours, asked, clock)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    store = Store(lambda: tmp_path / "x.db")
    yield store
    store.close()


@pytest.fixture
def house(store: Store) -> House:
    return make(store)


async def never() -> list[ModelInfo]:
    await asyncio.Event().wait()
    raise AssertionError


def written(directory: Path) -> bytes:
    return b"".join(path.read_bytes() for path in directory.glob("x.db*"))


def names(found: ModelList) -> list[str]:
    return [info.name for info in found.models]


async def test_a_list_is_asked_for_once_and_kept(house: House) -> None:
    house.bring("acme")
    for _ in range(3):
        assert names(await house.one("acme")) == ["one", "two"]
    next_kernel = await house.again()
    assert names(await next_kernel.one("acme")) == ["one", "two"]
    assert house.asked == ["acme"]


async def test_what_is_known_is_given_without_asking(house: House) -> None:
    house.bring("acme")
    assert (await house.lists.known(["acme"])) == [ModelList("acme")]
    await house.one("acme")
    next_kernel = await house.again()
    (found,) = await next_kernel.lists.known(["acme"])
    assert names(found) == ["one", "two"]
    assert found.fetched == house.clock[0]
    assert house.asked == ["acme"]


async def test_all_that_is_said_of_a_model_is_kept(house: House) -> None:
    info = ModelInfo(
        "acme",
        "a/b c:é🦙<b>",
        context_window=8192,
        size=5,
        modified="2026-01-02T03:04:05+00:00",
        capabilities=frozenset({"vision", "tools"}),
        input_price=0.25,
        output_price=0.0,
    )
    bare = ModelInfo("acme", "bare", capabilities=frozenset())

    async def lists() -> list[ModelInfo]:
        return [info, bare]

    house.bring("acme", lists)
    await house.one("acme")
    assert (await (await house.again()).one("acme")).models == (info, bare)


@pytest.mark.parametrize(
    ("passed", "asked"),
    [
        (0, 1),
        (167 * HOUR, 1),
        (169 * HOUR, 2),
        (-10, 1),
        # A list from the future is not believed: a clock was wrong.
        (-2 * HOUR, 2),
    ],
)
async def test_a_list_is_renewed_when_it_is_too_old(
    house: House, passed: float, asked: int
) -> None:
    house.bring("acme")
    await house.one("acme")
    house.clock[0] += passed
    await house.one("acme")
    assert len(house.asked) == asked
    await (await house.again()).one("acme")
    assert len(house.asked) == asked


async def test_how_long_a_list_is_kept_is_the_users_to_say(house: House) -> None:
    house.bring("acme", cache_hours=2.0)
    await house.one("acme")
    house.clock[0] += 1.5 * HOUR
    await house.one("acme")
    assert len(house.asked) == 1
    house.options["acme"] = ProviderOptions(cache_hours=1.0)
    await house.one("acme")
    assert len(house.asked) == 2


async def test_local_providers_are_asked_each_time(house: House) -> None:
    house.bring("here", local=True)
    await house.one("here")
    await house.one("here")
    assert house.asked == ["here", "here"]


async def test_a_refresh_asks_however_new_a_list_is(house: House) -> None:
    house.bring("acme")
    await house.one("acme")
    house.bring("acme", ["three"])
    assert names(await house.one("acme", refresh=True)) == ["three"]
    assert names(await house.one("acme")) == ["three"]


async def test_who_is_silent_keeps_nobody_and_has_its_old_list(house: House) -> None:
    for number in range(9):
        house.bring(f"quick{number}")
    for number in range(3):
        house.bring(f"mute{number}")
        await house.one(f"mute{number}")
        house.bring(f"mute{number}", never)
    chosen = [name for name in house.registry.names() if "quick" in name]
    chosen += [f"mute{number}" for number in range(3)]
    found = {
        each.provider: each for each in await house.lists.get(chosen, refresh=True)
    }
    assert len(found) == 12
    for name, each in found.items():
        assert names(each) == ["one", "two"]
        silent = "silent for 0.2 s" if "mute" in name else ""
        assert each.failure == silent
        assert each.note == (silent and f"stale: {silent}")


async def test_all_are_asked_at_the_same_time(house: House) -> None:
    together = asyncio.Barrier(12)

    async def lists() -> list[ModelInfo]:
        await together.wait()
        return []

    chosen = [f"acme{number}" for number in range(12)]
    for name in chosen:
        house.bring(name, lists)
    found = await house.lists.get(chosen)
    assert [each.failure for each in found] == [""] * 12


async def test_who_does_not_let_itself_be_stopped_is_left_behind(house: House) -> None:
    release = asyncio.Event()

    async def stubborn() -> list[ModelInfo]:
        while not release.is_set():
            try:
                await release.wait()
            except asyncio.CancelledError:
                continue
        return []

    house.bring("mule", stubborn, local=True)
    house.bring("acme")
    for _ in range(2):
        mule, acme = await house.lists.get(["mule", "acme"])
        assert mule.failure == "silent for 0.2 s"
        assert names(acme) == ["one", "two"]
    assert house.asked.count("mule") == 1
    release.set()
    await asyncio.gather(*(each.task for each in house.lists._running.values()))


async def test_an_import_does_not_count_as_the_providers_time(house: House) -> None:
    house.bring("acme")
    house.bring("mute", never)
    opening = asyncio.Event()

    async def opened() -> None:
        opening.set()
        await asyncio.sleep(0.5)

    house.registry.get("acme").load = opened  # type: ignore[method-assign]
    acme, mute = await house.lists.get(["acme", "mute"])
    assert opening.is_set()
    assert (names(acme), acme.failure) == (["one", "two"], "")
    assert mute.failure == "silent for 0.2 s"


async def test_an_import_without_end_is_left_behind(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(model_lists, "_OPENING", 0.3)
    house.bring("acme")

    async def stuck() -> None:
        await asyncio.Event().wait()

    house.registry.get("acme").load = stuck  # type: ignore[method-assign]
    acme = await house.one("acme")
    assert acme.failure == "silent for 0.3 s"
    (question,) = house.lists._running.values()
    question.task.cancel()


async def test_one_question_at_a_time_is_asked_of_each(house: House) -> None:
    gate = asyncio.Event()

    async def gated() -> list[ModelInfo]:
        await gate.wait()
        return [ModelInfo("acme", "one")]

    house.bring("acme", gated)
    both = asyncio.gather(house.one("acme"), house.one("acme", refresh=True))
    await asyncio.sleep(0)
    gate.set()
    assert [names(each) for each in await both] == [["one"], ["one"]]
    assert house.asked == ["acme"]


async def test_who_gives_up_does_not_stop_the_question(house: House) -> None:
    gate, begun = asyncio.Event(), asyncio.Event()

    async def gated() -> list[ModelInfo]:
        begun.set()
        await gate.wait()
        return [ModelInfo("acme", "one")]

    house.bring("acme", gated)
    waiting = asyncio.ensure_future(house.one("acme"))
    await begun.wait()
    waiting.cancel()
    gate.set()
    assert names(await house.one("acme")) == ["one"]
    assert house.asked == ["acme"]


async def test_who_has_failed_is_left_alone_for_a_minute(house: House) -> None:
    async def broken() -> list[ModelInfo]:
        message = "boom"
        raise ValueError(message)

    house.bring("acme", broken)
    for _ in range(2):
        assert "Unexpected ValueError" in (await house.one("acme")).failure
    assert len(house.asked) == 1
    house.clock[0] += 61
    await house.one("acme")
    assert len(house.asked) == 2
    house.bring("acme")
    assert (await house.one("acme", refresh=True)).failure == ""


@pytest.mark.parametrize(
    "listed", [None, 7, [None], ["x"], [ModelInfo("a", "x", capabilities={5})]]
)  # type: ignore[arg-type]
async def test_a_plugin_that_lists_nonsense_has_failed(
    house: House, listed: object
) -> None:
    async def nonsense() -> Any:
        return listed

    house.bring("acme", nonsense)
    assert (await house.one("acme")).failure.startswith("Unexpected ")


async def test_what_a_plugin_says_of_its_failure_is_not_repeated(
    house: House, caplog: pytest.LogCaptureFixture
) -> None:
    async def broken() -> list[ModelInfo]:
        message = "acme-sentinel-1234 and other-sentinel"
        raise ValueError(message)

    house.bring("acme", broken)
    found = await house.one("acme")
    assert "sentinel" not in repr(found)
    assert "acme cannot list its models" in caplog.text
    assert "sentinel" not in caplog.text


async def test_who_has_no_key_is_not_asked(house: House) -> None:
    house.bring("poor", key="required", key_env=("POOR_KEY",), keys_url="https://k")
    house.bring("acme", key="required", key_env=("NO_KEY", "ACME_KEY"))
    poor, acme = await house.lists.get(["poor", "acme"], refresh=True)
    assert (poor.missing, poor.hint) == ("no key", "Set POOR_KEY. Keys: https://k")
    assert poor.failure == ""
    assert names(acme) == ["one", "two"]
    assert house.asked == ["acme"]


async def test_who_is_off_is_not_asked_and_says_so_when_named(house: House) -> None:
    house.bring("acme")
    await house.one("acme")
    house.options["acme"] = ProviderOptions(enabled=False)
    every = {each.provider for each in await house.lists.known()}
    assert every
    assert "acme" not in every
    assert "acme" not in {each.provider for each in house.lists.at_hand()}
    for call in (house.lists.get, house.lists.known):
        with pytest.raises(ProviderDisabledError) as caught:
            await call(["ACME"])
        assert caught.value.hint == "%parllama providers enable acme"
    assert house.asked == ["acme"]


async def test_who_is_not_there_is_told(house: House) -> None:
    with pytest.raises(UnknownProviderError):
        await house.lists.get(["nobody"])


async def test_a_list_of_another_address_is_none_of_this_one(house: House) -> None:
    house.bring("acme", base_url="http://one/v1")
    await house.one("acme")
    house.options["acme"] = ProviderOptions(base_url="http://me:pw-sentinel@two/v1")
    next_kernel = await house.again()
    for each in (house, next_kernel):
        (found,) = await each.lists.known(["acme"])
        assert found == ModelList("acme")
    house.bring("acme", ["three"], base_url="http://one/v1")
    assert names(await house.one("acme")) == ["three"]
    assert names(await (await house.again()).one("acme")) == ["three"]
    rows = await asyncio.wrap_future(
        house.store.call(lambda c: c.execute("SELECT * FROM model_list").fetchall())
    )
    assert rows is not None
    assert "sentinel" not in repr(rows)


async def test_what_another_kernel_has_listed_is_taken_over(house: House) -> None:
    house.bring("acme")
    await house.one("acme")
    other = await house.again()
    house.clock[0] += 10
    house.bring("acme", ["three"])
    await other.one("acme", refresh=True)
    assert names(await house.one("acme")) == ["three"]


async def test_whoever_listens_hears_of_each_list(house: House) -> None:
    house.bring("acme")
    house.bring("mute", never)
    heard: list[Event] = []
    house.events.listen(MODELS, heard.append)
    await house.lists.get(["acme", "mute"])
    assert heard == [ModelsListed("acme"), ModelsListed("mute")]


# lists that no honest server gives


async def test_what_cannot_be_typed_is_left_out_and_the_rest_is_there_once(
    house: House,
) -> None:
    odd = ["", " ", "a\nb", "a\x00", "\x1b[31m", "x" * 301, " led", "\u202eevil"]
    good = ["a/b/c", "<img src=x>", "My Models/a b.gguf", "a|b", "ünï🦙", "x" * 300]
    house.bring("acme", [*odd, *good, *good])
    assert names(await house.one("acme")) == good


async def test_a_list_without_end_has_one(house: House) -> None:
    house.bring("acme", [f"m{number}" for number in range(30_000)])
    found = await house.one("acme")
    assert len(found.models) == 10_000


async def test_what_is_no_number_and_no_date_is_not_known(house: House) -> None:
    odd: Any = {
        "context_window": True,
        "size": 2**63,
        "modified": "<b>soon</b>",
        "capabilities": frozenset({"vision", "<script>", "x" * 99}),
    }

    async def lists() -> list[ModelInfo]:
        return [ModelInfo("other", "one", **odd), ModelInfo("acme", "two", size=-1)]

    house.bring("acme", lists)
    one, two = (await house.one("acme")).models
    assert one == ModelInfo("acme", "one", capabilities=frozenset({"vision"}))
    assert two == ModelInfo("acme", "two")


async def test_a_key_that_is_listed_as_a_model_is_kept_nowhere(
    house: House, tmp_path: Path
) -> None:
    house.registry.context.redact.add(Secret("ACME_KEY", "acme-sentinel-1234"))
    house.bring("acme", ["acme-sentinel-1234", "x/acme-sentinel-1234"])
    found = await house.one("acme")
    assert "sentinel" not in repr(found)
    house.store.close()
    files = written(tmp_path)
    assert b"acme" in files
    assert b"sentinel" not in files


async def test_what_the_database_should_not_hold_is_as_if_it_were_not_there(
    house: House, store: Store
) -> None:
    house.bring("acme")
    for text in ("", "7", "{}", '[["a"]]', "[[", '[["a",1,1,"x",5,1,1]]'):
        row = ("acme", "", house.clock[0], text)
        future = store.call(
            lambda connection, row=row: connection.execute(
                "INSERT OR REPLACE INTO model_list VALUES (?, ?, ?, ?)", row
            )
        )
        await asyncio.wrap_future(future)
        (found,) = await (await house.again()).lists.known(["acme"])
        assert found.models == ()
    assert names(await (await house.again()).one("acme")) == ["one", "two"]


async def test_without_a_database_lists_are_there_all_the_same(tmp_path: Path) -> None:
    store = Store(lambda: tmp_path)  # a directory
    house = make(store)
    house.bring("acme")
    for _ in range(2):
        assert names(await house.one("acme")) == ["one", "two"]
    assert house.asked == ["acme"]
    store.close()


async def test_models_are_described_beside_their_providers_word(store: Store) -> None:
    from dataclasses import replace

    async def describe(spec: Spec, models: Any) -> list[ModelInfo]:
        return [replace(info, input_price=1.5) for info in models]

    house = make(store, describe=describe)
    house.bring("acme")
    await house.one("acme")
    prices = {
        info.input_price for info in (await (await house.again()).one("acme")).models
    }
    assert prices == {1.5}


async def test_models_are_listed_though_they_cannot_be_described(store: Store) -> None:
    async def describe(spec: Spec, models: Any) -> list[ModelInfo]:
        raise ValueError

    house = make(store, describe=describe)
    house.bring("acme")
    assert names(await house.one("acme")) == ["one", "two"]


# over the wire


@pytest.fixture
async def wired(double: OpenAIDouble, store: Store) -> Any:
    options = {"openai": ProviderOptions(base_url=double.url)}
    plugins = Plugins()
    plugins.ignore_installed(PROVIDERS)
    registry = Registry(context({"OPENAI_API_KEY": "k-1"}, options=options), plugins)
    lists = ModelLists(registry, store, Events(), limit=lambda: 10.0)
    yield lists, options
    await registry.aclose()


async def test_a_real_servers_list_is_kept(wired: Any, double: OpenAIDouble) -> None:
    lists, _ = wired
    double.listed = [
        {
            "id": "a/b:free",
            "created": 1_700_000_000,
            "context_length": 8192,
            "pricing": {"prompt": "0.000002", "completion": "-1"},
        },
        {"id": "c", "created": "x", "meta": [], "pricing": {"prompt": "nan"}},
        {"id": ""},
        "no model",
        {"id": "a/b:free"},
    ]
    (found,) = await lists.get(["openai"])
    assert found.models[0].context_window == 8192
    assert found.models[0].input_price == 2.0
    assert found.models[0].output_price is None
    assert names(found) == ["a/b:free", "c"]


async def test_ten_megabytes_are_no_list(wired: Any, double: OpenAIDouble) -> None:
    lists, _ = wired
    double.listed = [{"id": f"m{number}", "x": "y" * 1000} for number in range(10_000)]
    (found,) = await lists.get(["openai"])
    assert "more than 8 MB" in found.failure
    assert found.models == ()


async def test_who_never_answers_is_silent(wired: Any, double: OpenAIDouble) -> None:
    lists, options = wired
    await lists.get(["openai"])
    lists._limit = lambda: 0.5
    options["openai"] = ProviderOptions(base_url=double.mute)
    (found,) = await lists.get(["openai"])
    assert found.failure == "silent for 0.5 s"
    # Not on this loop, which is what lets the connection go.
    assert await asyncio.to_thread(double.last.wait) == "disconnected"


@pytest.mark.parametrize("name", ["openai", "azure", "anthropic", "ollama"])
def test_a_provider_that_is_loaded_imports_nothing_to_list_its_models(
    name: str, double: OpenAIDouble, anthropic: AnthropicDouble, ollama: OllamaDouble
) -> None:
    """Else its own time would be that of the import, which takes a second."""
    servers = {"azure": double.root, "anthropic": anthropic.url, "ollama": ollama.url}
    code = """
        import asyncio, sys
        from parllama_nb.plugins import Plugins
        from parllama_nb.providers.address import SPECS
        from parllama_nb.providers.registry import Registry
        from parllama_nb.testing import context

        name, url = sys.argv[1:]
        spec = SPECS[name]
        given = context({spec.key_env[0]: "sk-1"}, {spec.url_env[0]: url})
        provider = Registry(given, Plugins()).get(name)

        async def main():
            await provider.load()
            before = {*sys.modules}
            assert await provider.models()
            new = {module.partition(".")[0] for module in {*sys.modules} - before}
            print(sorted(new & {"openai", "anthropic", "httpx", "httpx2", "ollama"}))
            await provider.aclose()

        asyncio.run(main())
    """
    done = subprocess.run(
        [
            *(sys.executable, "-c", textwrap.dedent(code)),
            *(name, servers.get(name, double.url)),
        ],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.stdout == "[]\n", done.stdout + done.stderr


def test_a_kept_list_is_given_without_any_client_library(tmp_path: Path) -> None:
    path = tmp_path / "x.db"
    row = (
        "openai",
        "https://api.openai.com/v1",
        time.time(),
        '[["gpt-5"' + ",null" * 6 + "]]",
    )
    store = Store(lambda: path)
    store.call(
        lambda c: c.execute("INSERT INTO model_list VALUES (?, ?, ?, ?)", row)
    ).result()
    store.close()
    code = """
        import asyncio, sys
        from pathlib import Path
        from parllama_nb.events import Events
        from parllama_nb.plugins import Plugins
        from parllama_nb.providers.base import ProviderContext
        from parllama_nb.model_catalog.lists import ModelLists
        from parllama_nb.providers.registry import Registry
        from parllama_nb.secret import Redactor
        from parllama_nb.store.database import Store

        context = ProviderContext(
            lambda _: None, Redactor(), lambda _: None, lambda: sys.argv[2]
        )
        store = Store(lambda: Path(sys.argv[1]))
        registry = Registry(context, Plugins())
        lists = ModelLists(registry, store, Events(), limit=lambda: 5.0)
        (found,) = asyncio.run(lists.known(["openai"]))
        print([info.id for info in found.models])
        print({"openai", "httpx", "pandas", "litellm", "ollama"} & {*sys.modules})
        store.close()
    """
    done = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(code), str(path), str(tmp_path)],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.stdout.split("\n")[:2] == ["['openai/gpt-5']", "set()"], done.stderr
