"""What learners of lab 07 might write, and what they must be told."""

from dataclasses import replace
from zlib import crc32

from exercises import OPEN, Tries, Try, on_port
from tcplab.model.connection import Connection
from tcplab.model.four_tuple import Endpoint
from tcplab.model.segment import Segment
from tcplab.model.state import TcpState
from tcplab.model.trial import Trial
from tcplab.traffic.program import SHIPPED
from unit.packets import ADDRESSES

PROGRAM = (SHIPPED / "receipts.py").read_bytes()
LINES = PROGRAM.decode().splitlines()


def line(words: str) -> int:
    """The number of the line that holds these words."""
    return next(number for number, one in enumerate(LINES, 1) if words in one)


def held(state: TcpState, port: int = 9000, *, client: bool = False, **more: int) -> Connection:
    """One socket of a connection, at the server or at the client."""
    peer, local = (Endpoint(*ADDRESSES["client"]), Endpoint(ADDRESSES["server"][0], port))
    return Connection(state, *((peer, local) if client else (local, peer)), **more)


LISTEN, CLOSE_WAIT = held(TcpState.LISTEN), held(TcpState.CLOSE_WAIT)
CLEAN, LEAKED = {"server": [LISTEN]}, {"server": [LISTEN, CLOSE_WAIT, CLOSE_WAIT]}

FILE = b"hello"
RECEIPT = f"{len(FILE)} bytes, CRC-32 {crc32(FILE):08x}"
TRIAL = Trial(9000, (FILE,), 1, 1, (RECEIPT,), 4, 4)
SILENT = replace(TRIAL, receipts=(None,))

ASKS = OPEN + "client > PA 5\nclient > FA\nserver > A\n"
ANSWERED = ASKS + "server > PA 26\nserver > FA\nclient > A"
VISITS = on_port(9000, ANSWERED)


SAYS_NOTHING = OPEN + "client > FA\nserver > FA\nclient > A"
HANGS_UP = OPEN + "client > PA 5\nclient > R\nserver > R"


def from_port(client: int, text: str) -> list[Segment]:
    """A visit from another port of the client."""
    return [
        replace(one, source=replace(one.source, port=client))
        if one.from_host == "client"
        else replace(one, destination=replace(one.destination, port=client))
        for one in on_port(9000, text)
    ]


def mended(function: str) -> dict[str, bytes]:
    """A repair, as the file that the learner wrote."""
    before, after = PROGRAM.split(b"def serve")[0], PROGRAM[PROGRAM.index(b"listener = ") :]
    return {"mended.py": before + f"def serve(connection, peer):\n    {function}\n\n\n".encode() + after}


def closing_the_listener(files: dict[str, bytes]) -> dict[str, bytes]:
    """The same, with a close() where the program ends."""
    return {name: text + b"listener.close()\n" for name, text in files.items()}


DEAF = OPEN + "server > A 1448\nserver > A 1448\nclient > A\n"
DEAF_ENDS = {
    "client": [held(TcpState.ESTABLISHED, 9001, client=True)],
    "server": [held(TcpState.FIN_WAIT1, 9001, send_queue_bytes=40_000)],
}


def server_in(
    state: TcpState, *, client: TcpState | None = TcpState.ESTABLISHED, inode: int = 0, port: int = 9001
) -> dict:
    """Both ends of the connection on port 9001; None for a side that has none any more."""
    return {
        "client": [held(client, port, client=True)] if client else [],
        "server": [held(state, port, inode=inode)],
    }


RIGHT = {
    "close_wait": "its program",
    "fin_wait2": "the peer's program",
    "orphan_fin_wait2": "a clock",
    "last_ack": "the peer's kernel",
    "time_wait": "a clock",
}

