"""What stands for a program: it has a warm Python run it, with its own files, folder, variables and arguments.

It starts in hundredths of a second, as `python -IS`, so it imports only what Python has loaded then. It passes signals
on to the run, and ends as the run does: by the same code, or by the same signal.
"""

from __future__ import annotations

import _signal as signal
import _socket
import marshal
import os
import sys

_FORWARDED = (
    signal.SIGHUP, signal.SIGINT, signal.SIGQUIT, signal.SIGTERM, signal.SIGUSR1, signal.SIGUSR2,
)  # fmt: skip
_LENGTH = 4  # bytes of a number


def ask(place: str, request: tuple[object, ...], files: tuple[int, ...]) -> _socket.socket:
    """Send the request and the numbers of open files, which the run gets as its own."""
    peer = _socket.socket(_socket.AF_UNIX, _socket.SOCK_STREAM)
    peer.connect(place)
    body = marshal.dumps(request)
    message = len(body).to_bytes(_LENGTH, "big") + body
    numbers = b"".join(number.to_bytes(_LENGTH, sys.byteorder) for number in files)
    sent = peer.sendmsg([message], [(_socket.SOL_SOCKET, _socket.SCM_RIGHTS, numbers)])
    peer.sendall(message[sent:])
    return peer


def answer(peer: _socket.socket) -> int:
    """
    Raises:
        EOFError: the warm Python has ended.
    """
    read = b""
    while len(read) < _LENGTH:
        more = peer.recv(_LENGTH - len(read))
        if not more:
            raise EOFError
        read += more
    return int.from_bytes(read, "big", signed=True)


def stand(place: str, arguments: list[str]) -> int:
    """Have it run, and return its code, negative for a signal."""
    ignored = [number for number in _FORWARDED if signal.getsignal(number) == signal.SIG_IGN]
    forwarded = [number for number in _FORWARDED if number not in ignored]
    signal.pthread_sigmask(signal.SIG_BLOCK, forwarded)
    mask = os.umask(0)
    folder = os.getcwd()  # noqa: PTH109 -- pathlib takes longer than all the rest
    request = (arguments, folder, dict(os.environ), mask, ignored)
    peer = ask(place, request, (0, 1, 2))
    pid = answer(peer)
    for number in forwarded:
        signal.signal(number, lambda number, _: os.kill(pid, number))
    signal.pthread_sigmask(signal.SIG_UNBLOCK, forwarded)
    return answer(peer)


def end(code: int) -> None:
    """End this process as the run has ended."""
    if code < 0:
        if -code in _FORWARDED:
            signal.signal(-code, signal.SIG_DFL)
        os.kill(os.getpid(), -code)
    os._exit(code)
