// SPDX-License-Identifier: GPL-2.0-only
#include "model/persistence.h"

#include <errno.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>

#include "base/address.h"
#include "base/duration.h"
#include "base/number.h"
#include "lb/flow.h"

static __u8 address_bits(const struct lb_service_config *service)
{
	return address_is_ipv4(service->address) ? 32 : 128;
}

/* A prefix length; 0 stands for the whole address, the default. */
static int parse_bits(const char *text, __u8 max_bits, __u8 *bits)
{
	__u64 value;

	if (number_parse(text, 1, max_bits, &value))
		return -EINVAL;
	*bits = value == max_bits ? 0 : value;
	return 0;
}

/* DUR[/BITS], the text after "source=". */
static int parse_source(const char *text, struct lb_service_config *service)
{
	const char *slash = strchr(text, '/');
	size_t length = slash ? (size_t)(slash - text) : strlen(text);
	char duration[DURATION_TEXT_BYTES];
	__u8 bits = 0;
	__u64 ms;

	if (length >= sizeof(duration))
		return -EINVAL;
	memcpy(duration, text, length);
	duration[length] = '\0';
	if (duration_parse(duration, &ms) || ms < LB_TIMEOUT_MIN_MS || ms > LB_TIMEOUT_MAX_MS ||
	    (slash && parse_bits(slash + 1, address_bits(service), &bits)))
		return -EINVAL;
	service->persist = LB_PERSIST_SOURCE;
	service->persist_ms = ms;
	service->persist_bits = bits;
	return 0;
}

int persist_parse(const char *text, struct lb_service_config *service)
{
	__u8 persist;

	if (!strncmp(text, "source=", 7))
		return parse_source(text + 7, service);
	if (!strcmp(text, "source"))
		persist = LB_PERSIST_SOURCE;
	else if (!strcmp(text, "none"))
		persist = LB_PERSIST_NONE;
	else if (!strcmp(text, "flow"))
		persist = LB_PERSIST_FLOW;
	else
		return -EINVAL;
	service->persist = persist;
	service->persist_ms = persist == LB_PERSIST_SOURCE ? LB_PERSIST_DEFAULT_MS : 0;
	service->persist_bits = 0;
	return 0;
}

void persist_format(const struct lb_service_config *service, char *text, size_t size)
{
	char duration[DURATION_TEXT_BYTES];

	if (service->persist != LB_PERSIST_SOURCE) {
		snprintf(text, size, "%s", service->persist == LB_PERSIST_NONE ? "none" : "flow");
		return;
	}
	duration_format(service->persist_ms, duration, sizeof(duration));
	if (service->persist_bits)
		snprintf(text, size, "source=%s/%u", duration, service->persist_bits);
	else
		snprintf(text, size, "source=%s", duration);
}

bool persist_needs_exclusive_backends(const struct lb_service_config *service)
{
	return service->persist == LB_PERSIST_NONE && service->forward == LB_FORWARD_NAT;
}

bool persist_differs(const struct lb_service_config *now, const struct lb_service_config *before)
{
	return now->persist != before->persist || now->persist_bits != before->persist_bits;
}

void persist_write(struct lb_service *service, const struct lb_service_config *config)
{
	__u32 ticks = ((__u64)config->persist_ms * 1000000 >> LB_TICK_SHIFT) + 1;
	__u32 mapped_bits = address_is_ipv4(config->address) ? 96 : 0;
	__u32 bits = config->persist_bits ? mapped_bits + config->persist_bits : 128;

	__atomic_store_n(&service->persist_ticks, ticks, __ATOMIC_RELAXED);
	__atomic_store_n(&service->persist_bits, bits, __ATOMIC_RELAXED);
	__atomic_store_n(&service->persist, config->persist, __ATOMIC_RELEASE);
}

const char *persist_validate(const struct lb_service_config *service)
{
	if (service->persist == LB_PERSIST_NONE && service->protocol == IPPROTO_TCP)
		return "--persist none is only possible for UDP services";
	if (service->persist == LB_PERSIST_NONE && service->forward == LB_FORWARD_SNAT)
		return "--persist none is not possible with --forward snat";
	return NULL;
}
