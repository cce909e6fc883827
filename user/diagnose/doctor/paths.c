// SPDX-License-Identifier: GPL-2.0-only
/* Of the doctor: the ways to backends, and back. */
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "diagnose/doctor/doctor.h"
#include "netlink/interface.h"

/* The kernel has so long to find neighbours. */
#define TURNS	20
#define TURN_NS 50000000L

/* What a tunnel adds, and what is to fit in it. */
#define PACKET_MTU 1500
#define IPV4_BYTES 20
#define IPV6_BYTES 40
#define GUE_BYTES  8

#define ADDRESSES_MAX 16

/* Until each is known, or the time is up. */
static void find_hops(struct doctor *doctor)
{
	const struct timespec turn = {.tv_nsec = TURN_NS};
	bool waits = true;

	for (int i = 0; i < TURNS && waits; i++) {
		if (i)
			nanosleep(&turn, NULL);
		waits = false;
		for (size_t j = 0; j < doctor->way_count; j++) {
			struct doctor_way *way = &doctor->ways[j];

			if (i && way->condition != LINK_UNRESOLVED)
				continue;
			way->condition = link_next_hop(way->backend->config->address, &way->hop);
			waits |= way->condition == LINK_UNRESOLVED;
		}
	}
}

static struct finding *own(struct finding *finding, const struct doctor_way *way)
{
	doctor_set_backend(finding, way->service, way->backend->config);
	return finding;
}

static bool is_tunnel(const struct lb_service_config *service)
{
	return service->forward == LB_FORWARD_IPIP || service->forward == LB_FORWARD_GUE;
}

/* There is none. */
static void examine_missing(struct doctor *doctor, const struct doctor_way *way,
			    const char *address)
{
	bool is_ipv4 = address_is_ipv4(way->backend->config->address);
	struct finding *finding;
	char name[IF_NAMESIZE] = "?";

	if (way->condition == LINK_NO_ROUTE) {
		finding = doctor_find(doctor, "no-route", DOCTOR_ERROR,
				      "its packets are dropped, and counted as no_route",
				      "%s: no route leads to %s", way->service->name, address);
		doctor_remedy(own(finding, way), "ip %sroute add %s via ROUTER",
			      is_ipv4 ? "" : "-6 ", address);
		return;
	}
	if_indextoname(way->hop.ifindex, name);
	finding = doctor_find(doctor, "neighbour-unknown", DOCTOR_ERROR,
			      "its hardware address is not known: nothing reaches it",
			      "%s: nobody on %s answers for %s%s", way->service->name, name,
			      address, way->hop.is_routed ? " (its router)" : "");
	doctor_remedy(own(finding, way), "ip neigh show dev %s", name);
}

static void examine_tunnel(struct doctor *doctor, const struct doctor_way *way, const char *name,
			   const char *address)
{
	unsigned int overhead =
		address_is_ipv4(way->backend->config->address) ? IPV4_BYTES : IPV6_BYTES;
	struct finding *finding;

	if (way->service->forward == LB_FORWARD_GUE)
		overhead += GUE_BYTES;
	if (way->hop.mtu >= PACKET_MTU + overhead)
		return;
	finding = doctor_find(doctor, "tunnel-mtu", DOCTOR_WARNING,
			      "clients are told to send smaller packets; those that do not hear it "
			      "get stuck with large requests",
			      "%s: packets of %u bytes do not fit in the tunnel to %s: %s takes %u",
			      way->service->name, PACKET_MTU, address, name, way->hop.mtu);
	doctor_remedy(own(finding, way), "ip link set %s mtu %u", name, PACKET_MTU + overhead);
	doctor_set_interface(finding, name);
}

/* An address of ours on an interface, for backends to route by. */
static void find_router(const struct doctor_way *way, char text[ADDRESS_TEXT_BYTES])
{
	__u64 addresses[ADDRESSES_MAX][2];
	int count = link_addresses(way->hop.ifindex, addresses, ADDRESSES_MAX);

	snprintf(text, ADDRESS_TEXT_BYTES, "BALANCER");
	for (int i = 0; i < count; i++)
		if (address_is_routable(addresses[i]) &&
		    address_is_ipv4(addresses[i]) ==
			    address_is_ipv4(way->backend->config->address)) {
			address_format(addresses[i], text, ADDRESS_TEXT_BYTES);
			return;
		}
}

