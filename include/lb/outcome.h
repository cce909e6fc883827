/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Outcomes: every way in which a packet leaves the program.
 *
 * One list serves the datapath's counter index, the names in `lbctl status` and the sentences that
 * explain them. Each packet is counted under exactly one outcome, so the sum of all outcomes is the
 * number of packets. A sentence ends with ": dropped" if the packet is dropped.
 *
 * X(SYMBOL, name, "what happened, and what became of the packet")
 */
#ifndef LB_OUTCOME_H
#define LB_OUTCOME_H

#define LB_OUTCOMES(X) \
	X(FORWARDED, forwarded, "to a service: sent to a backend") \
	X(REPLIED, replied, \
	  "from a backend: translated to the service's address and sent to the client") \
	X(PASSED, passed, "neither to a service nor from a backend: passed to the stack") \
	X(UNTRACKED, untracked, \
	  "no room in the flow table for the flow: sent to a backend selected by hash") \
	X(TO_STACK, to_stack, \
	  "next hop unresolved or not attached, or MTU exceeded: rewritten and passed to the " \
	  "stack") \
	X(NOT_IP, not_ip, "neither IPv4 nor IPv6: passed to the stack") \
	X(NOT_TCP_UDP, not_tcp_udp, \
	  "to a VIP or from a backend, but neither TCP nor UDP: passed to the stack") \
	X(FRAGMENT, fragment, \
	  "fragment of a packet that belongs to no known flow: passed to the stack") \
	X(MALFORMED, malformed, "headers truncated or inconsistent: passed to the stack") \
	X(REPLY_UNKNOWN, reply_unknown, \
	  "from a backend or to a SNAT source address, but of no known flow: passed to the stack") \
	X(NO_BACKEND, no_backend, "to a service without a usable backend: dropped") \
	X(NO_ROUTE, no_route, "no usable route to the destination: dropped") \
	X(TTL_EXPIRED, ttl_expired, "TTL or hop limit expired: dropped") \
	X(ABORTED, aborted, "internal error, such as a missing table (a bug): dropped") \
	X(ECHO_ANSWERED, echo_answered, "ICMP echo request to a VIP: answered") \
	X(TOO_BIG, too_big, \
	  "larger than the MTU of the path to the backend: answered with an ICMP error") \
	X(NO_NEIGHBOUR, no_neighbour, "MAC address of the backend not resolved: dropped") \
	X(NO_HEADROOM, no_headroom, \
	  "no headroom in the driver's buffer for more headers: dropped") \
	X(NO_PORT, no_port, "no free SNAT port for a new flow: dropped") \
	X(NO_TRANSLATION, no_translation, "in snat mode, but of no tracked flow: dropped") \
	X(OVERLOADED, overloaded, \
	  "all backends of the service have reached their flow limits: dropped") \
	X(RESET, reset, "TCP connection to a backend out of service: answered with a reset") \
	X(ICMP_ERROR_RELAYED, icmp_error_relayed, \
	  "ICMP error about a flow's packet: sent to the flow's backend or client") \
	X(ICMP_ERROR_UNKNOWN, icmp_error_unknown, \
	  "ICMP error about a packet of no known flow: passed to the stack") \
	X(FRAGMENT_UNKNOWN, fragment_unknown, \
	  "fragment to a VIP without its first fragment before it: dropped") \
	X(EXTENSIONS, extensions, \
	  "too many, too long or unsupported IPv6 extension headers: passed to the stack")

enum lb_outcome {
#define X(symbol, name, sentence) LB_##symbol,
	LB_OUTCOMES(X)
#undef X
	LB_OUTCOME_COUNT
};

#endif
