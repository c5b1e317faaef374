"""The public library: what is asked, what is kept, and what is said if that fails."""

from __future__ import annotations

import asyncio
import json
import re
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from parllama_nb.errors import (
    BadRequestError,
    ConnectionFailedError,
    InvalidResponseError,
    ModelNotFoundError,
    ProviderTimeoutError,
    RateLimitError,
    ServerError,
    UsageError,
)
from parllama_nb.local_models.library.entries import Fetched, LibraryModel
from parllama_nb.local_models.library.library import ADDRESS_VARIABLE, PublicLibrary
from parllama_nb.secret import Redactor
from tests.eventually import eventually
from tests.servers.library import LibraryDouble
from tests.servers.library_pages import CAPTIVE, LISTS, MODELS, TAGS, page

from .conftest import Libraries

HOUR = 3600.0
NAMES = [model.name for model in MODELS]


def names(found: Fetched[LibraryModel]) -> list[str]:
    return [model.name for model in found.entries]


async def test_the_whole_library_is_listed(
    library: PublicLibrary, site: LibraryDouble, clock: list[float]
) -> None:
    found = await library.search()

    assert names(found) == NAMES
    assert (found.fetched, found.note(clock[0])) == (clock[0], "")
    assert found.entries[0].url == f"https://127.0.0.1:{site.port}/library/llama9"
    assert site.paths == ["/library"]


def test_nothing_is_asked_before_a_user_does(site: LibraryDouble) -> None:
    code = (
        "import sys; from parllama_nb.local_models.library import library\n"
        "from parllama_nb.secret import Redactor\n"
        f"library.PublicLibrary(Redactor(), base_url={site.root!r})\n"
        "print([n for n in ('httpx2', 'pydantic') if n in sys.modules])"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "[]"
    assert site.requests == []


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("llama", ["llama9"]),
        ("LLAMA9", ["llama9"]),
        ("vision tools", ["seer"]),
        ("phone", ["gem4n"]),
        ("8x7b", ["seer"]),
        ("old", ["old-one"]),
        ("lama9", ["llama9"]),
        ("xyzzy", []),
    ],
)
async def test_a_query_finds_models_by_name_first_then_by_what_is_said_of_them(
    library: PublicLibrary, query: str, found: list[str]
) -> None:
    assert names(await library.search(query)) == found


async def test_models_are_found_by_what_they_are_capable_of(
    library: PublicLibrary,
) -> None:
    assert names(await library.search(capability="vision")) == ["seer"]
    assert names(await library.search("llama", capability="tools")) == ["llama9"]


async def test_a_list_is_asked_for_once_a_day(
    libraries: Libraries, site: LibraryDouble, clock: list[float]
) -> None:
    await libraries().search()
    clock[0] += 23 * HOUR
    # Another kernel has it too.
    await libraries().search("seer")
    assert len(site.requests) == 1

    clock[0] += 2 * HOUR
    await libraries().search()
    assert len(site.requests) == 2

    await libraries().search(refresh=True)
    assert len(site.requests) == 3


async def test_two_who_search_at_once_share_a_request(
    library: PublicLibrary, site: LibraryDouble
) -> None:
    found = await asyncio.gather(library.search("llama"), library.search("seer"))

    assert [names(each) for each in found] == [["llama9"], ["seer"]]
    assert len(site.requests) == 1


async def test_the_newest_are_another_list_than_the_popular(
    library: PublicLibrary, site: LibraryDouble
) -> None:
    content = page(LISTS["2026"](MODELS[::-1]))
    site.answers["/library?sort=newest"] = (200, {}, content)

    assert names(await library.search(sort="newest")) == NAMES[::-1]
    assert names(await library.search()) == NAMES


async def test_a_users_models_are_those_of_another_page(library: PublicLibrary) -> None:
    assert names(await library.search(namespace="some-user")) == ["some-user/own"]


