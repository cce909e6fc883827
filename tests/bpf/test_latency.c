// SPDX-License-Identifier: GPL-2.0-only
/*
 * What is timed: every request once, from its last new packet to its answer; where answers
 * go past us, as far as acknowledgements tell. And what became of those not answered.
 */
#include <linux/bpf.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "rig/expect.h"
#include "rig/single_backend.h"

#define PAUSE_NS   20000000L
#define PAUSE_US   (PAUSE_NS / 1000)
#define AGES_TRIES 1000 /* some seconds */
#define TRIES	   20 /* of what a machine that stands still may spoil */
#define MANY	   1000
#define BYTES	   100 /* of a request, or of an answer */
#define LONG_BYTES 3000 /* of an answer */

static struct stage stage;

static const struct lb_latency *latency_of(const struct pool *pool)
{
	return &stage.balancer.responses[pool->backend];
}

static unsigned int samples(const struct pool *pool)
{
	const volatile struct lb_latency *latency = latency_of(pool);
	unsigned int sum = 0;

	for (unsigned int i = 0; i < LB_RESPONSE_BUCKETS; i++)
		sum += latency->responses.count[i];
	return sum;
}

static __u64 sum_us(const struct pool *pool)
{
	return *(const volatile __u64 *)&latency_of(pool)->sum_us;
}

static unsigned int waiting(const struct pool *pool)
{
	unsigned int count = 0;

	for (unsigned int i = 0; i < LB_TIMINGS; i++) {
		const struct lb_timing timing = stage.balancer.timings[i];

		count += timing.waiting && timing.backend == pool->backend;
	}
	return count;
}

/* A packet of the backend's: where we do not see it, the client's acknowledgement. */
static void answer(struct pool *pool, __u8 flags, __u16 payload)
{
	if (!pool->is_one_way) {
		pool_reply(pool, flags, payload);
		return;
	}
	pool->acknowledged += payload;
	pool_ask(pool, TCP_ACK, 0);
}

static void establish(struct pool *pool)
{
	pool_begin(pool);
	if (!pool->is_one_way)
		answer(pool, TCP_SYN | TCP_ACK, 0);
	pool_ask(pool, TCP_ACK, 0);
}

static void rest(void)
{
	const struct timespec pause = {.tv_nsec = PAUSE_NS};

	nanosleep(&pause, NULL);
}

/* Requests and answers of a connection that is kept, and what looks like them. */
static void each_request_once(struct pool *pool)
{
	establish(pool);
	is_int(samples(pool), 0, "%s: a handshake is no answer", pool->what);
	pool_ask(pool, TCP_ACK, BYTES);
	ok(waiting(pool) == 1 && !samples(pool), "a request waits, and is not counted");
	answer(pool, TCP_ACK, LONG_BYTES);
	ok(samples(pool) == 1 && !waiting(pool), "its answer is, and nothing waits");
	answer(pool, TCP_ACK, LONG_BYTES);
	is_int(samples(pool), 1, "more of the answer is not");
	pool_ask(pool, TCP_ACK, BYTES);
	answer(pool, TCP_ACK, LONG_BYTES);
	is_int(samples(pool), 2, "the next request's answer is counted");
	pool_ask(pool, TCP_ACK, BYTES);
	pool->sequence -= BYTES;
	pool_ask(pool, TCP_ACK, BYTES);
	answer(pool, TCP_ACK, 0);
	is_int(samples(pool), 2, "not by an acknowledgement of what was sent twice");
	answer(pool, TCP_ACK, LONG_BYTES);
	answer(pool, TCP_ACK, LONG_BYTES);
	is_int(samples(pool), 3, "but by what answers both, once");
}

/* How old is a flow when it asks? */
static void ages(struct pool *pool)
{
	const volatile struct lb_latency *latency = latency_of(pool);
	__u64 sampled = latency->sampled, age = latency->age, requests = 0;

	establish(pool);
	while (requests < AGES_TRIES && latency->age < age + 2) {
		pool_ask(pool, TCP_ACK, BYTES);
		answer(pool, TCP_ACK, LONG_BYTES);
		requests++;
		rest();
	}
	ok(latency->sampled > sampled && latency->sampled - sampled <= requests,
	   "%s: each request that is timed is counted", pool->what);
	ok(latency->age >= age + 2, "with the age of its flow");
	sampled = latency->sampled;
	age = latency->age;
	establish(pool);
	pool_ask(pool, TCP_ACK, BYTES);
	answer(pool, TCP_ACK, LONG_BYTES);
	ok(latency->sampled > sampled && latency->age <= age + 1,
	   "which is next to none of a new one");
}

