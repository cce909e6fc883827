// SPDX-License-Identifier: GPL-2.0-only
#include "commands/flag_lists.h"

static const struct flag attach[] = {
	{FLAG_MODE, "auto|native|generic",
	 "Run the program in the driver (native) or in the stack (generic); auto: native if the "
	 "driver supports it",
	 "auto"},
	{FLAG_REPLACE, NULL, "Replace another XDP program, or change the mode", NULL},
	{FLAG_HASH_KEY, "FILE",
	 "Read the hash key from FILE, 32 hex digits; balancers with one key select the same "
	 "backends",
	 "random"},
	{FLAG_NONE, NULL, NULL, NULL},
};

static const struct flag attach_limit[] = {
	{FLAG_MAX_SERVICES, "N", "Set the maximum number of services", "255"},
	{FLAG_MAX_BACKENDS, "N", "Set the maximum number of backends of all services", "4096"},
	{FLAG_MAX_FLOWS, "N", "Set the size of the flow table, 17 bytes per entry", "1048576"},
	{FLAG_MAX_SOURCES, "N", "Set the maximum number of snat addresses, 2 MiB each", "2"},
	{FLAG_MAX_CLIENTS, "N", "Set the maximum number of clients with persistence", "65536"},
	{FLAG_NONE, NULL, NULL, NULL},
};

static const struct flag detach[] = {
	{FLAG_FORCE, NULL, "Detach despite active flows", NULL},
	{FLAG_NONE, NULL, NULL, NULL},
};

static const struct flag decap[] = {
	{FLAG_MODE, "auto|native|generic",
	 "Run the program in the driver (native) or in the stack (generic); auto: native if the "
	 "driver supports it",
	 "auto"},
	{FLAG_ADDRESS, "ADDR[,ADDR...]", "Decapsulate tunnels that end at these addresses",
	 "all addresses of the interfaces"},
	{FLAG_OFF, NULL, "Detach from IFACE, or from all interfaces without IFACE", NULL},
	{FLAG_NONE, NULL, NULL, NULL},
};

static const struct flag traffic[] = {
	{FLAG_SCHEDULER, "rr|wrr|random|p2c|lc|lrt|maglev|source", "Set the scheduler", "wrr"},
	{FLAG_FORWARD, "nat|snat|dsr|ipip|gue", "Set the forwarding mode", "nat"},
	{FLAG_SOURCE, "PREFIX[,PREFIX]",
	 "Set the outer source prefixes of tunnels, or the address pool of snat",
	 "172.16.0.0/16,100::/64 for tunnels"},
	{FLAG_PERSIST, "flow|none|source[=DUR[/BITS]]",
	 "Keep each flow or, with source, each client on one backend", "flow"},
	{FLAG_PERSIST_THROUGH_DRAIN, "on|off", "Keep clients on a backend that drains", "off"},
	{FLAG_NONE, NULL, NULL, NULL},
};

static const struct flag health[] = {
	{FLAG_CHECK, "none|ping|tcp|http:/PATH|https:/PATH|exec:/PROGRAM",
	 "Set the health check; options follow, such as ,interval=2s", "none"},
	{FLAG_RESET_DEAD, "on|off", "Reset TCP flows of a backend that is down", "off"},
	{FLAG_FEEDBACK, "off|observe|on", "Adjust weights by measured response times", "off"},
	{FLAG_NONE, NULL, NULL, NULL},
};

static const struct flag limit[] = {
	{FLAG_LOAD_FACTOR, "off|N", "Limit each backend to N times its share of all flows", "off"},
	{FLAG_SPILL, "SERVICE|none",
	 "Set the spillover service; its backends get the flows for which no backend of this "
	 "service has capacity",
	 "none"},
	{FLAG_NONE, NULL, NULL, NULL},
};

static const struct flag timeout[] = {
	{FLAG_TIMEOUT_NEW, "DUR", "Expire half-open flows after DUR without a packet",
	 "10s for TCP, 30s for UDP"},
	{FLAG_TIMEOUT_ESTABLISHED, "DUR", "Expire flows after DUR without a packet",
	 "124m for TCP, 5m for UDP"},
	{FLAG_TIMEOUT_CLOSING, "DUR", "Expire half-closed flows after DUR without a packet", "4m"},
	{FLAG_NONE, NULL, NULL, NULL},
};

static const struct flag service_add[] = {
	{FLAG_UPDATE, NULL, "Change the service if it exists with other settings", NULL},
	{FLAG_NONE, NULL, NULL, NULL},
};

static const struct flag service_set[] = {
	{FLAG_FORCE, NULL, "Change --source or --spill despite active flows that this ends", NULL},
	{FLAG_NONE, NULL, NULL, NULL},
};

static const struct flag del[] = {
	{FLAG_IF_EXISTS, NULL, "Succeed if it does not exist", NULL},
	{FLAG_FORCE, NULL, "Delete despite active flows", NULL},
	{FLAG_NONE, NULL, NULL, NULL},
};

