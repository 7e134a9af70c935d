"""A TCP port in front of the database's Unix socket, for tools that cannot use a socket."""

import asyncio
import contextlib
import threading

from local_stack.ports import HeldPort


class Relay:
    """Copies bytes between a port of the loopback and a Unix socket, in a thread of its own."""

    def __init__(self, socket_path: str, wanted_port: int = 0) -> None:
        self._socket_path = socket_path
        self._held = HeldPort(wanted_port)
        self.port = self._held.number
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self._ready = threading.Event()

    def start(self) -> None:
        """Listen."""
        self._thread.start()
        self._ready.wait(5)

    def stop(self) -> None:
        """Stop listening and close every connection."""
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(5)
        self._held.release()

    def _serve(self) -> None:
        asyncio.set_event_loop(self._loop)
        listening = asyncio.start_server(self._connect, "127.0.0.1", self.port)
        server = self._loop.run_until_complete(listening)
        self._ready.set()
        self._loop.run_forever()
        server.close()
        for task in asyncio.all_tasks(self._loop):
            task.cancel()
        self._loop.run_until_complete(asyncio.sleep(0))
        self._loop.close()

    async def _connect(self, here: asyncio.StreamReader, back: asyncio.StreamWriter) -> None:
        with contextlib.suppress(OSError, asyncio.CancelledError):
            there, on = await asyncio.open_unix_connection(self._socket_path)
            await asyncio.gather(_copy(here, on), _copy(there, back))


async def _copy(source: asyncio.StreamReader, target: asyncio.StreamWriter) -> None:
    with contextlib.suppress(OSError):
        while data := await source.read(65_536):
            target.write(data)
            await target.drain()
    target.close()
