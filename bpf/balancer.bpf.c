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

/* Whom a packet goes to; no backend: nobody. */
struct target {
	__u32 id;
	struct lb_backend *backend;
};

static __always_inline struct target choose(__u32 service, __u64 hash, bool by_hash)
{
	__u32 id = choose_backend(service, hash, by_hash);

	return (struct target){id, id ? map_get(&backends, id) : NULL};
}

/*
 * Chooses a backend for a flow that we have not met, and remembers it. What does
 * not begin a flow goes by hash: its flow may have begun at another balancer, or
 * been forgotten, and the hash is what all that have no memory agree on.
 */
static __always_inline struct target welcome(const struct flow_visit *visit,
					     struct lb_bucket *bucket, const struct packet *packet,
					     __u32 service, bool is_known, enum lb_outcome *outcome)
{
	struct flow_room room = flow_make_room(visit, is_known);
	bool by_hash = !packet_begins_flow(packet) || room.rank >= FLOW_RANK_NEW;
	struct target target = choose(service, visit->hash, by_hash);
	bool ends = packet_tcp_flags(packet) & (TCP_FIN | TCP_RST);

	if (!target.backend || flow_remember(visit, &room, bucket, target.id, target.backend,
					     ends ? LB_FLOW_CLOSED : LB_FLOW_NEW))
		return target;
	*outcome = LB_UNREMEMBERED;
	return by_hash ? target : choose(service, visit->hash, true);
}

/* A packet of a flow that we have met stays with its backend, if that is still there. */
static __always_inline struct target stay(const struct flow_visit *visit,
					  const struct packet *packet)
{
	struct target nobody = {0, NULL};
	struct target target = {lb_flow_backend(visit->data), NULL};

	if (!flow_goes_on(visit, packet))
		return nobody;
	target.backend = map_get(&backends, target.id);
	if (!target.backend || target.backend->flags & LB_BACKEND_MAINT)
		return nobody;
	flow_goes_on_with(visit, packet, target.backend, false);
	return target;
}

static __always_inline int request(struct xdp_md *ctx, struct packet *packet, __u32 service)
{
	enum lb_outcome outcome = LB_FORWARDED;
	struct target target = {0, NULL};
	struct lb_bucket *bucket;
	struct flow_visit visit;
	bool is_known, is_new = false;

	if (!packet_may_travel(packet))
		return leave(LB_TTL_EXPIRED, XDP_DROP);
	bucket = flow_visit(&visit, packet->source, packet->source_port, packet->is_ipv4);
	if (!bucket)
		return leave(LB_ABORTED, XDP_DROP);
	is_known = flow_find(&visit, bucket, service);
	if (is_known)
		target = stay(&visit, packet);
	if (!target.backend) {
		target = welcome(&visit, bucket, packet, service, is_known, &outcome);
		is_new = outcome != LB_UNREMEMBERED;
	}
	if (!target.backend)
		return leave(LB_NO_BACKEND, XDP_DROP);
	count_request(target.id, packet_bytes(packet), is_new);
	rewrite_to_backend(packet, target.backend);
	return send_to_backend(ctx, packet, target.backend, visit.now_ns, outcome);
}

/*
 * Whose reply is it? Several services may share a backend's endpoint; the flow's
 * memory tells which of them the client spoke to, and whether it spoke to one of
 * them at all: who speaks to the backend directly gets its answers untouched.
 *
 * Of the backends that share the endpoint, the id of the one whose flow with the
 * client is alive, else of one whose flow is over, for stragglers; 0 for none. A
 * reply that begins a connection (`begins`) is no straggler, and shows that the
 * client's port has gone on to something else: what is over is forgotten. Leaves
 * visit->key 0 unless the flow is alive. A function of its own, verified once.
 */
__noinline __u32 find_asked(struct flow_visit *visit, __u32 id, __u32 next, bool begins)
{
	struct lb_bucket *bucket = visit ? map_get(&flows, visit->bucket) : NULL;
	__u32 straggler = 0;

	for (__u32 i = 0; i < LB_SHARERS_MAX && id && bucket; i++) {
		struct lb_directory_entry *entry = NULL;
		struct lb_backend *backend = map_get(&backends, id);

		if (backend && flow_find(visit, bucket, backend->service) &&
		    lb_flow_backend(visit->data) == id) {
			if (lb_flow_alive(visit->data, visit->now_ns))
				return id;
			if (begins)
				flow_forget(visit, bucket);
			else
				straggler = id;
		}
		if (next)
			entry = map_get(&directory, next);
		id = entry ? entry->id : 0;
		next = entry ? entry->next : 0;
	}
	if (visit)
		visit->key = 0;
	return straggler;
}

