// SPDX-License-Identifier: GPL-2.0-only
/*
 * Parser of keepalived.conf: virtual servers with their real servers and checks. Other features of
 * keepalived (VRRP, scripts) are omitted with a warning.
 */
#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>

#include "config/import/import.h"
#include "config/import/keepalived_checks.h"
#include "config/import/keepalived_lexer.h"

#define RANGE_MAX 256 /* addresses in A.B.C.D-E */

/* A virtual server at one of its addresses. */
struct server {
	struct import *import;
	const struct statement *statement;
	const struct statement *statements; /* of the whole file, to find groups */
	struct config_service *service;
	struct import_check defaults;
	const struct statement *scheduler, *mask; /* NULL = not set */
	bool hash_ports;
	bool is_check_set; /* a real server was read, with a check or without */
	bool is_repeated; /* the same virtual server was read at another address */
	__u32 persist_s;
	bool is_persistent;
};

/* Parses ADDR PORT, from the given word on. */
static int parse_address(struct import *import, const struct statement *statement, size_t word,
			 struct endpoint *endpoint)
{
	const char *port = statement_text(statement, word + 1);
	__u32 number = 0;
	int code;

	if (address_parse(statement_text(statement, word), endpoint->address))
		return import_error(import, statement_position(statement, word),
				    "invalid address '%s': expected a numeric address",
				    statement_text(statement, word));
	code = port[0] ? import_number(import, statement_position(statement, word + 1), port, 65535,
				       &number)
		       : 0;
	endpoint->port = htons(number);
	return code;
}

static int parse_scheduler(void *context, const struct statement *statement)
{
	struct server *server = context;

	server->scheduler = statement;
	return 0;
}

static int parse_hash_ports(void *context, const struct statement *statement)
{
	struct server *server = context;

	(void)statement;
	server->hash_ports = true;
	return 0;
}

static int parse_forwarding(void *context, const struct statement *statement)
{
	struct server *server = context;
	static const char *const kinds[LB_FORWARD_COUNT] = {
		[LB_FORWARD_NAT] = "NAT", [LB_FORWARD_DSR] = "DR", [LB_FORWARD_IPIP] = "TUN"};
	const char *text = statement_text(statement, 1);
	__u8 *forward = &server->service->settings.forward;

	for (__u8 i = 0; i < LB_FORWARD_COUNT; i++) {
		if (!kinds[i] || strcmp(kinds[i], text))
			continue;
		*forward = i;
		if (i == LB_FORWARD_IPIP && !strcmp(statement_text(statement, 2), "type"))
			return import_tunnel(server->import, statement_position(statement, 3),
					     statement_text(statement, 3), forward);
		return 0;
	}
	return import_error(server->import, statement_position(statement, 1),
			    "invalid %s '%s': expected NAT, DR or TUN", statement->words[0].text,
			    text);
}

static int parse_persistence(void *context, const struct statement *statement)
{
	struct server *server = context;

	server->is_persistent = true;
	server->persist_s = 360;
	return statement->word_count < 2
		       ? 0
		       : import_number(server->import, statement_position(statement, 1),
				       statement_text(statement, 1), ~0U, &server->persist_s);
}

static int parse_mask(void *context, const struct statement *statement)
{
	struct server *server = context;

	server->mask = statement;
	return 0;
}

static int parse_ops(void *context, const struct statement *statement)
{
	struct server *server = context;

	(void)statement;
	server->service->settings.persist = LB_PERSIST_NONE;
	return 0;
}

/* A sorry server that is a virtual server of this file becomes the spillover service. */
static int parse_sorry_server(void *context, const struct statement *statement)
{
	struct server *server = context;
	struct endpoint vip = {.protocol = server->service->settings.protocol};
	int code = parse_address(server->import, statement, 1, &vip);
	const struct config_service *other =
		code ? NULL : import_find_service(server->import, &vip);

	if (code)
		return code;
	if (!other || other == server->service ||
	    address_is_ipv4(vip.address) != address_is_ipv4(server->service->settings.address))
		return import_warn(
			server->import, statement_position(statement, 0),
			"sorry_server has no equivalent unless it is an earlier virtual server "
			"(see --spill): omitted");
	strcpy(server->service->settings.spill, other->settings.name);
	return 0;
}

/* Parsed separately, or the default here. */
static int skip(void *context, const struct statement *statement)
{
	(void)context;
	(void)statement;
	return 0;
}

