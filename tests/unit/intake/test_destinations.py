"""Where callbacks may go: never to our own machines, whatever a URL's name resolves to, unless a setting says so."""

import asyncio
from collections.abc import Sequence
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network

import httpx
import pytest

from services.intake.destinations import Address, Destinations, Forbidden, resolved


class Names:
    """A resolver whose answers change from one question to the next."""

    def __init__(self, *answers: Sequence[str]) -> None:
        self._answers = list(answers)
        self.asked: list[tuple[str, int]] = []

    async def __call__(self, host: str, port: int) -> Sequence[Address]:
        self.asked.append((host, port))
        return [ip_address(answer) for answer in self._answers.pop(0)]


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1",
        "10.1.2.3",
        "172.16.0.1",
        "192.168.1.1",
        "169.254.169.254",
        "100.100.100.200",
        "0.0.0.0",
        "224.0.0.1",
        "255.255.255.255",
        "::1",
        "::",
        "fe80::1",
        "fd00:ec2::254",
        "::ffff:10.0.0.1",
        "::10.0.0.1",
        "64:ff9b::a9fe:a9fe",
        "2002:a00:1::1",
    ],
)
async def test_an_address_that_is_not_public_is_forbidden(address: str) -> None:
    with pytest.raises(Forbidden):
        await Destinations(resolve=Names([address])).of("https://hotline.example/callback")


@pytest.mark.parametrize("url", ["http://127.0.0.1/", "http://2130706433/", "http://0x7f.1/", "http://[::1]/"])
async def test_loopback_is_known_in_every_spelling(url: str) -> None:
    with pytest.raises(Forbidden):
        await Destinations(resolve=resolved).of(url)


async def test_the_connection_goes_to_the_address_that_was_checked_and_the_name_is_not_asked_again() -> None:
    names = Names(["203.0.114.7"], ["127.0.0.1"])
    to = await Destinations(resolve=names).of("https://Hotline.example:8443/callback?a=b")
    assert str(to.url) == "https://203.0.114.7:8443/callback?a=b"
    assert to.headers == {"host": "hotline.example:8443"}
    assert to.extensions == {"sni_hostname": "hotline.example"}
    assert names.asked == [("hotline.example", 8443)]


async def test_of_several_addresses_the_first_that_is_public_is_called() -> None:
    to = await Destinations(resolve=Names(["10.0.0.1", "2606:4700::1111"])).of("http://hotline.example/callback")
    assert str(to.url) == "http://[2606:4700::1111]/callback"


async def test_a_network_or_a_host_that_the_setting_names_may_be_called() -> None:
    inner = (ip_network("10.8.0.0/16"), "hotline.gov.internal")
    destinations = Destinations(inner)
    assert destinations.may_reach("anything.example", IPv4Address("10.8.3.1"))
    assert not destinations.may_reach("anything.example", IPv4Address("10.9.3.1"))
    assert destinations.may_reach("hotline.gov.internal", IPv6Address("fd00::1"))
    assert not destinations.may_reach("other.gov.internal", IPv6Address("fd00::1"))


async def test_of_an_answer_only_the_status_is_read() -> None:
    asked: list[bytes] = []

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        asked.append(await reader.readuntil(b"\r\n\r\n"))
        writer.write(b"HTTP/1.1 202 Accepted\r\ncontent-encoding: gzip\r\ncontent-length: 1000000000\r\n\r\n")
        await reader.read()
        writer.close()

    async with await asyncio.start_server(answer, "127.0.0.1", 0) as server, httpx.AsyncClient() as client:
        port = server.sockets[0].getsockname()[1]
        to = await Destinations(("localhost",)).of(f"http://localhost:{port}/callback")
        async with asyncio.timeout(5):
            assert await to.post(client, b"{}", {"webhook-id": "r-1"}) == 202
    assert b"accept-encoding: identity\r\n" in asked[0].lower()
