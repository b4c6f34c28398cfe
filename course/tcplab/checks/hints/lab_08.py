"""Hints of lab 08."""

from tcplab.checks.hint import UNSEEN, UNTOUCHED, Hints

OWN_POOL = Hints(
    (
        "take: while there is an idle one, take it off the list, and look. give: one question, two ways.",
        "A list's pop() hands each connection to one caller, in threads too, and raises IndexError when there is none.",
    ),
    "A pool of pencils: `def take(self): while self.box: pencil = self.box.pop(); if pencil.sharp: return pencil;"
    " pencil.throw_away()` and behind the loop `return new_pencil()`. `def give(self, pencil, broken): if broken:"
    " pencil.throw_away() else: self.box.append(pencil)`. What is out is in nobody's box; what is no good goes to"
    " nobody, and does not lie about either.",
    {
        UNTOUCHED: "Begin with a `take` that always connects and a `give` that always keeps; each scene adds a line.",
        UNSEEN: "Let the pool be tried and checked in one cell: the wire must have seen this very trial.",
        "a pool opens a connection for each request": "Where does give() put it, and where does take() look first?",
        "an idle connection is alive": "`readable` says whether there is something to read, on a line nobody asked on.",
        "one dead connection is the only one": "You looked once. How many idle ones may be dead at a time?",
        "who is turned down is closed": "To drop a connection from the list is not to close it.",
        "a broken connection heals": "`well` is False: half of somebody else's answer is still on that line.",
        "a lock round the whole request": "Who waits for a lock that another holds while asking, waits for the answer.",
    },
)
MAY = Hints(
    (
        "The reset does not say whether the first one was done. So let it be done, and do it again: what is different?",
        "RFC 9110 calls a method idempotent if doing it twice is meant to have the effect of doing it once.",
    ),
    "Four orders to a lamp. “Is it on?” twice: as once. “Set it to 40 %” twice: 40 %, as once. “Take the bulb out”"
    " twice: the second finds none; the lamp is as after the first. “One step brighter” twice: two steps. The last is"
    " the one that must not be repeated by somebody who does not know.",
    {
        "a pool makes it safe to repeat": "What does the pool know that you don't? It has seen the same RST.",
        "what writes may not be repeated": "Write it twice on paper: what stands there afterwards?",
        "nothing may be repeated": "Begin with the one that changes nothing at all.",
    },
)
RACE = Hints(
    (
        "Use it once, let it rest longer than idle_s, with the FIN held; wait until the FIN waits; then ask again.",
        "`fin.waiting` tells when the server has closed. Then ask a second time through the same pool, in the block.",
    ),
    "The same race with a *RST* in place of the FIN, and sockets: hold what the server sends with an R; let the server"
    " close with SO_LINGER; wait until the RST waits on the wire; send. The client could not know: its socket says"
    " ESTABLISHED. The order of the four is everything: use, hold, wait for what is held, use again.",
    {
        UNSEEN: "Nobody has come to your port: `backend(bed.server, port, idle_s=…)` and a pool of urllib3's to it.",
        "the FIN arrives in no time": 'The FIN has to be on its way, not here: `hold(having="F", source=…)`.',
        "a FIN that has arrived is the race": "You let the FIN arrive before the second request. Keep holding it.",
        "a new connection is stale": "Use the connection once before it rests.",
        "the caller has to see it": "One GET of urllib3's is repeated by itself. Which pool did you ask through?",
    },
)
LONGEST_IDLE = Hints(
    (
        "Both sides start a clock, but not at the same moment: the server when its answer leaves, you when it arrives.",
        "Your request has to arrive before the server's clock ends, not only to leave.",
    ),
    "A shop shuts 60 minutes after it has sent you a letter; a letter takes 10 minutes, and so do you. The letter is"
    " here at minute 10, where your clock begins. To be at the door by minute 60 you must leave by minute 50: 40"
    " minutes on your own clock. One way was lost before your clock began, and one is still to go.",
    {
        "the same limit is safe": "When your clock says the limit is over, how old is the server's?",
        "only one way counts": "One way at the beginning, one at the end. You have counted one of them.",
        "the longer limit wins": "Who has the shorter clock closes first. Is that still the server?",
        "the way gives time": "The way there is time in which the server's clock runs and yours does not.",
    },
)
