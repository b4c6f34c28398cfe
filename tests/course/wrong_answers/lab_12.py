"""What learners of lab 12 might write, and what they must be told."""

from dataclasses import replace

from exercises import OPEN, Tries, Try, on_port
from tcplab.model.connection import Connection
from tcplab.model.four_tuple import Endpoint
from tcplab.model.segment import Segment
from tcplab.model.state import TcpState
from unit.packets import ADDRESSES, frame

# ---- two connections on port 9000, the second among the numbers of the first, made by hand

CLIENT_ISN, SERVER_ISN = 1_000_000, 5_000_000
NEW_CLIENT_ISN, NEW_SERVER_ISN = CLIENT_ISN + 60_000, SERVER_ISN + 60_000
OLD_SEQ, OLD_ACK = 61_000, 60_500  # of yesterday's order, counted from the old SYNs


def _segment(number: int, side: str, flags: str, seq: int, ack: int, payload: bytes = b"") -> Segment:
    return Segment.from_frame(
        frame(side, flags, seq, ack, payload),
        number=number,
        time_s=float(number),
        delivered_s=float(number),
        from_host=side,
        to_host="server" if side == "client" else "client",
    )


DAVE, ANNA, BEN, CLEO = (name * 8 for name in (b"dave", b"anna", b"ben.", b"cleo"))


def replayed(
    *orders: bytes,
    gap: int = 64,
    said: int = 1000,
    late: int = 2,
    copies: int = 1,
    port: int = 9000,
    acked: int = OLD_ACK - 60_000,
    times: int = 1,
    echoed: bytes = b"",
    talked: bytes = b"",
) -> list[Segment]:
    """Yesterday's order and today's; the old one comes before today's number `late` (from 0).

    gap: how many bytes before it today's first order begins; said, times: how many bytes today's server has sent, and
    how often; acked: which byte of today's server the old order acknowledges; echoed, talked: what server and client
    say after that, before the orders.
    """
    old_seq, old_ack = CLIENT_ISN + OLD_SEQ, NEW_SERVER_ISN + acked
    begins = old_seq - gap - len(talked)
    told: list[tuple[str, str, int, int, bytes]] = [
        ("client", "S", CLIENT_ISN, 0, b""),
        ("server", "SA", SERVER_ISN, CLIENT_ISN + 1, b""),
        ("client", "A", CLIENT_ISN + 1, SERVER_ISN + 1, b""),
        ("client", "PA", old_seq, old_ack, DAVE),
        ("client", "RA", old_seq + 32, old_ack, b""),
        ("client", "S", NEW_CLIENT_ISN, 0, b""),
        ("server", "SA", NEW_SERVER_ISN, NEW_CLIENT_ISN + 1, b""),
        ("client", "A", NEW_CLIENT_ISN + 1, NEW_SERVER_ISN + 1, b""),
        *[("server", "PA", NEW_SERVER_ISN + 1, begins, bytes(said))] * times,
        *[("server", "PA", NEW_SERVER_ISN + 1 + said, begins, echoed)] * bool(echoed),
        *[("client", "PA", begins, NEW_SERVER_ISN + 1 + said, talked)] * bool(talked),
    ]
    seq = old_seq - gap
    for at, order in enumerate(orders):
        if at == late:
            told += [("client", "PA", old_seq, old_ack, DAVE)] * copies
        # The first is sent twice: a loss probe, as there is one wherever the server's ACK takes its time.
        told += [("client", "PA", seq, NEW_SERVER_ISN + 1 + said, order)] * (2 if at == 0 else 1)
        seq += len(order)
    if late >= len(orders):
        told += [("client", "PA", old_seq, old_ack, DAVE)] * copies
    return [_moved(_segment(number, *one), port) for number, one in enumerate(told, 1)]


def _moved(segment: Segment, port: int) -> Segment:
    server = ADDRESSES["server"]
    ends = {
        name: replace(end, port=port) if (end.address, end.port) == server else end
        for name, end in (("source", segment.source), ("destination", segment.destination))
    }
    return replace(segment, **ends)


PAID = replayed(ANNA, BEN, CLEO)
UNPAID = replayed(ANNA, BEN, CLEO, late=9, copies=0)

# ---- a TIME_WAIT shot on port 9001

CLOSE = OPEN + "client > PA 3\n"
SHOT = (
    CLOSE
    + "server > A held until 20\nclient > FA\nserver > FA\nclient > A at 9\nclient > A at 20.1\nserver > R at 20.2"
)

SERVER, CLIENT = (Endpoint(*ADDRESSES[side]) for side in ("server", "client"))
LEFT = Connection(TcpState.TIME_WAIT, CLIENT, replace(SERVER, port=9001))
OTHERS = [
    replace(LEFT, peer=SERVER),
    replace(LEFT, local=replace(CLIENT, port=40999)),
    replace(LEFT, state=TcpState.ESTABLISHED),
]
"""What the client may hold besides: towards another port, from another port, or not in TIME_WAIT."""

RIGHT = {"silent_server": "ack", "timestamps_on": "timestamps", "slow_first": "clock", "client_closes": "TIME_WAIT"}

