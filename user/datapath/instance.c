// SPDX-License-Identifier: GPL-2.0-only
#include "datapath/instance.h"

#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <time.h>

#include "base/cleanup.h"
#include "datapath/bpffs.h"
#include "datapath/libbpf_log.h"
#include "datapath/program.h"
#include "lb/abi.h"
#include "model/endpoint_table.h"
#include "store/store.h"

#include "balancer.skel.h"

#define BPFFS	       "/sys/fs/bpf"
#define PIN_PATH_BYTES (STORE_PATH_BYTES + 32)

int datapath_prepare(bool dry_run)
{
	struct statfs fs;

	if (statfs(BPFFS, &fs))
		return DATAPATH_NO_BPFFS;
	if (dry_run)
		return access(BPFFS, W_OK) ? -errno : 0;
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
	return !access(path, F_OK) || errno != ENOENT;
}

/* The path of a map's pin. Returns false for the program's constants, which are not pinned. */
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

/* Pins all maps that have no pin yet. */
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

/* Pins all maps, and the program that starts the sweep. */
static int pin_all(struct balancer *balancer, const char *directory)
{
	char path[PIN_PATH_BYTES];
	int error = pin_maps(balancer, directory);

	if (error)
		return error;
	snprintf(path, sizeof(path), "%s/sweep", directory);
	return bpf_program__pin(balancer->progs.start_sweep, path);
}

/* Measures the flow clock's offset from CLOCK_MONOTONIC, which stays the same from then on. */
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

	/* The balancer program is loaded when it is attached, because that takes a second. */
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

/* Directories for pins of maps, for pins of links, and for the controller's lock. */
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

static __u32 buckets_for(__u32 entries, __u32 per_bucket)
{
	return (entries + per_bucket - 1) / per_bucket;
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
		.endpoints = LB_ENDPOINTS_EMPTY,
	};
	char path[STORE_PATH_BYTES], aside[STORE_PATH_BYTES + 8];
	struct timespec tick;
	int error;

	clock_getres(CLOCK_MONOTONIC_COARSE, &tick);
	control.tick_ns = tick.tv_nsec;
	store_path(instance, path);
	snprintf(aside, sizeof(aside), "%s_new", path);
	pin_remove_tree(aside); /* left by a process that was killed */
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
	char path[STORE_PATH_BYTES], aside[STORE_PATH_BYTES + 8];
	int error;

	store_path(instance, path);
	snprintf(aside, sizeof(aside), "%s_old", path);
	error = pin_remove_tree(aside); /* left by a process that was killed */
	if (!error && rename(path, aside))
		return errno == ENOENT ? 0 : -errno;
	if (error)
		return error;
	/* The removal cannot be undone any more, so a failure is retried once. */
	return pin_remove_tree(aside) ? pin_remove_tree(aside) : 0;
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

/* Maps that were added since an older lbctl made the instance have no pin: they are made now. */
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

/* Duplicates, because the skeleton closes its own descriptors. */
static int dup_programs(const struct balancer *balancer, int *program, int *sweep)
{
	*program = fcntl(bpf_program__fd(balancer->progs.balancer), F_DUPFD_CLOEXEC, 0);
	if (*program < 0)
		return -errno;
	if (!sweep)
		return 0;
	*sweep = fcntl(bpf_program__fd(balancer->progs.start_sweep), F_DUPFD_CLOEXEC, 0);
	if (*sweep >= 0)
		return 0;
	close(*program);
	*program = -1;
	return -errno;
}

int datapath_load(const char *instance, int *program, int *sweep)
{
	struct balancer *balancer;
	char path[STORE_PATH_BYTES];
	struct lb_control control;
	int error;

	*program = -1;
	if (sweep)
		*sweep = -1;
	store_path(instance, path);
	error = read_control(path, &control);
	if (error)
		return error;
	balancer = program_open(&control);
	if (!balancer)
		return -errno;
	error = reuse_maps(balancer, path);
	if (!error)
		error = program_load(balancer);
	if (!error)
		error = pin_maps(balancer, path);
	if (!error)
		error = dup_programs(balancer, program, sweep);
	balancer__destroy(balancer);
	return error;
}
