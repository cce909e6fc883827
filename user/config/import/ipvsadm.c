// SPDX-License-Identifier: GPL-2.0-only
/*
 * Parser of the output of `ipvsadm-save -n` and `ipvsadm -Sn`: a line per virtual service (-A) and
 * per real server (-a), with flags of ipvsadm, short or long.
 */
#include <netinet/in.h>
#include <stddef.h>
#include <string.h>

#include "config/import/import.h"

#define WORD_BYTES 256

/* A word and its position. */
struct word {
	struct import_position position;
	char text[WORD_BYTES];
};

/* State of the line that is parsed. */
struct line {
	struct import *import;
	const char *at; /* the rest */
	struct import_position position; /* of its first word */
	char command; /* 'A', 'a'; 0 = none */
	struct word vip, real, scheduler, timeout, mask, weight, threshold;
	struct word value; /* of a flag that is handled at once */
	bool is_unsupported; /* the line has no equivalent */
	bool hash_ports, is_ops;
	__u8 protocol, forward;
};

static bool read_word(struct line *line, struct word *word)
{
	size_t length;

	line->at += strspn(line->at, " \t\r");
	word->position.file = line->position.file;
	word->position.at = line->at;
	length = strcspn(line->at, " \t\r\n=#");
	length += !length && *line->at == '=';
	if (!length)
		return false;
	line->at += length;
	if (length >= WORD_BYTES)
		length = WORD_BYTES - 1;
	memcpy(word->text, word->position.at, length);
	word->text[length] = '\0';
	return true;
}

static int parse_command(struct line *line, const struct word *flag)
{
	line->command = !strcmp(flag->text, "--add-service")  ? 'A'
			: !strcmp(flag->text, "--add-server") ? 'a'
							      : flag->text[1];
	return 0;
}

static int parse_service(struct line *line, const struct word *flag)
{
	line->protocol = strcmp(flag->text, "-u") && strcmp(flag->text, "--udp-service")
				 ? IPPROTO_TCP
				 : IPPROTO_UDP;
	return 0;
}

static int parse_scheduler_flags(struct line *line, const struct word *flag)
{
	(void)flag;
	line->hash_ports = strstr(line->value.text, "-port");
	return 0;
}

/* The timeout is optional. */
static int parse_timeout(struct line *line, const struct word *flag)
{
	const char *saved = line->at;

	line->at += line->at[0] == '=';
	if (!read_word(line, &line->timeout) || line->timeout.text[0] == '-') {
		line->at = saved;
		line->timeout = *flag;
		strcpy(line->timeout.text, "300");
	}
	return 0;
}

/* The tunnel type may come before -i. */
static int parse_forward(struct line *line, const struct word *flag)
{
	char letter = flag->text[1] == '-' ? flag->text[2] : flag->text[1];

	if (letter == 'i' && line->forward == LB_FORWARD_GUE)
		return 0;
	line->forward = letter == 'g'	? LB_FORWARD_DSR
			: letter == 'i' ? LB_FORWARD_IPIP
					: LB_FORWARD_NAT;
	return 0;
}

static int parse_tunnel(struct line *line, const struct word *flag)
{
	(void)flag;
	return import_tunnel(line->import, &line->value.position, line->value.text, &line->forward);
}

static int parse_tunnel_port(struct line *line, const struct word *flag)
{
	(void)flag;
	return strcmp(line->value.text, "6080") ? import_warn(line->import, &line->value.position,
							      "only port 6080 is supported for gue")
						: 0;
}

static int parse_ops(struct line *line, const struct word *flag)
{
	(void)flag;
	line->is_ops = true;
	return 0;
}

static int skip_rest(struct line *line, const struct word *flag)
{
	(void)flag;
	line->at += strcspn(line->at, "\n");
	return 0;
}

#define VALUE(member) offsetof(struct line, member)
#define OMITTED	      "has no equivalent: line omitted"

