/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Listening to a flow, for how long its backend takes to answer.
 *
 * A flow that is listened to is in a state of its own, so that its packets leave the
 * straight way of all others, which knows nothing of this. For the rest of a tick it goes
 * straight again when its backend has been heard enough, or when many packets came and none
 * was an answer: it is in the midst of something long. With the next tick it is back.
 *
 * Where answers pass here (nat, snat), a time is that from the last packet of a request to
 * the first of its answer with payload. So who sends his request slowly, or again, blames
 * nobody; a request of many packets is not timed at all. Every request is one, also of a
 * connection that is kept; of what overlaps (pipelines, streams) each answer is taken for
 * that of the latest request. TLS counts as what it looks like: its handshake is a request.
 *
 * Where they do not (dsr, ipip, gue), a client's acknowledgement tells: it takes the client's
 * round trip longer, and that is what lay between its SYN and the acknowledgement of the
 * handshake. Clients acknowledge the beginning of a connection at once, and later may wait
 * for a second packet or, up to 40 ms and more, for something of their own to say. So what
 * is timed is the first answer of a connection, and of later ones those longer than one packet;
 * none that is acknowledged by the next request. It is as exact as the round trip is steady.
 * Flows of UDP acknowledge nothing and cannot be timed.
 *
 * What becomes of the beginnings of flows is counted of all: answered, refused, or neither. Where
 * backends are checked that is counted without the rest, from the first packets alone: it tells
 * the controller sooner than the next check that somebody is silent (user/controller/passive_health.h).
 *
 * Who gives up waiting has waited so long at least: that counts if it is longer than answers
 * take. A backend that ends a connection in an answer's stead is counted apart: it must not
 * seem fast.
 */
#ifndef BPF_FLOW_LATENCY_SAMPLING_H
#define BPF_FLOW_LATENCY_SAMPLING_H

#include "flow/latency.h"
#include "packet/packet.h"

#define AGE_MAX		       255
#define PACKETS_UNANSWERED_MAX 16 /* packets without an answer */
#define UNSAMPLED_TICKS	       64 /* after which a flow may be listened to */
#define SEGMENT_BYTES	       1460 /* two packets are acknowledged at once */
#define ROUND_TRIP_MAX_NS      900000000ULL /* longer: a SYN was lost, and sent again after 1 s */

/* What a packet does to a flow. */
struct flow_update {
	__u64 key;
	__u32 now;
	__u32 bucket;
	__u32 sequence; /* of TCP: behind the payload */
	__u32 acknowledged;
	__u16 backend;
	__u8 age; /* of the flow, in LB_CREATED_NS, as far as this holds it: 273 s */
	__u8 tcp_flags; /* 0 for UDP */
	__u8 sampled_state; /* state of an established flow behind it */
	__u8 entry : 3;
	bool is_reply : 1;
	bool has_payload : 1;
	bool is_one_way : 1; /* the backend answers its clients past us */
	bool is_tcp : 1;
	bool is_timed : 1; /* or else the backend is only checked */
	__u16 owner; /* whose answers are timed: the backend, or of whom it is the deputy */
};

/* Is it what comes after the packet that is timed? */
static __always_inline bool is_after(__u32 sequence, __u32 before)
{
	return (__s32)(sequence - before) > 0;
}

/*
 * Takes a flow's entry: of a request that waits only after a minute. Where answers go past us,
 * it is of use only if it is the flow's own, with a round trip.
 */
static __always_inline bool claim_timing(struct lb_timing *timing, const struct flow_update *update,
					 __u64 ns)
{
	if (update->is_one_way) {
		if (timing->key != update->key || !timing->round_trip_us)
			return false;
	} else if (timing->key != update->key) {
		if (timing->waiting && ns - timing->since_ns < LB_WAIT_MAX_NS)
			return false;
		timing->key = update->key;
		timing->backend = update->owner;
		timing->round_trip_us = 0;
		timing->answered = 0;
	}
	timing->packets = 0;
	timing->waiting = 0;
	return true;
}