static void find_silent(struct doctor *doctor, const struct doctor_way *way, const char *address)
{
	bool is_ipv4 = address_is_ipv4(way->backend->config->address);
	char router[ADDRESS_TEXT_BYTES];
	struct finding *finding = doctor_find(
		doctor, "no-replies", DOCTOR_ERROR,
		"it does not answer, or its answers take another way to the client than through "
		"here",
		"%s: %s got %llu flows, and no reply of it was ever seen", way->service->name,
		address, way->backend->traffic.new_flows);

	find_router(way, router);
	doctor_remedy(own(finding, way), "on the backend: ip %sroute replace default via %s",
		      is_ipv4 ? "" : "-6 ", router);
}

/* Replies that are to be translated have to come in where the program is. */
static void examine_return(struct doctor *doctor, const struct doctor_way *way, const char *name,
			   const char *address)
{
	const struct lb_traffic *traffic = &way->backend->traffic;
	bool is_nat = way->service->forward == LB_FORWARD_NAT;
	struct finding *finding;

	if (!doctor_is_attached(doctor, name) &&
	    !doctor_has(doctor, "backend-interface-not-attached", name)) {
		finding =
			doctor_find(doctor, "backend-interface-not-attached", DOCTOR_ERROR,
				    "replies come in by it with the backend's address, and clients "
				    "refuse them",
				    "%s leads to %s of %s, and is not attached", name, address,
				    way->service->name);
		doctor_remedy(own(finding, way), "%s attach %s", doctor->command, name);
		doctor_set_interface(finding, name);
	}
	if (is_nat && traffic->new_flows && !traffic->reply_packets) {
		find_silent(doctor, way, address);
	} else if (is_nat && way->hop.is_routed) {
		finding =
			doctor_find(doctor, "return-path", DOCTOR_NOTE,
				    "its replies to clients have to come back through here, which "
				    "the routers between decide",
				    "%s: %s is behind a router", way->service->name, address);
		doctor_remedy(own(finding, way), "%s service set %s --forward snat --source PREFIX",
			      doctor->command, way->service->name);
	}
}

static void examine_way(struct doctor *doctor, const struct doctor_way *way)
{
	char address[ADDRESS_TEXT_BYTES], name[IF_NAMESIZE] = "?";
	struct finding *finding;

	address_format(way->backend->config->address, address, sizeof(address));
	if (way->condition == LINK_NO_ROUTE || way->condition == LINK_UNRESOLVED)
		examine_missing(doctor, way, address);
	if (way->condition < 0 || way->condition == LINK_NO_ROUTE)
		return;
	if_indextoname(way->hop.ifindex, name);
	if (way->service->forward == LB_FORWARD_DSR && way->hop.is_routed) {
		finding =
			doctor_find(doctor, "dsr-routed", DOCTOR_ERROR,
				    "dsr goes by hardware addresses, which end at the router: its "
				    "packets are dropped",
				    "%s: %s is behind a router", way->service->name, address);
		doctor_remedy(own(finding, way), "%s service set %s --forward ipip",
			      doctor->command, way->service->name);
	}
	if (is_tunnel(way->service))
		examine_tunnel(doctor, way, name, address);
	if (doctor_translates(way->service))
		examine_return(doctor, way, name, address);
}

void doctor_ways(struct doctor *doctor)
{
	find_hops(doctor);
	for (size_t i = 0; i < doctor->way_count; i++)
		examine_way(doctor, &doctor->ways[i]);
}

/* The kernel takes the stricter of the two. */
static bool is_strict(const char *name)
{
	int all = interface_sysctl("ipv4/conf/all/rp_filter");
	int one = interface_sysctl("ipv4/conf/%s/rp_filter", name);

	return all == 1 ? one < 2 : one == 1 && all < 2;
}

/*
 * A reply that the program leaves to the kernel has the service's address, which does not lie
 * where the backend does.
 */
void doctor_filters(struct doctor *doctor)
{
	for (size_t i = 0; i < doctor->way_count; i++) {
		const struct doctor_way *way = &doctor->ways[i];
		char name[IF_NAMESIZE];
		struct finding *finding;

		if (!doctor_translates(way->service) || !address_is_ipv4(way->service->address) ||
		    !if_indextoname(way->hop.ifindex, name) || !is_strict(name) ||
		    link_interface_to(way->service->address) == way->hop.ifindex ||
		    doctor_has(doctor, "reverse-path-filter", name))
			continue;
		finding = doctor_find(
			doctor, "reverse-path-filter", DOCTOR_WARNING,
			"replies that the program leaves to the kernel, as the client's "
			"neighbour is not known yet, are dropped: they have the "
			"service's address",
			"%s: the reverse path filter is strict", name);
		doctor_remedy(finding,
			      "sysctl -w net/ipv4/conf/all/rp_filter=0 "
			      "net/ipv4/conf/%s/rp_filter=0",
			      name);
		doctor_set_interface(finding, name);
	}
}

