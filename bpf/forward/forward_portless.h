/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A packet without ports of its own, whose backend is known otherwise: the rest of a
 * fragmented packet, or an ICMP error. To a backend it goes as all do, by forward_packet();
 * this is its way to a client.
 */
#ifndef BPF_FORWARD_FORWARD_PORTLESS_H
#define BPF_FORWARD_FORWARD_PORTLESS_H

#include "forward/forward.h"
#include "forward/nat.h"
#include "forward/nexthop.h"

/*
 * The word of such a packet on its way to a client, for portless_return(). Above it stands
 * the flow's port, of snat.
 */
static __always_inline __u32 return_action(__u32 backend, enum lb_outcome outcome)
{
	return ACTION_RETURN | outcome << 16 | backend;
}

static __always_inline bool address_equal(const __u64 a[2], const __u64 b[2])
{
	return a[0] == b[0] && a[1] == b[1];
}

/* By snat it came to an address of ours: it goes to the client of the flow at that place. */
static __always_inline bool restore_client(struct packet *packet, __u32 snat_index)
{
	const struct lb_snat_entry *port = snat_entry_get(snat_index);

	if (!port)
		return false;
	rewrite_address_for_client(packet, port->client);
	packet->destination[0] = port->client[0];
	packet->destination[1] = port->client[1];
	return true;
}

/*
 * Sends it to the client of a service's backend; `how` is of return_action(). A router's
 * address is kept; a backend's becomes the service's.
 */
__noinline int portless_return(struct xdp_md *ctx, __u64 action)
{
	struct lb_backend *backend = backend_get(action & 0xffff);
	struct lb_service *service = backend ? service_get(backend->service) : NULL;
	struct packet packet;

	if (!packet_init(&packet, ctx))
		return XDP_ABORTED;
	if (!service || packet_parse_portless(&packet))
		return finish(&packet, LB_ABORTED, XDP_DROP);
	if (!ttl_allows(&packet))
		return finish(&packet, LB_TTL_EXPIRED, XDP_DROP);
	count_reply_bounded(&packet, action & 0xffff);
	if (address_equal(packet.source, backend->address))
		rewrite_address_to_client(&packet, service, backend);
	else
		ttl_decrement(&packet);
	if (action >> 32 && !restore_client(&packet, action >> 32))
		return finish(&packet, LB_ABORTED, XDP_DROP);
	return send_to_client(&packet, backend->service, action >> 16 & 0xff);
}

/* Sends it on, by the word of its delivery or of return_action(). */
static __always_inline int portless_send(struct xdp_md *ctx, __u64 action)
{
	return action & ACTION_FORWARD ? forward_packet(ctx, action | ACTION_PORTLESS)
				       : portless_return(ctx, action);
}

#endif
