// SPDX-License-Identifier: GPL-2.0-only
#include "store/transaction.h"

#include <string.h>
#include <sys/file.h>

#include "store/event_log.h"
#include "store/publish.h"

/* --- open ---------------------------------------------------------------------------- */

/* Copies the committed snapshot to the other one, and indexes it in the same pass. */
static void make_working_copy(struct store *store)
{
	const struct lb_control *control = store->control;
	const struct snapshot *old = store_committed(store);
	struct snapshot *copy = &store->config;

	*copy = store->snapshots[~control->generation & 1];
	memcpy(copy->service, old->service, control->max_services * sizeof(*copy->service));
	backend_index_clear(&store->index);
	for (__u32 id = 1; id < control->max_backends; id++) {
		copy->backend[id] = old->backend[id];
		if (copy->backend[id].service)
			backend_index_add(&store->index, id, &copy->backend[id]);
	}
	store->next_backend = 1;
}

/* Publishes what a killed writer committed. */
static int publish_pending(struct store *store)
{
	struct config_diff diff;
	int error;

	store_refresh(store);
	error = config_diff_create(&diff, store);
	for (__u32 id = 1; !error && id < store->control->max_backends; id++)
		config_diff_add_backend(&diff, id);
	if (!error)
		error = publish_recover(store, &diff);
	config_diff_release(&diff);
	return error;
}

static int begin(struct store *store)
{
	int error = store_is_published(store) ? 0 : publish_pending(store);

	if (error)
		store_close(store);
	else
		make_working_copy(store);
	return error;
}

static int open_writer(struct store *store, const char *instance, __u64 timeout_ms)
{
	int error = store_map(store, instance, STORE_WRITE, timeout_ms);

	return error ? error : begin(store);
}

/* A reader cannot publish, so a writer does it first. */
static int open_reader(struct store *store, const char *instance, __u64 timeout_ms)
{
	int error = store_map(store, instance, STORE_READ, timeout_ms);

	if (!error && !store_is_published(store)) {
		store_close(store);
		error = open_writer(store, instance, timeout_ms);
		if (error)
			return error;
		store_close(store);
		error = store_map(store, instance, STORE_READ, timeout_ms);
	}
	if (!error)
		store_refresh(store);
	return error;
}

int store_open(struct store *store, const char *instance, enum store_access access,
	       __u64 timeout_ms)
{
	return access == STORE_WRITE ? open_writer(store, instance, timeout_ms)
				     : open_reader(store, instance, timeout_ms);
}

int store_open_scratch(struct store *store, const struct lb_control *limits)
{
	int error = store_map_scratch(store, limits);

	return error ? error : begin(store);
}

void store_pause(struct store *store)
{
	flock(store->lock, LOCK_UN);
}

int store_resume(struct store *store, __u64 timeout_ms)
{
	int error = store_relock(store, timeout_ms);

	if (!error)
		return begin(store);
	if (error != STORE_LOCKED)
		store_close(store);
	return error;
}

/* --- commit ---------------------------------------------------------------------------- */

/* Health and latency factors of a backend are unknown once nothing checks or measures it. */
static void clear_stale_results(struct store *store, __u32 id)
{
	struct lb_backend_config *backend = &store->config.backend[id];
	const struct lb_service_config *service = &store->config.service[backend->service];

	if (backend->service && !service->check[0])
		backend->health = LB_HEALTH_UNKNOWN;
	if (backend->service && service->feedback != LB_FEEDBACK_ON)
		backend->latency_milli = 0;
}

int transaction_prepare(struct transaction *transaction, struct store *store, bool force)
{
	struct config_diff *diff = &transaction->diff;
	int error = config_diff_create(diff, store);

	transaction->store = store;
	transaction->conflict = (struct spillover_conflict){0};
	if (!error)
		error = spillover_update(store, force, &transaction->conflict);
	if (error)
		return error;
	config_diff_add_services(diff);
	for (__u32 id = 1; id < store->control->max_backends; id++) {
		clear_stale_results(store, id);
		config_diff_add_backend(diff, id);
	}
	return 0;
}

static int publish(struct store *store, const struct config_diff *diff,
		   struct publication *publication)
{
	struct lb_control *control = store->control;
	struct committed committed;
	int error = publish_prepare(publication, store, diff);

	if (error)
		return error;
	control->revision[~control->generation & 1] =
		store_revision(store) + config_diff_has_operator_changes(diff);
	committed = publish_commit(publication);
	event_log_record(store, diff);
	return publish_activate(committed);
}

int transaction_commit(struct transaction *transaction)
{
	struct publication publication;
	int error;

	if (config_diff_is_empty(&transaction->diff))
		return 0;
	error = publish(transaction->store, &transaction->diff, &publication);
	publish_release(&publication);
	return error;
}

void transaction_release(struct transaction *transaction)
{
	config_diff_release(&transaction->diff);
}

int store_commit(struct store *store, bool *changed)
{
	struct transaction transaction;
	int error = transaction_prepare(&transaction, store, false);

	*changed = !error && !config_diff_is_empty(&transaction.diff);
	if (!error)
		error = transaction_commit(&transaction);
	transaction_release(&transaction);
	return error;
}
