// SPDX-License-Identifier: GPL-2.0-only
#include "controller/feedback_loop.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "lb/flow.h"
#include "model/histogram.h"
#include "model/latency.h"
#include "model/weight.h"
#include "store/store.h"

#define CLIPPED_PART 0.05 /* longest response times, clipped in the mean */

/* A weight factor is committed if it changes by at least 1/100. */
#define MIN_CHANGE_PART 100

/* Unanswered flows of a window are failures from 4 on, if more than 1/8 of the flows begun. */
#define UNANSWERED_MIN	4
#define UNANSWERED_PART 8

/* Failures count at most this if no flow was answered, because there is no scale then. */
#define UNCERTAIN_FAILURES_MAX 20

static int allocate(struct feedback_loop *feedback_loop, const struct lb_control *control)
{
	__u32 count = control->max_backends;

	if (feedback_loop->backends)
		return 0;
	feedback_loop->backends = calloc(count, sizeof(*feedback_loop->backends));
	feedback_loop->services = calloc(control->max_services, sizeof(*feedback_loop->services));
	feedback_loop->members = calloc(count, sizeof(*feedback_loop->members));
	feedback_loop->windows = calloc(count, sizeof(*feedback_loop->windows));
	feedback_loop->ids = calloc(count, sizeof(*feedback_loop->ids));
	if (feedback_loop->backends && feedback_loop->services && feedback_loop->members &&
	    feedback_loop->windows && feedback_loop->ids)
		return 0;
	feedback_loop_release(feedback_loop);
	return -ENOMEM;
}

void feedback_loop_release(struct feedback_loop *feedback_loop)
{
	free(feedback_loop->backends);
	free(feedback_loop->services);
	free(feedback_loop->members);
	free(feedback_loop->windows);
	free(feedback_loop->ids);
	*feedback_loop = (struct feedback_loop){0};
}

static bool is_same(const struct feedback_loop_backend *backend,
		    const struct lb_backend_config *config)
{
	return backend->service == config->service && backend->port == config->port &&
	       !memcmp(backend->address, config->address, sizeof(config->address));
}

/* Initialises the state from the factors in the store. The law discards them if too old. */
static void begin(struct feedback_loop_backend *backend, const struct store *store, __u32 id)
{
	const struct lb_backend_config *config = &store->config.backend[id];
	const struct lb_feedback_record *factor = &store->feedback_records[id];

	*backend = (struct feedback_loop_backend){
		.address = {config->address[0], config->address[1]},
		.port = config->port,
		.service = config->service,
		.previous = store->tables.responses[id],
	};
	feedback_reset(&backend->law);
	if (!factor->factor_milli)
		return;
	backend->law.factor = backend->law.applied = factor->factor_milli / 1000.0;
	backend->law.target = factor->target_milli / 1000.0;
	backend->law.measured_ns = factor->measured_ns;
	backend->law.latency_us = factor->latency_us;
	backend->law.reason = factor->reason;
}

int feedback_loop_update(struct feedback_loop *feedback_loop, const struct store *store)
{
	const struct lb_control *control = store->control;
	bool target = false;
	int error;

	for (__u32 id = 1; id < control->max_services; id++)
		target |= store->config.service[id].name[0] &&
			  store->config.service[id].feedback != LB_FEEDBACK_OFF;
	feedback_loop->is_enabled = target;
	if (!target)
		return 0;
	error = allocate(feedback_loop, control);
	for (__u32 id = 1; !error && id < control->max_backends; id++) {
		const struct lb_backend_config *config = &store->config.backend[id];
		bool follows = config->service && !config->alias_of &&
			       store->config.service[config->service].feedback != LB_FEEDBACK_OFF;

		if (!follows)
			feedback_loop->backends[id].service = 0;
		else if (!is_same(&feedback_loop->backends[id], config))
			begin(&feedback_loop->backends[id], store, id);
	}
	return error;
}

/*
 * Failed requests, scaled to the sampled requests: only some flows are sampled for
 * response times, but refused and unanswered connection attempts are counted for all.
 */
static __u64 failures(const struct lb_latency *window, __u64 samples)
{
	__u32 unanswered = window->begun - window->answered - window->refused;
	double refused = window->refused;

	if (window->begun < window->answered + window->refused)
		unanswered = 0;
	if (unanswered >= UNANSWERED_MIN && unanswered > window->begun / UNANSWERED_PART)
		refused += unanswered;
	if (window->answered)
		refused *= (double)samples / window->answered;
	else if (refused > UNCERTAIN_FAILURES_MAX)
		refused = UNCERTAIN_FAILURES_MAX;
	return window->broken + (__u64)(refused + 0.5);
}

