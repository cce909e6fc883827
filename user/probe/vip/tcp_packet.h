/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * TCP segments in their IP packets, IPv4 or IPv6: whose they are, and the same with other
 * addresses. Fragments and IPv6 extension headers are not understood.
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
	size_t header; /* bytes in front of TCP's */
	__u64 source[2], destination[2];
	__be16 source_port, destination_port;
};

/* 0, or -EINVAL when the packet is none, or is cut short. */
int tcp_packet_parse(const __u8 *packet, size_t length, struct tcp_packet *tcp_packet);

/*
 * Writes the addresses of the segment, which were changed within their IP version, into its
 * packet, and all checksums anew.
 */
void tcp_packet_write(const struct tcp_packet *tcp_packet, __u8 *packet, size_t length);

#endif
