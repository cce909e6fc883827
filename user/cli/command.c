// SPDX-License-Identifier: GPL-2.0-only
#include "cli/command.h"

#include <string.h>

static const struct flag attach_flags[] = {
	{"mode", "auto|native|generic", "where the program runs: in the driver or in the stack"},
	{"replace", NULL, "take the place of another XDP program, or change the mode"},
	{"max-services", "N", "room for so many services (255)"},
	{"max-backends", "N", "room for so many backends over all services (4096)"},
	{"max-flows", "N", "room for so many remembered flows, 16 bytes each (1048576)"},
	{"max-sources", "N", "room for so many addresses of snat, 2 MiB each (2)"},
	{"max-clients", "N", "room for so many clients that stay by their address (65536)"},
	{"hash-key", "FILE", "32 hex digits, to choose by hash as other balancers do (random)"},
	{NULL, NULL, NULL},
};

static const struct flag force_flags[] = {
	{"force", NULL, "even while flows are alive"},
	{NULL, NULL, NULL},
};

static const struct flag decap_flags[] = {
	{"mode", "auto|native|generic", "where the program runs: in the driver or in the stack"},
	{"address", "ADDR[,ADDR...]", "tunnels end at these (the interfaces' own addresses)"},
	{"off", NULL, "stop; without IFACE everywhere"},
	{NULL, NULL, NULL},
};

#define SERVICE_SETTINGS \
	{"scheduler", "rr|wrr|random|p2c|lc|lrt|maglev|source", "who gets the next flow (wrr)"}, \
		{"forward", "nat|snat|dsr|ipip|gue", "how packets reach a backend (nat)"}, \
		{"source", "PREFIX[,PREFIX]", \
		 "where tunnels seem to come from (172.16.0.0/16,100::/64)"}, \
		{"persist", "flow|none|source[=DUR[/BITS]]", \
		 "what stays with a backend: a flow, nothing, a client (flow)"}, \
		{"persist-through-drain", "on|off", \
		 "clients stay with a backend that is drained (off)"}, \
		{"load-factor", "off|N", \
		 "a backend has at most N times its share of all flows (off)"}, \
		{"spill", "SERVICE|none", \
		 "flows for which there is no room or no backend go to another service's (none)"}, \
		{"reset-dead", "on|off", "TCP flows of a backend that is down are reset (off)"}, \
		{"check", "none|ping|tcp|http:/PATH|https:/PATH|exec:/PROGRAM", \
		 "how a backend's health is told (none); options such as ,interval=2s"}, \
		{"feedback", "off|observe|on", "weights by measured latency (off)"}, \
		{"timeout-new", "DUR", "silence that ends a half-open flow (tcp 10s, udp 30s)"}, \
		{"timeout-established", "DUR", "silence that ends a flow (tcp 124m, udp 5m)"}, \
	{ \
		"timeout-closing", "DUR", "silence that ends a flow half closed (4m)" \
	}

static const struct flag service_add_flags[] = {
	SERVICE_SETTINGS,
	{"update", NULL, "change the service if it is there with other settings"},
	{NULL, NULL, NULL},
};

static const struct flag service_set_flags[] = {
	SERVICE_SETTINGS,
	{"force", NULL, "change --source or --spill even while flows are alive that it ends"},
	{NULL, NULL, NULL},
};

static const struct flag del_flags[] = {
	{"if-exists", NULL, "what is not there counts as deleted"},
	{"force", NULL, "even while flows are alive"},
	{NULL, NULL, NULL},
};

static const struct flag backend_add_flags[] = {
	{"weight", "N", "share of new flows, 0 to 65535 (1)"},
	{"max-flows", "N", "no new flow while it has so many (0: as many as come)"},
	{"state", "ready|drain|maint", "what it is to take (ready)"},
	{"update", NULL, "change the backend if it is there with other settings"},
	{NULL, NULL, NULL},
};

static const struct flag drain_flags[] = {
	{"wait", NULL, "return when the last flow has ended"},
	{"timeout", "DUR", "with --wait: give up after this long (exit 7)"},
	{NULL, NULL, NULL},
};

static const struct flag maint_flags[] = {
	{"reset", NULL, "its TCP flows are reset, with their next packet"},
	{NULL, NULL, NULL},
};

static const struct flag probe_flags[] = {
	{"interval", "DUR", "between one and the next (1s; -i)"},
	{"count", "N", "so many, one after the other (1; -c)"},
	{"vip", "ADDR", "connect to this address at the target, sent there by --forward"},
	{"forward", "dsr|ipip|gue", "how: as packets of such a service are"},
	{NULL, NULL, NULL},
};

