#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-only
"""
Servers that misbehave in all ways that a health probe must survive, and a TLS server.

  serve READY           all behaviours below, each on its own port, until SIGTERM; creates READY
                        when they listen
  ports                 names and ports of the behaviours, a line each
  tls PORT CERT KEY READY   an HTTPS server that answers "ok" and whether the TLS session is new or
                        resumed
  rss FILE COMMAND...   runs the command and writes its maximum resident set size (KiB) to FILE;
                        its exit status is the command's
"""
import resource
import socket
import ssl
import subprocess
import sys
import threading
import time

FIRST_PORT = 7000
OK = b"HTTP/1.1 200 OK\r\n"


def flood(stream, start, more):
    stream.sendall(start)
    while True:
        stream.sendall(more)


def drip(stream, start, byte):
    stream.sendall(start)
    while True:
        time.sleep(0.02)
        stream.sendall(byte)


def silent(stream):
    """Accepts the connection and never sends anything."""
    while stream.recv(4096):
        pass


def hang_up(_):
    """Closes the connection at once."""


def no_http(stream):
    stream.sendall(b"220 mail.example ESMTP\r\n")
    silent(stream)


def endless_body(stream):
    flood(stream, OK + b"\r\n", b"x" * 65536)


def endless_chunk_extension(stream):
    flood(stream, OK + b"Transfer-Encoding: chunked\r\n\r\n5;", b"x" * 65536)


def endless_headers(stream):
    flood(stream, OK, b"X-More: and more\r\n" * 4096)


def endless_header(stream):
    flood(stream, OK + b"X-Long: ", b"x" * 65536)


def endless_trailer(stream):
    flood(stream, OK + b"Transfer-Encoding: chunked\r\n\r\n0\r\n", b"X-More: and more\r\n" * 4096)


def endless_continue(stream):
    flood(stream, b"", b"HTTP/1.1 100 Continue\r\n\r\n" * 1024)


def dripping_headers(stream):
    drip(stream, OK, b"x")


def dripping_body(stream):
    drip(stream, OK + b"Content-Length: 1000000\r\n\r\n", b"x")


def short_body(stream):
    stream.recv(4096)
    stream.sendall(OK + b"Content-Length: 1000000000000000000\r\n\r\nok")


def redirect_loop(stream):
    while stream.recv(4096):
        stream.sendall(b"HTTP/1.1 302 Found\r\nLocation: /\r\nContent-Length: 0\r\n\r\n")


def noise(stream):
    flood(stream, b"", bytes(range(256)) * 256)


def wide_match(stream):
    """The matching text arrives in two segments."""
    stream.recv(4096)
    stream.sendall(OK + b"Content-Length: 10\r\n\r\nhello")
    time.sleep(0.05)
    stream.sendall(b"world")


BEHAVIOURS = [
    silent, hang_up, no_http, endless_body, endless_chunk_extension, endless_headers, endless_header,
    endless_trailer, endless_continue, dripping_headers, dripping_body, short_body, redirect_loop, noise,
    wide_match,
]


def handle(stream, behave):
    try:
        with stream:
            stream.settimeout(30)
            behave(stream)
    except OSError:
        pass  # the client has closed the connection


def accept(server, behave):
    while True:
        stream, _ = server.accept()
        threading.Thread(target=handle, args=(stream, behave), daemon=True).start()


def listen(port):
    server = socket.socket(socket.AF_INET6, socket.SOCK_STREAM)
    server.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    server.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 0)
    server.bind(("::", port))
    server.listen(64)
    return server


def ready(path):
    with open(path, "w", encoding="ascii"):
        pass


def serve(path):
    for number, behave in enumerate(BEHAVIOURS):
        threading.Thread(target=accept, args=(listen(FIRST_PORT + number), behave), daemon=True).start()
    ready(path)
    threading.Event().wait()


def tls(port, certificate, key, path):
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    server = listen(port)
    ready(path)
    while True:
        plain, _ = server.accept()
        try:
            with plain, context.wrap_socket(plain, server_side=True) as stream:
                stream.recv(4096)
                body = b"ok, %s\n" % (b"resumed" if stream.session_reused else b"new")
                stream.sendall(OK + b"Content-Length: %d\r\n\r\n" % len(body) + body)
        except OSError:
            pass


def rss(path, command):
    status = subprocess.run(command, check=False).returncode
    with open(path, "w", encoding="ascii") as file:
        file.write(f"{resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss}\n")
    sys.exit(status)


match sys.argv[1:]:
    case ["serve", where]:
        serve(where)
    case ["ports"]:
        for index, behaviour in enumerate(BEHAVIOURS):
            print(behaviour.__name__, FIRST_PORT + index)
    case ["tls", number, cert, secret, where]:
        tls(int(number), cert, secret, where)
    case ["rss", where, *words]:
        rss(where, words)
    case _:
        sys.exit(__doc__)
