// SPDX-License-Identifier: GPL-2.0-only
#include "config/import/import.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "model/service_settings.h"
#include "store/validate.h"

#define LINE_BYTES 200 /* of a faulty line, at most so much is shown */

static int no_memory(struct import *import)
{
	return problem_system(import->problem, -ENOMEM, "importing");
}

int import_add(struct import *import, const char *name, char *text)
{
	struct import_file file = {strdup(name), text};

	if (file.name && import->file_count < IMPORT_FILES_MAX) {
		import->files[import->file_count++] = file;
		return 0;
	}
	free(file.name);
	free(text);
	return import->file_count < IMPORT_FILES_MAX
		       ? no_memory(import)
		       : problem_set(import->problem, EXIT_INVALID, "invalid-configuration",
				     "%s: more than %d files", name, IMPORT_FILES_MAX);
}

void import_release(struct import *import)
{
	config_release(&import->config);
	for (size_t i = 0; i < import->file_count; i++) {
		free(import->files[i].name);
		free(import->files[i].text);
	}
	for (size_t i = 0; i < import->note_count; i++)
		free(import->notes[i]);
	free(import->notes);
	*import = (struct import){0};
}

/* Lines and columns count from 1. Returns where the line begins. */
static const char *locate(const struct import_place *place, int *line, int *column)
{
	const char *begin = place->file->text;

	*line = 1;
	for (const char *at = begin; at < place->at; at++)
		if (*at == '\n') {
			begin = at + 1;
			++*line;
		}
	*column = place->at - begin + 1;
	return begin;
}

int import_fault(struct import *import, const struct import_place *place, const char *format, ...)
{
	int line, column, shown;
	const char *text = locate(place, &line, &column);
	va_list arguments;
	char what[256];

	va_start(arguments, format);
	vsnprintf(what, sizeof(what), format, arguments);
	va_end(arguments);
	shown = strcspn(text, "\n");
	if (shown > LINE_BYTES)
		shown = LINE_BYTES;
	import->problem->is_placed = true;
	return problem_set(import->problem, EXIT_INVALID, "invalid-configuration",
			   "%s:%d:%d: error: %s\n%.*s\n%*s", place->file->name, line, column, what,
			   shown, text, column > shown + 1 ? shown + 1 : column, "^");
}

/* Notes become comments of YAML, which are of letters. */
static void make_printable(char *text)
{
	for (; *text; text++)
		if (*text < ' ' || *text > '~')
			*text = '?';
}

int import_note(struct import *import, const struct import_place *place, const char *format, ...)
{
	size_t count = import->note_count;
	char what[512], **notes;
	int line, column;
	va_list arguments;

	locate(place, &line, &column);
	va_start(arguments, format);
	vsnprintf(what, sizeof(what), format, arguments);
	va_end(arguments);
	notes = realloc(import->notes, (count + 1) * sizeof(*notes));
	if (!notes)
		return no_memory(import);
	import->notes = notes;
	if (asprintf(&notes[count], "%s:%d:%d: warning: %s", place->file->name, line, column,
		     what) < 0)
		return no_memory(import);
	make_printable(notes[count]);
	import->note_count++;
	return 0;
}

int import_number(struct import *import, const struct import_place *place, const char *text,
		  __u32 most, __u32 *number)
{
	unsigned long long value;
	char *end;

	errno = 0;
	value = strtoull(text, &end, 10);
	if (text[0] < '0' || text[0] > '9' || *end || errno || value > most)
		return import_fault(import, place, "'%s': expected 0 to %u", text, most);
	*number = value;
	return 0;
}

struct config_service *import_find(struct import *import, const struct endpoint *vip)
{
	for (size_t i = 0; i < import->config.service_count; i++) {
		struct lb_service_config *said = &import->config.services[i].said;

		if (said->port == vip->port && said->protocol == vip->protocol &&
		    !memcmp(said->address, vip->address, sizeof(said->address)))
			return &import->config.services[i];
	}
	return NULL;
}

