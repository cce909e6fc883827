/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * NAT: translates VIP and port to the backend's in requests, and back in replies. In snat mode also
 * the client's address and port to a SNAT source address and port, and back.
 *
 * VIP and backend are fixed, so the checksum deltas of that translation are constants, which
 * userspace computes when the backend is added (RFC 1624). They include the TTL, which a router
 * decrements.
 *
 * In a packet without ports (later fragment, ICMP error) only the IP header is translated.
 */
#ifndef BPF_FORWARD_NAT_H
#define BPF_FORWARD_NAT_H

#include "flow/snat_ports.h"
#include "forward/checksum.h"
#include "packet/packet.h"

/* Delta of the IPv4 checksum when the TTL is decremented by 1 and by 2. */
#define TTL_DELTA_1 bpf_htons(0xfeff)
#define TTL_DELTA_2 bpf_htons(0xfdff)

/* False if the packet's TTL or hop limit does not allow another hop. */
static __always_inline bool ttl_allows(const struct headers *headers)
{
	return (headers->is_ipv4 ? headers->ipv4->ttl : headers->ipv6->hop_limit) > 1;
}

static __always_inline void ttl_decrement(const struct headers *headers)
{
	if (headers->is_ipv4) {
		headers->ipv4->check = sum_update(headers->ipv4->check, TTL_DELTA_1);
		headers->ipv4->ttl--;
	} else {
		headers->ipv6->hop_limit--;
	}
}

/* A request: VIP -> backend. Decrements the TTL. */
static __always_inline void nat_request(const struct headers *headers,
					const struct lb_backend *backend, __be16 port)
{
	if (headers->is_ipv4) {
		struct iphdr *ip = headers->ipv4;

		ip->daddr = address_ipv4(backend->address);
		ip->check = sum_update(ip->check, backend->address_sum);
		ip->ttl--;
	} else {
		address_copy(&headers->ipv6->daddr, backend->address);
		headers->ipv6->hop_limit--;
	}
	if (headers->has_ports) {
		headers->udp->dest = port;
		update_transport_sum(headers, backend->endpoint_sum);
	}
}

/*
 * A reply: backend -> VIP. Decrements the TTL: address_sum has the delta of one decrement, which is
 * negated here together with the rest. So two decrements are added.
 */
static __always_inline void nat_reply(const struct headers *headers,
				      const struct lb_service *service,
				      const struct lb_backend *backend, __be16 port)
{
	if (headers->is_ipv4) {
		struct iphdr *ip = headers->ipv4;

		ip->saddr = address_ipv4(service->address);
		ip->check = sum_update(sum_update(ip->check, ~backend->address_sum), TTL_DELTA_2);
		ip->ttl--;
	} else {
		address_copy(&headers->ipv6->saddr, service->address);
		headers->ipv6->hop_limit--;
	}
	if (headers->has_ports) {
		headers->udp->source = port;
		update_transport_sum(headers, ~backend->endpoint_sum);
	}
}

/* A request: client -> SNAT source address and port. */
static __always_inline void snat_request(const struct packet *packet, const struct headers *headers,
					 __u32 snat_index)
{
	const __u64 *address = snat_address(snat_index);

	if (headers->is_ipv4) {
		headers->ipv4->saddr = address_ipv4(address);
		headers->ipv4->check = sum_update(headers->ipv4->check,
						  endpoint_delta(packet->source, 0, address, 0));
	} else {
		address_copy(&headers->ipv6->saddr, address);
	}
	if (headers->has_ports) {
		__be16 port = snat_port(snat_index);

		headers->udp->source = port;
		update_transport_sum(headers, endpoint_delta(packet->source, packet->source_port,
							     address, port));
	}
}

/* A reply: SNAT source address and port -> client. */
static __always_inline void snat_reply(const struct packet *packet, const struct headers *headers,
				       const __u64 client[2], __be16 port)
{
	if (headers->is_ipv4) {
		headers->ipv4->daddr = address_ipv4(client);
		headers->ipv4->check = sum_update(
			headers->ipv4->check, endpoint_delta(packet->destination, 0, client, 0));
	} else {
		address_copy(&headers->ipv6->daddr, client);
	}
	if (headers->has_ports) {
		headers->udp->dest = port;
		update_transport_sum(headers,
				     endpoint_delta(packet->destination, packet->destination_port,
						    client, port));
	}
}

#endif