static const struct flag backend_add[] = {
	{FLAG_WEIGHT, "N", "Set the weight, its share of new flows, 0 to 65535", "1"},
	{FLAG_MAX_FLOWS, "N", "Limit the number of flows; 0: no limit", "0"},
	{FLAG_STATE, "ready|drain|maint", "Set the initial administrative state", "ready"},
	{FLAG_UPDATE, NULL, "Change the backend if it exists with other settings", NULL},
	{FLAG_NONE, NULL, NULL, NULL},
};

static const struct flag drain[] = {
	{FLAG_WAIT, NULL, "Wait until the last flow ends", NULL},
	{FLAG_TIMEOUT, "DUR", "Stop waiting after DUR, with exit status 7", "no limit"},
	{FLAG_NONE, NULL, NULL, NULL},
};

static const struct flag maint[] = {
	{FLAG_RESET, NULL, "Reset each TCP flow at its next packet", NULL},
	{FLAG_NONE, NULL, NULL, NULL},
};

static const struct flag flow_filter[] = {
	{FLAG_SERVICE, "SERVICE", "Select flows of this service", NULL},
	{FLAG_BACKEND, "BACKEND", "Select flows of this backend (needs --service)", NULL},
	{FLAG_CLIENT, "ADDR", "Select flows of this client, IPv4 only", NULL},
	{FLAG_PROTOCOL, "tcp|udp", "Select flows of this protocol", NULL},
	{FLAG_STATE, "STATE[,STATE]", "Select flows in these states", NULL},
	{FLAG_IDLE_OVER, "DUR", "Select flows that are idle for longer than DUR", NULL},
	{FLAG_NONE, NULL, NULL, NULL},
};

static const struct flag flow_list[] = {
	{FLAG_LIMIT, "N", "Print at most N flows", "all"},
	{FLAG_NONE, NULL, NULL, NULL},
};

static const struct flag flow_flush[] = {
	{FLAG_FORCE, NULL, "Delete active flows too", NULL},
	{FLAG_NONE, NULL, NULL, NULL},
};

static const struct flag run[] = {
	{FLAG_LISTEN, "ADDR:PORT[,...]", "Serve metrics and a status page, read-only", "none"},
	{FLAG_NONE, NULL, NULL, NULL},
};

static const struct flag check_probe[] = {
	{FLAG_INTERVAL, "DUR", "Set the interval between probes", "1s"},
	{FLAG_COUNT, "N", "Stop after N probes", "1"},
	{FLAG_VIP, "ADDR", "Connect to this VIP at the target (needs --forward)", NULL},
	{FLAG_FORWARD, "dsr|ipip|gue", "Set the forwarding mode for --vip", NULL},
	{FLAG_NONE, NULL, NULL, NULL},
};

static const struct flag wait[] = {
	{FLAG_FOR, "healthy|drained", "Wait until all ready backends are up, or no flow is left",
	 NULL},
	{FLAG_TIMEOUT, "DUR", "Stop waiting after DUR, with exit status 7", "no limit"},
	{FLAG_NONE, NULL, NULL, NULL},
};

static const struct flag file[] = {
	{FLAG_FILE, "FILE|-", "Read FILE, or standard input", NULL},
	{FLAG_NONE, NULL, NULL, NULL},
};

static const struct flag apply[] = {
	{FLAG_PRUNE, NULL, "Delete services and backends that the file does not have", NULL},
	{FLAG_RESET_RUNTIME, NULL, "Discard run-time states and weights", NULL},
	{FLAG_CONFIRM_WITHIN, "DUR", "Roll back unless `lbctl confirm` is called within DUR", NULL},
	{FLAG_FORCE, NULL, "Apply despite active flows that this ends", NULL},
	{FLAG_NONE, NULL, NULL, NULL},
};

static const struct flag save[] = {
	{FLAG_OUTPUT, "FILE", "Replace FILE atomically", "standard output"},
	{FLAG_NONE, NULL, NULL, NULL},
};

static const struct flag import[] = {
	{FLAG_STRICT, NULL, "Exit with status 1 if anything has no equivalent", NULL},
	{FLAG_NONE, NULL, NULL, NULL},
};

static const struct flag status[] = {
	{FLAG_STRICT, NULL, "Exit with status 1 if anything is degraded", NULL},
	{FLAG_NONE, NULL, NULL, NULL},
};

static const struct flag stats[] = {
	{FLAG_INTERVAL, "SEC", "Print rates every SEC seconds", "totals, once"},
	{FLAG_COUNT, "N", "Stop after N samples", "no limit"},
	{FLAG_NONE, NULL, NULL, NULL},
};

