// SPDX-License-Identifier: GPL-2.0-only
#include "controller/health_update.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "controller/health.h"
#include "controller/slow_start.h"
#include "model/weight.h"
#include "store/counters.h"
#include "store/event_log.h"
#include "store/lookup.h"
#include "store/store.h"

/* Probe interval after a passive failure, unless the check's is shorter. */
#define URGENT_MS 1000

/* True if the backend is eligible for new flows. */
static bool is_serving(const struct lb_backend_config *backend)
{
	return backend->state == LB_STATE_READY && backend->health != LB_HEALTH_DOWN &&
	       weight_base_milli(backend);
}

/* True if another backend of the service is warm and has had traffic, so it can take the rest. */
static bool has_warm_others(const struct store *store, __u32 backend, __u64 now_ms)
{
	for (__u32 id = 1; id < store->control->max_backends; id++)
		if (id != backend &&
		    store_service_owns(store, store->config.backend[backend].service, id) &&
		    is_serving(&store->config.backend[id]) &&
		    slow_start_is_warm(store->health_records[id].joined_ms, now_ms) &&
		    store_traffic(store, id).packets)
			return true;
	return false;
}

static void mark_joined(struct store *store, __u32 backend, __u64 now_ms)
{
	if (is_serving(&store->config.backend[backend]))
		store->health_records[backend].joined_ms = now_ms;
}

/* Begins a slow start if the service has a warm backend. */
static void begin_slow_start(struct store *store, __u32 backend)
{
	struct lb_backend_config *config = &store->config.backend[backend];
	struct lb_health_record *record = &store->health_records[backend];

	if (!is_serving(config) || !has_warm_others(store, backend, record->joined_ms))
		return;
	record->slow_start_ms = record->joined_ms;
	config->slow_start_milli = slow_start_milli(0);
	event_log_add(store, LB_EVENT_SLOW_START, config->service, backend,
		      "%g %% of its weight at first", config->slow_start_milli / 10.0);
}

/* Records the last probe; the reason of a failure includes the passive failure. */
static void record_probe(struct lb_health_record *record, const struct check_target *target)
{
	const struct probe_report *report = &target->report;
	size_t used;

	record->probed_ms = clock_realtime_ms();
	record->total_us = report->total_us;
	if (report->passed)
		record->first_byte_us = report->first_byte_us;
	used = snprintf(record->reason, sizeof(record->reason), "%s", report->reason);
	if (target->passive_reason[0] && !report->passed && used < sizeof(record->reason))
		snprintf(record->reason + used, sizeof(record->reason) - used, "; %s",
			 target->passive_reason);
}

static void record_one(struct store *store, __u32 id, const struct check_target *target,
		       bool with_slow_start)
{
	const struct health_result result = {
		.passed = target->report.passed,
		.began_ms = target->began_ms,
		.ended_ms = target->began_ms + target->report.total_us / 1000,
	};
	struct lb_backend_config *config = &store->config.backend[id];
	struct lb_health_record *record = &store->health_records[id];
	__u8 old_health = config->health;

	record_probe(record, target);
	config->health = health_add_result(record, old_health, &target->check, &result);
	if (config->health == old_health)
		return;
	record->changed_ms = record->probed_ms;
	if (with_slow_start && old_health == LB_HEALTH_DOWN) {
		mark_joined(store, id, clock_monotonic_ms());
		begin_slow_start(store, id);
	}
}

/* After a passive failure, probes are frequent until one passes or the backend is down. */
static void shorten_delay(struct check_target *target)
{
	if (target->report.passed || target->is_consistent)
		target->passive_reason[0] = '\0';
	else if (target->passive_reason[0] &&
		 health_update_urgent_ms(&target->check) < target->delay_ms)
		target->delay_ms = health_update_urgent_ms(&target->check);
}

__u32 health_update_urgent_ms(const struct check *check)
{
	__u32 urgent_ms = check->fast_ms < URGENT_MS ? check->fast_ms : URGENT_MS;

	return urgent_ms < check->timeout_ms ? urgent_ms : check->timeout_ms;
}

void health_update_record(struct store *store, struct check_target *target, bool with_slow_start)
{
	target->delay_ms = target->check.interval_ms;
	target->is_consistent = true;
	target->last_passed = target->report.passed;
	for (size_t i = 0; i < target->count; i++) {
		__u32 id = target->backends[i], delay_ms;

		record_one(store, id, target, with_slow_start);
		delay_ms =
			health_delay_ms(&store->health_records[id],
					store->config.backend[id].health, &target->check, random());
		if (delay_ms < target->delay_ms)
			target->delay_ms = delay_ms;
		target->is_consistent &= store->config.backend[id].health ==
					 (target->last_passed ? LB_HEALTH_UP : LB_HEALTH_DOWN);
	}
	shorten_delay(target);
	target->result_ready = false;
}

static bool has_joined(const struct lb_backend_config *now, const struct lb_backend_config *then)
{
	if (!now->service || now->alias_of || now->state != LB_STATE_READY)
		return false;
	return now->service != then->service || now->port != then->port ||
	       memcmp(now->address, then->address, sizeof(now->address)) ||
	       then->state == LB_STATE_MAINT;
}

void health_update_begin_slow_starts(struct store *store, const struct lb_backend_config *previous)
{
	__u32 count = store->control->max_backends;
	__u64 now_ms = clock_monotonic_ms();

	/* First mark all: backends that join together are not warm. */
	for (__u32 id = 1; id < count; id++)
		if (has_joined(&store->config.backend[id], &previous[id]))
			mark_joined(store, id, now_ms);
	for (__u32 id = 1; id < count; id++)
		if (has_joined(&store->config.backend[id], &previous[id]))
			begin_slow_start(store, id);
}

bool health_update_step_slow_starts(struct store *store)
{
	__u64 now_ms = clock_monotonic_ms();
	bool any = false;

	for (__u32 id = 1; id < store->control->max_backends; id++) {
		struct lb_backend_config *config = &store->config.backend[id];

		if (!config->service || !config->slow_start_milli)
			continue;
		config->slow_start_milli =
			slow_start_milli(now_ms - store->health_records[id].slow_start_ms);
		if (!is_serving(config))
			config->slow_start_milli = 0;
		any |= config->slow_start_milli != 0;
	}
	return any;
}
