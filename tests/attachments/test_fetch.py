"""Files of the network, from real servers of this machine.

One that stands for a public server listens on 127.0.0.2, which alone is allowed.
"""

from __future__ import annotations

import asyncio
import re
import sys
from pathlib import Path

import pytest

from parllama_nb.attachments.addresses.fetch import Fetcher, is_address, name_in
from parllama_nb.attachments.addresses.guard import Guard, IpAddress, is_public
from parllama_nb.errors import (
    BadRequestError,
    ConnectionFailedError,
    InvalidResponseError,
    ParllamaError,
    ProviderTimeoutError,
    StreamInterruptedError,
    UsageError,
)
from parllama_nb.events import Progress

from .file_server import HOST, FileServer, certificate
from .files import png

pytestmark = pytest.mark.skipif(
    sys.platform != "linux", reason="127.0.0.2 has to be set up elsewhere"
)


def allows(address: IpAddress) -> bool:
    return str(address) == HOST or is_public(address)


async def everything_is_there(host: str, port: int) -> list[str]:
    """Resolve every name to the server of the test."""
    return [HOST]


def fetcher(**limits: float) -> Fetcher:
    return Fetcher(Guard(allows, everything_is_there), **limits)


async def refused(url: str, largest: int = 10_000, **limits: float) -> ParllamaError:
    own = Fetcher(Guard(allows), **limits)
    with pytest.raises(ParllamaError) as caught:
        await own.fetch(url, largest)
    assert caught.value.__cause__ is caught.value.__context__ is None
    assert "\n" not in str(caught.value)
    return caught.value


async def test_a_file_is_fetched_and_its_name_is_that_of_the_address() -> None:
    shown: list[Progress] = []
    async with FileServer({"/a/my%20chart.png": png()}) as server:
        url = f"http://pictures.test:{server.port}/a/my%20chart.png?size=3"
        found = await fetcher().fetch(url, 10_000, shown.append)

    assert (found.name, found.data, found.url) == ("my_chart.png", png(), url)
    head = server.requests[0]
    assert head.startswith("GET /a/my%20chart.png?size=3 HTTP/1.1")
    # The host is named, though the connection went to an address that was checked.
    assert f"Host: pictures.test:{server.port}" in head
    assert not re.search("cookie|authorization|referer", head, re.IGNORECASE)
    assert shown[-1].done == shown[-1].total == len(png())


async def test_a_name_that_resolves_to_another_place_the_next_time_gains_nothing() -> (
    None
):
    answers = [[HOST], ["127.0.0.1"]]

    async def rebinding(host: str, port: int) -> list[str]:
        return answers.pop(0)

    async with FileServer({"/": png()}) as server:
        own = Fetcher(Guard(allows, rebinding))
        found = await own.fetch(f"http://rebinding.test:{server.port}/", 10_000)

    assert found.data == png()
    assert len(answers) == 1  # asked once, and connected to what it said


