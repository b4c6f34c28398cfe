"""Send a file, say that this was all, and get a receipt: its length and its CRC-32."""

import socket
import sys
import threading
import time
import zlib

sessions = {}  # who is connected


def receive(connection):
    file = b""
    while part := connection.recv(65536):
        file += part
    return file


def serve(connection, peer):
    sessions[peer] = connection
    file = receive(connection)
    if not file:
        return
    receipt = f"{len(file)} bytes, CRC-32 {zlib.crc32(file):08x}\n"
    connection.sendall(receipt.encode())
    sessions.pop(peer).close()


listener = socket.create_server(("", int(sys.argv[1])))
while True:
    try:
        threading.Thread(target=serve, args=listener.accept()).start()
    except OSError as error:
        print(f"{error}, {len(sessions)} sessions", flush=True)
        time.sleep(0.2)
