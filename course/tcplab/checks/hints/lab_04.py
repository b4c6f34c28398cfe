"""Hints of lab 04."""

from tcplab.checks.hint import UNSEEN, Hints

STILL_CONNECTS = Hints(
    (
        "Write the four-tuple of each attempt under that of the TIME_WAIT. Which are the same, to the last part?",
        "Only a name that is there already is refused. How many of the four attempts have a part that is new?",
    ),
    "Another TIME_WAIT: 192.0.2.7:6000 → 192.0.2.8:25. An attempt from port 6000 to 192.0.2.8:26 has the name"
    " (192.0.2.7, 6000, 192.0.2.8, 26): the last part differs, so nobody has that name, and it connects. From port 6001"
    " to :25 the second part differs: it connects, too. All four parts have to be the same for a refusal.",
    {
        UNSEEN: "Guess first; the cell below makes the four attempts.",
        "TIME_WAIT takes the port": "If it took the port, the second curl to another address would have failed above.",
        "a host is one destination": "The kernel compares addresses. Two of one host are as different as those of two.",
        "the server's port does not count": "Count the parts of a name: four. Which one is new here?",
    },
)
FORTY = Hints(
    (
        "A range of ports is so many connections to one destination, from one address. How many destinations do it?",
        "The server has two addresses, and listens on as many ports as you like. What does each new pair add?",
    ),
    "Twelve connections out of three ports: three to one destination, so four destinations are needed. One address and"
    " four ports of the server do: listen on 7001 to 7004, then three connects to each, all kept in a list. Two client"
    " addresses and two ports would do as well: 2 × 2 × 3 = 12.",
    {
        UNSEEN: "Nobody came from your range: set it with `sysctls(bed.client, ip_local_port_range=…)`, then connect.",
        "ports × 1": "All go to one address and one port of the server. What else can a name of four parts vary in?",
        "a connection that is closed counts": "A socket that no variable holds is closed at once: keep each in a list.",
        "a refused connection counts": "Somebody has to listen at each destination before you connect to it.",
    },
)
TAKEN_FIRST = Hints(
    (
        "What do the first eight of the sixteen have in common, that none of the last eight has?",
        "Compare with the lowest port of each range: 40000 there, and in yours?",
    ),
    "A range from 50010 to 50015: its lowest port is even, so connect() goes through 50010, 50012 and 50014 first, and"
    " leaves 50011, 50013 and 50015 to bind(). It asks of each port whether it has the parity of the *lowest* one. What"
    " is the lowest of your range?",
    {
        "even ports first": "There the range began with an even port, so two rules fit. Yours tells them apart.",
        "lowest port first": "Look at the first eight of the sixteen again: are they neighbours?",
        "outside the range": "The range is drawn for you, both ends counted.",
    },
)
BEARABLE_RATE = Hints(
    (
        "In the long run no more ports can leave than come back.",
        "Each port comes back after the time that lab 02 waited for. Divide the stock by that time.",
    ),
    "A library has 900 books, each lent for 30 days. For ever, it can lend 900 / 30 = 30 a day: on any day as many go"
    " out as come back. With 60 a day the shelves are empty after 15 days, and the 31st reader of that day waits.",
    {
        "a stock is a rate": "That is how many there are. After how many seconds is each of them back?",
        "the cliff": "From there on connect() is slow, and it still succeeds: the other half of the ports is free.",
        "MSL": "The RFC has another number. How long did your own TIME_WAIT last in lab 02?",
        "every port": "Which ports does connect() pick from? Not from all that there are.",
    },
)