static const struct flag apply_flags[] = {
	{"file", "FILE|-", "the configuration to apply (-f)"},
	{"prune", NULL, "remove services and backends that the file does not have"},
	{"reset-runtime", NULL, "drop what was said since: states, weights"},
	{"confirm-within", "DUR", "put everything back unless `lbctl confirm` comes in time"},
	{"force", NULL, "even where flows are alive"},
	{NULL, NULL, NULL},
};

static const struct flag file_flags[] = {
	{"file", "FILE|-", "the configuration to read (-f)"},
	{NULL, NULL, NULL},
};

static const struct flag save_flags[] = {
	{"output", "FILE", "write there, wholly or not at all (-o)"},
	{NULL, NULL, NULL},
};

static const struct flag import_flags[] = {
	{"file", "FILE|-", "the configuration to read (-f)"},
	{"strict", NULL, "exit 1 if anything in it has no equivalent"},
	{NULL, NULL, NULL},
};

static const struct flag metrics_flags[] = {
	{"textfile", "FILE", "replace this file, for the node exporter's collector"},
	{NULL, NULL, NULL},
};

static const struct flag run_flags[] = {
	{"listen", "ADDR:PORT[,...]", "show metrics and a status page there, to read (nowhere)"},
	{NULL, NULL, NULL},
};

static const struct flag stats_flags[] = {
	{"interval", "SEC", "rates, every so many seconds (-i)"},
	{"count", "N", "stop after so many (-c)"},
	{NULL, NULL, NULL},
};

static const struct flag top_flags[] = {
	{"once", NULL, "one frame as plain text; needs no terminal"},
	{"interval", "SEC", "a sample every so many seconds (1; -i)"},
	{"count", "N", "end after so many (-c)"},
	{"sort", "name|weight|flows|new|packets|bits|mean|p50|p99", "in which order (name)"},
	{NULL, NULL, NULL},
};

static const struct flag status_flags[] = {
	{"strict", NULL, "exit 1 if anything is degraded"},
	{NULL, NULL, NULL},
};

static const struct flag events_flags[] = {
	{"since", "DUR", "no older ones (all that are kept, 1024)"},
	{"follow", NULL, "go on with what happens, until interrupted"},
	{NULL, NULL, NULL},
};

static const struct flag wait_flags[] = {
	{"for", "healthy|drained", "all are up that are ready; or no flow is alive"},
	{"timeout", "DUR", "give up after this long (exit 7)"},
	{NULL, NULL, NULL},
};

#define FLOW_FILTERS \
	{"service", "SERVICE", "only flows of this service"}, \
		{"backend", "BACKEND", "only flows with this backend (needs --service)"}, \
		{"client", "ADDR", "only flows of this client (IPv4)"}, \
		{"protocol", "tcp|udp", "only flows of this protocol"}, \
		{"state", "STATE[,STATE]", "only flows in one of these states"}, \
	{ \
		"idle-over", "DUR", "only flows that have been silent for longer" \
	}

static const struct flag flow_list_flags[] = {
	FLOW_FILTERS,
	{"limit", "N", "no more than so many"},
	{NULL, NULL, NULL},
};

static const struct flag flow_flags[] = {
	FLOW_FILTERS,
	{NULL, NULL, NULL},
};

static const struct flag flow_flush_flags[] = {
	FLOW_FILTERS,
	{"force", NULL, "even flows that are alive"},
	{NULL, NULL, NULL},
};

static const struct flag explain_flags[] = {
	{"src", "IP:PORT", "who sends the packet"},
	{"dst", "VIP:PORT/PROTO", "whom it is sent to"},
	{"syn", NULL, "TCP: it begins a connection; else an ACK of one"},
	{"interface", "IFACE", "what it comes in by (the one that leads to --src)"},
	{NULL, NULL, NULL},
};

static const struct flag trace_flags[] = {
	{"service", "SERVICE", "only packets of this service"},
	{"backend", "BACKEND", "only those with this backend (needs --service)"},
	{"client", "ADDR[/BITS]", "only from or to these addresses"},
	{"outcome", "NAME[,NAME]", "only what left in one of these ways (see lbctl status)"},
	{"sample", "N", "one in so many, by chance (1)"},
	{"count", "N", "stop after so many (-c)"},
	{"pcap", "FILE", "write them to a file too, as tcpdump reads it"},
	{NULL, NULL, NULL},
};

const struct flag global_flags[] = {
	{"json", NULL, "answers and errors as JSON (-j)"},
	{"pretty", NULL, "JSON, indented (-p)"},
	{"quiet", NULL, "no answer but the exit code and errors (-q)"},
	{"verbose", NULL, "tell what libraries and kernel say (-v)"},
	{"dry-run", NULL, "check everything, change nothing"},
	{"if-generation", "N", "change nothing unless `status` still shows generation N"},
	{"instance", "NAME", "which balancer of this host (default)"},
	{"lock-timeout", "DUR", "how long to wait for another lbctl (10s)"},
	{"color", "auto|always|never", "colours (auto: on terminals, unless NO_COLOR is set)"},
	{"help", NULL, "help on the command (-h)"},
	{"version", NULL, "the version (-V)"},
	{NULL, NULL, NULL},
};

