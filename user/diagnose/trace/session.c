// SPDX-License-Identifier: GPL-2.0-only
#include "diagnose/trace/session.h"

#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/file.h>
#include <sys/mman.h>

#include "base/cleanup.h"
#include "store/flow_table.h"

#define PATH_BYTES  (STORE_PATH_BYTES + 16)
#define LEASE_TICKS 12 /* 3.2 s */

static int take(void *context, void *record, size_t bytes)
{
	struct store_trace *trace = context;

	if (trace->is_open && bytes >= sizeof(struct lb_trace))
		trace->see(record, trace->argument);
	return 0;
}

static int open_pin(const struct store *store, const char *name)
{
	char path[PATH_BYTES];

	snprintf(path, sizeof(path), "%s/%s", store->path, name);
	return bpf_obj_get(path);
}

/* Not the lock of the instance: while somebody watches, all others may work. */
static int lock(struct store_trace *trace, const struct store *store)
{
	char path[PATH_BYTES];
	int error;

	snprintf(path, sizeof(path), "%s/links", store->path);
	trace->lock = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (trace->lock < 0)
		return -errno;
	error = store_lock(trace->lock, STORE_WRITE, 0);
	return error == STORE_LOCKED ? STORE_TRACE_TAKEN : error;
}

/* To write, whatever the store was opened for. */
static int map_pin(const struct store *store, const char *name, size_t bytes, void **memory)
{
	_close_ int fd = open_pin(store, name);
	void *mapped;

	if (fd < 0)
		return fd;
	mapped = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	if (mapped == MAP_FAILED)
		return -errno;
	*memory = mapped;
	return 0;
}

static int open_ring(struct store_trace *trace, const struct store *store)
{
	_close_ int fd = open_pin(store, "traces");

	if (fd < 0)
		return fd;
	trace->ring = ring_buffer__new(fd, take, trace, NULL);
	if (!trace->ring)
		return -errno;
	ring_buffer__consume(trace->ring); /* of one that was killed */
	trace->is_open = true;
	return 0;
}

static int open_all(struct store_trace *trace, const struct store *store)
{
	int error = map_pin(store, "control", sizeof(*trace->control), (void **)&trace->control);

	if (!error)
		error = map_pin(store, "watch", sizeof(*trace->watch), (void **)&trace->watch);
	if (error)
		return error;
	__atomic_store_n(&trace->control->tracing, 0, __ATOMIC_SEQ_CST);
	*trace->watch = (struct lb_watch){0};
	return open_ring(trace, store);
}

int store_trace_open(struct store_trace *trace, struct store *store)
{
	int error;

	trace->control = NULL;
	trace->watch = NULL;
	trace->ring = NULL;
	trace->is_open = false;
	error = lock(trace, store);
	if (!error)
		error = open_all(trace, store);
	if (error) {
		store_trace_close(trace);
		return error == -ENOENT ? STORE_TRACE_OLD : error;
	}
	store_trace_renew(trace, store);
	flock(store->lock, LOCK_UN);
	return 0;
}

void store_trace_renew(struct store_trace *trace, struct store *store)
{
	store_refresh(store);
	sighting_tell(&trace->filter, store, trace->watch);
	__atomic_store_n(&trace->watch->until, flow_table_now(store) + LEASE_TICKS,
			 __ATOMIC_SEQ_CST);
	__atomic_store_n(&trace->control->tracing, 1, __ATOMIC_SEQ_CST);
}

int store_trace_wait(struct store_trace *trace, int timeout_ms)
{
	int got = ring_buffer__poll(trace->ring, timeout_ms);

	return got < 0 && got != -EINTR ? got : 0;
}

__u64 store_trace_lost(const struct store_trace *trace)
{
	return __atomic_load_n(&trace->watch->lost, __ATOMIC_RELAXED);
}

void store_trace_close(struct store_trace *trace)
{
	if (trace->is_open)
		__atomic_store_n(&trace->control->tracing, 0, __ATOMIC_SEQ_CST);
	ring_buffer__free(trace->ring);
	if (trace->control)
		munmap(trace->control, sizeof(*trace->control));
	if (trace->watch)
		munmap(trace->watch, sizeof(*trace->watch));
	if (trace->lock >= 0)
		close(trace->lock);
	trace->lock = -1;
}
