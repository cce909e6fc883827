#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# Frames with one and with two VLAN tags are balanced, and keep their tags. tc programs in the
# client and the backends push and pop the tags. The balancer's kernel has no VLAN devices, so all
# neighbour entries are static.
# shellcheck source=tests/lib/shell/e2e.bash
source "$(dirname "$0")/../../lib/shell/e2e.bash"

tag_program() { # TAGS
	clang -O2 -target bpf "-DTAGS=$1" -isystem "/usr/include/$(gcc -print-multiarch)" -c -o "$WORK/tag$1.o" -x c - <<-'END'
		#include <linux/bpf.h>
		#include <linux/pkt_cls.h>
		#include <bpf/bpf_helpers.h>
		#include <bpf/bpf_endian.h>

		/* The outer tag of two is a service tag. ARP is not tagged: neighbours are static. */
		SEC("push") int tag(struct __sk_buff *skb)
		{
			if (skb->protocol != bpf_htons(0x0800) && skb->protocol != bpf_htons(0x86dd))
				return TC_ACT_OK;
			if (bpf_skb_vlan_push(skb, bpf_htons(0x8100), 100))
				return TC_ACT_SHOT;
			if (TAGS > 1 && bpf_skb_vlan_push(skb, bpf_htons(0x88a8), 200))
				return TC_ACT_SHOT;
			return TC_ACT_OK;
		}

		/* Drops untagged frames, so that the test fails if a tag is lost. */
		SEC("pop") int untag(struct __sk_buff *skb)
		{
			if (!skb->vlan_present)
				return TC_ACT_SHOT;
			for (int i = 0; i < TAGS; i++)
				if (bpf_skb_vlan_pop(skb))
					return TC_ACT_SHOT;
			return skb->vlan_present ? TC_ACT_SHOT : TC_ACT_OK;
		}
		char _license[] SEC("license") = "GPL";
	END
}

mac() { # PART INTERFACE
	on "$1" ip -j link show dev "$2" | jq -r '.[0].address'
}

add_neighbours() { # PART INTERFACE MAC ADDRESS...
	local part=$1 interface=$2 mac=$3 address
	shift 3
	for address in "$@"; do
		must on "$part" ip neigh replace "$address" lladdr "$mac" nud permanent dev "$interface"
	done
}

# "tc -n" mounts its own /sys, so it leaves no pins in the machine's bpffs.
add_vlan_tags() { # PART TAGS
	must tc -n "lb-$NAME-$1" qdisc add dev eth0 clsact
	must tc -n "lb-$NAME-$1" filter add dev eth0 egress bpf direct-action obj "$WORK/tag$2.o" sec push
	must tc -n "lb-$NAME-$1" filter add dev eth0 ingress bpf direct-action obj "$WORK/tag$2.o" sec pop
}

run_setup() { # TAGS BACK-INTERFACE ARGUMENTS OF tools/lab up...
	local tags=$1 back=$2 family vip part
	shift 2
	balancer_up "$@"
	must tag_program "$tags"
	add_neighbours client eth0 "$(mac balancer front)" 198.51.100.1 2001:db8:1::1
	add_neighbours balancer front "$(mac client eth0)" 198.51.100.2 2001:db8:1::2
	add_vlan_tags client "$tags"
	for number in 1 2 3; do
		part=b$number
		add_neighbours "$part" eth0 "$(mac balancer "$back")" 10.0.0.1 2001:db8:3::1
		add_neighbours balancer "$back" "$(mac "$part" eth0)" "$(address_of 4 "$number")" "$(address_of 6 "$number")"
		add_vlan_tags "$part" "$tags"
	done
	serve udp-echo 5353
	for family in 4 6; do
		vip=$(vip_of "$family")
		service "$family" tcp 80 "5 3 1"
		service "$family" udp 5353 "5 3 1"
		is "$(fetch 90 "$(url "$vip")")" "b1=50 b2=30 b3=10" "$tags tag(s) through $back, IPv$family: 90 connections are split 50, 30, 10"
		is "$(udp 90 "$vip" 5353)" "b1=50 b2=30 b3=10" "$tags tag(s) through $back, IPv$family: 90 UDP flows are split 50, 30, 10"
	done
	checksums_are_right
	lab_down
}

run_setup 1 back
run_setup 2 back
run_setup 1 front --one-armed
run_setup 2 front --one-armed
finish
