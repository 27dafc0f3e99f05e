"""A line to the test server that can go dead: a TCP port of this machine in front of the server's socket."""

from __future__ import annotations

import select
import socket
import threading
from types import TracebackType

from sqlalchemy import URL


class Line:
    """Carries bytes both ways while `dead` is not set; then it takes connections and bytes and says nothing."""

    def __init__(self, url: URL) -> None:
        host = str(url.query.get("host") or url.host)
        port = int(url.port or 5432)
        self._server = f"{host}/.s.PGSQL.{port}" if host.startswith("/") else (host, port)
        self.dead = threading.Event()
        self._stopped = threading.Event()
        self._door = socket.create_server(("127.0.0.1", 0))
        self._pairs: list[tuple[socket.socket, socket.socket]] = []
        query = {name: value for name, value in url.query.items() if name != "host"}
        self.url = url.set(host="127.0.0.1", port=self._door.getsockname()[1], query=query)
        self._thread = threading.Thread(target=self._carry, daemon=True)

    def __enter__(self) -> Line:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stopped.set()
        self._thread.join()

    def cut(self) -> None:
        """End every connection, as a server does that restarts."""
        for one, other in list(self._pairs):
            self._drop(one, other)

    def _carry(self) -> None:
        while not self._stopped.is_set():
            ends = {one: other for pair in self._pairs for one, other in (pair, pair[::-1])}
            watched = [self._door] if self.dead.is_set() else [self._door, *ends]
            ready, _, _ = select.select(watched, [], [], 0.05)
            for one in ready:
                if one is self._door:
                    self._take()
                elif one.fileno() >= 0:
                    self._pass_on(one, ends[one])
        self.cut()
        self._door.close()

    def _take(self) -> None:
        client, _ = self._door.accept()
        kind = socket.AF_UNIX if isinstance(self._server, str) else socket.AF_INET
        server = socket.socket(kind, socket.SOCK_STREAM)
        server.connect(self._server)
        self._pairs.append((client, server))

    def _pass_on(self, one: socket.socket, other: socket.socket) -> None:
        try:
            said = one.recv(65_536)
            if said:
                other.sendall(said)
                return
        except OSError:
            said = b""
        self._drop(one, other)

    def _drop(self, one: socket.socket, other: socket.socket) -> None:
        self._pairs = [pair for pair in self._pairs if one not in pair]
        one.close()
        other.close()
