// SPDX-License-Identifier: GPL-2.0-only
#include "datapath/attach.h"

#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <errno.h>
#include <linux/if_link.h>
#include <stdio.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/human.h"
#include "datapath/bpffs.h"
#include "datapath/instance.h"
#include "store/store.h"

#define LINK_PATH_BYTES (STORE_PATH_BYTES + 16 + IF_NAMESIZE)

/* A pin's name cannot have a dot, an interface's no colon: one stands for the other. */
static void replace_char(char *text, char from, char to)
{
	for (; *text; text++)
		if (*text == from)
			*text = to;
}

static void link_path(const char *instance, const char *interface, char path[LINK_PATH_BYTES])
{
	char directory[STORE_PATH_BYTES];
	int length;

	store_path(instance, directory);
	length = snprintf(path, LINK_PATH_BYTES, "%s/links/", directory);
	snprintf(path + length, LINK_PATH_BYTES - length, "%s", interface);
	replace_char(path + length, '.', ':');
}

static int link_info(int link, struct bpf_link_info *info)
{
	__u32 size = sizeof(*info);

	memset(info, 0, sizeof(*info));
	return bpf_obj_get_info_by_fd(link, info, &size) ? -errno : 0;
}

/* Finds out what an interface runs. An interface that is gone runs nothing. */
static int query_mode(__u32 ifindex, enum datapath_mode *mode, __u32 *program)
{
	LIBBPF_OPTS(bpf_xdp_query_opts, query);
	int error = ifindex ? bpf_xdp_query(ifindex, 0, &query) : -ENODEV;

	*mode = DATAPATH_DETACHED;
	*program = 0;
	if (error)
		return error == -ENODEV ? 0 : error;
	*program = query.prog_id;
	*mode = query.attach_mode == XDP_ATTACHED_SKB ? DATAPATH_GENERIC : DATAPATH_NATIVE;
	return 0;
}

/* Opens the pinned link of an interface. Returns its fd, or a negative errno: -ENOENT = none. */
static int open_link(const char *instance, const char *interface, struct bpf_link_info *info)
{
	char path[LINK_PATH_BYTES];
	int error, link;

	link_path(instance, interface, path);
	link = bpf_obj_get(path);
	if (link < 0)
		return link;
	error = link_info(link, info);
	if (!error)
		return link;
	close(link);
	return error;
}

__u32 datapath_foreign_program(const char *instance, const char *interface)
{
	enum datapath_mode mode;
	struct bpf_link_info info;
	__u32 program;
	_close_ int link = -1;

	query_mode(if_nametoindex(interface), &mode, &program);
	link = open_link(instance, interface, &info);
	return link >= 0 && info.prog_id == program ? 0 : program;
}

int datapath_program(const char *instance, const char *interface)
{
	struct bpf_link_info info;
	_close_ int link = open_link(instance, interface, &info);
	int program;

	if (link < 0)
		return link;
	program = bpf_prog_get_fd_by_id(info.prog_id);
	return program < 0 ? -errno : program;
}

/* Detaches a foreign program, whether it is attached by a link or without one. */
static int detach_foreign(__u32 ifindex, __u32 program)
{
	struct bpf_link_info info;
	__u32 id = 0;

	while (!bpf_link_get_next_id(id, &id)) {
		_close_ int link = bpf_link_get_fd_by_id(id);

		if (link < 0 || link_info(link, &info))
			continue;
		if (info.type == BPF_LINK_TYPE_XDP && info.xdp.ifindex == ifindex &&
		    info.prog_id == program)
			return bpf_link_detach(link) ? -errno : 0;
	}
	return bpf_xdp_detach(ifindex, 0, NULL);
}

static int create_link(int program, __u32 ifindex, enum datapath_mode mode)
{
	LIBBPF_OPTS(bpf_link_create_opts, options);
	int link;

	options.flags = mode == DATAPATH_GENERIC ? XDP_FLAGS_SKB_MODE : XDP_FLAGS_DRV_MODE;
	link = bpf_link_create(program, ifindex, BPF_XDP, &options);
	if (link >= 0)
		return link;
	if (mode == DATAPATH_AUTO && (errno == EOPNOTSUPP || errno == EINVAL)) {
		options.flags = XDP_FLAGS_SKB_MODE;
		link = bpf_link_create(program, ifindex, BPF_XDP, &options);
	}
	return link < 0 ? -errno : link;
}

/* Keeps a link that serves, and detaches one that does not. */
static int reuse_link(const char *instance, const char *interface, __u32 ifindex,
		      enum datapath_mode mode, bool replace, bool *reused)
{
	struct bpf_link_info info;
	__u32 program;
	_close_ int link = open_link(instance, interface, &info);
	enum datapath_mode present;
	int error;

	*reused = false;
	if (link < 0)
		return link == -ENOENT ? 0 : link;
	error = query_mode(info.xdp.ifindex, &present, &program);
	if (error)
		return error;
	if (info.xdp.ifindex != ifindex || present == DATAPATH_DETACHED)
		return datapath_detach(instance, interface);
	*reused = mode == DATAPATH_AUTO || mode == present;
	if (*reused)
		return 0;
	return replace ? datapath_detach(instance, interface) : DATAPATH_OTHER_MODE;
}

int datapath_attach(const char *instance, int program, const char *interface,
		    enum datapath_mode mode, bool replace)
{
	__u32 ifindex = if_nametoindex(interface);
	char path[LINK_PATH_BYTES];
	_close_ int link = -1;
	bool reused;
	int error;
	__u32 foreign;

