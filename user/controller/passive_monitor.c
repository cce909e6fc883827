// SPDX-License-Identifier: GPL-2.0-only
#include "controller/passive_monitor.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/clock.h"
#include "controller/health_update.h"
#include "controller/prober.h"
#include "store/event_log.h"
#include "store/store.h"

#define PERIOD_MS 500

static int allocate(struct passive_monitor *passive_monitor, __u32 count)
{
	passive_monitor->backends = calloc(count, sizeof(*passive_monitor->backends));
	passive_monitor->passive_health = calloc(count, sizeof(*passive_monitor->passive_health));
	if (passive_monitor->backends && passive_monitor->passive_health)
		return 0;
	passive_monitor_release(passive_monitor);
	return -ENOMEM;
}

void passive_monitor_release(struct passive_monitor *passive_monitor)
{
	free(passive_monitor->backends);
	free(passive_monitor->passive_health);
	*passive_monitor = (struct passive_monitor){0};
}

static int compare(const void *a, const void *b)
{
	const struct passive_monitor_backend *one = a, *other = b;

	if (one->service != other->service)
		return one->service < other->service ? -1 : 1;
	return one->id < other->id ? -1 : one->id > other->id;
}

/* Copies the state of backends that existed before. */
static void carry_over(struct passive_monitor *passive_monitor,
		       const struct passive_monitor *previous)
{
	size_t old = 0;

	for (size_t i = 0; i < passive_monitor->count; i++) {
		while (old < previous->count &&
		       compare(&previous->backends[old], &passive_monitor->backends[i]) < 0)
			old++;
		if (old == previous->count ||
		    compare(&previous->backends[old], &passive_monitor->backends[i]))
			continue;
		passive_monitor->backends[i] = previous->backends[old];
		passive_monitor->passive_health[i] = previous->passive_health[old];
	}
}

int passive_monitor_update(struct passive_monitor *passive_monitor, const struct store *store)
{
	struct passive_monitor next = {.next_ms = passive_monitor->next_ms};
	int error = allocate(&next, store->control->max_backends);

	if (error)
		return error;
	for (__u32 id = 1; id < store->control->max_backends; id++)
		if (targets_is_checked(store, id))
			next.backends[next.count++] = (struct passive_monitor_backend){
				.id = id, .service = store->config.backend[id].service};
	qsort(next.backends, next.count, sizeof(*next.backends), compare);
	carry_over(&next, passive_monitor);
	passive_monitor_release(passive_monitor);
	*passive_monitor = next;
	return 0;
}

/* Number of backends of the service that begins at index `first`. */
static size_t pool_size(const struct passive_monitor *passive_monitor, size_t first)
{
	size_t size = 1;

	while (first + size < passive_monitor->count &&
	       passive_monitor->backends[first + size].service ==
		       passive_monitor->backends[first].service)
		size++;
	return size;
}

static void evaluate(struct passive_monitor *passive_monitor, size_t first, size_t size,
		     __u64 now_ms)
{
	for (size_t i = 0; i < size; i++) {
		struct passive_monitor_backend *backend = &passive_monitor->backends[first + i];

		backend->verdict = PASSIVE_NONE;
		if (now_ms >= backend->pause_ms)
			backend->verdict = passive_health_evaluate(
				passive_monitor->passive_health + first, size, i, now_ms);
		passive_monitor->has_failures |= backend->verdict != PASSIVE_NONE;
	}
}

void passive_monitor_poll(struct passive_monitor *passive_monitor, const struct store *store,
			  __u64 now_ms)
{
	if (now_ms < passive_monitor->next_ms)
		return;
	passive_monitor->next_ms = now_ms + PERIOD_MS;
	passive_monitor->has_failures = false;
	for (size_t i = 0; i < passive_monitor->count; i++)
		passive_health_update(&passive_monitor->passive_health[i],
				      &store->tables.responses[passive_monitor->backends[i].id],
				      now_ms);
	for (size_t i = 0, size; i < passive_monitor->count; i += size) {
		size = pool_size(passive_monitor, i);
		evaluate(passive_monitor, i, size, now_ms);
	}
}

/* Triggers a check. The evidence is cleared: the next failure needs new evidence. */
static void report_one(struct passive_monitor_backend *backend,
		       struct passive_health *passive_health, struct store *store,
		       struct prober *prober)
{
	bool is_refused = backend->verdict == PASSIVE_REFUSED;
	char reason[PASSIVE_REASON_BYTES];

	snprintf(reason, sizeof(reason), "%u of %u connections %s",
		 is_refused ? passive_health->resets : passive_health->attempts,
		 passive_health->attempts, is_refused ? "refused" : "unanswered");
	if (store->config.backend[backend->id].health != LB_HEALTH_DOWN &&
	    prober_probe_now(prober, backend->id, reason))
		event_log_add(store, LB_EVENT_PASSIVE_FAILURE, backend->service, backend->id,
			      "%s: checked at once", reason);
	backend->pause_ms = clock_monotonic_ms() + PASSIVE_MONITOR_PAUSE_MS;
	*passive_health = (struct passive_health){0};
}

void passive_monitor_report(struct passive_monitor *passive_monitor, struct store *store,
			    struct prober *prober)
{
	for (size_t i = 0; passive_monitor->has_failures && i < passive_monitor->count; i++)
		if (passive_monitor->backends[i].verdict != PASSIVE_NONE)
			report_one(&passive_monitor->backends[i],
				   &passive_monitor->passive_health[i], store, prober);
	passive_monitor->has_failures = false;
}
