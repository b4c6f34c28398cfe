"""Two connections, one four-tuple: the second begins with numbers that the first has used already."""

import select
import socket
from collections.abc import Callable
from contextlib import ExitStack, suppress
from struct import pack
from time import monotonic
from weakref import WeakKeyDictionary

from tcplab.errors import BadValue, NotReady
from tcplab.model.conversation import Conversation, conversations
from tcplab.wire.rules import Kept
from tcplab.wire.wire import Wire
from tcplab.world.host import Host

CLOCK_BYTES_PER_S = 1e9 / 64
"""How fast first sequence numbers move on Linux: one each 64 ns (seq_scale() in net/core/secure_seq.c)."""

ROUND_BYTES = 1 << 16
_BEHIND_BYTES = 8 * ROUND_BYTES
_PATIENCE_MS = 100
_LONGEST_WAIT_S = 5.0

_returned: "WeakKeyDictionary[Wire, dict[int, tuple[socket.socket, socket.socket]]]" = WeakKeyDictionary()

Close = Callable[[socket.socket, socket.socket], object]


def cut(mine: socket.socket, theirs: socket.socket) -> None:
    """End a connection so that nobody remembers it: by a RST, as lab 02 has it; both sockets are closed."""
    if mine.fileno() >= 0:
        mine.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, pack("ii", 1, 0))
        mine.close()
    with suppress(OSError), theirs:  # ECONNRESET; or closed before
        while theirs.recv(ROUND_BYTES):
            pass


def overtake(
    wire: Wire,
    port: int,
    line: bytes,
    *,
    close: Close = cut,
    rounds_ahead: int = 8,
    connect_s: float = 5.0,
    within_s: float = 30.0,
) -> tuple[socket.socket, socket.socket, Kept]:
    """Connect twice from the client's only port, the first time faster than the clock of first sequence numbers.

    The first connection sends 64 KiB a round, the last bytes of each being `line`, in a segment of its own that the
    wire keeps a copy of; the server sends as much back. Some rounds ahead of the clock it is closed, and the second
    follows at once. Where a busy machine is too slow for that, both begin anew.

    Args:
        wire: between client and server; the client's ip_local_port_range must hold one port
        port: of the server
        line: what each round ends with
        close: closes the first connection, given the client's socket and the server's
        rounds_ahead: how far it runs; each but the first two is 4 ms of the clock, to close and to connect in
        connect_s: how long the second connect() may take (seconds)
        within_s: how long to try (seconds)

    Returns: the second connection, nothing sent yet: the client's socket, the server's, which wait for 5 s at most; and
        the copies of the first's lines, oldest first. The next call for the same port cuts it, so a cell may be run
        again.

    Raises:
        NotReady: the wire is slower than the clock, on a machine that is slow or very busy
        BadValue: the client took another port for the second connection
        OSError: what the kernel said to the second connect()

    >>> mine, theirs, copies = overtake(bed.wire, 80, b"PAY 9000")     # doctest: +SKIP
    """
    client, server = wire.hosts
    if before := _returned.setdefault(wire, {}).pop(port, None):
        cut(*before)
    deadline, tries, fastest = monotonic() + within_s, 0, 0.0
    with server.listen(port) as listener, ExitStack() as undo:
        copies = wire.keep(payload_bytes=len(line), source=client, destination_port=port)
        undo.callback(copies.remove)
        while True:
            tries += 1
            seen = len(wire.segments)
            one, other = client.socket(), client.socket()  # before the race: in it each millisecond counts
            with ExitStack() as ends:
                for end in (one, other):
                    ends.callback(end.close)
                began = monotonic()
                first = _connected(one, server, listener, connect_s, ends)
                sent = _race(*first, line, began, rounds_ahead)
                fastest = max(fastest, sent / (monotonic() - began) / 1e6)
                if _ahead(sent, began) <= 0:
                    cut(*first)
                else:
                    close(*first)
                    second = _connected(other, server, listener, connect_s, ends)
                    if fits(*_last_two(wire, port, seen), line):
                        ends.pop_all()
                        undo.pop_all()
                        for end in second:
                            end.settimeout(_LONGEST_WAIT_S)
                        _returned[wire][port] = second
                        return *second, copies
                    cut(*second)
            copies.discard()
            if monotonic() > deadline:
                break
    clock = f"{CLOCK_BYTES_PER_S / 1e6:.1f} MB/s"
    raise NotReady(f"A connection faster than {clock} (the fastest of {tries}: {fastest:.1f} MB/s)", within_s)


def fits(old: Conversation, new: Conversation, line: bytes) -> bool:
    """Tell whether lines of the old connection have numbers that the new one is about to use.

    That is: the first whose seq lies ahead of the new SYN has an ack from before it, and a later one has both ahead.
    """
    late = [new.seen(turn.segment) for turn in old if turn.from_client and turn.segment.payload == line]
    ahead = [turn for turn in late if turn.seq > 4 * len(line)]
    return bool(ahead) and ahead[0].ack <= 0 and ahead[-1].ack > 4 * len(line)


def exchange(mine: socket.socket, theirs: socket.socket, *, there: int, back: int) -> None:
    """Send so many bytes from mine to theirs, then so many back, and read them all."""
    for sender, reader, wanted in ((mine, theirs, there), (theirs, mine, back)):
        left = wanted
        while left > 0:
            step = min(left, ROUND_BYTES)
            sender.sendall(bytes(step))
            _read(reader, step)
            left -= step


def _race(mine: socket.socket, theirs: socket.socket, line: bytes, began: float, rounds_ahead: int) -> int:
    """Send there and back until the clock is far behind, or too far ahead; return how many bytes each way."""
    filler, sent = bytes(ROUND_BYTES - len(line)), 0
    while -_BEHIND_BYTES < _ahead(sent, began) < rounds_ahead * ROUND_BYTES:
        # MSG_EOR: nothing is added to what is sent so far, so the line has a segment of its own.
        mine.sendall(filler, socket.MSG_EOR)
        mine.sendall(line, socket.MSG_EOR)
        _read(theirs, ROUND_BYTES)
        theirs.sendall(filler + line)
        _read(mine, ROUND_BYTES)
        sent += ROUND_BYTES
    return sent


def _ahead(sent: int, began: float) -> float:
    return sent - (monotonic() - began) * CLOCK_BYTES_PER_S


def _connected(
    mine: socket.socket, server: Host, listener: socket.socket, within_s: float, ends: ExitStack
) -> tuple[socket.socket, socket.socket]:
    mine.settimeout(within_s)
    mine.connect((str(server.address), listener.getsockname()[1]))
    mine.settimeout(None)
    theirs = listener.accept()[0]
    ends.callback(theirs.close)
    for end in (mine, theirs):
        end.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return mine, theirs


def _last_two(wire: Wire, port: int, seen: int) -> tuple[Conversation, Conversation]:
    old, new = (talk for talk in conversations(wire.segments[seen:]) if talk.server.port == port)
    if old.client != new.client:
        ports = f"{old.client.port} to {new.client.port}"
        raise BadValue("ip_local_port_range", ports, "one port, so that the second connection gets it too")
    return old, new


def _read(reader: socket.socket, wanted: int) -> None:
    poll = select.poll()
    poll.register(reader, select.POLLIN)
    left = wanted
    while left:
        reader.setsockopt(socket.SOL_SOCKET, socket.SO_RCVLOWAT, left)  # be woken once, not once a segment
        poll.poll(_PATIENCE_MS)
        reader.setsockopt(socket.SOL_SOCKET, socket.SO_RCVLOWAT, 1)
        left -= len(reader.recv(left))