static __always_inline void sample_start(struct lb_timing *timing, const struct flow_update *update,
					 __u64 ns)
{
	timing->since_ns = ns;
	timing->sequence = update->sequence;
	timing->acknowledged = update->acknowledged;
	timing->waiting = 1;
}

/* What has passed since the request, less what was the client's. */
static __always_inline __u32 elapsed_us(const struct lb_timing *timing, __u64 ns)
{
	__u64 us = (ns - timing->since_ns) / 1000;

	us = us > timing->round_trip_us ? us - timing->round_trip_us : 1;
	return us < LB_RESPONSE_MAX_US ? us : LB_RESPONSE_MAX_US;
}

/* Is the packet an answer to the request that waits, or does it acknowledge one? */
static __always_inline bool is_answer(const struct lb_timing *timing,
				      const struct flow_update *update)
{
	if (update->is_one_way)
		return is_after(update->acknowledged, timing->acknowledged);
	return update->is_reply && update->has_payload;
}

/* And does it tell when that came? */
static __always_inline bool shows_answer_time(const struct lb_timing *timing,
					      const struct flow_update *update)
{
	if (!update->is_one_way)
		return true;
	return !update->has_payload &&
	       (!timing->answered || update->acknowledged - timing->acknowledged > SEGMENT_BYTES);
}

/* May a packet of a flow in this state say what became of its beginning? */
static __always_inline bool is_opening_state(enum lb_flow_state state)
{
	return state == LB_FLOW_NEW || state == LB_FLOW_ANSWERED;
}

/* What the first packets of a flow say of its backend. */
static __always_inline void count_opening(struct lb_latency *latency,
					  const struct flow_update *update,
					  enum lb_flow_state state)
{
	bool is_reset = update->tcp_flags & TCP_RST;

	if (update->is_reply && is_reset && is_opening_state(state))
		__sync_fetch_and_add(&latency->refused, 1);
	else if (state == LB_FLOW_NEW && update->is_reply)
		__sync_fetch_and_add(&latency->answered, 1);
	else if (state == LB_FLOW_NEW && update->is_one_way && update->is_tcp &&
		 !(update->tcp_flags & (TCP_SYN | TCP_FIN | TCP_RST)))
		__sync_fetch_and_add(&latency->answered, 1);
}

/* The end of the client's handshake tells its round trip, unless a request came with it. */
static __always_inline enum lb_flow_state sample_handshake(struct lb_timing *timing,
							   const struct flow_update *update,
							   __u64 ns)
{
	__u64 round_trip_ns = ns - timing->since_ns;

	if (timing->key != update->key || update->has_payload || round_trip_ns > ROUND_TRIP_MAX_NS)
		return LB_FLOW_ESTABLISHED;
	timing->round_trip_us = round_trip_ns / 1000 + 1;
	return LB_FLOW_SAMPLED;
}

/* The flow's entry shows that nothing is waited for any more. */
static __always_inline enum lb_flow_state sample_stop(struct lb_timing *timing,
						      const struct flow_update *update)
{
	if (timing->key == update->key)
		timing->waiting = 0;
	return LB_FLOW_ESTABLISHED;
}

/* Goes on listening, if that leads anywhere. */
static __always_inline enum lb_flow_state sample_keep(struct lb_timing *timing,
						      const struct flow_update *update,
						      enum lb_flow_state state)
{
	if (timing->key != update->key || ++timing->packets > PACKETS_UNANSWERED_MAX)
		return sample_stop(timing, update);
	return state;
}

/* A request waits. True if this is its answer; it may also be the end of waiting. */
static __always_inline bool sample_end(struct lb_latency *latency, struct lb_timing *timing,
				       const struct flow_update *update, __u64 ns)
{
	__u32 us = elapsed_us(timing, ns);
	bool is_answered = !(update->tcp_flags & TCP_RST) && is_answer(timing, update);
	bool is_aborted = !update->is_reply && us > latency_smoothed_us(update->owner);

	if (!is_answered && !(update->tcp_flags & (TCP_FIN | TCP_RST)))
		return false;
	if (is_answered ? shows_answer_time(timing, update) : is_aborted)
		latency_count(latency, update->owner, us, update->now);
	if (!is_answered && update->is_reply)
		__sync_fetch_and_add(&latency->broken, 1);
	timing->answered = 1;
	timing->packets = 0;
	timing->waiting = 0;
	return is_answered;
}