/* Time to first byte of the last HTTP probe, a measurement without queueing; 0 = none. */
static double probe_us(const struct store *store, __u32 id)
{
	const struct lb_health_record *record = &store->health_records[id];
	const char *text = store->config.service[store->config.backend[id].service].check;

	return !strncmp(text, "http", 4) && record->passed ? record->first_byte_us : 0;
}

static void measure(struct feedback_loop *feedback_loop, const struct store *store, __u32 id,
		    const struct latency_outstanding *waiting, struct feedback_window *window)
{
	const struct lb_backend_config *config = &store->config.backend[id];
	const struct lb_service_config *service = &store->config.service[config->service];
	struct feedback_loop_backend *backend = &feedback_loop->backends[id];
	struct lb_latency now = store->tables.responses[id], since;
	__u32 weight = weight_base_milli(config);

	latency_since(&since, &now, &backend->previous);
	backend->previous = now;
	*window = (struct feedback_window){
		.weight_milli = weight && service->scheduler == LB_SCHEDULER_RR ? 1000 : weight,
		.usable = config->state == LB_STATE_READY && config->health != LB_HEALTH_DOWN &&
			  weight,
		.samples = histogram_count(&since.responses),
		.latency_us = histogram_clipped_mean_us(&since.responses, CLIPPED_PART),
		.outstanding = waiting[id].requests,
		.probe_us = probe_us(store, id),
		.ages = {since.sampled, (double)since.age * LB_CREATED_NS / FEEDBACK_PERIOD_NS},
	};
	window->completions = window->samples;
	window->failures = failures(&since, window->samples);
}

static __u32 to_milli(double factor)
{
	return factor * 1000 + 0.5;
}

/* Writes the record that is shown. */
static void write_record(struct store *store, __u32 id, const struct feedback_backend *law,
			 bool fail_open)
{
	struct lb_feedback_record *factor = &store->feedback_records[id];
	__u8 reason = fail_open ? FEEDBACK_FAIL_OPEN : law->reason;

	if (factor->reason != reason || !factor->since_ms)
		factor->since_ms = clock_realtime_ms();
	factor->measured_ns = law->measured_ns;
	factor->factor_milli = to_milli(law->factor);
	factor->target_milli = to_milli(law->target);
	factor->latency_us = law->latency_us;
	factor->samples = law->samples;
	factor->reason = reason;
	factor->signals = law->signals;
}

/* Sets the factor that multiplies the weight, if it changes by MIN_CHANGE_PART. */
static void apply(struct lb_backend_config *config, const struct feedback_backend *law)
{
	__u32 factor_milli = feedback_factor_milli(law);
	__u32 current = config->latency_milli ? config->latency_milli : 1000;
	__u32 difference = factor_milli > current ? factor_milli - current : current - factor_milli;

	if (difference * MIN_CHANGE_PART >= current)
		config->latency_milli = factor_milli == 1000 ? 0 : factor_milli;
}

static void step(struct feedback_loop *feedback_loop, struct store *store, __u32 service,
		 const struct latency_outstanding *waiting, __u64 now_ns)
{
	size_t count = 0;

	for (__u32 id = 1; id < store->control->max_backends; id++) {
		if (feedback_loop->backends[id].service != service)
			continue;
		measure(feedback_loop, store, id, waiting, &feedback_loop->windows[count]);
		feedback_loop->members[count] = feedback_loop->backends[id].law;
		feedback_loop->ids[count++] = id;
	}
	feedback_step(&feedback_loop->services[service], feedback_loop->members,
		      feedback_loop->windows, count, now_ns);
	for (size_t i = 0; i < count; i++) {
		__u32 id = feedback_loop->ids[i];

		feedback_loop->backends[id].law = feedback_loop->members[i];
		write_record(store, id, &feedback_loop->members[i],
			     feedback_loop->services[service].fail_open);
		if (store->config.service[service].feedback == LB_FEEDBACK_ON)
			apply(&store->config.backend[id], &feedback_loop->members[i]);
	}
}

void feedback_loop_step(struct feedback_loop *feedback_loop, struct store *store, __u64 now_ns)
{
	struct latency_outstanding *waiting;

	if (!feedback_loop->is_enabled)
		return;
	waiting = calloc(store->control->max_backends, sizeof(*waiting));
	if (!waiting)
		return;
	latency_outstanding(store->tables.timings, now_ns, waiting, store->control->max_backends);
	for (__u32 id = 1; id < store->control->max_services; id++)
		if (store->config.service[id].name[0] &&
		    store->config.service[id].feedback != LB_FEEDBACK_OFF)
			step(feedback_loop, store, id, waiting, now_ns);
	free(waiting);
}
