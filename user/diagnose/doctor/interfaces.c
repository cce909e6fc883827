// SPDX-License-Identifier: GPL-2.0-only
/* Doctor examinations: attached interfaces and IP forwarding. */
#include <stdio.h>
#include <string.h>

#include "diagnose/doctor/examinations.h"
#include "netlink/interface.h"

/* A page less XDP headroom and skb_shared_info: drivers without multi-buffer XDP support. */
#define MTU_MAX 3506

static bool has_program(const struct doctor *doctor, const char *name)
{
	return doctor_is_attached(doctor, name) || datapath_foreign_program(doctor->instance, name);
}

/* A veth drops frames of XDP_TX and redirects unless its peer runs NAPI (GRO or a program). */
static void examine_veth(struct doctor *doctor, const struct interface *interface)
{
	struct finding *finding;
	struct interface peer;
	char name[IF_NAMESIZE];

	if (!interface->is_veth)
		return;
	if (!interface->peer || !if_indextoname(interface->peer, name) ||
	    interface_describe(name, &peer)) {
		finding = finding_add(
			doctor, "veth-peer-elsewhere", DOCTOR_NOTE,
			"a veth silently drops frames sent by XDP unless its peer has GRO "
			"on or an XDP program",
			"%s: the veth peer is in another network namespace, and cannot "
			"be examined",
			interface->name);
		finding_set_remedy(finding, "ip netns exec NAMESPACE ethtool -K PEER gro on");
	} else if (has_program(doctor, name)) {
		return;
	} else if (!peer.has_gro) {
		finding = finding_add(
			doctor, "veth-peer-passive", DOCTOR_ERROR,
			"a veth silently drops frames sent by XDP unless its peer has GRO "
			"on or an XDP program",
			"%s: the veth peer %s has neither GRO nor an XDP program", interface->name,
			name);
		finding_set_remedy(finding, "ethtool -K %s gro on", name);
	} else {
		finding = finding_add(doctor, "veth-peer-without-program", DOCTOR_NOTE,
				      "packets that leave on the interface they arrived on (echo "
				      "replies, TCP resets, all packets of a one-armed setup) are "
				      "lost unless the peer has an XDP program",
				      "%s: the veth peer %s has GRO, but no XDP program",
				      interface->name, name);
		finding_set_remedy(finding, "lbctl --instance peer attach --mode native %s", name);
	}
	finding_set_interface(finding, interface->name);
}

static void examine_link(struct doctor *doctor, const struct interface *interface)
{
	const char *name = interface->name;
	struct finding *finding;

	if (!interface->is_up || !interface->has_carrier) {
		finding =
			finding_add(doctor, "interface-down", DOCTOR_ERROR,
				    "it neither receives nor sends packets", "%s: the interface %s",
				    name, interface->is_up ? "has no carrier" : "is down");
		finding_set_remedy(finding, interface->is_up ? "ethtool %s" : "ip link set %s up",
				   name);
		finding_set_interface(finding, name);
	}
	if (interface->mtu > MTU_MAX) {
		finding = finding_add(
			doctor, "mtu-too-large", DOCTOR_WARNING,
			"drivers without multi-buffer XDP refuse native mode, or drop larger "
			"packets",
			"%s: the MTU is %u, more than %d", name, interface->mtu, MTU_MAX);
		finding_set_remedy(finding, "ip link set %s mtu 1500", name);
		finding_set_interface(finding, name);
	}
}

/* `doctor IFACE` for an interface that the instance is not attached to. */
static void examine_unattached(struct doctor *doctor, const char *name)
{
	bool has_other_program = datapath_foreign_program(doctor->instance, name);
	struct finding *finding;

	if (has_other_program) {
		finding = finding_add(doctor, "other-program", DOCTOR_ERROR,
				      "an interface runs one XDP program at a time, and this one "
				      "is not the instance's",
				      "%s: another XDP program is attached", name);
		finding_set_remedy(finding, "%s attach --replace %s", doctor->command, name);
	} else {
		finding = finding_add(doctor, "interface-not-attached", DOCTOR_ERROR,
				      "packets that arrive on it are not balanced",
				      "%s: the instance is not attached to this interface", name);
		finding_set_remedy(finding, "%s attach %s", doctor->command, name);
	}
	finding_set_interface(finding, name);
}