static void examine_vip(struct doctor *doctor, const struct lb_service_config *service)
{
	struct interface_owner owner;
	char address[ADDRESS_TEXT_BYTES];
	struct finding *finding;

	if (service->forward != LB_FORWARD_DSR || !interface_owns(service->address, &owner))
		return;
	address_format(service->address, address, sizeof(address));
	finding = doctor_find(doctor, "vip-owned", DOCTOR_WARNING,
			      "this host drops what backends send with it, and cannot be their "
			      "router: they need another one, or this address is to be routed here "
			      "and owned by nobody",
			      "%s: its address %s is one of this host's, on %s", service->name,
			      address, owner.name);
	doctor_remedy(finding, "ip addr del %s/%u dev %s", address, owner.bits, owner.name);
	doctor_set_interface(finding, owner.name);
	doctor_set_backend(finding, service, NULL);
}

/* Backends on our wire look for the source there, and somebody has to answer. */
static void examine_sources(struct doctor *doctor, const struct doctor_way *way)
{
	const struct lb_service_config *service = way->service;
	char address[ADDRESS_TEXT_BYTES], name[IF_NAMESIZE];
	struct interface_owner owner;
	struct finding *finding;

	if (service->forward != LB_FORWARD_SNAT || !if_indextoname(way->hop.ifindex, name))
		return;
	for (unsigned int i = 0; i < service->source_count; i++) {
		const __u64 *source = doctor->store->control->sources[service->first_source + i];

		if (address_is_ipv4(source) != address_is_ipv4(way->backend->config->address) ||
		    link_interface_to(source) != way->hop.ifindex || interface_owns(source, &owner))
			continue;
		address_format(source, address, sizeof(address));
		finding =
			doctor_find(doctor, "source-unanswered", DOCTOR_ERROR,
				    "backends on this wire look for it there, and nobody answers: "
				    "their replies go nowhere",
				    "%s: the source %s is of the network at %s, and not one of "
				    "this host's addresses",
				    service->name, address, name);
		doctor_remedy(finding, "ip addr add %s/%d dev %s", address,
			      address_is_ipv4(source) ? 32 : 128, name);
		doctor_set_interface(finding, name);
		doctor_set_backend(finding, service, NULL);
	}
}

/* Is it the first way of its service? What is of the service is then said once. */
static bool is_first(const struct doctor *doctor, size_t index)
{
	return !index || doctor->ways[index - 1].service != doctor->ways[index].service;
}

void doctor_addresses(struct doctor *doctor)
{
	for (size_t i = 0; i < doctor->view->service_count; i++)
		examine_vip(doctor, doctor->view->services[i].config);
	for (size_t i = 0; i < doctor->way_count; i++)
		if (is_first(doctor, i))
			examine_sources(doctor, &doctor->ways[i]);
}

/* Whether backends are made for it cannot be seen from here. */
void doctor_direct_return(struct doctor *doctor)
{
	for (size_t i = 0; i < doctor->view->service_count; i++) {
		const struct lb_service_config *service = doctor->view->services[i].config;
		bool is_ipv4 = address_is_ipv4(service->address);
		char address[ADDRESS_TEXT_BYTES];
		struct finding *finding;

		if (doctor_translates(service))
			continue;
		address_format(service->address, address, sizeof(address));
		finding =
			doctor_find(doctor, "backends-own-the-vip", DOCTOR_NOTE,
				    "backends answer with the service's address, and must have it "
				    "without telling the network",
				    "%s: each backend has to be set up for %s", service->name,
				    forward_name(service->forward));
		doctor_remedy(finding, "on each backend: %sip addr add %s/%d dev lo%s%s",
			      is_ipv4 ? "sysctl -w net.ipv4.conf.all.arp_ignore=1 "
					"net.ipv4.conf.all.arp_announce=2 && "
				      : "",
			      address, is_ipv4 ? 32 : 128, is_ipv4 ? "" : " nodad",
			      is_tunnel(service) ? " && lbctl decap IFACE" : "");
		doctor_set_backend(finding, service, NULL);
	}
}
