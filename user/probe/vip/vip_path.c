// SPDX-License-Identifier: GPL-2.0-only
#include "probe/vip/vip_path.h"

#include <arpa/inet.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/address.h"
#include "base/cleanup.h"
#include "base/socket_address.h"
#include "netlink/route.h"
#include "probe/vip/encap_sender.h"
#include "probe/vip/port_tap.h"
#include "probe/vip/private_netns.h"
#include "probe/vip/tcp_packet.h"

#define PACKET_BYTES	65536
#define CONNECTIONS_MAX (PORT_TAP_BLOCKS * PORT_TAP_BLOCK)

/* Packets relayed per loop callback: more than a TUN device's queue holds (default 500). */
#define RELAY_BATCH 512

/* Addresses of an interface that are considered as source. */
#define ADDRESSES_MAX 32

/*
 * While the kernel resolves the next hop, a packet is retried for at most 1 s. After that TCP
 * has retransmitted it (initial timeout 1 s), and the retransmission is retried instead.
 */
#define RETRY_MS    20
#define RETRIES_MAX 50

/* Any port: connect() of a UDP socket selects the source address and sends nothing. */
#define DISCARD_PORT 9

struct vip_path {
	struct loop *loop;
	struct netns netns;
	struct port_tap port_tap;
	struct encap_sender encap_sender;
	struct loop_watch *outbound, *ipv4, *ipv6;
	struct vip_connection *connection[CONNECTIONS_MAX];
	size_t last; /* index used last: late packets reach a port that is not in use again */
	__u8 packet[PACKET_BYTES];
};

struct vip_connection {
	struct vip_path *vip_path;
	size_t index; /* of its port in the tap */
	__u64 vip[2];
	__u64 local[2]; /* this host's address that the backend replies to */
	struct encap_dest dest;
	struct loop_timer *retry_timer;
	__u8 *pending; /* the packet that waits for the next hop; NULL = none */
	size_t pending_bytes;
	unsigned int retries; /* of the pending packet */
};

/* Returns the connection that uses the port, or NULL. */
static struct vip_connection *lookup(struct vip_path *vip_path, __be16 port)
{
	int index = port_tap_index(&vip_path->port_tap, port);

	return index < 0 ? NULL : vip_path->connection[index];
}

/* Keeps one packet per connection; TCP retransmits the others. */
static void queue_packet(struct vip_connection *connection, const __u8 *packet, size_t length)
{
	if (connection->pending)
		return;
	connection->pending = malloc(length);
	if (!connection->pending)
		return;
	memcpy(connection->pending, packet, length);
	connection->pending_bytes = length;
	connection->retries = 0;
	loop_timer_start(connection->retry_timer, RETRY_MS);
}

static void drop_pending(struct vip_connection *connection)
{
	free(connection->pending);
	connection->pending = NULL;
}

static void send_pending(void *owner)
{
	struct vip_connection *connection = owner;

	if (encap_sender_send(&connection->vip_path->encap_sender, &connection->dest,
			      connection->pending, connection->pending_bytes) == ENCAP_UNRESOLVED &&
	    ++connection->retries < RETRIES_MAX)
		loop_timer_start(connection->retry_timer, RETRY_MS);
	else
		drop_pending(connection);
}

/* Probe to backend: replaces the source address and encapsulates. */
static void send_outbound(struct vip_path *vip_path, size_t length)
{
	struct vip_connection *connection;
	struct tcp_packet tcp_packet;

	if (tcp_packet_parse(vip_path->packet, length, &tcp_packet))
		return;
	connection = lookup(vip_path, tcp_packet.source_port);
	if (!connection || memcmp(tcp_packet.destination, connection->vip, sizeof(connection->vip)))
		return;
	memcpy(tcp_packet.source, connection->local, sizeof(connection->local));
	tcp_packet_write(&tcp_packet, vip_path->packet, length);
	if (encap_sender_send(&vip_path->encap_sender, &connection->dest, vip_path->packet,
			      length) == ENCAP_UNRESOLVED)
		queue_packet(connection, vip_path->packet, length);
}

