/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Network address translation: the service's endpoint becomes the backend's on
 * the way in, and the backend's becomes the service's on the way out.
 *
 * Both endpoints of a translation are fixed, so what it does to the checksums
 * is a constant, summed up by userspace when the backend is added (RFC 1624).
 */
#ifndef BPF_FORWARD_NAT_H
#define BPF_FORWARD_NAT_H

#include "flow/snat_ports.h"
#include "forward/checksum.h"
#include "packet/packet.h"

/* What the IPv4 checksum gains when the time to live loses one, or two. */
#define TTL_SUM_ONCE  bpf_htons(0xfeff)
#define TTL_SUM_TWICE bpf_htons(0xfdff)

/* Where we route we take one from the time to live; false when it is used up. */
static __always_inline bool ttl_allows(const struct packet *packet)
{
	return (packet->is_ipv4 ? packet->ipv4->ttl : packet->ipv6->hop_limit) > 1;
}

/* A packet that is routed, and otherwise stays as it is. */
static __always_inline void ttl_decrement(const struct packet *packet)
{
	if (packet->is_ipv4) {
		packet->ipv4->check = sum_update(packet->ipv4->check, TTL_SUM_ONCE);
		packet->ipv4->ttl--;
	} else {
		packet->ipv6->hop_limit--;
	}
}

/* Of the IP header only. */
static __always_inline void rewrite_address_to_backend(const struct packet *packet,
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
	rewrite_address_to_backend(packet, backend);
	packet->udp->dest = backend->port;
	update_transport_sum(packet, backend->endpoint_sum);
}

/* The reply's sum changes the other way, but its time to live gets shorter as well. */
static __always_inline void rewrite_address_to_client(const struct packet *packet,
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
	rewrite_address_to_client(packet, service, backend);
	packet->udp->source = service->port;
	update_transport_sum(packet, ~backend->endpoint_sum);
}

/* Where a service is on all ports they stay as they are: puts back what was written. */
static __always_inline void restore_port(const struct packet *packet,
					 const struct lb_service *service, bool is_reply)
{
	if (service->port)
		return;
	if (is_reply)
		packet->udp->source = packet->source_port;
	else
		packet->udp->dest = packet->destination_port;
}

/* The source of a request becomes the address of the flow's place; of the IP header only. */
static __always_inline void rewrite_address_from_client(const struct packet *packet,
							__u32 snat_index)
{
	const __u64 *address = snat_address(snat_index);

	if (packet->is_ipv4) {
		packet->ipv4->saddr = address[1] >> 32;
		packet->ipv4->check = sum_update(packet->ipv4->check,
						 endpoint_delta(packet->source, 0, address, 0));
	} else {
		__builtin_memcpy(&packet->ipv6->saddr, address, 16);
	}
}

/* Both ends of a request become ours: the source the flow's place, and behind it the backend. */
static __always_inline void rewrite_from_client(const struct packet *packet, __u32 snat_index)
{
	__be16 port = snat_port(snat_index);

	rewrite_address_from_client(packet, snat_index);
	packet->udp->source = port;
	update_transport_sum(packet, endpoint_delta(packet->source, packet->source_port,
						    snat_address(snat_index), port));
}

/* And the other way: what was sent to the flow's place goes to its client. */
static __always_inline void rewrite_address_for_client(const struct packet *packet,
						       const __u64 client[2])
{
	if (packet->is_ipv4) {
		packet->ipv4->daddr = client[1] >> 32;
		packet->ipv4->check = sum_update(packet->ipv4->check,
						 endpoint_delta(packet->destination, 0, client, 0));
	} else {
		__builtin_memcpy(&packet->ipv6->daddr, client, 16);
	}
}

static __always_inline void rewrite_for_client(const struct packet *packet, const __u64 client[2],
					       __be16 port)
{
	rewrite_address_for_client(packet, client);
	packet->udp->dest = port;
	update_transport_sum(packet, endpoint_delta(packet->destination, packet->destination_port,
						    client, port));
}

#endif
