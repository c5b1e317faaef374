"""A fault of the environment is named by its variable, and asked about once."""

from __future__ import annotations

import asyncio
import datetime as dt
import ipaddress
import os
import re
import socket
import ssl
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from parllama_nb.errors import ConnectionFailedError, ProviderError
from parllama_nb.providers.anthropic.client import AnthropicClient
from parllama_nb.providers.http.client import WireClient
from parllama_nb.providers.http.network import network_fault, uses_socks
from parllama_nb.providers.litellm.process import child_environment
from parllama_nb.providers.ollama.client import OllamaClient
from parllama_nb.providers.openai.client import OpenAIClient
from parllama_nb.providers.spec import Timeouts
from parllama_nb.secret import Redactor, Secret

from ..conftest import ask

FAR = "https://models.example.invalid"
PASSWORD = "hunter22hunter22"

# A client, and whether it is asked for many whole answers, over another transport.
WIRES = pytest.mark.parametrize(
    ("kind", "whole"),
    [
        pytest.param(OpenAIClient, False, id="openai"),
        pytest.param(OpenAIClient, True, id="openai, many"),
        pytest.param(AnthropicClient, False, id="anthropic"),
        pytest.param(OllamaClient, False, id="ollama"),
    ],
)
Kind = type[WireClient[Any]]


@pytest.fixture(autouse=True)
def _bare(monkeypatch: pytest.MonkeyPatch) -> None:
    """An environment without proxies and certificates."""
    for name in os.environ:
        if re.search(r"_PROXY$|^SSL_CERT_|_CA_BUNDLE$", name.upper()):
            monkeypatch.delenv(name)


async def failure(
    kind: Kind, *, whole: bool, url: str = FAR, redact: Redactor | None = None
) -> ProviderError:
    key = Secret("MAKER_API_KEY", "sntnl-4f9a27d1c0b84e55")
    client = kind(url, key, Timeouts(connect=5), redact or Redactor(), "Maker")
    try:
        with pytest.raises(ProviderError) as caught:
            async for _ in client.stream(ask("m", max_tokens=5), whole=whole):
                pass
    finally:
        await client.aclose()
    return caught.value


