"""The agent: 60 lines to the metrics store, kept open. Started as `python3 agent.py PORT`."""

import socket
import sys

LINES = 60
STORE = ("198.51.100.2", 9100)
FIRST = 40_000

lines = []
for number in range(LINES):
    line = socket.socket()
    line.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    line.bind(("198.51.100.1", FIRST + number))
    line.connect(STORE)
    lines.append(line)

# Whoever connects here is told that the agent lives.
listener = socket.create_server(("", int(sys.argv[1])))
while True:
    listener.accept()[0].close()
