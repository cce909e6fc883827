// SPDX-License-Identifier: GPL-2.0-only
#include "commands/commands.h"

#include "cli/help.h"
#include "config/commands.h"
#include "diagnose/commands.h"
#include "top/cmd_top.h"

static const struct flag attach_flags[] = {
	{FLAG_MODE, "auto|native|generic", "where the program runs: in the driver or in the stack"},
	{FLAG_REPLACE, NULL, "take the place of another XDP program, or change the mode"},
	{FLAG_MAX_SERVICES, "N", "room for so many services (255)"},
	{FLAG_MAX_BACKENDS, "N", "room for so many backends over all services (4096)"},
	{FLAG_MAX_FLOWS, "N", "room for so many remembered flows, 16 bytes each (1048576)"},
	{FLAG_MAX_SOURCES, "N", "room for so many addresses of snat, 2 MiB each (2)"},
	{FLAG_MAX_CLIENTS, "N", "room for so many clients that stay by their address (65536)"},
	{FLAG_HASH_KEY, "FILE", "32 hex digits, to choose by hash as other balancers do (random)"},
	{FLAG_NONE, NULL, NULL},
};

static const struct flag force_flags[] = {
	{FLAG_FORCE, NULL, "even while flows are alive"},
	{FLAG_NONE, NULL, NULL},
};

static const struct flag decap_flags[] = {
	{FLAG_MODE, "auto|native|generic", "where the program runs: in the driver or in the stack"},
	{FLAG_ADDRESS, "ADDR[,ADDR...]", "tunnels end at these (the interfaces' own addresses)"},
	{FLAG_OFF, NULL, "stop; without IFACE everywhere"},
	{FLAG_NONE, NULL, NULL},
};

#define SERVICE_SETTINGS \
	{FLAG_SCHEDULER, "rr|wrr|random|p2c|lc|lrt|maglev|source", \
	 "who gets the next flow (wrr)"}, \
		{FLAG_FORWARD, "nat|snat|dsr|ipip|gue", "how packets reach a backend (nat)"}, \
		{FLAG_SOURCE, "PREFIX[,PREFIX]", \
		 "where tunnels seem to come from (172.16.0.0/16,100::/64)"}, \
		{FLAG_PERSIST, "flow|none|source[=DUR[/BITS]]", \
		 "what stays with a backend: a flow, nothing, a client (flow)"}, \
		{FLAG_PERSIST_THROUGH_DRAIN, "on|off", \
		 "clients stay with a backend that is drained (off)"}, \
		{FLAG_LOAD_FACTOR, "off|N", \
		 "a backend has at most N times its share of all flows (off)"}, \
		{FLAG_SPILL, "SERVICE|none", \
		 "flows for which there is no room or no backend go to another service's (none)"}, \
		{FLAG_RESET_DEAD, "on|off", \
		 "TCP flows of a backend that is down are reset (off)"}, \
		{FLAG_CHECK, "none|ping|tcp|http:/PATH|https:/PATH|exec:/PROGRAM", \
		 "how a backend's health is told (none); options such as ,interval=2s"}, \
		{FLAG_FEEDBACK, "off|observe|on", "weights by measured latency (off)"}, \
		{FLAG_TIMEOUT_NEW, "DUR", \
		 "silence that ends a half-open flow (tcp 10s, udp 30s)"}, \
		{FLAG_TIMEOUT_ESTABLISHED, "DUR", "silence that ends a flow (tcp 124m, udp 5m)"}, \
	{ \
		FLAG_TIMEOUT_CLOSING, "DUR", "silence that ends a flow half closed (4m)" \
	}

static const struct flag service_add_flags[] = {
	SERVICE_SETTINGS,
	{FLAG_UPDATE, NULL, "change the service if it is there with other settings"},
	{FLAG_NONE, NULL, NULL},
};

static const struct flag service_set_flags[] = {
	SERVICE_SETTINGS,
	{FLAG_FORCE, NULL, "change --source or --spill even while flows are alive that it ends"},
	{FLAG_NONE, NULL, NULL},
};

static const struct flag del_flags[] = {
	{FLAG_IF_EXISTS, NULL, "what is not there counts as deleted"},
	{FLAG_FORCE, NULL, "even while flows are alive"},
	{FLAG_NONE, NULL, NULL},
};

static const struct flag backend_add_flags[] = {
	{FLAG_WEIGHT, "N", "share of new flows, 0 to 65535 (1)"},
	{FLAG_MAX_FLOWS, "N", "no new flow while it has so many (0: as many as come)"},
	{FLAG_STATE, "ready|drain|maint", "what it is to take (ready)"},
	{FLAG_UPDATE, NULL, "change the backend if it is there with other settings"},
	{FLAG_NONE, NULL, NULL},
};

