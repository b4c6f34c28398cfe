"""What learners of lab 06 might write, and what they must be told."""

from dataclasses import replace

from exercises import OPEN, Tries, Try, on_port
from tcplab.model.counters import Counters

CLIENT_LEAVES = OPEN + "client > FA\nserver > A\nserver > FA\nclient > A\n"
SERVER_LEAVES = OPEN + "server > FA\nclient > A\nclient > FA\nserver > A\n"
REFUSED = "client > S\nserver > RA\n"


def callers(*stories):
    """Several callers of port 9000, each from a port of its own, one after the other."""
    return moved_on_port(9000, *stories)


def moved_on_port(port, *stories):
    """Several callers of a port, each from a port of its own, one after the other."""

    def moved_on(end, number):
        return replace(end, port=end.port + number) if end.port != port else end

    return [
        replace(
            segment,
            source=moved_on(segment.source, number),
            destination=moved_on(segment.destination, number),
            time_s=segment.time_s + 10 * number,
        )
        for number, story in enumerate(stories)
        for segment in on_port(port, story)
    ]


RESTARTED = callers(SERVER_LEAVES, REFUSED, SERVER_LEAVES)


def orphans(count):
    """So many connections that only the server has closed."""
    return moved_on_port(6002, *[OPEN + "server > FA\nclient > A"] * count)


ORPHANS = orphans(2)


def moved(destroyed, left, host="client", **more):
    """Two looks at a host's counters, subtracted."""
    opens = "TcpActiveOpens" if host == "client" else "TcpPassiveOpens"
    counted = {opens: 12, "TcpExtTCPTimeWaitOverflow": destroyed, "sockstat.TCP.tw": left}
    return Counters(counted | more, host=host)


TRIES = {
    "crowd_mb": Tries(
        solved=Try({"crowd": 25_000, "mb": 6.4}, "A quarter of a kB each"),
        wrong=(
            Try({"crowd": 25_000, "mb": 59}, "the other line"),
            Try({"crowd": 25_000, "mb": 65}, "Both lines together"),
            Try({"crowd": 25_000, "mb": 6_400_000}, "in bytes"),
            Try({"crowd": 25_000, "mb": 6_400}, "in kB"),
            Try({"crowd": 25_000, "mb": 0.0064}, "in GB"),
            Try({"crowd": 25_000, "mb": 25}, "Entries times bytes"),
            Try({"crowd": 25_000, "mb": 8}, "Entries times bytes"),
            Try({"crowd": 25_000, "mb": float("inf")}, "Write a number"),
            Try({"crowd": 25_000, "mb": "6 MB"}, "Write a number"),
            Try(6.4, "How many there are"),
        ),
    ),
    "overflow": Tries(
        solved=Try(moved(7, 5), "12 closed, 5 kept"),
        varied=lambda drawn: Try(moved(drawn.destroyed, drawn.left), "each of these a last ACK"),
        unseen=(Try(moved(0, 0, TcpActiveOpens=0), "No connection was opened"),),
        wrong=(
            Try(moved(0, 12), "room for all"),
            Try(moved(12, 0), "None was kept"),
            Try(moved(5, 7), "The other way round"),
            Try(moved(10, 2), "taken up some of the room"),
            Try(moved(6, 6), "no longer, in force"),
            Try(moved(2, 5), "So many are left"),
            Try(moved(4, 3), "Closed are as many"),
            Try(moved(0, 0), "Who closed first"),
            Try(Counters({"TcpActiveOpens": 12}, host="client"), "Who closed first"),
            Try(moved(-7, -5, TcpActiveOpens=-12), "take the earlier look from the later"),
            Try(moved(7, 5, host="server"), "the server's counters"),
            Try(7, "Two looks"),
        ),
    ),
    "restarted": Tries(
        solved=Try(..., "Served, refused, served", RESTARTED),
        varied=lambda drawn: Try(
            ..., "within the minute", moved_on_port(drawn.port, SERVER_LEAVES, REFUSED, SERVER_LEAVES)
        ),
        untouched=ORPHANS,
        also=(Try(..., "within the minute", callers(SERVER_LEAVES, REFUSED, SERVER_LEAVES, SERVER_LEAVES)),),
        wrong=(
            Try(..., "the client closed first", callers(CLIENT_LEAVES, REFUSED, CLIENT_LEAVES)),
            Try(..., "A reset leaves no TIME_WAIT", callers(OPEN + "server > RA\n", REFUSED, SERVER_LEAVES)),
            Try(..., "does not come back", callers(SERVER_LEAVES, REFUSED)),
            Try(..., "found the door shut", callers(SERVER_LEAVES, SERVER_LEAVES)),
            Try(..., "still open", callers(SERVER_LEAVES, REFUSED, OPEN)),
            Try(..., "follow one another", callers(REFUSED, SERVER_LEAVES, SERVER_LEAVES)),
        ),
    ),
    "instruments": Tries(
        solved=Try({"ss": 3, "sockstat": 5, "room": 3}, "3, 5, 3.", ORPHANS),
        untouched=ORPHANS,
        varied=lambda drawn: Try(
            {"ss": drawn.closed, "sockstat": drawn.closed + drawn.orphans, "room": 8 - drawn.closed - drawn.orphans},
            "ask which file",
            orphans(drawn.orphans),
        ),
        unseen=(Try({"ss": 3, "sockstat": 5, "room": 3}, "run the whole cell", orphans(3)),),
        wrong=(
            Try({"ss": 5, "sockstat": 5, "room": 3}, "it lists a state"),
            Try({"ss": 3, "sockstat": 3, "room": 5}, "it counts small entries"),
            Try({"ss": 3, "sockstat": 5, "room": 5}, "the limit is for what sockstat counts"),
            Try({"ss": "3", "sockstat": 5, "room": 3}, "a whole number"),
            Try((3, 5, 3), "Three numbers"),
        ),
    ),
}
