#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only
"""
Clients of a web server that are in no hurry.

  slow_clients.py ADDRESS PORT COUNT FILE

opens COUNT connections, creates FILE, and goes on until it is ended. They take turns: one
says nothing, one sends its request byte by byte, one headers without end, and one asks
and does not read.
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


def deaf(number):
    return b"GET / HTTP/1.1\r\nHost: slow\r\n\r\n" if number == 0 else b""


MANNERS = [silent, dripping, endless, deaf]


def connect(address, port, manner):
    stream = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    if manner is deaf:
        stream.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1)
    stream.connect((address, port))
    stream.setblocking(False)
    return stream


def go_on(stream, manner, number):
    """Sends what is due; whether the server still listens is the same to it."""
    try:
        words = manner(number)
        if words:
            stream.send(words)
    except OSError:
        pass


def main():
    address, port, count, path = sys.argv[1], int(sys.argv[2]), int(sys.argv[3]), sys.argv[4]
    guests = []
    for number in range(count):
        manner = MANNERS[number % len(MANNERS)]
        guests.append((connect(address, port, manner), manner))
    open(path, "w", encoding="ascii").close()
    for number in itertools.count():
        for guest in guests:
            go_on(*guest, number)
        time.sleep(PAUSE_S)


if __name__ == "__main__":
    main()