#define ANY VERB_ARGUMENTS_MAX

const struct verb verbs[] = {
	{NULL, "attach", "IFACE...", 1, ANY, "balance what comes in by these interfaces",
	 "lbctl attach eth0 eth1", attach_flags, attach_run},
	{NULL, "detach", "[IFACE...]", 0, ANY, "stop; without IFACE everywhere, and forget all",
	 "lbctl detach", force_flags, detach_run},
	{NULL, "upgrade", "", 0, 0, "swap the running program for this lbctl's, losing nothing",
	 "lbctl upgrade", NULL, upgrade_run},
	{NULL, "decap", "[IFACE...]", 0, ANY,
	 "on a backend: take packets out of ipip and gue tunnels", "lbctl decap eth0", decap_flags,
	 decap_run},
	{"service", "add", "NAME VIP:PORT/PROTO", 2, 2, "add a service",
	 "lbctl service add web 192.0.2.10:80/tcp --scheduler wrr", service_add_flags,
	 service_add_run},
	{"service", "set", "SERVICE", 1, 1, "change a service's settings, live",
	 "lbctl service set web --scheduler random", service_set_flags, service_set_run},
	{"service", "del", "SERVICE", 1, 1, "delete a service and its backends",
	 "lbctl service del web", del_flags, service_del_run},
	{"service", "list", "", 0, 0, "all services", "lbctl service list", NULL, service_list_run},
	{"service", "show", "SERVICE", 1, 1, "one service, with everything that is set",
	 "lbctl service show web", NULL, service_show_run},
	{"backend", "add", "SERVICE BACKEND", 2, 2, "add a backend to a service",
	 "lbctl backend add web 10.0.0.11:8080 --weight 5", backend_add_flags, backend_add_run},
	{"backend", "weight", "SERVICE BACKEND N", 3, 3,
	 "override its weight: N, N% of the configured one, +N or -N",
	 "lbctl backend weight web 10.0.0.11:8080 50%", NULL, backend_weight_run},
	{"backend", "drain", "SERVICE BACKEND", 2, 2, "no new flows; those it has may finish",
	 "lbctl backend drain web 10.0.0.11:8080 --wait --timeout 5m", drain_flags,
	 backend_drain_run},
	{"backend", "ready", "SERVICE BACKEND", 2, 2, "new flows again",
	 "lbctl backend ready web 10.0.0.11:8080", NULL, backend_ready_run},
	{"backend", "maint", "SERVICE BACKEND", 2, 2, "nothing at all; its flows are chosen anew",
	 "lbctl backend maint web 10.0.0.11:8080 --reset", maint_flags, backend_maint_run},
	{"backend", "del", "SERVICE BACKEND", 2, 2, "delete a backend",
	 "lbctl backend del web 10.0.0.11:8080", del_flags, backend_del_run},
	{"backend", "list", "SERVICE", 1, 1, "a service's backends", "lbctl backend list web", NULL,
	 backend_list_run},
	{"backend", "show", "SERVICE BACKEND", 2, 2, "one backend, and how its weight comes about",
	 "lbctl backend show web 10.0.0.11:8080", NULL, backend_show_run},
	{"flow", "list", "", 0, 0, "remembered flows", "lbctl flow list --service web",
	 flow_list_flags, flow_list_run},
	{"flow", "count", "", 0, 0, "how many", "lbctl flow count --client 198.51.100.7",
	 flow_flags, flow_count_run},
	{"flow", "flush", "", 0, 0, "forget flows",
	 "lbctl flow flush --service web --backend 10.0.0.11:8080 --force", flow_flush_flags,
	 flow_flush_run},
	{NULL, "run", "", 0, 0, "the controller, in the foreground: checks, neighbours, latency",
	 "lbctl run --listen 127.0.0.1:9440", run_flags, run_run},
	{NULL, "check", "[SERVICE [BACKEND]]", 0, 2, "one round of health checks now",
	 "lbctl check web", NULL, check_run},
	{"check", "probe", "TYPE TARGET", 2, 2, "try a health check on any target",
	 "lbctl check probe http:/healthz 10.0.0.11:8080", probe_flags, check_probe_run},
	{NULL, "apply", "", 0, 0, "make everything as a file says, or nothing",
	 "lbctl apply -f /etc/lbctl/lbctl.yaml --prune", apply_flags, apply_run},
	{NULL, "confirm", "", 0, 0, "keep what was applied with --confirm-within", "lbctl confirm",
	 NULL, confirm_run},
	{NULL, "diff", "", 0, 0, "what a file makes different; exit 1 if anything",
	 "lbctl diff -f /etc/lbctl/lbctl.yaml", file_flags, diff_run},
	{NULL, "validate", "", 0, 0, "is a file right? needs no instance",
	 "lbctl validate -f /etc/lbctl/lbctl.yaml", file_flags, validate_run},
	{NULL, "save", "", 0, 0, "write the configuration as a file",
	 "lbctl save -o /etc/lbctl/lbctl.yaml", save_flags, save_run},
	{NULL, "import", "ipvsadm|keepalived", 1, 1,
	 "another balancer's configuration, as a file for apply",
	 "lbctl import keepalived -f /etc/keepalived/keepalived.conf", import_flags, import_run},
	{NULL, "explain", "", 0, 0,
	 "what the program would do with a packet, and why; changes nothing",
	 "lbctl explain --src 198.51.100.7:4711 --dst 192.0.2.10:80/tcp --syn", explain_flags,
	 explain_run},
	{NULL, "trace", "", 0, 0, "packets as they leave, and what became of them, live",
	 "lbctl trace --service web --outcome no_backend --count 10", trace_flags, trace_run},
	{NULL, "doctor", "[IFACE]", 0, 1,
	 "what would stop packets here, why, and what mends it; exit 1 if anything",
	 "lbctl doctor eth0", NULL, doctor_run},
	{NULL, "status", "", 0, 0, "everything on one screen", "lbctl status", status_flags,
	 status_run},
	{NULL, "stats", "[SERVICE]", 0, 1, "counters, or rates with -i", "lbctl stats web -i 1",
	 stats_flags, stats_run},
	{NULL, "top", "[SERVICE]", 0, 1, "live: services and backends, rates, times, outcomes",
	 "lbctl top --sort packets", top_flags, top_run},
	{NULL, "events", "[SERVICE]", 0, 1, "what changed, when, and why",
	 "lbctl events web --since 1h", events_flags, events_run},
	{NULL, "wait", "SERVICE [BACKEND]", 1, 2, "return when it is healthy, or has no flows",
	 "lbctl wait web --for healthy --timeout 30s", wait_flags, wait_run},
	{NULL, "metrics", "", 0, 0, "for Prometheus", "lbctl metrics --textfile /run/lbctl.prom",
	 metrics_flags, metrics_run},
	{NULL, "completion", "bash|zsh|fish", 1, ANY, "what a shell completes commands with",
	 "source <(lbctl completion bash)", NULL, completion_run},
	{NULL, "schema", "[COMMAND]", 0, 2,
	 "JSON schema of what a command answers; without one, of configuration files",
	 "lbctl schema backend list", NULL, schema_run},
	{NULL, "help", "[COMMAND]", 0, 2, "this list, or help on a command",
	 "lbctl help backend weight", NULL, help_run},
	{NULL, "version", "", 0, 0, "the version", "lbctl version", NULL, version_run},
	{NULL, NULL, NULL, 0, 0, NULL, NULL, NULL, NULL},
};

