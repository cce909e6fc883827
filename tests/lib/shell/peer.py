#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-only
"""
Servers and clients of the end-to-end tests that do what curl and nginx cannot do.

Servers run in the foreground until SIGTERM. They create READY when they listen:
  udp-echo PORT NAME READY      answers each datagram with "NAME " and the datagram, from the
                                address that the datagram was sent to
  udp-checksums PORT NAME READY writes a line for each IPv4 datagram to READY.seen: "zero" if it
                                has no checksum, or "set"
  late-http PORT NAME READY     answers HTTP requests, also on kept connections, with a page of
                                NAME: b1 5 ms after the request, b2 20 ms, b3 50 ms
  digest PORT NAME READY        reads a TCP stream to its end, answers "NAME SHA256 BYTES"

Clients:
  udp-flows ADDRESS PORT COUNT [--no-checksum] [--no-wait] [--size BYTES] [--times N] [--from PORT]
      COUNT sockets in turn, from port 20000 or PORT on, send N (1) datagrams each; prints the name
      of the server that answered (one line per socket), "none" without an answer, "wrong" for a
      damaged answer, or "mixed" for several names. --no-wait: does not wait for answers
  udp-kept ADDRESS PORT         sends each line of the standard input from one socket, prints the
                                name of the server that answered, or "none"
  upload ADDRESS PORT FILE      sends the file to a digest server, prints its answer
  from-port LPORT ADDRESS PORT  one HTTP request from this local port, prints the answer
  http-kept ADDRESS PORT        one HTTP request for each line of the standard input, all on one
                                connection; prints the answers, or "failed"
  http-held ADDRESS PORT        for each line of the standard input: "open N" opens N connections
                                with one request each and prints the tally of answers,
                                "b1=5 b2=3"; "close NAME" closes all connections that this
                                server answered, and prints their number
  load ADDRESS PORT LOG [--keep N] [--new N] [--path P]
      until SIGTERM: in turn one HTTP request on each of N kept connections, and N (1) new
      connections with one request each; one line per request in LOG: "kept I NAME", "new NAME"
      or "fail WHAT REASON"
  datagrams SOCKET LOG          writes each datagram that this Unix socket receives to LOG

For a command that checks whether it runs on a terminal:
  terminal LOG COMMAND...       runs it with a terminal as its standard error, and copies what the
                                terminal receives to LOG; its exit status is the command's

An answer that does not arrive within 15 s times TEST_PATIENCE (4) is missing.
"""
import collections
import hashlib
import os
import pty
import signal
import socket
import subprocess
import sys
import threading
import time

TIMEOUT_S = 15 * int(os.environ.get("TEST_PATIENCE", "4"))
SO_NO_CHECK = 11
IP_PKTINFO = 8
IPV6_RECVPKTINFO = 49
DELAY_S = {"b1": 0.005, "b2": 0.02, "b3": 0.05}


def family(address):
    return socket.AF_INET6 if ":" in address else socket.AF_INET


def ready(path):
    with open(path, "w", encoding="ascii"):
        pass


def udp_echo(port, name, path):
    # One process per family, so a blocking read is sufficient.
    v6 = socket.socket(socket.AF_INET6, socket.SOCK_DGRAM)
    v6.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
    v6.bind(("::", port))
    v4 = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    v4.bind(("0.0.0.0", port))
    child = os.fork()
    server = v4 if child else v6
    if child:
        def end(*_):
            try:
                os.kill(child, signal.SIGTERM)
                os.waitpid(child, 0)
            except OSError:
                pass  # it has ended already
            os._exit(0)
        signal.signal(signal.SIGTERM, end)
        ready(path)
    level = socket.IPPROTO_IP if child else socket.IPPROTO_IPV6
    server.setsockopt(level, IP_PKTINFO if child else IPV6_RECVPKTINFO, 1)
    while True:
        data, control, _, peer = server.recvmsg(65535, 256)
        server.sendmsg([name.encode() + b" " + data], [reply_source(control[0])], 0, peer)


def reply_source(control):
    """The source address is the destination of the request; the route decides the interface."""
    level, kind, info = control
    if kind == IP_PKTINFO:
        return level, kind, bytes(4) + info[8:12] + bytes(4)
    return level, kind, info[:16] + bytes(4)