/* Backend to probe: replaces the destination address and writes to the TUN device. */
static void deliver_inbound(struct vip_path *vip_path, size_t length)
{
	struct vip_connection *connection;
	struct tcp_packet tcp_packet;

	if (tcp_packet_parse(vip_path->packet, length, &tcp_packet))
		return;
	connection = lookup(vip_path, tcp_packet.destination_port);
	if (!connection || memcmp(tcp_packet.source, connection->vip, sizeof(connection->vip)) ||
	    memcmp(tcp_packet.destination, connection->local, sizeof(connection->local)))
		return;
	private_netns_address(tcp_packet.is_ipv4, tcp_packet.destination);
	tcp_packet_write(&tcp_packet, vip_path->packet, length);
	if (write(vip_path->netns.tun, vip_path->packet, length) < 0)
		return; /* dropped; TCP retransmits */
}

/* Handles up to RELAY_BATCH packets from a descriptor. */
static void relay(struct vip_path *vip_path, int fd, void (*handle)(struct vip_path *, size_t))
{
	ssize_t length;

	for (int i = 0; i < RELAY_BATCH; i++) {
		length = read(fd, vip_path->packet, sizeof(vip_path->packet));
		if (length < 0)
			return;
		handle(vip_path, length);
	}
}

static void outbound(void *owner, int events)
{
	struct vip_path *vip_path = owner;

	(void)events;
	relay(vip_path, vip_path->netns.tun, send_outbound);
}

static void inbound_ipv4(void *owner, int events)
{
	struct vip_path *vip_path = owner;

	(void)events;
	relay(vip_path, vip_path->port_tap.ipv4, deliver_inbound);
}

static void inbound_ipv6(void *owner, int events)
{
	struct vip_path *vip_path = owner;

	(void)events;
	relay(vip_path, vip_path->port_tap.ipv6, deliver_inbound);
}

static int watch(struct vip_path *vip_path, int fd, loop_watch_fn function,
		 struct loop_watch **watch)
{
	int error = loop_watch_create(vip_path->loop, fd, function, vip_path, watch);

	if (!error)
		loop_watch_set_events(*watch, LOOP_READ);
	return error;
}

int vip_path_create(struct loop *loop, struct vip_path **vip_path)
{
	struct vip_path *made = calloc(1, sizeof(*made));
	int error;

	if (!made)
		return -ENOMEM;
	made->loop = loop;
	made->port_tap = (struct port_tap){.ipv4 = -1, .ipv6 = -1};
	encap_sender_init(&made->encap_sender);
	error = private_netns_create(&made->netns);
	if (error) {
		free(made);
		return error;
	}
	error = port_tap_create(&made->port_tap);
	if (!error)
		error = watch(made, made->netns.tun, outbound, &made->outbound);
	if (!error)
		error = watch(made, made->port_tap.ipv4, inbound_ipv4, &made->ipv4);
	if (!error)
		error = watch(made, made->port_tap.ipv6, inbound_ipv6, &made->ipv6);
	if (error)
		vip_path_free(made);
	else
		*vip_path = made;
	return error;
}

void vip_path_free(struct vip_path *vip_path)
{
	if (!vip_path)
		return;
	loop_watch_free(vip_path->outbound);
	loop_watch_free(vip_path->ipv4);
	loop_watch_free(vip_path->ipv6);
	private_netns_destroy(&vip_path->netns);
	port_tap_destroy(&vip_path->port_tap);
	encap_sender_destroy(&vip_path->encap_sender);
	free(vip_path);
}