/* "tcp-192-0-2-10-80": IPVS has no names, and addresses don't clash. */
static void name_after(const struct endpoint *vip, char *name, size_t size)
{
	char address[ADDRESS_TEXT_BYTES];

	address_format(vip->address, address, sizeof(address));
	for (char *sign = address; *sign; sign++)
		if (*sign == '.' || *sign == ':')
			*sign = '-';
	snprintf(name, size, "%s-%s-%u", protocol_name(vip->protocol), address, ntohs(vip->port));
}

/* Room for one more at the end of `list`, which may move; all zero. */
static void *grow(void *list, size_t count, size_t size)
{
	char *more = realloc(list, (count + 1) * size);

	if (more)
		memset(more + count * size, 0, size);
	return more;
}

struct config_service *import_service(struct import *import, const struct import_place *place,
				      const struct endpoint *vip)
{
	struct config *config = &import->config;
	struct config_service *services;
	char name[LB_NAME_BYTES + 16];

	if (!address_is_routable(vip->address)) {
		import_fault(import, place, "not an address that packets are routed to");
		return NULL;
	}
	if (import_find(import, vip)) {
		import_fault(import, place, "this virtual service is there already");
		return NULL;
	}
	services = grow(config->services, config->service_count, sizeof(*services));
	if (!services) {
		no_memory(import);
		return NULL;
	}
	name_after(vip, name, sizeof(name));
	config->services = services;
	services[config->service_count].said = rule_service(name, vip);
	return &services[config->service_count++];
}

/* Where an address does not change, neither does the port: what it says there is not looked at. */
static int settle_port(struct import *import, const struct import_place *place,
		       const struct lb_service_config *service, struct endpoint *endpoint)
{
	bool translates = service->port && service->forward == LB_FORWARD_NAT;

	if (endpoint->port == service->port || translates)
		return 0;
	endpoint->port = service->port;
	return import_note(import, place, "%s leaves the port as it is: port %u is taken",
			   service->port ? forward_name(service->forward)
					 : "a service on all ports",
			   ntohs(service->port));
}

static bool has_backend(const struct config_service *service, const struct endpoint *endpoint)
{
	for (size_t i = 0; i < service->backend_count; i++) {
		const struct lb_backend_config *said = &service->backends[i].said;

		if (said->port == endpoint->port &&
		    !memcmp(said->address, endpoint->address, sizeof(said->address)))
			return true;
	}
	return false;
}

static int refuse_backend(struct import *import, const struct import_place *place,
			  const struct config_service *service, const struct endpoint *endpoint)
{
	struct problem why = {0};

	if (!address_is_routable(endpoint->address))
		return import_fault(import, place, "not an address that packets are routed to");
	if (service->said.port && !endpoint->port)
		return import_fault(import, place, "port 0 is no port");
	if (has_backend(service, endpoint))
		return import_fault(import, place, "the service has this real server already");
	if (rule_forward(&why, &service->said, endpoint->address, endpoint->port))
		return import_fault(import, place, "%s", why.message);
	return 0;
}

int import_backend(struct import *import, const struct import_place *place,
		   struct config_service *service, const struct endpoint *endpoint,
		   struct config_backend **backend)
{
	struct endpoint wanted = *endpoint;
	struct config_backend *backends;
	int code = settle_port(import, place, &service->said, &wanted);

	*backend = NULL;
	if (!code && wanted.port == service->said.port &&
	    !memcmp(wanted.address, service->said.address, sizeof(wanted.address)))
		return import_note(
			import, place,
			"the director as its own real server has no equivalent: left out");
	if (!code)
		code = refuse_backend(import, place, service, &wanted);
	if (code)
		return code;
	backends = grow(service->backends, service->backend_count, sizeof(*backends));
	if (!backends)
		return no_memory(import);
	service->backends = backends;
	*backend = &backends[service->backend_count++];
	(*backend)->said = rule_backend(&wanted);
	return 0;
}

char *import_save(const struct import *import, enum yaml_style style)
{
	char *text = config_write(&import->config, style), *whole = NULL;
	size_t bytes;
	FILE *stream;

	if (!text || style != YAML_BLOCK)
		return text;
	stream = open_memstream(&whole, &bytes);
	for (size_t i = 0; stream && i < import->note_count; i++)
		fprintf(stream, "# %s\n", import->notes[i]);
	if (stream) {
		fputs(text, stream);
		fclose(stream);
	}
	free(text);
	return whole;
}
