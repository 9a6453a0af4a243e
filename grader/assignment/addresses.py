"""Addresses that a token may be sent to."""

from __future__ import annotations

from urllib.parse import urlsplit

LOCAL = ("localhost", "127.0.0.1", "::1")


def wrong_with(url: str) -> str:
    """Say what is wrong with an address that a token is to be sent to; blank where nothing is.

    It is a scheme and a host, `https://canvas.example.edu`, and encrypted, but for this machine's own.
    """
    try:
        parts = urlsplit(url)
        host, _ = parts.hostname, parts.port
    except ValueError:
        host = None
    if not host or parts.scheme not in ("https", "http"):
        return f"should be an address such as https://canvas.example.edu, not {url!r}"
    if parts.scheme == "http" and host not in LOCAL:
        return "should begin with https://: a token is not sent over a connection that anyone can read"
    if "@" in parts.netloc:
        return "should hold no name or password"
    if parts.path.strip("/") or parts.query or parts.fragment:
        return f"should end after the host: {parts.scheme}://{parts.netloc}"
    return ""
