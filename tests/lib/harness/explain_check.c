// SPDX-License-Identifier: GPL-2.0-only
#include "harness/explain_check.h"

#include <bpf/bpf.h>
#include <dirent.h>
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/process.h"
#include "core/tap.h"
#include "harness/cleanup_guard.h"
#include "harness/pins.h"

#define MAPS_MAX 32

static char output[8192]; /* of the last run */

static __u64 digest_add(__u64 digest, const void *from, size_t bytes)
{
	const unsigned char *byte = from;

	while (bytes--)
		digest = (digest ^ *byte++) * 0x100000001b3ULL;
	return digest;
}

/* The kernel sometimes sends packets of its own on the interfaces. */
static void clear_passed(void *value, const struct bpf_map_info *info)
{
	if (!strcmp(info->name, "cpus"))
		((struct lb_cpu *)value)->outcomes.count[LB_PASSED] = 0;
}

/* A pinned map and the hash of its keys and values. */
struct map_digest {
	char name[256];
	__u64 digest;
};

static __u64 digest_one_map(const struct instance *instance, const char *name)
{
	int map = pins_open_map(instance->full_name, name);
	__u64 digest = 0xcbf29ce484222325ULL;
	struct bpf_map_info info = {0};
	__u32 size = sizeof(info);
	unsigned char key[64];
	void *last = NULL, *value;

	if (bpf_obj_get_info_by_fd(map, &info, &size))
		process_bail("map %s: %s", name, strerror(errno));
	value = calloc(1, info.value_size + 8);
	while (!bpf_map_get_next_key(map, last, key)) {
		if (bpf_map_lookup_elem(map, key, value))
			process_bail("map %s: %s", name, strerror(errno));
		clear_passed(value, &info);
		digest = digest_add(digest, key, info.key_size);
		digest = digest_add(digest, value, info.value_size);
		last = key;
	}
	free(value);
	close(map);
	return digest;
}

/* The sweep changes with time, and the ring buffer of traces cannot be looked up. */
static bool is_stable(const char *name)
{
	return strcmp(name, "sweeper") && strcmp(name, "sweep") && strcmp(name, "links") &&
	       strcmp(name, "traces") && name[0] != '.';
}

/* Hashes every pinned map. Returns their number. */
static unsigned int digest_maps(const struct instance *instance,
				struct map_digest digests[MAPS_MAX])
{
	unsigned int count = 0;
	char path[256];
	DIR *directory;

	snprintf(path, sizeof(path), PINS_ROOT "/%s", instance->full_name);
	directory = opendir(path);
	for (struct dirent *entry; directory && (entry = readdir(directory));) {
		struct map_digest *map_digest = &digests[count];

		if (entry->d_type == DT_DIR || !is_stable(entry->d_name) || count == MAPS_MAX)
			continue;
		snprintf(map_digest->name, sizeof(map_digest->name), "%s", entry->d_name);
		map_digest->digest = digest_one_map(instance, map_digest->name);
		count++;
	}
	closedir(directory);
	return count;
}

static bool nothing_changed(const struct instance *instance,
			    const struct map_digest before[MAPS_MAX], unsigned int count)
{
	struct map_digest after[MAPS_MAX];
	bool same = digest_maps(instance, after) == count;

	for (unsigned int i = 0; same && i < count; i++) {
		if (before[i].digest == after[i].digest)
			continue;
		diag("%s has changed", before[i].name);
		same = false;
	}
	return same;
}

int explain_check_run(const struct instance *instance, const char *text, const char *format, ...)
{
	char arguments[512], command[1024];
	struct map_digest before[MAPS_MAX];
	unsigned int maps;
	va_list list;
	int code;

	va_start(list, format);
	vsnprintf(arguments, sizeof(arguments), format, list);
	va_end(list);
	snprintf(command, sizeof(command), "%s --instance %s -j explain %s", guard_lbctl_path(),
		 instance->full_name, arguments);
	maps = digest_maps(instance, before);
	code = process_run(command, NULL, output, sizeof(output));
	ok(maps > 10 && nothing_changed(instance, before, maps), "%s: %u maps are unchanged", text,
	   maps);
	return code;
}

bool explain_field_is(const char *field, const char *value)
{
	char wanted[160];

	snprintf(wanted, sizeof(wanted), "\"%s\":%s", field, value);
	return strstr(output, wanted);
}

void explain_check_field(const char *field, const char *value)
{
	if (!ok(explain_field_is(field, value), "%s is %s", field, value))
		diag("%s", output);
}

void explain_check_text(const char *field, const char *text)
{
	char quoted[130];

	snprintf(quoted, sizeof(quoted), "\"%s\"", text);
	explain_check_field(field, quoted);
}

void explain_check_output(const char *text)
{
	if (!ok(strstr(output, text), "output contains: %s", text))
		diag("%s", output);
}

bool explain_output_has(const char *text)
{
	return strstr(output, text);
}
