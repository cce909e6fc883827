// SPDX-License-Identifier: GPL-2.0-only
/* Of the doctor: what interfaces do by themselves with packets, and their queues. */
#include <unistd.h>

#include "diagnose/doctor/doctor.h"
#include "netlink/interface.h"
#include "netlink/offload.h"
#include "store/devices.h"

static void examine_aggregation(struct doctor *doctor, const char *name, unsigned int faults)
{
	struct finding *finding;

	if (faults & OFFLOAD_LRO) {
		finding = finding_add(doctor, "lro-on", DOCTOR_WARNING,
				      "what LRO has merged cannot be forwarded as it came: drivers "
				      "refuse native XDP with it, or drop what does not fit in a "
				      "page",
				      "%s: it merges received packets (LRO)", name);
		finding_set_remedy(finding, "ethtool -K %s lro off", name);
		finding_set_interface(finding, name);
	}
	if (faults & OFFLOAD_GRO_HW) {
		finding =
			finding_add(doctor, "gro-hw-on", DOCTOR_WARNING,
				    "merged packets are larger than a page and than the MTU of "
				    "the way out: drivers refuse native XDP with it, or drop them",
				    "%s: its hardware merges received packets (rx-gro-hw)", name);
		finding_set_remedy(finding, "ethtool -K %s rx-gro-hw off", name);
		finding_set_interface(finding, name);
	}
}

/*
 * A veth that is given a receive queue while a native program is there has none in the new one,
 * and lets its packets by. So it has to be elsewhere meanwhile.
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
			      "one processor has to balance all that comes in, whatever the others "
			      "do",
			      "%s: one receive queue of %u, and %u processors", interface->name,
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
			      "processors without a queue of their own wait for others to send, or "
			      "the driver refuses native XDP",
			      "%s: %u transmit queue%s for %u processors", name,
			      offloads->tx_queues, offloads->tx_queues == 1 ? "" : "s", cpus);
	if (queues > offloads->tx_queues)
		finding_set_remedy(finding, "ethtool -L %s %s %u", name,
				   offloads->is_combined ? "combined" : "tx", queues);
	finding_set_interface(finding, name);
}

/* A veth gives the program that it runs to none of the queues that it is given. */
static void examine_new_rx_queues(struct doctor *doctor, const struct interface *interface,
				  const struct offloads *offloads)
{
	__u32 attached_queues =
		doctor->store ? store_rx_queues(doctor->store, interface->ifindex) : 0;
	struct finding *finding;

	if (!interface->is_veth || !attached_queues || offloads->rx_queues <= attached_queues)
		return;
	finding = finding_add(doctor, "queues-bypassed", DOCTOR_WARNING,
			      "a veth gives its program to no queue that comes later: packets that "
			      "come in by such a queue are not balanced",
			      "%s: it had %u receive queue%s when it was attached, and has %u",
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
	    !interface->is_veth) /* which sends by its other end's */
		examine_tx_queues(doctor, interface->name, &offloads, cpus);
}