static int parse_other(void *context, const struct statement *statement)
{
	struct server *server = context;

	return import_check_parse_other(server->import, statement, &server->defaults);
}

/* Sets what depends on several statements. */
static int finish_server(struct server *server)
{
	struct lb_service_config *settings = &server->service->settings;
	const struct statement *scheduler = server->scheduler, *mask = server->mask;
	const struct import_position *position = statement_position(server->statement, 0);
	int code = import_scheduler(
		server->import, scheduler ? statement_position(scheduler, 1) : position,
		scheduler ? statement_text(scheduler, 1) : "wlc", server->hash_ports, settings);

	if (!code && server->is_persistent)
		code = import_persist(server->import, position, server->persist_s, settings);
	if (!code && server->is_persistent && mask)
		code = import_mask(server->import, statement_position(mask, 1),
				   statement_text(mask, 1), settings);
	return code ? code : import_drop_conflicts(server->import, position, server->service);
}

/* Parses the check of a real server. The service gets that of the first one. */
static int parse_check(struct server *server, const struct statement *real)
{
	struct lb_service_config *settings = &server->service->settings;
	const struct statement *found = NULL;
	char check[CHECK_TEXT_BYTES] = "";
	int code = 0;

	for (const struct statement *each = real->body; !code && each; each = each->next) {
		if (!import_check_is_block(each))
			continue;
		if (found)
			code = import_warn(server->import, statement_position(each, 0),
					   "a service has one check: using the first");
		found = found ? found : each;
	}
	if (!code && found)
		code = import_check(server->import, found, &server->defaults, check);
	if (!code && server->is_check_set && strcmp(check, settings->check))
		code = import_warn(server->import, statement_position(found ? found : real, 0),
				   "a service has one check: using that of the first real server");
	if (!code && !server->is_check_set)
		memcpy(settings->check, check, sizeof(settings->check));
	server->is_check_set = true;
	return code;
}

static int parse_real_server(struct server *server, const struct statement *real,
			     struct lb_backend_config *settings)
{
	int code = 0;

	for (const struct statement *each = real->body; !code && each; each = each->next) {
		const char *name = each->words[0].text, *text = statement_text(each, 1);
		const struct import_position *position = statement_position(each, 1);

		if (!strcmp(name, "weight"))
			code = import_weight(server->import, position, text, settings);
		else if (!strcmp(name, "uthreshold"))
			code = import_number(server->import, position, text, LB_FLOWS_MAX,
					     &settings->max_flows);
		else if (!import_check_is_block(each) && !import_check_is_common_key(each) &&
			 strcmp(name, "inhibit_on_failure"))
			code = statement_warn_ignored(server->import, each);
	}
	return code;
}

static int add_real_server(struct server *server, const struct statement *real)
{
	struct endpoint endpoint = {0};
	struct config_backend *backend;
	int code = parse_address(server->import, real, 1, &endpoint);

	if (code)
		return code;
	if (real->word_count < 3)
		endpoint.port = server->service->settings.port;
	code = import_add_backend(server->import, statement_position(real, 1), server->service,
				  &endpoint, &backend);
	if (!code && backend)
		code = parse_real_server(server, real, &backend->settings);
	return code ? code : parse_check(server, real);
}

static int add_server(struct server *server, const struct import_position *position,
		      const struct endpoint *vip)
{
	static const struct block_key keys[] = {
		{"lb_algo", parse_scheduler},
		{"lvs_sched", parse_scheduler},
		{"mh-port", parse_hash_ports},
		{"sh-port", parse_hash_ports},
		{"lb_kind", parse_forwarding},
		{"lvs_method", parse_forwarding},
		{"persistence_timeout", parse_persistence},
		{"persistence_granularity", parse_mask},
		{"ops", parse_ops},
		{"sorry_server", parse_sorry_server},
		{"sorry_server_inhibit", skip},
		{"inhibit_on_failure", skip},
		{"protocol", skip},
		{"ip_family", skip},
		{"real_server", skip},
		{NULL, NULL},
	};
	int code;

	server->defaults = (struct import_check){
		.interval_ms = 60000, .timeout_ms = 5000, .retry_delay_ms = 1000, .retries = 1};
	server->service = import_add_service(server->import, position, vip);
	if (!server->service)
		return server->import->problem->code;
	code = block_read(server->statement->body, keys, parse_other, server);
	for (const struct statement *each = server->statement->body; !code && each;
	     each = each->next)
		if (!strcmp(each->words[0].text, "real_server"))
			code = add_real_server(server, each);
	return code ? code : finish_server(server);
}

