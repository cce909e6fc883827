// SPDX-License-Identifier: GPL-2.0-only
/*
 * The balancer. Each packet is asked: what came in? is it ours? have we met?
 * who shall have it? And off it goes.
 */
#include "choose.h"
#include "count.h"
#include "crowd.h"
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

	return (struct target){id, id ? backend_get(id) : NULL};
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
	bool ends = packet->tcp_flags & (TCP_FIN | TCP_RST);

	crowd_note(packet, room.rank == FLOW_RANK_OVER);
	if (!target.backend || flow_remember(visit, &room, bucket, target.id, target.backend,
					     ends ? LB_FLOW_CLOSED : LB_FLOW_NEW))
		return target;
	*outcome = LB_UNREMEMBERED;
	crowd_note_stranger(packet);
	return by_hash ? target : choose(service, visit->hash, true);
}

/* Whom a flow that we have met is with, if that is still there. */
static __always_inline struct target find_again(const struct flow_visit *visit)
{
	__u32 id = lb_flow_backend(visit->data);
	struct lb_backend *backend = backend_get(id);

	if (!backend || backend->flags & LB_BACKEND_MAINT)
		return (struct target){0, NULL};
	return (struct target){id, backend};
}

static __always_inline int deliver(const struct packet *packet, struct target target,
				   enum lb_outcome outcome, bool is_new)
{
	count_request(packet, target.id, is_new);
	rewrite_to_backend(packet, target.backend);
	return send_to_backend(packet, target.backend, outcome);
}

/*
 * A request that changes the flow memory, or that the memory does not know. Reads
 * the packet again: a function of its own leaves the processor's registers to the
 * straight way of all others.
 */
__noinline int request_noted(struct xdp_md *ctx, __u32 service)
{
	enum lb_outcome outcome = LB_FORWARDED;
	struct target target = {0, NULL};
	struct lb_bucket *bucket;
	struct flow_visit visit;
	struct packet packet;
	bool is_known;

	if (!packet_enter(&packet, ctx))
		return XDP_ABORTED;
	if (packet_parse(&packet))
		return leave(&packet, LB_ABORTED, XDP_DROP);
	bucket = flow_visit(&visit, &packet, packet.source, packet.source_port);
	is_known = flow_find(&visit, bucket, service);
	if (is_known)
		target = find_again(&visit);
	if (target.backend && flow_goes_on(&visit, &packet)) {
		flow_goes_on_with(&visit, &packet, target.backend, false);
		return deliver(&packet, target, LB_FORWARDED, false);
	}
	target = welcome(&visit, bucket, &packet, service, is_known, &outcome);
	if (!target.backend)
		return leave(&packet, LB_NO_BACKEND, XDP_DROP);
	return deliver(&packet, target, outcome, outcome != LB_UNREMEMBERED);
}

/* A request of a flow that is turned away. */
static __always_inline int request_unremembered(const struct packet *packet, __u32 service,
						__u64 hash)
{
	struct target target = choose(service, hash, true);
	struct hop hop;

	if (!target.backend)
		return leave(packet, LB_NO_BACKEND, XDP_DROP);
	if (!hop_is_fresh(target.backend, &hop, packet->now))
		return request_noted(packet->ctx, service);
	crowd_note_stranger(packet);
	count_request(packet, target.id, false);
	rewrite_to_backend(packet, target.backend);
	return send(packet, &hop, LB_UNREMEMBERED);
}

/* Most packets are of flows that go on as they did: nothing is written but counters. */
static __always_inline int request(const struct packet *packet, __u32 service)
{
	struct lb_bucket *bucket;
	struct flow_visit visit;
	struct target target;
	struct hop hop;

	if (!packet_may_travel(packet))
		return leave(packet, LB_TTL_EXPIRED, XDP_DROP);
	bucket = flow_visit(&visit, packet, packet->source, packet->source_port);
	if (!flow_find(&visit, bucket, service))
		return crowd_turns_away(packet) ? request_unremembered(packet, service, visit.hash)
						: request_noted(packet->ctx, service);
	target = find_again(&visit);
	if (!target.backend || !flow_is_steady(&visit, packet, target.backend) ||
	    !hop_is_fresh(target.backend, &hop, packet->now))
		return request_noted(packet->ctx, service);
	count_request(packet, target.id, false);
	rewrite_to_backend(packet, target.backend);
	return send(packet, &hop, LB_FORWARDED);
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
	struct lb_bucket *bucket = visit ? bucket_get(visit->bucket) : NULL;
	__u32 straggler = 0;

	for (__u32 i = 0; i < LB_SHARERS_MAX && id && bucket; i++) {
		struct lb_directory_entry *entry = NULL;
		struct lb_backend *backend = backend_get(id);

		if (backend && flow_find(visit, bucket, backend->service) &&
		    lb_flow_backend(visit->data) == id) {
			if (lb_flow_alive(visit->data, visit->now))
				return id;
			if (begins)
				flow_forget(visit, bucket);
			else
				straggler = id;
		}
		if (next)
			entry = directory_get(next);
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
		struct lb_backend *backend = backend_get(id);

		if (backend && choose_backend(backend->service, hash, true) == id)
			return id;
		if (next)
			entry = directory_get(next);
		id = entry ? entry->id : 0;
		next = entry ? entry->next : 0;
	}
	return 0;
}

