// SPDX-License-Identifier: GPL-2.0-only
#include "store/controller_lock.h"

#include <bpf/bpf.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/stat.h>

#include "base/cleanup.h"
#include "store/owner_word.h"
#include "store/store.h"

/* Who only looks has the lock for a moment. */
#define PATIENCE_MS 1000

#define WATCH_PATH_BYTES (STORE_PATH_BYTES + 16)

static int open_directory(const char *path)
{
	int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	return fd < 0 ? -errno : fd;
}

static int map_control(struct store_watch *watch, const char *pins)
{
	char path[WATCH_PATH_BYTES];
	_close_ int fd = -1;
	void *memory;

	snprintf(path, sizeof(path), "%s/control", pins);
	fd = bpf_obj_get(path);
	if (fd < 0)
		return fd;
	memory = mmap(NULL, sizeof(struct lb_control), PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	if (memory == MAP_FAILED)
		return -errno;
	watch->control = memory;
	return 0;
}

static int begin(struct store_watch *watch, const char *instance)
{
	char pins[STORE_PATH_BYTES], path[WATCH_PATH_BYTES];
	int error;

	store_path(instance, pins);
	snprintf(path, sizeof(path), "%s/controller", pins);
	watch->pins = open_directory(pins);
	if (watch->pins < 0)
		return watch->pins;
	watch->controller = open_directory(path);
	if (watch->controller < 0)
		return watch->controller == -ENOENT ? STORE_DAMAGED : watch->controller;
	error = store_lock(watch->controller, STORE_WRITE, PATIENCE_MS);
	if (!error)
		error = map_control(watch, pins);
	if (error)
		return error;
	if (watch->control->abi != LB_ABI_VERSION)
		return STORE_OTHER_ABI;
	testament_make(&watch->control->controller);
	return 0;
}

int store_watch_begin(struct store_watch *watch, const char *instance)
{
	int error;

	*watch = (struct store_watch){.pins = -1, .controller = -1};
	error = begin(watch, instance);
	if (error)
		store_watch_end(watch);
	return error == -ENOENT ? STORE_ABSENT : error;
}

void store_watch_end(struct store_watch *watch)
{
	testament_revoke();
	if (watch->control)
		munmap(watch->control, sizeof(*watch->control));
	if (watch->controller >= 0)
		close(watch->controller);
	if (watch->pins >= 0)
		close(watch->pins);
	*watch = (struct store_watch){.pins = -1, .controller = -1};
}

__u64 store_watch_generation(const struct store_watch *watch)
{
	return __atomic_load_n(&watch->control->generation, __ATOMIC_ACQUIRE);
}

bool store_watch_is_gone(const struct store_watch *watch)
{
	struct stat pins;

	return fstat(watch->pins, &pins) || !pins.st_nlink;
}

/* The lock of one that was killed may be held by a command that it was about to start. */
__u32 store_controller(const struct store *store)
{
	char path[WATCH_PATH_BYTES];
	_close_ int fd = -1;

	snprintf(path, sizeof(path), "%s/controller", store->path);
	fd = open_directory(path);
	if (fd < 0 || !flock(fd, LOCK_SH | LOCK_NB))
		return 0;
	return testament_author(&store->control->controller);
}