async def test_a_user_that_is_not_there_is_said_so(library: PublicLibrary) -> None:
    with pytest.raises(ModelNotFoundError, match="has no user 'nobody'"):
        await library.search(namespace="nobody")


@pytest.mark.parametrize("namespace", ["a/b", "../etc", "a b", "ü", "x" * 99])
async def test_a_namespace_that_is_none_is_not_asked_for(
    library: PublicLibrary, site: LibraryDouble, namespace: str
) -> None:
    with pytest.raises(UsageError, match="is not the name of a user"):
        await library.search(namespace=namespace)
    assert site.requests == []


async def test_the_site_itself_searches_all_users_models_on_several_pages(
    library: PublicLibrary, site: LibraryDouble
) -> None:
    path = "/search?q=a+b&c=tools&o=popular"
    more = '<li hx-get="/search?page={}&q=a+b"></li>'
    parts = (MODELS[:2], MODELS[2:4], MODELS[4:])
    for number, models in enumerate(parts, 1):
        address = path if number == 1 else f"{path}&page={number}"
        link = more.format(number + 1) if number < 3 else ""
        site.answers[address] = (200, {}, page(LISTS["2025"](models) + link))

    found = await library.search(" a  b ", capability="tools", namespace="")

    assert names(found) == NAMES
    assert len(site.requests) == 3


async def test_pages_after_one_that_fails_are_said_to_be_missing(
    library: PublicLibrary, site: LibraryDouble
) -> None:
    more = '<a href="/library?page=2">More</a>'
    path = "/library?sort=popular"
    site.answers[path] = (200, {}, page(LISTS["2025"](MODELS) + more))
    site.answers[f"{path}&page=2"] = (503, {}, "")

    found = await library.search()

    assert names(found) == NAMES
    (unread,) = found.unread
    assert unread.startswith("the models from page 2 on (The model library:")


async def test_a_list_of_too_many_pages_is_said_to_go_on(
    library: PublicLibrary, site: LibraryDouble
) -> None:
    for number in range(1, 20):
        address = "/library?sort=popular" + f"&page={number}" * (number > 1)
        models = [replace(MODELS[0], name=f"m{number}")]
        more = f'<a href="/library?page={number + 1}">More</a>'
        site.answers[address] = (200, {}, page(LISTS["2025"](models) + more))

    found = await library.search()

    assert names(found) == [f"m{number}" for number in range(1, 11)]
    assert found.unread == ("the models from page 11 on",)


async def test_the_same_page_under_every_number_ends_the_list(
    library: PublicLibrary, site: LibraryDouble
) -> None:
    links = "".join(f'<a href="/library?page={n}">{n}</a>' for n in range(2, 99))
    site.answers["/library"] = (200, {}, page(LISTS["2025"](MODELS) + links))

    assert names(await library.search()) == NAMES
    assert len(site.requests) == 2


async def test_offline_the_kept_list_is_given_with_its_age_and_the_reason(
    libraries: Libraries, clock: list[float]
) -> None:
    with LibraryDouble() as site:
        library = libraries(base_url=site.root)
        await library.search()
    clock[0] += 50 * HOUR

    found = await library.search("llama")

    assert names(found) == ["llama9"]
    assert re.fullmatch(
        r"The model library: .*127\.0\.0\.1:\d+.*; the list is 2 d 2 h old",
        found.note(clock[0]),
    )


@pytest.mark.parametrize(
    ("status", "headers", "body", "reason"),
    [
        (503, {}, "", "it failed on its side (503)"),
        (429, {"Retry-After": "30"}, "", "too many requests"),
        (403, {"Content-Type": "text/html"}, "<html>no", "a web page refuses access"),
        (200, {"Content-Type": "text/html"}, CAPTIVE, "not Ollama's, titled 'Wi-Fi"),
        (200, {}, page("<b>New!</b>"), "without models that can be read"),
        (302, {"Location": "http://login.example/"}, "", "redirects to login.example"),
        (200, {}, "x" * (11 << 20), "more than 10 MB"),
    ],
    ids=["503", "429", "403", "captive", "redesign", "redirect", "large"],
)
async def test_a_failure_leaves_the_kept_list_and_says_why(
    libraries: Libraries,
    site: LibraryDouble,
    clock: list[float],
    status: int,
    headers: dict[str, str],
    body: str,
    reason: str,
) -> None:
    await libraries().search()
    clock[0] += 50 * HOUR
    site.answers["/library"] = (status, headers, body)

    found = await libraries().search("llama")

    assert names(found) == ["llama9"]
    assert reason in found.failure
    assert found.note(clock[0]).endswith("; the list is 2 d 2 h old")


