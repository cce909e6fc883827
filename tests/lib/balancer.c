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

#include "balancer.h"
#include "guard.h"
#include "pins.h"
#include "process.h"

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
	balancer_do(balancer, "attach %s", interfaces_and_flags);
	balancer->program = -1;
	balancer_find_program(balancer, "front");
	balancer->outcomes = pins_map(instance, "outcomes");
	balancer->traffic = pins_map(instance, "traffic");
	balancer->control = pins_mapped(instance, "control");
	balancer->services = pins_mapped(instance, "services");
	balancer->backends = pins_mapped(instance, "backends");
	balancer->flows = pins_mapped(instance, "flows");
	balancer->service_config = pins_mapped(instance, "service_config");
}

void balancer_close(struct balancer *balancer)
{
	close(balancer->program);
	close(balancer->outcomes);
	close(balancer->traffic);
	guard_release(balancer->instance);
}

/* The sum of a per-CPU record of 64-bit words over all CPUs. */
static void sum_cpus(int map, __u32 index, __u64 *sums, unsigned int words)
{
	unsigned int cpus = libbpf_num_possible_cpus();
	__u64 *values = calloc(cpus, words * sizeof(__u64));

	if (!values || bpf_map_lookup_elem(map, &index, values))
		process_bail("counters: %s", strerror(errno));
	memset(sums, 0, words * sizeof(__u64));
	for (unsigned int i = 0; i < cpus * words; i++)
		sums[i % words] += values[i];
	free(values);
}

struct lb_outcomes balancer_outcomes(const struct balancer *balancer)
{
	struct lb_outcomes sums;

	sum_cpus(balancer->outcomes, 0, sums.count, LB_OUTCOME_COUNT);
	return sums;
}

struct lb_traffic balancer_traffic(const struct balancer *balancer, __u16 backend)
{
	struct lb_traffic sums;

	sum_cpus(balancer->traffic, backend, &sums.packets, sizeof(sums) / sizeof(__u64));
	return sums;
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
