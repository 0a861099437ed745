"""JSON messages over a socket, each with its length in front: how the project's processes talk.

JSON, never pickle: what comes from a process that ran a learner's code is only ever read as data.
"""

import json
import socket
import struct
import time
from collections.abc import Sequence
from typing import Any

#: A larger message is an attempt to fill the reader's memory.
LARGEST = 512 << 20
_HEAD = struct.Struct("!I")
#: Sockets that one packet can carry; the kernel's limit is 253.
_MOST_SOCKETS = 250
_LARGEST_PACKET = 1 << 17


def send(connection: socket.socket, message: Any) -> None:
    """Send one message; raises OSError when the other end is gone."""
    body = json.dumps(message).encode()
    connection.sendall(_HEAD.pack(len(body)) + body)


def receive(connection: socket.socket, seconds: float | None = None, largest: int = LARGEST) -> Any:
    """Receive one message, waiting at most `seconds` (None: for ever).

    Raises:
        EOFError: the other end is closed.
        TimeoutError: nothing whole came in time.
        ValueError: more than `largest` bytes, not JSON, or nested too deeply.
    """
    deadline = None if seconds is None else time.monotonic() + seconds
    (size,) = _HEAD.unpack(_exactly(connection, _HEAD.size, deadline))
    if size > largest:
        raise ValueError(f"a message of {size} bytes is larger than allowed")
    try:
        return json.loads(_exactly(connection, size, deadline))
    except RecursionError:
        raise ValueError("a message is nested too deeply") from None


def _exactly(connection: socket.socket, size: int, deadline: float | None) -> bytes:
    received = bytearray()
    try:
        while len(received) < size:
            if deadline is not None:
                if (left := deadline - time.monotonic()) <= 0:
                    raise TimeoutError
                connection.settimeout(left)
            if not (chunk := connection.recv(min(1 << 20, size - len(received)))):
                raise EOFError
            received += chunk
    finally:
        connection.settimeout(None)
    return bytes(received)


def packet_pair() -> tuple[socket.socket, socket.socket]:
    """Two connected sockets for `send_packet` and `receive_packet`, which keep packets apart."""
    return socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)


def send_packet(
    connection: socket.socket, message: Any, sockets: Sequence[socket.socket] = ()
) -> None:
    """Send a small message together with open sockets; raises OSError."""
    body = json.dumps(message).encode()
    assert len(body) <= _LARGEST_PACKET, "this message needs `send`"
    socket.send_fds(connection, [body], [s.fileno() for s in sockets])


def receive_packet(
    connection: socket.socket, seconds: float | None = None
) -> tuple[Any, list[socket.socket]]:
    """Receive what `send_packet` sent; the sockets belong to the caller.

    Raises:
        EOFError: the other end is closed.
        TimeoutError: nothing came in time.
    """
    connection.settimeout(seconds)
    try:
        body, descriptors, _, _ = socket.recv_fds(connection, _LARGEST_PACKET, _MOST_SOCKETS)
    finally:
        connection.settimeout(None)
    if not body:
        raise EOFError
    return json.loads(body), [socket.socket(fileno=one) for one in descriptors]