static const struct flag drain_flags[] = {
	{FLAG_WAIT, NULL, "return when the last flow has ended"},
	{FLAG_TIMEOUT, "DUR", "with --wait: give up after this long (exit 7)"},
	{FLAG_NONE, NULL, NULL},
};

static const struct flag maint_flags[] = {
	{FLAG_RESET, NULL, "its TCP flows are reset, with their next packet"},
	{FLAG_NONE, NULL, NULL},
};

static const struct flag probe_flags[] = {
	{FLAG_INTERVAL, "DUR", "between one and the next (1s; -i)"},
	{FLAG_COUNT, "N", "so many, one after the other (1; -c)"},
	{FLAG_VIP, "ADDR", "connect to this address at the target, sent there by --forward"},
	{FLAG_FORWARD, "dsr|ipip|gue", "how: as packets of such a service are"},
	{FLAG_NONE, NULL, NULL},
};

static const struct flag apply_flags[] = {
	{FLAG_FILE, "FILE|-", "the configuration to apply (-f)"},
	{FLAG_PRUNE, NULL, "remove services and backends that the file does not have"},
	{FLAG_RESET_RUNTIME, NULL, "drop what was said since: states, weights"},
	{FLAG_CONFIRM_WITHIN, "DUR", "put everything back unless `lbctl confirm` comes in time"},
	{FLAG_FORCE, NULL, "even where flows are alive"},
	{FLAG_NONE, NULL, NULL},
};

static const struct flag file_flags[] = {
	{FLAG_FILE, "FILE|-", "the configuration to read (-f)"},
	{FLAG_NONE, NULL, NULL},
};

static const struct flag save_flags[] = {
	{FLAG_OUTPUT, "FILE", "write there, wholly or not at all (-o)"},
	{FLAG_NONE, NULL, NULL},
};

static const struct flag import_flags[] = {
	{FLAG_FILE, "FILE|-", "the configuration to read (-f)"},
	{FLAG_STRICT, NULL, "exit 1 if anything in it has no equivalent"},
	{FLAG_NONE, NULL, NULL},
};

static const struct flag metrics_flags[] = {
	{FLAG_TEXTFILE, "FILE", "replace this file, for the node exporter's collector"},
	{FLAG_NONE, NULL, NULL},
};

static const struct flag run_flags[] = {
	{FLAG_LISTEN, "ADDR:PORT[,...]", "show metrics and a status page there, to read (nowhere)"},
	{FLAG_NONE, NULL, NULL},
};

static const struct flag stats_flags[] = {
	{FLAG_INTERVAL, "SEC", "rates, every so many seconds (-i)"},
	{FLAG_COUNT, "N", "stop after so many (-c)"},
	{FLAG_NONE, NULL, NULL},
};

static const struct flag top_flags[] = {
	{FLAG_ONCE, NULL, "one frame as plain text; needs no terminal"},
	{FLAG_INTERVAL, "SEC", "a sample every so many seconds (1; -i)"},
	{FLAG_COUNT, "N", "end after so many (-c)"},
	{FLAG_SORT, "name|weight|flows|new|packets|bits|mean|p50|p99", "in which order (name)"},
	{FLAG_NONE, NULL, NULL},
};

static const struct flag status_flags[] = {
	{FLAG_STRICT, NULL, "exit 1 if anything is degraded"},
	{FLAG_NONE, NULL, NULL},
};

static const struct flag events_flags[] = {
	{FLAG_SINCE, "DUR", "no older ones (all that are kept, 1024)"},
	{FLAG_FOLLOW, NULL, "go on with what happens, until interrupted"},
	{FLAG_NONE, NULL, NULL},
};

static const struct flag wait_flags[] = {
	{FLAG_FOR, "healthy|drained", "all are up that are ready; or no flow is alive"},
	{FLAG_TIMEOUT, "DUR", "give up after this long (exit 7)"},
	{FLAG_NONE, NULL, NULL},
};

#define FLOW_FILTERS \
	{FLAG_SERVICE, "SERVICE", "only flows of this service"}, \
		{FLAG_BACKEND, "BACKEND", "only flows with this backend (needs --service)"}, \
		{FLAG_CLIENT, "ADDR", "only flows of this client (IPv4)"}, \
		{FLAG_PROTOCOL, "tcp|udp", "only flows of this protocol"}, \
		{FLAG_STATE, "STATE[,STATE]", "only flows in one of these states"}, \
	{ \
		FLAG_IDLE_OVER, "DUR", "only flows that have been silent for longer" \
	}

