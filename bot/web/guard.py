"""Who asks, from which page; and the headers that keep browsers from doing what nobody meant."""

from __future__ import annotations

from ipaddress import IPv6Address, ip_address
from urllib.parse import urlsplit

from aiohttp import web

HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; font-src 'self'; connect-src 'self'; "
        "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    # not "no-referrer": with it browsers send "Origin: null" with our own forms too
    "Referrer-Policy": "same-origin",
    "Cache-Control": "no-store",
}


def remote_of(request: web.Request, *, trusts_proxy: bool) -> str:
    """The machine that asks. Behind a proxy of ours it is the last one that the proxy names: others can be made up."""
    remote = request.remote or ""
    if trusts_proxy:
        remote = request.headers.get("X-Forwarded-For", "").rpartition(",")[2].strip() or remote
    try:
        address = ip_address(remote)
    except ValueError:
        return remote
    if isinstance(address, IPv6Address):
        return address.exploded[:19]  # a household holds a whole /64
    return remote


def is_from_elsewhere(request: web.Request) -> bool:
    """Whether another site's page made this request. Old browsers that don't say are left to the SameSite cookie."""
    source = request.headers.get("Origin") or request.headers.get("Referer")
    return source is not None and urlsplit(source).netloc != request.host
