// SPDX-License-Identifier: GPL-2.0-only
/* Passive checks of the backends of one service, polled twice per second. */
#include "controller/passive_health.h"

#include "core/tap.h"

#define POLL_MS 500
#define POOL	3

static struct passive_health pool[POOL];
static struct lb_latency counted[POOL];
static __u64 now_ms;

static void reset(void)
{
	memset(pool, 0, sizeof(pool));
	memset(counted, 0, sizeof(counted));
	now_ms = 1000000;
	for (int i = 0; i < POOL; i++)
		passive_health_update(&pool[i], &counted[i], now_ms);
}

/* Counts connection attempts of a backend until the next poll. */
static void count(int which, __u32 begun, __u32 answered, __u32 refused)
{
	counted[which].begun += begun;
	counted[which].answered += answered;
	counted[which].refused += refused;
}

static void poll_all(void)
{
	now_ms += POLL_MS;
	for (int i = 0; i < POOL; i++)
		passive_health_update(&pool[i], &counted[i], now_ms);
}

static enum passive_health_verdict verdict_of(int which)
{
	return passive_health_evaluate(pool, POOL, which, now_ms);
}

/* Polls until the first backend fails, if both get these attempts per poll; 0 = never. */
static int polls_until(enum passive_health_verdict wanted, const __u32 first[3],
		       const __u32 second[3])
{
	reset();
	for (int polls = 1; polls <= 200; polls++) {
		count(0, first[0], first[1], first[2]);
		count(1, second[0], second[1], second[2]);
		poll_all();
		if (verdict_of(0) == wanted)
			return polls;
	}
	return 0;
}

static const __u32 fine[] = {10, 10, 0}, silent[] = {10, 0, 0}, rare[] = {1, 0, 0};
static const __u32 refuses[] = {10, 0, 10}, mostly[] = {20, 1, 19}, half[] = {20, 10, 10};
static const __u32 nothing[] = {0, 0, 0}, slow[] = {10, 1, 0}, ends[] = {10, 10, 10};

static void test_failures(void)
{
	is_int(polls_until(PASSIVE_UNANSWERED, silent, fine), 4, "no answer: fails after 1.5 s");
	is_int(polls_until(PASSIVE_UNANSWERED, rare, fine), 11,
	       "at a low rate: fails after 8 attempts");
	is_int(polls_until(PASSIVE_REFUSED, refuses, fine), 1, "all reset: fails at once");
	is_int(polls_until(PASSIVE_REFUSED, mostly, fine), 1, "19 of 20 reset: fails at once");
}

static void test_no_failures(void)
{
	is_int(polls_until(PASSIVE_UNANSWERED, fine, fine), 0, "all answered: no failure");
	is_int(polls_until(PASSIVE_UNANSWERED, slow, fine), 0, "1 of 10 answered: no failure");
	is_int(polls_until(PASSIVE_REFUSED, half, fine), 0, "half reset: no failure");
	is_int(polls_until(PASSIVE_REFUSED, ends, fine), 0, "reset after an answer: no failure");
	is_int(polls_until(PASSIVE_UNANSWERED, nothing, fine), 0, "no attempts: no failure");
	is_int(polls_until(PASSIVE_UNANSWERED, silent, silent), 0,
	       "all backends silent: no failure");
	is_int(polls_until(PASSIVE_REFUSED, refuses, refuses), 0,
	       "all backends refuse: no failure");
	is_int(polls_until(PASSIVE_UNANSWERED, silent, nothing), 0,
	       "no attempts at other backends: no failure");
}

static void test_cleared_evidence(void)
{
	polls_until(PASSIVE_UNANSWERED, silent, fine);
	count(0, 10, 1, 0);
	poll_all();
	is_int(verdict_of(0), PASSIVE_NONE, "one answer clears the evidence");
	is_int(verdict_of(1), PASSIVE_NONE, "the other backend never failed");

	reset();
	count(0, 7, 0, 0);
	for (int i = 0; i < 10; i++, poll_all())
		count(1, 10, 10, 0);
	is_int(verdict_of(0), PASSIVE_NONE, "7 attempts are insufficient evidence");
	count(0, 1, 0, 0);
	count(1, 1, 1, 0);
	poll_all();
	is_int(verdict_of(0), PASSIVE_NONE, "the eighth attempt may still be answered");
	count(0, 0, 1, 0);
	poll_all();
	is_int(verdict_of(0), PASSIVE_NONE, "and its answer clears the evidence");

	polls_until(PASSIVE_UNANSWERED, silent, fine);
	counted[0] = (struct lb_latency){.begun = 3};
	poll_all();
	is_int(verdict_of(0), PASSIVE_NONE, "decreased counters belong to another backend");
	is_int(pool[0].attempts, 0, "which starts without evidence");
}

/* A backend with evidence against it is no reference for another. */
static void test_references(void)
{
	reset();
	for (int i = 0; i < 10; i++, poll_all()) {
		count(0, 10, 0, 10);
		count(1, 20, 1, 19);
	}
	is_int(verdict_of(0), PASSIVE_NONE, "a backend that resets most is no reference");
	count(2, 1, 1, 0);
	poll_all();
	ok(verdict_of(0) == PASSIVE_REFUSED && verdict_of(1) == PASSIVE_REFUSED,
	   "a third backend is, for both");
}

/* 32-bit counters wrap around. */
static void test_wraparound(void)
{
	memset(pool, 0, sizeof(pool));
	memset(counted, 0, sizeof(counted));
	counted[0].begun = counted[0].answered = ~0U - 4;
	poll_all();
	for (int i = 0; i < 10; i++, poll_all()) {
		count(0, 10, 0, 0);
		count(1, 10, 10, 0);
	}
	is_int(verdict_of(0), PASSIVE_UNANSWERED, "a counter that wraps around loses nothing");
}

int main(void)
{
	test_failures();
	test_no_failures();
	test_cleared_evidence();
	test_references();
	test_wraparound();
	return tap_done();
}
