"""One file from a public address, into memory.

No cookie, no key and no password is sent. The proxies of the environment are not used:
a proxy resolves names itself and has a network of its own, so that nothing of what was
checked would hold.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator, Callable
from http import HTTPStatus
from typing import TYPE_CHECKING
from urllib.parse import unquote, urlsplit, urlunsplit

from ...errors import (
    BadRequestError,
    ConnectionFailedError,
    InvalidResponseError,
    ParllamaError,
    ProviderError,
    ProviderTimeoutError,
    StreamInterruptedError,
    UsageError,
)
from ...events import Progress
from ...prompting.sources.download_errors import redirected, refusal
from ...providers.http.endpoint import Endpoint, FailedCall
from ...providers.http.failures import Failures
from ...providers.http.network import proxy_for
from ...redaction.logs import redact_logs
from ...secret import Redactor, Secret
from ...sizes import size_in_words
from .guard import Guard

if TYPE_CHECKING:
    import httpx2

__all__ = ["Fetched", "Fetcher", "is_address", "name_in"]

_FAILURES = Failures("httpx2", {})
_REDIRECTS = (301, 302, 303, 307, 308)
_MOST_REDIRECTS = 5
_ADDRESS = re.compile(r"https?://", re.IGNORECASE)
_ODD = re.compile(r"[\x00-\x20\x7f-\x9f/\\]+")
_LONGEST_NAME = 80
_PORTS = {"http": 80, "https": 443}
_BY_HAND = "Download the file yourself, and name its path."


def is_address(text: str) -> bool:
    """Whether a text is an address that can be fetched."""
    return _ADDRESS.match(text) is not None


def name_in(url: str) -> str:
    """Return how a file at an address is called."""
    parts = urlsplit(url)
    last = _ODD.sub("_", unquote(parts.path.rstrip("/").rpartition("/")[2]))
    return last[-_LONGEST_NAME:] or parts.hostname or "file"


class Fetched:
    """A file that was fetched; `url` is where it was, after all redirects."""

    def __init__(self, url: str, data: bytes) -> None:
        self.url = url
        self.data = data

    @property
    def name(self) -> str:
        """How the file is called."""
        return name_in(self.url)


class Fetcher:
    """Fetches files. Used on the service loop only.

    Args:
        guard: says which hosts may be asked.
        connect: seconds that a connection may take.
        stall: seconds that a server may be silent.
        longest: seconds that all of it may take.

    """

    def __init__(
        self,
        guard: Guard | None = None,
        *,
        connect: float = 10.0,
        stall: float = 30.0,
        longest: float = 300.0,
    ) -> None:
        self._guard = guard or Guard()
        self._connect = connect
        self._stall = stall
        self._longest = longest

    async def fetch(
        self,
        url: str,
        largest: int,
        report: Callable[[Progress], None] = lambda _: None,
    ) -> Fetched:
        """Return the file at an address.

        Args:
            url: the address, http or https.
            largest: bytes that the file may have.
            report: gets the progress.

        Raises:
            UsageError: the address, or one that it redirects to, is not public, or the
                file is too large.
            ProviderError: the server did not send it.

        """
        failure: ParllamaError
        # What follows a question mark may be a key.
        redact = Redactor()
        asked = url
        try:
            async with asyncio.timeout(self._longest):
                for _ in range(_MOST_REDIRECTS + 1):
                    _check(asked)
                    redact.add(Secret("address", urlsplit(asked).query))
                    step = await self._asked(asked, largest, redact, report)
                    if isinstance(step, bytes):
                        return Fetched(asked, step)
                    asked = redirected(_host(asked), asked, step)
                message = f"{_host(url)}: more than {_MOST_REDIRECTS} redirects."
                failure = InvalidResponseError(message, hint=_BY_HAND)
        except TimeoutError:
            message = f"{_host(asked)}: not complete after {self._longest:g} s."
            failure = ProviderTimeoutError(message, hint=_BY_HAND)
        except Exception as error:  # noqa: BLE001 - mapped, whatever it is
            failure = _mapped(error, asked, redact)
        # The request, of the exception that it was made of.
        failure.__context__ = failure.__cause__ = None
        raise failure

    async def _asked(
        self,
        url: str,
        largest: int,
        redact: Redactor,
        report: Callable[[Progress], None],
    ) -> bytes | str:
        """Ask one address; returns the file, or where it redirects to as a text."""
        parts = urlsplit(url)
        host, port = parts.hostname or "", parts.port or _PORTS[parts.scheme.lower()]
        addresses = await self._guard.checked(host, port)
        client = await asyncio.to_thread(self._client)
        async with client:
            response = await self._connected(client, url, addresses, redact)
            try:
                status = response.status_code
                if status in _REDIRECTS:
                    return str(response.headers.get("location", ""))
                if status != HTTPStatus.OK:
                    raise refusal(_endpoint(url, redact), status, response.headers)
                return await self._received(response, url, largest, report)
            finally:
                await response.aclose()

    async def _connected(
        self,
        client: httpx2.AsyncClient,
        url: str,
        addresses: list[str],
        redact: Redactor,
    ) -> httpx2.Response:
        """Return the answer of the first of the addresses that can be reached."""
        last: Exception | None = None
        for address in addresses:
            request = _pinned(client, url, address)
            try:
                async with asyncio.timeout(self._stall):
                    return await client.send(request, stream=True)
            except TimeoutError:
                message = f"{_host(url)}: no answer after {self._stall:g} s."
                last = ProviderTimeoutError(message, hint=_BY_HAND)
            except Exception as error:  # noqa: BLE001 - mapped
                last = _mapped(error, url, redact)
                if not isinstance(last, ConnectionFailedError):
                    break
        assert last is not None  # noqa: S101 - there is at least one address
        raise last

    async def _received(
        self,
        response: httpx2.Response,
        url: str,
        largest: int,
        report: Callable[[Progress], None],
    ) -> bytes:
        length = str(response.headers.get("content-length", ""))
        total = int(length) if length.isdigit() and len(length) < 16 else None  # noqa: PLR2004
        name, data = name_in(url), bytearray()
        _check_length(name, total or 0, largest)
        pieces = response.aiter_raw()
        while (piece := await self._next(pieces, url, len(data))) is not None:
            data += piece
            _check_length(name, len(data), largest)
            report(Progress(f"Fetching {name}", len(data), total, "bytes"))
        return bytes(data)

    async def _next(
        self, pieces: AsyncIterator[bytes], url: str, done: int
    ) -> bytes | None:
        """Return the next bytes, None at the end."""
        came = size_in_words(done)
        try:
            async with asyncio.timeout(self._stall):
                return await anext(pieces, None)
        except TimeoutError:
            message = f"{_host(url)}: silent for {self._stall:g} s after {came}."
            failure: ProviderError = ProviderTimeoutError(message, hint=_BY_HAND)
        except Exception:  # noqa: BLE001 - whatever ends a body before its time
            message = f"{_host(url)}: the file broke off after {came}."
            failure = StreamInterruptedError(message, hint="Try again.")
        raise failure

    def _client(self) -> httpx2.AsyncClient:
        """Return a client for one request; importing and making it takes a while."""
        from http.cookiejar import (  # noqa: PLC0415 - not paid before a request
            CookieJar,
            DefaultCookiePolicy,
        )

        import httpx2  # noqa: PLC0415 - as above

        redact_logs()
        return httpx2.AsyncClient(
            headers={"User-Agent": "parllama_nb", "Accept-Encoding": "identity"},
            cookies=CookieJar(DefaultCookiePolicy(allowed_domains=[])),
            follow_redirects=False,
            timeout=httpx2.Timeout(None, connect=self._connect),
            # The certificates that the environment names are used, its proxies not.
            verify=httpx2.create_ssl_context(),
            trust_env=False,
        )


def _pinned(client: httpx2.AsyncClient, url: str, address: str) -> httpx2.Request:
    """Return a request to one address of a host, which is still named in it."""
    parts = urlsplit(url)
    ip = f"[{address}]" if ":" in address else address
    where = ip if parts.port is None else f"{ip}:{parts.port}"
    target = urlunsplit((parts.scheme, where, parts.path or "/", parts.query, ""))
    return client.build_request(
        "GET",
        target,
        headers={"Host": parts.netloc},
        # The certificate has to be the host's, not the address's.
        extensions={"sni_hostname": parts.hostname},
    )


def _check(url: str) -> None:
    """Refuse what is no address of a file.

    Raises:
        BadRequestError: it is none, or has a password in it.

    """
    parts, port_is_valid = urlsplit(""), True
    try:
        parts = urlsplit(url)
        port_is_valid = parts.port != 0
    except ValueError:
        port_is_valid = False
    is_ours = parts.scheme.lower() in _PORTS and parts.hostname and port_is_valid
    if not is_ours or not url.isascii() or _ODD.search(parts.netloc):
        message = f"This is not an address that can be fetched: {url[:80]!r}."
        hint = "It looks like https://HOST/PATH, in ASCII."
        raise BadRequestError(message, hint=hint)
    if "@" in parts.netloc:
        message = f"{parts.hostname}: an address with a password is not asked."
        raise BadRequestError(message, hint=_BY_HAND)


def _check_length(name: str, length: int, largest: int) -> None:
    if length > largest:
        message = f"{name} has more than {size_in_words(largest)}, which is the limit."
        raise UsageError(message, hint="Attach a smaller file, or a part of it.")


def _mapped(error: Exception, url: str, redact: Redactor) -> ParllamaError:
    """Return our error; if the network has a proxy, it says that none is used."""
    mapped = (
        error
        if isinstance(error, ParllamaError)
        else _FAILURES.mapped(error, FailedCall(_endpoint(url, redact)))
    )
    if isinstance(mapped, ConnectionFailedError) and proxy_for(url)[0]:
        variable, _ = proxy_for(url)
        mapped.hint = f"{variable} is not used for attachments. {_BY_HAND}"
    return mapped


def _endpoint(url: str, redact: Redactor) -> Endpoint:
    parts = urlsplit(url)
    return Endpoint(_host(url), f"{parts.scheme}://{parts.netloc}", redact)


def _host(url: str) -> str:
    try:
        return urlsplit(url).hostname or "The address"
    except ValueError:
        return "The address"
