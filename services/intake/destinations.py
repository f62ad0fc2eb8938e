"""Where callbacks may go: to public addresses, and to what a setting names besides.

A name is resolved once, its address is checked, and the connection goes to that address: what a name means a moment
later makes no difference. So nobody who can have a URL entered reaches what only our own machines are meant to reach.
"""

import asyncio
import socket
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network

import httpx

from services.chassis.settings import Inner

Address = IPv4Address | IPv6Address
Resolve = Callable[[str, int], Awaitable[Sequence[Address]]]

_BRIDGES = tuple(map(ip_network, ("64:ff9b::/96", "64:ff9b:1::/48", "2002::/16", "::/96")))
"""IPv6 that is public by itself, and may lead to any address of IPv4."""


class Forbidden(Exception):
    """A host none of whose addresses may be called."""


@dataclass(frozen=True, slots=True)
class Destination:
    """A checked address, and what the request must say so that the host behind it knows who is meant."""

    url: httpx.URL
    headers: Mapping[str, str]
    extensions: Mapping[str, str]

    async def post(self, client: httpx.AsyncClient, content: bytes, headers: Mapping[str, str]) -> int:
        """Send there; of the answer its status alone is read, however much else comes. Raises ``httpx.HTTPError``."""
        whole = {**headers, **self.headers, "accept-encoding": "identity"}
        extensions = {**self.extensions}
        async with client.stream("POST", self.url, content=content, headers=whole, extensions=extensions) as response:
            return response.status_code


async def resolved(host: str, port: int) -> Sequence[Address]:
    """The addresses of a host, best first. Raises ``OSError`` where it has none."""
    found = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return [ip_address(address[0]) for *_, address in found]


@dataclass(frozen=True, slots=True)
class Destinations:
    """The addresses that may be called. ``inner`` are networks and hosts that need not be public."""

    inner: tuple[Inner, ...] = ()
    resolve: Resolve = resolved

    async def of(self, url: str) -> Destination:
        """Where a URL leads. Raises ``Forbidden``, ``OSError`` for a name that is not known."""
        named = httpx.URL(url)
        host = named.raw_host.decode()
        addresses = await self.resolve(host, named.port or (443 if named.scheme == "https" else 80))
        allowed = next((address for address in addresses if self.may_reach(host, address)), None)
        if allowed is None:
            raise Forbidden
        headers, extensions = {"host": named.netloc.decode()}, {"sni_hostname": host}
        return Destination(named.copy_with(host=str(allowed)), headers, extensions)

    def may_reach(self, host: str, address: Address) -> bool:
        """Whether this address of a host may be called."""
        named = any(host.lower() == inner for inner in self.inner)
        return named or _is_public(address) or any(_within(address, inner) for inner in self.inner)


def _is_public(address: Address) -> bool:
    bridged = any(_within(address, bridge) for bridge in _BRIDGES)
    return address.is_global and not address.is_multicast and not bridged


def _within(address: Address, inner: Inner) -> bool:
    return not isinstance(inner, str) and address in inner
