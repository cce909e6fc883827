// SPDX-License-Identifier: GPL-2.0-only
/* Doctor examinations: routes to backends and back. */
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "diagnose/doctor/examinations.h"
#include "diagnose/packet_headers.h"
#include "netlink/interface.h"

/* The kernel gets 1 s to resolve neighbours. */
#define RESOLVE_TRIES	20
#define RESOLVE_WAIT_NS 50000000L

/* A tunnel should carry packets of this size. */
#define PACKET_MTU 1500

#define ADDRESSES_MAX 16 /* of one interface */

/* Looks up all next hops, again and again while neighbours are unresolved, for 1 s at most. */
static void resolve_nexthops(struct doctor *doctor)
{
	const struct timespec delay = {.tv_nsec = RESOLVE_WAIT_NS};
	bool is_waiting = true;

	for (int i = 0; i < RESOLVE_TRIES && is_waiting; i++) {
		if (i)
			nanosleep(&delay, NULL);
		is_waiting = false;
		for (size_t j = 0; j < doctor->path_count; j++) {
			struct doctor_path *path = &doctor->paths[j];

			if (i && path->condition != ROUTE_UNRESOLVED)
				continue;
			path->condition =
				route_find_nexthop(path->backend->config->address, &path->nexthop);
			is_waiting |= path->condition == ROUTE_UNRESOLVED;
		}
	}
}

static struct finding *set_path(struct finding *finding, const struct doctor_path *path)
{
	finding_set_backend(finding, path->service, path->backend->config);
	return finding;
}

static bool is_tunnel(const struct lb_service_config *service)
{
	return service->forward == LB_FORWARD_IPIP || service->forward == LB_FORWARD_GUE;
}

/* Reports a backend without a route or with an unresolved next hop. */
static void examine_no_nexthop(struct doctor *doctor, const struct doctor_path *path,
			       const char *address)
{
	bool is_ipv4 = address_is_ipv4(path->backend->config->address);
	struct finding *finding;
	char name[IF_NAMESIZE] = "?";

	if (path->condition == ROUTE_MISSING) {
		finding = finding_add(doctor, "no-route", DOCTOR_ERROR,
				      "packets to it are dropped (outcome no_route)",
				      "%s: no route to %s", path->service->name, address);
		finding_set_remedy(set_path(finding, path), "ip %sroute add %s via ROUTER",
				   is_ipv4 ? "" : "-6 ", address);
		return;
	}
	if_indextoname(path->nexthop.ifindex, name);
	finding =
		finding_add(doctor, "neighbour-unknown", DOCTOR_ERROR,
			    "the MAC address of the next hop is unknown, so no packet reaches the "
			    "backend",
			    "%s: the %s %s does not answer on %s", path->service->name,
			    path->nexthop.is_routed ? "router to" : "backend", address, name);
	finding_set_remedy(set_path(finding, path), "ip neigh show dev %s", name);
}

static void examine_tunnel(struct doctor *doctor, const struct doctor_path *path, const char *name,
			   const char *address)
{
	unsigned int overhead =
		address_is_ipv4(path->backend->config->address) ? IPV4_BYTES : IPV6_BYTES;
	struct finding *finding;

	if (path->service->forward == LB_FORWARD_GUE)
		overhead += UDP_BYTES;
	if (path->nexthop.mtu >= PACKET_MTU + overhead)
		return;
	finding =
		finding_add(doctor, "tunnel-mtu", DOCTOR_WARNING,
			    "clients have to use smaller packets; where ICMP is filtered, large "
			    "requests stall",
			    "%s: packets of %u bytes do not fit into the tunnel to %s: the MTU of "
			    "%s is %u",
			    path->service->name, PACKET_MTU, address, name, path->nexthop.mtu);
	finding_set_remedy(set_path(finding, path), "ip link set %s mtu %u", name,
			   PACKET_MTU + overhead);
	finding_set_interface(finding, name);
}

/* The balancer's address on the path, for the backend's route; "BALANCER" if it has none. */
static void find_gateway(const struct doctor_path *path, char text[ADDRESS_TEXT_BYTES])
{
	__u64 addresses[ADDRESSES_MAX][2];
	int count = route_interface_addresses(path->nexthop.ifindex, addresses, ADDRESSES_MAX);

	snprintf(text, ADDRESS_TEXT_BYTES, "BALANCER");
	for (int i = 0; i < count; i++)
		if (address_is_routable(addresses[i]) &&
		    address_is_ipv4(addresses[i]) ==
			    address_is_ipv4(path->backend->config->address)) {
			address_format(addresses[i], text, ADDRESS_TEXT_BYTES);
			return;
		}
}