/* Returns the index of a free port, the least recently used first, or a negative errno. */
static int find_free_index(struct vip_path *vip_path)
{
	size_t ports = vip_path->port_tap.blocks * PORT_TAP_BLOCK;
	int error;

	for (size_t i = 1; i <= ports; i++) {
		size_t index = (vip_path->last + i) % ports;

		if (!vip_path->connection[index])
			return index;
	}
	error = port_tap_grow(&vip_path->port_tap);
	return error ? error : (int)ports;
}

/* The kernel's source address for a destination. Returns 0 or a negative errno. */
static int find_source(const __u64 to[2], __u64 source[2])
{
	struct socket_address address;
	_close_ int fd = -1;

	socket_address_set(&address, to, htons(DISCARD_PORT));
	fd = socket(address.any.sa_family, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (fd < 0 || connect(fd, &address.any, address.length) ||
	    getsockname(fd, &address.any, &address.length))
		return -errno;
	socket_address_get(&address, source);
	return 0;
}

/*
 * A source address if VIP and backend have different IP versions: any routable address of the
 * VIP's version on the interface towards the backend. Returns 0 or a negative errno.
 */
static int find_source_other_family(const struct vip_connection *connection, __u64 source[2])
{
	__u64 addresses[ADDRESSES_MAX][2];
	struct route_nexthop nexthop;
	int count, error = route_find_nexthop(connection->dest.backend, &nexthop);

	if (error && error != ROUTE_UNRESOLVED)
		return error > 0 ? -ENETUNREACH : error;
	count = route_interface_addresses(nexthop.ifindex, addresses, ADDRESSES_MAX);
	for (int i = 0; i < count; i++) {
		if (address_is_ipv4(addresses[i]) != address_is_ipv4(connection->vip) ||
		    !address_is_routable(addresses[i]) ||
		    !memcmp(addresses[i], connection->vip, sizeof(connection->vip)))
			continue;
		memcpy(source, addresses[i], sizeof(addresses[i]));
		return 0;
	}
	return count < 0 ? count : -EADDRNOTAVAIL;
}

/* Sets connection->local. Returns 0 or a negative errno. */
static int find_local_address(struct vip_connection *connection)
{
	int error;

	if (address_is_ipv4(connection->vip) == address_is_ipv4(connection->dest.backend))
		error = find_source(connection->dest.backend, connection->local);
	else
		error = find_source_other_family(connection, connection->local);
	if (!error && !memcmp(connection->local, connection->vip, sizeof(connection->vip)))
		error = -EADDRNOTAVAIL;
	return error;
}

int vip_connection_open(struct vip_path *vip_path, const __u64 vip[2], const __u64 backend[2],
			__u8 forward, struct vip_connection **connection)
{
	struct vip_connection *made;
	int index = find_free_index(vip_path), error;

	if (index < 0)
		return index;
	made = calloc(1, sizeof(*made));
	if (!made)
		return -ENOMEM;
	*made = (struct vip_connection){
		.vip_path = vip_path,
		.index = index,
		.vip = {vip[0], vip[1]},
		.dest = {.backend = {backend[0], backend[1]}, .forward = forward}};
	error = find_local_address(made);
	if (!error)
		error = loop_timer_create(vip_path->loop, send_pending, made, &made->retry_timer);
	if (error) {
		free(made);
		return error;
	}
	vip_path->connection[index] = made;
	vip_path->last = index;
	*connection = made;
	return 0;
}

/* Relays outbound packets first: the socket's reset may be among them. */
void vip_connection_close(struct vip_connection *connection)
{
	if (!connection)
		return;
	relay(connection->vip_path, connection->vip_path->netns.tun, send_outbound);
	connection->vip_path->connection[connection->index] = NULL;
	loop_timer_free(connection->retry_timer);
	drop_pending(connection);
	free(connection);
}

int vip_connection_socket(const struct vip_connection *connection)
{
	return private_netns_socket(
		&connection->vip_path->netns, address_is_ipv4(connection->vip) ? AF_INET : AF_INET6,
		port_tap_port(&connection->vip_path->port_tap, connection->index));
}
