// SPDX-License-Identifier: GPL-2.0-only
/* Doctor examinations: offloads and queues of interfaces. */
#include <unistd.h>

#include "diagnose/doctor/examinations.h"
#include "netlink/interface.h"
#include "netlink/offload.h"
#include "store/devices.h"

static void examine_aggregation(struct doctor *doctor, const char *name, unsigned int faults)
{
	struct finding *finding;

	if (faults & OFFLOAD_LRO) {
		finding =
			finding_add(doctor, "lro-on", DOCTOR_WARNING,
				    "merged packets cannot be forwarded: drivers refuse native XDP "
				    "with LRO, or drop packets larger than a page",
				    "%s: LRO merges received packets", name);
		finding_set_remedy(finding, "ethtool -K %s lro off", name);
		finding_set_interface(finding, name);
	}
	if (faults & OFFLOAD_GRO_HW) {
		finding = finding_add(
			doctor, "gro-hw-on", DOCTOR_WARNING,
			"merged packets exceed a page and the egress MTU: drivers refuse "
			"native XDP with rx-gro-hw, or drop them",
			"%s: the NIC merges received packets (rx-gro-hw)", name);
		finding_set_remedy(finding, "ethtool -K %s rx-gro-hw off", name);
		finding_set_interface(finding, name);
	}
}

/*
 * A veth does not run its native program on receive queues that are added later: their packets
 * bypass it. So the remedy attaches in generic mode while the queues are added.
 */
static void remedy_single_queue(const struct doctor *doctor, struct finding *finding,
				const struct interface *interface, const struct offloads *offloads,
				__u32 queues)
{
	const char *name = interface->name, *kind = offloads->is_combined ? "combined" : "rx";

	if (!interface->is_veth || !doctor_is_attached(doctor, name))
		finding_set_remedy(finding, "ethtool -L %s %s %u", name, kind, queues);
	else
		finding_set_remedy(
			finding,
			"%s attach --replace --mode generic %s && ethtool -L %s %s %u && "
			"%s attach --replace --mode native %s",
			doctor->command, name, name, kind, queues, doctor->command, name);
}

static void examine_rx_queues(struct doctor *doctor, const struct interface *interface,
			      const struct offloads *offloads, __u32 cpus)
{
	__u32 queues = offload_usable_queues(offloads->rx_queues_max, cpus);
	struct finding *finding;

	finding = finding_add(doctor, "single-queue", DOCTOR_NOTE,
			      "a single CPU processes all received packets",
			      "%s: 1 receive queue of %u possible, for %u CPUs", interface->name,
			      offloads->rx_queues_max, cpus);
	remedy_single_queue(doctor, finding, interface, offloads, queues);
	finding_set_interface(finding, interface->name);
}

static void examine_tx_queues(struct doctor *doctor, const char *name,
			      const struct offloads *offloads, __u32 cpus)
{
	__u32 queues = offload_usable_queues(offloads->tx_queues_max, cpus);
	struct finding *finding;

	finding = finding_add(doctor, "few-transmit-queues", DOCTOR_NOTE,
			      "CPUs contend for transmit queues, or the driver refuses native XDP",
			      "%s: %u transmit queue%s for %u CPUs", name, offloads->tx_queues,
			      offloads->tx_queues == 1 ? "" : "s", cpus);
	if (queues > offloads->tx_queues)
		finding_set_remedy(finding, "ethtool -L %s %s %u", name,
				   offloads->is_combined ? "combined" : "tx", queues);
	finding_set_interface(finding, name);
}

/* Receive queues that were added to a veth while the program was attached bypass it. */
static void examine_new_rx_queues(struct doctor *doctor, const struct interface *interface,
				  const struct offloads *offloads)
{
	__u32 attached_queues =
		doctor->store ? store_rx_queues(doctor->store, interface->ifindex) : 0;
	struct finding *finding;

	if (!interface->is_veth || !attached_queues || offloads->rx_queues <= attached_queues)
		return;
	finding = finding_add(doctor, "queues-bypassed", DOCTOR_WARNING,
			      "a veth does not run its program on queues that are added later: "
			      "packets on these queues are not balanced",
			      "%s: %u receive queue%s when the program was attached, %u now",
			      interface->name, attached_queues, attached_queues == 1 ? "" : "s",
			      offloads->rx_queues);
	finding_set_remedy(finding, "%s upgrade", doctor->command);
	finding_set_interface(finding, interface->name);
}

void doctor_examine_offloads(struct doctor *doctor, const struct interface *interface,
			     bool is_native)
{
	__u32 cpus = sysconf(_SC_NPROCESSORS_ONLN);
	struct offloads offloads;
	unsigned int faults;

	interface_offloads(interface->name, &offloads);
	faults = offload_check(&offloads, cpus, is_native);
	examine_aggregation(doctor, interface->name, faults);
	if (is_native)
		examine_new_rx_queues(doctor, interface, &offloads);
	if (faults & OFFLOAD_ONE_RX_QUEUE)
		examine_rx_queues(doctor, interface, &offloads, cpus);
	if (faults & OFFLOAD_FEW_TX_QUEUES &&
	    !interface->is_veth) /* a veth transmits to its peer's receive queues */
		examine_tx_queues(doctor, interface->name, &offloads, cpus);
}
