// SPDX-License-Identifier: GPL-2.0-only
#include "datapath/program.h"

#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <errno.h>

#include "base/cleanup.h"
#include "datapath/libbpf_log.h"
#include "lb/abi.h"
#include "model/endpoint_table.h"
#include "store/store.h"

#include "balancer.skel.h"

/* Verifier log: the reason of a refusal, and statistics. These kernel bits are in no UAPI header. */
#define VERIFIER_LOG (1 | 4)

/* Returns 0 or a negative errno. */
static int size_maps(struct balancer *balancer, const struct lb_control *control)
{
	int cpus = libbpf_num_possible_cpus();
	const struct {
		struct bpf_map *map;
		__u32 entries;
	} sizes[] = {
		{balancer->maps.slots, 2 * control->max_services},
		{balancer->maps.cpus, cpus},
		{balancer->maps.service_config, 2 * control->max_services},
		{balancer->maps.backend_config, 2 * control->max_backends},
		{balancer->maps.health, control->max_backends},
		{balancer->maps.feedback, control->max_backends},
		{balancer->maps.events, LB_EVENTS},
	};
	const struct {
		struct bpf_map *map;
		size_t bytes;
	} tables[] = {
		{balancer->maps.endpoints,
		 store_endpoint_entries_total(control) * sizeof(struct lb_endpoint_entry)},
		{balancer->maps.services, control->max_services * sizeof(struct lb_service)},
		{balancer->maps.backends, control->max_backends * sizeof(struct lb_backend)},
		{balancer->maps.loads, control->max_backends * sizeof(struct lb_load)},
		{balancer->maps.responses, control->max_backends * sizeof(struct lb_latency)},
		{balancer->maps.flows, control->flow_buckets * sizeof(struct lb_bucket)},
		{balancer->maps.fingerprints,
		 control->flow_buckets * sizeof(struct lb_fingerprints)},
		{balancer->maps.snat_ports,
		 control->max_sources * LB_SNAT_PORTS * sizeof(struct lb_snat_entry)},
		{balancer->maps.clients, control->client_buckets * sizeof(struct lb_client_bucket)},
		{balancer->maps.cpus, store_cpu_bytes(control->max_backends)},
	};
	int error = cpus < 0 ? cpus : 0;

	for (size_t i = 0; !error && i < sizeof(sizes) / sizeof(sizes[0]); i++)
		error = bpf_map__set_max_entries(sizes[i].map, sizes[i].entries);
	for (size_t i = 0; !error && i < sizeof(tables) / sizeof(tables[0]); i++)
		error = bpf_map__set_value_size(tables[i].map, tables[i].bytes);
	return error;
}

/* What program_load() loads right now. libbpf passes only a number to patch_table_loads(). */
static const struct balancer *loading;

/* True if the instruction loads a table's map; the program needs the address of its value. */
static bool loads_table(const struct bpf_insn *instruction)
{
	const struct bpf_map *const tables[] = {
		loading->maps.endpoints, loading->maps.services,  loading->maps.backends,
		loading->maps.loads,	 loading->maps.flows,	  loading->maps.snat_ports,
		loading->maps.clients,	 loading->maps.responses, loading->maps.fingerprints};

	if (instruction->code != (BPF_LD | BPF_IMM | BPF_DW) ||
	    instruction->src_reg != BPF_PSEUDO_MAP_FD)
		return false;
	for (size_t i = 0; i < sizeof(tables) / sizeof(tables[0]); i++)
		if (instruction->imm == bpf_map__fd(tables[i]))
			return true;
	return false;
}

/* Makes the program address the tables' records directly; see bpf/core/maps.h. */
static int patch_table_loads(struct bpf_program *program, struct bpf_prog_load_opts *options,
			     long cookie)
{
	size_t count = bpf_program__insn_cnt(program);
	_free_ struct bpf_insn *code = calloc(count, sizeof(*code));

	(void)options, (void)cookie;
	if (!code)
		return -ENOMEM;
	memcpy(code, bpf_program__insns(program), count * sizeof(*code));
	for (size_t i = 0; i < count; i++)
		if (loads_table(&code[i]))
			code[i].src_reg = BPF_PSEUDO_MAP_VALUE;
	return bpf_program__set_insns(program, code, count);
}

int program_load(struct balancer *balancer)
{
	int error;

	loading = balancer;
	error = balancer__load(balancer);
	loading = NULL;
	if (!error)
		libbpf_log_clear();
	return error;
}

/* Has libbpf call patch_table_loads() for programs of these sections. 0 or a negative errno. */
static int register_handlers(void)
{
	LIBBPF_OPTS(libbpf_prog_handler_opts, handler, .prog_prepare_load_fn = patch_table_loads);
	static int section, sweep_section; /* ids of the registered handlers; 0 = none yet */

	if (section <= 0)
		section = libbpf_register_prog_handler("xdp.balancer", BPF_PROG_TYPE_XDP, BPF_XDP,
						       &handler);
	if (sweep_section <= 0)
		sweep_section = libbpf_register_prog_handler("syscall.sweep", BPF_PROG_TYPE_SYSCALL,
							     0, &handler);
	return section < 0 ? section : sweep_section < 0 ? sweep_section : 0;
}

static void set_constants(struct balancer *balancer, const struct lb_control *control)
{
	memcpy((void *)balancer->rodata->seed_words, control->seed.word,
	       sizeof(control->seed.word));
	balancer->rodata->flow_buckets = control->flow_buckets;
	balancer->rodata->client_buckets = control->client_buckets;
	balancer->rodata->max_services = control->max_services;
	balancer->rodata->max_backends = control->max_backends;
	balancer->rodata->endpoints_length = store_endpoint_entries_total(control);
	balancer->rodata->snat_port_count = control->max_sources * LB_SNAT_PORTS;
	balancer->rodata->tick_ns = control->tick_ns;
}

struct balancer *program_open(const struct lb_control *control)
{
	struct balancer *balancer;
	int error;

	libbpf_log_clear();
	balancer = register_handlers() ? NULL : balancer__open();
	if (!balancer)
		return NULL;
	bpf_program__set_flags(balancer->progs.balancer, BPF_F_XDP_HAS_FRAGS);
	if (libbpf_log_is_verbose())
		bpf_program__set_log_level(balancer->progs.balancer, VERIFIER_LOG);
	bpf_program__set_flags(balancer->progs.start_sweep, BPF_F_SLEEPABLE);
	set_constants(balancer, control);
	error = size_maps(balancer, control);
	if (!error)
		return balancer;
	balancer__destroy(balancer);
	errno = -error;
	return NULL;
}
