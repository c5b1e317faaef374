"""The prompt library in a real database."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from parllama_nb.application import Parllama
from parllama_nb.chats.question import Question
from parllama_nb.errors import FieldError, UsageError
from parllama_nb.events import PROMPTS
from parllama_nb.prompting.library import deletion, search
from parllama_nb.prompting.library.merging import Candidate
from parllama_nb.prompting.library.prompt import Prompt
from parllama_nb.prompting.library.rendering import PromptVersion, render
from parllama_nb.prompting.library.variables import Variable
from parllama_nb.providers.messages import Message
from parllama_nb.store.database import written
from parllama_nb.vaults.errors import VaultLockedError

from ...own_app import own_app, scripted
from ...vaults.weak import PASSWORD, weak_policy

SECRET = "sentinel words of nobody else"


@pytest.fixture
def app() -> Iterator[Parllama]:
    with own_app() as app:
        app.vault.policy = weak_policy()
        yield app


def prompt(name: str = "brief", text: str = "Be brief.", **fields: object) -> Prompt:
    return Prompt(name, (Message.of("system", text),), **fields)  # type: ignore[arg-type]


def add(app: Parllama, *prompts: Prompt) -> None:
    for each in prompts:
        app.runtime.run(app.prompts.add(each))


def names(app: Parllama, query: str = "", **limits: object) -> list[str]:
    found = app.runtime.run(app.prompts.find(query, **limits))  # type: ignore[arg-type]
    return [row.name for row in found.rows]


def offer(app: Parllama, *prompts: Prompt, source: str = "far") -> list[Candidate]:
    return app.runtime.run(app.prompts.compare(prompts, source))


def take(app: Parllama, *chosen: Candidate) -> tuple[tuple[str, ...], ...]:
    done = app.runtime.run(app.prompts.take(chosen, lambda _: None))
    return done.added, done.updated, done.beside


def test_a_prompt_is_read_back_as_it_was_written(app: Parllama) -> None:
    whole = prompt(
        description="Short.",
        tags=("a", "b"),
        variables=(Variable("lang", "en", "Which"), Variable("x")),
        model="ollama/llama3.2",
        submit=True,
    )
    add(app, whole)

    read = app.runtime.run(app.prompts.get("BRIEF"))

    assert read == whole
    assert read.version == 1


def test_a_name_is_taken_whatever_its_case(app: Parllama) -> None:
    add(app, prompt())
    with pytest.raises(FieldError, match="already") as caught:
        add(app, prompt("BRIEF"))
    assert caught.value.field == "name"


def test_an_unknown_name_offers_the_nearest(app: Parllama) -> None:
    with pytest.raises(UsageError) as caught:
        app.runtime.run(app.prompts.get("brief"))
    assert caught.value.hint is not None
    assert "import fabric" in caught.value.hint
    add(app, prompt())
    with pytest.raises(UsageError) as caught:
        app.runtime.run(app.prompts.get("breif"))
    assert caught.value.hint == "Did you mean brief?"


def test_each_change_is_a_version_that_can_be_read_and_brought_back(
    app: Parllama,
) -> None:
    run, library = app.runtime.run, app.prompts
    add(app, prompt(text="one"))
    run(library.save("brief", prompt(text="two")))
    run(library.save("brief", prompt(text="two")))  # as before
    run(library.save("brief", prompt("short", text="two")))  # only the name

    assert [each.version for each in run(library.versions("short"))] == [2, 1]
    assert run(library.get("short", 1)).system == "one"
    assert run(library.revert("short", 1)).version == 3
    assert run(library.get("short")).system == "one"
    with pytest.raises(UsageError, match="no version 9"):
        run(library.get("short", 9))


def test_a_failed_save_changes_nothing(app: Parllama) -> None:
    add(app, prompt(), prompt("other"))
    with pytest.raises(FieldError, match="already"):
        app.runtime.run(app.prompts.save("brief", prompt("other", text="new")))
    assert app.runtime.run(app.prompts.get("brief")).system == "Be brief."
    assert app.runtime.run(app.prompts.row("brief")).version == 1


def test_a_deleted_prompt_comes_back_with_its_versions(app: Parllama) -> None:
    run, library = app.runtime.run, app.prompts
    add(app, prompt(text="one"), prompt("other"))
    run(library.save("brief", prompt(text="two")))

    assert run(library.delete(["brief", "OTHER"])) == ["brief", "other"]
    assert names(app) == names(app, "one") == []
    with pytest.raises(UsageError):
        run(library.delete(["brief"]))
    add(app, prompt(text="three"))

    assert run(library.restore(["brief"])) == ["brief (restored)"]
    assert run(library.get("brief (restored)", 1)).system == "one"
    with pytest.raises(UsageError, match="lately"):
        run(library.restore(["brief"]))


def test_none_is_deleted_if_one_does_not_exist(app: Parllama) -> None:
    add(app, prompt())
    with pytest.raises(UsageError, match="no prompt 'bref'"):
        app.runtime.run(app.prompts.delete(["brief", "bref"]))
    assert names(app) == ["brief"]


def test_a_copy_has_a_name_of_its_own(app: Parllama) -> None:
    add(app, prompt())
    run = app.runtime.run
    assert run(app.prompts.duplicate("brief")).name == "brief (copy)"
    assert run(app.prompts.duplicate("brief")).name == "brief (copy 2)"


@pytest.fixture(params=["fts5", "no fts5"])
def _index(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    if request.param != "fts5":
        monkeypatch.setattr(search, "_indexable", lambda _connection: False)


@pytest.mark.usefixtures("_index")
def test_search_finds_names_first_and_then_texts(app: Parllama) -> None:
    add(
        app,
        prompt("write tests", "for pytest"),
        prompt("summarize", "Make it short: sums."),
        prompt("totals", "Give SUMS of columns"),
        prompt("checksum", "Hash a file"),
        prompt("über", "Ärger 100% of_it"),
    )
    assert names(app, "sum") == ["summarize", "checksum", "totals"]
    assert names(app, "short sums") == ["summarize"]
    assert names(app, "ÜBER") == ["über"]
    assert names(app, "%") == names(app, "_") == names(app, "\\") == []
    assert names(app, "nowhere") == names(app, '"') == []
    assert names(app, "s", limit=1) == ["summarize"]


@pytest.mark.usefixtures("_index")
def test_search_knows_of_every_change(app: Parllama) -> None:
    run, library = app.runtime.run, app.prompts
    add(app, prompt(text="apples"))
    assert names(app, "apple") == ["brief"]
    run(library.save("brief", prompt(text="pears")))
    assert (names(app, "apple"), names(app, "pear")) == ([], ["brief"])
    run(library.revert("brief", 1))
    assert (names(app, "apple"), names(app, "pear")) == (["brief"], [])
    run(library.delete(["brief"]))
    assert names(app, "apple") == []
    run(library.restore(["brief"]))
    assert names(app, "apple") == ["brief"]


def test_a_list_can_be_limited(app: Parllama) -> None:
    run, library = app.runtime.run, app.prompts
    add(
        app,
        prompt("a", tags=("x", "y")),
        prompt("b", tags=("X",), source="fabric"),
        prompt("c"),
    )
    run(library.set_favourite("c", favourite=True))

    assert names(app) == ["c", "a", "b"]
    assert names(app, favourites=True) == ["c"]
    assert names(app, tags=["x"]) == ["a", "b"]
    assert names(app, tags=["x", "y"]) == ["a"]
    assert names(app, source="fabric") == ["b"]
    assert names(app, offset=1, limit=1) == ["a"]
    assert run(library.find(limit=1)).total == 3
    assert run(library.tags()) == {"X": 1, "x": 1, "y": 1}


def test_every_change_is_told_in_this_kernel(app: Parllama) -> None:
    told: list[object] = []
    app.events.listen(PROMPTS, told.append)
    add(app, prompt())
    app.runtime.run(app.prompts.count_use("BRIEF"))
    assert len(told) == 2
    assert app.runtime.run(app.prompts.row("brief")).uses == 1


def traces(home: Path) -> list[str]:
    return [
        path.name
        for path in home.rglob("*")
        if path.is_file() and SECRET.encode() in path.read_bytes()
    ]


def test_no_file_holds_the_text_of_an_encrypted_prompt(
    app: Parllama, home: Path
) -> None:
    run, library = app.runtime.run, app.prompts
    app.vault.create(PASSWORD)
    words = prompt(text=SECRET, description=f"All {SECRET}", tags=(SECRET,))
    add(app, words)
    assert names(app, "sentinel") == ["brief"]
    run(library.save("brief", prompt(text=f"{SECRET} again", tags=(SECRET,))))
    assert traces(home)

    run(library.encrypt("brief"))
    run(library.save("brief", prompt(text=f"{SECRET} thrice", description=SECRET)))

    assert traces(home) == []
    assert names(app, "sentinel") == []
    row = run(library.row("brief"))
    assert (row.encrypted, row.description, row.tags) == (True, "", ())
    assert run(library.get("brief", 1)).description == f"All {SECRET}"


def test_a_locked_vault_keeps_an_encrypted_prompt_and_says_so(app: Parllama) -> None:
    run, library = app.runtime.run, app.prompts
    app.vault.create(PASSWORD)
    add(app, prompt(text=SECRET, source="far"))
    run(library.encrypt("brief"))
    app.vault.lock()

    for work in (
        library.get("brief"),
        library.save("brief", prompt(text="new")),
        library.decrypt("brief"),
    ):
        with pytest.raises(VaultLockedError):
            run(work)
    with pytest.raises(UsageError, match="encrypted"):
        run(library.duplicate("brief"))
    assert names(app) == ["brief"]

    app.vault.unlock(PASSWORD)
    run(library.decrypt("brief"))
    assert run(library.get("brief")).system == SECRET
    assert names(app, "sentinel") == ["brief"]


def test_an_import_says_what_is_new_changed_edited_and_taken(app: Parllama) -> None:
    add(app, prompt("mine", "my own"))
    first = offer(app, *(prompt(n, f"{n} 1") for n in ("kept", "edited", "new")))
    assert {each.state for each in first} == {"new"}
    assert take(app, *first) == (("kept", "edited", "new"), (), ())
    app.runtime.run(app.prompts.save("edited", prompt("edited", "my words")))
    app.runtime.run(app.prompts.rename("kept", "renamed"))

    again = offer(app, *(prompt(n, f"{n} 1") for n in ("kept", "edited", "new")))
    later = offer(
        app,
        prompt("kept", "kept 2"),
        prompt("edited", "edited 2"),
        prompt("new", "new 1"),
        prompt("mine", "theirs"),
    )

    assert [each.state for each in again] == ["same", "same", "same"]
    assert [each.state for each in later] == ["changed", "edited", "same", "taken"]
    assert [each.chosen for each in later] == [True, False, False, False]
    assert later[1].current is not None
    assert later[1].current.system == "my words"


def test_an_import_never_overwrites_what_the_user_wrote(app: Parllama) -> None:
    run, library = app.runtime.run, app.prompts
    add(app, prompt("mine", "my own"))
    take(app, *offer(app, prompt("a", "a 1"), prompt("b", "b 1")))
    run(library.save("a", prompt("a", "my words")))

    later = offer(app, prompt("a", "a 2"), prompt("b", "b 2"), prompt("mine", "theirs"))

    assert take(app, *later) == ((), ("b",), ("a (far)", "mine (far)"))
    assert run(library.get("a")).system == "my words"
    assert run(library.get("a (far)")).system == "a 2"
    assert run(library.get("b")).system == "b 2"
    assert run(library.get("b", 1)).system == "b 1"
    assert run(library.get("mine")).system == "my own"
    same = offer(app, prompt("a", "a 2"), prompt("b", "b 2"), prompt("mine", "theirs"))
    assert [each.state for each in same] == ["same", "same", "same"]


def test_an_encrypted_prompt_is_not_overwritten_by_an_import(app: Parllama) -> None:
    app.vault.create(PASSWORD)
    take(app, *offer(app, prompt("a", "a 1")))
    app.runtime.run(app.prompts.encrypt("a"))
    app.vault.lock()

    (candidate,) = offer(app, prompt("a", "a 2"))

    assert (candidate.state, candidate.chosen) == ("edited", False)
    assert take(app, candidate) == ((), (), ("a (far)",))


def test_a_cancelled_import_leaves_nothing(app: Parllama) -> None:
    chosen = offer(app, *(prompt(f"p{n}", f"text {n}") for n in range(50)))

    async def cancel() -> None:
        reached, loop = asyncio.Event(), asyncio.get_running_loop()

        def report(count: int) -> None:
            if count == 10:
                loop.call_soon_threadsafe(reached.set)
                asyncio.run_coroutine_threadsafe(asyncio.sleep(0.1), loop).result()

        task = asyncio.ensure_future(app.prompts.take(chosen, report))
        await reached.wait()
        task.cancel()
        await asyncio.wait([task])
        assert task.cancelled()

    app.runtime.run(cancel())

    assert names(app) == []


def test_an_answer_knows_the_version_that_asked(app: Parllama) -> None:
    fake = scripted(app, ["Answer."])
    app.model = "fake/scripted"
    add(app, prompt("brief", "old"))
    app.runtime.run(app.prompts.save("brief", prompt("brief", "Say {{word}}")))
    asked = render(app.runtime.run(app.prompts.get("brief")), {})
    ask: Callable[..., object] = lambda question: app.jobs.start(  # noqa: E731
        "ask", lambda job: app.sessions.ask(question, job)
    ).result()

    answer = ask(Question("Hi", library_prompt=asked, conversation="talk"))
    again = ask(Question(None, replaces=1, conversation="talk"))

    version = PromptVersion("brief", 2)
    assert answer.library_prompt == again.library_prompt == version  # type: ignore[attr-defined]
    assert "prompt brief v2" in answer.footer  # type: ignore[attr-defined]
    (turn,) = app.runtime.run(app.chats.turns("talk"))
    assert turn.library_prompt == version
    assert [each.text for each in fake.requests[-1].messages] == ["Say {{word}}", "Hi"]


def test_search_takes_any_word(app: Parllama) -> None:
    add(app, prompt("sum_up", "Write my_long_name and \u19b0x"), prompt("other"))
    for query in ("sum_up", "my_long", "_", "a__b", "name_", "(", "*", "a\u19b0b"):
        names(app, query)
    assert names(app, "my_long_name") == ["sum_up"]


def test_tags_are_compared_without_regard_to_case(app: Parllama) -> None:
    add(app, prompt("a", tags=("\u00c4rger",)))
    assert names(app, tags=["\u00e4rger"]) == ["a"]


def test_an_import_does_not_bring_back_what_was_deleted(app: Parllama) -> None:
    run, library = app.runtime.run, app.prompts
    theirs = (prompt("a", "a 1"), prompt("b", "b 1"))
    take(app, *offer(app, *theirs))
    run(library.delete(["a"]))

    first = offer(app, *theirs)
    assert [each.state for each in first] == ["deleted", "same"]
    assert not any(each.chosen for each in first)
    assert take(app, first[0]) == (("a",), (), ())
    assert [each.state for each in offer(app, *theirs)] == ["same", "same"]

    # What is imported again has the place in the source, not what is restored.
    assert run(library.restore(["a"])) == ["a (restored)"]
    run(library.save("a", prompt("a", "mine")))
    (later,) = offer(app, prompt("a", "a 2"))
    assert (later.state, later.current and later.current.name) == ("edited", "a")


def test_what_was_deleted_long_ago_is_gone_and_stays_deleted(
    app: Parllama, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run, library = app.runtime.run, app.prompts
    take(app, *offer(app, prompt("a", SECRET)))
    add(app, prompt("mine", SECRET), prompt("other"))
    run(library.delete(["a", "mine"]))
    monkeypatch.setattr(deletion, "KEPT_DAYS", -1)

    for name in ("a", "mine"):
        with pytest.raises(UsageError, match="lately"):
            run(library.restore([name]))
    run(library.count_use("other"))
    app.runtime.run(written(app.store.purge()))

    assert traces(home) == []
    assert [each.state for each in offer(app, prompt("a", SECRET))] == ["deleted"]


def test_a_deleted_name_says_how_it_is_restored(app: Parllama) -> None:
    run, library = app.runtime.run, app.prompts
    add(app, prompt("two words"))
    run(library.delete(["two  words"]))
    with pytest.raises(UsageError) as caught:
        run(library.get("two words"))
    assert caught.value.hint == (
        'It was deleted. To undo that: %parllama prompts restore "two words"'
    )
    assert run(library.restore(["Two   words"])) == ["two words"]


def test_importing_what_is_there_changes_nothing(app: Parllama) -> None:
    take(app, *offer(app, prompt("a", "a 1")))
    assert take(app, *offer(app, prompt("a", "a 1"))) == ((), (), ())
    assert names(app) == ["a"]


def test_what_was_edited_since_it_was_compared_is_not_overwritten(
    app: Parllama,
) -> None:
    run, library = app.runtime.run, app.prompts
    take(app, *offer(app, prompt("a", "a 1"), prompt("b", "b 1")))
    changed = offer(app, prompt("a", "a 2"), prompt("b", "b 2"))
    run(library.save("a", prompt("a", "my words")))
    run(library.rename("b", "renamed"))

    assert take(app, *changed) == (("b",), (), ("a (far)",))
    assert run(library.get("a")).system == "my words"
    assert run(library.get("a (far)")).system == "a 2"
    again = offer(app, prompt("a", "a 2"), prompt("b", "b 2"))
    assert [each.state for each in again] == ["same", "same"]


def test_what_is_imported_beside_has_its_own_name_if_that_is_free(
    app: Parllama,
) -> None:
    run, library = app.runtime.run, app.prompts
    take(app, *offer(app, prompt("a", "a 1")))
    run(library.rename("a", "mine"))
    run(library.save("mine", prompt("mine", "my words")))
    assert take(app, *offer(app, prompt("a", "a 2"))) == ((), (), ("a",))


def test_two_imports_at_once_make_no_copies(app: Parllama) -> None:
    theirs = (prompt("a", "a 1"), prompt("b", "b 1"))
    first, second = offer(app, *theirs), offer(app, *theirs)
    assert take(app, *first) == (("a", "b"), (), ())
    assert take(app, *second) == ((), (), ())
    changed, again = offer(app, prompt("a", "a 2")), offer(app, prompt("a", "a 2"))
    assert take(app, *changed) == ((), ("a",), ())
    assert take(app, *again) == ((), (), ())
    assert names(app) == ["a", "b"]
