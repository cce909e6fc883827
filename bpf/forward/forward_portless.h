/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A packet without ports of its own, whose backend is known otherwise: the rest of a
 * fragmented packet, or an ICMP error. To a backend it goes as all do, by deliver();
 * this is its way to a client.
 */
#ifndef BPF_FORWARD_FORWARD_PORTLESS_H
#define BPF_FORWARD_FORWARD_PORTLESS_H

#include "forward/forward.h"
#include "forward/nat.h"
#include "forward/nexthop.h"

/*
 * The word of such a packet on its way to a client, for bare_return(). Above it stands
 * the flow's port, of snat.
 */
static __always_inline __u32 homeward(__u32 backend, enum lb_outcome outcome)
{
	return HOMEWARD | outcome << 16 | backend;
}

static __always_inline bool address_same(const __u64 a[2], const __u64 b[2])
{
	return a[0] == b[0] && a[1] == b[1];
}

/* By snat it came to an address of ours: it goes to the client of the flow at that place. */
static __always_inline bool give_client(struct packet *packet, __u32 place)
{
	const struct lb_port *port = port_get(place);

	if (!port)
		return false;
	readdress_for_client(packet, port->client);
	packet->destination[0] = port->client[0];
	packet->destination[1] = port->client[1];
	return true;
}

/*
 * Sends it to the client of a service's backend; `how` is of homeward(). A router's
 * address is kept; a backend's becomes the service's.
 */
__noinline int bare_return(struct xdp_md *ctx, __u64 how)
{
	struct lb_backend *backend = backend_get(how & 0xffff);
	struct lb_service *service = backend ? service_get(backend->service) : NULL;
	struct packet packet;

	if (!packet_enter(&packet, ctx))
		return XDP_ABORTED;
	if (!service || packet_parse_bare(&packet))
		return leave(&packet, LB_ABORTED, XDP_DROP);
	if (!packet_may_travel(&packet))
		return leave(&packet, LB_TTL_EXPIRED, XDP_DROP);
	count_answered(&packet, how & 0xffff);
	if (address_same(packet.source, backend->address))
		readdress_to_client(&packet, service, backend);
	else
		lose_hop(&packet);
	if (how >> 32 && !give_client(&packet, how >> 32))
		return leave(&packet, LB_ABORTED, XDP_DROP);
	return send_to_client(&packet, backend->service, how >> 16 & 0xff);
}

/* Sends it on, by the word of its delivery or of homeward(). */
static __always_inline int bare_send(struct xdp_md *ctx, __u64 how)
{
	return how & DELIVERY ? deliver(ctx, how | BARE) : bare_return(ctx, how);
}

#endif
