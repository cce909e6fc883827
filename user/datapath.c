// SPDX-License-Identifier: GPL-2.0-only
#include "datapath.h"

#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <time.h>

#include "directory.h"
#include "lb/abi.h"
#include "pin.h"
#include "program.h"
#include "scope.h"
#include "store.h"

#include "balancer.skel.h"

#define BPFFS	       "/sys/fs/bpf"
#define PIN_PATH_BYTES (STORE_PATH_BYTES + 32)

/* Has the verifier tell why it refuses, and its closing figures. The kernel's bits, in no UAPI header. */
#define VERIFIER_LOG (1 | 4)

static char words[1024];
static bool listen_aloud;

/* Keeps the last line of warning: it is the one that says why. */
static int hear(enum libbpf_print_level level, const char *format, va_list arguments)
{
	va_list again;

	if (listen_aloud) {
		va_copy(again, arguments);
		vfprintf(stderr, format, again);
		va_end(again);
	}
	if (level == LIBBPF_WARN) {
		vsnprintf(words, sizeof(words), format, arguments);
		words[strcspn(words, "\n")] = '\0';
	}
	return 0;
}

void datapath_listen(bool aloud)
{
	listen_aloud = aloud;
	libbpf_set_print(hear);
}

const char *datapath_words(void)
{
	return words;
}

int datapath_prepare(void)
{
	struct statfs fs;

	if (statfs(BPFFS, &fs))
		return DATAPATH_NO_BPFFS;
	if (fs.f_type != BPF_FS_MAGIC && mount("bpf", BPFFS, "bpf", 0, "mode=0700"))
		return errno == EPERM ? -EPERM : DATAPATH_NO_BPFFS;
	if (mkdir(STORE_ROOT, 0700) && errno != EEXIST)
		return -errno;
	return 0;
}

bool datapath_exists(const char *instance)
{
	char path[STORE_PATH_BYTES];

	store_path(instance, path);
	return !access(path, F_OK);
}

static __u32 buckets_for(__u32 places, __u32 each)
{
	return (places + each - 1) / each;
}

static int size_maps(struct balancer *balancer, const struct lb_control *control)
{
	const struct {
		struct bpf_map *map;
		__u32 entries;
	} sizes[] = {
		{balancer->maps.slots, 2 * control->max_services},
		{balancer->maps.cpus, libbpf_num_possible_cpus()},
		{balancer->maps.service_config, 2 * control->max_services},
		{balancer->maps.backend_config, 2 * control->max_backends},
		{balancer->maps.vitals, control->max_backends},
		{balancer->maps.factors, control->max_backends},
		{balancer->maps.events, LB_EVENTS},
	};
	const struct {
		struct bpf_map *map;
		size_t bytes;
	} tables[] = {
		{balancer->maps.directory,
		 store_directory_length(control) * sizeof(struct lb_directory_entry)},
		{balancer->maps.services, control->max_services * sizeof(struct lb_service)},
		{balancer->maps.backends, control->max_backends * sizeof(struct lb_backend)},
		{balancer->maps.loads, control->max_backends * sizeof(struct lb_load)},
		{balancer->maps.responses, control->max_backends * sizeof(struct lb_latency)},
		{balancer->maps.flows, control->flow_buckets * sizeof(struct lb_bucket)},
		{balancer->maps.ports, control->max_sources * LB_PORTS * sizeof(struct lb_port)},
		{balancer->maps.clients, control->client_buckets * sizeof(struct lb_client_bucket)},
		{balancer->maps.cpus, store_cpu_bytes(control->max_backends)},
	};
	int error = 0;

	for (size_t i = 0; !error && i < sizeof(sizes) / sizeof(sizes[0]); i++)
		error = bpf_map__set_max_entries(sizes[i].map, sizes[i].entries);
	for (size_t i = 0; !error && i < sizeof(tables) / sizeof(tables[0]); i++)
		error = bpf_map__set_value_size(tables[i].map, tables[i].bytes);
	return error;
}

/* The program and its maps that are being loaded, for address_tables(). */
static const struct balancer *loading;

/* Does the instruction load the map as such, where the program wants its value? */
static bool is_table(const struct bpf_insn *instruction)
{
	const struct bpf_map *const tables[] = {loading->maps.directory, loading->maps.services,
						loading->maps.backends,	 loading->maps.loads,
						loading->maps.flows,	 loading->maps.ports,
						loading->maps.clients,	 loading->maps.responses};

	if (instruction->code != (BPF_LD | BPF_IMM | BPF_DW) ||
	    instruction->src_reg != BPF_PSEUDO_MAP_FD)
		return false;
	for (size_t i = 0; i < sizeof(tables) / sizeof(tables[0]); i++)
		if (instruction->imm == bpf_map__fd(tables[i]))
			return true;
	return false;
}