static void find_no_replies(struct doctor *doctor, const struct doctor_path *path,
			    const char *address)
{
	bool is_ipv4 = address_is_ipv4(path->backend->config->address);
	char router[ADDRESS_TEXT_BYTES];
	struct finding *finding =
		finding_add(doctor, "no-replies", DOCTOR_ERROR,
			    "the backend does not answer, or its replies bypass the balancer",
			    "%s: %s received %llu flows, and sent no reply through the balancer",
			    path->service->name, address, path->backend->traffic.new_flows);

	find_gateway(path, router);
	finding_set_remedy(set_path(finding, path),
			   "on the backend: ip %sroute replace default via %s",
			   is_ipv4 ? "" : "-6 ", router);
}

/* Replies that need translation have to arrive on an interface that runs the program. */
static void examine_return_path(struct doctor *doctor, const struct doctor_path *path,
				const char *name, const char *address)
{
	const struct lb_traffic *traffic = &path->backend->traffic;
	bool is_nat = path->service->forward == LB_FORWARD_NAT;
	struct finding *finding;

	if (!doctor_is_attached(doctor, name) &&
	    !doctor_has_finding(doctor, "backend-interface-not-attached", name)) {
		finding = finding_add(doctor, "backend-interface-not-attached", DOCTOR_ERROR,
				      "replies that arrive on it keep the backend's address, and "
				      "clients reject them",
				      "%s: the instance is not attached to %s, which leads to %s",
				      path->service->name, name, address);
		finding_set_remedy(set_path(finding, path), "%s attach %s", doctor->command, name);
		finding_set_interface(finding, name);
	}
	if (is_nat && traffic->new_flows && !traffic->reply_packets) {
		find_no_replies(doctor, path, address);
	} else if (is_nat && path->nexthop.is_routed) {
		finding = finding_add(
			doctor, "return-path", DOCTOR_NOTE,
			"the routers in between have to send replies to clients through "
			"the balancer",
			"%s: %s is behind a router", path->service->name, address);
		finding_set_remedy(set_path(finding, path),
				   "%s service set %s --forward snat --source PREFIX",
				   doctor->command, path->service->name);
	}
}

static void examine_path(struct doctor *doctor, const struct doctor_path *path)
{
	char address[ADDRESS_TEXT_BYTES], name[IF_NAMESIZE] = "?";
	struct finding *finding;

	address_format(path->backend->config->address, address, sizeof(address));
	if (path->condition == ROUTE_MISSING || path->condition == ROUTE_UNRESOLVED)
		examine_no_nexthop(doctor, path, address);
	if (path->condition < 0 || path->condition == ROUTE_MISSING)
		return;
	if_indextoname(path->nexthop.ifindex, name);
	if (path->service->forward == LB_FORWARD_DSR && path->nexthop.is_routed) {
		finding = finding_add(doctor, "dsr-routed", DOCTOR_ERROR,
				      "dsr reaches backends on the same link only; packets to this "
				      "one are dropped",
				      "%s: %s is behind a router", path->service->name, address);
		finding_set_remedy(set_path(finding, path), "%s service set %s --forward ipip",
				   doctor->command, path->service->name);
	}
	if (is_tunnel(path->service))
		examine_tunnel(doctor, path, name, address);
	if (doctor_uses_nat(path->service))
		examine_return_path(doctor, path, name, address);
}

void doctor_paths(struct doctor *doctor)
{
	resolve_nexthops(doctor);
	for (size_t i = 0; i < doctor->path_count; i++)
		examine_path(doctor, &doctor->paths[i]);
}

/* The kernel uses the maximum of both; 1 = strict, 2 = loose. */
static bool is_rp_filter_strict(const char *name)
{
	int all = interface_sysctl("ipv4/conf/all/rp_filter");
	int one = interface_sysctl("ipv4/conf/%s/rp_filter", name);

	return all == 1 ? one < 2 : one == 1 && all < 2;
}

/*
 * The program rewrites a reply's source to the VIP before it passes the reply to the stack. A
 * strict filter drops that packet, because the route to the VIP is not where it arrived.
 */
void doctor_rp_filters(struct doctor *doctor)
{
	for (size_t i = 0; i < doctor->path_count; i++) {
		const struct doctor_path *path = &doctor->paths[i];
		char name[IF_NAMESIZE];
		struct finding *finding;

		if (!doctor_uses_nat(path->service) || !address_is_ipv4(path->service->address) ||
		    !if_indextoname(path->nexthop.ifindex, name) || !is_rp_filter_strict(name) ||
		    route_find_interface(path->service->address) == path->nexthop.ifindex ||
		    doctor_has_finding(doctor, "reverse-path-filter", name))
			continue;
		finding = finding_add(
			doctor, "reverse-path-filter", DOCTOR_WARNING,
			"if a client's next hop is unresolved, its replies pass through the stack, "
			"which drops them: their source is the VIP",
			"%s: the reverse path filter is strict", name);
		finding_set_remedy(finding,
				   "sysctl -w net/ipv4/conf/all/rp_filter=0 "
				   "net/ipv4/conf/%s/rp_filter=0",
				   name);
		finding_set_interface(finding, name);
	}
}

