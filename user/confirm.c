// SPDX-License-Identifier: GPL-2.0-only
#include "confirm.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "apply.h"
#include "session.h"

#define LOOK_EVERY_MS 200

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

static bool still_awaited(const struct call *call, __u64 by_ns)
{
	struct store store;
	bool awaited;

	if (store_open(&store, call->globals.instance, STORE_READ, call->globals.lock_timeout_ms))
		return false;
	awaited = store.control->confirm_by_ns == by_ns;
	store_close(&store);
	return awaited;
}

/* The configuration of before, exactly: nothing that was said since is kept. */
static void put_back(const struct call *call, char *before)
{
	struct problem problem = {0};
	struct config config;
	struct apply apply = {
		.config = &config, .prune = true, .reset_runtime = true, .force = true};
	FILE *file = fmemopen(before, strlen(before), "r");
	struct store store;
	bool changed;

	if (!file || config_read(&config, file, "before", &problem))
		return;
	if (!store_open(&store, call->globals.instance, STORE_WRITE,
			call->globals.lock_timeout_ms)) {
		if (!apply_to(&apply, &store, &problem))
			store_commit(&store, &changed);
		store.control->confirm_by_ns = 0;
		store_close(&store);
	}
	config_release(&config);
	fclose(file);
}

static void detach(const struct call *call, const struct confirm *confirm)
{
	struct call detaching = {.verb = verb_find(NULL, "detach"), .globals = call->globals};

	detaching.globals.quiet = true;
	detaching.argument_count = confirm->interface_count;
	memcpy(detaching.arguments, confirm->interfaces, sizeof(confirm->interfaces));
	call_set_flag(&detaching, "force", "");
	detaching.verb->run(&detaching);
}

static void wait_for_it(const struct call *call, const struct confirm *confirm, __u64 by_ns)
{
	const struct timespec pause = {.tv_nsec = LOOK_EVERY_MS * 1000000};

	while (now_ns() < by_ns) {
		nanosleep(&pause, NULL);
		if (!still_awaited(call, by_ns))
			return;
	}
	if (confirm->before)
		put_back(call, confirm->before);
	if (!confirm->before || confirm->interface_count)
		detach(call, confirm);
}

/* No terminal, no descriptor, no directory is held while it waits. */
static void leave_terminal(void)
{
	int null = open("/dev/null", O_RDWR);

	setsid();
	if (chdir("/"))
		_exit(EXIT_KERNEL);
	for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++)
		dup2(null, fd);
	close_range(STDERR_FILENO + 1, ~0U, 0);
}

int confirm_begin(const struct call *call, struct store *store, const struct confirm *confirm)
{
	__u64 by_ns = now_ns() + confirm->within_ms * 1000000;
	pid_t child;

	__atomic_store_n(&store->control->confirm_by_ns, by_ns, __ATOMIC_RELAXED);
	child = fork();
	if (child < 0)
		return -errno;
	if (child)
		return 0;
	leave_terminal();
	wait_for_it(call, confirm, by_ns);
	_exit(0);
}
