/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The rest of a fragmented packet follows its first fragment, as noted in flow/fragment_table.h.
 * Only addresses change: ports and checksum were in the first.
 */
#ifndef BPF_PATH_FRAGMENT_H
#define BPF_PATH_FRAGMENT_H

#include "flow/fragment_table.h"
#include "forward/forward_portless.h"

/* What is not noted is lost if it is for a service; else it may be anybody's. */
static __always_inline int leave_unnoted(const struct packet *packet)
{
	if (icmp_is_for_us(packet))
		return leave(packet, LB_FRAGMENT_UNKNOWN, XDP_DROP);
	return leave(packet, LB_FRAGMENT, XDP_PASS);
}

/* By snat: from whichever port of the noted address, or to the client of the noted place. */
static __always_inline __u64 follow_translated(const struct packet *packet, __u64 word)
{
	struct target target = {fragment_whom(word), LB_FORWARD_SNAT, NULL};
	__u32 first = fragment_source(word) * LB_PORTS;
	const struct lb_backend *backend;
	struct lb_port *port;
	__u32 place, id;

	if (!fragment_is_reply(word))
		return delivery(&target, LB_FORWARDED, false) | (__u64)(first + LB_PORT_FIRST)
									<< 32;
	place = first + fragment_whom(word);
	port = port_get(place);
	id = port ? lb_flow_backend(*(volatile __u64 *)&port->flow.data) : 0;
	backend = backend_get(id);
	if (!backend || !address_same(packet->source, backend->address))
		return leave_unnoted(packet);
	return homeward(id, LB_REPLIED) | (__u64)place << 32;
}

/* Whom the first fragment went to: the word for bare_send(), or a verdict. */
__noinline __u64 find_first(struct xdp_md *ctx)
{
	struct target target = {0};
	struct packet packet;
	__u64 word;

	if (!packet_enter(&packet, ctx))
		return XDP_ABORTED;
	if (packet_parse_bare(&packet))
		return leave(&packet, LB_ABORTED, XDP_DROP);
	word = fragment_find(fragment_hash(&packet), packet.now);
	target.id = fragment_whom(word);
	target.forward = fragment_forward(word);
	if (word && !target.id)
		return leave(&packet, LB_FRAGMENT, XDP_PASS);
	if (word && target.forward == LB_FORWARD_SNAT)
		return follow_translated(&packet, word);
	target.backend = backend_get(target.id);
	if (!word || !target.backend || !target.backend->service)
		return leave_unnoted(&packet);
	return fragment_is_reply(word) ? homeward(target.id, LB_REPLIED)
				       : delivery(&target, LB_FORWARDED, false);
}

__noinline int follow(struct xdp_md *ctx)
{
	__u64 next = find_first(ctx);

	return next & (DELIVERY | HOMEWARD) ? bare_send(ctx, next) : next;
}

#endif
