// SPDX-License-Identifier: GPL-2.0-only
#include "config/commit_confirm.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "cli/session.h"
#include "config/apply.h"

#define LOOK_EVERY_MS 200
#define TRIES	      50

static __u64 now_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_BOOTTIME, &now);
	return (__u64)now.tv_sec * 1000000000 + now.tv_nsec;
}

/* Who waited may have been killed: then nobody will put anything back any more. */
bool confirm_awaited(const struct store *store)
{
	__u64 by_ns = store->control->confirm_by_ns;

	return by_ns && now_ns() < by_ns;
}

bool confirm_given(struct store *store)
{
	bool awaited = confirm_awaited(store);

	__atomic_store_n(&store->control->confirm_by_ns, 0, __ATOMIC_RELAXED);
	return awaited;
}

/* Was it confirmed, or has the instance gone? What cannot be read is to be waited for. */
static bool is_settled(const struct call *call, __u64 by_ns)
{
	struct store store;
	bool settled;
	int error = store_open(&store, call->globals.instance, STORE_READ,
			       call->globals.lock_timeout_ms);

	if (error)
		return error == STORE_ABSENT;
	settled = store.control->confirm_by_ns != by_ns;
	store_close(&store);
	return settled;
}

/* The configuration of before, exactly: nothing that was said since is kept. */
static int apply_before(struct store *store, char *before)
{
	struct problem problem = {0};
	struct config config;
	struct apply apply = {
		.config = &config, .prune = true, .reset_runtime = true, .force = true};
	FILE *file = fmemopen(before, strlen(before), "r");
	bool changed;
	int error;

	if (!file)
		return -errno;
	error = config_read(&config, file, "before", &problem);
	fclose(file);
	if (error)
		return error;
	error = apply_to(&apply, store, &problem);
	if (!error)
		error = store_commit(store, &changed);
	config_release(&config);
	return error;
}

/* Whoever confirms until the lock is ours has confirmed in time: then it is not due. */
static int put_back(const struct call *call, const struct confirm *confirm, __u64 by_ns, bool *due)
{
	struct store store;
	int error = store_open(&store, call->globals.instance, STORE_WRITE,
			       call->globals.lock_timeout_ms);

	*due = false;
	if (error)
		return error == STORE_ABSENT ? 0 : error;
	*due = store.control->confirm_by_ns == by_ns;
	if (*due && confirm->before)
		error = apply_before(&store, confirm->before);
	if (*due && !error)
		store.control->confirm_by_ns = 0;
	store_close(&store);
	return error;
}

static int detach(const struct call *call, const struct confirm *confirm)
{
	struct call detaching = call_inner(call, "detach");
	int code;

	detaching.argument_count = confirm->interface_count;
	memcpy(detaching.arguments, confirm->interfaces, sizeof(confirm->interfaces));
	call_set_flag(&detaching, FLAG_FORCE, "");
	code = detaching.verb->run(&detaching);
	return code == EXIT_NOT_FOUND || code == EXIT_NOT_ATTACHED ? 0 : code;
}

static void pause_between(void)
{
	const struct timespec pause = {.tv_nsec = LOOK_EVERY_MS * 1000000};

	nanosleep(&pause, NULL);
}

/* Nobody sees this process fail, so it does not give up at once. */
static void wait_for_it(const struct call *call, const struct confirm *confirm, __u64 by_ns)
{
	int tries = TRIES;
	bool due;

	while (now_ns() < by_ns) {
		pause_between();
		if (is_settled(call, by_ns))
			return;
	}
	while (put_back(call, confirm, by_ns, &due) && tries--)
		pause_between();
	if (!due || (confirm->before && !confirm->interface_count))
		return;
	while (detach(call, confirm) && tries-- > 0)
		pause_between();
}

/* No terminal, no descriptor, no directory is held while it waits; no lock, above all. */
static void leave_terminal(struct store *store, int null)
{
	store_close(store);
	setsid();
	for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++)
		dup2(null, fd);
	close_range(STDERR_FILENO + 1, ~0U, 0);
	if (chdir("/"))
		return; /* then it stays where it is */
}

int confirm_begin(const struct call *call, struct store *store, const struct confirm *confirm)
{
	__u64 by_ns = now_ns() + confirm->within_ms * 1000000;
	_close_ int null = open("/dev/null", O_RDWR | O_CLOEXEC);
	pid_t child;

	if (null < 0)
		return -errno;
	child = fork();
	if (child < 0)
		return -errno;
	if (!child) {
		leave_terminal(store, null);
		wait_for_it(call, confirm, by_ns);
		_exit(0);
	}
	__atomic_store_n(&store->control->confirm_by_ns, by_ns, __ATOMIC_RELAXED);
	return 0;
}
