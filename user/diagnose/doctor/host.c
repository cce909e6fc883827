// SPDX-License-Identifier: GPL-2.0-only
/* Doctor examinations: the host, whether or not anything is attached. */
#include <linux/capability.h>
#include <linux/magic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>
#include <sys/vfs.h>

#include "base/cleanup.h"
#include "datapath/bpffs.h"
#include "diagnose/doctor/examinations.h"

#define BPF_DIRECTORY "/sys/fs/bpf"
#define DECAP_SUFFIX  "_decap"
#define JIT_SYSCTL    "/proc/sys/net/core/bpf_jit_enable"

void doctor_kernel(struct doctor *doctor)
{
	struct utsname host;
	int major, minor;

	if (uname(&host) || sscanf(host.release, "%d.%d", &major, &minor) != 2 || major > 6 ||
	    (major == 6 && minor >= 1))
		return;
	finding_add(doctor, "kernel-too-old", DOCTOR_ERROR,
		    "the program requires Linux 6.1 or later and cannot be loaded",
		    "the kernel is %s", host.release);
}

/* Does nothing if the sysctl is absent: it exists in the initial network namespace only. */
void doctor_jit(struct doctor *doctor)
{
	FILE *file = fopen(JIT_SYSCTL, "re");
	struct finding *finding;
	int enabled;

	if (!file)
		return;
	if (fscanf(file, "%d", &enabled) == 1 && !enabled) {
		finding = finding_add(doctor, "jit-off", DOCTOR_WARNING,
				      "the program is interpreted, which is several times slower",
				      "the BPF JIT compiler is off (net.core.bpf_jit_enable)");
		finding_set_remedy(finding, "sysctl -w net.core.bpf_jit_enable=1");
	}
	fclose(file);
}

void doctor_bpffs(struct doctor *doctor)
{
	struct statfs system;
	struct finding *finding;

	if (!statfs(BPF_DIRECTORY, &system) && system.f_type == BPF_FS_MAGIC)
		return;
	finding = finding_add(doctor, "no-bpffs", DOCTOR_WARNING,
			      "lbctl pins its maps and links there, and cannot see instances "
			      "that were attached in another mount namespace",
			      "no BPF file system is mounted at " BPF_DIRECTORY);
	finding_set_remedy(finding, "mount -t bpf bpf " BPF_DIRECTORY);
}

/* Reads the effective capabilities as a bit mask; false if /proc does not have them. */
static bool read_capabilities(unsigned long long *bits)
{
	FILE *file = fopen("/proc/self/status", "re");
	bool found = false;
	char line[256];

	while (file && !found && fgets(line, sizeof(line), file))
		found = sscanf(line, "CapEff: %llx", bits) == 1;
	if (file)
		fclose(file);
	return found;
}

/* CAP_SYS_ADMIN includes CAP_PERFMON and CAP_BPF, which were split off it. */
void doctor_capabilities(struct doctor *doctor)
{
	static const struct {
		int bit;
		bool is_in_sys_admin;
		const char *name;
	} needed[] = {
		{CAP_NET_ADMIN, false, " CAP_NET_ADMIN"},
		{CAP_NET_RAW, false, " CAP_NET_RAW"},
		{CAP_PERFMON, true, " CAP_PERFMON"},
		{CAP_BPF, true, " CAP_BPF"},
	};
	unsigned long long bits;
	char missing[80] = "";

	if (!read_capabilities(&bits))
		return;
	for (size_t i = 0; i < sizeof(needed) / sizeof(needed[0]); i++)
		if (!(bits >> needed[i].bit & 1) &&
		    !(needed[i].is_in_sys_admin && bits >> CAP_SYS_ADMIN & 1))
			strcat(missing, needed[i].name);
	if (missing[0])
		finding_add(doctor, "no-capability", DOCTOR_ERROR,
			    "the kernel refuses to load and attach programs or to send probes; "
			    "grant the capabilities to the container or service",
			    "lbctl runs without%s", missing);
}

/* True if the instance was attached, and all its interfaces have been deleted. */
static bool is_stale(const char *instance)
{
	_free_ struct datapath_interface *interfaces = NULL;
	size_t count, gone = 0;

	if (datapath_interfaces(instance, &interfaces, &count))
		return false;
	for (size_t i = 0; i < count; i++)
		gone += !interfaces[i].ifindex;
	return count && gone == count;
}

/* `lbctl decap` pins its program as instance NAME_decap, which `decap --off` removes. */
static void suggest_removal(struct finding *finding, const char *instance)
{
	const char *suffix = strstr(instance, DECAP_SUFFIX);

	if (suffix && !suffix[strlen(DECAP_SUFFIX)])
		finding_set_remedy(finding, "lbctl --instance %.*s decap --off",
				   (int)(suffix - instance), instance);
	else
		finding_set_remedy(finding, "lbctl --instance %.63s detach --force", instance);
}

/* Other instances only; interfaces.c examines the interfaces of this one. */
void doctor_stale_instances(struct doctor *doctor)
{
	struct finding *finding;
	char **names;
	size_t count;

	if (pin_list(STORE_ROOT, &names, &count))
		return;
	for (size_t i = 0; i < count; i++) {
		if (!strcmp(names[i], doctor->instance) || !is_stale(names[i]))
			continue;
		finding = finding_add(doctor, "stale-instance", DOCTOR_NOTE,
				      "its pinned maps hold memory and serve no traffic",
				      "all interfaces of instance '%.63s' have been deleted",
				      names[i]);
		suggest_removal(finding, names[i]);
	}
	pin_free(names, count);
}
