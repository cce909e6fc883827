// SPDX-License-Identifier: GPL-2.0-only
#include "cli/validate.h"

#include <arpa/inet.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/suggest.h"
#include "model/persistence.h"
#include "model/service_settings.h"
#include "store/edit.h"
#include "store/lookup.h"
#include "store/snat_pool.h"

_Static_assert(LB_NAME_BYTES == 64, "VALIDATE_NAME_RULE has this number");

bool validate_is_name(const char *name)
{
	size_t length = strspn(name, "abcdefghijklmnopqrstuvwxyz0123456789-");

	return name[0] && name[0] != '-' && !name[length] && length < LB_NAME_BYTES;
}

int validate_name(struct problem *problem, const char *name)
{
	if (validate_is_name(name))
		return 0;
	return problem_set(problem, EXIT_INVALID, "invalid-name",
			   "invalid name '%s': " VALIDATE_NAME_RULE, name);
}

int validate_unknown_service(struct problem *problem, const struct store *store, const char *prefix,
			     const char *name)
{
	struct suggestion meant = suggestion_of(name);

	for (__u32 id = 1; id < store->control->max_services; id++)
		if (store->config.service[id].name[0])
			suggestion_offer(&meant, store->config.service[id].name);
	problem_set(problem, EXIT_NOT_FOUND, "service-not-found", "%sunknown service '%s'%s",
		    prefix, name, suggestion_text(&meant));
	problem_hint(problem, "lbctl service list");
	return problem->code;
}

int validate_vip(struct problem *problem, const char *text, struct endpoint *vip)
{
	bool has_port;

	if (endpoint_parse(text, vip, &has_port) || !has_port || !vip->protocol)
		return problem_set(problem, EXIT_INVALID, "invalid-vip",
				   "invalid VIP '%s': expected ADDR:PORT/tcp or ADDR:PORT/udp",
				   text);
	if (!address_is_routable(vip->address))
		return problem_set(problem, EXIT_INVALID, "invalid-vip",
				   "invalid VIP '%s': not a routable unicast address", text);
	return 0;
}

int validate_settings(struct problem *problem, const struct lb_service_config *service)
{
	const char *objection = service_settings_validate(service);

	return objection ? problem_set(problem, EXIT_INVALID, "invalid-setting", "%s", objection)
			 : 0;
}

/* --- one backend --------------------------------------------------------------------- */

/* Records a problem: "backend 'ENDPOINT': ...". */
__attribute__((format(printf, 6, 7))) static int refuse_backend(struct problem *problem,
								enum exit_code code, const char *id,
								const __u64 address[2], __be16 port,
								const char *format, ...)
{
	char text[ENDPOINT_TEXT_BYTES], detail[256];
	va_list arguments;

	endpoint_format(address, port, text, sizeof(text));
	va_start(arguments, format);
	vsnprintf(detail, sizeof(detail), format, arguments);
	va_end(arguments);
	return problem_set(problem, code, id, "backend '%s': %s", text, detail);
}

static int refuse_port(struct problem *problem, const struct lb_service_config *service,
		       const __u64 address[2], __be16 port)
{
	if (!service->port)
		return refuse_backend(problem, EXIT_INVALID, "wrong-port", address, port,
				      "service '%s' is on all ports and does not translate them; "
				      "omit the port",
				      service->name);
	return refuse_backend(
		problem, EXIT_INVALID, "wrong-port", address, port,
		"%s does not translate ports; use port %u, which is that of service '%s'",
		forward_name(service->forward), ntohs(service->port), service->name);
}

int validate_edit_problem(struct problem *problem, const struct store *store,
			  const struct lb_service_config *service, const __u64 address[2],
			  __be16 port, int condition)
{
	switch (condition) {
	case EDIT_WRONG_FAMILY:
		return refuse_backend(problem, EXIT_INVALID, "wrong-family", address, port,
				      "address family mismatch: service '%s' is %s, and %s cannot "
				      "translate between families",
				      service->name,
				      address_is_ipv4(service->address) ? "IPv4" : "IPv6",
				      forward_name(service->forward));
	case EDIT_WRONG_PORT:
		return refuse_port(problem, service, address, port);
	case EDIT_ENDPOINT_SHARED:
		return refuse_backend(problem, EXIT_CONFLICT, "endpoint-shared-too-often", address,
				      port, "shared by %u services already, which is the limit",
				      LB_ENDPOINT_CHAIN_MAX);
	case EDIT_BACKENDS_FULL:
		return problem_set(problem, EXIT_CONFLICT, "backends-full",
				   "backend limit reached (--max-backends %u)",
				   store->control->max_backends - 1);
	default:
		return 0;
	}
}