TRIES = {
    "overtaken_from": Tries(
        solved=Try(125.0, "Every gigabit link"),
        also=(Try(119.2, "Every gigabit link"),),
        wrong=(
            Try(15.6, "in bits"),
            Try(15_625_000, "In Mbit/s"),
            Try(125_000_000, "bits a second"),
            Try(132, "The clock is slower"),
            Try(118, "The clock is faster"),
            Try(125_000, "that is kbit/s"),
            Try(2, "the clock of 1981"),
            Try(64, "the time of one number"),
            Try(16, "Per microsecond"),
            Try(1000, "The clock is slower"),
            Try(50, "The clock is faster"),
            Try("125 Mbit/s", "Write a number"),
        ),
    ),
    "third_order": Tries(
        solved=Try(..., "Two orders of today", PAID),
        varied=lambda drawn: Try(..., "Two orders of today", replayed(ANNA, BEN, CLEO, port=drawn.port)),
        also=(
            Try(..., "Two orders of today", replayed(ANNA + BEN, CLEO, late=1)),
            Try(..., "Two orders of today", replayed(ANNA + BEN + CLEO, late=0)),
            Try(..., "Two orders of today", replayed(ANNA, BEN, CLEO, talked=b"Good morning, bank. " * 10)),
            Try(..., "Two orders of today", replayed(ANNA, BEN, CLEO, talked=bytes(64))),
            Try(..., "Two orders of today", replayed(ANNA, BEN, CLEO, said=600, echoed=DAVE)),
            Try(..., "Two orders of today", replayed(ANNA, BEN, CLEO, acked=1)),
            Try(..., "Two orders of today", replayed(ANNA, BEN, CLEO, said=499)),
        ),
        wrong=(
            Try(..., "No old order has come", UNPAID),
            Try(..., "No old order has come", replayed(late=9, copies=0)),
            Try(..., "in another place", replayed(ANNA, BEN, CLEO, gap=32, late=1)),
            Try(..., "It is paid third", replayed(ANNA, BEN)),
            Try(..., "begins where none", replayed(ANNA, BEN, CLEO, gap=65)),
            Try(..., "begins where none", replayed(ANNA, BEN, CLEO, gap=63)),
            Try(..., "none of today's. Send", replayed()),
            Try(..., "was there first", replayed(ANNA, BEN, CLEO, late=3)),
            Try(..., "the server has said too little", replayed(ANNA, BEN, CLEO, said=100)),
            Try(..., "the server has said too little", replayed(ANNA, BEN, CLEO, said=498)),
            Try(..., "the server has said too little", replayed(ANNA, BEN, CLEO, said=300, times=2)),
            Try(..., "the server has said too little", replayed(ANNA, BEN, CLEO, acked=0)),
            Try(..., "More than one", replayed(ANNA, BEN, CLEO, copies=2)),
        ),
    ),
    "guards": Tries(
        solved=Try(RIGHT, "each stood alone once"),
        also=(
            Try({**RIGHT, "timestamps_on": "PAWS", "client_closes": "time wait"}, "each stood alone once"),
            Try({**RIGHT, "timestamps_on": "timestamp"}, "each stood alone once"),
        ),
        wrong=(
            Try({**RIGHT, "silent_server": "TIME_WAIT"}, "who would hold a TIME_WAIT"),
            Try({**RIGHT, "timestamps_on": "clock"}, "the clock was behind"),
            Try({**RIGHT, "slow_first": "timestamps"}, "They are off"),
            Try({**RIGHT, "client_closes": "ack"}, "Nothing of a second connection"),
            Try({**RIGHT, "silent_server": "clock"}, "the numbers overlap"),
            Try({**RIGHT, "silent_server": "timestamps"}, "What else does an old segment carry"),
            Try({**RIGHT, "timestamps_on": "TIME_WAIT"}, "who would hold a TIME_WAIT"),
            Try({**RIGHT, "timestamps_on": "ack"}, "names bytes that it has sent"),
            Try({**RIGHT, "slow_first": "TIME_WAIT"}, "who would hold a TIME_WAIT"),
            Try({**RIGHT, "slow_first": "ack"}, "look where the old seq lies"),
            Try({**RIGHT, "client_closes": "clock"}, "It was fast enough"),
            Try({**RIGHT, "client_closes": "timestamps"}, "They are off"),
            Try({**RIGHT, "client_closes": "the bank"}, "one of four guards"),
            Try("timestamps", "Four answers"),
        ),
    ),
    "shot": Tries(
        solved=Try(..., "One old ACK, one answer, one RST", on_port(9001, SHOT)),
        varied=lambda drawn: Try(..., "One old ACK, one answer, one RST", on_port(drawn.port, SHOT)),
        also=(Try(..., "One old ACK", on_port(9001, SHOT), {"client": OTHERS}),),
        wrong=(
            Try(..., "the server holds it", on_port(9001, OPEN + "server > FA\nclient > A\nclient > FA\nserver > A")),
            Try(
                ...,
                "No ACK of the server has arrived after its FIN",
                on_port(9001, CLOSE + "server > A\nclient > FA\nserver > FA\nclient > A"),
            ),
            Try(
                ...,
                "Could the one for the client's last word be late",
                on_port(9001, CLOSE + "server > A\nclient > FA\nserver > FA\nclient > A\nserver > R"),
            ),
            Try(..., "Nobody has shot", on_port(9001, SHOT.removesuffix("\nserver > R at 20.2"))),
            Try(..., "Nobody has shot", on_port(9001, SHOT), {"client": [LEFT]}),
            Try(..., "cut off with a RST", on_port(9001, OPEN + "client > RA")),
            Try(..., "has not closed yet", on_port(9001, CLOSE + "server > A\nclient > FA\nserver > A")),
        ),
    ),
}
