// SPDX-License-Identifier: GPL-2.0-only
/* The store's counters: kept by the datapath for each CPU, summed up here. */
#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <errno.h>
#include <string.h>

#include "scope.h"
#include "store.h"

/* Adds up one per-CPU record that is nothing but 64-bit counters. */
static int sum_counters(int fd, __u32 key, __u64 *sums, size_t count)
{
	int cpus = libbpf_num_possible_cpus();
	_free_ __u64 *values = NULL;

	if (cpus < 0)
		return cpus;
	values = calloc((size_t)cpus * count, sizeof(*values));
	if (!values)
		return -ENOMEM;
	if (bpf_map_lookup_elem(fd, &key, values))
		return -errno;
	memset(sums, 0, count * sizeof(*sums));
	for (size_t i = 0; i < (size_t)cpus * count; i++)
		sums[i % count] += values[i];
	return 0;
}

int store_traffic(const struct store *store, __u32 backend, struct lb_traffic *sum)
{
	return sum_counters(store->traffic_fd, backend, (__u64 *)sum, sizeof(*sum) / sizeof(__u64));
}

int store_traffic_all(const struct store *store, struct lb_traffic *sums)
{
	LIBBPF_OPTS(bpf_map_batch_opts, options);
	const size_t words = sizeof(*sums) / sizeof(__u64);
	__u32 count = store->control->max_backends, position;
	int cpus = libbpf_num_possible_cpus();
	_free_ __u64 *values = NULL;
	_free_ __u32 *keys = NULL;

	if (cpus < 0)
		return cpus;
	keys = calloc(count, sizeof(*keys));
	values = calloc((size_t)count * cpus, sizeof(*sums));
	if (!keys || !values)
		return -ENOMEM;
	if (bpf_map_lookup_batch(store->traffic_fd, NULL, &position, keys, values, &count,
				 &options) &&
	    errno != ENOENT)
		return -errno;
	memset(sums, 0, store->control->max_backends * sizeof(*sums));
	for (size_t i = 0; i < (size_t)count * cpus * words; i++)
		((__u64 *)&sums[keys[i / words / cpus]])[i % words] += values[i];
	return 0;
}

int store_outcomes(const struct store *store, struct lb_outcomes *sum)
{
	return sum_counters(store->outcomes_fd, 0, sum->count, LB_OUTCOME_COUNT);
}

int store_traffic_reset(const struct store *store, __u32 backend)
{
	int cpus = libbpf_num_possible_cpus();
	_free_ struct lb_traffic *zero = NULL;

	if (cpus < 0)
		return cpus;
	zero = calloc(cpus, sizeof(*zero));
	if (!zero)
		return -ENOMEM;
	return bpf_map_update_elem(store->traffic_fd, &backend, zero, BPF_ANY) ? -errno : 0;
}

int store_device_add(const struct store *store, __u32 ifindex)
{
	return bpf_map_update_elem(store->devices_fd, &ifindex, &ifindex, BPF_ANY) ? -errno : 0;
}

int store_device_del(const struct store *store, __u32 ifindex)
{
	return bpf_map_delete_elem(store->devices_fd, &ifindex) ? -errno : 0;
}

bool store_device_has(const struct store *store, __u32 ifindex)
{
	__u32 value;

	return !bpf_map_lookup_elem(store->devices_fd, &ifindex, &value);
}