int validate_forward(struct problem *problem, const struct lb_service_config *service,
		     const __u64 address[2], __be16 port)
{
	int condition = edit_check_reach(service, address, port);

	return validate_edit_problem(problem, NULL, service, address, port, condition);
}

int validate_endpoint(struct problem *problem, const struct lb_service_config *service,
		      const char *text, struct endpoint *endpoint)
{
	bool has_port;

	if (endpoint_parse(text, endpoint, &has_port) ||
	    (endpoint->protocol && endpoint->protocol != service->protocol))
		return problem_set(problem, EXIT_INVALID, "invalid-backend",
				   "invalid backend '%s': expected ADDR or ADDR:PORT", text);
	if (!address_is_routable(endpoint->address))
		return problem_set(problem, EXIT_INVALID, "invalid-backend",
				   "invalid backend '%s': not a routable unicast address", text);
	if (has_port && !endpoint->port && service->port)
		return problem_set(problem, EXIT_INVALID, "invalid-backend",
				   "invalid backend '%s': port 0 is not allowed", text);
	if (!has_port)
		endpoint->port = service->port;
	return validate_forward(problem, service, endpoint->address, endpoint->port);
}

int validate_new_backend(struct problem *problem, const struct store *store, __u32 service,
			 const struct endpoint *endpoint)
{
	const struct lb_service_config *config = &store->config.service[service];
	const __u64 *address = endpoint->address;

	if (endpoint->port == config->port &&
	    !memcmp(address, config->address, sizeof(config->address)))
		return refuse_backend(problem, EXIT_INVALID, "invalid-backend", address,
				      endpoint->port, "this is the VIP of the service itself");
	return validate_edit_problem(problem, store, config, address, endpoint->port,
				     edit_check_shared(store, config, address, endpoint->port));
}

/* --- a service's backends together ----------------------------------------------------- */

int validate_backends(struct problem *problem, const struct store *store, __u32 service,
		      const struct lb_service_config *wanted)
{
	__u32 id = 0;
	int code = 0;

	while (!code && (id = store_next_backend(store, service, id)))
		if (store_service_owns(store, service, id))
			code = validate_forward(problem, wanted, store->config.backend[id].address,
						store->config.backend[id].port);
	return code;
}

int validate_pool(struct problem *problem, const struct store *store, __u32 service)
{
	bool needs_own = persist_needs_exclusive_backends(&store->config.service[service]);
	size_t count = 0;
	__u32 id = 0;

	while ((id = store_next_backend(store, service, id))) {
		__u32 other = 0;

		if (!store_service_owns(store, service, id))
			continue;
		if (needs_own)
			other = store_endpoint_conflict(store, id);
		if (other)
			return problem_set(
				problem, EXIT_CONFLICT, "backend-in-use",
				"--persist none: services '%s' and '%s' share a backend, "
				"so its replies would be ambiguous",
				store->config.service[service].name,
				store->config.service[other].name);
		count++;
	}
	if (count > LB_SLOTS)
		return problem_set(problem, EXIT_CONFLICT, "service-full",
				   "a service can have at most %u backends", LB_SLOTS);
	return 0;
}

int validate_snat_problem(struct problem *problem, const struct store *store,
			  const struct lb_service_config *service, int condition)
{
	char source[SETTING_TEXT_BYTES];

	service_setting_format(service_setting_find("source"), service, source);
	switch (condition) {
	case SNAT_POOL_MISSING:
		problem_set(problem, EXIT_INVALID, "no-source",
			    "--forward snat needs --source: addresses of the service's IP version "
			    "that are routed to this host");
		problem_hint(problem, "lbctl help service set");
		return problem->code;
	case SNAT_POOL_OVERLAP:
		return problem_set(problem, EXIT_CONFLICT, "source-overlap",
				   "--source %s overlaps a VIP or the --source of another service",
				   source);
	case SNAT_POOL_HAS_VIP:
		return problem_set(problem, EXIT_CONFLICT, "source-overlap",
				   "the VIP is in the --source of another service");
	case SNAT_POOL_FULL:
		return problem_set(problem, EXIT_CONFLICT, "sources-full",
				   "too few free addresses for --source %s (--max-sources %llu)",
				   source, store->control->max_sources);
	default:
		return 0;
	}
}