static const struct flag_spec {
	const char *letter, *name;
	size_t value; /* member of the value; 0 = the flag has no value */
	int (*parse)(struct line *line, const struct word *flag);
	const char *warning; /* NULL = it has an equivalent */
	bool is_unsupported; /* the whole line is omitted */
} flags[] = {
	{"-A", "--add-service", 0, parse_command, NULL, false},
	{"-a", "--add-server", 0, parse_command, NULL, false},
	{"-t", "--tcp-service", VALUE(vip), parse_service, NULL, false},
	{"-u", "--udp-service", VALUE(vip), parse_service, NULL, false},
	{"-f", "--fwmark-service", VALUE(value), NULL,
	 "firewall marks have no equivalent: service omitted", true},
	{"", "--sctp-service", VALUE(value), NULL, "SCTP has no equivalent: service omitted", true},
	{"-r", "--real-server", VALUE(real), NULL, NULL, false},
	{"-s", "--scheduler", VALUE(scheduler), NULL, NULL, false},
	{"-b", "--sched-flags", VALUE(value), parse_scheduler_flags, NULL, false},
	{"-p", "--persistent", 0, parse_timeout, NULL, false},
	{"-M", "--netmask", VALUE(mask), NULL, NULL, false},
	{"-w", "--weight", VALUE(weight), NULL, NULL, false},
	{"-x", "--u-threshold", VALUE(threshold), NULL, NULL, false},
	{"-y", "--l-threshold", VALUE(value), NULL,
	 "lower thresholds have no equivalent: new flows resume as soon as a flow ends", false},
	{"-g", "--gatewaying", 0, parse_forward, NULL, false},
	{"-i", "--ipip", 0, parse_forward, NULL, false},
	{"-m", "--masquerading", 0, parse_forward, NULL, false},
	{"", "--tun-type", VALUE(value), parse_tunnel, NULL, false},
	{"", "--tun-port", VALUE(value), parse_tunnel_port, NULL, false},
	{"", "--tun-nocsum", 0, NULL, NULL, false},
	{"", "--tun-csum", 0, NULL, NULL, false},
	{"", "--tun-remcsum", 0, NULL, "remote checksum offload of gue has no equivalent", false},
	{"-o", "--ops", 0, parse_ops, NULL, false},
	{"", "--pe", VALUE(value), NULL, "persistence engines have no equivalent", false},
	{"-6", "--ipv6", 0, NULL, NULL, false},
	{"-C", "--clear", 0, skip_rest, NULL, true},
	{"-E", "--edit-service", 0, skip_rest, OMITTED, true},
	{"-e", "--edit-server", 0, skip_rest, OMITTED, true},
	{"", "--set", 0, skip_rest, OMITTED, true},
	{"", "--start-daemon", 0, skip_rest, OMITTED, true},
};

#define FLAGS (sizeof(flags) / sizeof(flags[0]))

/* An omitted service is reported once, and not again for its real servers. */
static int parse_known_flag(struct line *line, const struct flag_spec *spec,
			    const struct word *flag)
{
	struct word *value = (struct word *)((char *)line + spec->value);
	int code = 0;

	if (spec->value) {
		line->at += line->at[0] == '=';
		if (!read_word(line, value))
			return import_error(line->import, &flag->position, "missing value of %s",
					    flag->text);
	}
	line->is_unsupported |= spec->is_unsupported;
	if (spec->warning && !(spec->is_unsupported && line->command == 'a'))
		code = import_warn(line->import, &flag->position, "%s: %s", flag->text,
				   spec->warning);
	return code || !spec->parse ? code : spec->parse(line, flag);
}

static int parse_flag(struct line *line, const struct word *flag)
{
	for (size_t i = 0; i < FLAGS; i++)
		if (!strcmp(flag->text, flags[i].letter) || !strcmp(flag->text, flags[i].name))
			return parse_known_flag(line, &flags[i], flag);
	return import_error(line->import, &flag->position,
			    flag->text[0] == '-' ? "unknown flag '%s'"
						 : "expected a flag, found '%s'",
			    flag->text);
}

/* Parses a numeric address, as -n prints it. */
static int parse_endpoint(struct line *line, const struct word *word, __u8 protocol,
			  struct endpoint *endpoint, bool *has_port)
{
	if (strchr(word->text, '/') || endpoint_parse(word->text, endpoint, has_port))
		return import_error(
			line->import, &word->position,
			"invalid address '%s': expected a numeric ADDR:PORT, as printed "
			"by ipvsadm -Sn",
			word->text);
	endpoint->protocol = protocol;
	return 0;
}

