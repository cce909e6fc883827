// SPDX-License-Identifier: GPL-2.0-only
/* Conversion of settings of IPVS. */
#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/number.h"
#include "base/suggest.h"
#include "config/import/import.h"
#include "model/service_settings.h"

/* The nearest equivalent of each scheduler of IPVS, and a warning if it differs. */
static const struct {
	const char *name;
	enum lb_scheduler scheduler;
	const char *caveat;
} schedulers[] = {
	{"rr", LB_SCHEDULER_RR, NULL},
	{"wrr", LB_SCHEDULER_WRR, NULL},
	{"lc", LB_SCHEDULER_LC, NULL},
	{"wlc", LB_SCHEDULER_LC, NULL},
	{"sh", LB_SCHEDULER_SOURCE, NULL},
	{"mh", LB_SCHEDULER_SOURCE, NULL},
	{"twos", LB_SCHEDULER_P2C, NULL},
	{"sed", LB_SCHEDULER_LC, "using lc"},
	{"nq", LB_SCHEDULER_LC, "using lc"},
	{"lblc", LB_SCHEDULER_LC, "using lc, because the destination is always the VIP"},
	{"lblcr", LB_SCHEDULER_LC, "using lc, because the destination is always the VIP"},
	{"dh", LB_SCHEDULER_SOURCE, "using source, because the destination is always the VIP"},
	{"ovf", LB_SCHEDULER_WRR, "using wrr (see --max-flows and --spill)"},
	{"fo", LB_SCHEDULER_WRR, "using wrr (see --spill)"},
};

#define SCHEDULERS (sizeof(schedulers) / sizeof(schedulers[0]))

int import_scheduler(struct import *import, const struct import_position *position,
		     const char *name, bool hash_ports, struct lb_service_config *settings)
{
	struct suggestion suggested = suggestion_of(name);
	size_t i = 0;

	while (i < SCHEDULERS && strcmp(schedulers[i].name, name))
		i++;
	if (i < SCHEDULERS) {
		settings->scheduler = schedulers[i].scheduler;
		if (hash_ports && settings->scheduler == LB_SCHEDULER_SOURCE)
			settings->scheduler = LB_SCHEDULER_MAGLEV;
		return schedulers[i].caveat
			       ? import_warn(import, position, "scheduler %s has no equivalent: %s",
					     name, schedulers[i].caveat)
			       : 0;
	}
	for (i = 0; i < SCHEDULERS; i++)
		suggestion_offer(&suggested, schedulers[i].name);
	return import_error(import, position, "unknown scheduler '%s'%s", name,
			    suggestion_text(&suggested));
}

int import_persist(struct import *import, const struct import_position *position, __u32 seconds,
		   struct lb_service_config *settings)
{
	__u32 max = LB_TIMEOUT_MAX_MS / 1000;

	settings->persist = LB_PERSIST_SOURCE;
	settings->persist_ms = (seconds > max ? max : seconds ? seconds : 1) * 1000;
	return seconds > max ? import_warn(import, position, "persistence is limited to %u s", max)
			     : 0;
}

/* The prefix length of "255.255.255.0" or "24"; 0 = invalid. */
static __u8 mask_bits(const char *text, __u8 address_bits)
{
	struct in_addr mask;
	__u32 ones;
	__u64 bits;

	if (!number_parse(text, 0, address_bits, &bits))
		return bits;
	if (address_bits != 32 || inet_pton(AF_INET, text, &mask) != 1)
		return 0;
	ones = ntohl(mask.s_addr);
	return ones && !(~ones & (~ones + 1)) ? __builtin_popcount(ones) : 0;
}

int import_mask(struct import *import, const struct import_position *position, const char *text,
		struct lb_service_config *settings)
{
	__u8 address_bits = address_is_ipv4(settings->address) ? 32 : 128;
	__u8 bits = mask_bits(text, address_bits);

	if (!bits)
		return import_error(import, position, "invalid mask '%s': expected %s", text,
				    address_bits == 32 ? "a netmask such as 255.255.255.0"
						       : "a prefix length from 1 to 128");
	settings->persist_bits = bits == address_bits ? 0 : bits;
	return 0;
}

int import_weight(struct import *import, const struct import_position *position, const char *text,
		  struct lb_backend_config *settings)
{
	__u32 weight;
	int code = import_number(import, position, text, 2147483647, &weight);

	if (code)
		return code;
	settings->weight = weight > LB_WEIGHT_MAX ? LB_WEIGHT_MAX : weight;
	return weight > LB_WEIGHT_MAX
		       ? import_warn(import, position, "the weight is limited to %u", LB_WEIGHT_MAX)
		       : 0;
}

int import_tunnel(struct import *import, const struct import_position *position, const char *type,
		  __u8 *forward)
{
	*forward = LB_FORWARD_IPIP;
	if (!strcmp(type, "gue"))
		*forward = LB_FORWARD_GUE;
	else if (!strcmp(type, "gre"))
		return import_warn(import, position, "GRE tunnels have no equivalent: using ipip");
	else if (strcmp(type, "ipip"))
		return import_error(import, position,
				    "invalid tunnel type '%s': expected ipip or gue", type);
	return 0;
}

int import_drop_conflicts(struct import *import, const struct import_position *position,
			  struct config_service *service)
{
	struct lb_service_config *settings = &service->settings;
	struct lb_service_config without_check = *settings;
	const char *conflict = service_settings_validate(settings);

	if (!conflict)
		return 0;
	without_check.check[0] = '\0';
	if (!service_settings_validate(&without_check)) {
		memset(settings->check, 0, sizeof(settings->check));
		return import_warn(import, position, "%s: check omitted", conflict);
	}
	settings->persist = LB_PERSIST_FLOW;
	settings->persist_ms = settings->persist_bits = 0;
	return import_warn(import, position, "%s: using persist flow", conflict);
}
