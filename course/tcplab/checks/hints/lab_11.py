"""Hints of lab 11."""

from tcplab.checks.hint import UNSEEN, UNTOUCHED, Hints

SAME_PORT = Hints(
    (
        "The client has two addresses. On each, a port can be used.",
        "A source is (address, port), and connection(…) takes one: the first pair's port tells you the second's.",
    ),
    "Two people behind one door plate, both called Kim. Inside, 2nd floor and 3rd floor tell them apart. Outside there"
    " is one address, so the postman needs “Kim” and “Kim B”. With sockets: 10.0.0.5:7777 and 10.0.0.6:7777, each made"
    " with bind((address, 7777)) before connect(); outside, 203.0.113.9:7777 and 203.0.113.9:31507.",
    {
        UNTOUCHED: "Open one connection, and ask its socket for its name: which port does it have?",
        UNSEEN: "Nobody has come to your port of the server yet. `connection(…)` opens one.",
        "a port can be used once on a host": "A second connection from one address needs a port of its own. And from"
        " another address of the same host?",
        "a NAT always changes the port": "It changes a port if it has to. Give it a reason: the same one twice.",
    },
)
FIRST_WORD = Hints(
    (
        "Look at the destination address of the segment. Who gets it, and what can that host make of it?",
        "From inside, everything is addressed to the server. From outside, everything is addressed to the gateway.",
    ),
    "A fourth case, a gateway that *routes* and does not translate, and that has forgotten: the server's word is"
    " addressed to the client itself. The gateway passes it on, as it would any packet, and it arrives. What it has"
    " forgotten it did not need: the address says where to. Only a translated address needs a memory.",
    {
        UNSEEN: "Guess all three first; the two cells below let each of them speak.",
        "the middle finds the client by itself": "Outside, the client has the gateway's address. Who takes that in?",
        "a segment without an entry is dropped": "Some gateways make an entry for what they meet in the middle.",
        "a segment without an entry is reset": "Who sends a RST? A host that gets a segment for a connection it has"
        " not. Does the server have one?",
        "a firewall says no": "To drop is to say nothing. Which of the three words is that?",
    },
)
KEPT = Hints(
    (
        "Three options: SO_KEEPALIVE turns probes on, TCP_KEEPIDLE and TCP_KEEPINTVL say when, in whole seconds.",
        (
            "TCP_KEEPIDLE is the silence before the first probe, TCP_KEEPINTVL that between two. Both must be shorter"
            " than the gateway's patience. Then wait for the probes, and only then let the server speak."
        ),
    ),
    "Behind another gateway, which forgets after 300 s: a silence of 240 s and an interval of 60 s keep a connection,"
    " for at no time are 300 s without a packet. With 600 s of silence the entry is gone before the first probe. On a"
    " socket: turn it on, then set the two numbers; the order does not matter, the units are seconds.",
    {
        UNTOUCHED: "The connection is made in the cell. What turns its probes on?",
        UNSEEN: "Nothing has crossed since the handshake. Set the options, then wait for what they do.",
        "SO_KEEPALIVE alone is enough": "On, it begins after two hours. Which two options say sooner?",
        "the default interval is short": "The first probe came in time, the second after 75 s. Set the interval, too.",
        "a heartbeat is a probe": "A probe is the kernel's, and has no byte: `setsockopt`, not `send`.",
        "two hours is the least": "Each socket may have its own numbers: TCP_KEEPIDLE, in seconds.",
    },
)
ONE_TOO_MANY = Hints(
    (
        "A rule matches from left to right: oifname eth1, tcp dport …, then the verdict with its ports.",
        "A range A-B counts both ends. `nft insert` puts yours before the older one. Keep each socket in a list.",
    ),
    "Another gateway is to serve *five* at once to port 25: five names outside are needed, so five ports: `nft insert"
    " rule ip nat out oifname eth1 tcp dport 25 masquerade to :45000-45004`. 45000 to 45005 would be six. The sixth"
    " connection then has `timeout_s=0.5`, for nobody will ever say no to it.",
    {
        UNTOUCHED: "First the rule, at the gateway, for your port only. `%on` takes a line as it stands: no {names}.",
        UNSEEN: "First the rule, at the gateway, for your port only; then as many connections as you were asked.",
        "a range ends before its last port": "From A to B are B − A + 1 ports.",
        "a full gateway refuses": "The RST came from a host that has nobody listening. Keep a listener there.",
        "an unused variable keeps a connection open": "Both ends must be held in variables: client's and server's.",
        "silence is the gateway's": "That SYN came out: the gateway had a port left. Was it the server who was silent?",
    },
)
