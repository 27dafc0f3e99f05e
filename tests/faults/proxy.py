"""A network that fails on purpose: a TCP proxy on loopback, before a PostgreSQL server (harness X of security.md)."""

from __future__ import annotations

import asyncio
import random
import threading
from collections.abc import Callable, Coroutine
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Any

COMMIT = b"COMMIT\0"
"""As psycopg sends it; BEGIN names an isolation level that only begins so."""


@dataclass(eq=False)
class _Pair:
    """One client and its connection to the server."""

    client: asyncio.StreamWriter
    server: asyncio.StreamWriter
    committing: bool = False
    passing: asyncio.Event = field(default_factory=asyncio.Event)


class FaultProxy:
    """Forwards bytes to a server, as long and as fast as it is told to; all methods may be called from any thread.

    `cut_commits` says of each COMMIT that passes what happens to it: "before" (lost, and the connection with
    it), "after" (carried out, but its reply is lost) or None (passes).
    """

    def __init__(self, target: tuple[str, int] | Path) -> None:
        self._target = target
        self._pairs: set[_Pair] = set()
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="fault-proxy", daemon=True)
        self._rng = random.Random(35)
        self.latency = 0.0
        """Seconds that everything takes, one way."""
        self.loss = 0.0
        """The share of packets that are lost and come again later, everything behind them waiting."""
        self.cut_commits: Callable[[], str | None] = lambda: None
        self.cuts = 0
        self.accepted = 0
        self.port = 0
        self._black = False

    def __enter__(self) -> FaultProxy:
        self._thread.start()
        self._server = self._do(asyncio.start_server(self._accept, "127.0.0.1", 0))
        self.port = self._server.sockets[0].getsockname()[1]
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._do(self._stop())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    def black_hole(self, swallow: bool = True, *, newcomers: bool = True) -> None:
        """Let nothing through any more, in either direction, without a word to anybody; or let it pass again.

        Without `newcomers` this befalls the connections there are: a firewall that has forgotten them.
        """
        self._do(self._swallow(swallow, newcomers))

    def cut_all(self) -> None:
        """Cut every connection."""
        self._do(self._cut_all())

    def retarget(self, target: tuple[str, int] | Path) -> None:
        """Lead new connections to another server."""
        self._target = target

    def _do(self, job: Coroutine[Any, Any, Any]) -> Any:
        return asyncio.run_coroutine_threadsafe(job, self._loop).result(timeout=30)

    async def _swallow(self, swallow: bool, newcomers: bool) -> None:
        self._black = swallow and newcomers
        for pair in self._pairs:
            if swallow:
                pair.passing.clear()
            else:
                pair.passing.set()

    async def _cut_all(self) -> None:
        for pair in list(self._pairs):
            self._cut(pair)

    async def _stop(self) -> None:
        self._server.close()
        # Whoever was let in at the last moment gets a task while the others are ending.
        while tasks := asyncio.all_tasks(self._loop) - {asyncio.current_task(self._loop)}:
            await self._cut_all()
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
            await asyncio.sleep(0)

    async def _accept(self, reader: asyncio.StreamReader, client: asyncio.StreamWriter) -> None:
        self.accepted += 1
        try:
            if isinstance(self._target, Path):
                back, server = await asyncio.open_unix_connection(str(self._target))
            else:
                back, server = await asyncio.open_connection(*self._target)
        except OSError:
            client.transport.abort()
            return
        await self._between(_Pair(client, server), reader, back)

    async def _between(self, pair: _Pair, reader: asyncio.StreamReader, back: asyncio.StreamReader) -> None:
        if not self._black:
            pair.passing.set()
        self._pairs.add(pair)
        try:
            await asyncio.gather(
                self._carry(pair, reader, pair.server, True), self._carry(pair, back, pair.client, False)
            )
        except asyncio.CancelledError:
            return  # the proxy ends
        finally:
            self._cut(pair)

    async def _carry(
        self, pair: _Pair, source: asyncio.StreamReader, sink: asyncio.StreamWriter, asking: bool
    ) -> None:
        try:
            while data := await source.read(65536):
                if not await self._may_pass(pair, data, asking):
                    break
                sink.write(data)
                await sink.drain()
        except (OSError, ConnectionError):
            pass
        self._cut(pair)

    async def _may_pass(self, pair: _Pair, data: bytes, asking: bool) -> bool:
        if self.latency or self.loss:
            again = self.latency + 0.2 if self._rng.random() < self.loss else 0.0
            await asyncio.sleep(self.latency + again)
        await pair.passing.wait()
        if asking and COMMIT in data:
            fate = self.cut_commits()
            self.cuts += fate is not None
            pair.committing = fate == "after"
            return fate != "before"
        return asking or not pair.committing

    def _cut(self, pair: _Pair) -> None:
        self._pairs.discard(pair)
        for writer in (pair.client, pair.server):
            writer.transport.abort()