	if (!ifindex)
		return DATAPATH_NO_INTERFACE;
	error = reuse_link(instance, interface, ifindex, mode, replace, &reused);
	if (error || reused)
		return error ? error : -EALREADY;
	foreign = datapath_foreign_program(instance, interface);
	if (foreign && !replace)
		return DATAPATH_OTHER_PROGRAM;
	if (foreign)
		error = detach_foreign(ifindex, foreign);
	if (error)
		return error;
	link = create_link(program, ifindex, mode);
	if (link < 0)
		return mode == DATAPATH_NATIVE && link == -EOPNOTSUPP ? DATAPATH_NO_NATIVE : link;
	link_path(instance, interface, path);
	return bpf_obj_pin(link, path) ? -errno : 0;
}

int datapath_detach(const char *instance, const char *interface)
{
	char path[LINK_PATH_BYTES];
	_close_ int link = -1;

	link_path(instance, interface, path);
	link = bpf_obj_get(path);
	if (link < 0)
		return link == -ENOENT ? DATAPATH_NO_INTERFACE : link;
	if (bpf_link_detach(link) && errno != ENOLINK)
		return -errno;
	return unlink(path) ? -errno : 0;
}

static int list_links(const char *instance, char ***names, size_t *count)
{
	char directory[STORE_PATH_BYTES], path[STORE_PATH_BYTES + 16];

	int error;

	store_path(instance, directory);
	snprintf(path, sizeof(path), "%s/links", directory);
	error = pin_list(path, names, count);
	for (size_t i = 0; !error && i < *count; i++)
		replace_char((*names)[i], ':', '.');
	return error;
}

static void sweep_path(const char *instance, char path[STORE_PATH_BYTES + 16])
{
	char directory[STORE_PATH_BYTES];

	store_path(instance, directory);
	snprintf(path, STORE_PATH_BYTES + 16, "%s/sweep", directory);
}

/* Pins the new program beside the one that it replaces. */
static int pin_sweep_aside(const char *instance, int sweep, char aside[STORE_PATH_BYTES + 24])
{
	char path[STORE_PATH_BYTES + 16];

	sweep_path(instance, path);
	snprintf(aside, STORE_PATH_BYTES + 24, "%s_new", path);
	unlink(aside); /* left by a process that was killed */
	return bpf_obj_pin(sweep, aside) ? -errno : 0;
}

/* Makes a link run another program. Unless `before` is NULL or set, *before = the old one. */
static int update_link(const char *instance, const char *interface, int program, int *before)
{
	struct bpf_link_info info;
	_close_ int link = open_link(instance, interface, &info);

	if (link < 0)
		return link;
	if (before && *before < 0)
		*before = bpf_prog_get_fd_by_id(info.prog_id);
	if (before && *before < 0)
		return -errno;
	return bpf_link_update(link, program, NULL) && errno != ENOLINK ? -errno : 0;
}

/* Updates all links, or on failure none, as far as the kernel allows. */
static int update_links(const char *instance, char **names, size_t count, int program,
			const char *aside)
{
	char path[STORE_PATH_BYTES + 16];
	_close_ int before = -1;
	size_t done = 0;
	int error = 0;

	while (done < count && !error) {
		error = update_link(instance, names[done], program, &before);
		done += !error;
	}
	sweep_path(instance, path);
	if (!error && aside && rename(aside, path))
		error = -errno;
	while (error && done--)
		update_link(instance, names[done], before, NULL);
	return error;
}

int datapath_switch(const char *instance, int program, int sweep)
{
	char aside[STORE_PATH_BYTES + 24];
	char **names;
	size_t count;
	int error = list_links(instance, &names, &count);

	if (error)
		return error;
	if (sweep >= 0)
		error = pin_sweep_aside(instance, sweep, aside);
	if (!error) {
		error = update_links(instance, names, count, program, sweep >= 0 ? aside : NULL);
		if (error && sweep >= 0)
			unlink(aside);
	}
	pin_free(names, count);
	return error;
}

/* Describes a link. One that was removed meanwhile has no interface. */
static int describe(const char *instance, const char *name, struct datapath_interface *interface)
{
	struct bpf_link_info info = {0};
	_close_ int link = open_link(instance, name, &info);
	__u32 program;
	int error;

	if (link < 0 && link != -ENOENT)
		return link;
	snprintf(interface->name, sizeof(interface->name), "%s", name);
	interface->ifindex = link < 0 ? 0 : info.xdp.ifindex;
	error = query_mode(interface->ifindex, &interface->mode, &program);
	if (interface->mode != DATAPATH_DETACHED && program != info.prog_id)
		interface->mode = DATAPATH_AUTO; /* in another network namespace */
	return error;
}

int datapath_interfaces(const char *instance, struct datapath_interface **interfaces, size_t *count)
{
	char **names;
	int error = list_links(instance, &names, count);

	if (error)
		return error;
	*interfaces = calloc(*count + 1, sizeof(**interfaces));
	if (!*interfaces)
		error = -ENOMEM;
	for (size_t i = 0; !error && i < *count; i++)
		error = describe(instance, names[i], &(*interfaces)[i]);
	pin_free(names, *count);
	return error;
}

const char *mode_name(enum datapath_mode mode)
{
	static const char *const names[] = {
		[DATAPATH_AUTO] = "elsewhere",
		[DATAPATH_NATIVE] = "native",
		[DATAPATH_GENERIC] = "generic",
		[DATAPATH_DETACHED] = "detached",
	};

	return name_of(names, sizeof(names) / sizeof(names[0]), mode);
}
