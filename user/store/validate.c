// SPDX-License-Identifier: GPL-2.0-only
#include "store/validate.h"

#include <netinet/in.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/suggest.h"
#include "model/persistence.h"
#include "model/service_settings.h"
#include "store/endpoint_index.h"
#include "store/snat_pool.h"

int validate_name(struct problem *problem, const char *name)
{
	size_t length = strspn(name, "abcdefghijklmnopqrstuvwxyz0123456789-");

	if (name[0] && name[0] != '-' && !name[length] && length < LB_NAME_BYTES)
		return 0;
	return problem_set(problem, EXIT_INVALID, "invalid-name",
			   "name '%s': expected [a-z0-9][a-z0-9-]*, 63 at most", name);
}

int validate_unknown_service(struct problem *problem, const struct store *store, const char *what,
			     const char *name)
{
	struct suggestion meant = suggestion_of(name);

	for (__u32 id = 1; id < store->control->max_services; id++)
		if (store->service[id].name[0])
			suggestion_offer(&meant, store->service[id].name);
	problem_set(problem, EXIT_NOT_FOUND, "service-not-found", "%sno service '%s'%s", what, name,
		    suggestion_text(&meant));
	problem_hint(problem, "lbctl service list");
	return problem->code;
}

int validate_vip(struct problem *problem, const char *text, struct endpoint *vip)
{
	bool has_port;

	if (endpoint_parse(text, vip, &has_port) || !has_port || !vip->protocol)
		return problem_set(problem, EXIT_INVALID, "invalid-vip",
				   "VIP '%s': expected ADDR:PORT/tcp or ADDR:PORT/udp", text);
	if (!address_is_routable(vip->address))
		return problem_set(problem, EXIT_INVALID, "invalid-vip",
				   "VIP '%s': not an address that packets are routed to", text);
	return 0;
}

/*
 * The idle times are those that NAT devices owe TCP and UDP (RFC 5382: 2 h 4 min
 * established, 4 min in between; RFC 4787: 5 min); half-open flows get as long
 * as a few retransmissions take.
 */
struct lb_backend_config backend_defaults(const struct endpoint *endpoint)
{
	return (struct lb_backend_config){
		.address = {endpoint->address[0], endpoint->address[1]},
		.port = endpoint->port,
		.weight = 1,
		.override_milli = LB_NO_OVERRIDE,
	};
}

int validate_settings(struct problem *problem, const struct lb_service_config *service)
{
	const char *objection = service_settings_validate(service);

	return objection ? problem_set(problem, EXIT_INVALID, "invalid-setting", "%s", objection)
			 : 0;
}

/* Says of a backend, whose endpoint is put into words only here, what `format` says. */
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
	return problem_set(problem, code, id, "backend '%s'%s", text, detail);
}

int validate_forward(struct problem *problem, const struct lb_service_config *service,
		     const __u64 address[2], __be16 port)
{
	bool tunnels = service->forward == LB_FORWARD_IPIP || service->forward == LB_FORWARD_GUE;
	bool translates = service->port && (service->forward == LB_FORWARD_NAT ||
					    service->forward == LB_FORWARD_SNAT);

	if (!tunnels && address_is_ipv4(address) != address_is_ipv4(service->address))
		return refuse_backend(
			problem, EXIT_INVALID, "wrong-family", address, port,
			": service '%s' is of the other IP version, which %s cannot reach",
			service->name, forward_name(service->forward));
	if (!translates && port != service->port)
		return refuse_backend(problem, EXIT_INVALID, "wrong-port", address, port,
				      ": %s leaves the port%s of service '%s' as %s",
				      service->port ? forward_name(service->forward)
						    : "a service on all ports",
				      service->port ? "" : "s", service->name,
				      service->port ? "it is" : "they are");
	return 0;
}

