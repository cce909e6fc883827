// SPDX-License-Identifier: GPL-2.0-only
/*
 * The balancer. Each packet is asked: what came in? is it ours? have we met?
 * who shall have it? And off it goes.
 */
#include "choose.h"
#include "count.h"
#include "flow.h"
#include "forward.h"
#include "map.h"
#include "packet.h"
#include "rewrite.h"
#include "service.h"

/*
 * Chooses a backend for a flow that we have not met, and remembers it. What does
 * not begin a flow goes by hash: its flow may have begun at another balancer, or
 * been forgotten, and the hash is what all that have no memory agree on.
 */
static __always_inline __u32 welcome(struct flow_visit *visit, const struct packet *packet,
				     struct lb_service *service, enum lb_outcome *outcome)
{
	struct flow_room room = flow_make_room(visit);
	bool by_hash = !packet_begins_flow(packet) || room.rank >= FLOW_RANK_NEW;
	__u32 backend = choose_backend(service, visit->hash, by_hash);
	bool ends = packet->tcp_flags & (TCP_FIN | TCP_RST);

	if (!backend ||
	    flow_remember(visit, room, backend, ends ? LB_FLOW_CLOSED : LB_FLOW_NEW, service))
		return backend;
	*outcome = LB_UNREMEMBERED;
	return by_hash ? backend : choose_backend(service, visit->hash, true);
}

/* A packet of a flow that we have met stays with its backend, if that is still there. */
static __always_inline struct lb_backend *stay(struct flow_visit *visit,
					       const struct packet *packet,
					       const struct lb_service *service)
{
	struct lb_backend *backend;

	if (!flow_goes_on(visit, packet))
		return NULL;
	backend = map_get(&backends, lb_flow_backend(visit->data));
	if (!backend || backend->flags & LB_BACKEND_MAINT)
		return NULL;
	flow_goes_to(visit, state_after_request(lb_flow_state(visit->data), packet->tcp_flags),
		     service);
	return backend;
}

static __always_inline int request(struct xdp_md *ctx, struct packet *packet, __u32 service_id)
{
	struct lb_service *service = map_get(&services, service_id);
	struct flow_visit visit = {.now_ns = bpf_ktime_get_coarse_ns()};
	enum lb_outcome outcome = LB_FORWARDED;
	struct lb_backend *backend = NULL;
	bool is_new = false;
	__u32 id;

	if (!service)
		return leave(LB_ABORTED, XDP_DROP);
	if (!packet_may_travel(packet))
		return leave(LB_TTL_EXPIRED, XDP_DROP);
	visit.key = flow_key(packet->source, packet->source_port, service_id, packet->is_ipv4);
	if (flow_find(&visit)) {
		id = lb_flow_backend(visit.data);
		backend = stay(&visit, packet, service);
	}
	if (!backend) {
		id = welcome(&visit, packet, service, &outcome);
		backend = id ? map_get(&backends, id) : NULL;
		is_new = true;
	}
	if (!backend)
		return leave(LB_NO_BACKEND, XDP_DROP);
	count_request(id, packet->bytes, is_new);
	rewrite_to_backend(packet, backend);
	return send_to_backend(ctx, packet, backend, visit.now_ns, outcome);
}

/*
 * Whose reply is it? Several services may share a backend's endpoint; the flow's
 * memory tells which of them the client spoke to, and whether it spoke to one of
 * them at all: who speaks to the backend directly gets its answers untouched.
 */
static __always_inline struct lb_backend *find_asked(struct flow_visit *visit,
						     const struct packet *packet,
						     const struct lb_directory_entry *entry)
{
	struct lb_backend *backend;

	for (__u32 i = 0; i < LB_SHARERS_MAX && entry; i++) {
		__u32 id = entry->id;

		backend = map_get(&backends, id);
		if (!backend)
			return NULL;
		visit->key = flow_key(packet->destination, packet->destination_port,
				      backend->service, packet->is_ipv4);
		if (flow_find(visit) && lb_flow_backend(visit->data) == id)
			return backend;
		entry = entry->next ? map_get(&directory, entry->next) : NULL;
	}
	return NULL;
}

static __always_inline int reply(struct xdp_md *ctx, struct packet *packet,
				 const struct lb_directory_entry *entry)
{
	struct flow_visit visit = {.now_ns = bpf_ktime_get_coarse_ns()};
	struct lb_backend *backend = find_asked(&visit, packet, entry);
	struct lb_service *service;

	if (!backend)
		return leave(LB_REPLY_UNKNOWN, XDP_PASS);
	service = map_get(&services, backend->service);
	if (!service)
		return leave(LB_ABORTED, XDP_DROP);
	if (!packet_may_travel(packet))
		return leave(LB_TTL_EXPIRED, XDP_DROP);
	flow_goes_to(&visit, state_after_reply(lb_flow_state(visit.data), packet->tcp_flags),
		     service);
	count_reply(lb_flow_backend(visit.data), packet->bytes);
	rewrite_to_client(packet, service, backend);
	return send_to_client(ctx, packet, LB_REPLIED);
}

SEC("xdp.frags")
int balancer(struct xdp_md *ctx)
{
	struct lb_directory_entry *entry;
	enum lb_outcome outcome;
	struct packet packet;

	outcome = packet_parse(&packet, ctx);
	if (outcome)
		return leave(outcome, XDP_PASS);
	entry = directory_find(packet.destination, packet.destination_port, packet.protocol,
			       LB_ROLE_SERVICE);
	if (entry)
		return request(ctx, &packet, entry->id);
	entry = directory_find(packet.source, packet.source_port, packet.protocol, LB_ROLE_BACKEND);
	if (entry)
		return reply(ctx, &packet, entry);
	return leave(LB_PASSED, XDP_PASS);
}

char _license[] SEC("license") = "GPL";
