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
#include "model/endpoint_table.h"
#include "store/publish.h"

#define LOCK_RETRY_NS 2000000

void store_path(const char *instance, char path[STORE_PATH_BYTES])
{
	snprintf(path, STORE_PATH_BYTES, STORE_ROOT "/%s", instance);
}

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

/* Opens a pinned map and holds it against what it should be. */
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

static int map_array(struct store *store, const char *name, size_t value_size, __u32 entries,
		     void **memory)
{
	int protection = PROT_READ | (store->writable ? PROT_WRITE : 0);
	size_t bytes = value_size * entries;
	_close_ int fd = open_map(store, name, value_size, entries);
	size_t slot = 0;

	if (fd < 0)
		return fd;
	*memory = mmap(NULL, bytes, protection, MAP_SHARED, fd, 0);
	if (*memory == MAP_FAILED)
		return -errno;
	while (store->mapped[slot])
		slot++;
	store->mapped[slot] = *memory;
	store->mapped_bytes[slot] = bytes;
	return 0;
}

__u32 store_endpoint_entries_total(const struct lb_control *control)
{
	return 2 * store_endpoint_entries(control);
}

static int map_control(struct store *store)
{
	int error =
		map_array(store, "control", sizeof(struct lb_control), 1, (void **)&store->control);

	if (error)
		return error;
	return store->control->abi == LB_ABI_VERSION ? 0 : STORE_OTHER_ABI;
}

static int map_arrays(struct store *store)
{
	const struct lb_control *control = store->control;
	int cpus = libbpf_num_possible_cpus();
	const struct {
		const char *name;
		size_t value_size;
		__u32 entries;
		void **memory;
	} arrays[] = {
		{"services", control->max_services * sizeof(struct lb_service), 1,
		 (void **)&store->services},
		{"slots", sizeof(struct lb_slots), 2 * control->max_services,
		 (void **)&store->slots},
		{"endpoints",
		 store_endpoint_entries_total(control) * sizeof(struct lb_endpoint_entry), 1,
		 (void **)&store->endpoints},
		{"backends", control->max_backends * sizeof(struct lb_backend), 1,
		 (void **)&store->backends},
		{"loads", control->max_backends * sizeof(struct lb_load), 1,
		 (void **)&store->loads},
		{"responses", control->max_backends * sizeof(struct lb_latency), 1,
		 (void **)&store->responses},
		{"timings", sizeof(struct lb_timing), LB_TIMINGS, (void **)&store->timings},
		{"flows", control->flow_buckets * sizeof(struct lb_bucket), 1,
		 (void **)&store->flows},
		{"fingerprints", control->flow_buckets * sizeof(struct lb_fingerprints), 1,
		 (void **)&store->fingerprints},
		{"snat_ports", control->max_sources * LB_SNAT_PORTS * sizeof(struct lb_snat_entry),
		 1, (void **)&store->snat_ports},
		{"clients", control->client_buckets * sizeof(struct lb_client_bucket), 1,
		 (void **)&store->clients},
		{"service_config", sizeof(struct lb_service_config), 2 * control->max_services,
		 (void **)&store->service_config},
		{"backend_config", sizeof(struct lb_backend_config), 2 * control->max_backends,
		 (void **)&store->backend_config},
		{"health", sizeof(struct lb_health_record), control->max_backends,
		 (void **)&store->health_records},
		{"feedback", sizeof(struct lb_feedback_record), control->max_backends,
		 (void **)&store->feedback_records},
		{"events", sizeof(struct lb_event), LB_EVENTS, (void **)&store->events},
		{"cpus", store_cpu_bytes(control->max_backends), cpus, (void **)&store->cpus},
	};
	int error = cpus < 0 ? cpus : 0;

	_Static_assert(sizeof(arrays) / sizeof(arrays[0]) + 1 == STORE_ARRAYS, "and control");
	for (size_t i = 0; !error && i < sizeof(arrays) / sizeof(arrays[0]); i++)
		error = map_array(store, arrays[i].name, arrays[i].value_size, arrays[i].entries,
				  arrays[i].memory);
	return error;
}

/* Points at a snapshot of the configuration, by its generation's low bit. */
static void use_snapshot(struct store *store, __u64 generation)
{
	store->service = store->service_config + (generation & 1) * store->control->max_services;
	store->backend = store->backend_config + (generation & 1) * store->control->max_backends;
}

void store_refresh(struct store *store)
{
	use_snapshot(store, __atomic_load_n(&store->control->generation, __ATOMIC_ACQUIRE));
}