static void examine_vip(struct doctor *doctor, const struct lb_service_config *service)
{
	struct interface_owner owner;
	char address[ADDRESS_TEXT_BYTES];
	struct finding *finding;

	if (service->forward != LB_FORWARD_DSR || !interface_find_owner(service->address, &owner))
		return;
	address_format(service->address, address, sizeof(address));
	finding = finding_add(
		doctor, "vip-on-balancer", DOCTOR_WARNING,
		"this host drops replies that arrive with its own address as source, so "
		"it cannot be the backends' router; route the VIP to it instead",
		"%s: its VIP %s is an address of this host, on %s", service->name, address,
		owner.name);
	finding_set_remedy(finding, "ip addr del %s/%u dev %s", address, owner.bits, owner.name);
	finding_set_interface(finding, owner.name);
	finding_set_backend(finding, service, NULL);
}

/* Backends on a link resolve the SNAT source there, so the balancer has to own it. */
static void examine_sources(struct doctor *doctor, const struct doctor_path *path)
{
	const struct lb_service_config *service = path->service;
	char address[ADDRESS_TEXT_BYTES], name[IF_NAMESIZE];
	struct interface_owner owner;
	struct finding *finding;

	if (service->forward != LB_FORWARD_SNAT || !if_indextoname(path->nexthop.ifindex, name))
		return;
	for (unsigned int i = 0; i < service->snat_count; i++) {
		const __u64 *source = doctor->store->control->snat_sources[service->snat_first + i];

		if (address_is_ipv4(source) != address_is_ipv4(path->backend->config->address) ||
		    route_find_interface(source) != path->nexthop.ifindex ||
		    interface_find_owner(source, &owner))
			continue;
		address_format(source, address, sizeof(address));
		finding =
			finding_add(doctor, "snat-source-not-local", DOCTOR_ERROR,
				    "backends resolve it on this link and get no answer, so their "
				    "replies are lost",
				    "%s: the SNAT source %s is in the subnet of %s, and is not an "
				    "address of this host",
				    service->name, address, name);
		finding_set_remedy(finding, "ip addr add %s/%d dev %s", address,
				   address_is_ipv4(source) ? 32 : 128, name);
		finding_set_interface(finding, name);
		finding_set_backend(finding, service, NULL);
	}
}

/* True for the first path of each service: a service's findings are added once. */
static bool is_first_of_service(const struct doctor *doctor, size_t index)
{
	return !index || doctor->paths[index - 1].service != doctor->paths[index].service;
}

void doctor_addresses(struct doctor *doctor)
{
	for (size_t i = 0; i < doctor->view->service_count; i++)
		examine_vip(doctor, doctor->view->services[i].config);
	for (size_t i = 0; i < doctor->path_count; i++)
		if (is_first_of_service(doctor, i))
			examine_sources(doctor, &doctor->paths[i]);
}

/* A note for each service, because the backends' setup is not visible from the balancer. */
void doctor_direct_return(struct doctor *doctor)
{
	for (size_t i = 0; i < doctor->view->service_count; i++) {
		const struct lb_service_config *service = doctor->view->services[i].config;
		bool is_ipv4 = address_is_ipv4(service->address);
		char address[ADDRESS_TEXT_BYTES];
		struct finding *finding;

		if (doctor_uses_nat(service))
			continue;
		address_format(service->address, address, sizeof(address));
		finding = finding_add(doctor, "backends-own-the-vip", DOCTOR_NOTE,
				      "backends reply with the VIP as source: each needs it as a "
				      "local address, without answering ARP for it",
				      "%s: each backend has to be set up for %s", service->name,
				      forward_name(service->forward));
		finding_set_remedy(finding, "on each backend: %sip addr add %s/%d dev lo%s%s",
				   is_ipv4 ? "sysctl -w net.ipv4.conf.all.arp_ignore=1 "
					     "net.ipv4.conf.all.arp_announce=2 && "
					   : "",
				   address, is_ipv4 ? 32 : 128, is_ipv4 ? "" : " nodad",
				   is_tunnel(service) ? " && lbctl decap IFACE" : "");
		finding_set_backend(finding, service, NULL);
	}
}
