#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only
"""
Slow clients of a web server.

  slow_clients.py ADDRESS PORT COUNT FILE

opens COUNT connections, creates FILE, and runs until SIGTERM. The connections behave in turn as
follows: sends nothing; sends its request byte by byte; sends endless headers; sends a request
and does not read the answer.
"""
import itertools
import socket
import sys
import time

PAUSE_S = 0.2


def silent(_):
    return b""


def dripping(number):
    return b"GET / HTTP/1.1\r\nHost: slow\r\n\r\n"[number % 29:number % 29 + 1]


def endless(number):
    return b"GET / HTTP/1.1\r\n" if number == 0 else b"X: y\r\n"


def not_reading(number):
    return b"GET / HTTP/1.1\r\nHost: slow\r\n\r\n" if number == 0 else b""


BEHAVIOURS = [silent, dripping, endless, not_reading]


def connect(address, port, behaviour):
    stream = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    if behaviour is not_reading:
        stream.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1)
    stream.connect((address, port))
    stream.setblocking(False)
    return stream


def send_next(stream, behaviour, number):
    """Sends the next bytes; ignores a closed connection."""
    try:
        data = behaviour(number)
        if data:
            stream.send(data)
    except OSError:
        pass


def main():
    address, port, count, path = sys.argv[1], int(sys.argv[2]), int(sys.argv[3]), sys.argv[4]
    clients = []
    for number in range(count):
        behaviour = BEHAVIOURS[number % len(BEHAVIOURS)]
        clients.append((connect(address, port, behaviour), behaviour))
    open(path, "w", encoding="ascii").close()
    for number in itertools.count():
        for client in clients:
            send_next(*client, number)
        time.sleep(PAUSE_S)


if __name__ == "__main__":
    main()
