// SPDX-License-Identifier: GPL-2.0-only
#include "config/import/import.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/number.h"
#include "cli/validate.h"
#include "config/config.h"
#include "config/file_problem.h"
#include "config/save.h"
#include "model/service_settings.h"
#include "store/edit.h"

static int no_memory(struct import *import)
{
	return problem_system(import->problem, -ENOMEM, "importing");
}

int import_add_file(struct import *import, const char *name, char *text)
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
				     "%s: too many files: expected at most %d", name,
				     IMPORT_FILES_MAX);
}

void import_release(struct import *import)
{
	config_release(&import->config);
	for (size_t i = 0; i < import->file_count; i++) {
		free(import->files[i].name);
		free(import->files[i].text);
	}
	for (size_t i = 0; i < import->warning_count; i++)
		free(import->warnings[i]);
	free(import->warnings);
	*import = (struct import){0};
}

/* Lines and columns count from 1. */
static void locate(const struct import_position *position, int *line, int *column)
{
	const char *begin = position->file->text;

	*line = 1;
	for (const char *at = begin; at < position->at; at++)
		if (*at == '\n') {
			begin = at + 1;
			++*line;
		}
	*column = position->at - begin + 1;
}

int import_error(struct import *import, const struct import_position *position, const char *format,
		 ...)
{
	int line, column;
	va_list arguments;
	char what[256];

	locate(position, &line, &column);
	va_start(arguments, format);
	vsnprintf(what, sizeof(what), format, arguments);
	va_end(arguments);
	return file_problem_set(import->problem, position->file->name, position->file->text, line,
				column, what);
}

/* Warnings become comments of YAML, so they must be printable ASCII. */
static void make_printable(char *text)
{
	for (; *text; text++)
		if (*text < ' ' || *text > '~')
			*text = '?';
}

int import_warn(struct import *import, const struct import_position *position, const char *format,
		...)
{
	size_t count = import->warning_count;
	char what[512], **warnings;
	int line, column;
	va_list arguments;

	locate(position, &line, &column);
	va_start(arguments, format);
	vsnprintf(what, sizeof(what), format, arguments);
	va_end(arguments);
	warnings = realloc(import->warnings, (count + 1) * sizeof(*warnings));
	if (!warnings)
		return no_memory(import);
	import->warnings = warnings;
	if (asprintf(&warnings[count], "%s:%d:%d: warning: %s", position->file->name, line, column,
		     what) < 0)
		return no_memory(import);
	make_printable(warnings[count]);
	import->warning_count++;
	return 0;
}

int import_number(struct import *import, const struct import_position *position, const char *text,
		  __u32 max, __u32 *number)
{
	__u64 value;

	if (number_parse(text, 0, max, &value))
		return import_error(import, position, "invalid number '%s': expected 0 to %u", text,
				    max);
	*number = value;
	return 0;
}

struct config_service *import_find_service(struct import *import, const struct endpoint *vip)
{
	for (size_t i = 0; i < import->config.service_count; i++) {
		struct lb_service_config *settings = &import->config.services[i].settings;

		if (config_has_vip(settings, vip->address, vip->port, vip->protocol))
			return &import->config.services[i];
	}
	return NULL;
}

/* Makes "tcp-192-0-2-10-80": services of IPVS have no names, and VIPs are unique. */
static void make_name(const struct endpoint *vip, char *name, size_t size)
{
	char address[ADDRESS_TEXT_BYTES];

	address_format(vip->address, address, sizeof(address));
	for (char *c = address; *c; c++)
		if (*c == '.' || *c == ':')
			*c = '-';
	snprintf(name, size, "%s-%s-%u", protocol_name(vip->protocol), address, ntohs(vip->port));
}

/* Reallocates `list` with room for one more entry, which is zeroed. NULL = no memory. */
static void *grow(void *list, size_t count, size_t size)
{
	char *more = realloc(list, (count + 1) * size);

	if (more)
		memset(more + count * size, 0, size);
	return more;
}

