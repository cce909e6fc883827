// SPDX-License-Identifier: GPL-2.0-only
/*
 * Latency sampling: every sampled request is timed once, from its last new packet to its answer.
 * With direct server return the client's acknowledgments stand for answers, as far as they can.
 * Unanswered requests are counted by their end.
 */
#include <linux/bpf.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "harness/expect.h"
#include "harness/single_backend.h"

#define PAUSE_NS   20000000L
#define PAUSE_US   (PAUSE_NS / 1000)
#define AGES_TRIES 1000 /* a few seconds */
#define TRIES	   20 /* a machine under load may spoil single tries */
#define MANY	   1000
#define BYTES	   100 /* payload of a request or a short answer */
#define LONG_BYTES 3000 /* payload of a long answer */

static struct env env;

static const struct lb_latency *latency_of(const struct single *single)
{
	return &env.instance.responses[single->backend];
}

static unsigned int samples(const struct single *single)
{
	const volatile struct lb_latency *latency = latency_of(single);
	unsigned int sum = 0;

	for (unsigned int i = 0; i < LB_RESPONSE_BUCKETS; i++)
		sum += latency->responses.count[i];
	return sum;
}

static __u64 sum_us(const struct single *single)
{
	return *(const volatile __u64 *)&latency_of(single)->sum_us;
}

static unsigned int waiting(const struct single *single)
{
	unsigned int count = 0;

	for (unsigned int i = 0; i < LB_TIMINGS; i++) {
		const struct lb_timing timing = env.instance.timings[i];

		count += timing.waiting && timing.backend == single->backend;
	}
	return count;
}

/*
 * Sends a packet of the backend. With direct server return the balancer sees the client's
 * acknowledgment instead.
 */
static void send_reply(struct single *single, __u8 flags, __u16 payload)
{
	if (!single->is_one_way) {
		single_send_reply(single, flags, payload);
		return;
	}
	single->acknowledged += payload;
	single_send_request(single, TCP_ACK, 0);
}

static void establish(struct single *single)
{
	single_begin(single);
	if (!single->is_one_way)
		send_reply(single, TCP_SYN | TCP_ACK, 0);
	single_send_request(single, TCP_ACK, 0);
}

static void wait_briefly(void)
{
	const struct timespec pause = {.tv_nsec = PAUSE_NS};

	nanosleep(&pause, NULL);
}

/* Several requests on one connection, and packets that only look like requests or answers. */
static void each_request_once(struct single *single)
{
	establish(single);
	is_int(samples(single), 0, "%s: a handshake is not timed", single->what);
	single_send_request(single, TCP_ACK, BYTES);
	ok(waiting(single) == 1 && !samples(single), "a request waits for its answer");
	send_reply(single, TCP_ACK, LONG_BYTES);
	ok(samples(single) == 1 && !waiting(single), "the answer is timed, and no request waits");
	send_reply(single, TCP_ACK, LONG_BYTES);
	is_int(samples(single), 1, "more of the answer is not timed");
	single_send_request(single, TCP_ACK, BYTES);
	send_reply(single, TCP_ACK, LONG_BYTES);
	is_int(samples(single), 2, "the next request's answer is timed");
	single_send_request(single, TCP_ACK, BYTES);
	single->sequence -= BYTES;
	single_send_request(single, TCP_ACK, BYTES);
	send_reply(single, TCP_ACK, 0);
	is_int(samples(single), 2, "an ACK of a retransmitted request is not timed");
	send_reply(single, TCP_ACK, LONG_BYTES);
	send_reply(single, TCP_ACK, LONG_BYTES);
	is_int(samples(single), 3, "the answer to both packets is timed once");
}

/* The age of a flow when it sends a request. */
static void flow_age(struct single *single)
{
	const volatile struct lb_latency *latency = latency_of(single);
	__u64 sampled = latency->sampled, age = latency->age, requests = 0;

	establish(single);
	while (requests < AGES_TRIES && latency->age < age + 2) {
		single_send_request(single, TCP_ACK, BYTES);
		send_reply(single, TCP_ACK, LONG_BYTES);
		requests++;
		wait_briefly();
	}
	ok(latency->sampled > sampled && latency->sampled - sampled <= requests,
	   "%s: each timed request is counted", single->what);
	ok(latency->age >= age + 2, "the age of its flow is added");
	sampled = latency->sampled;
	age = latency->age;
	establish(single);
	single_send_request(single, TCP_ACK, BYTES);
	send_reply(single, TCP_ACK, LONG_BYTES);
	ok(latency->sampled > sampled && latency->age <= age + 1, "a new flow's age is about 0");
}

