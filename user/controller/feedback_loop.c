// SPDX-License-Identifier: GPL-2.0-only
#include "controller/feedback_loop.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "lb/flow.h"
#include "model/check_parse.h"
#include "model/histogram.h"
#include "model/latency.h"
#include "model/weight.h"
#include "store/store.h"

#define CLIPPED 0.05 /* the longest part of all answers */

/* A change of a weight that is smaller is not worth a commit. */
#define WORTH_PART 100

/* Of flows begun in a window, so many have no answer yet by chance. */
#define UNANSWERED_LEAST 4
#define UNANSWERED_PART	 8

/* What tells so little counts as so many answers. */
#define SIGNS_MAX 20

static int allocate(struct regulator *regulator, const struct lb_control *control)
{
	__u32 count = control->max_backends;

	if (regulator->backends)
		return 0;
	regulator->backends = calloc(count, sizeof(*regulator->backends));
	regulator->services = calloc(control->max_services, sizeof(*regulator->services));
	regulator->members = calloc(count, sizeof(*regulator->members));
	regulator->windows = calloc(count, sizeof(*regulator->windows));
	regulator->ids = calloc(count, sizeof(*regulator->ids));
	if (regulator->backends && regulator->services && regulator->members &&
	    regulator->windows && regulator->ids)
		return 0;
	regulator_release(regulator);
	return -ENOMEM;
}

void regulator_release(struct regulator *regulator)
{
	free(regulator->backends);
	free(regulator->services);
	free(regulator->members);
	free(regulator->windows);
	free(regulator->ids);
	*regulator = (struct regulator){0};
}

static bool is_same(const struct regulator_backend *backend, const struct lb_backend_config *config)
{
	return backend->service == config->service && backend->port == config->port &&
	       !memcmp(backend->address, config->address, sizeof(config->address));
}

/* Goes on from what the last controller left, if that is not too old to count. */
static void begin(struct regulator_backend *backend, const struct store *store, __u32 id)
{
	const struct lb_backend_config *config = &store->backend[id];
	const struct lb_factor *factor = &store->factors[id];

	*backend = (struct regulator_backend){
		.address = {config->address[0], config->address[1]},
		.port = config->port,
		.service = config->service,
		.seen = store->responses[id],
	};
	feedback_begin(&backend->law);
	if (!factor->milli)
		return;
	backend->law.factor = backend->law.applied = factor->milli / 1000.0;
	backend->law.wanted = factor->wanted_milli / 1000.0;
	backend->law.heard_ns = factor->heard_ns;
	backend->law.latency_us = factor->latency_us;
	backend->law.reason = factor->reason;
}

int regulator_follow(struct regulator *regulator, const struct store *store)
{
	const struct lb_control *control = store->control;
	bool wanted = false;
	int error;

	for (__u32 id = 1; id < control->max_services; id++)
		wanted |= store->service[id].name[0] &&
			  store->service[id].feedback != LB_FEEDBACK_OFF;
	regulator->is_wanted = wanted;
	if (!wanted)
		return 0;
	error = allocate(regulator, control);
	for (__u32 id = 1; !error && id < control->max_backends; id++) {
		const struct lb_backend_config *config = &store->backend[id];
		bool follows = config->service && !config->deputy_of &&
			       store->service[config->service].feedback != LB_FEEDBACK_OFF;

		if (!follows)
			regulator->backends[id].service = 0;
		else if (!is_same(&regulator->backends[id], config))
			begin(&regulator->backends[id], store, id);
	}
	return error;
}

/*
 * Requests that failed, as if all had been timed: packets time some flows, but see the
 * beginnings of all. Who answers no beginnings at all has failed as well.
 */
static __u64 failures(const struct lb_latency *window, __u64 samples)
{
	__u32 unanswered = window->begun - window->answered - window->refused;
	double refused = window->refused;

	if (window->begun < window->answered + window->refused)
		unanswered = 0;
	if (unanswered >= UNANSWERED_LEAST && unanswered > window->begun / UNANSWERED_PART)
		refused += unanswered;
	if (window->answered)
		refused *= (double)samples / window->answered;
	else if (refused > SIGNS_MAX)
		refused = SIGNS_MAX;
	return window->broken + (__u64)(refused + 0.5);
}