struct config_service *import_add_service(struct import *import,
					  const struct import_position *position,
					  const struct endpoint *vip)
{
	struct config *config = &import->config;
	struct config_service *services;
	char name[LB_NAME_BYTES + 16];

	if (!address_is_routable(vip->address)) {
		import_error(import, position, "invalid VIP: the address is not routable");
		return NULL;
	}
	if (import_find_service(import, vip)) {
		import_error(import, position, "duplicate virtual service");
		return NULL;
	}
	services = grow(config->services, config->service_count, sizeof(*services));
	if (!services) {
		no_memory(import);
		return NULL;
	}
	make_name(vip, name, sizeof(name));
	config->services = services;
	services[config->service_count].settings = service_defaults(name, vip);
	return &services[config->service_count++];
}

/*
 * Without address translation IPVS does not translate the port either, and ignores that of the real
 * server.
 */
static int adjust_port(struct import *import, const struct import_position *position,
		       const struct lb_service_config *service, struct endpoint *endpoint)
{
	bool translates = service->port && service->forward == LB_FORWARD_NAT;

	if (endpoint->port == service->port || translates)
		return 0;
	endpoint->port = service->port;
	return import_warn(import, position, "%s does not translate ports: using port %u",
			   service->port ? forward_name(service->forward)
					 : "a service on all ports",
			   ntohs(service->port));
}

static bool has_backend(const struct config_service *service, const struct endpoint *endpoint)
{
	for (size_t i = 0; i < service->backend_count; i++) {
		const struct lb_backend_config *settings = &service->backends[i].settings;

		if (settings->port == endpoint->port &&
		    !memcmp(settings->address, endpoint->address, sizeof(settings->address)))
			return true;
	}
	return false;
}

static int check_backend(struct import *import, const struct import_position *position,
			 const struct config_service *service, const struct endpoint *endpoint)
{
	struct problem why = {0};

	if (!address_is_routable(endpoint->address))
		return import_error(import, position,
				    "invalid real server: the address is not routable");
	if (service->settings.port && !endpoint->port)
		return import_error(import, position, "port 0 is not allowed");
	if (has_backend(service, endpoint))
		return import_error(import, position, "duplicate real server");
	if (validate_forward(&why, &service->settings, endpoint->address, endpoint->port))
		return import_error(import, position, "%s", why.message);
	return 0;
}

int import_add_backend(struct import *import, const struct import_position *position,
		       struct config_service *service, const struct endpoint *endpoint,
		       struct config_backend **backend)
{
	struct endpoint wanted = *endpoint;
	struct config_backend *backends;
	int code = adjust_port(import, position, &service->settings, &wanted);

	*backend = NULL;
	if (!code && wanted.port == service->settings.port &&
	    !memcmp(wanted.address, service->settings.address, sizeof(wanted.address)))
		return import_warn(
			import, position,
			"the director as its own real server has no equivalent: omitted");
	if (!code)
		code = check_backend(import, position, service, &wanted);
	if (code)
		return code;
	backends = grow(service->backends, service->backend_count, sizeof(*backends));
	if (!backends)
		return no_memory(import);
	service->backends = backends;
	*backend = &backends[service->backend_count++];
	(*backend)->settings = backend_defaults(&wanted);
	return 0;
}

char *import_save(const struct import *import, enum yaml_style style)
{
	char *text = config_write(&import->config, style), *commented = NULL;
	size_t bytes;
	FILE *stream;

	if (!text || style != YAML_BLOCK)
		return text;
	stream = open_memstream(&commented, &bytes);
	for (size_t i = 0; stream && i < import->warning_count; i++)
		fprintf(stream, "# %s\n", import->warnings[i]);
	if (stream) {
		fputs(text, stream);
		fclose(stream);
	}
	free(text);
	return commented;
}