async def test_over_tls_the_certificate_has_to_be_that_of_the_host(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    context, trusted = certificate(tmp_path, "pictures.test")
    monkeypatch.setenv("SSL_CERT_FILE", str(trusted))
    async with FileServer({"/": png()}, context=context) as server:
        port = server.port
        found = await fetcher().fetch(f"https://pictures.test:{port}/", 10_000)
        assert found.data == png()
        with pytest.raises(ConnectionFailedError):
            await fetcher().fetch(f"https://others.test:{port}/", 10_000)


async def test_a_redirect_to_this_machine_is_refused_with_words() -> None:
    async with (
        FileServer({"/secret": b"secret"}, "127.0.0.1") as inner,
        FileServer({"/a.png": f"{inner.url}/secret"}) as outer,
    ):
        error = await refused(f"{outer.url}/a.png")

    assert isinstance(error, UsageError)
    assert error.message == (
        "127.0.0.1 is this machine or on a private network: it is not fetched."
    )
    assert error.hint == "Download the file yourself, and name its path."
    assert len(outer.requests) == 1
    assert inner.requests == []


@pytest.mark.parametrize(
    ("target", "says"),
    [
        ("http://localhost:{port}/", "not fetched"),
        ("http://169.254.169.254/latest/meta-data/", "not fetched"),
        ("http://[::1]:{port}/", "not fetched"),
        ("http://[::ffff:127.0.0.1]:{port}/", "not fetched"),
        ("http://2130706433:{port}/", "not fetched"),
        ("//127.0.0.1:{port}/", "not fetched"),
        ("file:///etc/passwd", "an address with file:"),
        ("ftp://example.com/a", "an address with ftp:"),
        ("gopher://127.0.0.1:{port}/", "an address with gopher:"),
        ("http://user:secret@example.com/", "an address with a password"),
        ("", "no address"),
        ("http://[", "no address"),
    ],
)
async def test_a_redirect_to_what_may_not_be_asked_is_refused(
    target: str, says: str
) -> None:
    async with FileServer({"/": b""}, "127.0.0.1") as inner:
        where = target.format(port=inner.port)
        async with FileServer({"/a": where}) as outer:
            error = await refused(f"{outer.url}/a")

    assert says in error.message
    assert "secret" not in str(error)
    assert inner.requests == []


async def test_redirects_are_followed_without_cookies_and_not_for_ever() -> None:
    async with FileServer({"/a": "/b", "/b": "/c", "/c": png(), "/o": "/o"}) as server:
        found = await fetcher().fetch(f"{server.url}/a", 10_000)
        assert found.url == f"{server.url}/c"
        assert not any("ookie" in each for each in server.requests)
        server.requests.clear()
        error = await refused(f"{server.url}/o")

    assert isinstance(error, InvalidResponseError)
    assert "more than 5 redirects" in error.message
    assert len(server.requests) == 6


@pytest.mark.parametrize(
    ("url", "says"),
    [
        ("http://user:secret@127.0.0.2/", "with a password"),
        ("http:///a", "not an address"),
        ("https://[::1", "not an address"),
        ("http://a.test:99999/", "not an address"),
        ("http://a.test:0/", "not an address"),
        ("http://ä.test/", "not an address"),
        ("http://a b.test/", "not an address"),
        ("http://a.test\\@127.0.0.1/", "not an address"),
    ],
)
async def test_what_is_no_address_is_refused_before_anything_is_asked(
    url: str, says: str
) -> None:
    error = await refused(url)

    assert isinstance(error, BadRequestError)
    assert says in error.message
    assert "secret" not in str(error)


async def endless(writer: asyncio.StreamWriter) -> None:
    writer.write(b"HTTP/1.1 200 OK\r\n\r\n")
    while True:
        writer.write(b"x" * 10_000)
        await writer.drain()


async def silent(writer: asyncio.StreamWriter) -> None:
    await asyncio.Event().wait()


async def stalling(writer: asyncio.StreamWriter) -> None:
    writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nabc")
    await writer.drain()
    await asyncio.Event().wait()


async def dripping(writer: asyncio.StreamWriter) -> None:
    writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 9999\r\n\r\n")
    while True:
        writer.write(b".")
        await writer.drain()
        await asyncio.sleep(0.05)


def short(writer: asyncio.StreamWriter) -> None:
    writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nabc")


def no_http(writer: asyncio.StreamWriter) -> None:
    writer.write(b"SSH-2.0-OpenSSH_9.6\r\n")


def large(writer: asyncio.StreamWriter) -> None:
    writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 999999999\r\n\r\n")


@pytest.mark.parametrize(
    ("answer", "kind", "says"),
    [
        (endless, UsageError, "file has more than 10.0 kB, which is the limit"),
        (large, UsageError, "file has more than 10.0 kB, which is the limit"),
        (silent, ProviderTimeoutError, "no answer after 0.4 s"),
        (stalling, ProviderTimeoutError, "silent for 0.4 s after 3 B"),
        (dripping, ProviderTimeoutError, "not complete after 1.5 s"),
        (short, StreamInterruptedError, "the file broke off after 3 B"),
        (no_http, ParllamaError, "127.0.0.2"),
    ],
)
async def test_a_server_that_misbehaves_is_one_clear_error(
    answer: object, kind: type[ParllamaError], says: str
) -> None:
    async with FileServer({"/file": answer}) as server:  # type: ignore[dict-item]
        error = await refused(f"{server.url}/file", stall=0.4, longest=1.5)

    assert isinstance(error, kind)
    assert says in error.message


async def test_a_status_and_a_closed_port_are_clear_errors() -> None:
    async with FileServer({}) as server:
        missing = await refused(f"{server.url}/none?key=secret")
    closed = await refused(f"{server.url}/")

    assert "there is no such file (404)" in missing.message
    assert "secret" not in str(missing)
    assert isinstance(closed, ConnectionFailedError)


async def test_the_proxy_of_the_environment_is_not_used(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async with (
        FileServer({}, "127.0.0.1") as proxy,
        FileServer({"/": png()}) as server,
    ):
        for name in ("http_proxy", "HTTPS_PROXY", "ALL_PROXY"):
            monkeypatch.setenv(name, proxy.url)
        found = await fetcher().fetch(f"http://a.test:{server.port}/", 10_000)

    assert found.data == png()
    assert proxy.requests == []
    with pytest.raises(ConnectionFailedError) as caught:
        await fetcher().fetch(f"http://a.test:{server.port}/", 10_000)
    assert caught.value.hint
    assert "http_proxy is not used for attachments" in caught.value.hint


async def test_a_cancel_ends_the_connection() -> None:
    gone = asyncio.Event()

    async def waits(writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 900\r\n\r\nabc")
        try:
            while True:
                await writer.drain()
                await asyncio.sleep(0.01)
                writer.write(b".")
        except OSError:
            gone.set()

    begun = asyncio.Event()
    async with FileServer({"/": waits}) as server:
        fetching = asyncio.ensure_future(
            fetcher().fetch(f"{server.url}/", 1_000, lambda _: begun.set())
        )
        await begun.wait()
        fetching.cancel()
        with pytest.raises(asyncio.CancelledError):
            await fetching
        await gone.wait()


@pytest.mark.parametrize(
    ("url", "name"),
    [
        ("https://a.test/b/c.png?d=e#f", "c.png"),
        ("https://a.test/", "a.test"),
        ("https://a.test/..%2F..%2Fetc%2Fpasswd", ".._.._etc_passwd"),
        ("https://a.test/a%0Ab%00c.png", "a_b_c.png"),
        ("https://a.test/" + "x" * 300 + ".png", "x" * 76 + ".png"),
    ],
)
def test_the_name_of_a_file_is_the_end_of_its_address(url: str, name: str) -> None:
    assert name_in(url) == name
    assert is_address(url)