/* What a request takes where nobody else asks: of a check that is one. */
static double probe_us(const struct store *store, __u32 id)
{
	const struct lb_vital *vital = &store->vitals[id];
	const char *text = store->service[store->backend[id].service].check;

	return !strncmp(text, "http", 4) && vital->passed ? vital->first_byte_us : 0;
}

static void look(struct regulator *regulator, const struct store *store, __u32 id,
		 const struct latency_waiting *waiting, struct feedback_window *window)
{
	const struct lb_backend_config *config = &store->backend[id];
	const struct lb_service_config *service = &store->service[config->service];
	struct regulator_backend *backend = &regulator->backends[id];
	struct lb_latency now = store->responses[id], since;
	__u32 weight = weight_wanted_milli(config);

	latency_since(&since, &now, &backend->seen);
	backend->seen = now;
	*window = (struct feedback_window){
		.weight_milli = weight && service->scheduler == LB_SCHEDULER_RR ? 1000 : weight,
		.usable = config->state == LB_STATE_READY && config->health != LB_HEALTH_DOWN &&
			  weight,
		.samples = histogram_count(&since.responses),
		.latency_us = histogram_clipped_us(&since.responses, CLIPPED),
		.outstanding = waiting[id].requests,
		.probe_us = probe_us(store, id),
		.ages = {since.asked, (double)since.age * LB_CREATED_NS / FEEDBACK_PERIOD_NS},
	};
	window->completions = window->samples;
	window->failures = failures(&since, window->samples);
}

static __u32 to_milli(double factor)
{
	return factor * 1000 + 0.5;
}

/* What is shown of it. */
static void show(struct store *store, __u32 id, const struct feedback_backend *law)
{
	struct lb_factor *factor = &store->factors[id];
	struct timespec now;

	if (factor->reason != law->reason || !factor->since_ms) {
		clock_gettime(CLOCK_REALTIME, &now);
		factor->since_ms = (__u64)now.tv_sec * 1000 + now.tv_nsec / 1000000;
	}
	factor->heard_ns = law->heard_ns;
	factor->milli = to_milli(law->factor);
	factor->wanted_milli = to_milli(law->wanted);
	factor->latency_us = law->latency_us;
	factor->samples = law->samples;
	factor->reason = law->reason;
	factor->signals = law->signals;
}

/* What the weight goes by, if it is worth a commit. */
static void apply(struct lb_backend_config *config, const struct feedback_backend *law)
{
	__u32 milli = feedback_milli(law);
	__u32 present = config->latency_milli ? config->latency_milli : 1000;
	__u32 apart = milli > present ? milli - present : present - milli;

	if (apart * WORTH_PART >= present)
		config->latency_milli = milli == 1000 ? 0 : milli;
}

static void step(struct regulator *regulator, struct store *store, __u32 service,
		 const struct latency_waiting *waiting, __u64 now_ns)
{
	size_t count = 0;

	for (__u32 id = 1; id < store->control->max_backends; id++) {
		if (regulator->backends[id].service != service)
			continue;
		look(regulator, store, id, waiting, &regulator->windows[count]);
		regulator->members[count] = regulator->backends[id].law;
		regulator->ids[count++] = id;
	}
	feedback_step(&regulator->services[service], regulator->members, regulator->windows, count,
		      now_ns);
	for (size_t i = 0; i < count; i++) {
		__u32 id = regulator->ids[i];

		regulator->backends[id].law = regulator->members[i];
		show(store, id, &regulator->members[i]);
		if (store->service[service].feedback == LB_FEEDBACK_ON)
			apply(&store->backend[id], &regulator->members[i]);
	}
}

void regulator_step(struct regulator *regulator, struct store *store, __u64 now_ns)
{
	struct latency_waiting *waiting;

	if (!regulator->is_wanted)
		return;
	waiting = calloc(store->control->max_backends, sizeof(*waiting));
	if (!waiting)
		return;
	latency_waiting(store->timings, now_ns, waiting, store->control->max_backends);
	for (__u32 id = 1; id < store->control->max_services; id++)
		if (store->service[id].name[0] && store->service[id].feedback != LB_FEEDBACK_OFF)
			step(regulator, store, id, waiting, now_ns);
	free(waiting);
}