/*
 * A reply that changes the flow memory, or whose way is to be asked for; `id` and
 * `next` are of the endpoint's entry. Reads the packet again, as request_noted().
 */
__noinline int reply_noted(struct xdp_md *ctx, __u32 id, __u32 next)
{
	struct lb_service *service;
	struct flow_visit visit;
	struct packet packet;
	struct target target;

	if (!packet_enter(&packet, ctx))
		return XDP_ABORTED;
	if (packet_parse(&packet))
		return leave(&packet, LB_ABORTED, XDP_DROP);
	flow_visit(&visit, &packet, packet.destination, packet.destination_port);
	target.id = find_asked(&visit, id, next, reply_begins_flow(&packet));
	if (!target.id && crowd_has_strangers(&packet))
		target.id = find_hashed(id, next, visit.hash);
	target.backend = target.id ? backend_get(target.id) : NULL;
	if (target.backend && visit.key)
		flow_goes_on_with(&visit, &packet, target.backend, true);
	if (!target.backend)
		return leave(&packet, LB_REPLY_UNKNOWN, XDP_PASS);
	service = service_get(target.backend->service);
	if (!service)
		return leave(&packet, LB_ABORTED, XDP_DROP);
	if (!packet_may_travel(&packet))
		return leave(&packet, LB_TTL_EXPIRED, XDP_DROP);
	count_reply(&packet, target.id);
	rewrite_to_client(&packet, service, target.backend);
	return send_to_client(&packet, target.backend->service, LB_REPLIED);
}

/* Most replies are of flows that go on as they did, to clients that just had one. */
static __always_inline int reply(const struct packet *packet, __u32 id, __u32 next)
{
	struct lb_backend *backend = backend_get(id);
	struct lb_service *service = backend ? service_get(backend->service) : NULL;
	struct lb_bucket *bucket;
	struct flow_visit visit;
	struct hop hop;

	if (!service)
		return leave(packet, LB_ABORTED, XDP_DROP);
	bucket = flow_visit(&visit, packet, packet->destination, packet->destination_port);
	if (!packet_may_travel(packet) || !flow_find(&visit, bucket, backend->service) ||
	    lb_flow_backend(visit.data) != id || !flow_is_steady(&visit, packet, backend) ||
	    !way_is_fresh(packet, backend->service, &hop))
		return reply_noted(packet->ctx, id, next);
	count_reply(packet, id);
	rewrite_to_client(packet, service, backend);
	return send(packet, &hop, LB_REPLIED);
}

/* Inlined twice, so that each IP version has its own straight path. */
static __always_inline int balance(struct packet *packet, enum lb_outcome outcome)
{
	struct lb_directory_entry *entry;

	if (outcome)
		return leave(packet, outcome, XDP_PASS);
	if (!filter_has(packet->destination, LB_ROLE_SERVICE) &&
	    !filter_has(packet->source, LB_ROLE_BACKEND))
		return leave(packet, LB_PASSED, XDP_PASS);
	outcome = packet_parse_transport(packet);
	if (outcome)
		return leave(packet, outcome, XDP_PASS);
	entry = directory_find(packet->destination, packet->destination_port, packet->protocol,
			       LB_ROLE_SERVICE);
	if (entry)
		return request(packet, entry->id);
	entry = directory_find(packet->source, packet->source_port, packet->protocol,
			       LB_ROLE_BACKEND);
	if (entry)
		return reply(packet, entry->id, entry->next);
	return leave(packet, LB_PASSED, XDP_PASS);
}

SEC("xdp.balancer")
int balancer(struct xdp_md *ctx)
{
	struct packet packet;
	enum lb_outcome outcome;
	__be16 type;

	if (!packet_enter(&packet, ctx))
		return XDP_ABORTED;
	outcome = packet_begin(&packet, &type);
	if (outcome)
		return leave(&packet, outcome, XDP_PASS);
	if (type == bpf_htons(ETH_P_IP))
		return balance(&packet, packet_parse_ipv4(&packet));
	if (type == bpf_htons(ETH_P_IPV6))
		return balance(&packet, packet_parse_ipv6(&packet));
	return leave(&packet, LB_NOT_IP, XDP_PASS);
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
