/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Findings of the doctor: faults that stop packets or degrade forwarding. A finding has a
 * message, a reason, and a remedy: a command that removes the fault.
 *
 * The owner of a struct doctor frees it with doctor_release().
 */
#ifndef DIAGNOSE_DOCTOR_FINDINGS_H
#define DIAGNOSE_DOCTOR_FINDINGS_H

#include <net/if.h>
#include <stdbool.h>
#include <stddef.h>

#include "netlink/route.h"
#include "store/store.h"
#include "view/view.h"

#define DOCTOR_TEXT_BYTES 384

/* A note is information: it may be intended, and does not affect the exit status. */
enum doctor_severity {
	DOCTOR_NOTE,
	DOCTOR_WARNING,
	DOCTOR_ERROR,
};

struct finding {
	const char *id; /* for scripts: words-with-dashes; static */
	enum doctor_severity severity;
	size_t number; /* position in the order of discovery */
	char message[DOCTOR_TEXT_BYTES];
	const char *why;
	char remedy[DOCTOR_TEXT_BYTES]; /* a command to run; "" = none */
	/* The object at fault; "" where the finding is not about one. */
	char interface[IF_NAMESIZE];
	char service[LB_NAME_BYTES];
	char backend[ENDPOINT_TEXT_BYTES];
};

/* A ready backend and its next hop. */
struct doctor_path {
	const struct lb_service_config *service;
	const struct view_backend *backend;
	struct route_nexthop nexthop;
	int condition; /* result of route_find_nexthop() */
};

/* A TCP connection to try; defined in connect.c. */
struct doctor_connection;

struct doctor {
	const char *instance;
	const char *command; /* "lbctl", with --instance if it is not the default one */
	const char *interface; /* examine only this one; NULL = all attached interfaces */
	const struct store *store;
	const struct view *view; /* empty if the instance is not attached */
	struct doctor_path *paths;
	size_t path_count;
	struct doctor_connection *connections;
	size_t connection_count;
	struct lb_outcomes outcomes_before; /* at the start of the examination */
	struct finding *findings;
	size_t count;
	struct finding spare; /* receives findings if memory runs out */
};

/*
 * Adds a finding and returns it. The caller may set its remedy and objects until it adds the
 * next one.
 */
__attribute__((format(printf, 5, 6))) struct finding *finding_add(struct doctor *doctor,
								  const char *id,
								  enum doctor_severity severity,
								  const char *why,
								  const char *format, ...);
__attribute__((format(printf, 2, 3))) void finding_set_remedy(struct finding *finding,
							      const char *format, ...);
void finding_set_interface(struct finding *finding, const char *interface);

/* Sets the service and, unless `backend` is NULL, the backend. */
void finding_set_backend(struct finding *finding, const struct lb_service_config *service,
			 const struct lb_backend_config *backend);

/* True if a finding with this id exists for the interface. */
bool doctor_has_finding(const struct doctor *doctor, const char *id, const char *interface);

/* True if the instance is attached to the interface in this network namespace. */
bool doctor_is_attached(const struct doctor *doctor, const char *interface);

/* True if replies of the service's backends pass the balancer, which translates them. */
static inline bool doctor_uses_nat(const struct lb_service_config *service)
{
	return service->forward == LB_FORWARD_NAT || service->forward == LB_FORWARD_SNAT;
}

/* Sorts by severity, worst first, and drops findings about interfaces other than `interface`. */
void doctor_sort_findings(struct doctor *doctor);

void doctor_release(struct doctor *doctor);

#endif
