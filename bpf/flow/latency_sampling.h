/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Latency sampling: measures how long a flow's backend takes to answer a request.
 *
 * A sampled flow has a state of its own, so that its packets leave the fast path, which has no code
 * for sampling. For the rest of a tick the flow returns to the fast path if its backend has enough
 * samples, or if many packets without an answer show a long transfer. In the next tick it is
 * sampled again.
 *
 * If replies return through the balancer (nat, snat), the response time begins with the last packet
 * of a request. It ends with the first packet of the answer that has payload. So a client that
 * sends slowly, or again, does not count against the backend; a request of many packets is not
 * measured at all. Every request is measured, also on a connection that is kept alive. If requests
 * overlap (pipelining, streams), each answer counts for the latest request. TLS is measured as it
 * appears: its handshake is a request.
 *
 * With one-way forwarding (dsr, ipip, gue), a client's acknowledgement shows the answer, one client
 * round trip later. That round trip is the time from its SYN to its acknowledgement of the
 * handshake. At the beginning of a connection, clients acknowledge at once. Later they may wait for
 * a second packet or, up to 40 ms and more, for data of their own. So the first answer of a
 * connection is measured, and later ones longer than one packet; none that the next request
 * acknowledges. The result is as exact as the round trip is constant. UDP has no acknowledgements,
 * so it cannot be measured.
 *
 * The outcomes of all new connections are counted: answered, refused, or neither. For passive
 * checks alone, they are counted without the rest, from the first packets only. The controller thus
 * detects an unresponsive backend before the next active check (user/controller/passive_health.h).
 *
 * If a client aborts a request, the time waited so far counts if it exceeds the smoothed response
 * time. A backend that ends a connection instead of answering is counted separately: it must not
 * seem fast.
 */
#ifndef BPF_FLOW_LATENCY_SAMPLING_H
#define BPF_FLOW_LATENCY_SAMPLING_H

#include "flow/latency.h"
#include "packet/packet.h"

#define AGE_MAX		       255
#define PACKETS_UNANSWERED_MAX 16 /* packets without an answer */
#define UNSAMPLED_TICKS	       64 /* after which a flow may be sampled */
#define SEGMENT_BYTES	       1460 /* more is two packets, which are acknowledged at once */
#define ROUND_TRIP_MAX_NS      900000000ULL /* longer: a SYN was lost, and sent again after 1 s */

/* The update of a flow's entry by a packet. */
struct flow_update {
	__u64 key;
	__u32 now;
	__u32 bucket;
	__u32 sequence; /* TCP: of the byte after the payload */
	__u32 acknowledged;
	__u16 backend;
	__u8 age; /* of the flow, in LB_CREATED_NS, at most AGE_MAX (273 s) */
	__u8 tcp_flags; /* 0 for UDP */
	__u8 sampled_state; /* state of an established flow after it */
	__u8 entry : 3;
	bool is_reply : 1;
	bool has_payload : 1;
	bool is_one_way : 1; /* the backend answers clients directly */
	bool is_tcp : 1;
	bool is_timed : 1; /* else only connection outcomes are counted */
	__u16 owner; /* the backend, or the one that it is an alias of: it gets the samples */
};

/* True if a sequence number comes after another one. */
static __always_inline bool is_after(__u32 sequence, __u32 before)
{
	return (__s32)(sequence - before) > 0;
}

/*
 * Takes the timing entry for a flow. False if another flow's request waits in it, for less than
 * LB_WAIT_MAX_NS. With one-way forwarding, false unless it is the flow's own entry with a round
 * trip.
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

/* Time since the request, less the client's round trip; at least 1. */
static __always_inline __u32 elapsed_us(const struct lb_timing *timing, __u64 ns)
{
	__u64 us = (ns - timing->since_ns) / 1000;

	us = us > timing->round_trip_us ? us - timing->round_trip_us : 1;
	return us < LB_RESPONSE_MAX_US ? us : LB_RESPONSE_MAX_US;
}

/* True if the packet answers the waiting request, or acknowledges its answer. */
static __always_inline bool is_answer(const struct lb_timing *timing,
				      const struct flow_update *update)
{
	if (update->is_one_way)
		return is_after(update->acknowledged, timing->acknowledged);
	return update->is_reply && update->has_payload;
}

/* True if such a packet also shows when the answer was sent. */
static __always_inline bool shows_answer_time(const struct lb_timing *timing,
					      const struct flow_update *update)
{
	if (!update->is_one_way)
		return true;
	return !update->has_payload &&
	       (!timing->answered || update->acknowledged - timing->acknowledged > SEGMENT_BYTES);
}

/* True if a packet of a flow in this state may show the outcome of its connection attempt. */
static __always_inline bool is_opening_state(enum lb_flow_state state)
{
	return state == LB_FLOW_NEW || state == LB_FLOW_ANSWERED;
}

/* Counts the outcome of a connection attempt if the packet shows it. */
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

/* The end of the handshake shows the client's round trip, unless it carries a request. */
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

/* Stops sampling. Returns the state of the flow. */
static __always_inline enum lb_flow_state sample_stop(struct lb_timing *timing,
						      const struct flow_update *update)
{
	if (timing->key == update->key)
		timing->waiting = 0;
	return LB_FLOW_ESTABLISHED;
}

/* Continues sampling, if the entry is the flow's and an answer is likely. Returns the same. */
static __always_inline enum lb_flow_state sample_keep(struct lb_timing *timing,
						      const struct flow_update *update,
						      enum lb_flow_state state)
{
	if (timing->key != update->key || ++timing->packets > PACKETS_UNANSWERED_MAX)
		return sample_stop(timing, update);
	return state;
}

/* Ends a request's wait by an answer, FIN or RST, and counts it. True if it is the answer. */
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

/* Measures a request, from its last new packet on. Returns the state of the flow. */
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
 * Samples a packet of the slow path. Returns the state of an established flow after it:
 * LB_FLOW_ESTABLISHED, LB_FLOW_SAMPLED, or LB_FLOW_AWAITING_REPLY; `state` is the one before.
 * Global function: verified once, rarely called.
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
		state = LB_FLOW_ESTABLISHED; /* then it may be sampled again */
	if (!update->is_reply && update->has_payload)
		return sample_request(latency, timing, update, state, ns);
	if (state >= LB_FLOW_SAMPLED)
		return sample_keep(timing, update, state);
	if (!latency_should_sample(latency, update->key, update->now) ||
	    !claim_timing(timing, update, ns))
		return LB_FLOW_ESTABLISHED;
	return LB_FLOW_SAMPLED;
}

/* Properties of a flow's first packet. */
#define FIRST_IS_TCP	 1U
#define FIRST_IS_ONE_WAY 2U
#define FIRST_IS_TIMED	 4U

/*
 * Samples the first packet of a new flow in the table, and counts the flow. If response times are
 * measured, the packet is a request (UDP), or begins a round trip (SYN with one-way forwarding).
 * Returns 0.
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
