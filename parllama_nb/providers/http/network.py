"""The environment variables that say how the network is reached, and their faults.

The HTTP library reads them when its client is made, and fails with exceptions of many
kinds, which may quote a proxy's password. So they are checked before.
"""

from __future__ import annotations

import importlib.util
import os
import ssl
import urllib.request
from pathlib import Path
from urllib.parse import unquote, urlsplit

from ...errors import ConnectionFailedError
from ...secret import Redactor, Secret
from .endpoint import is_loopback

__all__ = ["network_fault", "proxy_for", "uses_socks"]

_SCHEMES = ("http", "https", "all")
_SOCKS = ("socks5", "socks5h")
_KINDS = ("http", "https", *_SOCKS)


def network_fault(label: str, redact: Redactor) -> ConnectionFailedError | None:
    """Return the error of a variable that cannot be used, None if all can.

    The next try would fail in the same way. Takes some milliseconds. Makes the
    passwords of the proxies known to the redactor.
    """
    fault = _fault_of_proxies(redact) or _fault_of_key_log()
    fault = fault or _fault_of_certificates()
    if fault is None:
        return None
    error = ConnectionFailedError(f"{label}: {fault[0]}", hint=fault[1])
    error.retriable = False
    return error


def proxy_for(url: str) -> tuple[str, str]:
    """Return the variable of the proxy for an address, and the proxy's host.

    Both are "" where there is none. `url` may be "", if only a library knows it.
    """
    parts = urlsplit(url)
    host, proxies = parts.hostname or "", urllib.request.getproxies()
    if is_loopback(host) or (host and urllib.request.proxy_bypass(host)):
        return "", ""
    for scheme in (parts.scheme or "https", "all"):
        if proxies.get(scheme):
            proxy = urlsplit(_with_scheme(proxies[scheme])).hostname
            return _variable(scheme, proxies[scheme]), proxy or ""
    return "", ""


def uses_socks() -> bool:
    """Whether a proxy is one for SOCKS, which not every transport speaks."""
    proxies = urllib.request.getproxies()
    values = (proxies.get(scheme) or "" for scheme in _SCHEMES)
    return any(value.lower().startswith(_SOCKS) for value in values)


def _fault_of_proxies(redact: Redactor) -> tuple[str, str] | None:
    """Return what is wrong with a proxy and what to do, None if nothing is."""
    proxies = urllib.request.getproxies()
    # One is enough for a client to fail, even if it is not for the address.
    for scheme in _SCHEMES:
        value = proxies.get(scheme)
        fault = (
            _fault_of_proxy(_variable(scheme, value), value, redact) if value else None
        )
        if fault is not None:
            return fault
    for host in filter(None, map(str.strip, proxies.get("no", "").split(","))):
        address = f"[{host}]" if host.count(":") > 1 and host[0] != "[" else host
        if not _is_url(host if "://" in host else f"all://{address}"):
            text = "NO_PROXY has an entry that is not a host."
            return text, "NO_PROXY looks like HOST,.DOMAIN,ADDRESS."
    return None


def _fault_of_proxy(name: str, value: str, redact: Redactor) -> tuple[str, str] | None:
    url, looks = _with_scheme(value), f"{name} looks like http://HOST:PORT."
    if not _is_url(url):
        return f"{name} is not the address of a proxy.", looks
    parts = urlsplit(url)
    for password in {parts.password or "", unquote(parts.password or "")}:
        redact.add(Secret(f"password of {name}", password))
    if parts.scheme not in _KINDS:
        kinds = "HTTP, HTTPS and SOCKS (socks5://HOST:PORT)"
        text = f"{name} names a proxy of an unknown kind, {parts.scheme}."
        return text, f"The kinds are {kinds}."
    if parts.scheme in _SOCKS and importlib.util.find_spec("socksio") is None:
        text = f"{name} names a SOCKS proxy, for which a package is missing."
        return text, "Run `%pip install socksio`, then restart the kernel."
    return None


def _is_url(text: str) -> bool:
    """Whether the HTTP library accepts an address, which has a host."""
    import httpx2  # noqa: PLC0415 - not paid before the first request

    try:
        httpx2.URL(text)
        parts = urlsplit(text)
        valid = bool(parts.hostname) and (parts.port is None or parts.port >= 0)
    except (ValueError, httpx2.InvalidURL):
        return False
    return valid and not any(map(str.isspace, text))


def _fault_of_key_log() -> tuple[str, str] | None:
    """Return what is wrong with the file that OpenSSL logs its keys to."""
    path = os.environ.get("SSLKEYLOGFILE")
    try:
        if path:
            Path(path).open("ab").close()
    except OSError:
        text = f"SSLKEYLOGFILE names {path}, which cannot be written."
        return text, "Unset it, or let it name a file that can."
    return None


def _fault_of_certificates() -> tuple[str, str] | None:
    """Return what is wrong with the certificates to trust, None if nothing is."""
    file, folder = (os.environ.get(f"SSL_CERT_{name}") for name in ("FILE", "DIR"))
    if file:
        hint = "Let it name a file of certificates in PEM, or unset it."
        if not Path(file).is_file():
            return f"SSL_CERT_FILE names {file}, and there is no such file.", hint
        try:
            ssl.create_default_context(cafile=file)
        except OSError:
            return f"SSL_CERT_FILE names {file}, which holds no certificates.", hint
    elif folder and not Path(folder).is_dir():
        hint = "Let it name a folder of certificates, or unset it."
        return f"SSL_CERT_DIR names {folder}, and there is no such folder.", hint
    return None


def _with_scheme(proxy: str) -> str:
    return proxy if "://" in proxy else f"http://{proxy}"


def _variable(scheme: str, value: str) -> str:
    """Return the name of the variable that has a proxy; the system may have it, too."""
    names = (f"{scheme}_proxy", f"{scheme}_proxy".upper())
    return next((name for name in names if os.environ.get(name) == value), names[1])
