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
static __always_inline int finish_unknown(const struct packet *packet)
{
	if (packet_is_to_vip(packet))
		return finish(packet, LB_FRAGMENT_UNKNOWN, XDP_DROP);
	return finish(packet, LB_FRAGMENT, XDP_PASS);
}

/* By snat: from whichever port of the noted address, or to the client of the noted place. */
static __always_inline __u64 follow_snat(const struct packet *packet, __u64 entry)
{
	struct target target = {fragment_target(entry), LB_FORWARD_SNAT, NULL};
	__u32 first = fragment_source(entry) * LB_SNAT_PORTS;
	const struct lb_backend *backend;
	struct lb_snat_entry *port;
	__u32 snat_index, id;

	if (!fragment_is_reply(entry))
		return forward_action(&target, LB_FORWARDED, false) |
		       (__u64)(first + LB_SNAT_PORT_FIRST) << 32;
	snat_index = first + fragment_target(entry);
	port = snat_entry_get(snat_index);
	id = port ? lb_flow_backend(*(volatile __u64 *)&port->flow.data) : 0;
	backend = backend_get(id);
	if (!backend || !address_equal(packet->source, backend->address))
		return finish_unknown(packet);
	return return_action(id, LB_REPLIED) | (__u64)snat_index << 32;
}

/* Whom the first fragment went to: the word for portless_send(), or a verdict. */
__noinline __u64 find_action(struct xdp_md *ctx)
{
	struct target target = {0};
	struct packet packet;
	__u64 entry;

	if (!packet_init(&packet, ctx))
		return XDP_ABORTED;
	if (packet_parse_portless(&packet))
		return finish(&packet, LB_ABORTED, XDP_DROP);
	entry = fragment_find(fragment_hash(&packet), packet.now);
	target.id = fragment_target(entry);
	target.forward = fragment_forward(entry);
	if (entry && !target.id)
		return finish(&packet, LB_FRAGMENT, XDP_PASS);
	if (entry && target.forward == LB_FORWARD_SNAT)
		return follow_snat(&packet, entry);
	target.backend = backend_get(target.id);
	if (!entry || !target.backend || !target.backend->service)
		return finish_unknown(&packet);
	return fragment_is_reply(entry) ? return_action(target.id, LB_REPLIED)
					: forward_action(&target, LB_FORWARDED, false);
}

__noinline int fragment_follow(struct xdp_md *ctx)
{
	__u64 next = find_action(ctx);

	return next & (ACTION_FORWARD | ACTION_RETURN) ? portless_send(ctx, next) : next;
}

#endif