/* Parses A.B.C.D-E, or a single address. *count is the number of addresses. */
static int parse_range(struct import *import, const struct statement *statement, char *dash,
		       struct endpoint *vip, __u32 *count)
{
	__u32 last = 0;
	int code;

	*count = 1;
	if (dash)
		*dash = '\0';
	code = parse_address(import, statement, 0, vip);
	if (dash)
		*dash = '-';
	if (code || !dash)
		return code;
	code = import_number(import, statement_position(statement, 0), dash + 1, RANGE_MAX - 1,
			     &last);
	if (!code && (!address_is_ipv4(vip->address) ||
		      last < (ntohl(address_to_ipv4(vip->address)) & 0xff)))
		return import_error(import, statement_position(statement, 0),
				    "invalid address range '%s': expected A.B.C.D-E",
				    statement_text(statement, 0));
	*count = last - (ntohl(address_to_ipv4(vip->address)) & 0xff) + 1;
	return code;
}

/* Adds one line of a group: an address, a range of addresses, or a firewall mark. */
static int add_group_member(struct server *server, const struct statement *member, __u8 protocol)
{
	struct endpoint vip = {.protocol = protocol};
	__be32 ipv4;
	__u32 count;
	int code;

	if (!strcmp(member->words[0].text, "fwmark"))
		return import_warn(server->import, statement_position(member, 0),
				   "firewall marks have no equivalent: omitted");
	code = parse_range(server->import, member, strchr(member->words[0].text, '-'), &vip,
			   &count);
	for (__u32 i = 0; !code && i < count; i++) {
		struct server copy = *server;
		size_t warnings = server->import->warning_count;

		code = add_server(&copy, statement_position(member, 0), &vip);
		/* The warnings of the first address apply to all. */
		while (!code && server->is_repeated && server->import->warning_count > warnings)
			free(server->import->warnings[--server->import->warning_count]);
		server->is_repeated = true;
		ipv4 = htonl(ntohl(address_to_ipv4(vip.address)) + 1);
		if (count > 1)
			address_from_ipv4(ipv4, vip.address);
	}
	return code;
}

static int add_group(struct server *server, __u8 protocol)
{
	const char *name = statement_text(server->statement, 2);
	const struct statement *group = statement_find(server->statements, "virtual_server_group");
	int code = 0;

	while (group && strcmp(statement_text(group, 1), name))
		group = statement_find(group->next, "virtual_server_group");
	if (!group)
		return import_error(server->import, statement_position(server->statement, 2),
				    "unknown virtual_server_group '%s'", name);
	for (const struct statement *member = group->body; !code && member; member = member->next)
		code = add_group_member(server, member, protocol);
	return code;
}

static int add_virtual_server(struct import *import, const struct statement *statements,
			      const struct statement *statement)
{
	const struct statement *declared = statement_find(statement->body, "protocol");
	const char *protocol = declared ? statement_text(declared, 1) : "TCP";
	const char *first = statement_text(statement, 1);
	struct server server = {.import = import, .statement = statement, .statements = statements};
	struct endpoint vip = {0};
	int code;

	if (!strcmp(first, "fwmark") || !strcmp(protocol, "SCTP"))
		return import_warn(import, statement_position(statement, 0),
				   "%s no equivalent: virtual server omitted",
				   strcmp(first, "fwmark") ? "SCTP has" : "firewall marks have");
	if (strcmp(protocol, "TCP") && strcmp(protocol, "UDP"))
		return import_error(import, statement_position(declared, 1),
				    "invalid protocol '%s': expected TCP or UDP", protocol);
	vip.protocol = strcmp(protocol, "UDP") ? IPPROTO_TCP : IPPROTO_UDP;
	if (!strcmp(first, "group"))
		return add_group(&server, vip.protocol);
	code = parse_address(import, statement, 1, &vip);
	return code ? code : add_server(&server, statement_position(statement, 1), &vip);
}

int import_keepalived(struct import *import)
{
	struct statement *statements;
	int code = statement_read(import, &statements);

	for (const struct statement *each = statements; !code && each; each = each->next) {
		const char *name = each->words[0].text;

		if (!strcmp(name, "virtual_server"))
			code = add_virtual_server(import, statements, each);
		else if (strcmp(name, "virtual_server_group"))
			code = statement_warn_ignored(import, each);
	}
	statement_free(statements);
	return code;
}
