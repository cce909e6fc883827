// SPDX-License-Identifier: GPL-2.0-only
#include "store/store.h"

#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <time.h>

#include "base/cleanup.h"
#include "base/clock.h"

#define LOCK_RETRY_NS 2000000

void store_path(const char *instance, char path[STORE_PATH_BYTES])
{
	snprintf(path, STORE_PATH_BYTES, STORE_ROOT "/%s", instance);
}

/* --- the lock ----------------------------------------------------------------- */

int store_lock(int directory, enum store_access access, __u64 timeout_ms)
{
	const struct timespec pause = {.tv_nsec = LOCK_RETRY_NS};
	__u64 deadline = clock_monotonic_ms() + timeout_ms;

	while (flock(directory, (access == STORE_WRITE ? LOCK_EX : LOCK_SH) | LOCK_NB)) {
		if (errno != EWOULDBLOCK && errno != EINTR)
			return -errno;
		if (clock_monotonic_ms() >= deadline)
			return STORE_LOCKED;
		nanosleep(&pause, NULL);
	}
	return 0;
}

/* While this process waited for the lock, the directory may have been removed or replaced. */
int store_relock(struct store *store, __u64 timeout_ms)
{
	struct stat opened, present;
	int error;

	if (store->lock < 0)
		return 0; /* private memory */
	error = store_lock(store->lock, store->writable ? STORE_WRITE : STORE_READ, timeout_ms);
	if (error)
		return error;
	if (fstat(store->lock, &opened))
		return -errno;
	if (stat(store->path, &present))
		return errno == ENOENT ? STORE_ABSENT : -errno;
	return opened.st_ino == present.st_ino ? 0 : STORE_ABSENT;
}

