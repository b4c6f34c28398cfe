"""The shop: GET /hello, /slow/MS and /catalogue; POST /order. Started as `python3 shop.py PORT`."""

import socket
import sys
import threading
import time

BACKLOG = 128  # how many connections may wait for accept()
IDLE_S = 60  # a connection that rests so long is closed
PERSISTENT = True  # whether a connection may carry more than one request

HELLO = b"Hello from the shop. This body is 48 bytes long.\n"
CATALOGUE = b"A page of the catalogue: 64 bytes, for each of 6,000 articles.. " * 6_000


def answer(path):
    what, _, how = path.strip("/").partition("/")
    if what == "slow":
        time.sleep(int(how) / 1000)
    return CATALOGUE if what == "catalogue" else HELLO


def asked(lines):
    """Read one request: its path, and whether another may follow; None at the end."""
    words = lines.readline().decode().split()
    if len(words) != 3:
        return None
    head = ""
    while (line := lines.readline()) not in (b"\r\n", b""):
        head += line.decode().lower()
    length = head.partition("content-length: ")[2].partition("\r")[0]
    lines.read(int(length or 0))
    return words[1], PERSISTENT and words[2] == "HTTP/1.1" and "connection: close" not in head


def serve(connection):
    another = True
    with connection, connection.makefile("rb") as lines:
        connection.settimeout(IDLE_S)
        while another and (request := asked(lines)):
            path, another = request
            body = answer(path)
            stays = "keep-alive" if another else "close"
            head = f"HTTP/1.1 200 OK\r\nContent-Length: {len(body)}\r\nConnection: {stays}\r\n\r\n"
            connection.settimeout(None)  # who reads slowly does not rest
            connection.sendall(head.encode() + body)
            connection.settimeout(IDLE_S)
        lines.read(1)  # until the other side has closed, too


def served(connection):
    try:
        serve(connection)
    except OSError:
        pass  # it rested too long, or was reset


def greet():
    """What is done with each caller before anybody serves it."""


def main():
    listener = socket.create_server(("", int(sys.argv[1])), backlog=BACKLOG)
    while True:
        try:
            connection, _ = listener.accept()
        except OSError as error:
            print(error, flush=True)
            time.sleep(0.2)
            continue
        greet()
        threading.Thread(target=served, args=[connection], daemon=True).start()


main()
