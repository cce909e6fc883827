// SPDX-License-Identifier: GPL-2.0-only
#include "probe/http_request.h"

#include <arpa/inet.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/address.h"
#include "probe/curl_lazy.h"

/*
 * What is read at a time. An answer to a check fits in, most often; and libcurl gets one for each
 * transfer, which malloc() has at hand up to this size.
 */
#define BUFFER_BYTES 1024L

/* What TLS sends at a time, for which 64 KiB would be taken: we only ask. */
#define UPLOAD_BYTES 16384L

struct kept {
	struct request request;
	struct kept *next;
	struct check check; /* what was told to libcurl */
	char name[CHECK_TEXT_BYTES]; /* that TLS is to know; "" = the address itself */
	CURLU *url;
	__be16 port; /* in it */
	struct curl_slist *headers, *connect_to;
};

struct requests {
	struct request_functions functions;
	struct kept *first;
	size_t count;
};

struct requests *requests_create(const struct request_functions *functions)
{
	struct requests *made = calloc(1, sizeof(*made));

	if (made)
		made->functions = *functions;
	return made;
}

static void discard(struct kept *kept)
{
	if (!kept)
		return;
	if (kept->request.easy)
		curl_easy_cleanup(kept->request.easy);
	curl_url_cleanup(kept->url);
	curl_slist_free_all(kept->headers);
	curl_slist_free_all(kept->connect_to);
	free(kept);
}

void requests_free(struct requests *requests)
{
	struct kept *next;

	if (!requests)
		return;
	for (struct kept *kept = requests->first; kept; kept = next) {
		next = kept->next;
		discard(kept);
	}
	free(requests);
}

static int add(struct curl_slist **list, const char *format, const char *text)
{
	char line[CHECK_TEXT_BYTES + ENDPOINT_TEXT_BYTES];
	struct curl_slist *longer;

	snprintf(line, sizeof(line), format, text);
	longer = curl_slist_append(*list, line);
	if (!longer)
		return -ENOMEM;
	*list = longer;
	return 0;
}

static int set_part(struct kept *kept, CURLUPart what, const char *part)
{
	return curl_url_set(kept->url, what, part, 0) ? -ENOMEM : 0;
}

/* SNI's, or the host's without its port. */
static void set_name(struct kept *kept)
{
	const struct check *check = &kept->check;

	if (check->kind != CHECK_HTTPS)
		return;
	strcpy(kept->name, check->sni[0] ? check->sni : check->host);
	kept->name[strcspn(kept->name, ":[")] = '\0';
}

/* Of which request_aim() sets the rest. */
static int begin_url(struct kept *kept)
{
	int error;

	set_name(kept);
	kept->url = curl_url();
	error = kept->url ? set_part(kept, CURLUPART_SCHEME, check_kind_name(kept->check.kind))
			  : -ENOMEM;
	if (!error && kept->name[0])
		error = set_part(kept, CURLUPART_HOST, kept->name);
	curl_easy_setopt(kept->request.easy, CURLOPT_CURLU, kept->url);
	return error;
}

/* What libcurl makes copies of. */
static int set_texts(CURL *easy, const struct check *check)
{
	bool taken = !curl_easy_setopt(easy, CURLOPT_USERAGENT, "lbctl") &&
		     !curl_easy_setopt(easy, CURLOPT_PROXY, "") &&
		     !curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, "http,https") &&
		     !curl_easy_setopt(easy, CURLOPT_REQUEST_TARGET, check->what);

	if (taken && check->ca[0])
		taken = !curl_easy_setopt(easy, CURLOPT_CAINFO, check->ca);
	return taken ? 0 : -ENOMEM;
}

static void set_limits(CURL *easy)
{
	curl_easy_setopt(easy, CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_1_1);
	curl_easy_setopt(easy, CURLOPT_FORBID_REUSE, 1L);
	curl_easy_setopt(easy, CURLOPT_FRESH_CONNECT, 1L);
	curl_easy_setopt(easy, CURLOPT_DNS_CACHE_TIMEOUT, 0L);
	curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
	curl_easy_setopt(easy, CURLOPT_BUFFERSIZE, BUFFER_BYTES);
	curl_easy_setopt(easy, CURLOPT_UPLOAD_BUFFERSIZE, UPLOAD_BYTES);
}

/*
 * A certificate is looked at each time: no session is taken up again. And TLS sends more than
 * once before it is answered, which must not wait for one another; HTTP does not.
 */
static void set_security(CURL *easy, const struct check *check)
{
	curl_easy_setopt(easy, CURLOPT_SSL_SESSIONID_CACHE, 0L);
	curl_easy_setopt(easy, CURLOPT_TCP_NODELAY, check->kind == CHECK_HTTPS ? 1L : 0L);
	if (check->insecure) {
		curl_easy_setopt(easy, CURLOPT_SSL_VERIFYPEER, 0L);
		curl_easy_setopt(easy, CURLOPT_SSL_VERIFYHOST, 0L);
	}
}