static int add_service(struct line *line, const struct endpoint *vip)
{
	struct import *import = line->import;
	struct config_service *service = import_add_service(import, &line->vip.position, vip);
	struct lb_service_config *settings = service ? &service->settings : NULL;
	__u32 seconds;
	int code = 0;

	if (!service)
		return import->problem->code;
	/* The forwarding mode is unknown until the first real server. */
	settings->forward = LB_FORWARD_COUNT;
	code = import_scheduler(import, &line->scheduler.position,
				line->scheduler.text[0] ? line->scheduler.text : "wlc",
				line->hash_ports, settings);
	if (!code && line->timeout.text[0]) {
		code = import_number(import, &line->timeout.position, line->timeout.text, ~0U,
				     &seconds);
		if (!code)
			code = import_persist(import, &line->timeout.position, seconds, settings);
		if (!code && line->mask.text[0])
			code = import_mask(import, &line->mask.position, line->mask.text, settings);
	}
	if (!code && line->is_ops)
		settings->persist = LB_PERSIST_NONE;
	return code;
}

static int add_backend(struct line *line, const struct endpoint *vip)
{
	struct import *import = line->import;
	struct config_service *service = import_find_service(import, vip);
	struct config_backend *backend;
	struct endpoint endpoint;
	bool has_port;
	int code;

	if (!service)
		return import_error(import, &line->vip.position,
				    "unknown virtual service: expected an earlier -A line");
	code = parse_endpoint(line, &line->real, vip->protocol, &endpoint, &has_port);
	if (code)
		return code;
	if (!has_port)
		endpoint.port = vip->port;
	if (service->settings.forward == LB_FORWARD_COUNT)
		service->settings.forward = line->forward;
	if (service->settings.forward != line->forward)
		return import_warn(import, &line->position,
				   "a service has one forwarding mode: real server omitted");
	code = import_add_backend(import, &line->real.position, service, &endpoint, &backend);
	if (code || !backend)
		return code;
	if (line->weight.text[0])
		code = import_weight(import, &line->weight.position, line->weight.text,
				     &backend->settings);
	if (!code && line->threshold.text[0])
		code = import_number(import, &line->threshold.position, line->threshold.text,
				     LB_FLOWS_MAX, &backend->settings.max_flows);
	return code;
}

/* Applies a line that is parsed completely. */
static int apply_line(struct line *line)
{
	struct endpoint vip;
	bool has_port;
	int code;

	if (line->is_unsupported)
		return 0;
	if (!line->command)
		return import_error(line->import, &line->position,
				    "missing command: expected -A or -a");
	if (!line->vip.text[0] || (line->command == 'a' && !line->real.text[0]))
		return import_error(line->import, &line->position, "missing %s",
				    line->vip.text[0] ? "real server: expected -r ADDR:PORT"
						      : "service: expected -t or -u ADDR:PORT");
	code = parse_endpoint(line, &line->vip, line->protocol, &vip, &has_port);
	if (code)
		return code;
	return line->command == 'A' ? add_service(line, &vip) : add_backend(line, &vip);
}

static int parse_line(struct line *line)
{
	struct word word;
	int code = 0;

	if (!read_word(line, &word))
		return 0;
	line->position = word.position;
	if (!strcmp(word.text, "ipvsadm") && !read_word(line, &word))
		return 0;
	do
		code = parse_flag(line, &word);
	while (!code && read_word(line, &word));
	return code ? code : apply_line(line);
}

static int finish_services(struct import *import)
{
	struct import_position position = {&import->files[0], import->files[0].text};
	int code = 0;

	for (size_t i = 0; !code && i < import->config.service_count; i++) {
		struct config_service *service = &import->config.services[i];

		if (service->settings.forward == LB_FORWARD_COUNT)
			service->settings.forward = LB_FORWARD_NAT;
		code = import_drop_conflicts(import, &position, service);
	}
	return code;
}

int import_ipvsadm(struct import *import)
{
	const struct import_file *file = &import->files[0];
	const char *text = file->text;
	int code = 0;

	while (!code && *text) {
		struct line line = {.import = import, .at = text, .forward = LB_FORWARD_DSR};

		line.position = (struct import_position){file, text};
		code = parse_line(&line);
		text += strcspn(text, "\n");
		text += *text == '\n';
	}
	return code ? code : finish_services(import);
}
