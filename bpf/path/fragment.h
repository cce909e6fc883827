/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Later fragments: finds the destination of their packet's first fragment (flow/fragment_table.h).
 * Only addresses are translated: the first fragment has ports and checksum.
 */
#ifndef BPF_PATH_FRAGMENT_H
#define BPF_PATH_FRAGMENT_H

#include "core/action.h"
#include "flow/fragment_table.h"
#include "forward/icmp_echo.h"
#include "packet/packet.h"

/* Without a record, a fragment to a VIP is dropped. Any other may belong to the host itself. */
static __always_inline struct action fragment_unknown(const struct packet *packet)
{
	return packet_is_to_vip(packet) ? action_verdict(LB_FRAGMENT_UNKNOWN, XDP_DROP)
					: action_verdict(LB_FRAGMENT, XDP_PASS);
}

/*
 * In snat mode: a request leaves from any port of the recorded source address, and a reply goes to
 * the client of the recorded port.
 */
static __always_inline struct action fragment_snat(const struct packet *packet, __u64 entry)
{
	__u32 first = fragment_source(entry) * LB_SNAT_PORTS, snat_index, id;
	const struct lb_backend *backend;
	struct lb_snat_entry *port;

	if (!fragment_is_reply(entry))
		return action_indexed(
			action_forward(fragment_target(entry), LB_FORWARD_SNAT, LB_FORWARDED),
			first + LB_SNAT_PORT_FIRST);
	snat_index = first + fragment_target(entry);
	port = snat_entry_get(snat_index);
	id = port ? lb_flow_backend(*(volatile __u64 *)&port->flow.data) : 0;
	backend = backend_get(id);
	if (!backend || !address_equal(packet->source, backend->address))
		return fragment_unknown(packet);
	return action_indexed(action_return(id, LB_REPLIED), snat_index);
}

/* Returns ACTION_FORWARD, ACTION_RETURN or ACTION_VERDICT. Global function: verified once. */
__noinline __u64 fragment_action(const struct packet *packet)
{
	struct lb_backend *backend;
	__u32 target;
	__u64 entry;

	if (!packet)
		return action_abort().word;
	entry = fragment_find(fragment_hash(packet), packet->now);
	target = fragment_target(entry);
	if (entry && !target)
		return action_verdict(LB_FRAGMENT, XDP_PASS).word;
	if (entry && fragment_forward(entry) == LB_FORWARD_SNAT)
		return fragment_snat(packet, entry).word;
	backend = backend_get(target);
	if (!entry || !backend || !backend->service)
		return fragment_unknown(packet).word;
	if (fragment_is_reply(entry))
		return action_return(target, LB_REPLIED).word;
	return action_forward(target, fragment_forward(entry), LB_FORWARDED).word;
}

#endif
