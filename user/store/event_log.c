// SPDX-License-Identifier: GPL-2.0-only
#include "store/event_log.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/address.h"
#include "base/clock.h"
#include "model/backend_flags.h"
#include "model/service_settings.h"
#include "model/weight.h"

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

/* The next event in the ring, without backend and text. close_event() makes it visible. */
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
	struct lb_event *event =
		open_event(store, kind, service, store->config.service[service].name);
	va_list arguments;

	if (backend)
		set_backend(event, backend, &store->config.backend[backend]);
	va_start(arguments, format);
	vsnprintf(event->text, sizeof(event->text), format, arguments);
	va_end(arguments);
	close_event(store);
}

/* --- services ------------------------------------------------------------------------ */

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

/* "scheduler wrr -> rr, check none -> tcp"; "" if only the counters of removed backends differ. */
static void describe_settings(const struct service_change *change, char *bytes, size_t size)
{
	struct text text = {.bytes = bytes, .size = size};

	bytes[0] = '\0';
	service_settings_each_difference(change->old, change->new, add_setting, &text);
}

static void record_service_added(struct store *store, const struct service_change *change)
{
	const struct lb_service_config *new = change->new;
	char vip[ENDPOINT_TEXT_BYTES];
	struct lb_event *event = open_event(store, LB_EVENT_SERVICE_ADDED, change->id, new->name);

	endpoint_format(new->address, new->port, vip, sizeof(vip));
	snprintf(event->text, sizeof(event->text), "%s/%s", vip, protocol_name(new->protocol));
	close_event(store);
}

static void record_service_changed(struct store *store, const struct service_change *change)
{
	char text[LB_EVENT_TEXT_BYTES];
	struct lb_event *event;

	describe_settings(change, text, sizeof(text));
	if (!text[0])
		return;
	event = open_event(store, LB_EVENT_SERVICE_CHANGED, change->id, change->old->name);
	memcpy(event->text, text, sizeof(text));
	close_event(store);
}

static void record_service(struct store *store, const struct service_change *change)
{
	if (!change->old->name[0]) {
		record_service_added(store, change);
	} else if (change->new->name[0]) {
		record_service_changed(store, change);
	} else {
		open_event(store, LB_EVENT_SERVICE_DELETED, change->id, change->old->name);
		close_event(store);
	}
}

/* --- backends ------------------------------------------------------------------------- */

static void record_settings(struct store *store, const struct backend_change *change)
{
	const struct lb_backend_config *old = change->old, *new = change->new;
	__u32 old_weight = weight_base_milli(old), weight = weight_base_milli(new);

	if (weight != old_weight)
		event_log_add(store, LB_EVENT_WEIGHT, new->service, change->id, "%g -> %g",
			      old_weight / 1000.0, weight / 1000.0);
	if (new->state != old->state)
		event_log_add(store, LB_EVENT_STATE, new->service, change->id, "%s -> %s",
			      state_name(old->state), state_name(new->state));
	if (new->max_flows != old->max_flows)
		event_log_add(store, LB_EVENT_BACKEND_CHANGED, new->service, change->id,
			      "max-flows %u -> %u", old->max_flows, new->max_flows);
}

static void record_health(struct store *store, const struct backend_change *change)
{
	static const __u8 kinds[LB_HEALTH_COUNT] = {LB_EVENT_UNKNOWN, LB_EVENT_UP, LB_EVENT_DOWN};
	const struct lb_backend_config *new = change->new;
	const struct lb_health_record *record = &store->health_records[change->id];

	if (new->health == change->old->health)
		return;
	if (new->health == LB_HEALTH_UNKNOWN)
		event_log_add(store, LB_EVENT_UNKNOWN, new->service, change->id,
			      "no longer checked");
	else
		event_log_add(store, kinds[new->health], new->service, change->id,
			      "%s (%u in a row)", record->reason, record->streak);
}

/* A backend that is deleted with its service has no event of its own. */
static void record_backend_deleted(struct store *store, const struct backend_change *change)
{
	__u16 service = change->old->service;
	const char *name = store->config.service[service].name;

	if (!name[0])
		return;
	set_backend(open_event(store, LB_EVENT_BACKEND_DELETED, service, name), change->id,
		    change->old);
	close_event(store);
}

/* Aliases are derived, so they have no events. */
static void record_backend(struct store *store, const struct backend_change *change)
{
	const struct lb_backend_config *old = change->old, *new = change->new;

	if (old->alias_of || new->alias_of)
		return;
	if (old->service == new->service) {
		record_settings(store, change);
		record_health(store, change);
	} else if (new->service) {
		event_log_add(store, LB_EVENT_BACKEND_ADDED, new->service, change->id,
			      "weight %u, %s", new->weight, state_name(new->state));
	} else {
		record_backend_deleted(store, change);
	}
}

static void record_fail_open(struct store *store, const struct config_diff *diff, __u32 service)
{
	bool before = config_diff_old_mode(diff, service) == WEIGHT_FAIL_OPEN;
	bool after = config_diff_new_mode(diff, service) == WEIGHT_FAIL_OPEN;

	if (after && !before)
		event_log_add(store, LB_EVENT_FAIL_OPEN, service, 0,
			      "all backends are down: health is ignored");
	if (before && !after && store->config.service[service].name[0])
		event_log_add(store, LB_EVENT_RECOVERED, service, 0,
			      "a backend is up: health counts again");
}

void event_log_record(struct store *store, const struct config_diff *diff)
{
	for (size_t i = 0; i < diff->service_count; i++)
		record_service(store, &diff->services[i]);
	for (size_t i = 0; i < diff->backend_count; i++)
		record_backend(store, &diff->backends[i]);
	for (__u32 id = 1; id < store->control->max_services; id++)
		record_fail_open(store, diff, id);
}