static void examine_attachment(struct doctor *doctor, const struct datapath_interface *attached)
{
	const char *name = attached->name;
	struct finding *finding;

	switch (attached->mode) {
	case DATAPATH_GENERIC:
		finding = finding_add(
			doctor, "generic-mode", DOCTOR_WARNING,
			"generic XDP copies packets, is several times slower, and drops "
			"large segments of senders on this host",
			"%s: the program runs in generic mode, not in the driver", name);
		finding_set_remedy(finding, "%s attach --replace --mode native %s", doctor->command,
				   name);
		break;
	case DATAPATH_DETACHED:
		finding = finding_add(
			doctor, "interface-gone", DOCTOR_ERROR,
			"the kernel detached the program; a new interface of the same name "
			"has to be attached again",
			"%s: the interface was deleted", name);
		finding_set_remedy(finding, "%s detach %s --force", doctor->command, name);
		break;
	case DATAPATH_AUTO:
		finding =
			finding_add(doctor, "interface-elsewhere", DOCTOR_ERROR,
				    "its packets use the routes and neighbours of that namespace, "
				    "not those examined here",
				    "%s: attached in another network namespace", name);
		finding_set_remedy(finding, "nsenter --net=/run/netns/NAMESPACE -- %s doctor",
				   doctor->command);
		break;
	default:
		return;
	}
	finding_set_interface(finding, name);
}

static void examine_interface(struct doctor *doctor, const char *name, bool is_native)
{
	struct interface interface;

	if (interface_describe(name, &interface))
		return;
	examine_link(doctor, &interface);
	examine_veth(doctor, &interface);
	doctor_examine_offloads(doctor, &interface, is_native);
}

void doctor_interfaces(struct doctor *doctor)
{
	const struct view *view = doctor->view;
	bool found = false;

	for (size_t i = 0; i < view->interface_count; i++) {
		const struct datapath_interface *attached = &view->interfaces[i];

		if (doctor->interface && strcmp(doctor->interface, attached->name) != 0)
			continue;
		found = true;
		examine_attachment(doctor, attached);
		if (doctor_is_attached(doctor, attached->name))
			examine_interface(doctor, attached->name,
					  attached->mode == DATAPATH_NATIVE);
	}
	if (found || !doctor->interface)
		return;
	examine_unattached(doctor, doctor->interface);
	examine_interface(doctor, doctor->interface, true);
}

static void examine_forwarding(struct doctor *doctor, const char *name, int version)
{
	struct finding *finding;

	if (interface_sysctl("ipv%d/conf/%s/forwarding", version, name))
		return;
	finding = finding_add(doctor, "forwarding-off", DOCTOR_ERROR,
			      "the kernel refuses route lookups for the program, and drops packets "
			      "that the program passes to the stack",
			      "%s: IPv%d forwarding is off", name, version);
	finding_set_remedy(finding, "sysctl -w net/ipv%d/conf/%s/forwarding=1", version, name);
	finding_set_interface(finding, name);
}

/* For an instance that is not attached. */
void doctor_not_attached(struct doctor *doctor)
{
	const char *interface = doctor->interface ? doctor->interface : "IFACE";
	struct finding *finding =
		finding_add(doctor, "not-attached", DOCTOR_ERROR, "no packet is balanced",
			    "instance '%s' is not attached to any interface", doctor->instance);

	finding_set_remedy(finding, "%s attach %s", doctor->command, interface);
}

/* A packet arrives in the IP version of a VIP, and may leave in that of a backend (4in6). */
void doctor_forwarding(struct doctor *doctor)
{
	bool uses_ipv4[2] = {false, false};

	for (size_t i = 0; i < doctor->view->service_count; i++) {
		const struct view_service *service = &doctor->view->services[i];

		uses_ipv4[address_is_ipv4(service->config->address)] = true;
		for (size_t j = 0; j < service->backend_count; j++)
			uses_ipv4[address_is_ipv4(service->backends[j].config->address)] = true;
	}
	for (size_t i = 0; i < doctor->view->interface_count; i++) {
		const char *name = doctor->view->interfaces[i].name;

		if (!doctor_is_attached(doctor, name))
			continue;
		if (uses_ipv4[true])
			examine_forwarding(doctor, name, 4);
		if (uses_ipv4[false])
			examine_forwarding(doctor, name, 6);
	}
}