/* A request is timed from its last new packet on. */
static __always_inline enum lb_flow_state sample_request(struct lb_latency *latency,
							 struct lb_timing *timing,
							 const struct flow_update *update,
							 enum lb_flow_state state, __u64 ns)
{
	if (state == LB_FLOW_AWAITING_REPLY) {
		if (timing->key == update->key && is_after(update->sequence, timing->sequence))
			sample_start(timing, update, ns);
		return sample_keep(timing, update, state);
	}
	if (!latency_should_sample(latency, update->key, update->now) ||
	    !claim_timing(timing, update, ns))
		return LB_FLOW_ESTABLISHED;
	latency_count_request(latency, update->age, update->now);
	sample_start(timing, update, ns);
	return LB_FLOW_AWAITING_REPLY;
}

/*
 * The state of an established flow behind a packet of it that is not on the straight way:
 * LB_FLOW_ESTABLISHED, LB_FLOW_SAMPLED, or LB_FLOW_AWAITING_REPLY. `state` is the one before. A
 * function of its own, verified once and seldom called.
 */
__noinline __u32 sample_packet(const struct flow_update *update, __u32 state)
{
	struct lb_latency *latency;
	struct lb_timing *timing;
	__u64 ns;

	if (!update)
		return LB_FLOW_ESTABLISHED;
	latency = latency_get(update->owner);
	timing = timing_of(update->key);
	if (!latency || !timing)
		return LB_FLOW_ESTABLISHED;
	count_opening(latency, update, state);
	if (!update->is_timed || update->tcp_flags & TCP_SYN ||
	    (update->is_one_way && !update->is_tcp))
		return LB_FLOW_ESTABLISHED;
	ns = bpf_ktime_get_ns();
	if (state == LB_FLOW_NEW && update->is_one_way)
		return sample_handshake(timing, update, ns);
	if (timing->key == update->key && timing->waiting &&
	    sample_end(latency, timing, update, ns))
		state = LB_FLOW_ESTABLISHED; /* as if it were to be listened to anew */
	if (!update->is_reply && update->has_payload)
		return sample_request(latency, timing, update, state, ns);
	if (state >= LB_FLOW_SAMPLED)
		return sample_keep(timing, update, state);
	if (!latency_should_sample(latency, update->key, update->now) ||
	    !claim_timing(timing, update, ns))
		return LB_FLOW_ESTABLISHED;
	return LB_FLOW_SAMPLED;
}

/* What is known of a flow's first packet. */
#define FIRST_IS_TCP	 1U
#define FIRST_IS_ONE_WAY 2U
#define FIRST_IS_TIMED	 4U

/*
 * A flow is remembered as new: it has begun. Where answers are timed, its first packet is a
 * request if it is UDP's, and the beginning of a round trip if it is a SYN that goes past us.
 */
__noinline int sample_first_packet(__u64 key, __u32 id, __u32 now, __u32 traits)
{
	bool is_tcp = traits & FIRST_IS_TCP, is_one_way = traits & FIRST_IS_ONE_WAY;
	__u32 owner = load_owner(id);
	struct lb_latency *latency = latency_get(owner);
	struct lb_timing *timing = timing_of(key);
	__u64 ns;

	if (!latency || !timing || (is_one_way && !is_tcp))
		return 0;
	__sync_fetch_and_add(&latency->begun, 1);
	if (!(traits & FIRST_IS_TIMED) || (is_tcp && !is_one_way) ||
	    !latency_should_sample(latency, key, now))
		return 0;
	ns = bpf_ktime_get_ns();
	if (timing->waiting && ns - timing->since_ns < LB_WAIT_MAX_NS)
		return 0;
	timing->key = key;
	timing->since_ns = ns;
	timing->backend = owner;
	timing->round_trip_us = 0;
	timing->packets = 0;
	timing->answered = 0;
	timing->waiting = !is_tcp;
	if (!is_tcp)
		latency_count_request(latency, 0, now);
	return 0;
}

#endif
