// SPDX-License-Identifier: GPL-2.0-only
#include "probe/vip/vip_path.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/address.h"
#include "base/cleanup.h"
#include "netlink/route.h"
#include "probe/vip/encap_sender.h"
#include "probe/vip/port_tap.h"
#include "probe/vip/private_netns.h"
#include "probe/vip/tcp_packet.h"

#define PACKET_BYTES 65536
#define PLACES	     (CATCH_ROWS * CATCH_ROW)

/* Packets that are passed on before others get their turn: more than a TUN device keeps. */
#define BATCH 512

/* Of an interface, that are looked at. */
#define ADDRESSES 32

/* A neighbour that is being looked for is asked after so often. */
#define AGAIN_MS 20

struct detour {
	struct loop *loop;
	struct inside inside;
	struct catch catch;
	struct carrier carrier;
	struct loop_watch *sent, *ipv4, *ipv6;
	struct detour_way *way[PLACES];
	size_t last; /* place that was given out last: what is late comes to an unused one */
	__u8 packet[PACKET_BYTES];
};

struct detour_way {
	struct detour *detour;
	size_t place; /* of its port */
	__u64 vip[2];
	__u64 host[2]; /* whom the backend answers */
	struct carrier_goal goal;
	struct loop_timer *again;
	__u8 *held; /* the packet that waits for the neighbour */
	size_t held_bytes;
};

static struct detour_way *find(struct detour *detour, __be16 port)
{
	int place = catch_place(&detour->catch, port);

	return place < 0 ? NULL : detour->way[place];
}

/* Only one waits: TCP says it again. */
static void hold(struct detour_way *way, const __u8 *packet, size_t length)
{
	if (way->held)
		return;
	way->held = malloc(length);
	if (!way->held)
		return;
	memcpy(way->held, packet, length);
	way->held_bytes = length;
	loop_timer_start(way->again, AGAIN_MS);
}

static void drop_held(struct detour_way *way)
{
	free(way->held);
	way->held = NULL;
}

static void send_held(void *owner)
{
	struct detour_way *way = owner;

	if (carrier_send(&way->detour->carrier, &way->goal, way->held, way->held_bytes) ==
	    CARRIER_UNRESOLVED)
		loop_timer_start(way->again, AGAIN_MS);
	else
		drop_held(way);
}

/* From our socket: as if this host had sent it, and on to the backend. */
static void take_sent(struct detour *detour, size_t length)
{
	struct detour_way *way;
	struct segment segment;

	if (segment_parse(detour->packet, length, &segment))
		return;
	way = find(detour, segment.source_port);
	if (!way || memcmp(segment.destination, way->vip, sizeof(way->vip)))
		return;
	memcpy(segment.source, way->host, sizeof(way->host));
	segment_write(&segment, detour->packet, length);
	if (carrier_send(&detour->carrier, &way->goal, detour->packet, length) ==
	    CARRIER_UNRESOLVED)
		hold(way, detour->packet, length);
}

/* From the VIP: to our socket. */
static void take_caught(struct detour *detour, size_t length)
{
	struct detour_way *way;
	struct segment segment;

	if (segment_parse(detour->packet, length, &segment))
		return;
	way = find(detour, segment.destination_port);
	if (!way || memcmp(segment.source, way->vip, sizeof(way->vip)) ||
	    memcmp(segment.destination, way->host, sizeof(way->host)))
		return;
	inside_address(segment.is_ipv4, segment.destination);
	segment_write(&segment, detour->packet, length);
	if (write(detour->inside.tun, detour->packet, length) < 0)
		return; /* lost on the way, as packets are */
}

static void pass_on(struct detour *detour, int fd, void (*take)(struct detour *, size_t))
{
	ssize_t length;

	for (int i = 0; i < BATCH; i++) {
		length = read(fd, detour->packet, sizeof(detour->packet));
		if (length < 0)
			return;
		take(detour, length);
	}
}

static void sent(void *owner, int events)
{
	struct detour *detour = owner;

	(void)events;
	pass_on(detour, detour->inside.tun, take_sent);
}

static void caught_ipv4(void *owner, int events)
{
	struct detour *detour = owner;

	(void)events;
	pass_on(detour, detour->catch.ipv4, take_caught);
}

static void caught_ipv6(void *owner, int events)
{
	struct detour *detour = owner;

	(void)events;
	pass_on(detour, detour->catch.ipv6, take_caught);
}

static int watch(struct detour *detour, int fd, loop_watch_fn function, struct loop_watch **watch)
{
	int error = loop_watch_create(detour->loop, fd, function, detour, watch);

	if (!error)
		loop_watch_for(*watch, LOOP_READ);
	return error;
}

