// SPDX-License-Identifier: GPL-2.0-only
#include "controller/prober.h"

#include <stdio.h>
#include <stdlib.h>

#include "controller/health_update.h"

/* Probes are due by a beat of the clock: those of many targets cost less together than apart. */
#define BEAT_MS 20

/* As many begin before answers to others are looked for. */
#define BATCH 16

static void empty_line(struct prober *prober)
{
	prober->first = NULL;
	prober->last = &prober->first;
}

void prober_reset(struct prober *prober)
{
	roster_release(&prober->roster);
	empty_line(prober);
	prober->is_answered = false;
}

/* Answers that come so soon after one another are written together. */
#define GATHER_MS 20

/* What says nothing new may wait for more of its kind, but not to be late for the next. */
#define GATHER_DULL_MS	 200
#define GATHER_DULL_PART 8

static __u32 patience_ms(const struct roster_target *target)
{
	__u32 part_ms = target->check.interval_ms / GATHER_DULL_PART;

	if (!target->is_settled || target->report.passed != target->was_passed)
		return GATHER_MS;
	return part_ms < GATHER_DULL_MS ? part_ms : GATHER_DULL_MS;
}

static void answered(void *owner, const struct probe_report *report)
{
	struct roster_target *target = owner;
	struct prober *prober = target->owner;
	__u64 due_ms;

	target->probe = NULL;
	target->report = *report;
	target->answered = true;
	due_ms = checkup_now_ms() + patience_ms(target);
	if (prober->is_answered && due_ms >= prober->due_ms)
		return;
	prober->is_answered = true;
	prober->due_ms = due_ms;
	prober->answered(prober->owner);
}

static void begin_probe(struct prober *prober, struct roster_target *target)
{
	int error;

	target->is_due = false;
	target->began_ms = checkup_now_ms();
	error = probe_start(prober->engine, &target->check, &target->place, answered, target,
			    &target->probe);
	if (!error)
		return;
	loop_timer_start(target->timer, target->check.interval_ms);
	prober->trouble(prober->owner, error);
}

static void line_up(struct prober *prober, struct roster_target *target)
{
	target->after = NULL;
	*prober->last = target;
	prober->last = &target->after;
}

static void begin_batch(void *owner)
{
	struct prober *prober = owner;

	for (int begun = 0; begun < BATCH && prober->first; begun++) {
		struct roster_target *target = prober->first;

		prober->first = target->after;
		if (!prober->first)
			prober->last = &prober->first;
		begin_probe(prober, target);
	}
	if (!prober->first)
		loop_turn_stop(prober->turn);
}

static void fall_due(void *owner)
{
	struct roster_target *target = owner;
	struct prober *prober = target->owner;

	if (target->is_due)
		return;
	target->is_due = true;
	line_up(prober, target);
	loop_turn_start(prober->turn);
}

int prober_open(struct prober *prober, struct loop *loop)
{
	int error = loop_turn_create(loop, begin_batch, prober, &prober->turn);

	prober->loop = loop;
	empty_line(prober);
	return error ? error : probe_engine_create(loop, &prober->engine);
}

void prober_close(struct prober *prober)
{
	prober_reset(prober);
	probe_engine_free(prober->engine);
	loop_turn_free(prober->turn);
}

/* The next probe, now that it is known how this one ended. */
static void schedule(struct roster_target *target)
{
	__u64 next_ms = target->began_ms + target->delay_ms, now_ms = checkup_now_ms();

	next_ms -= next_ms % BEAT_MS;
	loop_timer_start(target->timer, next_ms > now_ms ? next_ms - now_ms : 0);
}

/* A target that is new begins within half its interval, so that not all do at once. */
static int welcome(struct prober *prober, struct roster_target *target)
{
	int error;

	target->owner = prober;
	error = loop_timer_create(prober->loop, fall_due, target, &target->timer);
	if (!error)
		loop_timer_start(target->timer, random() % (target->check.interval_ms / 2 + 1));
	return error;
}

/* Those that are gone wait no more. */
static void line_up_again(struct prober *prober)
{
	empty_line(prober);
	for (size_t i = 0; i < prober->roster.count; i++)
		if (prober->roster.targets[i]->is_due)
			line_up(prober, prober->roster.targets[i]);
}

int prober_update(struct prober *prober, const struct store *store)
{
	int error = roster_update(&prober->roster, store, 0, 0);

	line_up_again(prober);
	for (size_t i = 0; !error && i < prober->roster.count; i++) {
		struct roster_target *target = prober->roster.targets[i];

		if (!target->timer && target->check.kind != CHECK_NONE)
			error = welcome(prober, target);
	}
	return error;
}

static struct roster_target *target_of(const struct prober *prober, __u32 backend)
{
	for (size_t i = 0; i < prober->roster.count; i++)
		for (size_t j = 0; j < prober->roster.targets[i]->count; j++)
			if (prober->roster.targets[i]->backends[j] == backend)
				return prober->roster.targets[i];
	return NULL;
}

bool prober_hurry(struct prober *prober, __u32 backend, const char *why)
{
	struct roster_target *target = target_of(prober, backend);
	__u64 next_ms;

	if (!target || !target->timer || target->why[0])
		return false;
	if (checkup_haste_ms(&target->check) >= target->check.interval_ms)
		return false;
	snprintf(target->why, sizeof(target->why), "%s", why);
	if (target->probe || target->answered || target->is_due)
		return true;
	next_ms = target->began_ms + checkup_haste_ms(&target->check);
	loop_timer_start(target->timer,
			 next_ms > checkup_now_ms() ? next_ms - checkup_now_ms() : 0);
	return true;
}

void prober_write(struct prober *prober, struct store *store)
{
	prober->is_answered = false;
	for (size_t i = 0; i < prober->roster.count; i++) {
		struct roster_target *target = prober->roster.targets[i];

		if (!target->answered)
			continue;
		checkup_record(store, target, true);
		schedule(target);
	}
}
