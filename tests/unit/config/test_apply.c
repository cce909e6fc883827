// SPDX-License-Identifier: GPL-2.0-only
/*
 * Applying a file to a scratch store: limits of backends hold, shared endpoints are counted, and
 * new backends start at 0.
 */
#include "config/apply.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/address.h"
#include "config/config.h"
#include "core/tap.h"
#include "random.h"
#include "store/counters.h"
#include "store/edit.h"
#include "store/lookup.h"
#include "store/transaction.h"

#define TEXT_BYTES (1U << 20)
#define SERVICES   70
#define BACKENDS   17000

static struct store open_blank_store(__u32 backends)
{
	const struct lb_control limits = {.max_services = SERVICES, .max_backends = backends + 1};
	struct store store;

	if (store_open_scratch(&store, &limits))
		exit(1);
	return store;
}

/* Applies a file. Returns the id of the problem; "" = none. */
static const char *apply_text(struct store *store, const char *text)
{
	FILE *file = fmemopen((void *)text, strlen(text), "r");
	struct problem problem = {.id = ""};
	struct config config;
	struct apply apply = {.config = &config};

	if (!config_read(&config, file, "lb.yaml", &problem))
		apply_to_store(&apply, store, &problem);
	config_release(&config);
	fclose(file);
	if (problem.id[0])
		diag("%s", problem.message);
	return problem.id;
}

/* Services that share their only backend; `rest` begins with their protocol. */
static void write_shared_backends(char *text, int services, const char *rest)
{
	text += sprintf(text, "version: 1\nservices:\n");
	for (int i = 1; i <= services; i++)
		text += sprintf(text,
				"  - {name: s%d, vip: \"192.0.2.1:%d/%s, "
				"backends: [{address: \"10.0.0.1:65\"}]}\n",
				i, i, rest);
}

static void write_many_backends(char *text, int backends)
{
	text += sprintf(text, "version: 1\nservices:\n"
			      "  - name: many\n    vip: 192.0.2.1:80/tcp\n    backends:\n");
	for (int i = 0; i < backends; i++)
		text += sprintf(text, "      - {address: 10.0.%d.%d}\n", i / 250, i % 250 + 1);
}

static void test_shared_backends(char *text)
{
	struct store store = open_blank_store(SERVICES);
	__u64 address[2];

	write_shared_backends(text, LB_ENDPOINT_CHAIN_MAX, "tcp\"");
	is_str(apply_text(&store, text), "", "%u services share a backend", LB_ENDPOINT_CHAIN_MAX);
	address_parse("10.0.0.1", address);
	is_int(store_endpoint_count(&store, address, htons(65), IPPROTO_TCP), LB_ENDPOINT_CHAIN_MAX,
	       "which is counted");
	is_int(store_endpoint_count(&store, address, htons(65), IPPROTO_UDP), 0,
	       "not for another protocol");
	is_int(store_endpoint_count(&store, address, htons(66), IPPROTO_TCP), 0,
	       "nor for another port");
	edit_remove_backend(&store, 1);
	is_int(store_endpoint_count(&store, address, htons(65), IPPROTO_TCP),
	       LB_ENDPOINT_CHAIN_MAX - 1, "and not for removed backends");
	store_close(&store);

	store = open_blank_store(SERVICES);
	write_shared_backends(text, LB_ENDPOINT_CHAIN_MAX + 1, "tcp\"");
	is_str(apply_text(&store, text), "endpoint-shared-too-often", "but not one more");
	store_close(&store);

	store = open_blank_store(SERVICES);
	write_shared_backends(text, 2, "udp\", persist: none");
	is_str(apply_text(&store, text), "backend-in-use", "nor two services with --persist none");
	store_close(&store);
}

static void test_limits(char *text)
{
	struct store store = open_blank_store(BACKENDS);

	write_many_backends(text, LB_SLOTS);
	is_str(apply_text(&store, text), "", "a service has %u backends", LB_SLOTS);
	is_str(apply_text(&store, text), "", "which are found again by the second apply");
	is_int(store.config.backend[LB_SLOTS + 1].service, 0, "and use no new ids");
	store_close(&store);

	store = open_blank_store(BACKENDS);
	write_many_backends(text, LB_SLOTS + 1);
	is_str(apply_text(&store, text), "service-full", "but not one more");
	store_close(&store);

	store = open_blank_store(10);
	write_many_backends(text, 10);
	is_str(apply_text(&store, text), "", "an instance has as many as its limit");
	write_many_backends(text, 11);
	is_str(apply_text(&store, text), "backends-full", "but not one more");
	store_close(&store);
}

static void test_first_apply(char *text)
{
	struct store store = open_blank_store(10);

	store.tables.cpus->traffic[1].packets = 7;
	store.health_records[1].streak = 7;
	write_many_backends(text, 1);
	is_str(apply_text(&store, text), "", "a backend gets the id of a removed one");
	is_int(store_traffic(&store, 1).packets, 0, "without its counters");
	is_int(store.health_records[1].streak, 0, "and without its health record");
	store_close(&store);
}

/* Counts by a walk over all backends. */
static size_t count_slowly(const struct store *store, const struct lb_backend_config *backend)
{
	size_t count = 0;

	for (__u32 id = 1; id < store->control->max_backends; id++)
		count += store->config.backend[id].service &&
			 store->config.backend[id].port == backend->port &&
			 store->config.backend[id].address[1] == backend->address[1];
	return count;
}

/* Few endpoints, and many backends that are added and removed. */
static void test_add_and_remove(void)
{
	struct store store = open_blank_store(BACKENDS);
	size_t wrong = 0;

	store.config.service[1].protocol = IPPROTO_TCP;
	for (int i = 0; i < 2000; i++) {
		struct lb_backend_config backend = {
			.address = {0, random_below(10)},
			.port = random_below(10),
			.service = 1,
		};
		__u32 id = 0;

		edit_add_backend(&store, &backend, &id);
		if (random_below(3) == 0)
			edit_remove_backend(&store, 1 + random_below(id));
		wrong += store_endpoint_count(&store, backend.address, backend.port, IPPROTO_TCP) !=
			 count_slowly(&store, &backend);
	}
	is_int(wrong, 0, "shared endpoints are counted while backends are added and removed");
	store_close(&store);
}

int main(void)
{
	char *text = malloc(TEXT_BYTES);

	test_shared_backends(text);
	test_limits(text);
	test_first_apply(text);
	test_add_and_remove();
	free(text);
	return tap_done();
}
