"""What learners of lab 00 might write, and what they must be told."""

from exercises import OPEN, Tries, Try, on_port, recorded, turned_round

LAB = recorded("lab_00.pcap")
BEFORE_9000 = [segment for segment in LAB if 9000 not in (segment.source.port, segment.destination.port)]
FROM_THE_CLIENT = on_port(9000, OPEN)
REFUSED = turned_round(on_port(9000, "client > S\nserver > RA"))
ANSWERED_TWICE = [one for one in recorded("lab_01.pcap") if 80 in (one.source.port, one.destination.port)]
UNANSWERED = turned_round(on_port(9000, "client > S\nclient > S again"))

TRIES = {
    "refused_segments": Tries(
        solved=Try(0, "None.", LAB),
        untouched=LAB,
        wrong=(
            Try(1, "One lonely SYN"),
            Try(2, "a closed port answers"),
            Try(3, "it never got one"),
            Try(10, "How many more"),
            Try(10, "this request was answered", ANSWERED_TWICE),
            Try("none", "whole number"),
            Try(-1, "whole number"),
        ),
    ),
    "changed_where": Tries(
        solved=Try({"client"}, "Only the client"),
        wrong=(
            Try({"client", "machine"}, "stays in it"),
            Try({"client", "server"}, "share a kernel"),
            Try({"client", "server", "machine"}, "stays in it"),
            Try(set(), "that someone typed"),
            Try("machine", "stays in it"),
            Try({"laptop"}, "set of names"),
        ),
    ),
    "from_the_server": Tries(
        solved=Try(..., "roles belong to a connection", LAB),
        varied=lambda drawn: Try(..., "roles belong", turned_round(on_port(drawn.port, OPEN))),
        untouched=BEFORE_9000,
        wrong=(
            Try(..., "from the server this time", FROM_THE_CLIENT),
            Try(..., "no variable holds", REFUSED),
            Try(..., "no handshake follows", UNANSWERED),
        ),
    ),
}
