/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Returns a backend's packet to its client, from the VIP (nat, snat).
 */
#ifndef BPF_FORWARD_RETURN_H
#define BPF_FORWARD_RETURN_H

#include "core/action.h"
#include "flow/snat_ports.h"
#include "forward/nat.h"
#include "forward/nexthop.h"
#include "observe/counters.h"

/* The client of a flow. */
struct client {
	__u64 address[2];
	__be16 port;
};

/* The client of a packet to a SNAT port. False only in case of a bug. */
static __always_inline bool snat_client(struct client *client, __u32 snat_index)
{
	const struct lb_snat_entry *port = snat_entry_get(snat_index);

	if (!port)
		return false;
	client->address[0] = port->client[0];
	client->address[1] = port->client[1];
	client->port = port->flow.key >> 16;
	return true;
}

/* Sends a translated packet to its client's next hop. */
static __always_inline struct action send_to_client(const struct packet *packet,
						    const struct headers *headers,
						    struct lb_cpu *cpu,
						    const struct return_path *path,
						    enum lb_outcome outcome)
{
	struct nexthop nexthop;
	long fib_result;

	if (client_nexthop_is_fresh(cpu, path, &nexthop))
		return send(headers, &nexthop, outcome);
	fib_result = fib_lookup_packet(packet, headers, &nexthop);
	if (fib_result != BPF_FIB_LKUP_RET_SUCCESS)
		return send_to_stack(fib_result);
	client_nexthop_store(cpu, path, &nexthop);
	return send(headers, &nexthop, outcome);
}

/*
 * Sends a packet to the client of an ACTION_RETURN. Returns ACTION_VERDICT. The backend's address
 * becomes the VIP; an ICMP error keeps the address of the router that sent it. Global function,
 * shared by all kinds of replies.
 */
__noinline __u64 return_packet(struct xdp_md *ctx, const struct packet *packet, __u64 word)
{
	struct action action = {word};
	struct lb_backend *backend = backend_get(action_id(action));
	struct lb_service *service = backend ? service_get(backend->service) : NULL;
	struct lb_cpu *cpu = this_cpu();
	struct return_path path;
	struct headers headers;
	struct client client;

	if (!service || !cpu || !packet || !headers_find(&headers, ctx, packet))
		return action_abort().word;
	if (!ttl_allows(&headers))
		return action_verdict(LB_TTL_EXPIRED, XDP_DROP).word;
	count_reply(cpu, action_id(action), ip_bytes(&headers));
	if (address_equal(packet->source, backend->address))
		nat_reply(&headers, service, backend, service->port ?: packet->source_port);
	else
		ttl_decrement(&headers);
	address_copy(client.address, packet->destination);
	if (action_index(action)) {
		if (!snat_client(&client, action_index(action)))
			return action_abort().word;
		snat_reply(packet, &headers, client.address, client.port);
	}
	path = return_path_of(&headers, client.address, backend->service, packet->now);
	return send_to_client(packet, &headers, cpu, &path, action_outcome(action)).word;
}

#endif