@pytest.fixture
def closed_port() -> Iterator[int]:
    """A port on this machine at which nobody answers."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        yield taken.getsockname()[1]


@WIRES
@pytest.mark.parametrize(
    ("variable", "value", "words"),
    [
        ("ALL_PROXY", "socks4://127.0.0.1:9", "of an unknown kind, socks4"),
        ("https_proxy", "socks://127.0.0.1:9", "of an unknown kind, socks"),
        ("HTTP_PROXY", "ftp://127.0.0.1:9", "of an unknown kind, ftp"),
        ("HTTPS_PROXY", "http://[::1", "is not the address of a proxy"),
        ("HTTPS_PROXY", "http://127.0.0.1:port", "is not the address of a proxy"),
        ("ALL_PROXY", "a proxy", "is not the address of a proxy"),
        ("HTTPS_PROXY", "http://", "is not the address of a proxy"),
        ("NO_PROXY", "intranet,[::1", "an entry that is not a host"),
    ],
)
async def test_a_proxy_that_cannot_be_used_is_named_by_its_variable(
    monkeypatch: pytest.MonkeyPatch,
    kind: Kind,
    variable: str,
    value: str,
    words: str,
    *,
    whole: bool,
) -> None:
    monkeypatch.setenv(variable, value)
    error = await failure(kind, whole=whole)
    assert type(error) is ConnectionFailedError
    assert error.message.startswith(f"Maker: {variable} ")
    assert words in error.message
    assert error.hint
    assert not error.retriable
    assert error.__context__ is None


@WIRES
@pytest.mark.parametrize("scheme", ["socks5", "socks5h"])
async def test_a_socks_proxy_says_which_package_is_missing(
    monkeypatch: pytest.MonkeyPatch, kind: Kind, scheme: str, *, whole: bool
) -> None:
    found = __import__("importlib.util").util.find_spec
    monkeypatch.setattr(
        "importlib.util.find_spec",
        lambda name, *rest: None if name == "socksio" else found(name, *rest),
    )
    monkeypatch.setenv("ALL_PROXY", f"{scheme}://me:{PASSWORD}@127.0.0.1:9")
    error = await failure(kind, whole=whole)
    assert error.message == (
        "Maker: ALL_PROXY names a SOCKS proxy, for which a package is missing."
    )
    assert "socksio" in (error.hint or "")
    assert PASSWORD not in f"{error} {error!r}"
    assert not error.retriable


# `openai` passes the login on in a way that aiohttp will not take one day.
@pytest.mark.filterwarnings("ignore::DeprecationWarning:openai")
@WIRES
async def test_a_proxy_that_is_not_there_is_named_by_its_variable(
    monkeypatch: pytest.MonkeyPatch, closed_port: int, kind: Kind, *, whole: bool
) -> None:
    redact = Redactor()
    monkeypatch.setenv("HTTPS_PROXY", f"http://me:{PASSWORD}@127.0.0.1:{closed_port}")
    error = await failure(kind, whole=whole, redact=redact)
    assert type(error) is ConnectionFailedError
    assert (
        error.message
        == f"Maker: the proxy of HTTPS_PROXY gives no connection to {FAR}."
    )
    assert (
        error.hint == "Check HTTPS_PROXY; NO_PROXY lists the hosts that need no proxy."
    )
    assert not error.retriable
    assert PASSWORD not in f"{error} {error!r}"
    assert PASSWORD not in redact(f"logged: {PASSWORD}")


@WIRES
async def test_a_proxy_that_wants_a_login_is_told(
    monkeypatch: pytest.MonkeyPatch, kind: Kind, *, whole: bool
) -> None:
    async def answer(
        reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 407 Proxy Authentication Required\r\n\r\n")
        writer.close()

    server = await asyncio.start_server(answer, "127.0.0.1", 0)
    async with server:
        port = server.sockets[0].getsockname()[1]
        monkeypatch.setenv("ALL_PROXY", f"127.0.0.1:{port}")
        error = await failure(kind, whole=whole)
    assert "asks for a name and a password" in error.message
    assert not error.retriable


@WIRES
async def test_this_machine_is_reached_without_its_proxy(
    monkeypatch: pytest.MonkeyPatch, closed_port: int, kind: Kind, *, whole: bool
) -> None:
    monkeypatch.setenv("ALL_PROXY", "socks4://h:1")
    error = await failure(kind, whole=whole, url=f"http://127.0.0.1:{closed_port}")
    assert error.message == f"Maker: no connection to http://127.0.0.1:{closed_port}."


@WIRES
@pytest.mark.parametrize("content", [None, "no certificates"])
async def test_a_file_of_certificates_that_cannot_be_used_is_named(
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    kind: Kind,
    content: str | None,
    *,
    whole: bool,
) -> None:
    path = tmp_path / "ca.pem"
    if content:
        path.write_text(content)
    monkeypatch.setenv("SSL_CERT_FILE", str(path))
    error = await failure(kind, whole=whole)
    assert type(error) is ConnectionFailedError
    assert "SSL_CERT_FILE names" in error.message
    assert not error.retriable


def test_a_file_for_the_keys_of_tls_that_cannot_be_written_is_named(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("SSLKEYLOGFILE", str(tmp_path / "none" / "keys"))
    fault = network_fault("Maker", Redactor())
    assert fault
    assert "SSLKEYLOGFILE" in fault.message
    monkeypatch.setenv("SSLKEYLOGFILE", str(tmp_path / "keys"))
    assert network_fault("Maker", Redactor()) is None


def test_a_folder_of_certificates_that_does_not_exist_is_named(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("SSL_CERT_DIR", str(tmp_path / "none"))
    fault = network_fault("Maker", Redactor())
    assert fault is not None
    assert "SSL_CERT_DIR names" in fault.message


@pytest.mark.parametrize(
    "values",
    [
        {},
        {"HTTPS_PROXY": "http://me:p%40ss@proxy.example:3128/"},
        {"https_proxy": "proxy.example:3128", "NO_PROXY": "*"},
        {"HTTP_PROXY": "https://proxy.example"},
        {"NO_PROXY": ".example.com, 10.0.0.0/8,::1,localhost,http://h:80,[::1]:80,"},
        {"ALL_PROXY": ""},
        {"SSL_CERT_FILE": "", "SSL_CERT_DIR": ""},
    ],
    ids=str,
)
def test_variables_that_can_be_used_are_no_fault(
    monkeypatch: pytest.MonkeyPatch, values: dict[str, str]
) -> None:
    for name, value in values.items():
        monkeypatch.setenv(name, value)
    assert network_fault("Maker", Redactor()) is None


def test_litellm_speaks_to_a_socks_proxy_without_aiohttp(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    assert not uses_socks()
    assert "DISABLE_AIOHTTP_TRANSPORT" not in child_environment({})
    monkeypatch.setenv("ALL_PROXY", "socks5h://h:1")
    assert uses_socks()
    assert child_environment({})["DISABLE_AIOHTTP_TRANSPORT"] == "True"


class Authority:
    """Signs certificates for servers on this machine."""

    def __init__(self) -> None:
        self._key = ec.generate_private_key(ec.SECP256R1())
        self._name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Test CA")])
        self.certificate = (
            self._builder(self._name, self._key, days=30)
            .add_extension(x509.BasicConstraints(ca=True, path_length=None), True)
            .sign(self._key, hashes.SHA256())
        )

    def _builder(
        self, name: x509.Name, key: ec.EllipticCurvePrivateKey, *, days: int
    ) -> x509.CertificateBuilder:
        now = dt.datetime.now(dt.UTC)
        return (
            x509.CertificateBuilder()
            .subject_name(name)
            .issuer_name(self._name)
            .public_key(key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(now - dt.timedelta(days=40))
            .not_valid_after(now + dt.timedelta(days=days))
        )

    def context(self, folder: Path, address: str, *, days: int) -> ssl.SSLContext:
        """For a server whose certificate is for an address, and so many days."""
        key = ec.generate_private_key(ec.SECP256R1())
        named = [x509.IPAddress(ipaddress.ip_address(address))]
        certificate = (
            self._builder(x509.Name([]), key, days=days)
            .add_extension(x509.SubjectAlternativeName(named), critical=True)
            .sign(self._key, hashes.SHA256())
        )
        path = folder / "server.pem"
        form = serialization.Encoding.PEM
        path.write_bytes(
            key.private_bytes(
                form,
                serialization.PrivateFormat.PKCS8,
                serialization.NoEncryption(),
            )
            + certificate.public_bytes(form)
        )
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(path)
        return context


@WIRES
async def test_a_variable_of_other_libraries_is_told_apart(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, kind: Kind, *, whole: bool
) -> None:
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(tmp_path / "ca.pem"))
    context = Authority().context(tmp_path, "127.0.0.1", days=30)
    async with served(context) as url:
        error = await failure(kind, whole=whole, url=url)
    assert "REQUESTS_CA_BUNDLE is not read here" in (error.hint or "")


@asynccontextmanager
async def served(context: ssl.SSLContext) -> AsyncIterator[str]:
    """A server over TLS; gives its address."""

    async def answer(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.close()

    server = await asyncio.start_server(answer, "127.0.0.1", 0, ssl=context)
    async with server:
        yield f"https://127.0.0.1:{server.sockets[0].getsockname()[1]}"


@WIRES
async def test_a_server_that_speaks_no_tls_is_told_once(
    kind: Kind, *, whole: bool
) -> None:
    async def answer(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n")
        await writer.drain()
        writer.close()

    server = await asyncio.start_server(answer, "127.0.0.1", 0)
    async with server:
        host = f"127.0.0.1:{server.sockets[0].getsockname()[1]}"
        error = await failure(kind, whole=whole, url=f"https://{host}")
    assert type(error) is ConnectionFailedError
    assert f"https://{host} does not speak TLS" in error.message
    assert f"http://{host}" in (error.hint or "")
    assert not error.retriable


@WIRES
@pytest.mark.parametrize(
    ("address", "days", "trusted", "hint"),
    [
        pytest.param("127.0.0.1", 30, False, "SSL_CERT_FILE", id="unknown"),
        pytest.param("127.0.0.1", -1, True, "renew", id="expired"),
        pytest.param("192.0.2.7", 30, True, "host in the base URL", id="other host"),
    ],
)
async def test_a_certificate_that_is_not_trusted_is_told_once(
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    kind: Kind,
    address: str,
    days: int,
    hint: str,
    *,
    trusted: bool,
    whole: bool,
) -> None:
    authority = Authority()
    path = tmp_path / "ca.pem"
    path.write_bytes(authority.certificate.public_bytes(serialization.Encoding.PEM))
    if trusted:
        monkeypatch.setenv("SSL_CERT_FILE", str(path))
    async with served(authority.context(tmp_path, address, days=days)) as url:
        error = await failure(kind, whole=whole, url=url)
    assert type(error) is ConnectionFailedError
    assert f"the certificate of {url} is not trusted" in error.message
    assert hint in (error.hint or "")
    assert not error.retriable
