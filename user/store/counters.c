// SPDX-License-Identifier: GPL-2.0-only
/*
 * The store's counters, kept by the datapath for each CPU and summed up here, what
 * else a CPU keeps, the devices that packets may be sent out of, and the sweep.
 */
#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <errno.h>
#include <stdio.h>

#include "base/cleanup.h"
#include "store/store.h"

size_t store_cpu_count(void)
{
	return libbpf_num_possible_cpus();
}

size_t store_cpu_bytes(__u32 max_backends)
{
	return sizeof(struct lb_cpu) + max_backends * sizeof(struct lb_traffic);
}

static struct lb_cpu *cpu_record(const struct store *store, int cpu)
{
	return (void *)store->cpus + cpu * store_cpu_bytes(store->control->max_backends);
}

/* A CPU may be counting while we read. */
static __u64 read_once(const __u64 *counter)
{
	return __atomic_load_n(counter, __ATOMIC_RELAXED);
}

struct lb_traffic store_traffic(const struct store *store, __u32 backend)
{
	struct lb_traffic sum = {0};

	for (int cpu = 0; cpu < libbpf_num_possible_cpus(); cpu++) {
		const struct lb_traffic *part = &cpu_record(store, cpu)->traffic[backend];

		sum.packets += read_once(&part->packets);
		sum.bytes += read_once(&part->bytes);
		sum.new_flows += read_once(&part->new_flows);
		sum.reply_packets += read_once(&part->reply_packets);
		sum.reply_bytes += read_once(&part->reply_bytes);
	}
	return sum;
}

struct lb_outcomes store_outcomes(const struct store *store)
{
	struct lb_outcomes sum = {0};

	for (int cpu = 0; cpu < libbpf_num_possible_cpus(); cpu++)
		for (int i = 0; i < LB_OUTCOME_COUNT; i++)
			sum.count[i] += read_once(&cpu_record(store, cpu)->outcomes.count[i]);
	return sum;
}

void store_backend_reset(const struct store *store, __u32 backend)
{
	for (int cpu = 0; cpu < libbpf_num_possible_cpus(); cpu++)
		cpu_record(store, cpu)->traffic[backend] = (struct lb_traffic){0};
	store->health_records[backend] = (struct lb_health_record){0};
	store->feedback_records[backend] = (struct lb_feedback_record){0};
	store->responses[backend] = (struct lb_latency){0};
}

void store_pressure_reset(const struct store *store)
{
	for (int cpu = 0; cpu < libbpf_num_possible_cpus(); cpu++)
		__atomic_store_n(&cpu_record(store, cpu)->pressure.skip, 0, __ATOMIC_RELAXED);
}

int store_device_add(const struct store *store, __u32 ifindex)
{
	return bpf_map_update_elem(store->devices_fd, &ifindex, &ifindex, BPF_ANY) ? -errno : 0;
}

/* The place of an interface's receivers, or, by the index 0, a free one; NULL without. */
static struct lb_rx_queues *find_rx_queues(const struct store *store, __u32 ifindex)
{
	struct lb_rx_queues *rx_queues = store->control->rx_queues;

	for (size_t i = 0; i < LB_RX_DEVICES; i++)
		if (rx_queues[i].device == ifindex)
			return &rx_queues[i];
	return NULL;
}

__u32 store_rx_queues(const struct store *store, __u32 ifindex)
{
	const struct lb_rx_queues *rx_queues = find_rx_queues(store, ifindex);

	return ifindex && rx_queues ? rx_queues->queues : 0;
}

void store_rx_queues_set(const struct store *store, __u32 ifindex, __u32 queues)
{
	struct lb_rx_queues *rx_queues = find_rx_queues(store, ifindex);

	if (!rx_queues)
		rx_queues = find_rx_queues(store, 0);
	if (rx_queues)
		*rx_queues =
			queues ? (struct lb_rx_queues){ifindex, queues} : (struct lb_rx_queues){0};
}

int store_device_del(const struct store *store, __u32 ifindex)
{
	store_rx_queues_set(store, ifindex, 0);
	return bpf_map_delete_elem(store->devices_fd, &ifindex) ? -errno : 0;
}

bool store_has_device(const struct store *store, __u32 ifindex)
{
	__u32 value;

	return !bpf_map_lookup_elem(store->devices_fd, &ifindex, &value);
}

int store_sweep_start(const struct store *store)
{
	LIBBPF_OPTS(bpf_test_run_opts, run);
	char path[STORE_PATH_BYTES + 16];
	_close_ int program = -1;

	snprintf(path, sizeof(path), "%s/sweep", store->path);
	program = bpf_obj_get(path);
	if (program < 0)
		return program;
	if (bpf_prog_test_run_opts(program, &run))
		return -errno;
	return run.retval ? -EBUSY : 0;
}
