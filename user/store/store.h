/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The store: one instance's pinned maps, and the only access to them.
 *
 * Opening takes the instance's lock (flock on the pin directory: shared to read,
 * exclusive to write) and maps the arrays into memory. A writer changes a copy
 * of the configuration and commits it: one store to the generation makes it the
 * configuration, the datapath's tables are compiled from it, and when the commit
 * returns no packet uses what was before. Killed before that store nothing has
 * changed; killed after it, the next one to open the store completes the work.
 *
 * The store owns the memory that its pointers lead to, until store_close().
 * Functions return 0, a negative errno, or a store_condition.
 */
#ifndef STORE_STORE_H
#define STORE_STORE_H

#include <stdbool.h>
#include <stddef.h>

#include "lb/abi.h"
#include "lb/snat.h"
#include "model/endpoint_table.h"
#include "model/weight.h"
#include "netlink/route.h"
#include "store/endpoint_index.h"

#define STORE_ROOT	 "/sys/fs/bpf/lbctl"
#define STORE_PATH_BYTES 128
#define STORE_ARRAYS	 18

enum store_access {
	STORE_READ,
	STORE_WRITE,
};

enum store_condition {
	STORE_ABSENT = 1, /* no such instance: nothing is attached */
	STORE_LOCKED, /* another lbctl held the lock for too long */
	STORE_OTHER_ABI, /* pinned by an lbctl of another ABI */
	STORE_DAMAGED, /* a pin is missing or not what it should be */
};

struct store {
	char path[STORE_PATH_BYTES]; /* the pin directory */
	int lock; /* the same, opened and locked */
	bool writable;
	int devices_fd;
	void *mapped[STORE_ARRAYS];
	size_t mapped_bytes[STORE_ARRAYS];

	/* The datapath's tables; see include/lb/abi.h. */
	struct lb_control *control;
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
	struct lb_cpu *cpus; /* the first; see store_cpu_bytes() */

	/* What is known beside the configuration. */
	struct lb_health_record *health_records;
	struct lb_feedback_record *feedback_records;
	struct lb_event *events;

	/* Both snapshots of the configuration. */
	struct lb_service_config *service_config;
	struct lb_backend_config *backend_config;

	/* The one to work on, by id: what holds, or a writer's copy of it. */
	struct lb_service_config *service;
	struct lb_backend_config *backend;

	/* Of the copy. */
	struct endpoint_index endpoint_index;
	__u32 next_backend; /* ids below are in use, or were */
};

/* The pin directory of an instance. */
void store_path(const char *instance, char path[STORE_PATH_BYTES]);

int store_open(struct store *store, const char *instance, enum store_access access,
	       __u64 timeout_ms);
void store_close(struct store *store);

/*
 * The store of an instance without flows that could be made with these limits, to try a change
 * on: nothing of it is pinned, and it cannot be committed. 0 or -ENOMEM.
 */
int store_open_scratch(struct store *store, const struct lb_control *limits);

/*
 * Lets others have the lock of a store that is open for writing; what is mapped stays so, for
 * that takes longer than most of what is done with it. Nothing of it but packets' counters may be
 * used until store_resume(), which is otherwise as store_open(). When that fails the store is closed, unless
 * it was the lock that was not to be had.
 */
void store_pause(struct store *store);
int store_resume(struct store *store, __u64 timeout_ms);
/* For who reads on without the lock: takes the configuration that holds by now. */
void store_refresh(struct store *store);

/* Locks an open directory; 0, STORE_LOCKED, or a negative errno. */
int store_lock(int directory, enum store_access access, __u64 timeout_ms);

/* Commits the copy, if it differs from what holds; *changed tells. */
int store_commit(struct store *store, bool *changed);

/* Operators' changes up to the configuration in the store. */
__u64 store_revision(const struct store *store);

/* Tells what a commit would do, and changes nothing. */
bool store_has_changes(const struct store *store);

/* Ids; 0 = there is none. */
__u32 store_service_by_name(const struct store *store, const char *name);
__u32 store_service_by_vip(const struct store *store, const __u64 address[2], __be16 port,
			   __u8 protocol);
__u32 store_backend_by_endpoint(const struct store *store, __u32 service, const __u64 address[2],
				__be16 port);

/* Is it a backend that the service was given, and not a deputy there (store/spillover.h)? */
static inline bool store_service_owns(const struct store *store, __u32 service, __u32 backend)
{
	return store->backend[backend].service == service && !store->backend[backend].alias_of;
}

/* What counts for a service's weights; see model/weight.h. */
enum weight_mode store_weight_mode(const struct store *store, __u32 service);

/* An id that is free in both snapshots, as no packet may still have it; 0 = full. */
__u32 store_service_free_id(const struct store *store);

/* Gives a backend such an id in the copy, and counters at 0; 0 = full. */
__u32 store_backend_add(struct store *store, const struct lb_backend_config *backend);

/* Frees a backend's id in the copy; its service goes on counting what it did. */
void store_backend_remove(struct store *store, __u32 backend);

/* Sums over all CPUs. */
struct lb_traffic store_traffic(const struct store *store, __u32 backend);
struct lb_outcomes store_outcomes(const struct store *store);

/* The process id of the instance's controller; 0 = none is running. */
__u32 store_controller_pid(const struct store *store);

/* Starts the counters of a backend, whose id no packet has, at 0, and its health anew. */
void store_backend_reset(const struct store *store, __u32 backend);

/* There is room in the flow memory again: no CPU turns new flows away. */
void store_pressure_reset(const struct store *store);

/* Starts the sweep (bpf/flow/sweep.h), or has it go on with the pinned program's code. */
int store_sweep_start(const struct store *store);

/* How many CPUs have a record, and the bytes of one. */
size_t store_cpu_count(void);
size_t store_cpu_bytes(__u32 max_backends);

/* The entries of the directory: of one copy that holds whatever the limits allow, of both. */
static inline __u32 store_endpoint_entries(const struct lb_control *control)
{
	return endpoint_table_entries(control->max_services + control->max_sources,
				      control->max_backends);
}

__u32 store_endpoint_entries_total(const struct lb_control *control);

/* Stores a backend's next hop, as of now. */
void store_nexthop_write(struct store *store, __u32 backend, const struct route_nexthop *hop);

/* Its next hop is not known: the next packet asks the kernel. */
void store_nexthop_invalidate(struct store *store, __u32 backend);

/* The interfaces that packets may be sent out of. */
int store_device_add(const struct store *store, __u32 ifindex);
int store_device_del(const struct store *store, __u32 ifindex);
bool store_has_device(const struct store *store, __u32 ifindex);

/*
 * How many receive queues an interface had when it was given its program, where that is known and
 * there was room to note it; 0 otherwise. A device that is deleted is forgotten.
 */
__u32 store_rx_queues(const struct store *store, __u32 ifindex);
void store_rx_queues_set(const struct store *store, __u32 ifindex, __u32 queues);

#endif