struct alias {
	const char *alias;
	const char *word;
};

static const char *dealias(const struct alias *aliases, size_t count, const char *word)
{
	for (size_t i = 0; word && i < count; i++)
		if (!strcmp(aliases[i].alias, word))
			return aliases[i].word;
	return word;
}

static const char *dealias_object(const char *word)
{
	static const struct alias aliases[] = {{"svc", "service"}, {"be", "backend"}};

	return dealias(aliases, 2, word);
}

static const char *dealias_name(const char *word)
{
	static const struct alias aliases[] = {{"ls", "list"}, {"rm", "del"}};

	return dealias(aliases, 2, word);
}

const struct verb *verb_find(const char *object, const char *name)
{
	object = dealias_object(object);
	name = dealias_name(name);
	for (const struct verb *verb = verbs; verb->name; verb++) {
		if (!object != !verb->object || strcmp(verb->name, name))
			continue;
		if (!object || !strcmp(verb->object, object))
			return verb;
	}
	return NULL;
}

bool verb_is_object(const char *word)
{
	word = dealias_object(word);
	for (const struct verb *verb = verbs; verb->name; verb++)
		if (verb->object && !strcmp(verb->object, word))
			return true;
	return false;
}

const char *call_flag(const struct call *call, const char *name)
{
	const struct flag *flags = call->verb->flags;

	for (size_t i = 0; flags && flags[i].name; i++)
		if (!strcmp(flags[i].name, name))
			return call->flags[i];
	return NULL;
}

void call_set_flag(struct call *call, const char *name, const char *value)
{
	const struct flag *flags = call->verb->flags;
	size_t i = 0;

	while (strcmp(flags[i].name, name))
		i++;
	call->flags[i] = value;
}
