// SPDX-License-Identifier: GPL-2.0-only
#include "diagnose/explain/shadow.h"

#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <errno.h>
#include <string.h>

#include "datapath/program.h"

#include "balancer.skel.h"

/*
 * Copies a CPU's next-hop cache and flow-table pressure, and leaves its counters at 0: outcomes
 * are cleared, and the assignment excludes `traffic`, a flexible array.
 */
static void copy_cpus(struct store *to, const struct store *from)
{
	size_t bytes = store_cpu_bytes(from->control->max_backends);

	to->cpu_count = from->cpu_count;
	for (__u32 i = 0; i < from->cpu_count; i++) {
		struct lb_cpu *cpu = (void *)to->tables.cpus + i * bytes;

		*cpu = *(const struct lb_cpu *)((const void *)from->tables.cpus + i * bytes);
		cpu->outcomes = (struct lb_outcomes){0};
	}
}

static int copy_tables(struct shadow *shadow, const struct store *from)
{
	const struct lb_control *control = from->control;
	struct store *to = &shadow->store;
	const struct {
		struct bpf_map *map;
		void **to;
		const void *from; /* NULL: copied in part, by copy_cpus() */
		size_t bytes;
	} tables[] = {
		{shadow->balancer->maps.services, (void **)&to->tables.services,
		 from->tables.services, control->max_services * sizeof(struct lb_service)},
		{shadow->balancer->maps.slots, (void **)&to->tables.slots, from->tables.slots,
		 2 * control->max_services * sizeof(struct lb_slots)},
		{shadow->balancer->maps.endpoints, (void **)&to->tables.endpoints,
		 from->tables.endpoints,
		 store_endpoint_entries_total(control) * sizeof(struct lb_endpoint_entry)},
		{shadow->balancer->maps.backends, (void **)&to->tables.backends,
		 from->tables.backends, control->max_backends * sizeof(struct lb_backend)},
		{shadow->balancer->maps.loads, (void **)&to->tables.loads, from->tables.loads,
		 control->max_backends * sizeof(struct lb_load)},
		{shadow->balancer->maps.flows, (void **)&to->tables.flows, from->tables.flows,
		 control->flow_buckets * sizeof(struct lb_bucket)},
		{shadow->balancer->maps.fingerprints, (void **)&to->tables.fingerprints,
		 from->tables.fingerprints, control->flow_buckets * sizeof(struct lb_fingerprints)},
		{shadow->balancer->maps.snat_ports, (void **)&to->tables.snat_ports,
		 from->tables.snat_ports,
		 control->max_sources * LB_SNAT_PORTS * sizeof(struct lb_snat_entry)},
		{shadow->balancer->maps.clients, (void **)&to->tables.clients, from->tables.clients,
		 control->client_buckets * sizeof(struct lb_client_bucket)},
		{shadow->balancer->maps.cpus, (void **)&to->tables.cpus, NULL,
		 from->cpu_count * store_cpu_bytes(control->max_backends)},
		{shadow->balancer->maps.data_control, (void **)&to->control, control,
		 sizeof(*control)},
	};

	for (size_t i = 0; i < sizeof(tables) / sizeof(tables[0]); i++) {
		int error = store_add_mapping(to, bpf_map__fd(tables[i].map), tables[i].bytes,
					      tables[i].to);

		if (error)
			return error;
		if (tables[i].from)
			memcpy(*tables[i].to, tables[i].from, tables[i].bytes);
	}
	copy_cpus(to, from);
	to->control->tracing = 0;
	return 0;
}

/* Skips devices of other network namespaces, which the kernel does not add here. */
static int copy_devices(struct shadow *shadow, const struct store *from)
{
	int to = bpf_map__fd(shadow->balancer->maps.devices);
	__u32 key = 0, next;

	for (void *last = NULL; !bpf_map_get_next_key(from->devices_fd, last, &next); last = &key) {
		key = next;
		if (bpf_map_update_elem(to, &key, &key, BPF_ANY) && errno != ENODEV &&
		    errno != EINVAL)
			return -errno;
	}
	return 0;
}

static int read_tag(int program, __u8 tag[BPF_TAG_SIZE])
{
	struct bpf_prog_info info = {0};
	__u32 size = sizeof(info);

	if (bpf_obj_get_info_by_fd(program, &info, &size))
		return -errno;
	memcpy(tag, info.tag, BPF_TAG_SIZE);
	return 0;
}

/* Compares the tags, hashes of the instructions; returns 0 or SHADOW_DIFFERS. */
static int compare_tags(int program, int attached)
{
	__u8 tag[BPF_TAG_SIZE], attached_tag[BPF_TAG_SIZE];
	int error = read_tag(program, tag);

	if (!error)
		error = read_tag(attached, attached_tag);
	if (error)
		return error;
	return memcmp(tag, attached_tag, BPF_TAG_SIZE) ? SHADOW_DIFFERS : 0;
}

int shadow_open(struct shadow *shadow, const struct store *store, int attached)
{
	int error;

	*shadow = (struct shadow){.store = {.lock = -1, .devices_fd = -1}};
	shadow->balancer = program_open(store->control);
	if (!shadow->balancer)
		return -errno;
	shadow->balancer->rodata->explaining = true;
	error = program_load(shadow->balancer);
	if (!error)
		error = compare_tags(bpf_program__fd(shadow->balancer->progs.balancer), attached);
	if (!error)
		error = copy_tables(shadow, store);
	if (!error)
		error = copy_devices(shadow, store);
	if (error)
		shadow_close(shadow);
	return error;
}

void shadow_close(struct shadow *shadow)
{
	store_close(&shadow->store);
	balancer__destroy(shadow->balancer);
	shadow->balancer = NULL;
}

int shadow_run(struct shadow *shadow, __u32 ifindex, const void *frame, size_t bytes,
	       struct shadow_result *result)
{
	struct xdp_md context = {.data_end = bytes, .ingress_ifindex = ifindex};
	LIBBPF_OPTS(bpf_test_run_opts, run, .data_in = frame, .data_size_in = bytes,
		    .data_out = result->frame, .data_size_out = sizeof(result->frame),
		    .ctx_in = &context, .ctx_size_in = sizeof(context));

	if (bpf_prog_test_run_opts(bpf_program__fd(shadow->balancer->progs.balancer), &run))
		return -errno;
	result->verdict = run.retval;
	result->bytes = run.data_size_out;
	result->notes = shadow->balancer->data_notes->notes;
	return 0;
}
