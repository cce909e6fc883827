// SPDX-License-Identifier: GPL-2.0-only
#include "store/event_log.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/address.h"
#include "base/cleanup.h"
#include "base/clock.h"
#include "model/backend_flags.h"
#include "model/service_settings.h"
#include "model/weight.h"
#include "store/store.h"

/* The configuration before and after a commit, by id. */
struct change {
	struct store *store;
	const struct lb_service_config *old_service, *service;
	const struct lb_backend_config *old_backend, *backend;
	bool *pool_changed; /* by service */
};

const char *event_kind_name(__u8 kind)
{
	static const char *const names[] = {
#define X(symbol, name) name,
		LB_EVENT_KINDS(X)
#undef X
	};

	return kind < LB_EVENT_KIND_COUNT ? names[kind] : "?";
}

__u64 event_log_count(const struct store *store)
{
	return store->control->events;
}

const struct lb_event *event_log_get(const struct store *store, __u64 number)
{
	if (number >= store->control->events || store->control->events - number > LB_EVENTS)
		return NULL;
	return &store->events[number % LB_EVENTS];
}

/* The place for the next event, filled but for its words. */
static struct lb_event *open_event(struct store *store, enum lb_event_kind kind, __u32 service,
				   const char *name)
{
	struct lb_event *event = &store->events[store->control->events % LB_EVENTS];

	*event =
		(struct lb_event){.time_ms = clock_realtime_ms(), .kind = kind, .service = service};
	memcpy(event->name, name, sizeof(event->name));
	return event;
}

static void set_backend(struct lb_event *event, __u32 id, const struct lb_backend_config *backend)
{
	event->backend = id;
	event->address[0] = backend->address[0];
	event->address[1] = backend->address[1];
	event->port = backend->port;
}

static void close_event(struct store *store)
{
	__atomic_store_n(&store->control->events, store->control->events + 1, __ATOMIC_RELEASE);
}

void event_log_add(struct store *store, enum lb_event_kind kind, __u32 service, __u32 backend,
		   const char *format, ...)
{
	struct lb_event *event = open_event(store, kind, service, store->service[service].name);
	va_list arguments;

	if (backend)
		set_backend(event, backend, &store->backend[backend]);
	va_start(arguments, format);
	vsnprintf(event->text, sizeof(event->text), format, arguments);
	va_end(arguments);
	close_event(store);
}

/* A text that grows; what does not fit is dropped. */
struct text {
	char *bytes;
	size_t size, used;
};

static void add_setting(void *argument, const struct service_setting *setting, const char *before,
			const char *now)
{
	struct text *text = argument;

	if (text->used < text->size)
		text->used +=
			snprintf(text->bytes + text->used, text->size - text->used, "%s%s %s -> %s",
				 text->used ? ", " : "", setting->name, before, now);
}

/* "scheduler wrr -> rr, check none -> tcp"; counters of deleted backends are not settings. */
static void describe_settings(const struct lb_service_config *old,
			      const struct lb_service_config *now, char *bytes, size_t size)
{
	struct text text = {.bytes = bytes, .size = size};

	bytes[0] = '\0';
	service_settings_each_difference(old, now, add_setting, &text);
}

static void compare_service(const struct change *change, __u32 id)
{
	const struct lb_service_config *old = &change->old_service[id];
	const struct lb_service_config *now = &change->service[id];
	char text[LB_EVENT_TEXT_BYTES], vip[ENDPOINT_TEXT_BYTES];
	struct lb_event *event;

	if (old->name[0]) {
		describe_settings(old, now, text, sizeof(text));
		if (now->name[0] && !text[0])
			return;
		event = open_event(change->store,
				   now->name[0] ? LB_EVENT_SERVICE_CHANGED
						: LB_EVENT_SERVICE_DELETED,
				   id, old->name);
		if (now->name[0])
			memcpy(event->text, text, sizeof(text));
	} else {
		event = open_event(change->store, LB_EVENT_SERVICE_ADDED, id, now->name);
		endpoint_format(now->address, now->port, vip, sizeof(vip));
		snprintf(event->text, sizeof(event->text), "%s/%s", vip,
			 protocol_name(now->protocol));
	}
	close_event(change->store);
}

