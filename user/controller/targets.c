// SPDX-License-Identifier: GPL-2.0-only
#include "controller/targets.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "model/check_parse.h"
#include "store/store.h"

/* A backend and the key of its target. Keys are compared with memcmp(): padding is zeroed. */
struct entry {
	struct key {
		__u64 address[2];
		__u64 vip[2]; /* 0 in nat and snat mode, which probe the backend's address */
		__u32 port;
		__u32 forward;
		char text[CHECK_TEXT_BYTES];
	} key;
	__u32 backend;
};

static bool is_translated(const struct lb_service_config *service)
{
	return service->forward == LB_FORWARD_NAT || service->forward == LB_FORWARD_SNAT;
}

static void fill_key(struct key *key, const struct lb_backend_config *backend,
		     const struct lb_service_config *service)
{
	memset(key, 0, sizeof(*key));
	memcpy(key->address, backend->address, sizeof(key->address));
	key->port = backend->port;
	memcpy(key->text, service->check, sizeof(key->text));
	if (is_translated(service))
		return;
	key->forward = service->forward;
	memcpy(key->vip, service->address, sizeof(key->vip));
}

static int compare_keys(const void *a, const void *b)
{
	return memcmp(a, b, sizeof(struct key));
}

bool targets_is_checked(const struct store *store, __u32 backend)
{
	const struct lb_backend_config *config = &store->config.backend[backend];

	return config->service && !config->alias_of &&
	       store->config.service[config->service].check[0];
}

/* Collects the backends to probe, sorted by target. Returns 0 or -ENOMEM. */
static int collect(const struct store *store, __u32 service, __u32 backend, struct entry **entries,
		   size_t *count)
{
	*count = 0;
	*entries = calloc(store->control->max_backends, sizeof(**entries));
	if (!*entries)
		return -ENOMEM;
	for (__u32 id = 1; id < store->control->max_backends; id++) {
		const struct lb_backend_config *config = &store->config.backend[id];
		struct entry *entry = &(*entries)[*count];

		if (!targets_is_checked(store, id) || (service && config->service != service) ||
		    (backend && id != backend))
			continue;
		fill_key(&entry->key, config, &store->config.service[config->service]);
		entry->backend = id;
		(*count)++;
	}
	qsort(*entries, *count, sizeof(**entries), compare_keys);
	return 0;
}

static void target_free(struct check_target *target)
{
	if (!target)
		return;
	probe_cancel(target->probe);
	loop_timer_free(target->timer);
	free(target->backends);
	free(target);
}

/* The key of an existing target, the inverse of target_new(). */
static void target_key(const struct check_target *target, struct key *key)
{
	memset(key, 0, sizeof(*key));
	memcpy(key->address, target->dest.address, sizeof(key->address));
	memcpy(key->vip, target->dest.vip, sizeof(key->vip));
	key->port = target->dest.port;
	key->forward = target->dest.forward;
	memcpy(key->text, target->text, sizeof(key->text));
}

static struct check_target *target_new(const struct key *key)
{
	struct check_target *target = calloc(1, sizeof(*target));
	const char *why;

	if (!target)
		return NULL;
	memcpy(target->text, key->text, sizeof(target->text));
	memcpy(target->dest.address, key->address, sizeof(key->address));
	memcpy(target->dest.vip, key->vip, sizeof(key->vip));
	target->dest.port = key->port;
	target->dest.forward = key->forward;
	target->dest.service = target->service;
	if (check_parse(target->text, &target->check, &why))
		target->check = (struct check){0};
	return target;
}

/*
 * Takes the target with the key out of the old list, or returns NULL. Keys must be requested in
 * ascending order: `*next` is the position in the list, which is sorted.
 */
static struct check_target *take_previous(struct targets *targets, size_t *next,
					  const struct key *wanted)
{
	struct check_target *found;
	struct key key;
	int order = -1;

	while (*next < targets->count && order < 0) {
		target_key(targets->list[*next], &key);
		order = compare_keys(&key, wanted);
		*next += order < 0;
	}
	if (order)
		return NULL;
	found = targets->list[*next];
	targets->list[(*next)++] = NULL;
	return found;
}

/* Sets the backends of a target. Returns 0 or -ENOMEM. */
static int set_backends(struct check_target *target, const struct store *store,
			const struct entry *entries, size_t count)
{
	const struct lb_backend_config *first = &store->config.backend[entries[0].backend];
	__u32 *backends = calloc(count, sizeof(*backends));

	if (!backends)
		return -ENOMEM;
	for (size_t i = 0; i < count; i++)
		backends[i] = entries[i].backend;
	free(target->backends);
	target->backends = backends;
	target->count = count;
	memcpy(target->service, store->config.service[first->service].name,
	       sizeof(target->service));
	return 0;
}

static size_t group_size(const struct entry *entries, size_t count)
{
	size_t same = 1;

	while (same < count && !compare_keys(&entries[same].key, &entries[0].key))
		same++;
	return same;
}

static int regroup(struct targets *targets, const struct store *store, const struct entry *entries,
		   size_t count, struct targets *next)
{
	size_t old = 0, same;

	for (size_t i = 0; i < count; i += same) {
		struct check_target *target = take_previous(targets, &old, &entries[i].key);

		same = group_size(entries + i, count - i);
		if (!target)
			target = target_new(&entries[i].key);
		if (!target)
			return -ENOMEM;
		next->list[next->count++] = target;
		if (set_backends(target, store, entries + i, same))
			return -ENOMEM;
	}
	return 0;
}

int targets_update(struct targets *targets, const struct store *store, __u32 service, __u32 backend)
{
	_free_ struct entry *entries = NULL;
	struct targets next = {0};
	size_t count;
	int error = collect(store, service, backend, &entries, &count);

	if (error)
		return error;
	next.list = calloc(count + 1, sizeof(*next.list));
	if (!next.list)
		return -ENOMEM;
	error = regroup(targets, store, entries, count, &next);
	targets_release(targets);
	*targets = next;
	return error;
}

void targets_release(struct targets *targets)
{
	for (size_t i = 0; i < targets->count; i++)
		target_free(targets->list[i]);
	free(targets->list);
	*targets = (struct targets){0};
}
