#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# A backend that has nobody at a UDP port says so by ICMP, and its client gets to know.
# shellcheck source=tests/lib/shell/e2e.bash
source "$(dirname "$0")/../../lib/shell/e2e.bash"

# Sends datagrams until one is refused; says so.
send_until_refused() { # ADDRESS PORT
	on client python3 - "$1" "$2" <<-'END'
		import socket, sys
		address, port = sys.argv[1], int(sys.argv[2])
		sock = socket.socket(socket.AF_INET6 if ":" in address else socket.AF_INET, socket.SOCK_DGRAM)
		sock.settimeout(5)
		sock.connect((address, port))
		sock.send(b"is anybody there?")
		try:
		    print(sock.recv(100))
		except ConnectionRefusedError:
		    print("refused")
		except TimeoutError:
		    print("silence")
	END
}

lab_up --backends 1
must lbctl attach front back
for family in 4 6; do
	service "$family" udp 5353 1
	is "$(send_until_refused "$(vip_of "$family")" 5353)" refused "over IPv$family the client is told"
done
checksums_are_right
finish
