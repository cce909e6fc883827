/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Outcomes: every way in which a packet leaves the program.
 *
 * One list serves the datapath's counter index, the names in `lbctl status`,
 * and the sentences that explain them. Each packet is counted under exactly one
 * outcome, so the sum of all outcomes is the number of packets seen.
 *
 * X(SYMBOL, name, "what happened, and what became of the packet")
 */
#ifndef LB_OUTCOME_H
#define LB_OUTCOME_H

#define LB_OUTCOMES(X) \
	X(FORWARDED, forwarded, "for a service: rewritten and sent to its backend") \
	X(REPLIED, replied, "from a backend: given the service's address and sent to the client") \
	X(PASSED, passed, "neither for a service nor from a backend: left to the kernel") \
	X(UNTRACKED, untracked, \
	  "sent to a backend chosen by hash, as the flow memory had no room for the flow") \
	X(TO_STACK, to_stack, \
	  "rewritten, and left to the kernel to route, as no neighbour or device was known") \
	X(NOT_IP, not_ip, "neither IPv4 nor IPv6: left to the kernel") \
	X(NOT_TCP_UDP, not_tcp_udp, \
	  "at an address of ours, but neither TCP nor UDP: left to the kernel") \
	X(FRAGMENT, fragment, \
	  "a fragment at an address of ours, whose ports are unknown: left to the kernel") \
	X(MALFORMED, malformed, "headers cut short or contradicting: left to the kernel") \
	X(REPLY_UNKNOWN, reply_unknown, \
	  "from a backend's port, but of no remembered flow: left to the kernel") \
	X(NO_BACKEND, no_backend, "for a service that has no backend to offer: dropped") \
	X(NO_ROUTE, no_route, "the kernel's routes refuse the destination: dropped") \
	X(TTL_EXPIRED, ttl_expired, "time to live used up: dropped") \
	X(ABORTED, aborted, "a table of the program's own was missing (a bug): dropped") \
	X(ECHO_ANSWERED, echo_answered, "a ping to a service's address: answered") \
	X(TOO_BIG, too_big, "larger than the way to the backend allows: the client was told so") \
	X(NO_NEIGHBOUR, no_neighbour, "the backend's hardware address is not known: dropped") \
	X(NO_HEADROOM, no_headroom, \
	  "no room in the driver's buffer for a tunnel's headers: dropped") \
	X(NO_PORT, no_port, "snat has no port left for another flow: dropped") \
	X(NO_TRANSLATION, no_translation, "for snat, but of no remembered flow: dropped") \
	X(OVERLOADED, overloaded, \
	  "for a service whose backends all have as many flows as they may: dropped") \
	X(RESET, reset, "of a connection whose backend is out of service: reset") \
	X(ICMP_ERROR_RELAYED, icmp_error_relayed, \
	  "an ICMP error about a flow's packet: told to the backend or client that sent it") \
	X(ICMP_ERROR_UNKNOWN, icmp_error_unknown, \
	  "an ICMP error about a packet of no remembered flow: left to the kernel") \
	X(FRAGMENT_UNKNOWN, fragment_unknown, \
	  "for a service's address, a fragment whose first one did not come before it: dropped") \
	X(EXTENSIONS, extensions, \
	  "behind IPv6 extension headers that are too many, too long or unfinished: left to the " \
	  "kernel")

enum lb_outcome {
#define X(symbol, name, sentence) LB_##symbol,
	LB_OUTCOMES(X)
#undef X
	LB_OUTCOME_COUNT
};

#endif
