"""Attacks by way of the network: nothing that listens outside may hear of a submission."""

from .attack import ANY_LOSS, Attack


def _attack(name: str, what: str, source: str) -> Attack:
    guarded = "try:\n" + "\n".join("    " + line if line else "" for line in source.splitlines())
    guarded += "\nexcept Exception as error:\n    print(type(error).__name__, error)\n"
    return Attack(name, "network", what, before=guarded, outcomes=ANY_LOSS)


ATTACKS = (
    _attack(
        "tcp",
        "connects to a server on the machine",
        'import socket\n\nsocket.create_connection(("127.0.0.1", $PORT), 2).sendall(b"ATTACKED")',
    ),
    _attack(
        "tcp_any_address",
        "tries every address that the machine may have",
        "import socket\n\nfor address in ('0.0.0.0', '::1', socket.gethostname(), '10.0.2.2'):\n"
        "    try:\n        socket.create_connection((address, $PORT), 1).sendall(b'ATTACKED')\n"
        "    except OSError as error:\n        print(address, error)",
    ),
    _attack(
        "udp",
        "sends a name query, with data in the name, to a name server",
        "import socket\n\nquery = b'\\x12\\x34\\x01\\x00\\x00\\x01' + bytes(6)\n"
        "query += b'\\x08ATTACKED\\x07example\\x00\\x00\\x01\\x00\\x01'\n"
        "sender = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)\n"
        "sender.sendto(query, ('127.0.0.1', $UDP_PORT))",
    ),
    _attack(
        "unix_socket",
        "connects to a socket in the file system",
        "import socket\n\nclient = socket.socket(socket.AF_UNIX)\nclient.connect('$SOCKET')\n"
        "client.sendall(b'ATTACKED')",
    ),
    _attack(
        "abstract_socket",
        "connects to a socket that has a name and no file",
        "import socket\n\nclient = socket.socket(socket.AF_UNIX)\n"
        "client.connect('\\0$ABSTRACT')\nclient.sendall(b'ATTACKED')",
    ),
    _attack(
        "dask_scheduler",
        "asks the scheduler of the graders to run a function",
        "from distributed import Client\n\n"
        "client = Client('tcp://127.0.0.1:$PORT', timeout=2)\n"
        "client.run_on_scheduler(lambda: open('$COURSE/grading/ATTACKED', 'w').close())",
    ),
    Attack(
        "exfiltrate_in_call",
        "network",
        "sends the inputs of hidden tests away when they call",
        answer="def summary(numbers):\n    import socket\n\n    sender = socket.socket("
        "socket.AF_INET, socket.SOCK_DGRAM)\n    sender.sendto(str(numbers).encode(),"
        " ('127.0.0.1', $UDP_PORT))\n    return {'count': 0, 'mean': 0.0}\n",
        outcomes=ANY_LOSS,
    ),
)
