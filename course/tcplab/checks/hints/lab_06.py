"""Hints of lab 06."""

from tcplab.checks.hint import UNSEEN, UNTOUCHED, Hints

CROWD_MB = Hints(
    (
        "The table has a line for what is left of a connection, and one for what it was. Which is left?",
        "Multiply the number of entries by the bytes of one, then divide by a million.",
    ),
    "300,000 bookmarks in a browser, 120 bytes each: 300,000 × 120 = 36,000,000 bytes, and a million bytes are a MB: 36"
    " MB. The pages behind them would be gigabytes; they are not kept.",
    {
        "a TIME_WAIT is a socket": "When TIME_WAIT begins, the kernel gives the socket back. Read the other line.",
        "the entry comes on top of the socket": "First the one, then the other: never both. Which one now?",
    },
)
OVERFLOW = Hints(
    (
        "The limit says how many may be in the table. Everything in it counts, from earlier tries as well.",
        "Set the limit to what is there and as many more as shall stay. How often must the client close, then?",
    ),
    "A shelf with 10 cups, and a rule: no more than 13. Of 8 new cups 3 find a place, and 5 are thrown away: 13 − 10 ="
    " 3 stay, 8 − 3 = 5 go. With 11 cups there from yesterday the same rule would keep 2. So: look first, add what"
    " shall stay, and bring what shall stay and what shall go.",
    {
        UNTOUCHED: 'Look at `before["sockstat.TCP.tw"]`: that many are there now. The limit is counted from there.',
        UNSEEN: "No connection was opened between the two looks. Listen at the server, connect, close; many times.",
        "the server always closes first": "Whose table is it to be? Then that host has to close first.",
        "an overflow is a full machine": "The limit is a sysctl of the client, `tcp_max_tw_buckets`: lower it.",
        "the limit is what is destroyed": "Of the two numbers, the limit says the one that is *left*.",
        "a limit counts new entries only": "Entries of an earlier try are still in the table. Count them in.",
    },
)
RESTARTED = Hints(
    (
        "Two listeners, one after the other, on one port. Between them somebody must find nobody there.",
        "Read the table of four again: which of them came up? Both lines of code must ask for it.",
    ),
    "A stall in the market that is shut for a minute. It serves Ann and packs up: `served(…)`. Ben comes and finds"
    " nobody: his `connect` raises, and the cell catches it. Then the stall is there again, on the same spot, and"
    " serves Cleo. To get the spot back at once, the stall keeper had to agree to share it on *both* mornings; on the"
    " table above that is one of the four rows.",
    {
        UNSEEN: "Nobody has come to your port. `served(port, listening(port, …))` serves one caller.",
        "TIME_WAIT is where the server is": "The client said FIN first there: `served` has the server do it.",
        "the new server's option is enough": "The entry has inherited the *old* server's option. Mend the first, too.",
        "a new listener is a restart": "Between the two, let somebody connect and be refused.",
    },
)
INSTRUMENTS = Hints(
    (
        "ss goes by the name of the state. sockstat counts what the kernel keeps in the small form.",
        "An orphan in FIN_WAIT2 is kept in the small form: it could not be created where there was no room for it.",
    ),
    "Ten connections that both sides close, four orphans, and room for 20. ss lists the state TIME_WAIT: 10. sockstat"
    " counts small entries: 10 and 4 are 14. The limit counts what sockstat counts: 20 − 14 = 6 fit.",
    {
        "FIN_WAIT2 is listed as TIME_WAIT": "Which state has an orphan whose peer has not closed? ss says it by name.",
        "tw counts TIME_WAITs": "What is kept in the small form? More than what ss calls TIME_WAIT.",
        "the limit counts TIME_WAITs": "Port 82 showed an orphan that found no room. So does it take room?",
    },
)
