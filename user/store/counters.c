// SPDX-License-Identifier: GPL-2.0-only
#include "store/counters.h"

#include <bpf/bpf.h>
#include <errno.h>
#include <stdio.h>

#include "base/cleanup.h"
#include "store/store.h"

static struct lb_cpu *cpu_record(const struct store *store, __u32 cpu)
{
	return (void *)store->tables.cpus + cpu * store_cpu_bytes(store->control->max_backends);
}

/* A CPU may be counting at the same time. */
static __u64 read_once(const __u64 *counter)
{
	return __atomic_load_n(counter, __ATOMIC_RELAXED);
}

struct lb_traffic store_traffic(const struct store *store, __u32 backend)
{
	struct lb_traffic sum = {0};

	for (__u32 cpu = 0; cpu < store->cpu_count; cpu++) {
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

	for (__u32 cpu = 0; cpu < store->cpu_count; cpu++)
		for (int i = 0; i < LB_OUTCOME_COUNT; i++)
			sum.count[i] += read_once(&cpu_record(store, cpu)->outcomes.count[i]);
	return sum;
}

void store_traffic_reset(const struct store *store, __u32 backend)
{
	for (__u32 cpu = 0; cpu < store->cpu_count; cpu++)
		cpu_record(store, cpu)->traffic[backend] = (struct lb_traffic){0};
}

void store_pressure_reset(const struct store *store)
{
	for (__u32 cpu = 0; cpu < store->cpu_count; cpu++)
		__atomic_store_n(&cpu_record(store, cpu)->pressure.skip, 0, __ATOMIC_RELAXED);
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