static void set_functions(struct request *request, const struct request_functions *functions)
{
	CURL *easy = request->easy;

	curl_easy_setopt(easy, CURLOPT_PRIVATE, request);
	curl_easy_setopt(easy, CURLOPT_ERRORBUFFER, request->words);
	curl_easy_setopt(easy, CURLOPT_OPENSOCKETFUNCTION, functions->open_socket);
	curl_easy_setopt(easy, CURLOPT_OPENSOCKETDATA, request);
	curl_easy_setopt(easy, CURLOPT_PREREQFUNCTION, functions->begin);
	curl_easy_setopt(easy, CURLOPT_PREREQDATA, request);
	curl_easy_setopt(easy, CURLOPT_HEADERFUNCTION, functions->take_header);
	curl_easy_setopt(easy, CURLOPT_HEADERDATA, request);
	curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, functions->take_body);
	curl_easy_setopt(easy, CURLOPT_WRITEDATA, request);
}

/* All that does not depend on whom is asked. */
static int dress(struct kept *kept, const struct request_functions *functions)
{
	const struct check *check = &kept->check;
	CURL *easy = kept->request.easy;
	int error = add(&kept->headers, "Connection: %s", "close");

	if (!error && check->host[0])
		error = add(&kept->headers, "Host: %s", check->host);
	if (!error)
		error = begin_url(kept);
	if (!error)
		error = set_texts(easy, check);
	if (error)
		return error;
	curl_easy_setopt(easy, CURLOPT_HTTPHEADER, kept->headers);
	set_limits(easy);
	set_security(easy, check);
	set_functions(&kept->request, functions);
	return 0;
}

static struct kept *make(const struct requests *requests, const struct check *check)
{
	struct kept *made = calloc(1, sizeof(*made));

	if (!made)
		return NULL;
	made->check = *check;
	made->request.easy = curl_easy_init();
	if (made->request.easy && !dress(made, &requests->functions))
		return made;
	discard(made);
	return NULL;
}

static bool asks_alike(const struct check *a, const struct check *b)
{
	return a->kind == b->kind && a->insecure == b->insecure && !strcmp(a->what, b->what) &&
	       !strcmp(a->host, b->host) && !strcmp(a->sni, b->sni) && !strcmp(a->ca, b->ca);
}

static struct kept *find(struct requests *requests, const struct check *check)
{
	struct kept **place = &requests->first, *found;

	while (*place && !asks_alike(&(*place)->check, check))
		place = &(*place)->next;
	found = *place;
	if (found) {
		*place = found->next;
		requests->count--;
	}
	return found;
}

struct request *request_take(struct requests *requests, const struct check *check)
{
	struct kept *kept = find(requests, check);

	if (!kept)
		kept = make(requests, check);
	return kept ? &kept->request : NULL;
}

static void forget_answer(struct request *request)
{
	request->probe = NULL;
	request->header_bytes = request->body_bytes = request->seam_bytes = 0;
	request->enough = request->too_long = request->matched = false;
	request->error = 0;
	request->words[0] = '\0';
}

/* Where there are too many, the one that was of no use for longest makes place. */
static void discard_last(struct requests *requests)
{
	struct kept **place = &requests->first;

	while ((*place)->next)
		place = &(*place)->next;
	discard(*place);
	*place = NULL;
	requests->count--;
}

void request_give(struct requests *requests, struct request *request)
{
	struct kept *kept = (struct kept *)request;

	forget_answer(request);
	if (requests->count == REQUESTS_KEPT)
		discard_last(requests);
	kept->next = requests->first;
	requests->first = kept;
	requests->count++;
}

static int set_port(struct kept *kept, __be16 port)
{
	char text[sizeof("65535")];
	int error;

	if (kept->port == port)
		return 0;
	snprintf(text, sizeof(text), "%u", ntohs(port));
	error = set_part(kept, CURLUPART_PORT, text);
	if (!error)
		kept->port = port;
	return error;
}

static int set_address(struct kept *kept, const __u64 address[2])
{
	char text[ENDPOINT_TEXT_BYTES];

	endpoint_format(address, 0, text, sizeof(text));
	*strrchr(text, ':') = '\0';
	return set_part(kept, CURLUPART_HOST, text);
}

/* By a name that is not the address's own. */
static int set_detour(struct kept *kept, const __u64 address[2], __be16 port)
{
	char endpoint[ENDPOINT_TEXT_BYTES];

	endpoint_format(address, port, endpoint, sizeof(endpoint));
	curl_slist_free_all(kept->connect_to);
	kept->connect_to = NULL;
	if (add(&kept->connect_to, "::%s", endpoint))
		return -ENOMEM;
	curl_easy_setopt(kept->request.easy, CURLOPT_CONNECT_TO, kept->connect_to);
	return 0;
}

int request_aim(struct request *request, const __u64 address[2], __be16 port)
{
	struct kept *kept = (struct kept *)request;
	int error = set_port(kept, port);

	if (!error && kept->name[0])
		error = set_detour(kept, address, port);
	else if (!error)
		error = set_address(kept, address);
	return error;
}
