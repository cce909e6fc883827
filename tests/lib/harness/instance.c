// SPDX-License-Identifier: GPL-2.0-only
#include <arpa/inet.h>
#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/process.h"
#include "harness/cleanup_guard.h"
#include "harness/instance.h"
#include "harness/pins.h"

static int run_lbctl(const struct instance *instance, const char *arguments, char *output,
		     size_t size)
{
	char command[2048];

	snprintf(command, sizeof(command), "%s --instance %s %s", guard_lbctl_path(),
		 instance->full_name, arguments);
	return process_run(command, NULL, output, size);
}

int instance_run(const struct instance *instance, const char *format, ...)
{
	char arguments[1024], output[1024];
	va_list list;

	va_start(list, format);
	vsnprintf(arguments, sizeof(arguments), format, list);
	va_end(list);
	return run_lbctl(instance, arguments, output, sizeof(output));
}

void instance_must_run(const struct instance *instance, const char *format, ...)
{
	char arguments[1024], output[1024];
	va_list list;
	int code;

	va_start(list, format);
	vsnprintf(arguments, sizeof(arguments), format, list);
	va_end(list);
	code = run_lbctl(instance, arguments, output, sizeof(output));
	if (code)
		process_bail("lbctl %s: exit code %d: %s", arguments, code, output);
}

void instance_reopen_program(struct instance *instance, const char *interface)
{
	if (instance->program >= 0)
		close(instance->program);
	instance->program = pins_open_program(instance->full_name, interface);
}

void instance_open(struct instance *instance, const char *interfaces_and_flags)
{
	static unsigned int count;
	const char *full_name = instance->full_name;

	memset(instance, 0, sizeof(*instance));
	snprintf(instance->full_name, sizeof(instance->full_name), "test-%d-%u", getpid(), ++count);
	guard_add(full_name);
	instance_must_run(instance, "attach --lock-timeout 60s %s", interfaces_and_flags);
	instance->program = -1;
	instance_reopen_program(instance, "front");
	instance->cpus = pins_mmap(full_name, "cpus");
	instance->control = pins_mmap(full_name, "control");
	instance->services = pins_mmap(full_name, "services");
	instance->backends = pins_mmap(full_name, "backends");
	instance->loads = pins_mmap(full_name, "loads");
	instance->responses = pins_mmap(full_name, "responses");
	instance->timings = pins_mmap(full_name, "timings");
	instance->flows = pins_mmap(full_name, "flows");
	instance->service_config = pins_mmap(full_name, "service_config");
}

void instance_close(struct instance *instance)
{
	close(instance->program);
	guard_release(instance->full_name);
}

/* The per-CPU record. */
static const struct lb_cpu *cpu_of(const struct instance *instance, int cpu)
{
	size_t bytes =
		sizeof(struct lb_cpu) + instance->control->max_backends * sizeof(struct lb_traffic);

	return (const void *)instance->cpus + cpu * bytes;
}

static void add_counters(__u64 *sums, const void *more, size_t bytes)
{
	const __u64 *words = more;

	for (size_t i = 0; i < bytes / sizeof(*words); i++)
		sums[i] += words[i];
}

struct lb_outcomes instance_outcomes(const struct instance *instance)
{
	struct lb_outcomes sums = {0};

	for (int cpu = 0; cpu < libbpf_num_possible_cpus(); cpu++)
		add_counters(sums.count, &cpu_of(instance, cpu)->outcomes, sizeof(sums));
	return sums;
}

struct lb_traffic instance_traffic(const struct instance *instance, __u16 backend)
{
	struct lb_traffic sums = {0};

	for (int cpu = 0; cpu < libbpf_num_possible_cpus(); cpu++)
		add_counters(&sums.packets, &cpu_of(instance, cpu)->traffic[backend], sizeof(sums));
	return sums;
}

bool instance_has_pressure(const struct instance *instance, int cpu)
{
	return cpu_of(instance, cpu)->pressure.fingerprint_first;
}

bool instance_has_client_nexthop(const struct instance *instance, __u16 service,
				 const struct endpoint *client)
{
	__u64 words[2];
	bool found = false;

	instance_address_words(client, words);
	for (int cpu = 0; cpu < libbpf_num_possible_cpus(); cpu++) {
		const struct lb_client_nexthop *way =
			&cpu_of(instance, cpu)->client_nexthops[lb_client_nexthop_index(words)];

		found |= way->service == service && !memcmp(way->client, words, sizeof(words));
	}
	return found;
}

void instance_receive(const struct instance *instance, unsigned int device,
		      const struct packet *packet, struct verdict *verdict)
{
	struct xdp_md context = {.data_end = packet->length, .ingress_ifindex = device};
	LIBBPF_OPTS(bpf_test_run_opts, run, .data_in = packet->bytes,
		    .data_size_in = packet->length, .data_out = verdict->packet.bytes,
		    .data_size_out = sizeof(verdict->packet.bytes), .ctx_in = &context,
		    .ctx_size_in = sizeof(context));
	struct lb_outcomes before = instance_outcomes(instance);

	if (bpf_prog_test_run_opts(instance->program, &run))
		process_bail("BPF_PROG_TEST_RUN: %s", strerror(errno));
	verdict->action = run.retval;
	verdict->packet.length = run.data_size_out;
	verdict->increments = instance_outcomes(instance);
	for (unsigned int i = 0; i < LB_OUTCOME_COUNT; i++)
		verdict->increments.count[i] -= before.count[i];
}

__u16 instance_service_id(const struct instance *instance, const char *name)
{
	unsigned int snapshot_size = instance->control->max_services;
	const struct lb_service_config *snapshot =
		instance->service_config + (instance->control->generation & 1) * snapshot_size;

	for (unsigned int id = 1; id < snapshot_size; id++)
		if (strcmp(snapshot[id].name, name) == 0)
			return id;
	return 0;
}

void instance_address_words(const struct endpoint *endpoint, __u64 words[2])
{
	memcpy(words, &endpoint->address, sizeof(endpoint->address));
}

__u16 instance_backend_id(const struct instance *instance, __u16 service,
			  const struct endpoint *endpoint)
{
	__u64 words[2];

	instance_address_words(endpoint, words);
	for (unsigned int id = 1; id < instance->control->max_backends; id++) {
		const struct lb_backend *backend = &instance->backends[id];

		if (backend->service == service && backend->port == htons(endpoint->port) &&
		    memcmp(backend->address, words, sizeof(words)) == 0)
			return id;
	}
	return 0;
}
