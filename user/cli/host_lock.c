// SPDX-License-Identifier: GPL-2.0-only
#include "cli/host_lock.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "cli/store_problem.h"
#include "cli/xdp_errors.h"
#include "datapath/instance.h"

/* Locks STORE_ROOT. Returns -ENOENT if it does not exist, or was removed before it was locked. */
static int lock_root(__u64 timeout_ms, int *root)
{
	_close_ int fd = open(STORE_ROOT, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	struct stat opened;
	int error;

	if (fd < 0)
		return -errno;
	error = store_lock(fd, STORE_WRITE, timeout_ms);
	if (error)
		return error;
	if (fstat(fd, &opened))
		return -errno;
	if (!opened.st_nlink)
		return -ENOENT;
	*root = fd;
	fd = -1;
	return 0;
}

static int lock_problem(struct call *call, int error)
{
	if (error == -ENOENT)
		return store_problem(call, STORE_ABSENT, "opening the pinned maps");
	if (error == STORE_LOCKED)
		return problem_set(&call->problem, EXIT_TIMEOUT, "locked",
				   "another lbctl is attaching or detaching on this host");
	return problem_system(&call->problem, error, "locking " STORE_ROOT);
}

int host_lock(struct call *call, int *root)
{
	int error = lock_root(call->globals.lock_timeout_ms, root);

	return error ? lock_problem(call, error) : 0;
}

void host_relock(const struct call *call, int *root)
{
	lock_root(call->globals.lock_timeout_ms, root);
}

void host_unlock(const int *root)
{
	if (*root < 0)
		return;
	rmdir(STORE_ROOT); /* fails unless it is empty */
	close(*root);
}

int host_lock_create(struct call *call, int *root)
{
	bool is_dry_run = call->globals.dry_run;
	int error;

	do { /* another lbctl may remove the directory before this one has the lock */
		error = datapath_prepare(is_dry_run);
		if (error)
			return xdp_problem(call, error, "preparing " STORE_ROOT);
		error = lock_root(call->globals.lock_timeout_ms, root);
	} while (error == -ENOENT && !is_dry_run);
	if (error == -ENOENT)
		return 0;
	return error ? lock_problem(call, error) : 0;
}
