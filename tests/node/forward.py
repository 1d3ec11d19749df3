"""From a socket of the machine to an address inside the node: a socket stays where it was made, whoever has it."""

from __future__ import annotations

import contextlib
import socket
import threading

_AT_ONCE = 64 * 1024


def serve(listener: socket.socket, target: tuple[str, int]) -> None:
    """Pass on what connects, in threads that end with the process."""

    def accept() -> None:
        while True:
            incoming, _ = listener.accept()
            threading.Thread(target=_join, args=(incoming, target), daemon=True).start()

    threading.Thread(target=accept, daemon=True).start()


def _join(incoming: socket.socket, target: tuple[str, int]) -> None:
    with incoming, contextlib.suppress(OSError), socket.create_connection(target) as outgoing:
        back = threading.Thread(target=_pump, args=(outgoing, incoming), daemon=True)
        back.start()
        _pump(incoming, outgoing)
        back.join()


def _pump(source: socket.socket, sink: socket.socket) -> None:
    with contextlib.suppress(OSError):
        while content := source.recv(_AT_ONCE):
            sink.sendall(content)
    with contextlib.suppress(OSError):
        sink.shutdown(socket.SHUT_WR)