/* The moment is that of the last packet that is not sent again. */
static void moments(struct pool *pool)
{
	__u64 before = sum_us(pool);
	bool shorter = false;

	establish(pool);
	pool_ask(pool, TCP_ACK, BYTES);
	rest();
	pool->sequence -= BYTES;
	pool_ask(pool, TCP_ACK, BYTES);
	answer(pool, TCP_ACK, LONG_BYTES);
	ok(sum_us(pool) - before > PAUSE_US / 2, "%s: who sends his request again has waited",
	   pool->what);
	for (unsigned int i = 0; i < TRIES && !shorter; i++) {
		before = sum_us(pool);
		establish(pool);
		pool_ask(pool, TCP_ACK, BYTES);
		rest();
		pool_ask(pool, TCP_ACK, BYTES);
		answer(pool, TCP_ACK, LONG_BYTES);
		shorter = sum_us(pool) > before && sum_us(pool) - before < PAUSE_US;
	}
	ok(shorter, "who sends it slowly has not");
}

static enum lb_flow_state state_of(const struct pool *pool)
{
	struct lb_flow flow = {0};

	talk_flow(&pool->talk, pool->service, &flow);
	return lb_flow_state(flow.data);
}

/* In the midst of something long a flow goes straight, but not for long. */
static void long_ones_go_straight(struct pool *pool)
{
	unsigned int before = samples(pool), straight = 0, back = 0;

	for (unsigned int i = 0; i < TRIES && !straight; i++) { /* a tick may end in between */
		establish(pool);
		for (unsigned int j = 0; j < 40; j++)
			pool_ask(pool, TCP_ACK, BYTES);
		straight = state_of(pool) == LB_FLOW_ESTABLISHED;
	}
	ok(straight, "%s: a flow goes straight in a long request", pool->what);
	is_int(samples(pool), before, "which is not timed");
	for (unsigned int i = 0; i < TRIES * 10 && !back; i++) {
		rest();
		pool_ask(pool, TCP_ACK, BYTES);
		back = state_of(pool) == LB_FLOW_AWAITING_REPLY;
	}
	ok(back, "and is listened to again a tick later");
	answer(pool, TCP_ACK, LONG_BYTES);
	is_int(samples(pool), before + 1, "as its next answer shows");
}

/* Who is told of by a flow's end. */
static void ends(struct pool *pool)
{
	const volatile struct lb_latency *latency = latency_of(pool);
	unsigned int before = samples(pool), begun = latency->begun;
	unsigned int answered = latency->answered;

	pool_begin(pool);
	pool_begin(pool);
	answer(pool, TCP_RST | TCP_ACK, 0);
	establish(pool);
	pool_ask(pool, TCP_ACK, BYTES);
	answer(pool, TCP_RST, 0);
	is_int(latency->begun - begun, 3, "%s: of 3 that begin", pool->what);
	is_int(latency->answered - answered, 1, "one is answered");
	is_int(latency->refused, 1, "one is refused");
	is_int(latency->broken, 1, "one answered by a reset");
	is_int(samples(pool), before, "which is not timed");
	establish(pool);
	pool_ask(pool, TCP_ACK, BYTES);
	answer(pool, TCP_FIN | TCP_ACK, 0);
	is_int(latency->broken, 2, "nor is one that is closed");
	establish(pool);
	pool_ask(pool, TCP_ACK, BYTES);
	answer(pool, TCP_FIN | TCP_ACK, BYTES);
	ok(latency->broken == 2 && samples(pool) == before + 1, "an answer that ends it is one");
	establish(pool);
	pool_ask(pool, TCP_ACK, BYTES);
	rest();
	pool_ask(pool, TCP_RST, 0);
	ok(samples(pool) == before + 2 && !waiting(pool), "who gives up has waited so long");
}

/* What of clients' acknowledgements tells when they were answered. */
static void acknowledged_late(struct pool *pool)
{
	unsigned int before = samples(pool);

	establish(pool);
	pool_ask(pool, TCP_ACK, BYTES);
	answer(pool, TCP_ACK, BYTES);
	is_int(samples(pool), before + 1, "%s: the first answer is timed, however short",
	       pool->what);
	pool_ask(pool, TCP_ACK, BYTES);
	answer(pool, TCP_ACK, BYTES);
	is_int(samples(pool), before + 1, "a short one later is not");
	pool_ask(pool, TCP_ACK, BYTES);
	answer(pool, TCP_ACK, LONG_BYTES);
	is_int(samples(pool), before + 2, "a long one is");
	pool_ask(pool, TCP_ACK, BYTES);
	pool->acknowledged += LONG_BYTES;
	pool_ask(pool, TCP_ACK, BYTES);
	is_int(samples(pool), before + 2, "none that the next request acknowledges");
	answer(pool, TCP_ACK, LONG_BYTES);
	is_int(samples(pool), before + 3, "but that request's own");
	pool_ask(pool, TCP_ACK, BYTES);
	pool->acknowledged -= BYTES;
	pool_ask(pool, TCP_ACK, 0);
	pool->acknowledged += BYTES;
	pool_ask(pool, TCP_ACK, 0);
	is_int(samples(pool), before + 3, "nor what acknowledges nothing new");
	pool_begin(pool);
	pool_ask(pool, TCP_ACK, BYTES);
	answer(pool, TCP_ACK, LONG_BYTES);
	is_int(samples(pool), before + 3, "nobody whose round trip is not known");
}

