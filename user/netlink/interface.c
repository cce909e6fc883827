// SPDX-License-Identifier: GPL-2.0-only
#include "netlink/interface.h"

#include <errno.h>
#include <ifaddrs.h>
#include <linux/ethtool.h>
#include <linux/sockios.h>
#include <netinet/in.h>
#include <netlink/netlink.h>
#include <netlink/route/link.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>

#include "base/address.h"
#include "base/cleanup.h"
#include "netlink/route_query.h"

/* Sends an ethtool command to the driver. Returns false if it does not support it. */
static bool query_driver(const char *name, void *command)
{
	struct ifreq request = {.ifr_data = command};
	_close_ int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	snprintf(request.ifr_name, sizeof(request.ifr_name), "%s", name);
	return fd >= 0 && !ioctl(fd, SIOCETHTOOL, &request);
}

/* A driver without the command has no GRO. */
static bool has_gro(const char *name)
{
	struct ethtool_value value = {.cmd = ETHTOOL_GGRO};

	return query_driver(name, &value) && value.data;
}

static bool has_lro(const char *name)
{
	struct ethtool_value value = {.cmd = ETHTOOL_GFLAGS};

	return query_driver(name, &value) && value.data & ETH_FLAG_LRO;
}

/* Returns the index of a feature on this kernel; -1 if it is unknown. */
static int feature_number(const char *name, const char *feature, __u32 count)
{
	_free_ struct ethtool_gstrings *strings =
		calloc(1, sizeof(*strings) + (size_t)count * ETH_GSTRING_LEN);

	if (!strings)
		return -1;
	*strings = (struct ethtool_gstrings){
		.cmd = ETHTOOL_GSTRINGS, .string_set = ETH_SS_FEATURES, .len = count};
	if (!query_driver(name, strings))
		return -1;
	for (__u32 i = 0; i < count; i++)
		if (!strncmp((char *)strings->data + i * ETH_GSTRING_LEN, feature, ETH_GSTRING_LEN))
			return i;
	return -1;
}

static __u32 count_features(const char *name)
{
	_free_ struct ethtool_sset_info *info = calloc(1, sizeof(*info) + sizeof(info->data[0]));

	if (!info)
		return 0;
	info->cmd = ETHTOOL_GSSET_INFO;
	info->sset_mask = 1ULL << ETH_SS_FEATURES;
	return query_driver(name, info) && info->sset_mask ? info->data[0] : 0;
}

static bool has_feature(const char *name, const char *feature)
{
	__u32 count = count_features(name), blocks = (count + 31) / 32;
	int number = feature_number(name, feature, count);
	_free_ struct ethtool_gfeatures *features =
		calloc(1, sizeof(*features) + blocks * sizeof(features->features[0]));

	if (!features || number < 0)
		return false;
	features->cmd = ETHTOOL_GFEATURES;
	features->size = blocks;
	return query_driver(name, features) &&
	       features->features[number / 32].active >> number % 32 & 1;
}

void interface_offloads(const char *name, struct offloads *offloads)
{
	struct ethtool_channels channels = {.cmd = ETHTOOL_GCHANNELS};

	*offloads = (struct offloads){
		.has_lro = has_lro(name),
		.has_gro_hw = has_feature(name, "rx-gro-hw"),
	};
	if (!query_driver(name, &channels))
		return;
	offloads->rx_queues = channels.rx_count + channels.combined_count;
	offloads->rx_queues_max = channels.max_rx + channels.max_combined;
	offloads->tx_queues = channels.tx_count + channels.combined_count;
	offloads->tx_queues_max = channels.max_tx + channels.max_combined;
	offloads->is_combined = channels.combined_count;
}

static void read_link(struct rtnl_link *link, struct interface *interface)
{
	const char *kind = rtnl_link_get_type(link);
	unsigned int flags = rtnl_link_get_flags(link);
	int netnsid;

	interface->ifindex = rtnl_link_get_ifindex(link);
	interface->mtu = rtnl_link_get_mtu(link);
	interface->is_up = flags & IFF_UP;
	interface->has_carrier = flags & IFF_RUNNING;
	interface->is_veth = kind && !strcmp(kind, "veth");
	if (interface->is_veth && rtnl_link_get_link_netnsid(link, &netnsid))
		interface->peer = rtnl_link_get_link(link);
}

int interface_describe(const char *name, struct interface *interface)
{
	struct nl_sock *socket = route_query_open(true);
	struct rtnl_link *link;
	int error;

	if (!socket)
		return -EIO;
	*interface = (struct interface){0};
	snprintf(interface->name, sizeof(interface->name), "%s", name);
	error = rtnl_link_get_kernel(socket, 0, name, &link);
	if (!error) {
		read_link(link, interface);
		rtnl_link_put(link);
		interface->has_gro = has_gro(name);
	}
	route_query_close(socket);
	return error ? -ENODEV : 0;
}

static bool read_address(const struct sockaddr *from, __u64 address[2])
{
	if (from && from->sa_family == AF_INET)
		address_from_ipv4(((const struct sockaddr_in *)from)->sin_addr.s_addr, address);
	else if (from && from->sa_family == AF_INET6)
		memcpy(address, &((const struct sockaddr_in6 *)from)->sin6_addr, 16);
	else
		return false;
	return true;
}

/* Counts the one bits of a mask. */
static unsigned int count_bits(const struct sockaddr *mask)
{
	__u64 words[2] = {0};

	if (mask && mask->sa_family == AF_INET)
		return __builtin_popcount(((const struct sockaddr_in *)mask)->sin_addr.s_addr);
	read_address(mask, words);
	return __builtin_popcountll(words[0]) + __builtin_popcountll(words[1]);
}

bool interface_find_owner(const __u64 address[2], struct interface_owner *owner)
{
	struct ifaddrs *list;
	bool found = false;

	if (getifaddrs(&list))
		return false;
	for (const struct ifaddrs *entry = list; entry && !found; entry = entry->ifa_next) {
		__u64 local[2];

		if (!read_address(entry->ifa_addr, local) ||
		    memcmp(local, address, sizeof(local)) != 0)
			continue;
		snprintf(owner->name, sizeof(owner->name), "%s", entry->ifa_name);
		owner->bits = count_bits(entry->ifa_netmask);
		found = true;
	}
	freeifaddrs(list);
	return found;
}

int interface_sysctl(const char *format, ...)
{
	char path[128] = "/proc/sys/net/";
	size_t length = strlen(path);
	va_list arguments;
	int value = -1;
	FILE *file;

	va_start(arguments, format);
	vsnprintf(path + length, sizeof(path) - length, format, arguments);
	va_end(arguments);
	file = fopen(path, "re");
	if (!file)
		return -1;
	if (fscanf(file, "%d", &value) != 1)
		value = -1;
	fclose(file);
	return value;
}
