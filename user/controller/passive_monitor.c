// SPDX-License-Identifier: GPL-2.0-only
#include "controller/passive_monitor.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "controller/health_update.h"
#include "controller/prober.h"
#include "store/event_log.h"
#include "store/store.h"

#define PERIOD_MS 500

static int allocate(struct lookout *lookout, __u32 count)
{
	lookout->backends = calloc(count, sizeof(*lookout->backends));
	lookout->signs = calloc(count, sizeof(*lookout->signs));
	if (lookout->backends && lookout->signs)
		return 0;
	lookout_release(lookout);
	return -ENOMEM;
}

void lookout_release(struct lookout *lookout)
{
	free(lookout->backends);
	free(lookout->signs);
	*lookout = (struct lookout){0};
}

/* Would it be of use to check it at once? */
static bool is_looked_at(const struct store *store, __u32 id)
{
	const struct lb_backend_config *backend = &store->backend[id];

	return backend->service && !backend->deputy_of && store->service[backend->service].check[0];
}

static int by_service(const void *a, const void *b)
{
	const struct lookout_backend *one = a, *other = b;

	if (one->service != other->service)
		return one->service < other->service ? -1 : 1;
	return one->id < other->id ? -1 : one->id > other->id;
}

/* Takes over what another lookout remembers of the backends that are still the same. */
static void inherit(struct lookout *lookout, const struct lookout *before)
{
	size_t old = 0;

	for (size_t i = 0; i < lookout->count; i++) {
		while (old < before->count &&
		       by_service(&before->backends[old], &lookout->backends[i]) < 0)
			old++;
		if (old == before->count ||
		    by_service(&before->backends[old], &lookout->backends[i]))
			continue;
		lookout->backends[i] = before->backends[old];
		lookout->signs[i] = before->signs[old];
	}
}

int lookout_follow(struct lookout *lookout, const struct store *store)
{
	struct lookout next = {.next_ms = lookout->next_ms};
	int error = allocate(&next, store->control->max_backends);

	if (error)
		return error;
	for (__u32 id = 1; id < store->control->max_backends; id++)
		if (is_looked_at(store, id))
			next.backends[next.count++] = (struct lookout_backend){
				.id = id, .service = store->backend[id].service};
	qsort(next.backends, next.count, sizeof(*next.backends), by_service);
	inherit(&next, lookout);
	lookout_release(lookout);
	*lookout = next;
	return 0;
}

/* How many of them, from one on, belong to its service. */
static size_t pool_of(const struct lookout *lookout, size_t first)
{
	size_t size = 1;

	while (first + size < lookout->count &&
	       lookout->backends[first + size].service == lookout->backends[first].service)
		size++;
	return size;
}

static void judge(struct lookout *lookout, size_t first, size_t size, __u64 now_ms)
{
	for (size_t i = 0; i < size; i++) {
		struct lookout_backend *backend = &lookout->backends[first + i];

		backend->verdict = SIGNS_NONE;
		if (now_ms >= backend->pause_ms)
			backend->verdict = signs_judge(lookout->signs + first, size, i, now_ms);
		lookout->has_seen |= backend->verdict != SIGNS_NONE;
	}
}

void lookout_look(struct lookout *lookout, const struct store *store, __u64 now_ms)
{
	if (now_ms < lookout->next_ms)
		return;
	lookout->next_ms = now_ms + PERIOD_MS;
	lookout->has_seen = false;
	for (size_t i = 0; i < lookout->count; i++)
		signs_look(&lookout->signs[i], &store->responses[lookout->backends[i].id], now_ms);
	for (size_t i = 0, size; i < lookout->count; i += size) {
		size = pool_of(lookout, i);
		judge(lookout, i, size, now_ms);
	}
}

/* Signs that are told are used up: the next suspicion needs new ones. */
static void tell_one(struct lookout_backend *backend, struct signs *signs, struct store *store,
		     struct prober *prober)
{
	bool refuses = backend->verdict == SIGNS_REFUSING;
	char why[ROSTER_WHY_BYTES];

	snprintf(why, sizeof(why), "%u of %u connections %s",
		 refuses ? signs->resets : signs->fresh, signs->fresh,
		 refuses ? "refused" : "unanswered");
	if (store->backend[backend->id].health != LB_HEALTH_DOWN &&
	    prober_hurry(prober, backend->id, why))
		event_note(store, LB_EVENT_SUSPECTED, backend->service, backend->id,
			   "%s: checked at once", why);
	backend->pause_ms = checkup_now_ms() + LOOKOUT_PAUSE_MS;
	*signs = (struct signs){0};
}

void lookout_tell(struct lookout *lookout, struct store *store, struct prober *prober)
{
	for (size_t i = 0; lookout->has_seen && i < lookout->count; i++)
		if (lookout->backends[i].verdict != SIGNS_NONE)
			tell_one(&lookout->backends[i], &lookout->signs[i], store, prober);
	lookout->has_seen = false;
}