static const struct flag flow_list_flags[] = {
	FLOW_FILTERS,
	{FLAG_LIMIT, "N", "no more than so many"},
	{FLAG_NONE, NULL, NULL},
};

static const struct flag flow_flags[] = {
	FLOW_FILTERS,
	{FLAG_NONE, NULL, NULL},
};

static const struct flag flow_flush_flags[] = {
	FLOW_FILTERS,
	{FLAG_FORCE, NULL, "even flows that are alive"},
	{FLAG_NONE, NULL, NULL},
};

static const struct flag explain_flags[] = {
	{FLAG_SRC, "IP:PORT", "who sends the packet"},
	{FLAG_DST, "VIP:PORT/PROTO", "whom it is sent to"},
	{FLAG_SYN, NULL, "TCP: it begins a connection; else an ACK of one"},
	{FLAG_INTERFACE, "IFACE", "what it comes in by (the one that leads to --src)"},
	{FLAG_NONE, NULL, NULL},
};

static const struct flag trace_flags[] = {
	{FLAG_SERVICE, "SERVICE", "only packets of this service"},
	{FLAG_BACKEND, "BACKEND", "only those with this backend (needs --service)"},
	{FLAG_CLIENT, "ADDR[/BITS]", "only from or to these addresses"},
	{FLAG_OUTCOME, "NAME[,NAME]", "only what left in one of these ways (see lbctl status)"},
	{FLAG_SAMPLE, "N", "one in so many, by chance (1)"},
	{FLAG_COUNT, "N", "stop after so many (-c)"},
	{FLAG_PCAP, "FILE", "write them to a file too, as tcpdump reads it"},
	{FLAG_NONE, NULL, NULL},
};

#define ANY COMMAND_ARGUMENTS_MAX