TRIES = {
    "leaking_line": Tries(
        solved=Try(line("if not file") + 1, "never let go", files={"receipts.py": PROGRAM}),
        also=(Try(line("if not file"), "never let go", files={"receipts.py": PROGRAM + "# café".encode("latin-1")}),),
        wrong=(
            Try(line("sessions[peer]"), "Who does not take it off"),
            Try(line("sessions.pop"), "That one closes"),
            Try(line("sendall"), "wants no receipt"),
            Try(line("recv(65536)"), "recv does its work"),
            Try(line("except OSError"), "the symptom"),
            Try(line("listener.accept"), "Here the twelve come in"),
            Try(1, "Be the balancer"),
            Try(len(LINES), ""),
            Try(99, "number of a line"),
            Try("23", "number of a line"),
        ),
    ),
    "mended": Tries(
        solved=Try(TRIAL, "4 descriptors", VISITS, CLEAN, mended("with connection: ...")),
        untouched=VISITS,
        also=(
            Try(TRIAL, "4 descriptors", on_port(9000, ANSWERED + "\nserver > R"), CLEAN),
            Try(TRIAL, "4 descriptors", [*VISITS, *on_port(9005, OPEN + "server > RA")], CLEAN),
            Try(TRIAL, "4 descriptors", files={"mended.py": "# geschlossen für alle".encode("latin-1")}),
            Try(
                replace(TRIAL, probes=1, resets=1),
                "after 3 visitors",
                [*VISITS, *from_port(40001, SAYS_NOTHING), *from_port(40002, HANGS_UP)],
                {"server": [LISTEN, held(TcpState.CLOSE_WAIT, 9005)]},
            ),
        ),
        wrong=(
            Try(replace(TRIAL, customers=(), exit_code=1, last_words="NameError"), "did not come up"),
            Try(replace(TRIAL, customers=(), exit_code=1), "did not come up"),
            Try(SILENT, "A customer waits", [*on_port(9000, ASKS), *from_port(40001, SAYS_NOTHING)]),
            Try(replace(TRIAL, exit_code=0), "has ended", sockets={}, files=mended("sys.exit()")),
            Try(TRIAL, "Nobody listens", sockets={"server": [CLOSE_WAIT]}, files=mended("listener.close()")),
            Try(
                SILENT,
                "throws away what is still on its way",
                on_port(9000, ASKS + "server > RA"),
                files=mended("connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, bytes(8))"),
            ),
            Try(SILENT, "Answer first", on_port(9000, ASKS + "server > FA\nclient > A")),
            Try(replace(SILENT, last_words="NameError: file"), "NameError: file", on_port(9000, ASKS)),
            Try(SILENT, "They read until your FIN", on_port(9000, ASKS + "server > PA 26\nclient > A")),
            Try(
                replace(SILENT, last_words="NameError: name 'x'"),
                "Your program said: NameError",
                on_port(9000, ASKS + "server > PA 2\nclient > A"),
            ),
            Try(replace(TRIAL, receipts=("5 bytes, CRC-32 0",)), "not those of the files"),
            Try(TRIAL, "clock of FIN_WAIT2", sockets=LEAKED, files=mended('Path("…/tcp_fin_timeout").write_text("1")')),
            Try(replace(TRIAL, fin_timeout_s=5), "clock of FIN_WAIT2", sockets=LEAKED),
            Try(TRIAL, "how a close() is done", sockets=LEAKED, files=mended("connection.setsockopt(SO_LINGER)")),
            Try(TRIAL, "A time limit ends", sockets=LEAKED, files=mended("connection.settimeout(5)")),
            Try(TRIAL, "A time limit ends", sockets=LEAKED, files=mended("setsockopt(6, TCP_USER_TIMEOUT, 5)")),
            Try(TRIAL, "A time limit ends", sockets=LEAKED, files=mended("setsockopt(1, SO_KEEPALIVE, 1)")),
            Try(TRIAL, "A time limit ends", sockets=LEAKED, files=mended("setsockopt(6, TCP_KEEPIDLE, 1)")),
            Try(TRIAL, "still names the socket", sockets=LEAKED, files=mended("del connection")),
            Try(TRIAL, "still names the socket", sockets=LEAKED, files=mended("gc.collect()")),
            Try(SILENT, "Answer first", on_port(9000, ASKS + "server > RA")),
            Try(
                replace(TRIAL, descriptors_after=6),
                "and which lines are skipped",
                files=mended("connection.shutdown(2); connection.close()"),
            ),
            Try(TRIAL, "Somebody still leaves", sockets=LEAKED),
            Try(
                replace(TRIAL, descriptors_after=6),
                "gives no descriptor back",
                files=mended("connection.shutdown(socket.SHUT_RDWR)"),
            ),
            Try(
                replace(TRIAL, descriptors_after=5, resets=1),
                "which lines are skipped",
                files=mended("if not file: connection.close()"),
            ),
            Try(
                replace(TRIAL, descriptors_after=6),
                "gives no descriptor back",
                files=closing_the_listener(mended("connection.shutdown(socket.SHUT_RDWR)")),
            ),
            Try(
                replace(TRIAL, descriptors_after=7, resets=3),
                "more descriptors than before",
                files=mended("if not file: connection.close()"),
            ),
            Try(TRIAL, "ends connections with a RST", on_port(9000, ASKS + "server > PA 26\nserver > RA")),
            Try("done", "Let the visitors come"),
        ),
    ),
    "who_acts": Tries(
        solved=Try(RIGHT, "those are your bugs"),
        also=(Try({**RIGHT, "fin_wait2": "The peer’s program"}, "those are your bugs"),),
        wrong=(
            Try({**RIGHT, "close_wait": "a clock"}, "there was none"),
            Try({**RIGHT, "close_wait": "the peer's program"}, "its FIN is here"),
            Try({**RIGHT, "fin_wait2": "A clock"}, "port 5004 had no clock"),
            Try({**RIGHT, "fin_wait2": "the peer’s kernel"}, "Who makes a kernel send one"),
            Try({**RIGHT, "last_ack": "a clock"}, ""),
            Try({**RIGHT, "fin_wait2": "the peer's kernel"}, "Who makes a kernel send one"),
            Try({**RIGHT, "orphan_fin_wait2": "the peer's program"}, "it ended all the same"),
            Try({**RIGHT, "last_ack": "the peer's program"}, "Who sends ACKs"),
            Try({**RIGHT, "time_wait": "the peer's kernel"}, "everything has been said"),
            Try({**RIGHT, "time_wait": "nobody"}, "one of four"),
            Try("a clock", "One answer for each"),
        ),
    ),
    "deaf_peer": Tries(
        solved=Try(..., "waits behind bytes nobody reads", on_port(9001, DEAF), DEAF_ENDS),
        varied=lambda drawn: Try(
            ..., "waits behind bytes", on_port(drawn.port, DEAF), server_in(TcpState.FIN_WAIT1, port=drawn.port)
        ),
        untouched=VISITS,
        wrong=(
            Try(..., "has dropped a segment", on_port(9001, OPEN + "server > FA dropped\nserver > FA again dropped")),
            Try(..., "has held a segment", on_port(9001, OPEN + "server > FA held")),
            Try(..., "Let the program go", sockets=server_in(TcpState.FIN_WAIT1, inode=77)),
            Try(..., "has not closed", sockets=server_in(TcpState.ESTABLISHED)),
            Try(..., "everything before it fitted", sockets=server_in(TcpState.FIN_WAIT2, client=TcpState.CLOSE_WAIT)),
            Try(..., "The client said FIN first", sockets=server_in(TcpState.LAST_ACK, client=TcpState.FIN_WAIT2)),
            Try(..., "closed at once", sockets={"client": [], "server": []}),
            Try(..., "went further", sockets=server_in(TcpState.TIME_WAIT)),
        ),
    ),
}
