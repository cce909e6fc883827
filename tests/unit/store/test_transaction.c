// SPDX-License-Identifier: GPL-2.0-only
/*
 * Commits on a store in private memory: spillover aliases are derived by any commit, the
 * diff lists what changed, and a change of one backend scans the others at most twice.
 */
#include "store/transaction.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "core/rcu_grace_stub.h"
#include "core/tap.h"
#include "model/service_settings.h"
#include "store/edit.h"
#include "store/event_log.h"
#include "store/lookup.h"

#define SERVICES 8
#define BACKENDS 1023

static struct store open_scratch(void)
{
	const struct lb_control limits = {
		.max_services = SERVICES + 1,
		.max_backends = BACKENDS + 1,
		.endpoints = LB_ENDPOINTS_EMPTY,
		.tick_ns = 4000000,
	};
	struct store store;

	if (store_open_scratch(&store, &limits))
		exit(1);
	return store;
}

static __u32 add_service(struct store *store, const char *name)
{
	__u32 id = store_service_free_id(store);
	const struct endpoint vip = {
		.address = {0, htonl(0xffff) | (__u64)htonl(0xc0000200 + id) << 32},
		.port = htons(80),
		.protocol = IPPROTO_TCP,
	};

	store->config.service[id] = service_defaults(name, &vip);
	return id;
}

static __u32 add_backend(struct store *store, __u32 service, __u32 host)
{
	const struct endpoint endpoint = {
		.address = {0, htonl(0xffff) | (__u64)htonl(0x0a000000 + host) << 32},
		.port = htons(80),
	};
	struct lb_backend_config config = backend_defaults(&endpoint);
	__u32 id = 0;

	config.service = service;
	edit_add_backend(store, &config, &id);
	return id;
}

static void set_spill(struct store *store, __u32 service, const char *target)
{
	snprintf(store->config.service[service].spill, LB_NAME_BYTES, "%s", target);
}

/* How many aliases of a backend (0 = of any) packets see in a service. */
static int count_aliases(const struct store *store, __u32 service, __u32 owner)
{
	int count = 0;

	for (__u32 id = 1; id <= BACKENDS; id++) {
		const struct lb_backend_config *backend = &store_committed(store)->backend[id];

		count += backend->service == service && backend->alias_of &&
			 (!owner || backend->alias_of == owner) &&
			 store->tables.backends[id].flags & LB_BACKEND_ALIAS;
	}
	return count;
}

static int commit(struct store *store)
{
	bool changed;
	int error = store_commit(store, &changed);

	return error ? error : store_resume(store, 0);
}

/* --- spillover --------------------------------------------------------------------- */

static void test_aliases(void)
{
	struct store store = open_scratch();
	__u32 web = add_service(&store, "web"), sorry = add_service(&store, "sorry");
	__u32 first = add_backend(&store, sorry, 1), second = add_backend(&store, sorry, 2);

	add_backend(&store, web, 3);
	set_spill(&store, web, "sorry");
	is_int(commit(&store), 0, "a service that spills is committed");
	is_int(count_aliases(&store, web, 0), 2, "it has an alias for each backend of the other");

	add_backend(&store, sorry, 4);
	is_int(commit(&store), 0, "a backend is added to the other service");
	is_int(count_aliases(&store, web, 0), 3, "it has an alias too");

	edit_remove_backend(&store, first);
	is_int(commit(&store), 0, "a backend is removed from the other service");
	is_int(count_aliases(&store, web, first), 0, "its alias is removed");
	is_int(count_aliases(&store, web, second), 1, "the others stay");

	store.config.service[sorry].check[0] = 't';
	store.config.backend[second].health = LB_HEALTH_DOWN;
	is_int(commit(&store), 0, "a controller commits a health result");
	is_int(count_aliases(&store, web, 0), 2, "aliases stay");

	set_spill(&store, web, "");
	is_int(commit(&store), 0, "the service no longer spills");
	is_int(count_aliases(&store, web, 0), 0, "it has no alias");
	store_close(&store);
}

