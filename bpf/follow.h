/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The rest of a fragmented packet follows its first fragment, as noted in fragment.h.
 * Only addresses change: ports and checksum were in the first.
 */
#ifndef LB_BPF_FOLLOW_H
#define LB_BPF_FOLLOW_H

#include "bare.h"
#include "fragment.h"

/* What is not noted is lost if it is for a service; else it may be anybody's. */
static __always_inline int leave_unnoted(const struct packet *packet)
{
	if (icmp_is_for_us(packet))
		return leave(packet, LB_FRAGMENT_UNKNOWN, XDP_DROP);
	return leave(packet, LB_FRAGMENT, XDP_PASS);
}

/* Whom the first fragment went to: the word for bare_send(), or a verdict. */
__noinline __u32 find_first(struct xdp_md *ctx)
{
	struct target target = {0};
	struct packet packet;
	__u64 word;

	if (!packet_enter(&packet, ctx))
		return XDP_ABORTED;
	if (packet_parse_bare(&packet))
		return leave(&packet, LB_ABORTED, XDP_DROP);
	word = fragment_find(fragment_hash(&packet), packet.now);
	target.id = word >> 16 & 0xffff;
	target.forward = word >> 13 & 7;
	target.backend = backend_get(target.id);
	if (word && !target.id)
		return leave(&packet, LB_FRAGMENT, XDP_PASS);
	if (!word || !target.backend || !target.backend->service)
		return leave_unnoted(&packet);
	return word >> 12 & 1 ? homeward(target.id, LB_REPLIED)
			      : delivery(&target, LB_FORWARDED, false);
}

__noinline int follow(struct xdp_md *ctx)
{
	__u32 next = find_first(ctx);

	return next & (DELIVERY | HOMEWARD) ? bare_send(ctx, next) : next;
}

#endif
