/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Examinations of the doctor. Each examines one subject and adds findings; none changes
 * anything. They read /proc, links, routes and neighbours of the network namespace that lbctl
 * runs in, and the view of the instance.
 */
#ifndef DIAGNOSE_DOCTOR_EXAMINATIONS_H
#define DIAGNOSE_DOCTOR_EXAMINATIONS_H

#include "diagnose/doctor/findings.h"
#include "netlink/interface.h"

typedef void doctor_examination(struct doctor *doctor);

/* host.c: the host, whether or not the instance is attached. */
doctor_examination doctor_kernel, doctor_jit, doctor_bpffs, doctor_capabilities,
	doctor_stale_instances;

/* interfaces.c. The first two need no store. */
doctor_examination doctor_not_attached, doctor_interfaces, doctor_forwarding;

/* offloads.c: offloads and queues of one interface; `is_native`: in native XDP mode. */
void doctor_examine_offloads(struct doctor *doctor, const struct interface *interface,
			     bool is_native);

/* paths.c: routes to backends and back. doctor_paths() resolves the next hops for the others. */
doctor_examination doctor_paths, doctor_rp_filters, doctor_addresses, doctor_direct_return;

/* services.c. */
doctor_examination doctor_services, doctor_controller, doctor_flows;

/* connect.c: lists the TCP connections to try. Returns 0 or -ENOMEM. */
int doctor_list_connections(struct doctor *doctor);

/* Tries them for about 1 s; needs neither store nor view. Returns 0 or a negative errno. */
int doctor_connect_backends(struct doctor *doctor);

/* services.c: waits 0.5 s if packets have been lost, to see whether more are lost meanwhile. */
void doctor_await_losses(const struct doctor *doctor);

/* Packets lost up to now, and since outcomes_before. */
void doctor_examine_outcomes(struct doctor *doctor, const struct lb_outcomes *now);

#endif
