// SPDX-License-Identifier: GPL-2.0-only
#include <bpf/bpf.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "core/process.h"
#include "harness/pins.h"

static int open_pin(const char *instance, const char *name)
{
	char path[256];
	int fd;

	snprintf(path, sizeof(path), PINS_ROOT "/%s/%s", instance, name);
	fd = bpf_obj_get(path);
	if (fd < 0)
		process_bail("%s: %s", path, strerror(errno));
	return fd;
}

int pins_open_map(const char *instance, const char *map)
{
	return open_pin(instance, map);
}

static void *mmap_pin(const char *instance, const char *map, int protection)
{
	struct bpf_map_info info = {0};
	__u32 size = sizeof(info);
	int fd = open_pin(instance, map);
	void *memory;

	if (bpf_obj_get_info_by_fd(fd, &info, &size))
		process_bail("map %s: %s", map, strerror(errno));
	memory = mmap(NULL, (size_t)info.max_entries * info.value_size, protection, MAP_SHARED, fd,
		      0);
	if (memory == MAP_FAILED)
		process_bail("map %s: mmap: %s", map, strerror(errno));
	close(fd);
	return memory;
}

const void *pins_mmap(const char *instance, const char *map)
{
	return mmap_pin(instance, map, PROT_READ);
}

void *pins_mmap_writable(const char *instance, const char *map)
{
	return mmap_pin(instance, map, PROT_READ | PROT_WRITE);
}

int pins_open_program(const char *instance, const char *interface)
{
	struct bpf_link_info info = {0};
	__u32 size = sizeof(info);
	char name[64];
	int link, program;

	snprintf(name, sizeof(name), "links/%s", interface);
	link = open_pin(instance, name);
	if (bpf_obj_get_info_by_fd(link, &info, &size))
		process_bail("link %s: %s", interface, strerror(errno));
	close(link);
	program = bpf_prog_get_fd_by_id(info.prog_id);
	if (program < 0)
		process_bail("program of %s: %s", interface, strerror(errno));
	return program;
}
