/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Network address translation: the service's endpoint becomes the backend's on
 * the way in, and the backend's becomes the service's on the way out.
 *
 * Both endpoints of a translation are fixed, so what it does to the checksums
 * is a constant, summed up by userspace when the backend is added (RFC 1624).
 */
#ifndef LB_BPF_REWRITE_H
#define LB_BPF_REWRITE_H

#include "packet.h"

/* What the IPv4 checksum gains when the time to live loses one, or two. */
#define TTL_SUM_ONCE  bpf_htons(0xfeff)
#define TTL_SUM_TWICE bpf_htons(0xfdff)

/* Each half is added to the other, so that in the upper one the carry is with it. */
static __always_inline __u16 fold(__u64 sum)
{
	__u32 half;

	sum += sum << 32 | sum >> 32;
	half = sum >> 32;
	half += half << 16 | half >> 16;
	return half >> 16;
}

static __always_inline __u16 sum_update(__u16 sum, __u16 change)
{
	__u32 wide = (__u16)~sum + change;

	return ~(wide + (wide >> 16));
}

static __always_inline void update_transport_sum(const struct packet *packet, __u16 change)
{
	if (packet->is_tcp) {
		packet->tcp->check = sum_update(packet->tcp->check, change);
		return;
	}
	if (!packet->udp->check)
		return; /* the sender chose to have none */
	packet->udp->check = sum_update(packet->udp->check, change);
	if (!packet->udp->check)
		packet->udp->check = 0xffff;
}

static __always_inline __u64 sum_words(const __u64 words[2])
{
	return (words[0] & 0xffffffff) + (words[0] >> 32) + (words[1] & 0xffffffff) +
	       (words[1] >> 32);
}

/* What a checksum gains when one endpoint takes the place of another. */
static __always_inline __u16 endpoint_gain(const __u64 from[2], __be16 from_port, const __u64 to[2],
					   __be16 to_port)
{
	const __u64 not_from[2] = {~from[0], ~from[1]};

	return fold(sum_words(to) + to_port + sum_words(not_from) + (__u16)~from_port);
}

/* Where we route we take one from the time to live; false when it is used up. */
static __always_inline bool packet_may_travel(const struct packet *packet)
{
	return (packet->is_ipv4 ? packet->ipv4->ttl : packet->ipv6->hop_limit) > 1;
}

/* A packet that is routed, and otherwise stays as it is. */
static __always_inline void lose_hop(const struct packet *packet)
{
	if (packet->is_ipv4) {
		packet->ipv4->check = sum_update(packet->ipv4->check, TTL_SUM_ONCE);
		packet->ipv4->ttl--;
	} else {
		packet->ipv6->hop_limit--;
	}
}

/* Of the IP header only. */
static __always_inline void readdress_to_backend(const struct packet *packet,
						 const struct lb_backend *backend)
{
	if (packet->is_ipv4) {
		struct iphdr *ip = packet->ipv4;

		ip->daddr = backend->address[1] >> 32;
		ip->check = sum_update(ip->check, backend->address_sum);
		ip->ttl--;
	} else {
		__builtin_memcpy(&packet->ipv6->daddr, backend->address, 16);
		packet->ipv6->hop_limit--;
	}
}

static __always_inline void rewrite_to_backend(const struct packet *packet,
					       const struct lb_backend *backend)
{
	readdress_to_backend(packet, backend);
	packet->udp->dest = backend->port;
	update_transport_sum(packet, backend->endpoint_sum);
}

/* The reply's sum changes the other way, but its time to live gets shorter as well. */
static __always_inline void readdress_to_client(const struct packet *packet,
						const struct lb_service *service,
						const struct lb_backend *backend)
{
	if (packet->is_ipv4) {
		struct iphdr *ip = packet->ipv4;

		ip->saddr = service->address[1] >> 32;
		ip->check = sum_update(sum_update(ip->check, ~backend->address_sum), TTL_SUM_TWICE);
		ip->ttl--;
	} else {
		__builtin_memcpy(&packet->ipv6->saddr, service->address, 16);
		packet->ipv6->hop_limit--;
	}
}

static __always_inline void rewrite_to_client(const struct packet *packet,
					      const struct lb_service *service,
					      const struct lb_backend *backend)
{
	readdress_to_client(packet, service, backend);
	packet->udp->source = service->port;
	update_transport_sum(packet, ~backend->endpoint_sum);
}

/* Where a service is on all ports they stay as they are: puts back what was written. */
static __always_inline void keep_port(const struct packet *packet, const struct lb_service *service,
				      bool is_reply)
{
	if (service->port)
		return;
	if (is_reply)
		packet->udp->source = packet->source_port;
	else
		packet->udp->dest = packet->destination_port;
}

#endif