/* Lets the program find a table's records by address: see bpf/map.h. */
static int address_tables(struct bpf_program *program, struct bpf_prog_load_opts *options,
			  long cookie)
{
	size_t count = bpf_program__insn_cnt(program);
	_free_ struct bpf_insn *code = calloc(count, sizeof(*code));

	(void)options, (void)cookie;
	if (!code)
		return -ENOMEM;
	memcpy(code, bpf_program__insns(program), count * sizeof(*code));
	for (size_t i = 0; i < count; i++)
		if (is_table(&code[i]))
			code[i].src_reg = BPF_PSEUDO_MAP_VALUE;
	return bpf_program__set_insns(program, code, count);
}

int program_load(struct balancer *balancer)
{
	int error;

	loading = balancer;
	error = balancer__load(balancer);
	loading = NULL;
	return error;
}

struct balancer *program_open(const struct lb_control *control)
{
	LIBBPF_OPTS(libbpf_prog_handler_opts, handler, .prog_prepare_load_fn = address_tables);
	static int section, sweep_section; /* libbpf's numbers for them */
	struct balancer *balancer;

	if (section <= 0)
		section = libbpf_register_prog_handler("xdp.balancer", BPF_PROG_TYPE_XDP, BPF_XDP,
						       &handler);
	if (sweep_section <= 0)
		sweep_section = libbpf_register_prog_handler("syscall.sweep", BPF_PROG_TYPE_SYSCALL,
							     0, &handler);
	balancer = section < 0 || sweep_section < 0 ? NULL : balancer__open();
	if (!balancer)
		return NULL;
	bpf_program__set_flags(balancer->progs.balancer, BPF_F_XDP_HAS_FRAGS);
	if (listen_aloud)
		bpf_program__set_log_level(balancer->progs.balancer, VERIFIER_LOG);
	bpf_program__set_flags(balancer->progs.start_sweep, BPF_F_SLEEPABLE);
	memcpy((void *)balancer->rodata->seed_words, control->seed.word,
	       sizeof(control->seed.word));
	balancer->rodata->flow_buckets = control->flow_buckets;
	balancer->rodata->client_buckets = control->client_buckets;
	balancer->rodata->max_services = control->max_services;
	balancer->rodata->max_backends = control->max_backends;
	balancer->rodata->directory_length = store_directory_length(control);
	balancer->rodata->port_count = control->max_sources * LB_PORTS;
	balancer->rodata->tick_ns = control->tick_ns;
	if (!size_maps(balancer, control))
		return balancer;
	balancer__destroy(balancer);
	return NULL;
}

/* The path of a map's pin; false for the program's own constants, which have none. */
static bool pin_path(const struct balancer *balancer, const struct bpf_map *map,
		     const char *directory, char path[PIN_PATH_BYTES])
{
	const char *name = bpf_map__name(map);

	if (map == balancer->maps.data_control)
		name = "control";
	else if (bpf_map__is_internal(map))
		return false;
	snprintf(path, PIN_PATH_BYTES, "%s/%s", directory, name);
	return true;
}

/* All maps that have no pin yet. */
static int pin_maps(struct balancer *balancer, const char *directory)
{
	char path[PIN_PATH_BYTES];
	struct bpf_map *map;
	int error = 0;

	bpf_object__for_each_map(map, balancer->obj)
	{
		if (pin_path(balancer, map, directory, path) && access(path, F_OK))
			error = bpf_map__pin(map, path);
		if (error)
			return error;
	}
	return 0;
}

/* All maps, and the program that starts the sweep. */
static int pin_all(struct balancer *balancer, const char *directory)
{
	char path[PIN_PATH_BYTES];
	int error = pin_maps(balancer, directory);

	if (error)
		return error;
	snprintf(path, sizeof(path), "%s/sweep", directory);
	return bpf_program__pin(balancer->progs.start_sweep, path);
}

/* Asks the program how far the flows' clock is from ours: timer interrupts keep it there. */
static int read_clock(struct balancer *balancer, struct lb_control *control)
{
	struct {
		__u64 flows_ns;
		__u64 monotonic_ns;
	} clock;
	LIBBPF_OPTS(bpf_test_run_opts, run, .ctx_in = &clock, .ctx_size_in = sizeof(clock));

	if (bpf_prog_test_run_opts(bpf_program__fd(balancer->progs.read_clock), &run))
		return -errno;
	control->clock_offset_ns = clock.flows_ns - clock.monotonic_ns;
	return 0;
}