/* Locks the pin directory, if it is still the one that the path leads to. */
static int lock_directory(struct store *store, __u64 timeout_ms)
{
	struct stat opened, present;
	int error;

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
	return lock_directory(store, timeout_ms);
}

static int open_devices(struct store *store)
{
	store->devices_fd = open_map(store, "devices", sizeof(__u32), 0);
	return store->devices_fd < 0 ? store->devices_fd : 0;
}

static int open_pins(struct store *store)
{
	int error = map_control(store);

	if (!error)
		error = map_arrays(store);
	if (!error)
		error = open_devices(store);
	return error == -ENOENT || error == -EINVAL ? STORE_DAMAGED : error;
}

static int open_once(struct store *store, const char *instance, enum store_access access,
		     __u64 timeout_ms)
{
	int error;

	*store = (struct store){
		.lock = -1,
		.writable = access == STORE_WRITE,
		.devices_fd = -1,
	};
	store_path(instance, store->path);
	error = open_locked(store, timeout_ms);
	if (!error)
		error = open_pins(store);
	if (error)
		store_close(store);
	return error;
}

static bool is_published(const struct store *store)
{
	return store->control->published == store->control->generation;
}

/* A writer's copy of the configuration: the other snapshot, made equal. */
static int make_working_copy(struct store *store)
{
	const struct lb_control *control = store->control;
	const struct lb_service_config *services = store->service;
	const struct lb_backend_config *backends = store->backend;

	use_snapshot(store, control->generation + 1);
	memcpy(store->service, services, control->max_services * sizeof(*services));
	memcpy(store->backend, backends, control->max_backends * sizeof(*backends));
	store->next_backend = 1;
	return endpoint_index_build(store);
}

/* Publishes what a writer committed and did not live to. */
static int publish_pending(struct store *store)
{
	struct publication next;
	int error = publish_prepare(&next, store, true);

	if (!error)
		error = publish_activate(&next);
	publish_release(&next);
	return error;
}

/* Lets a writer complete what another has left. */
static int recover(const char *instance, __u64 timeout_ms)
{
	struct store writer;
	int error = store_open(&writer, instance, STORE_WRITE, timeout_ms);

	if (!error)
		store_close(&writer);
	return error;
}

/* What a writer finds: what it can rely on, and a copy to change. */
static int begin_transaction(struct store *store)
{
	int error = 0;

	use_snapshot(store, store->control->generation);
	if (!is_published(store))
		error = publish_pending(store);
	if (!error)
		error = make_working_copy(store);
	if (error)
		store_close(store);
	return error;
}

int store_open(struct store *store, const char *instance, enum store_access access,
	       __u64 timeout_ms)
{
	int error = open_once(store, instance, access, timeout_ms);

	if (!error && access == STORE_READ && !is_published(store)) {
		store_close(store);
		error = recover(instance, timeout_ms);
		if (!error)
			error = open_once(store, instance, access, timeout_ms);
	}
	if (error)
		return error;
	if (access == STORE_WRITE)
		return begin_transaction(store);
	store_refresh(store);
	return 0;
}

void store_pause(struct store *store)
{
	flock(store->lock, LOCK_UN);
}

int store_resume(struct store *store, __u64 timeout_ms)
{
	int error = lock_directory(store, timeout_ms);

	if (!error)
		return begin_transaction(store);
	if (error != STORE_LOCKED)
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
	endpoint_index_release(&store->endpoint_index);
	*store = (struct store){.lock = -1, .devices_fd = -1};
}

/* Each is given once while a copy is worked on: what is removed from it is still in use. */
__u32 store_backend_add(struct store *store, const struct lb_backend_config *backend)
{
	__u32 count = store->control->max_backends, id = store->next_backend;

	while (id < count &&
	       (store->backend_config[id].service || store->backend_config[count + id].service))
		id++;
	store->next_backend = id + 1;
	if (id >= count)
		return 0;
	store_backend_reset(store, id);
	store->backend[id] = *backend;
	endpoint_index_add(store, id);
	return id;
}

void store_backend_remove(struct store *store, __u32 backend)
{
	struct lb_service_config *service = &store->service[store->backend[backend].service];
	struct lb_traffic sum = store_traffic(store, backend);

	service->past_packets += sum.packets;
	service->past_bytes += sum.bytes;
	service->past_new_flows += sum.new_flows;
	service->past_reply_packets += sum.reply_packets;
	service->past_reply_bytes += sum.reply_bytes;
	store->backend[backend] = (struct lb_backend_config){0};
}