/*
 * The backend, of those that share the endpoint, that the hash gives the client
 * to; 0 for none. A function of its own, verified once and seldom called.
 */
__noinline __u32 find_hashed(__u32 id, __u32 next, __u64 hash)
{
	for (__u32 i = 0; i < LB_SHARERS_MAX && id; i++) {
		struct lb_directory_entry *entry = NULL;
		struct lb_backend *backend = map_get(&backends, id);

		if (backend && choose_backend(backend->service, hash, true) == id)
			return id;
		if (next)
			entry = map_get(&directory, next);
		id = entry ? entry->id : 0;
		next = entry ? entry->next : 0;
	}
	return 0;
}

/* A reply of no remembered flow: where memory is full, the flow may have gone by hash. */
static __always_inline struct target find_unremembered(const struct flow_visit *visit,
						       const struct lb_directory_entry *entry)
{
	struct flow_room room = flow_make_room(visit, false);
	__u32 id = 0;

	if (room.rank == FLOW_RANK_KEPT)
		id = find_hashed(entry->id, entry->next, visit->hash);
	return (struct target){id, id ? map_get(&backends, id) : NULL};
}

static __always_inline int reply(struct xdp_md *ctx, struct packet *packet,
				 const struct lb_directory_entry *entry)
{
	struct lb_service *service;
	struct lb_bucket *bucket;
	struct flow_visit visit;
	struct target target;

	bucket = flow_visit(&visit, packet->destination, packet->destination_port, packet->is_ipv4);
	if (!bucket)
		return leave(LB_ABORTED, XDP_DROP);
	target.id = find_asked(&visit, entry->id, entry->next, reply_begins_flow(packet));
	target.backend = target.id ? map_get(&backends, target.id) : NULL;
	if (!target.backend)
		target = find_unremembered(&visit, entry);
	else if (visit.key)
		flow_goes_on_with(&visit, packet, target.backend, true);
	if (!target.backend)
		return leave(LB_REPLY_UNKNOWN, XDP_PASS);
	service = map_get(&services, target.backend->service);
	if (!service)
		return leave(LB_ABORTED, XDP_DROP);
	if (!packet_may_travel(packet))
		return leave(LB_TTL_EXPIRED, XDP_DROP);
	count_reply(target.id, packet_bytes(packet));
	rewrite_to_client(packet, service, target.backend);
	return send_to_client(ctx, packet, LB_REPLIED);
}

/* Inlined twice, so that each IP version has its own straight path. */
static __always_inline int balance(struct xdp_md *ctx, struct packet *packet,
				   enum lb_outcome outcome)
{
	struct lb_directory_entry *entry;

	if (outcome)
		return leave(outcome, XDP_PASS);
	if (!((filter_ask(packet->destination, LB_ROLE_SERVICE) |
	       filter_ask(packet->source, LB_ROLE_BACKEND)) &
	      1))
		return leave(LB_PASSED, XDP_PASS);
	outcome = packet_parse_transport(packet);
	if (outcome)
		return leave(outcome, XDP_PASS);
	entry = directory_find(packet->destination, packet->destination_port, packet->protocol,
			       LB_ROLE_SERVICE);
	if (entry)
		return request(ctx, packet, entry->id);
	entry = directory_find(packet->source, packet->source_port, packet->protocol,
			       LB_ROLE_BACKEND);
	if (entry)
		return reply(ctx, packet, entry);
	return leave(LB_PASSED, XDP_PASS);
}

SEC("xdp.frags")
int balancer(struct xdp_md *ctx)
{
	struct packet packet;
	__be16 type;
	enum lb_outcome outcome = packet_begin(&packet, ctx, &type);

	if (outcome)
		return leave(outcome, XDP_PASS);
	if (type == bpf_htons(ETH_P_IP))
		return balance(ctx, &packet, packet_parse_ipv4(&packet));
	if (type == bpf_htons(ETH_P_IPV6))
		return balance(ctx, &packet, packet_parse_ipv6(&packet));
	return leave(LB_NOT_IP, XDP_PASS);
}

/* Both clocks at one moment, for userspace to tell the flows' from its own. */
struct clock {
	__u64 flows_ns;
	__u64 monotonic_ns;
};

SEC("syscall")
int read_clock(struct clock *clock)
{
	clock->flows_ns = now();
	clock->monotonic_ns = bpf_ktime_get_ns();
	return 0;
}

char _license[] SEC("license") = "GPL";
