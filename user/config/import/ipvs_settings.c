// SPDX-License-Identifier: GPL-2.0-only
/* What is set for services and real servers, by IPVS's names for it. */
#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/suggest.h"
#include "config/import/import.h"
#include "model/service_settings.h"

/* What comes nearest to each of IPVS's schedulers, and what is different then. */
static const struct {
	const char *name;
	enum lb_scheduler scheduler;
	const char *but;
} schedulers[] = {
	{"rr", LB_SCHEDULER_RR, NULL},
	{"wrr", LB_SCHEDULER_WRR, NULL},
	{"lc", LB_SCHEDULER_LC, NULL},
	{"wlc", LB_SCHEDULER_LC, NULL},
	{"sh", LB_SCHEDULER_SOURCE, NULL},
	{"mh", LB_SCHEDULER_SOURCE, NULL},
	{"twos", LB_SCHEDULER_P2C, NULL},
	{"sed", LB_SCHEDULER_LC, "lc comes nearest"},
	{"nq", LB_SCHEDULER_LC, "lc comes nearest"},
	{"lblc", LB_SCHEDULER_LC, "the destination is always the VIP, so lc is taken"},
	{"lblcr", LB_SCHEDULER_LC, "the destination is always the VIP, so lc is taken"},
	{"dh", LB_SCHEDULER_SOURCE, "the destination is always the VIP, so source is taken"},
	{"ovf", LB_SCHEDULER_WRR, "wrr is taken; see --max-flows and --spill"},
	{"fo", LB_SCHEDULER_WRR, "wrr is taken; see --spill"},
};

#define SCHEDULERS (sizeof(schedulers) / sizeof(schedulers[0]))

int import_scheduler(struct import *import, const struct import_place *place, const char *name,
		     bool by_port, struct lb_service_config *said)
{
	struct suggestion meant = suggestion_of(name);
	size_t i = 0;

	while (i < SCHEDULERS && strcmp(schedulers[i].name, name))
		i++;
	if (i < SCHEDULERS) {
		said->scheduler = schedulers[i].scheduler;
		if (by_port && said->scheduler == LB_SCHEDULER_SOURCE)
			said->scheduler = LB_SCHEDULER_MAGLEV;
		return schedulers[i].but
			       ? import_note(import, place, "scheduler %s has no equivalent: %s",
					     name, schedulers[i].but)
			       : 0;
	}
	for (i = 0; i < SCHEDULERS; i++)
		suggestion_offer(&meant, schedulers[i].name);
	return import_fault(import, place, "no scheduler '%s'%s", name, suggestion_text(&meant));
}

int import_persist(struct import *import, const struct import_place *place, __u32 seconds,
		   struct lb_service_config *said)
{
	__u32 most = LB_TIMEOUT_MAX_MS / 1000;

	said->persist = LB_PERSIST_SOURCE;
	said->persist_ms = (seconds > most ? most : seconds ? seconds : 1) * 1000;
	return seconds > most
		       ? import_note(import, place,
				     "clients stay for %u s at the most: that is taken", most)
		       : 0;
}

/* The bits of 255.255.255.0, or of 24; 0 = it is none. */
static __u8 mask_bits(const char *text, __u8 whole)
{
	size_t digits = strspn(text, "0123456789");
	unsigned long bits = strtoul(text, NULL, 10);
	struct in_addr mask;
	__u32 ones;

	if (digits && digits <= 3 && !text[digits])
		return bits <= whole ? bits : 0;
	if (whole != 32 || inet_pton(AF_INET, text, &mask) != 1)
		return 0;
	ones = ntohl(mask.s_addr);
	return ones && !(~ones & (~ones + 1)) ? __builtin_popcount(ones) : 0;
}

int import_mask(struct import *import, const struct import_place *place, const char *text,
		struct lb_service_config *said)
{
	__u8 whole = address_is_ipv4(said->address) ? 32 : 128;
	__u8 bits = mask_bits(text, whole);

	if (!bits)
		return import_fault(import, place, "'%s': expected %s", text,
				    whole == 32 ? "a mask such as 255.255.255.0"
						: "a prefix's length, 1 to 128");
	said->persist_bits = bits == whole ? 0 : bits;
	return 0;
}

int import_weight(struct import *import, const struct import_place *place, const char *text,
		  struct lb_backend_config *said)
{
	__u32 weight;
	int code = import_number(import, place, text, 2147483647, &weight);

	if (code)
		return code;
	said->weight = weight > LB_WEIGHT_MAX ? LB_WEIGHT_MAX : weight;
	return weight > LB_WEIGHT_MAX
		       ? import_note(import, place, "weights are %u at the most: that is taken",
				     LB_WEIGHT_MAX)
		       : 0;
}

int import_tunnel(struct import *import, const struct import_place *place, const char *type,
		  __u8 *forward)
{
	*forward = LB_FORWARD_IPIP;
	if (!strcmp(type, "gue"))
		*forward = LB_FORWARD_GUE;
	else if (!strcmp(type, "gre"))
		return import_note(import, place,
				   "tunnels of GRE have no equivalent: ipip is taken");
	else if (strcmp(type, "ipip"))
		return import_fault(import, place, "no tunnel '%s': expected ipip or gue", type);
	return 0;
}

int import_settle(struct import *import, const struct import_place *place,
		  struct config_service *service)
{
	struct lb_service_config *said = &service->said;
	struct lb_service_config checked = *said;
	const char *objection = setting_objection(said);

	if (!objection)
		return 0;
	checked.check[0] = '\0';
	if (!setting_objection(&checked)) {
		memset(said->check, 0, sizeof(said->check));
		return import_note(import, place, "%s; no check is taken", objection);
	}
	said->persist = LB_PERSIST_FLOW;
	said->persist_ms = said->persist_bits = 0;
	return import_note(import, place, "%s; flow is taken", objection);
}
