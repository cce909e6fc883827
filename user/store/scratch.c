// SPDX-License-Identifier: GPL-2.0-only
/*
 * A store that is nobody's: the tables of an instance that was just made, in our own memory, so
 * that it can be told what would become of them. It is never committed.
 */
#include <bpf/libbpf.h>
#include <errno.h>
#include <sys/mman.h>

#include "store/store.h"

static void *map_private(struct store *store, size_t slot, size_t bytes)
{
	void *memory =
		mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (memory == MAP_FAILED)
		return NULL;
	store->mapped[slot] = memory;
	store->mapped_bytes[slot] = bytes;
	return memory;
}

int store_open_scratch(struct store *store, const struct lb_control *limits)
{
	size_t services = limits->max_services, backends = limits->max_backends;
	size_t cpus = libbpf_num_possible_cpus();

	*store = (struct store){.lock = -1, .devices_fd = -1};
	store->control = map_private(store, 0, sizeof(*store->control));
	store->service_config =
		map_private(store, 1, 2 * services * sizeof(*store->service_config));
	store->backend_config =
		map_private(store, 2, 2 * backends * sizeof(*store->backend_config));
	store->health_records = map_private(store, 3, backends * sizeof(*store->health_records));
	store->feedback_records =
		map_private(store, 4, backends * sizeof(*store->feedback_records));
	store->responses = map_private(store, 5, backends * sizeof(*store->responses));
	store->cpus = map_private(store, 6, cpus * store_cpu_bytes(backends));
	for (size_t i = 0; i < 7; i++)
		if (!store->mapped[i]) {
			store_close(store);
			return -ENOMEM;
		}
	*store->control = *limits;
	store->service = store->service_config + services;
	store->backend = store->backend_config + backends;
	store->next_backend = 1;
	if (!endpoint_index_build(store))
		return 0;
	store_close(store);
	return -ENOMEM;
}
