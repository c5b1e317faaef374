"""Which addresses of the network may be fetched: public ones, and no others.

An address in a question may come from anybody: from a prompt that was imported, or from
a page that redirects. It must not make this machine ask its own services, those of its
network, or what a cloud tells its machines about themselves (169.254.169.254). So a
host is resolved first, all its addresses are checked, and the connection goes to one
that was checked: a name that is resolved twice may lead to another place each time.

The tables of IANA are written down here, since those of Python's older releases lack
some: https://www.iana.org/assignments/iana-ipv4-special-registry and -ipv6-.
"""

from __future__ import annotations

import asyncio
import ipaddress
import socket
from collections.abc import Awaitable, Callable
from typing import TypeAlias

from ...errors import ConnectionFailedError, UsageError

__all__ = ["Guard", "is_public", "resolved"]

IpAddress: TypeAlias = ipaddress.IPv4Address | ipaddress.IPv6Address

_NOT_PUBLIC_V4 = tuple(
    map(
        ipaddress.IPv4Network,
        (
            "0.0.0.0/8",
            "10.0.0.0/8",
            "100.64.0.0/10",  # between a provider and its customers
            "127.0.0.0/8",
            "169.254.0.0/16",
            "172.16.0.0/12",
            "192.0.0.0/24",
            "192.0.2.0/24",
            "192.31.196.0/24",
            "192.52.193.0/24",
            "192.88.99.0/24",
            "192.168.0.0/16",
            "192.175.48.0/24",
            "198.18.0.0/15",
            "198.51.100.0/24",
            "203.0.113.0/24",
            "224.0.0.0/4",
            "240.0.0.0/4",
        ),
    )
)

_PUBLIC_V6 = ipaddress.IPv6Network("2000::/3")
"""All that is handed out of IPv6; what is outside of it is of some other use."""

_NOT_PUBLIC_V6 = tuple(
    map(
        ipaddress.IPv6Network,
        (
            "2001::/23",  # Teredo, and protocols of their own
            "2001:db8::/32",
            "2002::/16",  # holds an IPv4 address, which a relay would ask
            "2620:4f:8000::/48",
            "3fff::/20",
        ),
    )
)

_NAT64 = ipaddress.IPv6Network("64:ff9b::/96")

_NAMES = ("localhost", "local", "internal", "home.arpa", "lan", "intranet")
"""Ends of names that are never of the public network."""


def is_public(address: IpAddress) -> bool:
    """Whether an address is one of the public network, whoever asks for it."""
    if isinstance(address, ipaddress.IPv6Address):
        # A gateway turns these into IPv4: what they hold is what is asked.
        inner = address.ipv4_mapped
        if address in _NAT64:
            inner = ipaddress.IPv4Address(int(address) & 0xFFFF_FFFF)
        if inner is None:
            if address.scope_id is not None or address not in _PUBLIC_V6:
                return False
            return not any(address in network for network in _NOT_PUBLIC_V6)
        address = inner
    return not any(address in network for network in _NOT_PUBLIC_V4)


async def resolved(host: str, port: int) -> list[str]:
    """Return the addresses of a host, as the system knows them.

    Raises:
        OSError: it has none.

    """
    loop = asyncio.get_running_loop()
    found = await loop.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(each[4][0]) for each in found))


class Guard:
    """Checks hosts.

    Args:
        allows: whether an address may be asked.
        resolve: returns the addresses of a host.
        seconds: how long a name may take to be resolved.

    """

    def __init__(
        self,
        allows: Callable[[IpAddress], bool] = is_public,
        resolve: Callable[[str, int], Awaitable[list[str]]] = resolved,
        seconds: float = 10.0,
    ) -> None:
        self._allows = allows
        self._resolve = resolve
        self._seconds = seconds

    async def checked(self, host: str, port: int) -> list[str]:
        """Return the addresses that may be connected to for a host, at least one.

        Raises:
            UsageError: one of them is not public.
            ConnectionFailedError: there is none.

        """
        name = host.rstrip(".").lower()
        if any(name == end or name.endswith(f".{end}") for end in _NAMES):
            raise _inward(host)
        failure = ""
        try:
            found = [str(ipaddress.ip_address(host))]
        except ValueError:
            found, failure = await self._found(host, port)
        if not found:
            message = f"{host}: the host {failure}."
            raise ConnectionFailedError(message, hint="Check the address.")
        for each in found:
            # One private address among them is enough for a trick.
            if not self._allows(ipaddress.ip_address(each)):
                raise _inward(host, each)
        return found

    async def _found(self, host: str, port: int) -> tuple[list[str], str]:
        """Return the addresses of a name, or none and why there are none."""
        try:
            async with asyncio.timeout(self._seconds):
                return await self._resolve(host, port), "is not known"
        except TimeoutError:
            return [], f"could not be resolved within {self._seconds:g} s"
        except (OSError, UnicodeError):
            return [], "is not known"


def _inward(host: str, address: str = "") -> UsageError:
    of = f" ({address})" if address and address != host else ""
    message = f"{host}{of} is this machine or on a private network: it is not fetched."
    hint = "Download the file yourself, and name its path."
    return UsageError(message, hint=hint)
