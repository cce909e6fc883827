// SPDX-License-Identifier: GPL-2.0-only
#include "controller/health_update.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "controller/health.h"
#include "controller/slow_start.h"
#include "model/weight.h"
#include "store/event_log.h"
#include "store/store.h"

/* The interval of who is suspected, if that of the check is not shorter. */
#define HASTE_MS 1000

static __u64 read_clock_ms(clockid_t clock)
{
	struct timespec now;

	clock_gettime(clock, &now);
	return (__u64)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

__u64 checkup_now_ms(void)
{
	return read_clock_ms(CLOCK_MONOTONIC);
}

/* Does it get flows, or could it? */
static bool is_serving(const struct lb_backend_config *backend)
{
	return backend->state == LB_STATE_READY && backend->health != LB_HEALTH_DOWN &&
	       weight_wanted_milli(backend);
}

/* Is there somebody in its service to take the rest, who is no newer than it is? */
static bool has_warm_others(const struct store *store, __u32 backend, __u64 now_ms)
{
	for (__u32 id = 1; id < store->control->max_backends; id++)
		if (id != backend && store_owns(store, store->backend[backend].service, id) &&
		    is_serving(&store->backend[id]) &&
		    slow_start_is_warm(store->vitals[id].joined_ms, now_ms) &&
		    store_traffic(store, id).packets)
			return true;
	return false;
}

static void join(struct store *store, __u32 backend, __u64 now_ms)
{
	if (is_serving(&store->backend[backend]))
		store->vitals[backend].joined_ms = now_ms;
}

/* Slowly, if it has joined others. */
static void begin_service(struct store *store, __u32 backend)
{
	struct lb_backend_config *config = &store->backend[backend];
	struct lb_vital *vital = &store->vitals[backend];

	if (!is_serving(config) || !has_warm_others(store, backend, vital->joined_ms))
		return;
	vital->slow_start_ms = vital->joined_ms;
	config->slow_start_milli = slow_start_milli(0);
	event_note(store, LB_EVENT_SLOW_START, config->service, backend,
		   "%g %% of its weight at first", config->slow_start_milli / 10.0);
}

/* What is shown of the last probe; if it failed, with what else speaks against the backend. */
static void note_probe(struct lb_vital *vital, const struct roster_target *target)
{
	const struct probe_report *report = &target->report;
	size_t used;

	vital->probed_ms = read_clock_ms(CLOCK_REALTIME);
	vital->total_us = report->total_us;
	if (report->passed)
		vital->first_byte_us = report->first_byte_us;
	used = snprintf(vital->reason, sizeof(vital->reason), "%s", report->reason);
	if (target->why[0] && !report->passed && used < sizeof(vital->reason))
		snprintf(vital->reason + used, sizeof(vital->reason) - used, "; %s", target->why);
}

static void record_one(struct store *store, __u32 id, const struct roster_target *target,
		       bool slowly)
{
	const struct health_answer answer = {
		.passed = target->report.passed,
		.began_ms = target->began_ms,
		.ended_ms = target->began_ms + target->report.total_us / 1000,
	};
	struct lb_backend_config *config = &store->backend[id];
	struct lb_vital *vital = &store->vitals[id];
	__u8 before = config->health;

	note_probe(vital, target);
	config->health = health_probe_answered(vital, before, &target->check, &answer);
	if (config->health == before)
		return;
	vital->changed_ms = vital->probed_ms;
	if (slowly && before == LB_HEALTH_DOWN) {
		join(store, id, checkup_now_ms());
		begin_service(store, id);
	}
}

/* Who is suspected is tried again soon, until he passes, or is down. */
static void hurry(struct roster_target *target)
{
	if (target->report.passed || target->is_settled)
		target->why[0] = '\0';
	else if (target->why[0] && checkup_haste_ms(&target->check) < target->delay_ms)
		target->delay_ms = checkup_haste_ms(&target->check);
}

__u32 checkup_haste_ms(const struct check *check)
{
	__u32 haste_ms = check->fast_ms < HASTE_MS ? check->fast_ms : HASTE_MS;

	return haste_ms < check->timeout_ms ? haste_ms : check->timeout_ms;
}

void checkup_record(struct store *store, struct roster_target *target, bool slowly)
{
	target->delay_ms = target->check.interval_ms;
	target->is_settled = true;
	target->was_passed = target->report.passed;
	for (size_t i = 0; i < target->count; i++) {
		__u32 id = target->backends[i], delay_ms;

		record_one(store, id, target, slowly);
		delay_ms = health_delay_ms(&store->vitals[id], store->backend[id].health,
					   &target->check, random());
		if (delay_ms < target->delay_ms)
			target->delay_ms = delay_ms;
		target->is_settled &= store->backend[id].health ==
				      (target->was_passed ? LB_HEALTH_UP : LB_HEALTH_DOWN);
	}
	hurry(target);
	target->answered = false;
}

static bool has_joined(const struct lb_backend_config *now, const struct lb_backend_config *then)
{
	if (!now->service || now->deputy_of || now->state != LB_STATE_READY)
		return false;
	return now->service != then->service || now->port != then->port ||
	       memcmp(now->address, then->address, sizeof(now->address)) ||
	       then->state == LB_STATE_MAINT;
}

void checkup_welcome(struct store *store, const struct lb_backend_config *seen)
{
	__u32 count = store->control->max_backends;
	__u64 now_ms = checkup_now_ms();

	/* Those who come together are no warm others to one another. */
	for (__u32 id = 1; id < count; id++)
		if (has_joined(&store->backend[id], &seen[id]))
			join(store, id, now_ms);
	for (__u32 id = 1; id < count; id++)
		if (has_joined(&store->backend[id], &seen[id]))
			begin_service(store, id);
}

bool checkup_step_slow_starts(struct store *store)
{
	__u64 now_ms = checkup_now_ms();
	bool any = false;

	for (__u32 id = 1; id < store->control->max_backends; id++) {
		struct lb_backend_config *config = &store->backend[id];

		if (!config->service || !config->slow_start_milli)
			continue;
		config->slow_start_milli =
			slow_start_milli(now_ms - store->vitals[id].slow_start_ms);
		if (!is_serving(config))
			config->slow_start_milli = 0;
		any |= config->slow_start_milli != 0;
	}
	return any;
}
