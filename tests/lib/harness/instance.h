/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A balancer under test: an instance of its own, made and changed by lbctl as a
 * user would, and looked at through its pins. Packets are given to the very
 * program that lbctl attached, by BPF_PROG_TEST_RUN.
 *
 * lbctl is ../lbctl beside the directory of the running program, or $LBCTL.
 * Whatever way the test ends, its instances are detached (short of SIGKILL).
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
	/* Maps as packets see them. */
	const struct lb_control *control;
	const struct lb_service *services;
	const struct lb_backend *backends;
	const struct lb_load *loads;
	const struct lb_latency *responses;
	const struct lb_timing *timings;
	const struct lb_bucket *flows;
	const struct lb_cpu *cpus; /* the first; see store_cpu_bytes() */
	const struct lb_service_config *service_config;
};

/* What became of a packet. */
struct verdict {
	__u32 action; /* XDP_* */
	struct packet packet; /* as the program left it */
	struct lb_outcomes increments; /* what each outcome's counter gained */
};

/* Attaches in the caller's network namespace: "front back --max-flows 4096". */
void instance_open(struct instance *instance, const char *interfaces_and_flags);
void instance_close(struct instance *instance);

/* Runs `lbctl --instance ... COMMAND`; its exit code. */
__attribute__((format(printf, 2, 3))) int instance_run(const struct instance *instance,
						       const char *format, ...);

/* As above, and ends the test if that fails. */
__attribute__((format(printf, 2, 3))) void instance_must_run(const struct instance *instance,
							     const char *format, ...);

/* Opens the attached program anew, as after an upgrade. */
void instance_reopen_program(struct instance *instance, const char *interface);

/* Gives the program one packet as if `device` had received it. */
void instance_receive(const struct instance *instance, unsigned int device,
		      const struct packet *packet, struct verdict *verdict);

struct lb_outcomes instance_outcomes(const struct instance *instance);
struct lb_traffic instance_traffic(const struct instance *instance, __u16 backend);

/* Are packets asked for their flows' fingerprints first, on a CPU? */
bool instance_has_pressure(const struct instance *instance, int cpu);

/* Has a CPU kept the way back to a client of the service? */
bool instance_has_client_nexthop(const struct instance *instance, __u16 service,
				 const struct endpoint *client);

/* Ids as lbctl gave them; 0 when there is none. */
__u16 instance_service_id(const struct instance *instance, const char *name);
__u16 instance_backend_id(const struct instance *instance, __u16 service,
			  const struct endpoint *endpoint);

/* An address as the ABI holds it. */
void instance_address_words(const struct endpoint *endpoint, __u64 words[2]);

#endif
