// SPDX-License-Identifier: GPL-2.0-only
#include "controller/prober.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/clock.h"
#include "controller/health_update.h"

/* Start times are aligned to 20 ms: probes that start together need fewer wakeups. */
#define ALIGN_MS 20

/* Probes started per round of the loop. */
#define BATCH 16

static void clear_queue(struct prober *prober)
{
	prober->first = NULL;
	prober->last = &prober->first;
}

void prober_reset(struct prober *prober)
{
	targets_release(&prober->targets);
	clear_queue(prober);
	prober->has_results = false;
}

/* Time to gather reports before they are written in one transaction. */
#define GATHER_MS 20

/* The same for reports that change nothing: 200 ms, at most 1/8 of the interval. */
#define GATHER_UNCHANGED_MS   200
#define GATHER_UNCHANGED_PART 8

static __u32 gather_ms(const struct check_target *target)
{
	__u32 part_ms = target->check.interval_ms / GATHER_UNCHANGED_PART;

	if (!target->is_consistent || target->report.passed != target->last_passed)
		return GATHER_MS;
	return part_ms < GATHER_UNCHANGED_MS ? part_ms : GATHER_UNCHANGED_MS;
}

static void result_ready(void *owner, const struct probe_report *report)
{
	struct check_target *target = owner;
	struct prober *prober = target->owner;
	__u64 due_ms;

	target->probe = NULL;
	target->report = *report;
	target->result_ready = true;
	due_ms = clock_monotonic_ms() + gather_ms(target);
	if (prober->has_results && due_ms >= prober->due_ms)
		return;
	prober->has_results = true;
	prober->due_ms = due_ms;
	prober->result_ready(prober->owner);
}

static void begin_probe(struct prober *prober, struct check_target *target)
{
	int error;

	target->is_due = false;
	target->began_ms = clock_monotonic_ms();
	error = probe_start(prober->engine, &target->check, &target->dest, result_ready, target,
			    &target->probe);
	if (!error)
		return;
	loop_timer_start(target->timer, target->check.interval_ms);
	prober->report_failure(prober->owner, error);
}

static void enqueue(struct prober *prober, struct check_target *target)
{
	target->next_due = NULL;
	*prober->last = target;
	prober->last = &target->next_due;
}

static void begin_batch(void *owner)
{
	struct prober *prober = owner;

	for (int begun = 0; begun < BATCH && prober->first; begun++) {
		struct check_target *target = prober->first;

		prober->first = target->next_due;
		if (!prober->first)
			prober->last = &prober->first;
		begin_probe(prober, target);
	}
	if (!prober->first)
		loop_idle_stop(prober->batch_work);
}

static void probe_due(void *owner)
{
	struct check_target *target = owner;
	struct prober *prober = target->owner;

	if (target->is_due)
		return;
	target->is_due = true;
	enqueue(prober, target);
	loop_idle_start(prober->batch_work);
}

int prober_open(struct prober *prober, struct loop *loop)
{
	int error = loop_idle_create(loop, begin_batch, prober, &prober->batch_work);

	prober->loop = loop;
	clear_queue(prober);
	return error ? error : probe_engine_create(loop, &prober->engine);
}

void prober_close(struct prober *prober)
{
	prober_reset(prober);
	probe_engine_free(prober->engine);
	loop_idle_free(prober->batch_work);
}

/* Schedules the next probe; delay_ms depends on the last report. */
static void schedule(struct check_target *target)
{
	__u64 next_ms = target->began_ms + target->delay_ms, now_ms = clock_monotonic_ms();

	next_ms -= next_ms % ALIGN_MS;
	loop_timer_start(target->timer, next_ms > now_ms ? next_ms - now_ms : 0);
}

/* Creates the timer of a new target. Its first probe is at a random time in half an interval. */
static int add_timer(struct prober *prober, struct check_target *target)
{
	int error;

	target->owner = prober;
	error = loop_timer_create(prober->loop, probe_due, target, &target->timer);
	if (!error)
		loop_timer_start(target->timer, random() % (target->check.interval_ms / 2 + 1));
	return error;
}

/* Rebuilds the queue without removed targets. */
static void rebuild_queue(struct prober *prober)
{
	clear_queue(prober);
	for (size_t i = 0; i < prober->targets.count; i++)
		if (prober->targets.list[i]->is_due)
			enqueue(prober, prober->targets.list[i]);
}

int prober_update(struct prober *prober, const struct store *store)
{
	int error = targets_update(&prober->targets, store, 0, 0);

	rebuild_queue(prober);
	for (size_t i = 0; !error && i < prober->targets.count; i++) {
		struct check_target *target = prober->targets.list[i];

		if (!target->timer && target->check.kind != CHECK_NONE)
			error = add_timer(prober, target);
	}
	return error;
}

static struct check_target *find_target(const struct prober *prober, __u32 backend)
{
	for (size_t i = 0; i < prober->targets.count; i++)
		for (size_t j = 0; j < prober->targets.list[i]->count; j++)
			if (prober->targets.list[i]->backends[j] == backend)
				return prober->targets.list[i];
	return NULL;
}

bool prober_probe_now(struct prober *prober, __u32 backend, const char *passive_reason)
{
	struct check_target *target = find_target(prober, backend);
	__u64 next_ms, now_ms = clock_monotonic_ms();

	if (!target || !target->timer || target->passive_reason[0])
		return false;
	if (health_update_urgent_ms(&target->check) >= target->check.interval_ms)
		return false;
	snprintf(target->passive_reason, sizeof(target->passive_reason), "%s", passive_reason);
	if (target->probe || target->result_ready || target->is_due)
		return true;
	next_ms = target->began_ms + health_update_urgent_ms(&target->check);
	loop_timer_start(target->timer, next_ms > now_ms ? next_ms - now_ms : 0);
	return true;
}

void prober_write(struct prober *prober, struct store *store)
{
	prober->has_results = false;
	for (size_t i = 0; i < prober->targets.count; i++) {
		struct check_target *target = prober->targets.list[i];

		if (!target->result_ready)
			continue;
		health_update_record(store, target, true);
		schedule(target);
	}
}