static int make_maps(struct lb_control *control, const char *directory)
{
	struct balancer *balancer = program_open(control);
	const __u32 key = 0;
	int error = balancer ? 0 : -errno;

	/* Packets' program is loaded when it is attached, which takes a second. */
	if (!error)
		error = bpf_program__set_autoload(balancer->progs.balancer, false);
	if (!error)
		error = program_load(balancer);
	if (!error)
		error = read_clock(balancer, control);
	if (!error)
		error = bpf_map__update_elem(balancer->maps.data_control, &key, sizeof(key),
					     control, sizeof(*control), BPF_ANY);
	if (!error)
		error = pin_all(balancer, directory);
	balancer__destroy(balancer);
	return error;
}

/* For the pins themselves, for those of links, and to be locked by the controller. */
static int make_directories(const char *directory)
{
	static const char *const names[] = {"", "/links", "/controller"};
	char path[STORE_PATH_BYTES + 32];

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		snprintf(path, sizeof(path), "%s%s", directory, names[i]);
		if (mkdir(path, 0700))
			return -errno;
	}
	return 0;
}

int datapath_create(const char *instance, const struct datapath_limits *limits)
{
	struct lb_control control = {
		.abi = LB_ABI_VERSION,
		.max_services = limits->max_services + 1,
		.max_backends = limits->max_backends + 1,
		.flow_buckets = buckets_for(limits->max_flows, LB_BUCKET_FLOWS),
		.max_sources = limits->max_sources,
		.client_buckets = buckets_for(limits->max_clients, LB_BUCKET_CLIENTS),
		.seed = limits->key,
		.directory = LB_DIRECTORY_EMPTY,
	};
	char path[STORE_PATH_BYTES], aside[STORE_PATH_BYTES + 8];
	struct timespec tick;
	int error;

	clock_getres(CLOCK_MONOTONIC_COARSE, &tick);
	control.tick_ns = tick.tv_nsec;
	store_path(instance, path);
	snprintf(aside, sizeof(aside), "%s_new", path);
	pin_remove_tree(aside); /* of one that was killed */
	error = make_directories(aside);
	if (!error)
		error = make_maps(&control, aside);
	if (!error && rename(aside, path))
		error = -errno;
	if (error)
		pin_remove_tree(aside);
	return error;
}

int datapath_remove(const char *instance)
{
	char path[STORE_PATH_BYTES];

	store_path(instance, path);
	return pin_remove_tree(path);
}

static int read_control(const char *directory, struct lb_control *control)
{
	char path[PIN_PATH_BYTES];
	const __u32 key = 0;
	_close_ int fd = -1;

	snprintf(path, sizeof(path), "%s/control", directory);
	fd = bpf_obj_get(path);
	if (fd < 0)
		return fd;
	if (bpf_map_lookup_elem(fd, &key, control))
		return -errno;
	return control->abi == LB_ABI_VERSION ? 0 : DATAPATH_OTHER_ABI;
}

/* Maps that an older lbctl did not know have no pin: they are made anew. */
static int reuse_maps(struct balancer *balancer, const char *directory)
{
	char path[PIN_PATH_BYTES];
	struct bpf_map *map;

	bpf_object__for_each_map(map, balancer->obj)
	{
		_close_ int fd = -1;
		int error;

		if (!pin_path(balancer, map, directory, path))
			continue;
		fd = bpf_obj_get(path);
		error = fd < 0 ? fd : bpf_map__reuse_fd(map, fd);
		if (error && error != -ENOENT)
			return error;
	}
	return 0;
}

static int keep(const struct bpf_program *program)
{
	return fcntl(bpf_program__fd(program), F_DUPFD_CLOEXEC, 0);
}

int datapath_load(const char *instance, int *sweep)
{
	struct balancer *balancer;
	char path[STORE_PATH_BYTES];
	struct lb_control control;
	int result;

	store_path(instance, path);
	result = read_control(path, &control);
	if (result)
		return result > 0 ? -EPROTO : result;
	balancer = program_open(&control);
	if (!balancer)
		return -errno;
	result = reuse_maps(balancer, path);
	if (!result)
		result = program_load(balancer);
	if (!result)
		result = pin_maps(balancer, path);
	if (!result && sweep)
		*sweep = keep(balancer->progs.start_sweep);
	if (!result)
		result = keep(balancer->progs.balancer);
	balancer__destroy(balancer);
	return result;
}
