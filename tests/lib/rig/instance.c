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

#include "rig/cleanup_guard.h"
#include "rig/instance.h"
#include "rig/pins.h"
#include "rig/process.h"

static int run_lbctl(const struct balancer *balancer, const char *arguments, char *output,
		     size_t size)
{
	char command[2048];

	snprintf(command, sizeof(command), "%s --instance %s %s", guard_lbctl(), balancer->instance,
		 arguments);
	return process_run(command, NULL, output, size);
}

int balancer_try(const struct balancer *balancer, const char *format, ...)
{
	char arguments[1024], output[1024];
	va_list list;

	va_start(list, format);
	vsnprintf(arguments, sizeof(arguments), format, list);
	va_end(list);
	return run_lbctl(balancer, arguments, output, sizeof(output));
}

void balancer_do(const struct balancer *balancer, const char *format, ...)
{
	char arguments[1024], output[1024];
	va_list list;
	int code;

	va_start(list, format);
	vsnprintf(arguments, sizeof(arguments), format, list);
	va_end(list);
	code = run_lbctl(balancer, arguments, output, sizeof(output));
	if (code)
		process_bail("lbctl %s: exit code %d: %s", arguments, code, output);
}

void balancer_find_program(struct balancer *balancer, const char *interface)
{
	if (balancer->program >= 0)
		close(balancer->program);
	balancer->program = pins_program(balancer->instance, interface);
}

void balancer_open(struct balancer *balancer, const char *interfaces_and_flags)
{
	static unsigned int count;
	const char *instance = balancer->instance;

	memset(balancer, 0, sizeof(*balancer));
	snprintf(balancer->instance, sizeof(balancer->instance), "test-%d-%u", getpid(), ++count);
	guard_instance(instance);
	balancer_do(balancer, "attach --lock-timeout 60s %s", interfaces_and_flags);
	balancer->program = -1;
	balancer_find_program(balancer, "front");
	balancer->cpus = pins_mapped(instance, "cpus");
	balancer->control = pins_mapped(instance, "control");
	balancer->services = pins_mapped(instance, "services");
	balancer->backends = pins_mapped(instance, "backends");
	balancer->loads = pins_mapped(instance, "loads");
	balancer->responses = pins_mapped(instance, "responses");
	balancer->timings = pins_mapped(instance, "timings");
	balancer->flows = pins_mapped(instance, "flows");
	balancer->service_config = pins_mapped(instance, "service_config");
}

void balancer_close(struct balancer *balancer)
{
	close(balancer->program);
	guard_release(balancer->instance);
}

/* The record of a CPU. */
static const struct lb_cpu *cpu_of(const struct balancer *balancer, int cpu)
{
	size_t bytes =
		sizeof(struct lb_cpu) + balancer->control->max_backends * sizeof(struct lb_traffic);

	return (const void *)balancer->cpus + cpu * bytes;
}

static void add_words(__u64 *sums, const void *more, size_t bytes)
{
	const __u64 *words = more;

	for (size_t i = 0; i < bytes / sizeof(*words); i++)
		sums[i] += words[i];
}

struct lb_outcomes balancer_outcomes(const struct balancer *balancer)
{
	struct lb_outcomes sums = {0};

	for (int cpu = 0; cpu < libbpf_num_possible_cpus(); cpu++)
		add_words(sums.count, &cpu_of(balancer, cpu)->outcomes, sizeof(sums));
	return sums;
}

struct lb_traffic balancer_traffic(const struct balancer *balancer, __u16 backend)
{
	struct lb_traffic sums = {0};

	for (int cpu = 0; cpu < libbpf_num_possible_cpus(); cpu++)
		add_words(&sums.packets, &cpu_of(balancer, cpu)->traffic[backend], sizeof(sums));
	return sums;
}

bool balancer_is_wary(const struct balancer *balancer, int cpu)
{
	return cpu_of(balancer, cpu)->pressure.fingerprint_first;
}

bool balancer_keeps_way(const struct balancer *balancer, __u16 service,
			const struct endpoint *client)
{
	__u64 words[2];
	bool kept = false;

	balancer_words(client, words);
	for (int cpu = 0; cpu < libbpf_num_possible_cpus(); cpu++) {
		const struct lb_client_nexthop *way =
			&cpu_of(balancer, cpu)->client_nexthops[lb_client_nexthop_index(words)];

		kept |= way->service == service && !memcmp(way->client, words, sizeof(words));
	}
	return kept;
}

void balancer_receive(const struct balancer *balancer, unsigned int device,
		      const struct packet *packet, struct verdict *verdict)
{
	struct xdp_md context = {.data_end = packet->length, .ingress_ifindex = device};
	LIBBPF_OPTS(bpf_test_run_opts, run, .data_in = packet->bytes,
		    .data_size_in = packet->length, .data_out = verdict->packet.bytes,
		    .data_size_out = sizeof(verdict->packet.bytes), .ctx_in = &context,
		    .ctx_size_in = sizeof(context));
	struct lb_outcomes before = balancer_outcomes(balancer);

	if (bpf_prog_test_run_opts(balancer->program, &run))
		process_bail("BPF_PROG_TEST_RUN: %s", strerror(errno));
	verdict->action = run.retval;
	verdict->packet.length = run.data_size_out;
	verdict->gained = balancer_outcomes(balancer);
	for (unsigned int i = 0; i < LB_OUTCOME_COUNT; i++)
		verdict->gained.count[i] -= before.count[i];
}

__u16 balancer_service(const struct balancer *balancer, const char *name)
{
	unsigned int half = balancer->control->max_services;
	const struct lb_service_config *snapshot =
		balancer->service_config + (balancer->control->generation & 1) * half;

	for (unsigned int id = 1; id < half; id++)
		if (strcmp(snapshot[id].name, name) == 0)
			return id;
	return 0;
}

void balancer_words(const struct endpoint *endpoint, __u64 words[2])
{
	memcpy(words, &endpoint->address, sizeof(endpoint->address));
}

__u16 balancer_backend(const struct balancer *balancer, __u16 service,
		       const struct endpoint *endpoint)
{
	__u64 words[2];

	balancer_words(endpoint, words);
	for (unsigned int id = 1; id < balancer->control->max_backends; id++) {
		const struct lb_backend *backend = &balancer->backends[id];

		if (backend->service == service && backend->port == htons(endpoint->port) &&
		    memcmp(backend->address, words, sizeof(words)) == 0)
			return id;
	}
	return 0;
}