/* A request begins with its last packet that is not a retransmission. */
static void request_time(struct single *single)
{
	__u64 before = sum_us(single);
	bool shorter = false;

	establish(single);
	single_send_request(single, TCP_ACK, BYTES);
	wait_briefly();
	single->sequence -= BYTES;
	single_send_request(single, TCP_ACK, BYTES);
	send_reply(single, TCP_ACK, LONG_BYTES);
	ok(sum_us(single) - before > PAUSE_US / 2, "%s: the wait before a retransmission counts",
	   single->what);
	for (unsigned int i = 0; i < TRIES && !shorter; i++) {
		before = sum_us(single);
		establish(single);
		single_send_request(single, TCP_ACK, BYTES);
		wait_briefly();
		single_send_request(single, TCP_ACK, BYTES);
		send_reply(single, TCP_ACK, LONG_BYTES);
		shorter = sum_us(single) > before && sum_us(single) - before < PAUSE_US;
	}
	ok(shorter, "the time between parts of a request is left out");
}

/* In a long request a flow uses the fast path, for at most a tick. */
static void long_flows_use_fast_path(struct single *single)
{
	unsigned int before = samples(single), is_fast = 0, is_sampled = 0;

	for (unsigned int i = 0; i < TRIES && !is_fast;
	     i++) { /* a tick may end during the request */
		establish(single);
		for (unsigned int j = 0; j < 40; j++)
			single_send_request(single, TCP_ACK, BYTES);
		is_fast = single_flow_state(single) == LB_FLOW_ESTABLISHED;
	}
	ok(is_fast, "%s: a long request uses the fast path", single->what);
	is_int(samples(single), before, "a long request is not timed");
	for (unsigned int i = 0; i < TRIES * 10 && !is_sampled; i++) {
		wait_briefly();
		single_send_request(single, TCP_ACK, BYTES);
		is_sampled = single_flow_state(single) == LB_FLOW_AWAITING_REPLY;
	}
	ok(is_sampled, "the flow is sampled again after a tick");
	send_reply(single, TCP_ACK, LONG_BYTES);
	is_int(samples(single), before + 1, "the next answer is timed");
}

/* What the end of a flow adds. */
static void flow_end(struct single *single)
{
	const volatile struct lb_latency *latency = latency_of(single);
	unsigned int before = samples(single), begun = latency->begun;
	unsigned int answered = latency->answered;

	single_begin(single);
	single_begin(single);
	send_reply(single, TCP_RST | TCP_ACK, 0);
	establish(single);
	single_send_request(single, TCP_ACK, BYTES);
	send_reply(single, TCP_RST, 0);
	is_int(latency->begun - begun, 3, "%s: 3 flows begin", single->what);
	is_int(latency->answered - answered, 1, "one flow is answered");
	is_int(latency->refused, 1, "one flow is refused");
	is_int(latency->broken, 1, "one request ends with a reset");
	is_int(samples(single), before, "a reset is not timed");
	establish(single);
	single_send_request(single, TCP_ACK, BYTES);
	send_reply(single, TCP_FIN | TCP_ACK, 0);
	is_int(latency->broken, 2, "a FIN without an answer counts as broken");
	establish(single);
	single_send_request(single, TCP_ACK, BYTES);
	send_reply(single, TCP_FIN | TCP_ACK, BYTES);
	ok(latency->broken == 2 && samples(single) == before + 1, "an answer with FIN is timed");
	establish(single);
	single_send_request(single, TCP_ACK, BYTES);
	wait_briefly();
	single_send_request(single, TCP_RST, 0);
	ok(samples(single) == before + 2 && !waiting(single),
	   "an aborted request counts the time it waited");
}

/* What client acknowledgments show of the time of an answer. */
static void late_acknowledgment(struct single *single)
{
	unsigned int before = samples(single);

	establish(single);
	single_send_request(single, TCP_ACK, BYTES);
	send_reply(single, TCP_ACK, BYTES);
	is_int(samples(single), before + 1, "%s: the first answer is timed, even if short",
	       single->what);
	single_send_request(single, TCP_ACK, BYTES);
	send_reply(single, TCP_ACK, BYTES);
	is_int(samples(single), before + 1, "a later short answer is not timed");
	single_send_request(single, TCP_ACK, BYTES);
	send_reply(single, TCP_ACK, LONG_BYTES);
	is_int(samples(single), before + 2, "a later long answer is timed");
	single_send_request(single, TCP_ACK, BYTES);
	single->acknowledged += LONG_BYTES;
	single_send_request(single, TCP_ACK, BYTES);
	is_int(samples(single), before + 2, "an answer acknowledged by a request is not timed");
	send_reply(single, TCP_ACK, LONG_BYTES);
	is_int(samples(single), before + 3, "that request's own answer is timed");
	single_send_request(single, TCP_ACK, BYTES);
	single->acknowledged -= BYTES;
	single_send_request(single, TCP_ACK, 0);
	single->acknowledged += BYTES;
	single_send_request(single, TCP_ACK, 0);
	is_int(samples(single), before + 3, "an ACK of no new bytes is not timed");
	single_begin(single);
	single_send_request(single, TCP_ACK, BYTES);
	send_reply(single, TCP_ACK, LONG_BYTES);
	is_int(samples(single), before + 3, "no answer is timed without a known round trip");
}

