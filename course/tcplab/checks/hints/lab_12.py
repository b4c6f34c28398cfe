"""Hints of lab 12."""

from tcplab.checks.hint import UNSEEN, UNTOUCHED, Hints

OVERTAKEN_FROM = Hints(
    (
        "One number each 64 ns: how many in a second? Each byte takes one.",
        "A second has 1,000,000,000 ns. Then from bytes to bits.",
    ),
    "The clock of RFC 793 moves one number each 4 µs. A second has 1,000,000 µs: 250,000 numbers, so 250,000 bytes a"
    " second, 2,000,000 bits: 2 Mbit/s. In 1981 no line was as fast as that.",
    {
        "bytes for bits": "One number is one byte, and one byte is eight bits.",
        "units": "The number is right for another unit. A million bits are a Mbit.",
        "a period for a rate": "64 is how long one number takes. How many of them fit in a second?",
        "the clock of RFC 793": "The standard's clock is slower. The lab says what Linux's does.",
    },
)
THIRD_ORDER = Hints(
    (
        "Everything as above, but two orders of today are to fit before the place where the old one begins.",
        "`exchange` brings the client to the number where today's first order begins. How far before the copy is that?",
    ),
    "The same trick with parcels of 10 bytes, the old one to be read *fourth*: three of today's come before it, so the"
    " talk has to end 30 bytes before the copy's place. The copy's seq is 501: `there=501 - 1 - 30`, for the first"
    " byte is number 1. Then three of today's, the copy, and today's fourth behind it, which lands on the same place.",
    {
        UNSEEN: "Two connections on your port are needed: `overtake(…)` makes the old one and the new one.",
        "the SYN takes no number": "Byte counts begin at 0, numbers at 1, for the SYN is number 0.",
        "the last one wins": "What is there first is kept (RFC 9293). Let the copy go before today's own.",
        "seq alone decides": "The copy's ack names bytes of the server's. Has today's server said as many?",
        "release without a place": "`copies` holds more than one. `release(place)` lets one go.",
    },
)
GUARDS_EXERCISE = Hints(
    (
        "For each case ask: is there a second connection? Does the old seq fit? The old ack? The timestamp?",
        "A guard that is switched off, or that was overtaken, is none. One is left in each case.",
    ),
    "A fifth case: timestamps are off, yesterday's connection was fast, a RST ended it, and its *port is not used*"
    " again today. Is there a second connection with the same four-tuple? No. So the old segment meets nobody, whatever"
    " its seq, and is answered with RST: the guard there is the port's being another one. Go down the questions until"
    " the first no, in each of the four.",
    {
        "TIME_WAIT always helps": "Who would hold it, after a RST?",
        "clock always helps": "Was the first connection slower than the clock, in that case?",
        "timestamps always helps": "Are they on, in that case?",
        "ack always helps": "Does the ack come to be looked at? Something may stop it before.",
    },
)
SHOT = Hints(
    (
        "It is the experiment above, with the roles changed: who says “bye”, and who acknowledges it?",
        "Make a rule that holds the server's pure ACKs, let the client close first inside it, and then release.",
    ),
    "To shoot a *server's* TIME_WAIT, as above: the server says “bye”, the client's ACK of that is held on the wire;"
    " the server closes first, both FINs cross, the server is in TIME_WAIT. Now the old ACK is let go: it is below what"
    " the server expects, the server answers it, the client has no such connection any more and says RST. Over.",
    {
        UNTOUCHED: "A connection on your port, in which the client says something before it closes. What for?",
        UNSEEN: "A connection on your port, in which the client says something before it closes. What for?",
        "the server always closes": "`closes_first(a, b)`: the first of the two is the active closer.",
        "tcp_rfc1337 is on": "The ACK came, and was only answered. Set tcp_rfc1337 back to 0 at the client.",
        "the last ACK of the close is the client's": "Old is an ACK that was sent before the FIN, and arrives after.",
        "a reset is a close": "Let both sides say FIN, and nobody have bytes unread.",
    },
)
