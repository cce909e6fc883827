// SPDX-License-Identifier: GPL-2.0-only
/* The datapath's links: attaching to interfaces, and what is attached. */
#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <errno.h>
#include <linux/if_link.h>
#include <stdio.h>
#include <string.h>

#include "datapath.h"
#include "pin.h"
#include "scope.h"
#include "store.h"

#define LINK_PATH_BYTES (STORE_PATH_BYTES + 16 + IF_NAMESIZE)

/* Pins cannot have a dot in their name and interfaces no colon: one for the other. */
static void swap_letter(char *text, char from, char to)
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
	swap_letter(path + length, '.', ':');
}

static int link_info(int link, struct bpf_link_info *info)
{
	__u32 size = sizeof(*info);

	memset(info, 0, sizeof(*info));
	return bpf_obj_get_info_by_fd(link, info, &size) ? -errno : 0;
}

static enum datapath_mode mode_of(__u32 ifindex, __u32 *program)
{
	LIBBPF_OPTS(bpf_xdp_query_opts, query);

	if (!ifindex || bpf_xdp_query(ifindex, 0, &query))
		return DATAPATH_DETACHED;
	*program = query.prog_id;
	return query.attach_mode == XDP_ATTACHED_SKB ? DATAPATH_GENERIC : DATAPATH_NATIVE;
}

/* The pinned link of an interface: its fd, and what it is; -ENOENT without one. */
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
	struct bpf_link_info info;
	__u32 program = 0;
	_close_ int link = -1;

	mode_of(if_nametoindex(interface), &program);
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

/* Takes somebody else's program off, however it was put on. */
static int evict(__u32 ifindex, __u32 program)
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

/* The link of an interface that was there before; 0 when it is no more of use. */
static int keep_link(const char *instance, const char *interface, __u32 ifindex,
		     enum datapath_mode mode, bool replace, bool *kept)
{
	struct bpf_link_info info;
	__u32 program;
	_close_ int link = open_link(instance, interface, &info);
	enum datapath_mode present;

	*kept = false;
	if (link < 0)
		return link == -ENOENT ? 0 : link;
	present = mode_of(info.xdp.ifindex, &program);
	if (info.xdp.ifindex != ifindex || present == DATAPATH_DETACHED)
		return datapath_detach(instance, interface);
	*kept = mode == DATAPATH_AUTO || mode == present;
	if (*kept)
		return 0;
	return replace ? datapath_detach(instance, interface) : DATAPATH_OTHER_MODE;
}

int datapath_attach(const char *instance, int program, const char *interface,
		    enum datapath_mode mode, bool replace)
{
	__u32 ifindex = if_nametoindex(interface);
	char path[LINK_PATH_BYTES];
	_close_ int link = -1;
	bool kept;
	int error;
	__u32 foreign;

	if (!ifindex)
		return DATAPATH_NO_INTERFACE;
	error = keep_link(instance, interface, ifindex, mode, replace, &kept);
	if (error || kept)
		return error ? error : -EALREADY;
	foreign = datapath_foreign_program(instance, interface);
	if (foreign && !replace)
		return DATAPATH_TAKEN;
	if (foreign)
		error = evict(ifindex, foreign);
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
		swap_letter((*names)[i], ':', '.');
	return error;
}

static int pin_sweep(const char *instance, int sweep)
{
	char path[STORE_PATH_BYTES], pin[STORE_PATH_BYTES + 8], aside[STORE_PATH_BYTES + 16];

	store_path(instance, path);
	snprintf(pin, sizeof(pin), "%s/sweep", path);
	snprintf(aside, sizeof(aside), "%s_new", pin);
	unlink(aside); /* of one that was killed */
	if (bpf_obj_pin(sweep, aside) || rename(aside, pin))
		return -errno;
	return 0;
}

int datapath_switch(const char *instance, int program, int sweep)
{
	struct bpf_link_info info;
	char **names;
	size_t count;
	int error = list_links(instance, &names, &count);

	if (error)
		return error;
	for (size_t i = 0; i < count && !error; i++) {
		_close_ int link = open_link(instance, names[i], &info);

		if (link < 0)
			error = link;
		else if (bpf_link_update(link, program, NULL) && errno != ENOLINK)
			error = -errno;
	}
	pin_free(names, count);
	return error || sweep < 0 ? error : pin_sweep(instance, sweep);
}

int datapath_interfaces(const char *instance, struct datapath_interface **interfaces, size_t *count)
{
	char **names;
	int error = list_links(instance, &names, count);

	if (error)
		return error;
	*interfaces = calloc(*count + 1, sizeof(**interfaces));
	for (size_t i = 0; *interfaces && i < *count; i++) {
		struct datapath_interface *interface = &(*interfaces)[i];
		struct bpf_link_info info = {0};
		__u32 program = 0;
		_close_ int link = open_link(instance, names[i], &info);

		snprintf(interface->name, sizeof(interface->name), "%s", names[i]);
		interface->ifindex = link < 0 ? 0 : info.xdp.ifindex;
		interface->mode = mode_of(interface->ifindex, &program);
		if (interface->mode != DATAPATH_DETACHED && program != info.prog_id)
			interface->mode = DATAPATH_AUTO; /* of another network namespace */
	}
	pin_free(names, *count);
	return *interfaces ? 0 : -ENOMEM;
}