def udp_checksums(port, _, path):
    sock = socket.socket(socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_UDP)
    with open(path + ".seen", "w", encoding="ascii", buffering=1) as seen:
        ready(path)
        while True:
            data = sock.recv(65535)
            udp = data[(data[0] & 15) * 4:]
            if int.from_bytes(udp[2:4], "big") == port:
                seen.write("zero\n" if udp[6:8] == b"\0\0" else "set\n")


def digest(port, name, path):
    server = socket.socket(socket.AF_INET6, socket.SOCK_STREAM)
    server.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    server.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 0)
    server.bind(("::", port))
    server.listen(64)
    ready(path)
    while True:
        stream, _ = server.accept()
        with stream:
            sha, count = hashlib.sha256(), 0
            while data := stream.recv(1 << 20):
                sha.update(data)
                count += len(data)
            stream.sendall(f"{name} {sha.hexdigest()} {count}\n".encode())


def late_http(port, name, path):
    page = f"{name}\n".encode() * 2000
    head = f"HTTP/1.1 200 OK\r\nServer: {name}\r\nContent-Length: {len(page)}\r\n\r\n"
    answer = head.encode() + page

    def serve(stream):
        with stream:
            stream.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            while request := stream.recv(65536):
                time.sleep(DELAY_S[name])
                stream.sendall(answer)
                if b"Connection: close" in request:
                    break

    with socket.create_server(("0.0.0.0", port), backlog=128) as server:
        ready(path)
        while True:
            threading.Thread(target=serve, args=server.accept()[:1], daemon=True).start()


def exchange(sock, payload):
    """Sends a datagram; returns the name of the server that echoed it."""
    sock.send(payload)
    try:
        answer = sock.recv(65535)
    except (TimeoutError, ConnectionRefusedError):
        return "none"
    name, _, echo = answer.partition(b" ")
    return name.decode() if echo == payload else "wrong"


def udp_flows(address, port, count, flags):
    size = int(flags.get("size", 20))
    for number in range(count):
        # Distinct ports: the kernel chooses them at random, and may choose one twice.
        with socket.socket(family(address), socket.SOCK_DGRAM) as sock:
            sock.settimeout(TIMEOUT_S)
            if "no-checksum" in flags:
                sock.setsockopt(socket.SOL_SOCKET, SO_NO_CHECK, 1)
            sock.bind(("", int(flags.get("from", 20000)) + number))
            sock.connect((address, port))
            payload = (f"{number} ".encode() * size)[:size]
            if "no-wait" in flags:
                sock.send(payload)
                continue
            names = {exchange(sock, payload) for _ in range(int(flags.get("times", 1)))}
        print(names.pop() if len(names) == 1 else "mixed")


def udp_kept(address, port):
    sock = socket.socket(family(address), socket.SOCK_DGRAM)
    sock.settimeout(TIMEOUT_S)
    sock.connect((address, port))
    for line in sys.stdin:
        print(exchange(sock, line.encode()), flush=True)


def upload(address, port, path):
    with socket.create_connection((address, port), timeout=TIMEOUT_S) as stream, open(path, "rb") as file:
        stream.sendfile(file)
        stream.shutdown(socket.SHUT_WR)
        answer = b""
        while data := stream.recv(4096):
            answer += data
    print(answer.decode().strip())


class Connection:
    """HTTP/1.1 on one TCP connection, as far as nginx's answers need it."""

    def __init__(self, address, port, lport=0):
        self.stream = socket.socket(family(address), socket.SOCK_STREAM)
        self.stream.settimeout(TIMEOUT_S)
        self.stream.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        if lport:
            self.stream.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            self.stream.bind(("", lport))
        try:
            self.stream.connect((address, port))
        except OSError:
            self.stream.close()
            raise
        self.rest = b""

    def get(self, path="/"):
        self.stream.sendall(f"GET {path} HTTP/1.1\r\nHost: lab\r\n\r\n".encode())
        data = self.rest
        while b"\r\n\r\n" not in data:
            data += self.more()
        head, _, body = data.partition(b"\r\n\r\n")
        status, *lines = head.decode().split("\r\n")
        if status.split()[1] != "200":
            raise OSError(status)
        fields = dict(line.lower().split(": ", 1) for line in lines)
        length = int(fields["content-length"])
        while len(body) < length:
            body += self.more()
        self.rest = body[length:]
        return body[:length].decode(errors="replace").strip()

    def more(self):
        data = self.stream.recv(65536)
        if not data:
            raise OSError("connection closed early")
        return data

    def close(self):
        self.stream.close()


