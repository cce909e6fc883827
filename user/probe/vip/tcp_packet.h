/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * TCP packets over IPv4 or IPv6: parses their addresses and ports, and rewrites the addresses.
 * Fragments and IPv6 extension headers are not supported.
 *
 * Pure: owns nothing.
 */
#ifndef PROBE_VIP_TCP_PACKET_H
#define PROBE_VIP_TCP_PACKET_H

#include <linux/types.h>
#include <stdbool.h>
#include <stddef.h>

struct tcp_packet {
	bool is_ipv4;
	size_t header; /* length of the IP header */
	__u64 source[2], destination[2];
	__be16 source_port, destination_port;
};

/* Returns 0, or -EINVAL if the packet is not TCP, not supported, or truncated. */
int tcp_packet_parse(const __u8 *packet, size_t length, struct tcp_packet *tcp_packet);

/*
 * Writes the addresses of tcp_packet into its packet and recomputes the checksums. The IP version
 * must be unchanged.
 */
void tcp_packet_write(const struct tcp_packet *tcp_packet, __u8 *packet, size_t length);

#endif