/* What the client's round trip takes is not the backend's. */
static void round_trip(struct pool *pool)
{
	bool less = false;

	for (unsigned int i = 0; i < TRIES && !less; i++) {
		__u64 before = sum_us(pool);

		pool_begin(pool);
		rest();
		pool_ask(pool, TCP_ACK, 0);
		pool_ask(pool, TCP_ACK, BYTES);
		rest();
		answer(pool, TCP_ACK, BYTES);
		less = sum_us(pool) > before && sum_us(pool) - before < PAUSE_US;
	}
	ok(less, "%s: the client's round trip is not counted", pool->what);
}

static void off_is_off(struct pool *pool)
{
	static const struct lb_latency none;

	establish(pool);
	pool_ask(pool, TCP_ACK, BYTES);
	answer(pool, TCP_ACK, LONG_BYTES);
	ok(!memcmp(latency_of(pool), &none, sizeof(none)), "off: nothing is counted");
	balancer_do(&stage.balancer, "service set %s --feedback observe", pool->name);
	establish(pool);
	pool_ask(pool, TCP_ACK, BYTES);
	balancer_do(&stage.balancer, "service set %s --feedback off", pool->name);
	answer(pool, TCP_ACK, LONG_BYTES);
	is_int(samples(pool), 0, "nor when it is switched off before the answer");
	is_int(state_of(pool), LB_FLOW_ESTABLISHED, "and the flow goes straight");
	balancer_do(&stage.balancer, "service set %s --feedback on", pool->name);
	establish(pool);
	pool_ask(pool, TCP_ACK, BYTES);
	answer(pool, TCP_ACK, LONG_BYTES);
	is_int(samples(pool), 1, "on: it is");
}

static void datagrams(const char *forward, unsigned int wanted)
{
	struct pool pool;

	pool_open(&pool, &stage, forward, false, IPPROTO_UDP, "--feedback observe");
	pool_begin(&pool);
	answer(&pool, 0, BYTES);
	answer(&pool, 0, BYTES);
	ok(samples(&pool) == wanted && latency_of(&pool)->begun == wanted,
	   "%s, UDP: %u is timed, and looked at", forward, wanted);
}

/* Beside what is always followed, so many a tick are heard. */
static void not_more_than_enough(struct pool *pool)
{
	unsigned int gained = samples(pool);

	for (unsigned int i = 0; i < MANY; i++) {
		establish(pool);
		pool_ask(pool, TCP_ACK, BYTES);
		answer(pool, TCP_ACK, BYTES);
	}
	gained = samples(pool) - gained;
	ok(gained > 0 && gained < MANY / 2, "%s: of %u requests at once %u are timed", pool->what,
	   MANY, gained);
}

/* A backend that is added anew begins at 0. */
static void begun_anew(struct pool *pool)
{
	balancer_do(&stage.balancer, "backend del %s 10.2.0.11:%u --force", pool->name,
		    pool->talk.backend.port);
	balancer_do(&stage.balancer, "backend add %s 10.2.0.11:%u", pool->name,
		    pool->talk.backend.port);
	is_int(samples(pool), 0, "what was timed is forgotten with its backend");
}

int main(void)
{
	static const char *const forwards[] = {"nat", "snat", "dsr", "ipip"};
	struct pool pool;

	stage_open(&stage, "--max-flows 65536");
	for (unsigned int i = 0; i < 8; i++) {
		pool_open(&pool, &stage, forwards[i / 2], i % 2, IPPROTO_TCP, "--feedback observe");
		each_request_once(&pool);
		if (i % 2)
			ages(&pool);
		moments(&pool);
		if (strcmp(forwards[i / 2], "snat"))
			long_ones_go_straight(&pool);
		if (!pool.is_one_way) {
			ends(&pool);
			continue;
		}
		acknowledged_late(&pool);
		round_trip(&pool);
	}
	pool_open(&pool, &stage, "nat", false, IPPROTO_TCP, "--feedback off");
	off_is_off(&pool);
	not_more_than_enough(&pool);
	begun_anew(&pool);
	datagrams("nat", 1);
	datagrams("snat", 1);
	datagrams("dsr", 0);
	return tap_done();
}
