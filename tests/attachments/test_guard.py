"""Which addresses may be fetched."""

from __future__ import annotations

import asyncio
import ipaddress

import pytest

from parllama_nb.attachments.addresses.guard import Guard, is_public
from parllama_nb.errors import ConnectionFailedError, UsageError


@pytest.mark.parametrize(
    "address",
    [
        "8.8.8.8",
        "172.15.0.1",
        "172.32.0.1",
        "100.63.0.1",
        "192.0.1.1",
        "2606:4700:4700::1111",
        "2a00:1450::1",
        "::ffff:8.8.8.8",
        "64:ff9b::8.8.8.8",
    ],
)
def test_an_address_of_the_public_network_is_public(address: str) -> None:
    assert is_public(ipaddress.ip_address(address))


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1",
        "127.255.255.254",
        "0.0.0.0",  # noqa: S104 - not bound to
        "0.1.2.3",
        "10.0.0.1",
        "172.16.0.1",
        "172.31.255.255",
        "192.168.1.1",
        "100.64.0.1",
        "169.254.169.254",
        "192.0.0.192",
        "192.0.2.1",
        "198.18.0.1",
        "198.51.100.1",
        "203.0.113.9",
        "224.0.0.1",
        "239.255.255.250",
        "240.0.0.1",
        "255.255.255.255",
        "::",
        "::1",
        "::ffff:127.0.0.1",
        "::ffff:10.0.0.1",
        "::7f00:1",  # IPv4-compatible
        "64:ff9b::127.0.0.1",
        "64:ff9b::10.1.2.3",
        "64:ff9b:1::1",
        "100::1",
        "2001::1",  # Teredo
        "2001:db8::1",
        "2002:7f00:1::1",  # 6to4
        "3fff::1",
        "5f00::1",
        "fc00::1",
        "fd12:3456::1",
        "fe80::1",
        "fe80::1%eth0",
        "fec0::1",
        "ff02::1",
    ],
)
def test_an_address_of_this_machine_or_of_special_use_is_not(address: str) -> None:
    assert not is_public(ipaddress.ip_address(address))


def resolves(*addresses: str) -> Guard:
    async def resolve(host: str, port: int) -> list[str]:
        return list(addresses)

    return Guard(resolve=resolve)


async def test_all_addresses_of_a_host_have_to_be_public() -> None:
    public = ["93.184.216.34", "2606:2800::1"]
    assert await resolves(*public).checked("pictures.test", 443) == public

    with pytest.raises(UsageError) as caught:
        await resolves(*public, "10.1.2.3").checked("pictures.test", 443)

    assert str(caught.value) == (
        "pictures.test (10.1.2.3) is this machine or on a private network: it is not "
        "fetched. Download the file yourself, and name its path."
    )


@pytest.mark.parametrize(
    "host", ["localhost", "LOCALHOST.", "a.localhost", "printer.local", "db.internal"]
)
async def test_a_name_that_is_never_public_is_not_even_resolved(host: str) -> None:
    with pytest.raises(UsageError, match="not fetched"):
        await resolves("93.184.216.34").checked(host, 80)


@pytest.mark.parametrize("host", ["127.1", "0x7f000001", "2130706433", "0177.0.0.1"])
async def test_an_odd_way_to_write_a_private_address_is_seen_through(host: str) -> None:
    with pytest.raises(UsageError, match="not fetched"):
        await Guard().checked(host, 80)


async def test_a_host_that_is_not_known_or_takes_too_long_says_so() -> None:
    async def fails(host: str, port: int) -> list[str]:
        raise OSError

    async def hangs(host: str, port: int) -> list[str]:
        await asyncio.Event().wait()
        return []

    with pytest.raises(ConnectionFailedError, match="the host is not known"):
        await Guard(resolve=fails).checked("nowhere.test", 80)
    with pytest.raises(ConnectionFailedError, match="not be resolved within"):
        await Guard(resolve=hangs, seconds=0.01).checked("slow.test", 80)
