// SPDX-License-Identifier: GPL-2.0-only
/* Persistence: accepted texts, their canonical form, refused texts, the datapath's fields. */
#include <errno.h>
#include <netinet/in.h>
#include <string.h>

#include "base/address.h"
#include "core/tap.h"
#include "lb/flow.h"
#include "model/persistence.h"

#define COUNT(table) (sizeof(table) / sizeof((table)[0]))

static const struct {
	const char *text;
	bool v6;
	__u8 persist;
	__u32 ms;
	__u8 bits;
	const char *canonical;
} good[] = {
	{"flow", false, LB_PERSIST_FLOW, 0, 0, "flow"},
	{"none", false, LB_PERSIST_NONE, 0, 0, "none"},
	{"source", false, LB_PERSIST_SOURCE, 300000, 0, "source=5m"},
	{"source=300s", false, LB_PERSIST_SOURCE, 300000, 0, "source=5m"},
	{"source=1s", false, LB_PERSIST_SOURCE, 1000, 0, "source=1s"},
	{"source=24h", true, LB_PERSIST_SOURCE, 86400000, 0, "source=1d"},
	{"source=1500ms", true, LB_PERSIST_SOURCE, 1500, 0, "source=1500ms"},
	{"source=10m/24", false, LB_PERSIST_SOURCE, 600000, 24, "source=10m/24"},
	{"source=10m/1", false, LB_PERSIST_SOURCE, 600000, 1, "source=10m/1"},
	{"source=10m/32", false, LB_PERSIST_SOURCE, 600000, 0, "source=10m"},
	{"source=10m/32", true, LB_PERSIST_SOURCE, 600000, 32, "source=10m/32"},
	{"source=10m/56", true, LB_PERSIST_SOURCE, 600000, 56, "source=10m/56"},
	{"source=10m/128", true, LB_PERSIST_SOURCE, 600000, 0, "source=10m"},
};

static const struct {
	const char *text;
	bool v6;
} bad[] = {
	{"", false},
	{"flows", false},
	{"Source", false},
	{"source=", false},
	{"source=/24", false},
	{"source=5", false},
	{"source=999ms", false},
	{"source=25h", false},
	{"source=5m/", false},
	{"source=5m/0", false},
	{"source=5m/33", false},
	{"source=5m/129", true},
	{"source=5m/-1", true},
	{"source=5m/24x", false},
	{"source=5m/24/24", false},
	{"source=5m /24", false},
	{"source=00000000000000000000000000000000000000000000000000005m", false},
	{"none=5m", false},
};

static struct lb_service_config service_of(bool v6, __u8 protocol)
{
	struct lb_service_config service = {.protocol = protocol};

	address_parse(v6 ? "2001:db8::1" : "192.0.2.1", service.address);
	return service;
}

static void test_good(void)
{
	for (size_t i = 0; i < COUNT(good); i++) {
		struct lb_service_config service = service_of(good[i].v6, IPPROTO_UDP);
		char text[96];

		service.persist_bits = 99;
		ok(!persist_parse(good[i].text, &service) && service.persist == good[i].persist &&
			   service.persist_ms == good[i].ms && service.persist_bits == good[i].bits,
		   "\"%s\" is %u, %u ms, %u bits", good[i].text, good[i].persist, good[i].ms,
		   good[i].bits);
		persist_format(&service, text, sizeof(text));
		is_str(text, good[i].canonical, "\"%s\" has a canonical text", good[i].text);
	}
}

static void test_bad(void)
{
	for (size_t i = 0; i < COUNT(bad); i++) {
		struct lb_service_config service = service_of(bad[i].v6, IPPROTO_UDP);
		struct lb_service_config before = service;

		ok(persist_parse(bad[i].text, &service) == -EINVAL &&
			   !memcmp(&service, &before, sizeof(service)),
		   "\"%s\" is refused", bad[i].text);
	}
}

static void test_validate(void)
{
	struct lb_service_config tcp = service_of(false, IPPROTO_TCP);
	struct lb_service_config udp = service_of(false, IPPROTO_UDP);

	ok(!persist_validate(&tcp), "TCP can persist by flow");
	tcp.persist = LB_PERSIST_SOURCE;
	ok(!persist_validate(&tcp), "TCP can persist by client");
	tcp.persist = udp.persist = LB_PERSIST_NONE;
	ok(persist_validate(&tcp), "TCP needs persistence");
	ok(!persist_validate(&udp), "UDP needs no persistence");
}

/* Prefix lengths are of 128 bits; IPv4 has 96 in front. */
static void test_write(void)
{
	struct lb_service_config config = service_of(false, IPPROTO_UDP);
	struct lb_service service = {0};

	persist_parse("source=10s/24", &config);
	persist_write(&service, &config);
	is_int(service.persist, LB_PERSIST_SOURCE, "persistence is written");
	is_int(service.persist_ticks, (10000000000ULL >> LB_TICK_SHIFT) + 1,
	       "the timeout is written in ticks");
	is_int(service.persist_bits, 120, "24 bits of IPv4 are 120");
	persist_parse("source", &config);
	persist_write(&service, &config);
	is_int(service.persist_bits, 128, "the whole address is 128 bits");
	config = service_of(true, IPPROTO_UDP);
	persist_parse("source=10s/56", &config);
	persist_write(&service, &config);
	is_int(service.persist_bits, 56, "56 bits of IPv6 are 56");
}

int main(void)
{
	test_good();
	test_bad();
	test_validate();
	test_write();
	return tap_done();
}