static const struct flag top[] = {
	{FLAG_ONCE, NULL, "Print one frame as plain text, without a terminal", NULL},
	{FLAG_INTERVAL, "SEC", "Sample every SEC seconds", "1"},
	{FLAG_COUNT, "N", "Stop after N samples", "no limit"},
	{FLAG_SORT, "name|weight|flows|new|packets|bits|mean|p50|p99", "Set the sort key", "name"},
	{FLAG_NONE, NULL, NULL, NULL},
};

static const struct flag events[] = {
	{FLAG_SINCE, "DUR", "Omit events older than DUR", "all that are kept, 1024"},
	{FLAG_FOLLOW, NULL, "Keep printing new events until interrupted", NULL},
	{FLAG_NONE, NULL, NULL, NULL},
};

static const struct flag metrics[] = {
	{FLAG_TEXTFILE, "FILE", "Replace FILE atomically, for the node exporter",
	 "standard output"},
	{FLAG_NONE, NULL, NULL, NULL},
};

static const struct flag explain[] = {
	{FLAG_SRC, "IP:PORT", "Set the source of the packet", NULL},
	{FLAG_DST, "VIP:PORT/PROTO", "Set the destination of the packet", NULL},
	{FLAG_SYN, NULL, "Explain a TCP SYN instead of an ACK", NULL},
	{FLAG_INTERFACE, "IFACE", "Set the input interface", "the one that routes to --src"},
	{FLAG_NONE, NULL, NULL, NULL},
};

static const struct flag trace_filter[] = {
	{FLAG_SERVICE, "SERVICE", "Select packets of this service", NULL},
	{FLAG_BACKEND, "BACKEND", "Select packets of this backend (needs --service)", NULL},
	{FLAG_CLIENT, "ADDR[/BITS]", "Select packets from or to these addresses", NULL},
	{FLAG_OUTCOME, "NAME[,NAME]", "Select packets with these outcomes", NULL},
	{FLAG_SAMPLE, "N", "Sample one in N packets at random", "1"},
	{FLAG_NONE, NULL, NULL, NULL},
};

static const struct flag trace[] = {
	{FLAG_COUNT, "N", "Stop after N packets", "no limit"},
	{FLAG_PCAP, "FILE", "Write the packets to FILE too, in pcap format", NULL},
	{FLAG_NONE, NULL, NULL, NULL},
};

const struct flag_group attach_flags[] = {
	{NULL, attach},
	{"limit", attach_limit},
	{NULL, NULL},
};

const struct flag_group detach_flags[] = {{NULL, detach}, {NULL, NULL}};
const struct flag_group decap_flags[] = {{NULL, decap}, {NULL, NULL}};

const struct flag_group service_add_flags[] = {
	{"traffic", traffic}, {"health", health},     {"limit", limit},
	{"timeout", timeout}, {"other", service_add}, {NULL, NULL},
};

const struct flag_group service_set_flags[] = {
	{"traffic", traffic}, {"health", health},     {"limit", limit},
	{"timeout", timeout}, {"other", service_set}, {NULL, NULL},
};

const struct flag_group del_flags[] = {{NULL, del}, {NULL, NULL}};
const struct flag_group backend_add_flags[] = {{NULL, backend_add}, {NULL, NULL}};
const struct flag_group drain_flags[] = {{NULL, drain}, {NULL, NULL}};
const struct flag_group maint_flags[] = {{NULL, maint}, {NULL, NULL}};
const struct flag_group flow_list_flags[] = {
	{"filter", flow_filter}, {"other", flow_list}, {NULL, NULL}};
const struct flag_group flow_count_flags[] = {{"filter", flow_filter}, {NULL, NULL}};
const struct flag_group flow_flush_flags[] = {
	{"filter", flow_filter}, {"other", flow_flush}, {NULL, NULL}};
const struct flag_group run_flags[] = {{NULL, run}, {NULL, NULL}};
const struct flag_group check_probe_flags[] = {{NULL, check_probe}, {NULL, NULL}};
const struct flag_group wait_flags[] = {{NULL, wait}, {NULL, NULL}};
const struct flag_group file_flags[] = {{NULL, file}, {NULL, NULL}};
const struct flag_group apply_flags[] = {{"input", file}, {"apply", apply}, {NULL, NULL}};
const struct flag_group save_flags[] = {{NULL, save}, {NULL, NULL}};
const struct flag_group import_flags[] = {{"input", file}, {"import", import}, {NULL, NULL}};
const struct flag_group status_flags[] = {{NULL, status}, {NULL, NULL}};
const struct flag_group stats_flags[] = {{NULL, stats}, {NULL, NULL}};
const struct flag_group top_flags[] = {{NULL, top}, {NULL, NULL}};
const struct flag_group events_flags[] = {{NULL, events}, {NULL, NULL}};
const struct flag_group metrics_flags[] = {{NULL, metrics}, {NULL, NULL}};
const struct flag_group explain_flags[] = {{NULL, explain}, {NULL, NULL}};
const struct flag_group trace_flags[] = {{"filter", trace_filter}, {"other", trace}, {NULL, NULL}};
