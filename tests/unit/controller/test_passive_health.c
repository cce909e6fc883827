// SPDX-License-Identifier: GPL-2.0-only
/* Who is suspected: backends of one service, looked at twice a second. */
#include "controller/passive_health.h"

#include "core/tap.h"

#define INTERVAL_MS 500
#define POOL	    3

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

/* Until the next look so many flows begin with a backend, are answered, and reset. */
static void count_connections(int which, __u32 begun, __u32 answered, __u32 refused)
{
	counted[which].begun += begun;
	counted[which].answered += answered;
	counted[which].refused += refused;
}

static void run_interval(void)
{
	now_ms += INTERVAL_MS;
	for (int i = 0; i < POOL; i++)
		passive_health_update(&pool[i], &counted[i], now_ms);
}

static enum passive_health_verdict verdict_of(int which)
{
	return passive_health_evaluate(pool, POOL, which, now_ms);
}

/* The looks until the first is suspected, while it and the second get flows like these; 0: never. */
static int intervals_until(enum passive_health_verdict wanted, const __u32 first[3],
			   const __u32 second[3])
{
	reset();
	for (int intervals = 1; intervals <= 200; intervals++) {
		count_connections(0, first[0], first[1], first[2]);
		count_connections(1, second[0], second[1], second[2]);
		run_interval();
		if (verdict_of(0) == wanted)
			return intervals;
	}
	return 0;
}

static const __u32 fine[] = {10, 10, 0}, silent[] = {10, 0, 0}, rare[] = {1, 0, 0};
static const __u32 refuses[] = {10, 0, 10}, mostly[] = {20, 1, 19}, half[] = {20, 10, 10};
static const __u32 nothing[] = {0, 0, 0}, slow[] = {10, 1, 0}, ends[] = {10, 10, 10};

static void is_suspected(void)
{
	is_int(intervals_until(PASSIVE_UNANSWERED, silent, fine), 4,
	       "who answers nobody, 1.5 s later");
	is_int(intervals_until(PASSIVE_UNANSWERED, rare, fine), 11, "however rarely it is asked");
	is_int(intervals_until(PASSIVE_REFUSED, refuses, fine), 1, "who resets all, at once");
	is_int(intervals_until(PASSIVE_REFUSED, mostly, fine), 1, "or almost all");
}

static void is_not_suspected(void)
{
	is_int(intervals_until(PASSIVE_UNANSWERED, fine, fine), 0, "not who answers");
	is_int(intervals_until(PASSIVE_UNANSWERED, slow, fine), 0, "nor who answers some");
	is_int(intervals_until(PASSIVE_REFUSED, half, fine), 0, "nor who resets half");
	is_int(intervals_until(PASSIVE_REFUSED, ends, fine), 0,
	       "nor who ends what it has answered");
	is_int(intervals_until(PASSIVE_UNANSWERED, nothing, fine), 0, "nor who is not asked");
	is_int(intervals_until(PASSIVE_UNANSWERED, silent, silent), 0,
	       "nor anybody when all are silent");
	is_int(intervals_until(PASSIVE_REFUSED, refuses, refuses), 0, "when all refuse,");
	is_int(intervals_until(PASSIVE_UNANSWERED, silent, nothing), 0,
	       "or when nobody else is asked");
}

static void evidence_expires(void)
{
	intervals_until(PASSIVE_UNANSWERED, silent, fine);
	count_connections(0, 10, 1, 0);
	run_interval();
	is_int(verdict_of(0), PASSIVE_NONE, "one answer, and it is trusted again");
	is_int(verdict_of(1), PASSIVE_NONE, "the others were all the time");

	reset();
	count_connections(0, 7, 0, 0);
	for (int i = 0; i < 10; i++, run_interval())
		count_connections(1, 10, 10, 0);
	is_int(verdict_of(0), PASSIVE_NONE, "7 flows are too few, however long ago");
	count_connections(0, 1, 0, 0);
	count_connections(1, 1, 1, 0);
	run_interval();
	is_int(verdict_of(0), PASSIVE_NONE, "the eighth may be answered yet");
	count_connections(0, 0, 1, 0);
	run_interval();
	is_int(verdict_of(0), PASSIVE_NONE, "and is");

	intervals_until(PASSIVE_UNANSWERED, silent, fine);
	counted[0] = (struct lb_latency){.begun = 3};
	run_interval();
	is_int(verdict_of(0), PASSIVE_NONE, "what is counted anew is of another backend");
	is_int(pool[0].attempts, 0, "which begins without evidence");
}

/* A backend that got away with it is no witness against others. */
static void reference_backends(void)
{
	reset();
	for (int i = 0; i < 10; i++, run_interval()) {
		count_connections(0, 10, 0, 10);
		count_connections(1, 20, 1, 19);
	}
	is_int(verdict_of(0), PASSIVE_NONE,
	       "who resets almost all is no witness against who resets all");
	count_connections(2, 1, 1, 0);
	run_interval();
	ok(verdict_of(0) == PASSIVE_REFUSED && verdict_of(1) == PASSIVE_REFUSED,
	   "a third is, against both");
}

/* Counters are of 32 bits and turn over. */
static void counters_wrap(void)
{
	memset(pool, 0, sizeof(pool));
	memset(counted, 0, sizeof(counted));
	counted[0].begun = counted[0].answered = ~0U - 4;
	run_interval();
	for (int i = 0; i < 10; i++, run_interval()) {
		count_connections(0, 10, 0, 0);
		count_connections(1, 10, 10, 0);
	}
	is_int(verdict_of(0), PASSIVE_UNANSWERED, "where counters turn over nothing is lost");
}

int main(void)
{
	is_suspected();
	is_not_suspected();
	evidence_expires();
	reference_backends();
	counters_wrap();
	return tap_done();
}
