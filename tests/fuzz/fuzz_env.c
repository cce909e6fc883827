// SPDX-License-Identifier: GPL-2.0-only
#include "fuzz_env.h"

#include <arpa/inet.h>
#include <errno.h>
#include <sanitizer/asan_interface.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "core/process.h"
#include "core/rcu_grace_stub.h"
#include "kernel_mock.h"
#include "lb/client.h"
#include "lb/flow.h"
#include "lb/fragment.h"
#include "model/endpoint_table.h"
#include "oracle/oracle_snat.h"
#include "random/fixture_config.h"
#include "store/counters.h"
#include "store/publish.h"
#include "store/snat_pool.h"
#include "store/store.h"

#include <native/bpf/bpf_helpers.h>

#define MAX_SERVICES	 64
#define MAX_BACKENDS	 128
#define MAX_SOURCES	 FIXTURE_SNAT_SOURCES
#define PORTS_BYTES	 (MAX_SOURCES * LB_SNAT_PORTS * sizeof(struct lb_snat_entry))
#define BUCKETS		 2
#define CLIENTS		 2 /* buckets of the client table */
#define FILLED_FLOWS	 6 /* entries per bucket that other flows occupy permanently */
#define TICK_NS		 4000000
#define CURSOR_NEAR_WRAP ((1ULL << 31) - 1) /* close to where the datapath resets it */

/*
 * The program's symbols. Each table has NATIVE_TABLE_BYTES and uses a part of it: see open_table().
 */
extern struct lb_control control;
extern unsigned char endpoints[NATIVE_TABLE_BYTES], services[NATIVE_TABLE_BYTES],
	backends[NATIVE_TABLE_BYTES], loads[NATIVE_TABLE_BYTES], flows[NATIVE_TABLE_BYTES],
	cpus[NATIVE_TABLE_BYTES], snat_ports[NATIVE_TABLE_BYTES], clients[NATIVE_TABLE_BYTES],
	responses[NATIVE_TABLE_BYTES], fingerprints[NATIVE_TABLE_BYTES];
extern struct lb_slots *slots;
extern struct lb_fragments *fragments;
extern struct lb_timing *timings;
extern const volatile __u64 seed_words[2], tick_ns;
extern const volatile __u32 flow_buckets, client_buckets, max_services, max_backends,
	endpoints_length, snat_port_count;

static struct store store;
static struct lb_fragments fragments_value;
static struct lb_timing timings_values[LB_TIMINGS];
static struct lb_load initial_loads[MAX_BACKENDS];
static struct lb_backend initial_backends[MAX_BACKENDS]; /* without cached next hops */
static struct lb_service initial_services[MAX_SERVICES];

struct lb_traffic store_traffic(const struct store *of, __u32 backend)
{
	(void)of;
	(void)backend;
	return (struct lb_traffic){0};
}

int store_sweep_start(const struct store *of)
{
	(void)of;
	return 0;
}

void store_pressure_reset(const struct store *of)
{
	(void)of;
}

/* Sets a load-time constant, as the loader does before the constants become read-only. */
static void set_constant(const volatile void *constant, __u64 value, size_t bytes)
{
	uintptr_t page = getpagesize(), first = (uintptr_t)constant & -page;
	uintptr_t last = ((uintptr_t)constant + bytes - 1) & -page;

	if (mprotect((void *)first, last + page - first, PROT_READ | PROT_WRITE))
		process_bail("fuzz_env: constants: %s", strerror(errno));
	memcpy((void *)(uintptr_t)constant, &value, bytes);
}

static size_t cpu_bytes(void)
{
	return sizeof(struct lb_cpu) + MAX_BACKENDS * sizeof(struct lb_traffic);
}

/* Poisons the unused rest of a table's memory, so that it is out of bounds. */
static void *open_table(unsigned char *table, size_t bytes)
{
	if (bytes > NATIVE_TABLE_BYTES)
		process_bail("fuzz_env: a table of %zu bytes is too large", bytes);
	__asan_poison_memory_region(table + bytes, NATIVE_TABLE_BYTES - bytes);
	return table;
}

static void *make_array(size_t count, size_t bytes)
{
	void *array = calloc(count, bytes);

	if (!array)
		process_bail("fuzz_env: out of memory");
	return array;
}