const struct command commands[] = {
	{NULL, "attach", "IFACE...", 1, ANY, "balance what comes in by these interfaces",
	 "lbctl attach eth0 eth1", attach_flags, cmd_attach},
	{NULL, "detach", "[IFACE...]", 0, ANY, "stop; without IFACE everywhere, and forget all",
	 "lbctl detach", force_flags, cmd_detach},
	{NULL, "upgrade", "", 0, 0, "swap the running program for this lbctl's, losing nothing",
	 "lbctl upgrade", NULL, cmd_upgrade},
	{NULL, "decap", "[IFACE...]", 0, ANY,
	 "on a backend: take packets out of ipip and gue tunnels", "lbctl decap eth0", decap_flags,
	 cmd_decap},
	{"service", "add", "NAME VIP:PORT/PROTO", 2, 2, "add a service",
	 "lbctl service add web 192.0.2.10:80/tcp --scheduler wrr", service_add_flags,
	 cmd_service_add},
	{"service", "set", "SERVICE", 1, 1, "change a service's settings, live",
	 "lbctl service set web --scheduler random", service_set_flags, cmd_service_set},
	{"service", "del", "SERVICE", 1, 1, "delete a service and its backends",
	 "lbctl service del web", del_flags, cmd_service_del},
	{"service", "list", "", 0, 0, "all services", "lbctl service list", NULL, cmd_service_list},
	{"service", "show", "SERVICE", 1, 1, "one service, with everything that is set",
	 "lbctl service show web", NULL, cmd_service_show},
	{"backend", "add", "SERVICE BACKEND", 2, 2, "add a backend to a service",
	 "lbctl backend add web 10.0.0.11:8080 --weight 5", backend_add_flags, cmd_backend_add},
	{"backend", "weight", "SERVICE BACKEND N", 3, 3,
	 "override its weight: N, N% of the configured one, +N or -N",
	 "lbctl backend weight web 10.0.0.11:8080 50%", NULL, cmd_backend_weight},
	{"backend", "drain", "SERVICE BACKEND", 2, 2, "no new flows; those it has may finish",
	 "lbctl backend drain web 10.0.0.11:8080 --wait --timeout 5m", drain_flags,
	 cmd_backend_drain},
	{"backend", "ready", "SERVICE BACKEND", 2, 2, "new flows again",
	 "lbctl backend ready web 10.0.0.11:8080", NULL, cmd_backend_ready},
	{"backend", "maint", "SERVICE BACKEND", 2, 2, "nothing at all; its flows are chosen anew",
	 "lbctl backend maint web 10.0.0.11:8080 --reset", maint_flags, cmd_backend_maint},
	{"backend", "del", "SERVICE BACKEND", 2, 2, "delete a backend",
	 "lbctl backend del web 10.0.0.11:8080", del_flags, cmd_backend_del},
	{"backend", "list", "SERVICE", 1, 1, "a service's backends", "lbctl backend list web", NULL,
	 cmd_backend_list},
	{"backend", "show", "SERVICE BACKEND", 2, 2, "one backend, and how its weight comes about",
	 "lbctl backend show web 10.0.0.11:8080", NULL, cmd_backend_show},
	{"flow", "list", "", 0, 0, "remembered flows", "lbctl flow list --service web",
	 flow_list_flags, cmd_flow_list},
	{"flow", "count", "", 0, 0, "how many", "lbctl flow count --client 198.51.100.7",
	 flow_flags, cmd_flow_count},
	{"flow", "flush", "", 0, 0, "forget flows",
	 "lbctl flow flush --service web --backend 10.0.0.11:8080 --force", flow_flush_flags,
	 cmd_flow_flush},
	{NULL, "run", "", 0, 0, "the controller, in the foreground: checks, neighbours, latency",
	 "lbctl run --listen 127.0.0.1:9440", run_flags, cmd_run},
	{NULL, "check", "[SERVICE [BACKEND]]", 0, 2, "one round of health checks now",
	 "lbctl check web", NULL, cmd_check},
	{"check", "probe", "TYPE TARGET", 2, 2, "try a health check on any target",
	 "lbctl check probe http:/healthz 10.0.0.11:8080", probe_flags, cmd_check_probe},
	{NULL, "apply", "", 0, 0, "make everything as a file says, or nothing",
	 "lbctl apply -f /etc/lbctl/lbctl.yaml --prune", apply_flags, cmd_apply},
	{NULL, "confirm", "", 0, 0, "keep what was applied with --confirm-within", "lbctl confirm",
	 NULL, cmd_confirm},
	{NULL, "diff", "", 0, 0, "what a file makes different; exit 1 if anything",
	 "lbctl diff -f /etc/lbctl/lbctl.yaml", file_flags, cmd_diff},
	{NULL, "validate", "", 0, 0, "is a file right? needs no instance",
	 "lbctl validate -f /etc/lbctl/lbctl.yaml", file_flags, cmd_validate},
	{NULL, "save", "", 0, 0, "write the configuration as a file",
	 "lbctl save -o /etc/lbctl/lbctl.yaml", save_flags, cmd_save},
	{NULL, "import", "ipvsadm|keepalived", 1, 1,
	 "another balancer's configuration, as a file for apply",
	 "lbctl import keepalived -f /etc/keepalived/keepalived.conf", import_flags, cmd_import},
	{NULL, "explain", "", 0, 0,
	 "what the program would do with a packet, and why; changes nothing",
	 "lbctl explain --src 198.51.100.7:4711 --dst 192.0.2.10:80/tcp --syn", explain_flags,
	 cmd_explain},
	{NULL, "trace", "", 0, 0, "packets as they leave, and what became of them, live",
	 "lbctl trace --service web --outcome no_backend --count 10", trace_flags, cmd_trace},
	{NULL, "doctor", "[IFACE]", 0, 1,
	 "what would stop packets here, why, and what mends it; exit 1 if anything",
	 "lbctl doctor eth0", NULL, cmd_doctor},
	{NULL, "status", "", 0, 0, "everything on one screen", "lbctl status", status_flags,
	 cmd_status},
	{NULL, "stats", "[SERVICE]", 0, 1, "counters, or rates with -i", "lbctl stats web -i 1",
	 stats_flags, cmd_stats},
	{NULL, "top", "[SERVICE]", 0, 1, "live: services and backends, rates, times, outcomes",
	 "lbctl top --sort packets", top_flags, cmd_top},
	{NULL, "events", "[SERVICE]", 0, 1, "what changed, when, and why",
	 "lbctl events web --since 1h", events_flags, cmd_events},
	{NULL, "wait", "SERVICE [BACKEND]", 1, 2, "return when it is healthy, or has no flows",
	 "lbctl wait web --for healthy --timeout 30s", wait_flags, cmd_wait},
	{NULL, "metrics", "", 0, 0, "for Prometheus", "lbctl metrics --textfile /run/lbctl.prom",
	 metrics_flags, cmd_metrics},
	{NULL, "completion", "bash|zsh|fish", 1, ANY, "what a shell completes commands with",
	 "source <(lbctl completion bash)", NULL, cmd_completion},
	{NULL, "schema", "[COMMAND]", 0, 2,
	 "JSON schema of what a command answers; without one, of configuration files",
	 "lbctl schema backend list", NULL, cmd_schema},
	{NULL, "help", "[COMMAND]", 0, 2, "this list, or help on a command",
	 "lbctl help backend weight", NULL, cmd_help},
	{NULL, "version", "", 0, 0, "the version", "lbctl version", NULL, cmd_version},
	{NULL, NULL, NULL, 0, 0, NULL, NULL, NULL, NULL},
};