int detour_create(struct loop *loop, struct detour **detour)
{
	struct detour *made = calloc(1, sizeof(*made));
	int error;

	if (!made)
		return -ENOMEM;
	made->loop = loop;
	made->catch = (struct catch){.ipv4 = -1, .ipv6 = -1};
	error = inside_create(&made->inside);
	if (error) {
		free(made);
		return error;
	}
	error = catch_create(&made->catch);
	if (!error)
		error = watch(made, made->inside.tun, sent, &made->sent);
	if (!error)
		error = watch(made, made->catch.ipv4, caught_ipv4, &made->ipv4);
	if (!error)
		error = watch(made, made->catch.ipv6, caught_ipv6, &made->ipv6);
	if (error)
		detour_free(made);
	else
		*detour = made;
	return error;
}

void detour_free(struct detour *detour)
{
	if (!detour)
		return;
	loop_watch_free(detour->sent);
	loop_watch_free(detour->ipv4);
	loop_watch_free(detour->ipv6);
	inside_destroy(&detour->inside);
	catch_destroy(&detour->catch);
	carrier_destroy(&detour->carrier);
	free(detour);
}

/* An unused port's place, the longest unused first; negative errno when there is none. */
static int find_place(struct detour *detour)
{
	size_t places = detour->catch.rows * CATCH_ROW;
	int error;

	for (size_t i = 1; i <= places; i++) {
		size_t place = (detour->last + i) % places;

		if (!detour->way[place])
			return place;
	}
	error = catch_grow(&detour->catch);
	return error ? error : (int)places;
}

/* The address that the kernel would speak from to another of the same IP version. */
static int find_source(const __u64 to[2], __u64 source[2])
{
	bool is_ipv4 = address_is_ipv4(to);
	struct sockaddr_in ipv4 = {.sin_family = AF_INET, .sin_port = htons(9)};
	struct sockaddr_in6 ipv6 = {.sin6_family = AF_INET6, .sin6_port = htons(9)};
	struct sockaddr *address = is_ipv4 ? (struct sockaddr *)&ipv4 : (struct sockaddr *)&ipv6;
	socklen_t length = is_ipv4 ? sizeof(ipv4) : sizeof(ipv6);
	_close_ int fd = socket(address->sa_family, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	ipv4.sin_addr.s_addr = address_to_ipv4(to);
	memcpy(&ipv6.sin6_addr, to, sizeof(ipv6.sin6_addr));
	if (fd < 0 || connect(fd, address, length) || getsockname(fd, address, &length))
		return -errno;
	if (is_ipv4)
		address_from_ipv4(ipv4.sin_addr.s_addr, source);
	else
		memcpy(source, &ipv6.sin6_addr, sizeof(ipv6.sin6_addr));
	return 0;
}

/* Of the other IP version than the backend's: any address of the interface that leads there. */
static int find_neighbouring(const struct detour_way *way, __u64 source[2])
{
	__u64 addresses[ADDRESSES][2];
	struct link_hop hop;
	int count, error = link_next_hop(way->goal.backend, &hop);

	if (error && error != LINK_UNRESOLVED)
		return error > 0 ? -ENETUNREACH : error;
	count = link_addresses(hop.ifindex, addresses, ADDRESSES);
	for (int i = 0; i < count; i++) {
		if (address_is_ipv4(addresses[i]) != address_is_ipv4(way->vip) ||
		    !address_is_routable(addresses[i]) ||
		    !memcmp(addresses[i], way->vip, sizeof(way->vip)))
			continue;
		memcpy(source, addresses[i], sizeof(addresses[i]));
		return 0;
	}
	return count < 0 ? count : -EADDRNOTAVAIL;
}

static int find_host(struct detour_way *way)
{
	int error;

	if (address_is_ipv4(way->vip) == address_is_ipv4(way->goal.backend))
		error = find_source(way->goal.backend, way->host);
	else
		error = find_neighbouring(way, way->host);
	if (!error && !memcmp(way->host, way->vip, sizeof(way->vip)))
		error = -EADDRNOTAVAIL;
	return error;
}

int detour_open(struct detour *detour, const __u64 vip[2], const __u64 backend[2], __u8 forward,
		struct detour_way **way)
{
	struct detour_way *made;
	int place = find_place(detour), error;

	if (place < 0)
		return place;
	made = calloc(1, sizeof(*made));
	if (!made)
		return -ENOMEM;
	*made = (struct detour_way){
		.detour = detour,
		.place = place,
		.vip = {vip[0], vip[1]},
		.goal = {.backend = {backend[0], backend[1]}, .forward = forward}};
	error = find_host(made);
	if (!error)
		error = loop_timer_create(detour->loop, send_held, made, &made->again);
	if (error) {
		free(made);
		return error;
	}
	detour->way[place] = made;
	detour->last = place;
	*way = made;
	return 0;
}

/* What our socket has said last, its reset, goes out first. */
void detour_close(struct detour_way *way)
{
	if (!way)
		return;
	pass_on(way->detour, way->detour->inside.tun, take_sent);
	way->detour->way[way->place] = NULL;
	loop_timer_free(way->again);
	drop_held(way);
	free(way);
}

int detour_socket(const struct detour_way *way)
{
	return inside_socket(&way->detour->inside, address_is_ipv4(way->vip) ? AF_INET : AF_INET6,
			     catch_port(&way->detour->catch, way->place));
}
