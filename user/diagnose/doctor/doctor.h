/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The doctor: what would stop packets here. Each finding says what is wrong, why that matters,
 * and the command that mends it.
 *
 * An examination is a function that looks at one thing and notes what it finds; the tables in
 * diagnose/doctor/doctor.c list them all. They change nothing. Of the host they look at /proc, links, routes
 * and neighbours, in the network namespace that lbctl runs in; of the instance at the view.
 * Whoever made the doctor releases it.
 */
#ifndef DIAGNOSE_DOCTOR_DOCTOR_H
#define DIAGNOSE_DOCTOR_DOCTOR_H

#include <net/if.h>
#include <stdbool.h>
#include <stddef.h>

#include "netlink/interface.h"
#include "netlink/route.h"
#include "store/store.h"
#include "view/view.h"

#define DOCTOR_TEXT_BYTES 384

/* A note is worth knowing, and nothing to be mended for certain. */
enum doctor_severity {
	DOCTOR_NOTE,
	DOCTOR_WARNING,
	DOCTOR_ERROR,
};

struct finding {
	const char *id; /* for scripts: words-with-dashes */
	enum doctor_severity severity;
	size_t number; /* in the order of finding */
	char message[DOCTOR_TEXT_BYTES];
	const char *why;
	char remedy[DOCTOR_TEXT_BYTES]; /* a command to run; "" = there is none */
	/* Whose it is; "" = nobody's in particular. */
	char interface[IF_NAMESIZE];
	char service[LB_NAME_BYTES];
	char backend[ENDPOINT_TEXT_BYTES];
};

/* A backend that packets are sent to, and the way there. */
struct doctor_path {
	const struct lb_service_config *service;
	const struct view_backend *backend;
	struct route_nexthop nexthop;
	int condition; /* of route_find_nexthop() */
};

/* A TCP connection to be tried. */
struct doctor_connection;

struct doctor {
	const char *instance;
	const char *command; /* how lbctl is called for this instance */
	const char *interface; /* the one to be examined; NULL = all that are attached */
	const struct store *store;
	const struct view *view; /* nothing attached: empty */
	struct doctor_path *paths;
	size_t path_count;
	struct doctor_connection *connections;
	size_t connection_count;
	struct lb_outcomes outcomes_before; /* at the beginning */
	struct finding *findings;
	size_t count;
	struct finding spare; /* what there is no memory for is put here */
};

typedef void doctor_examination(struct doctor *doctor);

/* What needs no instance. */
void doctor_examine_host(struct doctor *doctor);

/* 0 or -ENOMEM. What comes after it needs neither store nor view. */
int doctor_examine_instance(struct doctor *doctor);

/* Tries TCP connections to backends, for about a second. 0 or a negative errno. */
int doctor_list_connections(struct doctor *doctor);
int doctor_connect_backends(struct doctor *doctor);

/* Waits a moment, if packets were lost, so that one sees whether more are. */
void doctor_await_losses(const struct doctor *doctor);

/* Packets that were lost, and those that are being lost meanwhile. */
void doctor_examine_outcomes(struct doctor *doctor, const struct lb_outcomes *now);

/* The worst first, and of interfaces only the one that was asked about, if one was. */
void doctor_sort_findings(struct doctor *doctor);
void doctor_release(struct doctor *doctor);

/* Notes a finding, whose remedy and owner may be filled in until the next is noted. */
__attribute__((format(printf, 5, 6))) struct finding *finding_add(struct doctor *doctor,
								  const char *id,
								  enum doctor_severity severity,
								  const char *why,
								  const char *format, ...);
__attribute__((format(printf, 2, 3))) void finding_set_remedy(struct finding *finding,
							      const char *format, ...);
void finding_set_interface(struct finding *finding, const char *interface);
void finding_set_backend(struct finding *finding, const struct lb_service_config *service,
			 const struct lb_backend_config *backend);

/* Was this said of the interface already? */
bool doctor_has_finding(const struct doctor *doctor, const char *id, const char *interface);
bool doctor_is_attached(const struct doctor *doctor, const char *interface);

/* Do replies come back through here, to be given the service's address? */
static inline bool doctor_uses_nat(const struct lb_service_config *service)
{
	return service->forward == LB_FORWARD_NAT || service->forward == LB_FORWARD_SNAT;
}

/* In diagnose/doctor/host.c. */
doctor_examination doctor_kernel, doctor_jit, doctor_bpffs, doctor_capabilities,
	doctor_stale_instances;
/* In diagnose/doctor/interfaces.c. */
doctor_examination doctor_interfaces, doctor_forwarding;
/* In diagnose/doctor/offloads.c. */
void doctor_examine_offloads(struct doctor *doctor, const struct interface *interface,
			     bool is_native);
/* In diagnose/doctor/paths.c. */
doctor_examination doctor_paths, doctor_rp_filters, doctor_addresses, doctor_direct_return;
/* In diagnose/doctor/services.c. */
doctor_examination doctor_services, doctor_controller, doctor_flows;

#endif
