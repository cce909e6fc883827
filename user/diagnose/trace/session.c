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
#include "store/flow_clock.h"
#include "store/flow_table.h"

#define PATH_BYTES  (STORE_PATH_BYTES + 16)
#define LEASE_TICKS 12 /* 3.2 s */

static int receive_record(void *context, void *record, size_t bytes)
{
	struct trace_session *session = context;

	if (session->is_open && bytes >= sizeof(struct lb_trace))
		session->handle_record(record, session->argument);
	return 0;
}

static int open_pin(const struct store *store, const char *name)
{
	char path[PATH_BYTES];

	snprintf(path, sizeof(path), "%s/%s", store->path, name);
	return bpf_obj_get(path);
}

/* Locks the session, not the instance: other commands run while a trace is open. */
static int lock(struct trace_session *session, const struct store *store)
{
	char path[PATH_BYTES];
	int error;

	snprintf(path, sizeof(path), "%s/links", store->path);
	session->lock = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (session->lock < 0)
		return -errno;
	error = store_lock(session->lock, STORE_WRITE, 0);
	return error == STORE_LOCKED ? TRACE_SESSION_BUSY : error;
}

/* Maps a pinned map to write, even if the store is open to read. */
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

static int open_ring(struct trace_session *session, const struct store *store)
{
	_close_ int fd = open_pin(store, "traces");

	if (fd < 0)
		return fd;
	session->ring = ring_buffer__new(fd, receive_record, session, NULL);
	if (!session->ring)
		return -errno;
	ring_buffer__consume(session->ring); /* drop records of a session that was killed */
	session->is_open = true;
	return 0;
}

static int open_maps(struct trace_session *session, const struct store *store)
{
	int error =
		map_pin(store, "control", sizeof(*session->control), (void **)&session->control);

	if (!error)
		error = map_pin(store, "trace_filter", sizeof(*session->bpf_filter),
				(void **)&session->bpf_filter);
	if (error)
		return error;
	__atomic_store_n(&session->control->tracing, 0, __ATOMIC_SEQ_CST);
	*session->bpf_filter = (struct lb_trace_filter){0};
	return open_ring(session, store);
}

int trace_session_open(struct trace_session *session, struct store *store)
{
	int error;

	session->control = NULL;
	session->bpf_filter = NULL;
	session->ring = NULL;
	session->is_open = false;
	error = lock(session, store);
	if (!error)
		error = open_maps(session, store);
	if (error) {
		trace_session_close(session);
		return error == -ENOENT ? TRACE_SESSION_UNSUPPORTED : error;
	}
	trace_session_renew(session, store);
	flock(store->lock, LOCK_UN);
	return 0;
}

void trace_session_renew(struct trace_session *session, struct store *store)
{
	store_refresh(store);
	trace_filter_write(&session->filter, store, session->bpf_filter);
	__atomic_store_n(&session->bpf_filter->until, flow_clock_now(store) + LEASE_TICKS,
			 __ATOMIC_SEQ_CST);
	__atomic_store_n(&session->control->tracing, 1, __ATOMIC_SEQ_CST);
}

int trace_session_wait(struct trace_session *session, int timeout_ms)
{
	int got = ring_buffer__poll(session->ring, timeout_ms);

	return got < 0 && got != -EINTR ? got : 0;
}

__u64 trace_session_lost(const struct trace_session *session)
{
	return __atomic_load_n(&session->bpf_filter->lost, __ATOMIC_RELAXED);
}

void trace_session_close(struct trace_session *session)
{
	if (session->is_open)
		__atomic_store_n(&session->control->tracing, 0, __ATOMIC_SEQ_CST);
	ring_buffer__free(session->ring);
	if (session->control)
		munmap(session->control, sizeof(*session->control));
	if (session->bpf_filter)
		munmap(session->bpf_filter, sizeof(*session->bpf_filter));
	if (session->lock >= 0)
		close(session->lock);
	session->lock = -1;
}