/* A condition stops the commit before anything changes. */
static void is_refused(struct store *store, int condition, const char *what)
{
	__u64 generation = store->control->generation;
	struct transaction transaction;
	int error = transaction_prepare(&transaction, store, false);

	ok(error == condition && store->control->generation == generation, "%s", what);
	transaction_release(&transaction);
}

static void test_conditions(void)
{
	struct store store = open_scratch();
	__u32 web = add_service(&store, "web"), sorry = add_service(&store, "sorry");

	set_spill(&store, web, "nowhere");
	is_refused(&store, SPILLOVER_NO_TARGET, "a service cannot spill to one that is absent");
	set_spill(&store, web, "web");
	is_refused(&store, SPILLOVER_SELF, "nor to itself");
	set_spill(&store, web, "sorry");
	store.config.service[sorry].protocol = IPPROTO_UDP;
	is_refused(&store, SPILLOVER_OTHER_KIND, "nor to one with another protocol");
	store.config.service[web].protocol = IPPROTO_UDP;
	store.config.service[web].persist = store.config.service[sorry].persist = LB_PERSIST_NONE;
	is_refused(&store, SPILLOVER_PERSIST_NONE, "nor to one with --persist none, as it has");
	store.config.service[web].persist = store.config.service[sorry].persist = LB_PERSIST_FLOW;
	store.config.service[web].forward = LB_FORWARD_DSR;
	store.config.service[web].port = htons(81);
	add_backend(&store, sorry, 1);
	is_refused(&store, EDIT_WRONG_PORT, "nor to backends that it cannot reach");
	store.config.service[web].port = htons(80);
	while (add_backend(&store, web, 2 + store.next_backend))
		;
	is_refused(&store, EDIT_BACKENDS_FULL, "nor if there is no id for an alias");
	store_close(&store);
}

/* --- diff and revision ------------------------------------------------------------- */

static void test_diff(void)
{
	struct store store = open_scratch();
	__u32 web = add_service(&store, "web"), other = add_service(&store, "other");
	__u32 first = add_backend(&store, web, 1), second = add_backend(&store, web, 2);
	struct transaction transaction;
	__u64 revision, events;

	store.config.service[web].check[0] = 't';
	is_int(commit(&store), 0, "two services are committed");
	revision = store_revision(&store);

	is_int(transaction_prepare(&transaction, &store, false), 0, "a transaction is prepared");
	ok(config_diff_is_empty(&transaction.diff), "without an edit its diff is empty");
	transaction_release(&transaction);

	store.config.backend[second].override_milli = 7000;
	edit_remove_service(&store, other);
	transaction_prepare(&transaction, &store, false);
	is_int(transaction.diff.service_count, 1, "a removed service is listed");
	is_int(transaction.diff.services[0].id, other, "with its id");
	ok(transaction.diff.services[0].old->name[0] && !transaction.diff.services[0].new->name[0],
	   "with its old and new record");
	is_int(transaction.diff.backend_count, 1, "so is a changed backend");
	is_int(transaction.diff.backends[0].id, second, "with its id");
	is_int(transaction.diff.new_weights[web].ready, 8000, "the pool's new weight is known");
	is_int(transaction.diff.old_weights[web].ready, 2000, "and its old one");
	is_int(transaction_commit(&transaction), 0, "it is committed");
	transaction_release(&transaction);
	is_int(store_revision(&store), ++revision, "an operator's change is a new revision");
	store_resume(&store, 0);

	store.config.backend[first].health = LB_HEALTH_DOWN;
	is_int(commit(&store), 0, "a health result is committed");
	is_int(store_revision(&store), revision, "it is no new revision");
	events = event_log_count(&store);
	store.config.backend[second].health = LB_HEALTH_DOWN;
	is_int(commit(&store), 0, "the last backend goes down");
	is_int(event_log_count(&store), events + 2, "which is an event, as is failing open");
	is_int(event_log_get(&store, events + 1)->kind, LB_EVENT_FAIL_OPEN, "of this kind");
	store.config.service[web].check[0] = '\0';
	is_int(commit(&store), 0, "the check is removed");
	is_int(store.config.backend[first].health, LB_HEALTH_UNKNOWN, "so health is unknown");
	store_close(&store);
}