async def test_after_a_failure_the_site_is_left_alone_for_a_while(
    libraries: Libraries, site: LibraryDouble, clock: list[float]
) -> None:
    library = libraries()
    await library.search()
    clock[0] += 50 * HOUR
    site.answers["/library"] = (503, {}, "")

    first = await library.search("l")
    clock[0] += 30
    assert await library.search("l") == first
    assert len(site.requests) == 2

    clock[0] += 31
    await library.search("l")
    assert len(site.requests) == 3

    site.answers.clear()
    found = await library.search(refresh=True)
    assert (found.failure, found.fetched) == ("", clock[0])


@pytest.mark.parametrize(
    ("status", "body", "error"),
    [
        (503, "", ServerError),
        (429, "", RateLimitError),
        (200, CAPTIVE, InvalidResponseError),
        (404, "", InvalidResponseError),
    ],
)
async def test_a_failure_without_a_kept_list_is_an_error(
    library: PublicLibrary,
    site: LibraryDouble,
    status: int,
    body: str,
    error: type[Exception],
) -> None:
    site.answers["/library"] = (status, {}, body)

    with pytest.raises(error) as caught:
        await library.search()
    assert caught.value.__context__ is None
    assert caught.value.__cause__ is None


async def test_a_site_that_cannot_be_reached_is_said_so(libraries: Libraries) -> None:
    library = libraries(base_url="http://127.0.0.1:9")

    with pytest.raises(ConnectionFailedError, match="no connection to"):
        await library.search()


async def test_a_silent_site_gets_a_limited_time(
    libraries: Libraries, site: LibraryDouble
) -> None:
    site.silent.add("/library")

    with pytest.raises(ProviderTimeoutError, match=r"no answer within 0\.3 s"):
        await libraries(limit=0.3).search()
    assert site.last.wait() == "disconnected"


async def test_a_page_that_breaks_off_is_no_list(
    library: PublicLibrary, site: LibraryDouble
) -> None:
    site.halves.add("/library")

    with pytest.raises(ConnectionFailedError, match="closed the connection"):
        await library.search()


async def test_a_search_that_is_cancelled_ends_its_request(
    library: PublicLibrary, site: LibraryDouble
) -> None:
    site.silent.add("/library")
    task = asyncio.create_task(library.search())
    await asyncio.to_thread(eventually, lambda: site.requests)
    task.cancel()

    with pytest.raises(asyncio.CancelledError):
        await task
    assert await asyncio.to_thread(site.last.wait) == "disconnected"