/* The client's round-trip time is not part of the backend's latency. */
static void client_round_trip(struct single *single)
{
	bool is_shorter = false;

	for (unsigned int i = 0; i < TRIES && !is_shorter; i++) {
		__u64 before = sum_us(single);

		single_begin(single);
		wait_briefly();
		single_send_request(single, TCP_ACK, 0);
		single_send_request(single, TCP_ACK, BYTES);
		wait_briefly();
		send_reply(single, TCP_ACK, BYTES);
		is_shorter = sum_us(single) > before && sum_us(single) - before < PAUSE_US;
	}
	ok(is_shorter, "%s: the client's round trip is not counted", single->what);
}

static void feedback_off(struct single *single)
{
	static const struct lb_latency none;

	establish(single);
	single_send_request(single, TCP_ACK, BYTES);
	send_reply(single, TCP_ACK, LONG_BYTES);
	ok(!memcmp(latency_of(single), &none, sizeof(none)),
	   "with feedback off, nothing is counted");
	instance_must_run(&env.instance, "service set %s --feedback observe", single->name);
	establish(single);
	single_send_request(single, TCP_ACK, BYTES);
	instance_must_run(&env.instance, "service set %s --feedback off", single->name);
	send_reply(single, TCP_ACK, LONG_BYTES);
	is_int(samples(single), 0, "feedback switched off stops a pending sample");
	is_int(single_flow_state(single), LB_FLOW_ESTABLISHED, "the flow is back on the fast path");
	instance_must_run(&env.instance, "service set %s --feedback on", single->name);
	establish(single);
	single_send_request(single, TCP_ACK, BYTES);
	send_reply(single, TCP_ACK, LONG_BYTES);
	is_int(samples(single), 1, "with feedback on, an answer is timed");
}

static void udp_is_timed(const char *forward, unsigned int wanted)
{
	struct single single;

	single_open(&single, &env, forward, false, IPPROTO_UDP, "--feedback observe");
	single_begin(&single);
	send_reply(&single, 0, BYTES);
	send_reply(&single, 0, BYTES);
	ok(samples(&single) == wanted && latency_of(&single)->begun == wanted,
	   "%s, UDP: %u answer is timed", forward, wanted);
}

/* The number of samples per tick is limited, except for flows that are always sampled. */
static void sampling_is_limited(struct single *single)
{
	unsigned int timed = samples(single);

	for (unsigned int i = 0; i < MANY; i++) {
		establish(single);
		single_send_request(single, TCP_ACK, BYTES);
		send_reply(single, TCP_ACK, BYTES);
	}
	timed = samples(single) - timed;
	ok(timed > 0 && timed < MANY / 2, "%s: of %u requests at once, %u are timed", single->what,
	   MANY, timed);
}

/* A backend that is deleted and added begins at 0. */
static void readded_backend(struct single *single)
{
	instance_must_run(&env.instance, "backend del %s 10.2.0.11:%u --force", single->name,
			  single->exchange.backend.port);
	instance_must_run(&env.instance, "backend add %s 10.2.0.11:%u", single->name,
			  single->exchange.backend.port);
	is_int(samples(single), 0, "deleting a backend resets its samples");
}

int main(void)
{
	static const char *const forwards[] = {"nat", "snat", "dsr", "ipip"};
	struct single single;

	env_open(&env, "--max-flows 65536");
	for (unsigned int i = 0; i < 8; i++) {
		single_open(&single, &env, forwards[i / 2], i % 2, IPPROTO_TCP,
			    "--feedback observe");
		each_request_once(&single);
		if (i % 2)
			flow_age(&single);
		request_time(&single);
		if (strcmp(forwards[i / 2], "snat"))
			long_flows_use_fast_path(&single);
		if (!single.is_one_way) {
			flow_end(&single);
			continue;
		}
		late_acknowledgment(&single);
		client_round_trip(&single);
	}
	single_open(&single, &env, "nat", false, IPPROTO_TCP, "--feedback off");
	feedback_off(&single);
	sampling_is_limited(&single);
	readded_backend(&single);
	udp_is_timed("nat", 1);
	udp_is_timed("snat", 1);
	udp_is_timed("dsr", 0);
	return tap_done();
}