/* --- scans ------------------------------------------------------------------------- */

/*
 * Of each snapshot, one page is accessible at a time. So an access to another page faults,
 * and the faults of a page are the scans that came through it.
 */
static struct watch {
	char *first;
	size_t page_bytes, pages;
	char *open;
	unsigned int *faults; /* by page */
} watches[2];

static void handle_fault(int signal, siginfo_t *info, void *context)
{
	char *address = info->si_addr;

	(void)context;
	for (int i = 0; i < 2; i++) {
		struct watch *watch = &watches[i];
		size_t page = (address - watch->first) / watch->page_bytes;

		if (address < watch->first || page >= watch->pages)
			continue;
		if (watch->open)
			mprotect(watch->open, watch->page_bytes, PROT_NONE);
		watch->open = watch->first + page * watch->page_bytes;
		mprotect(watch->open, watch->page_bytes, PROT_READ | PROT_WRITE);
		watch->faults[page]++;
		return;
	}
	_exit(128 + signal);
}

/* Leaves out the pages that a snapshot shares with the other one. */
static void watch_snapshot(struct watch *watch, const struct snapshot *snapshot)
{
	size_t page = getpagesize(), bytes = (BACKENDS + 1) * sizeof(*snapshot->backend);
	char *first = (char *)(((unsigned long)snapshot->backend + page - 1) / page * page);

	*watch = (struct watch){
		.first = first,
		.page_bytes = page,
		.pages = ((char *)snapshot->backend + bytes - first) / page,
	};
	watch->faults = calloc(watch->pages, sizeof(*watch->faults));
	mprotect(first, watch->pages * page, PROT_NONE);
}

/*
 * Faults per page, rounded down: an access to a single record, as by a hash bucket, is no
 * scan. The first page has the backend that changes, so it does not count.
 */
static unsigned int count_scans(struct watch *watch)
{
	unsigned int total = 0;

	for (size_t i = 1; i < watch->pages; i++)
		total += watch->faults[i];
	mprotect(watch->first, watch->pages * watch->page_bytes, PROT_READ | PROT_WRITE);
	free(watch->faults);
	return total / (watch->pages - 1);
}

static void test_scans(void)
{
	const struct sigaction action = {.sa_sigaction = handle_fault, .sa_flags = SA_SIGINFO};
	struct store store = open_scratch();
	__u32 web = add_service(&store, "web"), other = add_service(&store, "other");
	__u32 first = add_backend(&store, web, 1), second = add_backend(&store, web, 2), found;
	const struct lb_backend_config wanted = store.config.backend[second];
	bool changed;

	while (add_backend(&store, other, 2 + store.next_backend))
		;
	is_int(commit(&store), 0, "%u backends are committed", BACKENDS);

	sigaction(SIGSEGV, &action, NULL);
	watch_snapshot(&watches[0], &store.snapshots[0]);
	watch_snapshot(&watches[1], &store.snapshots[1]);
	is_int(store_resume(&store, 0), 0, "a change of one backend: open");
	found = store_backend_by_endpoint(&store, store_service_by_name(&store, "web"),
					  wanted.address, wanted.port);
	is_int(found, second, "find");
	store.config.backend[found].override_milli = 500;
	is_int(store_commit(&store, &changed), 0, "commit");
	is_int(count_scans(&watches[0]), 2, "scans the other backends twice: the working copy");
	is_int(count_scans(&watches[1]), 2, "and the committed snapshot");
	signal(SIGSEGV, SIG_DFL);
	is_int(store.tables.slots[store.tables.services[web].slots].length / 3 * 3,
	       store.tables.slots[store.tables.services[web].slots].length,
	       "packets see the weights 2 to 1");
	is_int(store.tables.backends[first].service, web, "and the backends");
	store_close(&store);
}

int main(void)
{
	test_aliases();
	test_conditions();
	test_diff();
	test_scans();
	return tap_done();
}
