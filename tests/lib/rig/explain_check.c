// SPDX-License-Identifier: GPL-2.0-only
#include "rig/explain_check.h"

#include <bpf/bpf.h>
#include <dirent.h>
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "rig/cleanup_guard.h"
#include "rig/pins.h"
#include "rig/process.h"
#include "rig/tap.h"

#define MAPS_MAX 32

static char words[8192]; /* the answer */

static __u64 digest_add(__u64 digest, const void *from, size_t bytes)
{
	const unsigned char *byte = from;

	while (bytes--)
		digest = (digest ^ *byte++) * 0x100000001b3ULL;
	return digest;
}

/* Now and then the kernel itself speaks on the devices. */
static void forget_passed(void *value, const struct bpf_map_info *info)
{
	if (!strcmp(info->name, "cpus"))
		((struct lb_cpu *)value)->outcomes.count[LB_PASSED] = 0;
}

/* A pinned map, and what all of its elements, keys and values, come to. */
struct image {
	char name[256];
	__u64 digest;
};

static __u64 digest_map(const struct balancer *balancer, const char *name)
{
	int map = pins_map(balancer->instance, name);
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
		forget_passed(value, &info);
		digest = digest_add(digest, key, info.key_size);
		digest = digest_add(digest, value, info.value_size);
		last = key;
	}
	free(value);
	close(map);
	return digest;
}

/* The sweep goes on by the clock, and nothing is in a ring that nobody reads. */
static bool is_still(const char *name)
{
	return strcmp(name, "sweeper") && strcmp(name, "sweep") && strcmp(name, "links") &&
	       strcmp(name, "traces") && name[0] != '.';
}

/* Of all that is pinned; how many maps those are. */
static unsigned int take_images(const struct balancer *balancer, struct image images[MAPS_MAX])
{
	unsigned int count = 0;
	char path[256];
	DIR *directory;

	snprintf(path, sizeof(path), PINS_ROOT "/%s", balancer->instance);
	directory = opendir(path);
	for (struct dirent *entry; directory && (entry = readdir(directory));) {
		struct image *image = &images[count];

		if (entry->d_type == DT_DIR || !is_still(entry->d_name) || count == MAPS_MAX)
			continue;
		snprintf(image->name, sizeof(image->name), "%s", entry->d_name);
		image->digest = digest_map(balancer, image->name);
		count++;
	}
	closedir(directory);
	return count;
}

static bool nothing_changed(const struct balancer *balancer, const struct image before[MAPS_MAX],
			    unsigned int count)
{
	struct image after[MAPS_MAX];
	bool same = take_images(balancer, after) == count;

	for (unsigned int i = 0; same && i < count; i++) {
		if (before[i].digest == after[i].digest)
			continue;
		diag("%s has changed", before[i].name);
		same = false;
	}
	return same;
}

int inquire(const struct balancer *balancer, const char *text, const char *format, ...)
{
	char arguments[512], command[1024];
	struct image before[MAPS_MAX];
	unsigned int maps;
	va_list list;
	int code;

	va_start(list, format);
	vsnprintf(arguments, sizeof(arguments), format, list);
	va_end(list);
	snprintf(command, sizeof(command), "%s --instance %s -j explain %s", guard_lbctl(),
		 balancer->instance, arguments);
	maps = take_images(balancer, before);
	code = process_run(command, NULL, words, sizeof(words));
	ok(maps > 10 && nothing_changed(balancer, before, maps),
	   "%s: no byte of %u maps has changed", text, maps);
	return code;
}

bool inquiry_says(const char *field, const char *value)
{
	char wanted[160];

	snprintf(wanted, sizeof(wanted), "\"%s\":%s", field, value);
	return strstr(words, wanted);
}

void inquiry_has(const char *field, const char *value)
{
	if (!ok(inquiry_says(field, value), "%s is %s", field, value))
		diag("%s", words);
}

void inquiry_has_text(const char *field, const char *text)
{
	char quoted[130];

	snprintf(quoted, sizeof(quoted), "\"%s\"", text);
	inquiry_has(field, quoted);
}

void inquiry_tells(const char *text)
{
	if (!ok(strstr(words, text), "it tells: %s", text))
		diag("%s", words);
}

bool inquiry_contains(const char *text)
{
	return strstr(words, text);
}
