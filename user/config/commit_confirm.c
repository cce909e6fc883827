// SPDX-License-Identifier: GPL-2.0-only
#include "config/commit_confirm.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "cli/session.h"
#include "config/apply.h"
#include "config/config.h"
#include "store/transaction.h"

#define POLL_INTERVAL_MS 200
#define RETRIES_MAX	 50

/* If the waiting process was killed, confirm_by_ns stays, and ends at its time. */
bool confirm_is_pending(const struct store *store)
{
	__u64 deadline_ns = store->control->confirm_by_ns;

	return deadline_ns && clock_boottime_ns() < deadline_ns;
}

bool confirm_accept(struct store *store)
{
	bool is_pending = confirm_is_pending(store);

	__atomic_store_n(&store->control->confirm_by_ns, 0, __ATOMIC_RELAXED);
	return is_pending;
}

/* Was it confirmed, or the instance deleted? A store that cannot be read is tried again. */
static bool is_finished(const struct call *call, __u64 deadline_ns)
{
	struct store store;
	bool finished;
	int error = store_open(&store, call->globals.instance, STORE_READ,
			       call->globals.lock_timeout_ms);

	if (error)
		return error == STORE_ABSENT;
	finished = store.control->confirm_by_ns != deadline_ns;
	store_close(&store);
	return finished;
}

static int commit(struct store *store)
{
	struct transaction transaction;
	int error = transaction_prepare(&transaction, store, true);

	if (!error)
		error = transaction_commit(&transaction);
	transaction_release(&transaction);
	return error;
}

/* Restores the previous configuration exactly, with its run-time states and weights. */
static int restore_config(struct store *store, char *previous_config)
{
	struct problem problem = {0};
	struct config config;
	struct apply apply = {
		.config = &config, .prune = true, .reset_runtime = true, .force = true};
	FILE *file = fmemopen(previous_config, strlen(previous_config), "r");
	int error;

	if (!file)
		return -errno;
	error = config_read(&config, file, "previous", &problem);
	fclose(file);
	if (error)
		return error;
	error = apply_to_store(&apply, store, &problem);
	if (!error)
		error = commit(store);
	config_release(&config);
	return error;
}

/*
 * Rolls back, unless a confirmation came before this process got the lock: *is_due is then false.
 * Returns 0, or an error after which it can be tried again.
 */
static int roll_back(const struct call *call, const struct confirm *confirm, __u64 deadline_ns,
		     bool *is_due)
{
	struct store store;
	int error = store_open(&store, call->globals.instance, STORE_WRITE,
			       call->globals.lock_timeout_ms);

	*is_due = false;
	if (error)
		return error == STORE_ABSENT ? 0 : error;
	*is_due = store.control->confirm_by_ns == deadline_ns;
	if (*is_due && confirm->previous_config)
		error = restore_config(&store, confirm->previous_config);
	if (*is_due && !error)
		store.control->confirm_by_ns = 0;
	store_close(&store);
	return error;
}

static int detach_added(const struct call *call, const struct confirm *confirm)
{
	struct call subcall = call_inner(call, "detach");
	int code;

	subcall.argument_count = confirm->interface_count;
	memcpy(subcall.arguments, confirm->interfaces, sizeof(confirm->interfaces));
	call_set_flag(&subcall, FLAG_FORCE, "");
	code = subcall.command->run(&subcall);
	return code == EXIT_NOT_FOUND || code == EXIT_NOT_ATTACHED ? 0 : code;
}

static void sleep_interval(void)
{
	const struct timespec pause = {.tv_nsec = POLL_INTERVAL_MS * 1000000};

	nanosleep(&pause, NULL);
}

/* Each step is retried for 10 s: this process has no terminal to report an error to. */
static void wait_and_roll_back(const struct call *call, const struct confirm *confirm,
			       __u64 deadline_ns)
{
	bool is_due;

	while (clock_boottime_ns() < deadline_ns) {
		sleep_interval();
		if (is_finished(call, deadline_ns))
			return;
	}
	for (int i = 0; roll_back(call, confirm, deadline_ns, &is_due) && i < RETRIES_MAX; i++)
		sleep_interval();
	if (!is_due || (confirm->previous_config && !confirm->interface_count))
		return;
	for (int i = 0; detach_added(call, confirm) && i < RETRIES_MAX; i++)
		sleep_interval();
}

/* Closes all descriptors: a terminal, a pipe and above all the lock must not stay open. */
static void daemonize(struct store *store, int null)
{
	store_close(store);
	setsid();
	for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++)
		dup2(null, fd);
	close_range(STDERR_FILENO + 1, ~0U, 0);
	if (chdir("/"))
		return; /* it only keeps a file system busy */
}

int confirm_start(const struct call *call, struct store *store, const struct confirm *confirm)
{
	__u64 deadline_ns = clock_boottime_ns() + confirm->timeout_ms * 1000000;
	_close_ int null = open("/dev/null", O_RDWR | O_CLOEXEC);
	pid_t child;
	int error;

	if (null < 0)
		return -errno;
	__atomic_store_n(&store->control->confirm_by_ns, deadline_ns, __ATOMIC_RELAXED);
	child = fork();
	if (child < 0) {
		error = -errno;
		__atomic_store_n(&store->control->confirm_by_ns, 0, __ATOMIC_RELAXED);
		return error;
	}
	if (!child) {
		daemonize(store, null);
		wait_and_roll_back(call, confirm, deadline_ns);
		_exit(0);
	}
	return 0;
}