/* A backend was there before and is now; what was said of it is another. */
static void compare_backend(const struct change *change, __u32 id)
{
	const struct lb_backend_config *old = &change->old_backend[id];
	const struct lb_backend_config *now = &change->backend[id];
	__u32 weight = weight_base_milli(now), old_weight = weight_base_milli(old);

	if (weight != old_weight)
		event_log_add(change->store, LB_EVENT_WEIGHT, now->service, id, "%g -> %g",
			      old_weight / 1000.0, weight / 1000.0);
	if (now->state != old->state)
		event_log_add(change->store, LB_EVENT_STATE, now->service, id, "%s -> %s",
			      state_name(old->state), state_name(now->state));
	if (now->max_flows != old->max_flows)
		event_log_add(change->store, LB_EVENT_BACKEND_CHANGED, now->service, id,
			      "max-flows %u -> %u", old->max_flows, now->max_flows);
}

static void compare_health(const struct change *change, __u32 id)
{
	static const __u8 kinds[LB_HEALTH_COUNT] = {LB_EVENT_UNKNOWN, LB_EVENT_UP, LB_EVENT_DOWN};
	const struct lb_backend_config *now = &change->backend[id];
	const struct lb_health_record *record = &change->store->health_records[id];

	if (now->health == change->old_backend[id].health)
		return;
	if (now->health == LB_HEALTH_UNKNOWN)
		event_log_add(change->store, LB_EVENT_UNKNOWN, now->service, id,
			      "no longer checked");
	else
		event_log_add(change->store, kinds[now->health], now->service, id,
			      "%s (%u in a row)", record->reason, record->streak);
}

static void compare_backends(const struct change *change)
{
	for (__u32 id = 1; id < change->store->control->max_backends; id++) {
		const struct lb_backend_config *old = &change->old_backend[id];
		const struct lb_backend_config *now = &change->backend[id];
		struct lb_event *event;

		if (old->alias_of || now->alias_of || !memcmp(old, now, sizeof(*now)))
			continue; /* those nobody has added */
		change->pool_changed[old->service] = change->pool_changed[now->service] = true;
		if (old->service == now->service) {
			compare_backend(change, id);
			compare_health(change, id);
		} else if (now->service) {
			event_log_add(change->store, LB_EVENT_BACKEND_ADDED, now->service, id,
				      "weight %u, %s", now->weight, state_name(now->state));
		} else if (change->service[old->service].name[0]) {
			event = open_event(change->store, LB_EVENT_BACKEND_DELETED, old->service,
					   change->service[old->service].name);
			set_backend(event, id, old);
			close_event(change->store);
		}
	}
}

/* The service that one spills to; 0 = none. */
static __u32 spill_target(const struct change *change, const struct lb_service_config *services,
			  __u32 service)
{
	const char *name = services[service].spill;

	for (__u32 id = 1; name[0] && id < change->store->control->max_services; id++)
		if (!strcmp(services[id].name, name))
			return id;
	return 0;
}

static void compare_fail_open(const struct change *change, __u32 service)
{
	__u32 count = change->store->control->max_backends;
	__u32 spill = spill_target(change, change->service, service);
	__u32 old_spill = spill_target(change, change->old_service, service);
	bool before, after;

	if (!change->pool_changed[service] && !change->pool_changed[spill] && spill == old_spill)
		return;
	before = weight_mode(change->old_backend, count, service, old_spill) == WEIGHT_FAIL_OPEN;
	after = weight_mode(change->backend, count, service, spill) == WEIGHT_FAIL_OPEN;

	if (after && !before)
		event_log_add(change->store, LB_EVENT_FAIL_OPEN, service, 0,
			      "nobody is up: all get flows, whatever checks say");
	if (before && !after && change->service[service].name[0])
		event_log_add(change->store, LB_EVENT_RECOVERED, service, 0,
			      "checks decide again who gets flows");
}

void event_log_compare(struct store *store)
{
	const struct lb_control *control = store->control;
	bool first = store->service == store->service_config;
	_free_ bool *pool_changed = calloc(control->max_services, sizeof(*pool_changed));
	struct change change = {
		.store = store,
		.service = store->service,
		.backend = store->backend,
		.old_service = store->service_config + (first ? control->max_services : 0),
		.old_backend = store->backend_config + (first ? control->max_backends : 0),
		.pool_changed = pool_changed,
	};

	if (!pool_changed)
		return;
	for (__u32 id = 1; id < control->max_services; id++)
		if (memcmp(&change.service[id], &change.old_service[id], sizeof(*change.service)))
			compare_service(&change, id);
	compare_backends(&change);
	pool_changed[0] = false; /* of no service */
	for (__u32 id = 1; id < control->max_services; id++)
		compare_fail_open(&change, id);
}