async def test_no_cookie_and_no_key_are_sent_and_the_agent_is_plain(
    libraries: Libraries, site: LibraryDouble, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OLLAMA_API_KEY", "sntnl-key-1234567890")
    address = site.root.replace("://", "://somebody:sntnl-password@")
    library = libraries(base_url=address)
    await library.search()
    await library.tags("llama9")

    assert len(site.requests) == 2
    for request in site.requests:
        assert "cookie" not in request.headers
        assert "authorization" not in request.headers
        assert request.headers["user-agent"] == "parllama_nb"


async def test_a_redirect_on_the_same_host_is_followed(
    library: PublicLibrary, site: LibraryDouble
) -> None:
    site.answers["/library"] = (303, {"Location": "/search?q="}, "")

    assert names(await library.search()) == NAMES


async def test_a_redirect_to_itself_ends(
    library: PublicLibrary, site: LibraryDouble
) -> None:
    site.answers["/library"] = (302, {"Location": "/library"}, "")

    with pytest.raises(InvalidResponseError, match="more than 5 redirects"):
        await library.search()


@pytest.mark.parametrize("address", ["file:///etc", "http://[", "ollama.com", "http:"])
async def test_what_is_no_address_of_a_site_is_not_asked(
    libraries: Libraries, address: str
) -> None:
    with pytest.raises(BadRequestError, match="only addresses with http"):
        await libraries(base_url=address).search()


@pytest.mark.parametrize("to", ["http://[", "mailto:a@b", "//", "https:///x"])
async def test_a_redirect_to_what_is_no_address_is_not_followed(
    library: PublicLibrary, site: LibraryDouble, to: str
) -> None:
    site.answers["/library"] = (302, {"Location": to}, "")

    with pytest.raises(InvalidResponseError):
        await library.search()
    assert len(site.requests) <= 5


async def test_the_environment_names_another_site(
    libraries: Libraries, site: LibraryDouble, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(ADDRESS_VARIABLE, f"{site.root}/")

    assert names(await libraries(base_url=None).search()) == NAMES


async def test_a_proxy_that_cannot_be_used_is_named_without_its_password(
    libraries: Libraries, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HTTPS_PROXY", "ftp://me:sntnl-proxy-password@proxy:1")
    redact = Redactor()

    with pytest.raises(ConnectionFailedError, match="HTTPS_PROXY") as caught:
        await libraries(base_url="https://ollama.test", redact=redact).search()
    assert "sntnl" not in str(caught.value)


async def test_the_tags_of_a_model_are_listed_and_kept(
    library: PublicLibrary, site: LibraryDouble
) -> None:
    found = await library.tags("Llama9:anything")
    await library.tags("https://ollama.com/library/llama9")

    assert [tag.name.lower() for tag in found.entries] == [
        tag.name.lower() for tag in TAGS
    ]
    assert found.entries[2].inputs == ("text", "image")
    assert site.paths[-1] == "/library/llama9/tags"


async def test_a_model_that_is_not_there_is_told_with_near_ones(
    library: PublicLibrary,
) -> None:
    with pytest.raises(ModelNotFoundError, match="has no model 'lama9'") as caught:
        await library.tags("lama9")
    assert caught.value.hint == "Near it: llama9."


async def test_models_of_other_registries_have_no_list_of_tags(
    library: PublicLibrary,
) -> None:
    with pytest.raises(UsageError, match=r"hf\.co has no list of tags"):
        await library.tags("hf.co/user/repo")


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"{",
        b"[]",
        b"\xff\xfe",
        b'{"version": 99}',
        b'{"version":1,"key":"other","fetched":9e99,"unread":[],"entries":[]}',
        b'{"version":1,"key":"%","fetched":1,"unread":[],"entries":[{"model":7}]}',
    ],
)
async def test_a_damaged_file_is_as_one_that_is_missing(
    libraries: Libraries, site: LibraryDouble, tmp_path: Path, content: bytes
) -> None:
    await libraries().search()
    (path,) = (tmp_path / "library").glob("*.json")
    key = json.loads(path.read_bytes())["key"]
    path.write_bytes(content.replace(b"%", key.encode()))

    assert names(await libraries().search()) == NAMES
    assert len(site.requests) == 2


async def test_a_library_that_cannot_be_kept_is_still_read(
    libraries: Libraries, tmp_path: Path
) -> None:
    file = tmp_path / "file"
    file.touch()

    found = await libraries(folder=lambda: file / "library").search()
    assert names(found) == NAMES


async def test_a_list_from_the_future_is_asked_for_anew(
    libraries: Libraries, site: LibraryDouble, clock: list[float]
) -> None:
    await libraries().search()
    clock[0] -= 400 * 24 * HOUR
    await libraries().search()

    assert len(site.requests) == 2
