#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# If a backend's UDP port is closed, the client receives the backend's ICMP error.
# shellcheck source=tests/lib/shell/e2e.bash
source "$(dirname "$0")/../../lib/shell/e2e.bash"

# Sends a datagram; prints "refused", or what else it received.
send_until_refused() { # ADDRESS PORT
	on client python3 - "$1" "$2" "$LIMIT_S" <<-'END'
		import socket, sys
		address, port, limit_s = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
		sock = socket.socket(socket.AF_INET6 if ":" in address else socket.AF_INET, socket.SOCK_DGRAM)
		sock.settimeout(limit_s)
		sock.connect((address, port))
		sock.send(b"request")
		try:
		    print(sock.recv(100))
		except ConnectionRefusedError:
		    print("refused")
		except TimeoutError:
		    print("no answer")
	END
}

balancer_up --backends 1
for family in 4 6; do
	service "$family" udp 5353 1
	is "$(send_until_refused "$(vip_of "$family")" 5353)" refused "IPv$family: the client's socket reports connection refused"
done
checksums_are_right
finish