static int open_locked(struct store *store, __u64 timeout_ms)
{
	store->lock = open(store->path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (store->lock < 0)
		return errno == ENOENT ? STORE_ABSENT : -errno;
	return store_relock(store, timeout_ms);
}

/* --- the maps ------------------------------------------------------------------- */

/* A pinned map and the pointer of the store that leads to its memory. */
struct array {
	const char *name; /* of the pin */
	size_t value_size;
	__u32 entries;
	void **memory;
};

/* Lists all arrays except control, which has their sizes. */
static void list_arrays(struct store *store, struct array arrays[STORE_ARRAYS - 1])
{
	const struct lb_control *control = store->control;
	struct snapshot *snapshot = &store->snapshots[0];
	struct tables *tables = &store->tables;
	__u32 services = control->max_services, backends = control->max_backends;
	__u32 snat_ports = control->max_sources * LB_SNAT_PORTS;
	const struct array all[] = {
		{"services", services * sizeof(*tables->services), 1, (void **)&tables->services},
		{"slots", sizeof(*tables->slots), 2 * services, (void **)&tables->slots},
		{"endpoints", store_endpoint_entries_total(control) * sizeof(*tables->endpoints), 1,
		 (void **)&tables->endpoints},
		{"backends", backends * sizeof(*tables->backends), 1, (void **)&tables->backends},
		{"loads", backends * sizeof(*tables->loads), 1, (void **)&tables->loads},
		{"responses", backends * sizeof(*tables->responses), 1,
		 (void **)&tables->responses},
		{"timings", sizeof(*tables->timings), LB_TIMINGS, (void **)&tables->timings},
		{"flows", control->flow_buckets * sizeof(*tables->flows), 1,
		 (void **)&tables->flows},
		{"fingerprints", control->flow_buckets * sizeof(*tables->fingerprints), 1,
		 (void **)&tables->fingerprints},
		{"snat_ports", snat_ports * sizeof(*tables->snat_ports), 1,
		 (void **)&tables->snat_ports},
		{"clients", control->client_buckets * sizeof(*tables->clients), 1,
		 (void **)&tables->clients},
		{"cpus", store_cpu_bytes(backends), store->cpu_count, (void **)&tables->cpus},
		{"service_config", sizeof(*snapshot->service), 2 * services,
		 (void **)&snapshot->service},
		{"backend_config", sizeof(*snapshot->backend), 2 * backends,
		 (void **)&snapshot->backend},
		{"health", sizeof(*store->health_records), backends,
		 (void **)&store->health_records},
		{"feedback", sizeof(*store->feedback_records), backends,
		 (void **)&store->feedback_records},
		{"events", sizeof(*store->events), LB_EVENTS, (void **)&store->events},
	};

	_Static_assert(sizeof(all) == (STORE_ARRAYS - 1) * sizeof(*all), "all are listed");
	memcpy(arrays, all, sizeof(all));
}

/* Opens a pinned map. -EINVAL: it has another size than this instance's limits demand. */
static int open_map(const struct store *store, const char *name, size_t value_size, __u32 entries)
{
	char path[STORE_PATH_BYTES + 32];
	struct bpf_map_info info = {0};
	__u32 size = sizeof(info);
	int fd, error;

	snprintf(path, sizeof(path), "%s/%s", store->path, name);
	fd = bpf_obj_get(path);
	if (fd < 0)
		return fd;
	error = bpf_obj_get_info_by_fd(fd, &info, &size) ? -errno : 0;
	if (!error && (info.value_size != value_size || (entries && info.max_entries != entries)))
		error = -EINVAL;
	if (!error)
		return fd;
	close(fd);
	return error;
}

/* Maps `fd`, or private memory if it is -1. */
static int add_mapping(struct store *store, int fd, size_t bytes, int protection, void **memory)
{
	int flags = fd < 0 ? MAP_PRIVATE | MAP_ANONYMOUS : MAP_SHARED;
	void *mapped = mmap(NULL, bytes, protection, flags, fd, 0);
	size_t slot = 0;

	*memory = mapped == MAP_FAILED ? NULL : mapped;
	if (!*memory)
		return -errno;
	while (store->mapped[slot])
		slot++;
	store->mapped[slot] = mapped;
	store->mapped_bytes[slot] = bytes;
	return 0;
}

int store_add_mapping(struct store *store, int fd, size_t bytes, void **memory)
{
	return add_mapping(store, fd, bytes, PROT_READ | PROT_WRITE, memory);
}

static int map_array(struct store *store, const struct array *array)
{
	int protection = PROT_READ | (store->writable ? PROT_WRITE : 0);
	_close_ int fd = open_map(store, array->name, array->value_size, array->entries);

	return fd < 0 ? fd
		      : add_mapping(store, fd, array->value_size * array->entries, protection,
				    array->memory);
}

static void set_second_snapshot(struct store *store)
{
	store->snapshots[1] = (struct snapshot){
		store->snapshots[0].service + store->control->max_services,
		store->snapshots[0].backend + store->control->max_backends,
	};
}

static int map_arrays(struct store *store)
{
	const struct array control = {"control", sizeof(*store->control), 1,
				      (void **)&store->control};
	struct array arrays[STORE_ARRAYS - 1];
	int error = map_array(store, &control);

	if (error)
		return error;
	if (store->control->abi != LB_ABI_VERSION)
		return STORE_OTHER_ABI;
	list_arrays(store, arrays);
	for (size_t i = 0; !error && i < STORE_ARRAYS - 1; i++)
		error = map_array(store, &arrays[i]);
	if (!error)
		set_second_snapshot(store);
	return error;
}

static int create_index(struct store *store)
{
	return backend_index_create(&store->index, store->control->max_services,
				    store->control->max_backends);
}

static int count_cpus(struct store *store)
{
	int count = libbpf_num_possible_cpus();

	store->cpu_count = count < 0 ? 0 : count;
	return count < 0 ? count : 0;
}

static int open_pins(struct store *store)
{
	int error = map_arrays(store);

	if (!error) {
		store->devices_fd = open_map(store, "devices", sizeof(__u32), 0);
		error = store->devices_fd < 0 ? store->devices_fd : 0;
	}
	if (!error)
		error = create_index(store);
	return error == -ENOENT || error == -EINVAL ? STORE_DAMAGED : error;
}

/* --- open and close --------------------------------------------------------------- */

int store_map(struct store *store, const char *instance, enum store_access access, __u64 timeout_ms)
{
	int error;

	*store = (struct store){
		.lock = -1,
		.writable = access == STORE_WRITE,
		.devices_fd = -1,
	};
	store_path(instance, store->path);
	error = count_cpus(store);
	if (!error)
		error = open_locked(store, timeout_ms);
	if (!error)
		error = open_pins(store);
	if (error)
		store_close(store);
	return error;
}

/* An array without entries has no memory. */
static int map_scratch_array(struct store *store, const struct array *array)
{
	size_t bytes = array->value_size * array->entries;

	return bytes ? store_add_mapping(store, -1, bytes, array->memory) : 0;
}

static int map_scratch_arrays(struct store *store, const struct lb_control *limits)
{
	struct array arrays[STORE_ARRAYS - 1];
	int error = store_add_mapping(store, -1, sizeof(*limits), (void **)&store->control);

	if (error)
		return error;
	*store->control = *limits;
	list_arrays(store, arrays);
	for (size_t i = 0; !error && i < STORE_ARRAYS - 1; i++)
		error = map_scratch_array(store, &arrays[i]);
	if (!error)
		set_second_snapshot(store);
	return error;
}

int store_map_scratch(struct store *store, const struct lb_control *limits)
{
	int error;

	*store = (struct store){.lock = -1, .writable = true, .devices_fd = -1};
	error = count_cpus(store);
	if (!error)
		error = map_scratch_arrays(store, limits);
	if (!error)
		error = create_index(store);
	if (error)
		store_close(store);
	return error;
}

void store_close(struct store *store)
{
	const int fds[] = {store->lock, store->devices_fd};

	for (size_t i = 0; i < STORE_ARRAYS; i++)
		if (store->mapped[i])
			munmap(store->mapped[i], store->mapped_bytes[i]);
	for (size_t i = 0; i < sizeof(fds) / sizeof(fds[0]); i++)
		if (fds[i] >= 0)
			close(fds[i]);
	backend_index_release(&store->index);
	*store = (struct store){.lock = -1, .devices_fd = -1};
}

void store_refresh(struct store *store)
{
	__u64 generation = __atomic_load_n(&store->control->generation, __ATOMIC_ACQUIRE);

	store->config = store->snapshots[generation & 1];
	backend_index_clear(&store->index);
	for (__u32 id = 1; id < store->control->max_backends; id++)
		if (store->config.backend[id].service)
			backend_index_add(&store->index, id, &store->config.backend[id]);
}
