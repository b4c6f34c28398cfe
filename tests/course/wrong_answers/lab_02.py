"""What learners of lab 02 might write, and what they must be told."""

from exercises import OPEN, Tries, Try, on_port

HALF_CLOSED = on_port(7001, OPEN + "server > FA\nclient > PA 14\nserver > A\nclient > FA\nserver > A")
KILLED = on_port(7002, OPEN + "client > PA 78\nserver > A\nclient > FA\nserver > FA\nclient > A")
TIE = OPEN + "client > FA until 10\nserver > FA until 10\n"
CROSSING = on_port(7003, TIE + "server > A at 11\nclient > A at 12")
UNREAD = on_port(7004, OPEN + "client > PA 23\nserver > A\nserver > RA")
FOUR = HALF_CLOSED + KILLED + CROSSING + UNREAD

WHO = {"half_closed": "server", "killed": "client", "crossing": "both", "unread": "neither"}

ORDER = "".join(f"client > {flags} 10000\nserver > A\n" for flags in ("A", "A", "A", "PA"))
AS_ORDERED = on_port(7020, OPEN + ORDER + "client > FA\nserver > FA\nclient > A")
NOBODY_YET = AS_ORDERED + FOUR


def order(text: str, port: int = 9001):
    """What the wire saw when the order was sent once, and then by the learner."""
    return AS_ORDERED + on_port(port, OPEN + text)


HALF_TIE = TIE + "server > A at 11 held\nclient > A at 12"
SERVER_FIRST = ORDER + "server > FA\nclient > FA\nserver > A"

TRIES = {
    "holders": Tries(
        solved=Try(WHO, "What counts is the FIN", FOUR),
        untouched=FOUR,
        unseen=(Try(WHO, "", HALF_CLOSED + KILLED + CROSSING + on_port(7004, OPEN)),),
        wrong=(
            Try(WHO | {"half_closed": "client"}, "not the first to say FIN"),
            Try(WHO | {"half_closed": "both"}, "One FIN answers the other"),
            Try(WHO | {"half_closed": "neither"}, "a last ACK"),
            Try(WHO | {"killed": "neither"}, "A dead program says nothing"),
            Try(WHO | {"killed": "server"}, "The server only answered"),
            Try(WHO | {"killed": "both"}, "One FIN answers the other"),
            Try(WHO | {"crossing": "client"}, "Had the server heard"),
            Try(WHO | {"crossing": "server"}, "Had the client heard"),
            Try(WHO | {"crossing": "neither"}, "owes the other an ACK"),
            Try(WHO | {"unread": "server"}, "says no FIN"),
            Try(WHO | {"unread": "client"}, "has not even closed"),
            Try(WHO | {"unread": "both"}, "Count the FINs"),
            Try(WHO | {"unread": "nobody"}, "one of four words"),
            Try(WHO | {"killed": 1}, "one of four words"),
            Try({"half_closed": "server"}, "Four answers"),
            Try("server", "Four answers"),
        ),
    ),
    "one_in_closing": Tries(
        solved=Try(..., "CLOSING waits for an ACK", on_port(9000, HALF_TIE)),
        varied=lambda drawn: Try(..., "CLOSING waits for an ACK", on_port(drawn.port, HALF_TIE)),
        untouched=FOUR,
        wrong=(
            Try(..., "The other way round", on_port(9000, TIE + "server > A at 11\nclient > A at 12 held")),
            Try(..., "Both wait still", on_port(9000, TIE + "server > A at 11 held\nclient > A at 12 held")),
            Try(..., "Too far", on_port(9000, TIE + "server > A at 11\nclient > A at 12")),
            Try(..., "A FIN is still on its way", on_port(9000, OPEN + "client > FA held\nserver > FA held")),
            Try(
                ..., "went by CLOSE_WAIT", on_port(9000, OPEN + "client > FA\nserver > A\nserver > FA\nclient > A held")
            ),
            Try(
                ..., "went by CLOSE_WAIT", on_port(9000, OPEN + "server > FA\nclient > A held\nclient > FA\nserver > A")
            ),
            Try(..., "Both sides have to close", on_port(9000, OPEN + "client > FA held")),
            Try(..., "Both sides have to close", on_port(9000, OPEN)),
            Try(..., "cut off with a RST", on_port(9000, OPEN + "client > RA")),
        ),
    ),
    "whole_order": Tries(
        solved=Try(..., "the side that can afford it", order(SERVER_FIRST)),
        varied=lambda drawn: Try(..., "can afford it", order(SERVER_FIRST, drawn.port)),
        untouched=NOBODY_YET,
        unseen=(Try(..., "", on_port(9001, OPEN + SERVER_FIRST)),),
        wrong=(
            Try(..., "it said FIN first", order(ORDER + "client > FA\nserver > FA\nclient > A")),
            Try(..., "There is a RST", order(ORDER + "client > R")),
            Try(..., "There is a RST", order("client > A 10000\nserver > RA")),
            Try(
                ..., "Not all of the order", order("client > A 10000\nserver > A\nserver > FA\nclient > FA\nserver > A")
            ),
            Try(..., "Not all of the order", order("server > FA\nclient > FA\nserver > A")),
            Try(
                ...,
                "Not all of the order",
                order(
                    "client > PA 10\nserver > A\n"
                    + "server > PA 20000\nclient > A\n" * 3
                    + "server > FA\nclient > FA\nserver > A"
                ),
            ),
            Try(..., "Now close", order(ORDER)),
            Try(..., "half done", order(ORDER + "server > FA\nclient > A")),
        ),
    ),
    "closed_ago_s": Tries(
        solved=Try((42.07, 40.30), "40.60 s", FOUR),
        untouched=FOUR,
        wrong=(
            Try((17.93, 19.70), "That is what is left"),
            Try((102.07, 100.30), "Where do the 120 come from"),
            Try((40.30, 42.07), "in each other's place"),
            Try((42, 40), "Take away what is left"),
            Try((42.07,), "Take away what is left"),
            Try(42.07, "Two numbers"),
            Try(("42.07", "40.30"), "Two numbers"),
        ),
    ),
}
