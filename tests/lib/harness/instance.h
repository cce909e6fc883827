/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * An instance under test: created and changed with lbctl, as a user does, and read through its
 * pinned maps. BPF_PROG_TEST_RUN gives packets to the attached program.
 *
 * A test's instances are detached when it ends (harness/cleanup_guard.h).
 */
#ifndef TEST_LIB_HARNESS_INSTANCE_H
#define TEST_LIB_HARNESS_INSTANCE_H

#include <stdbool.h>

#include "harness/testnet.h"
#include "lb/abi.h"
#include "lb/flow.h"
#include "packets/packet_builder.h"

struct instance {
	char full_name[40];
	int program;
	/* Maps that packets read. */
	const struct lb_control *control;
	const struct lb_service *services;
	const struct lb_backend *backends;
	const struct lb_load *loads;
	const struct lb_latency *responses;
	const struct lb_timing *timings;
	const struct lb_bucket *flows;
	const struct lb_cpu *cpus; /* of CPU 0; store_cpu_bytes() is the size of a record */
	const struct lb_service_config *service_config;
};

/* Result of one packet. */
struct verdict {
	__u32 action; /* XDP_* */
	struct packet packet; /* after the run */
	struct lb_outcomes increments; /* increase of each outcome's counter */
};

/*
 * Attaches an instance in the caller's network namespace; argument example: "front back --max-flows
 * 4096".
 */
void instance_open(struct instance *instance, const char *interfaces_and_flags);
void instance_close(struct instance *instance);

/* Runs `lbctl --instance ... COMMAND` and returns its exit code. */
__attribute__((format(printf, 2, 3))) int instance_run(const struct instance *instance,
						       const char *format, ...);

/* As instance_run(), but ends the test if the exit code is not 0. */
__attribute__((format(printf, 2, 3))) void instance_must_run(const struct instance *instance,
							     const char *format, ...);

/* Opens the attached program again, after an upgrade. */
void instance_reopen_program(struct instance *instance, const char *interface);

/* Runs the program on one packet, received on `device`. */
void instance_receive(const struct instance *instance, unsigned int device,
		      const struct packet *packet, struct verdict *verdict);

struct lb_outcomes instance_outcomes(const struct instance *instance);
struct lb_traffic instance_traffic(const struct instance *instance, __u16 backend);

/* True if packets on this CPU look up fingerprints first (flow-table pressure). */
bool instance_has_pressure(const struct instance *instance, int cpu);

/* True if a CPU caches the next hop to this client of the service. */
bool instance_has_client_nexthop(const struct instance *instance, __u16 service,
				 const struct endpoint *client);

/* Return the id that lbctl assigned, 0 if the object does not exist. */
__u16 instance_service_id(const struct instance *instance, const char *name);
__u16 instance_backend_id(const struct instance *instance, __u16 service,
			  const struct endpoint *endpoint);

/* Converts an address to the form of the ABI. */
void instance_address_words(const struct endpoint *endpoint, __u64 words[2]);

#endif
