// SPDX-License-Identifier: GPL-2.0-only
/* Of the doctor: what interfaces do by themselves with packets, and their queues. */
#include <unistd.h>

#include "diagnose/doctor/doctor.h"
#include "netlink/interface.h"
#include "netlink/offload.h"

static void examine_merging(struct doctor *doctor, const char *name, unsigned int faults)
{
	struct finding *finding;

	if (faults & OFFLOAD_LRO) {
		finding = doctor_find(doctor, "lro-on", DOCTOR_WARNING,
				      "what LRO has merged cannot be forwarded as it came: drivers "
				      "refuse native XDP with it, or drop what does not fit in a "
				      "page",
				      "%s: it merges received packets (LRO)", name);
		doctor_remedy(finding, "ethtool -K %s lro off", name);
		doctor_set_interface(finding, name);
	}
	if (faults & OFFLOAD_GRO_HW) {
		finding =
			doctor_find(doctor, "gro-hw-on", DOCTOR_WARNING,
				    "merged packets are larger than a page and than the MTU of "
				    "the way out: drivers refuse native XDP with it, or drop them",
				    "%s: its hardware merges received packets (rx-gro-hw)", name);
		doctor_remedy(finding, "ethtool -K %s rx-gro-hw off", name);
		doctor_set_interface(finding, name);
	}
}

/*
 * A veth that is given a receive queue while a native program is there has none in the new one,
 * and lets its packets by. So it has to be elsewhere meanwhile.
 */
static void remedy_one_receiver(const struct doctor *doctor, struct finding *finding,
				const struct interface *interface, const struct offloads *offloads,
				__u32 queues)
{
	const char *name = interface->name, *kind = offloads->is_combined ? "combined" : "rx";

	if (!interface->is_veth || !doctor_is_attached(doctor, name))
		doctor_remedy(finding, "ethtool -L %s %s %u", name, kind, queues);
	else
		doctor_remedy(finding,
			      "%s attach --replace --mode generic %s && ethtool -L %s %s %u && "
			      "%s attach --replace --mode native %s",
			      doctor->command, name, name, kind, queues, doctor->command, name);
}

static void examine_receivers(struct doctor *doctor, const struct interface *interface,
			      const struct offloads *offloads, __u32 processors)
{
	__u32 queues = offload_queues(offloads->receivers_most, processors);
	struct finding *finding;

	finding = doctor_find(doctor, "single-queue", DOCTOR_NOTE,
			      "one processor has to balance all that comes in, whatever the others "
			      "do",
			      "%s: one receive queue of %u, and %u processors", interface->name,
			      offloads->receivers_most, processors);
	remedy_one_receiver(doctor, finding, interface, offloads, queues);
	doctor_set_interface(finding, interface->name);
}

static void examine_senders(struct doctor *doctor, const char *name,
			    const struct offloads *offloads, __u32 processors)
{
	__u32 queues = offload_queues(offloads->senders_most, processors);
	struct finding *finding;

	finding = doctor_find(doctor, "few-transmit-queues", DOCTOR_NOTE,
			      "processors without a queue of their own wait for others to send, or "
			      "the driver refuses native XDP",
			      "%s: %u transmit queue%s for %u processors", name, offloads->senders,
			      offloads->senders == 1 ? "" : "s", processors);
	if (queues > offloads->senders)
		doctor_remedy(finding, "ethtool -L %s %s %u", name,
			      offloads->is_combined ? "combined" : "tx", queues);
	doctor_set_interface(finding, name);
}

/* A veth gives the program that it runs to none of the queues that it is given. */
static void examine_new_receivers(struct doctor *doctor, const struct interface *interface,
				  const struct offloads *offloads)
{
	__u32 noted = doctor->store ? store_receivers(doctor->store, interface->ifindex) : 0;
	struct finding *finding;

	if (!interface->is_veth || !noted || offloads->receivers <= noted)
		return;
	finding = doctor_find(doctor, "queues-bypassed", DOCTOR_WARNING,
			      "a veth gives its program to no queue that comes later: packets that "
			      "come in by such a queue are not balanced",
			      "%s: it had %u receive queue%s when it was attached, and has %u",
			      interface->name, noted, noted == 1 ? "" : "s", offloads->receivers);
	doctor_remedy(finding, "%s upgrade", doctor->command);
	doctor_set_interface(finding, interface->name);
}

void doctor_examine_offloads(struct doctor *doctor, const struct interface *interface,
			     bool is_native)
{
	__u32 processors = sysconf(_SC_NPROCESSORS_ONLN);
	struct offloads offloads;
	unsigned int faults;

	interface_offloads(interface->name, &offloads);
	faults = offload_judge(&offloads, processors, is_native);
	examine_merging(doctor, interface->name, faults);
	if (is_native)
		examine_new_receivers(doctor, interface, &offloads);
	if (faults & OFFLOAD_ONE_RECEIVER)
		examine_receivers(doctor, interface, &offloads, processors);
	if (faults & OFFLOAD_FEW_SENDERS &&
	    !interface->is_veth) /* which sends by its other end's */
		examine_senders(doctor, interface->name, &offloads, processors);
}
