"""Running the application on an address."""

from __future__ import annotations

import ipaddress
import socket
import sys

import uvicorn

from api.app import create_app
from geo.errors import OuzhiError
from geo.sentence import Lang, Sentence
from layers.store.base import Store


class AddressError(OuzhiError):
    """The address cannot be listened on."""


_BACKLOG = 128
_GRACE_S = 3
"""Streams of events still open so long after Ctrl+C are cut off."""
_LISTENING = Sentence(
    zh="瓯址工作台：{url}（按 Ctrl+C 停止）", en="Ouzhi workbench: {url} (Ctrl+C stops it)"
)


def serve(store: Store, *, host: str, port: int, lang: Lang) -> None:
    """Serve until interrupted; raises `AddressError` for a taken port or an unknown host.

    On any address but this machine's own the workspace can be read, not changed.
    """
    listener = _listen(host, port)
    app = create_app(store, lang=lang, read_only=not _is_own(listener))
    shown = f"[{host}]" if ":" in host else host
    print(_LISTENING.of(lang).format(url=f"http://{shown}:{port}"), file=sys.stderr, flush=True)
    config = uvicorn.Config(
        app, log_level="warning", access_log=False, timeout_graceful_shutdown=_GRACE_S
    )
    with listener:
        uvicorn.Server(config).run(sockets=[listener])


def _is_own(listener: socket.socket) -> bool:
    """Whether only this machine can reach the address."""
    return ipaddress.ip_address(listener.getsockname()[0].partition("%")[0]).is_loopback


def _listen(host: str, port: int) -> socket.socket:
    """Return a socket that listens, so that the address shown can be asked at once."""
    try:
        family = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0][0]
        listener = socket.socket(family, socket.SOCK_STREAM)
        try:
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            listener.bind((host, port))
            listener.listen(_BACKLOG)
        except OSError:
            listener.close()
            raise
    except (OSError, UnicodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else error
        raise AddressError(
            f"cannot listen on {host}:{port} ({reason}); stop what uses it or choose "
            "another port with --port",
            f"无法监听 {host}:{port}（{reason}）；请停掉占用者，或用 --port 换一个端口",
        ) from error
    return listener
