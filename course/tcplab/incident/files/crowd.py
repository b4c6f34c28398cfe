"""A crowd of users in a host: so many requests, so many at once; what became of each is counted.

Started as `python3 -I -S crowd.py ADDRESS PORT COUNT AT_ONCE MANNER METHOD PATH`. A manner is how a user leaves:

    quick    closes as soon as the answer is whole, as an app on a phone does
    careful  lets the server close first, and asks its socket afterwards whether all ended well
    knock    says nothing: connects and closes, as a balancer's probe does

It prints one line a kind of outcome, `COUNT WHAT`: a status, an errno's name, "timeout", or "cut off" for an answer
that ended early.
"""

import errno
import socket
import sys
import threading
import time

PATIENCE_S = 2.0
TCP_INFO_STATE_CLOSED = 7


def request(method, path, manner):
    last = "Connection: close\r\n" if manner == "careful" else ""
    body = "Content-Length: 0\r\n" if method == "POST" else ""
    return f"{method} {path} HTTP/1.1\r\nHost: proxy\r\n{last}{body}\r\n".encode()


def answered(mine):
    """Read one answer to its end, and return its status, or "cut off"."""
    read = b""
    while b"\r\n\r\n" not in read:
        if not (part := mine.recv(65536)):
            return "cut off"
        read += part
    head, _, body = read.partition(b"\r\n\r\n")
    length = int(head.lower().partition(b"content-length: ")[2].partition(b"\r")[0])
    got = len(body)
    while got < length:
        if not (part := mine.recv(65536)):
            return "cut off"
        got += len(part)
    return head.split()[1].decode()


def ended(mine):
    """Close the careful way; return the errno's name where the other side did not confirm the end."""
    mine.recv(1)
    mine.setsockopt(socket.IPPROTO_TCP, socket.TCP_QUICKACK, 1)  # the FIN is acknowledged before ours leaves
    mine.shutdown(socket.SHUT_WR)
    until = time.monotonic() + PATIENCE_S
    while mine.getsockopt(socket.IPPROTO_TCP, socket.TCP_INFO, 1)[0] != TCP_INFO_STATE_CLOSED:
        if time.monotonic() > until:
            return "timeout"
        time.sleep(0.001)
    error = mine.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR)
    return errno.errorcode[error] if error else ""


def user(to, manner, method, path):
    try:
        with socket.create_connection(to, timeout=PATIENCE_S) as mine:
            if manner == "knock":
                return "200"
            mine.sendall(request(method, path, manner))
            status = answered(mine)
            return (ended(mine) if manner == "careful" and status == "200" else "") or status
    except TimeoutError:
        return "timeout"
    except OSError as error:
        return errno.errorcode.get(error.errno, str(error))


def main(address, port, count, at_once, manner, method, path):
    outcomes = []
    left = iter(range(int(count)))

    def come():
        for _ in left:
            outcomes.append(user((address, int(port)), manner, method, path))  # noqa: PERF401

    threads = [threading.Thread(target=come) for _ in range(int(at_once))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for what in sorted(set(outcomes)):
        print(outcomes.count(what), what)


main(*sys.argv[1:])