static void set_constants(size_t endpoint_table_entries)
{
	for (unsigned int i = 0; i < 2; i++)
		set_constant(&seed_words[i], control.seed.word[i], sizeof(seed_words[i]));
	set_constant(&tick_ns, TICK_NS, sizeof(tick_ns));
	set_constant(&flow_buckets, BUCKETS, sizeof(flow_buckets));
	set_constant(&client_buckets, CLIENTS, sizeof(client_buckets));
	set_constant(&max_services, MAX_SERVICES, sizeof(max_services));
	set_constant(&max_backends, MAX_BACKENDS, sizeof(max_backends));
	set_constant(&snat_port_count, MAX_SOURCES * LB_SNAT_PORTS, sizeof(snat_port_count));
	set_constant(&endpoints_length, endpoint_table_entries, sizeof(endpoints_length));
}

static void open_tables(void)
{
	size_t entries;

	control = (struct lb_control){
		.abi = LB_ABI_VERSION,
		.max_services = MAX_SERVICES,
		.max_backends = MAX_BACKENDS,
		.max_sources = MAX_SOURCES,
		.flow_buckets = BUCKETS,
		.client_buckets = CLIENTS,
		.seed = {{0x0123456789abcdefULL, 0xfedcba9876543210ULL}},
		.endpoints = LB_ENDPOINTS_EMPTY,
		.tick_ns = TICK_NS,
	};
	entries = 2 * store_endpoint_entries(&control);
	store = (struct store){.writable = true, .control = &control};
	store.tables = (struct tables){
		.endpoints = open_table(endpoints, entries * sizeof(struct lb_endpoint_entry)),
		.services = open_table(services, MAX_SERVICES * sizeof(struct lb_service)),
		.backends = open_table(backends, MAX_BACKENDS * sizeof(struct lb_backend)),
		.loads = open_table(loads, MAX_BACKENDS * sizeof(struct lb_load)),
		.flows = open_table(flows, BUCKETS * sizeof(struct lb_bucket)),
		.fingerprints = open_table(fingerprints, BUCKETS * sizeof(struct lb_fingerprints)),
		.snat_ports = open_table(snat_ports, PORTS_BYTES),
		.responses = open_table(responses, MAX_BACKENDS * sizeof(struct lb_latency)),
		.clients = open_table(clients, CLIENTS * sizeof(struct lb_client_bucket)),
		.cpus = open_table(cpus, KERNEL_CPUS * cpu_bytes()),
		.slots = make_array(2 * MAX_SERVICES, sizeof(struct lb_slots)),
	};
	for (int i = 0; i < 2; i++)
		store.snapshots[i] = (struct snapshot){
			make_array(MAX_SERVICES, sizeof(struct lb_service_config)),
			make_array(MAX_BACKENDS, sizeof(struct lb_backend_config)),
		};
	store.config = store.snapshots[1];
	if (backend_index_create(&store.index, MAX_SERVICES, MAX_BACKENDS))
		process_bail("world: no memory");
	kernel_map(&slots, store.tables.slots, sizeof(struct lb_slots), 2 * MAX_SERVICES);
	kernel_map(cpus, cpus, cpu_bytes(), KERNEL_CPUS);
	kernel_map(&fragments, &fragments_value, sizeof(fragments_value), 1);
	kernel_map(&timings, timings_values, sizeof(struct lb_timing), LB_TIMINGS);
	set_constants(entries);
}

static void configure_forwarding(__u32 id, const struct fixture_service *from,
				 struct lb_service_config *to)
{
	const struct fixture_source *source = from->source;

	to->forward = from->forward;
	if (source->text) {
		memcpy(&to->source4, source->first4.address.s6_addr + 12, sizeof(to->source4));
		memcpy(to->source6, &source->first6.address, sizeof(to->source6));
		to->source4_bits = source->bits4;
		to->source6_bits = source->bits6;
	}
	if (snat_pool_assign(&store, id, to))
		process_bail("fuzz_env: no source for %s", from->name);
}

static void configure(void)
{
	for (unsigned int i = 0; i < fixture_service_count; i++) {
		const struct fixture_service *from = &fixture_services[i];
		/* Not in the table yet, where its own sources would count as used. */
		struct lb_service_config to = {0};

		snprintf(to.name, sizeof(to.name), "%s", from->name);
		memcpy(to.address, &from->endpoint.address, sizeof(to.address));
		to.port = htons(from->endpoint.port);
		to.protocol = from->protocol;
		to.feedback = fixture_service_feedback(from);
		to.scheduler = from->scheduler;
		to.timeout_new_ms = from->timeout_ms;
		to.timeout_established_ms = from->timeout_ms;
		to.timeout_closing_ms = from->timeout_ms;
		configure_forwarding(i + 1, from, &to);
		store.config.service[i + 1] = to;
	}
	for (unsigned int i = 0; i < fixture_backend_count; i++) {
		const struct fixture_backend *from = &fixture_backends[i];
		struct lb_backend_config *to = &store.config.backend[i + 1];

		memcpy(to->address, &from->endpoint.address, sizeof(to->address));
		to->port = htons(from->endpoint.port);
		to->service = from->service + 1;
		to->weight = from->weight;
		to->state = from->state;
		to->override_milli = LB_NO_OVERRIDE;
		to->max_flows = fixture_backend_max_flows(from);
	}
}

