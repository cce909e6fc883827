// SPDX-License-Identifier: GPL-2.0-only
/* Feedback loop: measured response times reach the control law, and its factors the weights. */
#include "controller/feedback_loop.h"
#include "core/tap.h"
#include "lb/flow.h"
#include "store/store.h"

#define BACKENDS 3 /* ids 1 and 2 */
#define MINUTE	 120

static struct lb_control control;
static struct lb_service_config service[2];
static struct lb_backend_config backend[BACKENDS];
static struct lb_latency responses[BACKENDS];
static struct lb_timing timings[LB_TIMINGS];
static struct lb_health_record health_records[BACKENDS];
static struct lb_feedback_record feedback_records[BACKENDS];
static struct feedback_loop feedback_loop;
static __u64 now_ns;

static struct store store = {
	.control = &control,
	.config = {.service = service, .backend = backend},
	.tables = {.responses = responses, .timings = timings},
	.health_records = health_records,
	.feedback_records = feedback_records,
};

static void begin(enum lb_feedback feedback)
{
	control.max_services = 2;
	control.max_backends = BACKENDS;
	service[1] = (struct lb_service_config){.name = "web", .feedback = feedback};
	for (__u32 id = 1; id < BACKENDS; id++) {
		backend[id] = (struct lb_backend_config){
			.service = 1,
			.address = {id},
			.weight = 1,
			.override_milli = LB_NO_OVERRIDE,
		};
		responses[id] = (struct lb_latency){0};
		feedback_records[id] = (struct lb_feedback_record){0};
	}
	now_ns = 5000000000ULL;
	feedback_loop_release(&feedback_loop);
	is_int(feedback_loop_update(&feedback_loop, &store), 0,
	       "a service with feedback is taken over");
}

/* Periods of 100 requests per backend, with these response times and this age of the flows. */
static void step(int times, __u32 first_us, __u32 second_us, __u32 age_s)
{
	while (times-- > 0) {
		for (__u32 id = 1; id < BACKENDS; id++) {
			__u32 us = id == 1 ? first_us : second_us;

			responses[id].responses.count[lb_response_bucket(us)] += 100;
			responses[id].sum_us += 100ULL * us;
			responses[id].sampled += 100;
			responses[id].age += 100ULL * age_s * 1000000000 / LB_CREATED_NS;
		}
		now_ns += FEEDBACK_PERIOD_NS;
		feedback_loop_step(&feedback_loop, &store, now_ns);
	}
}

static void test_follows(void)
{
	begin(LB_FEEDBACK_ON);
	step(MINUTE, 30000, 10000, 0);
	ok(backend[1].latency_milli && backend[1].latency_milli < 600,
	   "the slower backend gets less weight");
	ok(backend[2].latency_milli > 1400, "and the faster one more");
	ok(feedback_records[1].factor_milli < 600 && feedback_records[1].latency_us > 28000 &&
		   feedback_records[1].latency_us < 32000,
	   "the record shows factor and latency");
	begin(LB_FEEDBACK_OBSERVE);
	step(MINUTE, 30000, 10000, 0);
	ok(feedback_records[1].factor_milli < 600 && !backend[1].latency_milli,
	   "observe changes the record, not the weight");
}

static void test_fail_open(void)
{
	begin(LB_FEEDBACK_ON);
	service[1].scheduler = LB_SCHEDULER_WRR;
	backend[2].weight = 3;
	backend[2].health = LB_HEALTH_DOWN;
	step(1, 10000, 10000, 0);
	is_int(feedback_records[1].reason, FEEDBACK_FAIL_OPEN, "failing open is the reason");
	is_int(backend[1].latency_milli, 0, "while failing open no factor applies");
	backend[2].health = LB_HEALTH_UP;
	step(1, 10000, 10000, 0);
	ok(feedback_records[1].reason != FEEDBACK_FAIL_OPEN, "the reason ends with it");
}

/* The factor of the slower backend 10 s after the service became slow. */
static __u32 slower_factor(__u32 age_s)
{
	begin(LB_FEEDBACK_ON);
	step(10, 10000, 10000, age_s);
	step(20, 60000, 20000, age_s);
	return feedback_records[1].factor_milli;
}

static void test_ages(void)
{
	__u32 young = slower_factor(0), old = slower_factor(40);

	ok(old > young + 30, "with old flows the factor changes more slowly");
	diag("factor in thousandths: %u with young flows, %u with old ones", young, old);
}

int main(void)
{
	test_follows();
	test_ages();
	test_fail_open();
	feedback_loop_release(&feedback_loop);
	return tap_done();
}
