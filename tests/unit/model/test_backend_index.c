// SPDX-License-Identifier: GPL-2.0-only
/* The index of backends finds what a scan of all backends finds, in the same order. */
#include "model/backend_index.h"

#include <stdlib.h>
#include <string.h>

#include "core/tap.h"
#include "random.h"

#define SERVICES  8
#define BACKENDS  500
#define ENDPOINTS 20

static struct lb_backend_config backends[BACKENDS];
static struct backend_index backend_index;

/* The ids of a service's members, as the index has them, without those that were removed. */
static bool has_members(__u16 service)
{
	__u32 id = backend_index.member_first[service], last = 0;
	size_t found = 0, wanted = 0;

	for (; id; id = backend_index.member_next[id]) {
		if (id <= last)
			return false;
		last = id;
		found += backends[id].service == service;
	}
	for (id = 1; id < BACKENDS; id++)
		wanted += backends[id].service == service;
	return found == wanted;
}

static bool has_endpoint(__u64 address)
{
	const __u64 both[2] = {0, address};
	__u32 id = backend_index_find(&backend_index, both, 0);
	size_t found = 0, wanted = 0;

	for (; id; id = backend_index.endpoint_next[id])
		found += backends[id].service && backends[id].address[1] == address;
	for (id = 1; id < BACKENDS; id++)
		wanted += backends[id].service && backends[id].address[1] == address;
	return found == wanted;
}

static bool agrees(void)
{
	for (__u16 service = 1; service < SERVICES; service++)
		if (!has_members(service))
			return false;
	for (__u64 address = 0; address < ENDPOINTS; address++)
		if (!has_endpoint(address))
			return false;
	return true;
}

static void add(__u32 id)
{
	backends[id] = (struct lb_backend_config){
		.address = {0, random_below(ENDPOINTS)},
		.service = 1 + random_below(SERVICES - 1),
	};
	backend_index_add(&backend_index, id, &backends[id]);
}

int main(void)
{
	bool is_right = true;

	is_int(backend_index_create(&backend_index, SERVICES, BACKENDS), 0, "an index is created");
	ok(agrees(), "an empty index has no backend");
	for (int round = 0; round < 20; round++) {
		memset(backends, 0, sizeof(backends));
		backend_index_clear(&backend_index);
		for (__u32 id = 1; id < BACKENDS; id++)
			if (random_below(2))
				add(id);
		is_right &= agrees();
		for (__u32 id = 1; id < BACKENDS; id++)
			if (!backends[id].service && random_below(2))
				add(id);
			else if (random_below(5) == 0)
				backends[id] = (struct lb_backend_config){0};
		is_right &= agrees();
	}
	ok(is_right, "backends that are added and removed are found as by a scan");
	memset(backends, 0, sizeof(backends));
	backend_index_clear(&backend_index);
	backends[1].service = SERVICES;
	backend_index_add(&backend_index, 1, &backends[1]);
	backends[1].service = 0;
	ok(agrees(), "a service beyond the limits is no member");
	backend_index_release(&backend_index);
	return tap_done();
}
