// SPDX-License-Identifier: GPL-2.0-only
#include "datapath/decap.h"

#include <bpf/libbpf.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>

#include "datapath/libbpf_log.h"
#include "store/store.h"

#include "decap.skel.h"

void decap_instance(const char *instance, char name[DECAP_INSTANCE_BYTES])
{
	snprintf(name, DECAP_INSTANCE_BYTES, "%s_decap", instance);
}

int decap_prepare(const char *name)
{
	char path[STORE_PATH_BYTES], links[STORE_PATH_BYTES + 8];

	store_path(name, path);
	snprintf(links, sizeof(links), "%s/links", path);
	if (mkdir(path, 0700) && errno != EEXIST)
		return -errno;
	return mkdir(links, 0700) && errno != EEXIST ? -errno : 0;
}

int decap_load(const __u64 (*addresses)[2], size_t count)
{
	const __u32 present = 1;
	struct decap *decap;
	int result;

	libbpf_log_clear();
	decap = decap__open();
	result = decap ? decap__load(decap) : -errno;
	if (!result)
		libbpf_log_clear();
	for (size_t i = 0; !result && i < count; i++)
		result = bpf_map__update_elem(decap->maps.addresses, addresses[i],
					      sizeof(addresses[i]), &present, sizeof(present),
					      BPF_ANY);
	if (!result)
		result = fcntl(bpf_program__fd(decap->progs.decap), F_DUPFD_CLOEXEC, 0);
	decap__destroy(decap);
	return result;
}
