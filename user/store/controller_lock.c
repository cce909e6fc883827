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
#include "base/owner_word.h"
#include "store/store.h"

/* store_controller_pid() holds a shared lock for a moment. */
#define LOCK_TIMEOUT_MS 1000

#define CONTROLLER_PATH_BYTES (STORE_PATH_BYTES + 16)

static int open_directory(const char *path)
{
	int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	return fd < 0 ? -errno : fd;
}

static int map_control(struct controller_lock *lock, const char *pins)
{
	char path[CONTROLLER_PATH_BYTES];
	_close_ int fd = -1;
	void *memory;

	snprintf(path, sizeof(path), "%s/control", pins);
	fd = bpf_obj_get(path);
	if (fd < 0)
		return fd;
	memory = mmap(NULL, sizeof(struct lb_control), PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	if (memory == MAP_FAILED)
		return -errno;
	lock->control = memory;
	return 0;
}

static int acquire(struct controller_lock *lock, const char *instance)
{
	char pins[STORE_PATH_BYTES], path[CONTROLLER_PATH_BYTES];
	int error;

	store_path(instance, pins);
	snprintf(path, sizeof(path), "%s/controller", pins);
	lock->pins = open_directory(pins);
	if (lock->pins < 0)
		return lock->pins;
	lock->controller = open_directory(path);
	if (lock->controller < 0)
		return lock->controller == -ENOENT ? STORE_DAMAGED : lock->controller;
	error = store_lock(lock->controller, STORE_WRITE, LOCK_TIMEOUT_MS);
	if (!error)
		error = map_control(lock, pins);
	if (error)
		return error;
	if (lock->control->abi != LB_ABI_VERSION)
		return STORE_OTHER_ABI;
	owner_word_register(&lock->control->controller);
	return 0;
}

int controller_lock_acquire(struct controller_lock *lock, const char *instance)
{
	int error;

	*lock = (struct controller_lock){.pins = -1, .controller = -1};
	error = acquire(lock, instance);
	if (error)
		controller_lock_release(lock);
	return error == -ENOENT ? STORE_ABSENT : error;
}

void controller_lock_release(struct controller_lock *lock)
{
	owner_word_unregister();
	if (lock->control)
		munmap(lock->control, sizeof(*lock->control));
	if (lock->controller >= 0)
		close(lock->controller);
	if (lock->pins >= 0)
		close(lock->pins);
	*lock = (struct controller_lock){.pins = -1, .controller = -1};
}

__u64 controller_lock_generation(const struct controller_lock *lock)
{
	return __atomic_load_n(&lock->control->generation, __ATOMIC_ACQUIRE);
}

bool controller_lock_instance_is_gone(const struct controller_lock *lock)
{
	struct stat pins;

	return fstat(lock->pins, &pins) || !pins.st_nlink;
}

/* The lock alone does not suffice: a child of a killed controller may still hold it. */
__u32 store_controller_pid(const struct store *store)
{
	char path[CONTROLLER_PATH_BYTES];
	_close_ int fd = -1;

	snprintf(path, sizeof(path), "%s/controller", store->path);
	fd = open_directory(path);
	if (fd < 0 || !flock(fd, LOCK_SH | LOCK_NB))
		return 0;
	return owner_word_pid(&store->control->controller);
}
