"""A TCP proxy that delays each direction by half a round trip: what loopback hides."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress

_CHUNK = 64 * 1024


@contextmanager
def delayed(port: int, round_trip: float) -> Iterator[int]:
    """A port on loopback that leads to `port`, `round_trip` seconds away."""
    loop = asyncio.new_event_loop()
    proxy = _Proxy(port, round_trip / 2)
    server = loop.run_until_complete(asyncio.start_server(proxy.serve, "127.0.0.1", 0))
    thread = threading.Thread(target=loop.run_forever, daemon=True)
    thread.start()
    try:
        yield server.sockets[0].getsockname()[1]
    finally:
        server.close()
        loop.set_exception_handler(lambda *_: None)  # connections that clients left open
        asyncio.run_coroutine_threadsafe(_cancel_others(), loop).result()
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        loop.close()


async def _cancel_others() -> None:
    """A task that is left would complain about a loop that has ended."""
    others = asyncio.all_tasks() - {asyncio.current_task()}
    for task in others:
        task.cancel()
    await asyncio.gather(*others, return_exceptions=True)


class _Proxy:
    def __init__(self, port: int, delay: float) -> None:
        self._port = port
        self._delay = delay

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        there, back = await asyncio.open_connection("127.0.0.1", self._port)
        await asyncio.gather(self._pump(reader, back), self._pump(there, writer))

    async def _pump(self, source: asyncio.StreamReader, sink: asyncio.StreamWriter) -> None:
        """Every chunk comes out `delay` later, in order; chunks do not wait for each other."""
        loop = asyncio.get_running_loop()
        queue: asyncio.Queue[tuple[float, bytes]] = asyncio.Queue()

        async def deliver() -> None:
            while True:
                due, chunk = await queue.get()
                await asyncio.sleep(max(0.0, due - loop.time()))
                if not chunk:
                    break
                sink.write(chunk)
                await sink.drain()
            with suppress(OSError):
                sink.write_eof()

        delivery = asyncio.ensure_future(deliver())
        with suppress(OSError):
            while chunk := await source.read(_CHUNK):
                queue.put_nowait((loop.time() + self._delay, chunk))
        queue.put_nowait((loop.time() + self._delay, b""))
        with suppress(OSError):
            await delivery