static void publish(void)
{
	struct config_diff diff;
	int error = config_diff_create(&diff, &store);

	backend_index_clear(&store.index);
	for (__u32 id = 1; id < MAX_BACKENDS; id++) {
		if (store.config.backend[id].service)
			backend_index_add(&store.index, id, &store.config.backend[id]);
		config_diff_add_backend(&diff, id);
	}
	if (!error)
		error = publish_recover(&store, &diff);
	config_diff_release(&diff);
	if (error)
		process_bail("fuzz_env: publish: %s", strerror(-error));
}

/*
 * Changes slot owners. Every second stateless service is then in transition and looks up the
 * previous owner.
 */
static void change_slot_owners(void)
{
	__u32 tick = bpf_jiffies64() * TICK_NS >> LB_TICK_SHIFT;

	for (unsigned int i = 0; i < fixture_backend_count; i++)
		store.config.backend[i + 1].weight *= 1 + i % 2;
	publish();
	for (unsigned int i = 0; i < fixture_service_count; i++)
		store.tables.services[i + 1].transition_until[0] =
			store.tables.services[i + 1].transition_until[1] =
				i % 2 ? tick + LB_FLOW_TIME_MASK / 8 : 0;
}

void fuzz_env_open(void)
{
	open_tables();
	configure();
	publish();
	change_slot_owners();
	memcpy(initial_backends, backends, sizeof(initial_backends));
	memcpy(initial_services, services, sizeof(initial_services));
	memcpy(initial_loads, loads, sizeof(initial_loads));
	for (unsigned int i = 0; i < MAX_SERVICES; i++)
		initial_services[i].cursor = i % 2 ? CURSOR_NEAR_WRAP : 0;
}

/* Established flows of unrelated clients, which expire after two days. */
static void fill_flow_table(void)
{
	__u32 tick = bpf_jiffies64() * TICK_NS >> LB_TICK_SHIFT;

	memset(store.tables.flows, 0, BUCKETS * sizeof(struct lb_bucket));
	for (unsigned int i = 0; i < BUCKETS * FILLED_FLOWS; i++)
		store.tables.flows[i / FILLED_FLOWS].flow[i % FILLED_FLOWS] = (struct lb_flow){
			.key = lb_flow_key4(htonl(0x0a090000 + i), htons(9), 1),
			.data = lb_flow_data(1, LB_FLOW_ESTABLISHED, LB_FORWARD_NAT, 0,
					     tick + LB_FLOW_TIME_MASK / 8),
		};
}

/* The SNAT port table is large and sparsely used: frees its pages, which then read as zeros. */
static void clear_ports(void)
{
	if (madvise(snat_ports, PORTS_BYTES, MADV_DONTNEED))
		process_bail("fuzz_env: ports: %s", strerror(errno));
}

void fuzz_env_reset(void)
{
	kernel_reset();
	fill_flow_table();
	clear_ports();
	oracle_snat_clear();
	memset(cpus, 0, KERNEL_CPUS * cpu_bytes());
	memcpy(backends, initial_backends, sizeof(initial_backends));
	memcpy(services, initial_services, sizeof(initial_services));
	memcpy(loads, initial_loads, sizeof(initial_loads));
	memset(fingerprints, 0, BUCKETS * sizeof(struct lb_fingerprints));
	memset(clients, 0, CLIENTS * sizeof(struct lb_client_bucket));
	memset(responses, 0, MAX_BACKENDS * sizeof(struct lb_latency));
	memset(timings_values, 0, sizeof(timings_values));
	memset(&fragments_value, 0, sizeof(fragments_value));
	control.untracked_tick = 0;
}

struct lb_outcomes fuzz_env_outcomes(void)
{
	struct lb_outcomes sums = {0};

	for (unsigned int cpu = 0; cpu < KERNEL_CPUS; cpu++) {
		const struct lb_cpu *of = (const void *)(cpus + cpu * cpu_bytes());

		for (unsigned int i = 0; i < LB_OUTCOME_COUNT; i++)
			sums.count[i] += of->outcomes.count[i];
	}
	return sums;
}
