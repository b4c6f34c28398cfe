"""Hints of lab 05."""

from tcplab.checks.hint import UNSEEN, UNTOUCHED, Hints

APART = Hints(
    (
        "Of the two netstats you need one: which of them comes after the requests?",
        "Each clock began at 60, at the last request to its address. So how long before the netstat was each?",
    ),
    "Another netstat, after some requests: 20.00 and 21.50. The first clock began 40.00 s before, the second 38.50 s"
    " before. So 40.00 − 38.50 = 1.50 s lay between: the 60 drops out, and the difference of the two clocks is all.",
    {
        "the first pair": "The line “before” was printed before the seven curls. What came of them is in the other.",
        "the clocks ran on from the first netstat": "How long was it from one netstat to the other? Nobody says.",
        "one clock is a distance": "You have worked out one request's time. The question is about two.",
    },
)
SEVEN_ANSWERS = Hints(
    (
        "Two requests in a row are one too fast. Which of the things imported above waits for the right moment?",
        "`ripe(…)` asks the kernel whether a new connection may take the place. What waits until something is so?",
    ),
    "Three drips out of one tap that needs a second each: `for _ in range(3): wait_until(lambda: full(tap), within_s=5)"
    " ; tap.drip()`. The wait comes *before* each drip, so the first one waits for nothing, and the second for the"
    " first one's second to be over. A loop without the wait gets one drip, and two refusals.",
    {
        UNSEEN: "Nobody has come to your port. `ask(…)` makes a request; it takes the port's number.",
        "tcp_tw_reuse=1 is enough": "Some were refused by your own kernel. What has to be true before the next one?",
        "a free port is a reuse": "The range must have one port throughout. Is `sysctls(…)` still in force?",
        "who closes first does not matter": "`ask` closes at the client. Who closed here?",
        "any second connection is a reuse": "Did more than a minute go by, or were the timestamps off?",
    },
)
MAY_REUSE = Hints(
    (
        "First the rows that say set(), whatever the value: each lacks the same thing on one side at least.",
        "What is left: 1 asks for nothing more, and 2 asks where to.",
    ),
    "Another rule, of a door: mode 0 is shut; mode 1 opens to anybody with a card; mode 2 opens to anybody with a card"
    " who comes from inside. One condition stands in all rows that open, so it comes first; the modes are told apart"
    " behind it: `def opens(mode, inside, card): return card and (mode == 1 or (inside and mode == 2))`.",
    {
        UNTOUCHED: "`return` one expression of the four names. Which rows of the table above have anything in them?",
        "2 is on, too": "In which rows did 2 answer, and what is special about their destination?",
        "2 is off": "There is a row in which 2 answered. Which?",
        "one side is enough": "An echo needs one who says something and one who says it back.",
        "0 is not off": "Read the column of 0 from top to bottom.",
        "1 is not for loopback": "Read the column of 1: does it differ between 127.0.0.1 and the wire?",
    },
)
FOUR_REASONS = Hints(
    (
        "Each question of the walk that leads to “next port” is a reason. Which can you bring about, and keep?",
        "One that binds and does nothing, one that stays open, one closed on this side only, one without timestamps.",
    ),
    "Two ports, two reasons. Bed: a range of two. `bed.client.listen(low)` takes the first by bind(), so the walk says"
    " “does any socket have it?”, and moves on. Then connect once to the destination and keep the socket: it lives, on"
    " the second port, and the walk ends at “is it in TIME_WAIT?”. A reason that is already used is answered earlier,"
    " so build those that last first, and walk after each.",
    {
        UNTOUCHED: "Walk before you build anything: with four free ports it succeeds at the first. Now spoil one.",
        "a port in use is refused": "In use by somebody else, to another place, is no obstacle. Which questions are?",
        "EADDRNOTAVAIL has one cause": "Read the list of questions: which has not yet been the end of any walk?",
        "bind() is part of the search": "With bind= the kernel does not search. Leave it out.",
    },
)
