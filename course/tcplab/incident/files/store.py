"""The metrics store: keeps each line until its other end closes. Started as `python3 store.py PORT`."""

import socket
import sys
import threading


def keep(line):
    with line:
        while line.recv(4096):
            pass


listener = socket.create_server(("", int(sys.argv[1])), backlog=128)
while True:
    threading.Thread(target=keep, args=[listener.accept()[0]], daemon=True).start()