int validate_endpoint(struct problem *problem, const struct lb_service_config *service,
		      const char *text, struct endpoint *endpoint)
{
	bool has_port;

	if (endpoint_parse(text, endpoint, &has_port) ||
	    (endpoint->protocol && endpoint->protocol != service->protocol))
		return problem_set(problem, EXIT_INVALID, "invalid-backend",
				   "backend '%s': expected ADDR or ADDR:PORT", text);
	if (!address_is_routable(endpoint->address))
		return problem_set(problem, EXIT_INVALID, "invalid-backend",
				   "backend '%s': not an address that packets are routed to", text);
	if (has_port && !endpoint->port && service->port)
		return problem_set(problem, EXIT_INVALID, "invalid-backend",
				   "backend '%s': port 0 is no port", text);
	if (!has_port)
		endpoint->port = service->port;
	return validate_forward(problem, service, endpoint->address, endpoint->port);
}

int validate_new_backend(struct problem *problem, const struct store *store, __u32 service,
			 const struct endpoint *endpoint)
{
	const struct lb_service_config *config = &store->service[service];

	if (endpoint->port == config->port &&
	    !memcmp(endpoint->address, config->address, sizeof(config->address)))
		return refuse_backend(problem, EXIT_INVALID, "invalid-backend", endpoint->address,
				      endpoint->port, ": that is the service's own VIP");
	if (endpoint_index_count(store, endpoint->address, endpoint->port, config->protocol) >=
	    LB_ENDPOINT_CHAIN_MAX)
		return refuse_backend(problem, EXIT_CONFLICT, "endpoint-shared-too-often",
				      endpoint->address, endpoint->port,
				      " serves %u services already, which is the most",
				      LB_ENDPOINT_CHAIN_MAX);
	return 0;
}

int validate_backends(struct problem *problem, const struct store *store, __u32 id,
		      const struct lb_service_config *wanted)
{
	int code = 0;

	for (__u32 i = 1; !code && i < store->control->max_backends; i++)
		if (store_service_owns(store, id, i))
			code = validate_forward(problem, wanted, store->backend[i].address,
						store->backend[i].port);
	return code;
}

int validate_snat_pool(struct problem *problem, const struct store *store, __u32 id,
		       struct lb_service_config *wanted)
{
	char source[SETTING_TEXT_BYTES];

	service_setting_format(service_setting_find("source"), wanted, source);
	switch (snat_pool_assign(store, id, wanted)) {
	case SNAT_POOL_MISSING:
		problem_set(problem, EXIT_INVALID, "no-source",
			    "--forward snat needs addresses of the service's IP version to speak "
			    "from, which lead back to this host");
		problem_hint(problem, "lbctl help service set");
		return problem->code;
	case SNAT_POOL_OVERLAP:
		return problem_set(problem, EXIT_CONFLICT, "source-overlap",
				   "a VIP, or another service's source, lies among the addresses "
				   "of --source %s, or this VIP among another's",
				   source);
	case SNAT_POOL_FULL:
		return problem_set(problem, EXIT_CONFLICT, "sources-full",
				   "no room for the addresses of --source %s: the instance was "
				   "attached with --max-sources %llu",
				   source, store->control->max_sources);
	default:
		return 0;
	}
}

int validate_pool(struct problem *problem, const struct store *store, __u32 service)
{
	bool needs_own = persist_needs_exclusive_backends(&store->service[service]);
	size_t count = 0;

	for (__u32 id = 1; id < store->control->max_backends; id++) {
		__u32 other;

		if (!store_service_owns(store, service, id))
			continue;
		other = needs_own ? endpoint_index_conflict(store, id) : 0;
		if (other)
			return problem_set(problem, EXIT_CONFLICT, "backend-in-use",
					   "--persist none: a backend of '%s' is one of '%s' as "
					   "well, and so are its replies",
					   store->service[service].name,
					   store->service[other].name);
		count++;
	}
	if (count > LB_SLOTS)
		return problem_set(problem, EXIT_CONFLICT, "service-full",
				   "a service has %u backends at the most", LB_SLOTS);
	return 0;
}
