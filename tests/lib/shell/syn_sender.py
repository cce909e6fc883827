#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-only
"""
Clients that do not wait for answers; they run until SIGTERM:

  knock ADDRESS PORT            about 200 connection attempts a second, each closed half a second
                                later, established or not
  flood ADDRESS PORT            about 1000 IPv4 SYNs a second from spoofed addresses in
                                203.0.113.0/24
"""
import collections
import random
import socket
import struct
import sys
import time

CONNECT_INTERVAL_S = 0.005
OPEN_MAX = 100
SYN_INTERVAL_S = 0.001


def connect_repeatedly(address, port):
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    tried = collections.deque()
    while True:
        connection = socket.socket(family, socket.SOCK_STREAM)
        connection.setblocking(False)
        connection.connect_ex((address, port))
        tried.append(connection)
        if len(tried) > OPEN_MAX:
            tried.popleft().close()
        time.sleep(CONNECT_INTERVAL_S)


def checksum(data):
    total = sum(struct.unpack(f"!{len(data) // 2}H", data))
    while total >> 16:
        total = (total & 0xffff) + (total >> 16)
    return ~total & 0xffff


def syn(source, destination, sport, dport):
    pseudo = source + destination + struct.pack("!HH", socket.IPPROTO_TCP, 20)
    words = [sport, dport, random.getrandbits(32), 0, 5 << 4, 2, 65535, 0, 0]
    words[7] = checksum(pseudo + struct.pack("!HHIIBBHHH", *words))
    header = struct.pack("!BBHHHBBH", 0x45, 0, 40, 0, 0, 64, socket.IPPROTO_TCP, 0)
    return header + source + destination + struct.pack("!HHIIBBHHH", *words)


def flood(address, port):
    out = socket.socket(socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_RAW)
    destination = socket.inet_aton(address)
    while True:
        source = socket.inet_aton(f"203.0.113.{random.randrange(1, 255)}")
        out.sendto(syn(source, destination, random.randrange(1024, 65536), port), (address, 0))
        time.sleep(SYN_INTERVAL_S)


def main(words):
    match words:
        case ["knock", address, port]:
            connect_repeatedly(address, int(port))
        case ["flood", address, port]:
            flood(address, int(port))
        case _:
            sys.exit(__doc__)


main(sys.argv[1:])
