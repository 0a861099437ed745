"""The process that holds a learner's objects, and the connection over which a test asks for them.

`serve` runs in a fork of the process that ran the learner's cells. It receives statements and
plain data, and answers with plain data; `RemoteSnapshot` is its other end. Whatever the learner's
code has done to its process, it can only change the values that come back.
"""

import os
import socket
from collections.abc import Iterable, Mapping
from typing import Any, NoReturn

from aicourse.frames import receive, send
from aicourse.grading.sealed.plain_data import decode, encode
from aicourse.grading.sealed.split_test import LearnersError

_LONGEST_MESSAGE = 2000


def serve(connection: socket.socket, namespace: Mapping[str, Any]) -> NoReturn:
    """Answer requests until the other end closes, then end the process without clean-up.

    Args:
        namespace: the learner's names; the test's own are added to a copy.
    """
    names = dict(namespace)
    while True:
        try:
            request = receive(connection)
        except (EOFError, OSError, ValueError):
            os._exit(0)
        try:
            send(connection, {"value": _answer(request, names)})
        except BaseException as error:
            try:
                raised = [type(error).__name__, str(error)[:_LONGEST_MESSAGE]]
                send(connection, {"raised": raised})
            except BaseException:
                os._exit(1)


def _answer(request: Mapping[str, Any], names: dict[str, Any]) -> Any:
    names.update(decode(request["sent"]))
    code = compile(request["source"], "<test>", request["mode"])
    if request["mode"] == "eval":
        return encode(eval(code, names))
    exec(code, names)
    return encode({name: names[name] for name in request["wanted"] if name in names})


class RemoteSnapshot:
    """The other end of `serve`; see `split_test.Snapshot`.

    A request that takes longer than `seconds`, or whose process dies, is the learner's error.
    """

    def __init__(self, connection: socket.socket, seconds: float) -> None:
        self._connection = connection
        self._seconds = seconds

    def execute(self, source: str, sent: Any, wanted: Iterable[str]) -> Any:
        return self._ask({"mode": "exec", "source": source, "sent": sent, "wanted": list(wanted)})

    def evaluate(self, source: str, sent: Any) -> Any:
        return self._ask({"mode": "eval", "source": source, "sent": sent})

    def _ask(self, request: Mapping[str, Any]) -> Any:
        try:
            send(self._connection, request)
            answer = receive(self._connection, self._seconds)
        except TimeoutError:
            text = "The code did not finish in the time allowed."
            raise LearnersError(text, kind="timeout") from None
        except (EOFError, OSError, ValueError):
            text = "The process ended before this test finished."
            raise LearnersError(text, kind="died") from None
        match answer:
            case {"value": value}:
                return value
            case {"raised": [str(name), str(message)]}:
                name, message = name[:80], message[:_LONGEST_MESSAGE]
                raise LearnersError(f"{name}: {message}", kind="raised", error_type=name)
        text = "The process of the answer sent something else than an answer."
        raise LearnersError(text, kind="died")
