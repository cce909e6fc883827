// SPDX-License-Identifier: GPL-2.0-only
/* Of the doctor: the interfaces that packets come in by. */
#include <stdio.h>
#include <string.h>

#include "diagnose/doctor/doctor.h"
#include "netlink/interface.h"

/* What fits in a page beside headroom and the kernel's own: native programs get one piece. */
#define MTU_MAX 3506

static bool has_program(const struct doctor *doctor, const char *name)
{
	return doctor_is_attached(doctor, name) || datapath_foreign_program(doctor->instance, name);
}

/* Frames sent out of one end arrive only where the other is ready for frames of XDP. */
static void examine_veth(struct doctor *doctor, const struct interface *interface)
{
	struct finding *finding;
	struct interface peer;
	char name[IF_NAMESIZE];

	if (!interface->is_veth)
		return;
	if (!interface->peer || !if_indextoname(interface->peer, name) ||
	    interface_describe(name, &peer)) {
		finding = finding_add(doctor, "veth-peer-elsewhere", DOCTOR_NOTE,
				      "what the program sends out of a veth is lost without a word "
				      "unless its other end has GRO on, or an XDP program",
				      "%s: the other end is in another network namespace, and "
				      "cannot be looked at from here",
				      interface->name);
		finding_set_remedy(finding, "ip netns exec NAMESPACE ethtool -K PEER gro on");
	} else if (has_program(doctor, name)) {
		return;
	} else if (!peer.has_gro) {
		finding = finding_add(doctor, "veth-peer-passive", DOCTOR_ERROR,
				      "what the program sends out of a veth is lost without a word "
				      "unless its other end has GRO on, or an XDP program",
				      "%s: its other end %s has neither GRO nor an XDP program",
				      interface->name, name);
		finding_set_remedy(finding, "ethtool -K %s gro on", name);
	} else {
		finding = finding_add(doctor, "veth-peer-without-program", DOCTOR_NOTE,
				      "what goes back by the veth that it came in by (answers to "
				      "pings, resets, all packets where one interface is all) is "
				      "lost unless the other end has an XDP program",
				      "%s: its other end %s has GRO, but no XDP program",
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
		finding = finding_add(doctor, "interface-down", DOCTOR_ERROR,
				      "no packet comes in by it, and none gets out", "%s is %s",
				      name, interface->is_up ? "without a carrier" : "down");
		finding_set_remedy(finding, interface->is_up ? "ethtool %s" : "ip link set %s up",
				   name);
		finding_set_interface(finding, name);
	}
	if (interface->mtu > MTU_MAX) {
		finding = finding_add(
			doctor, "mtu-too-large", DOCTOR_WARNING,
			"drivers that keep a packet in a page refuse native XDP, or drop "
			"what is larger",
			"%s: its MTU is %u, which is more than %d", name, interface->mtu, MTU_MAX);
		finding_set_remedy(finding, "ip link set %s mtu 1500", name);
		finding_set_interface(finding, name);
	}
}

/* Of an interface that is asked about, and that is not attached. */
static void examine_unattached(struct doctor *doctor, const char *name)
{
	bool has_other_program = datapath_foreign_program(doctor->instance, name);
	struct finding *finding;

	if (has_other_program) {
		finding = finding_add(doctor, "other-program", DOCTOR_ERROR,
				      "an interface has one XDP program, and this one is not of "
				      "the instance",
				      "%s: another XDP program is there", name);
		finding_set_remedy(finding, "%s attach --replace %s", doctor->command, name);
	} else {
		finding = finding_add(doctor, "interface-not-attached", DOCTOR_ERROR,
				      "packets that come in by it are not balanced",
				      "%s: not attached there", name);
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
		finding = finding_add(doctor, "generic-mode", DOCTOR_WARNING,
				      "packets are copied first, several times as slow, and large "
				      "segments of senders on this host get stuck",
				      "%s: the program runs in the stack, not in the driver", name);
		finding_set_remedy(finding, "%s attach --replace --mode native %s", doctor->command,
				   name);
		break;
	case DATAPATH_DETACHED:
		finding = finding_add(doctor, "interface-gone", DOCTOR_ERROR,
				      "what was attached to it is not any more, even if one of its "
				      "name is there again",
				      "%s: the interface has vanished", name);
		finding_set_remedy(finding, "%s detach %s --force", doctor->command, name);
		break;
	case DATAPATH_AUTO:
		finding = finding_add(doctor, "interface-elsewhere", DOCTOR_ERROR,
				      "routes and neighbours of this namespace are not those that "
				      "its packets meet",
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
			      "the kernel does not say where such a packet goes next, and drops it "
			      "when it is left to it",
			      "%s: IPv%d packets are not forwarded", name, version);
	finding_set_remedy(finding, "sysctl -w net/ipv%d/conf/%s/forwarding=1", version, name);
	finding_set_interface(finding, name);
}

/* Packets come in in the version of a service, and replies in that of its backends. */
void doctor_forwarding(struct doctor *doctor)
{
	bool uses_ipv4[2] = {false, false};

	for (size_t i = 0; i < doctor->view->service_count; i++)
		uses_ipv4[address_is_ipv4(doctor->view->services[i].config->address)] = true;
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