def from_port(lport, address, port):
    connection = Connection(address, port, lport)
    print(connection.get())
    connection.close()


def http_kept(address, port):
    connection = Connection(address, port)
    for _ in sys.stdin:
        try:
            print(connection.get(), flush=True)
        except OSError:
            print("failed", flush=True)
            return


def http_held(address, port):
    held = []
    for line in sys.stdin:
        word, what = line.split()
        if word == "open":
            fresh = [Connection(address, port) for _ in range(int(what))]
            names = [(connection.get(), connection) for connection in fresh]
            held += names
            counts = collections.Counter(name for name, _ in names)
            print(" ".join(f"{name}={counts[name]}" for name in sorted(counts)), flush=True)
        else:
            gone = [connection for name, connection in held if name == what]
            held = [(name, connection) for name, connection in held if name != what]
            for connection in gone:
                connection.close()
            print(len(gone), flush=True)


def load(address, port, log, flags):
    ended = []
    signal.signal(signal.SIGTERM, lambda *_: ended.append(True))
    keep, new = int(flags.get("keep", 0)), int(flags.get("new", 1))
    path = flags.get("path", "/")
    with open(log, "a", encoding="ascii", buffering=1) as lines:
        kept = {}

        def attempt(what, function):
            try:
                lines.write(f"{what} {function()}\n")
                return True
            except OSError as error:
                lines.write(f"fail {what} {type(error).__name__} {error}\n")
                return False

        def once():
            connection = Connection(address, port)
            try:
                return connection.get(path)
            finally:
                connection.close()

        def first(index):
            kept[index] = Connection(address, port)
            return kept[index].get(path)

        for index in range(keep):
            attempt(f"kept {index}", lambda: first(index))
        while not ended:
            for index in list(kept):
                if not attempt(f"kept {index}", lambda: kept[index].get(path)):
                    kept.pop(index).close()
            for _ in range(new):
                attempt("new", once)
            if not new and not kept:
                break
        for connection in kept.values():
            connection.close()


def datagrams(path, log):
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as sock:
        sock.bind(path)
        while True:
            words = sock.recv(4096).decode()
            with open(log, "a", encoding="ascii") as lines:
                print(words, file=lines)


def terminal(path, command):
    parent_end, child_end = pty.openpty()
    with open(path, "wb", buffering=0) as log, subprocess.Popen(command, stderr=child_end) as child:
        os.close(child_end)
        while True:
            try:
                log.write(os.read(parent_end, 4096))
            except OSError:
                break  # the command has closed it
    sys.exit(child.returncode)


def main(words):
    if words[:1] == ["terminal"]:
        terminal(words[1], words[2:])
    flags, plain = {}, []
    words = iter(words)
    for word in words:
        if word in ("--no-checksum", "--no-wait"):
            flags[word[2:]] = True
        elif word.startswith("--"):
            flags[word[2:]] = next(words)
        else:
            plain.append(word)
    match plain:
        case ["udp-echo", port, name, path]:
            udp_echo(int(port), name, path)
        case ["udp-checksums", port, name, path]:
            udp_checksums(int(port), name, path)
        case ["digest", port, name, path]:
            digest(int(port), name, path)
        case ["datagrams", path, log]:
            datagrams(path, log)
        case ["late-http", port, name, path]:
            late_http(int(port), name, path)
        case ["udp-flows", address, port, count]:
            udp_flows(address, int(port), int(count), flags)
        case ["udp-kept", address, port]:
            udp_kept(address, int(port))
        case ["upload", address, port, path]:
            upload(address, int(port), path)
        case ["from-port", lport, address, port]:
            from_port(int(lport), address, int(port))
        case ["http-kept", address, port]:
            http_kept(address, int(port))
        case ["http-held", address, port]:
            http_held(address, int(port))
        case ["load", address, port, log]:
            load(address, int(port), log, flags)
        case _:
            sys.exit(__doc__)


main(sys.argv[1:])
