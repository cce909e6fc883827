/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Store: the pinned maps of one instance, mapped into memory under a lock.
 *
 * The lock is a flock on the pin directory: shared for readers, exclusive for a writer.
 * This file maps and locks only. store/transaction.h is the way to open a store: it also
 * completes a commit that a killed writer left, and gives a writer its working copy.
 *
 * The store owns the memory that its pointers lead to, until store_close(). Functions
 * return 0, a negative errno, or a store_condition.
 */
#ifndef STORE_STORE_H
#define STORE_STORE_H

#include <stdbool.h>
#include <stddef.h>

#include "base/condition.h"
#include "lb/abi.h"
#include "lb/snat.h"
#include "model/backend_index.h"
#include "model/endpoint_table.h"

#define STORE_ROOT	 "/sys/fs/bpf/lbctl"
#define STORE_PATH_BYTES 128
#define STORE_ARRAYS	 18

enum store_access {
	STORE_READ,
	STORE_WRITE,
};

enum store_condition {
	STORE_ABSENT = CONDITION_STORE, /* no such instance: nothing is attached */
	STORE_LOCKED, /* another process held the lock until the timeout */
	STORE_OTHER_ABI, /* the maps were made by an lbctl of another ABI version */
	STORE_DAMAGED, /* a pin is missing, or a map has another size */
};

/* A snapshot of the configuration: records by id. */
struct snapshot {
	struct lb_service_config *service;
	struct lb_backend_config *backend;
};

/* The datapath's tables, which packets read and write; see include/lb/abi.h. */
struct tables {
	struct lb_endpoint_entry *endpoints;
	struct lb_service *services;
	struct lb_slots *slots;
	struct lb_backend *backends;
	struct lb_load *loads;
	struct lb_latency *responses;
	struct lb_timing *timings;
	struct lb_bucket *flows;
	struct lb_fingerprints *fingerprints;
	struct lb_snat_entry *snat_ports;
	struct lb_client_bucket *clients;
	struct lb_cpu *cpus; /* the first record; the next is store_cpu_bytes() further on */
};

struct store {
	char path[STORE_PATH_BYTES]; /* the pin directory */
	int lock; /* the pin directory, open and locked */
	bool writable;
	int devices_fd;
	__u32 cpu_count; /* possible CPUs */
	void *mapped[STORE_ARRAYS];
	size_t mapped_bytes[STORE_ARRAYS];

	struct lb_control *control;
	struct snapshot snapshots[2]; /* by the low bit of a generation */
	struct snapshot config; /* the committed snapshot, or a writer's working copy */
	struct tables tables;

	/* State beside the configuration, by backend id. */
	struct lb_health_record *health_records;
	struct lb_feedback_record *feedback_records;
	struct lb_event *events;

	struct backend_index index; /* of config.backend */
	__u32 next_backend; /* the working copy's lowest backend id that may be free */
};

/* The pin directory of an instance. */
void store_path(const char *instance, char path[STORE_PATH_BYTES]);

/* Locks an open directory. Returns 0, STORE_LOCKED, or a negative errno. */
int store_lock(int directory, enum store_access access, __u64 timeout_ms);

/* Locks an instance and maps its arrays; `config` and `index` stay empty. */
int store_map(struct store *store, const char *instance, enum store_access access,
	      __u64 timeout_ms);

/*
 * Makes a store in private memory, as of an instance with these limits and no service. It
 * can be edited and compared, but there is nothing to publish to. Returns 0 or -ENOMEM.
 */
int store_map_scratch(struct store *store, const struct lb_control *limits);

/* Unmaps and unlocks. */
void store_close(struct store *store);

/*
 * Locks a store again after its lock was released. STORE_ABSENT: the instance was removed. A
 * scratch store has no lock.
 */
int store_relock(struct store *store, __u64 timeout_ms);

/*
 * Maps an open map's memory and registers it for store_close(). Returns 0 and the address
 * in *memory, or a negative errno and NULL.
 */
int store_add_mapping(struct store *store, int fd, size_t bytes, void **memory);

/* Points `config` at the committed snapshot, and indexes it. May be called without the lock. */
void store_refresh(struct store *store);

static inline const struct snapshot *store_committed(const struct store *store)
{
	return &store->snapshots[store->control->generation & 1];
}

/* True if packets see the committed configuration. */
static inline bool store_is_published(const struct store *store)
{
	return store->control->published == store->control->generation;
}

/* The number of changes by operators, up to the committed configuration. */
static inline __u64 store_revision(const struct store *store)
{
	return store->control->revision[store->control->generation & 1];
}

/* The size of one CPU's record in map `cpus`. */
static inline size_t store_cpu_bytes(__u32 max_backends)
{
	return sizeof(struct lb_cpu) + max_backends * sizeof(struct lb_traffic);
}

/* Entries of one copy of the endpoint table, enough for all that the limits allow. */
static inline __u32 store_endpoint_entries(const struct lb_control *control)
{
	return endpoint_table_entries(control->max_services + control->max_sources,
				      control->max_backends);
}

/* Entries of both copies. */
static inline __u32 store_endpoint_entries_total(const struct lb_control *control)
{
	return 2 * store_endpoint_entries(control);
}

#endif
