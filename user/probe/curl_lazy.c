// SPDX-License-Identifier: GPL-2.0-only
#define CURL_DISABLE_TYPECHECK
#include "probe/curl_lazy.h"

#include <dlfcn.h>
#include <errno.h>
#include <stdarg.h>

#define LIBRARY "libcurl.so.4"

#define FUNCTIONS(X) \
	X(easy_cleanup) \
	X(easy_getinfo) \
	X(easy_init) \
	X(easy_reset) \
	X(easy_setopt) \
	X(easy_strerror) \
	X(global_cleanup) \
	X(global_init) \
	X(multi_add_handle) \
	X(multi_assign) \
	X(multi_cleanup) \
	X(multi_info_read) \
	X(multi_init) \
	X(multi_remove_handle) \
	X(multi_setopt) \
	X(multi_socket_action) \
	X(slist_append) \
	X(slist_free_all) \
	X(url) \
	X(url_cleanup) \
	X(url_set)

#undef curl_easy_setopt
#undef curl_easy_getinfo
#undef curl_multi_setopt

static struct {
#define X(name) __typeof__(curl_##name) *name;
	FUNCTIONS(X)
#undef X
} real;

int curl_lazy_load(void)
{
	static void *library;
	static const struct {
		const char *name;
		void **address;
	} functions[] = {
#define X(name) {"curl_" #name, (void **)&real.name},
		FUNCTIONS(X)
#undef X
	};

	if (library)
		return 0;
	library = dlopen(LIBRARY, RTLD_NOW | RTLD_LOCAL);
	if (!library)
		return -ELIBACC;
	for (size_t i = 0; i < sizeof(functions) / sizeof(functions[0]); i++) {
		*functions[i].address = dlsym(library, functions[i].name);
		if (*functions[i].address)
			continue;
		dlclose(library);
		library = NULL;
		return -ELIBBAD;
	}
	return 0;
}

void curl_easy_cleanup(CURL *easy)
{
	real.easy_cleanup(easy);
}

/* One word follows the option, whatever its type: libcurl reads it the same way. */
CURLcode curl_easy_getinfo(CURL *easy, CURLINFO info, ...)
{
	va_list arguments;
	void *argument;

	va_start(arguments, info);
	argument = va_arg(arguments, void *);
	va_end(arguments);
	return real.easy_getinfo(easy, info, argument);
}

CURL *curl_easy_init(void)
{
	return real.easy_init();
}

void curl_easy_reset(CURL *easy)
{
	real.easy_reset(easy);
}

CURLcode curl_easy_setopt(CURL *easy, CURLoption option, ...)
{
	va_list arguments;
	void *argument;

	va_start(arguments, option);
	argument = va_arg(arguments, void *);
	va_end(arguments);
	return real.easy_setopt(easy, option, argument);
}

const char *curl_easy_strerror(CURLcode code)
{
	return real.easy_strerror(code);
}

void curl_global_cleanup(void)
{
	real.global_cleanup();
}

CURLcode curl_global_init(long flags)
{
	return real.global_init(flags);
}

CURLMcode curl_multi_add_handle(CURLM *multi, CURL *easy)
{
	return real.multi_add_handle(multi, easy);
}

CURLMcode curl_multi_assign(CURLM *multi, curl_socket_t fd, void *data)
{
	return real.multi_assign(multi, fd, data);
}

CURLMcode curl_multi_cleanup(CURLM *multi)
{
	return real.multi_cleanup(multi);
}

CURLMsg *curl_multi_info_read(CURLM *multi, int *left)
{
	return real.multi_info_read(multi, left);
}

CURLM *curl_multi_init(void)
{
	return real.multi_init();
}

CURLMcode curl_multi_remove_handle(CURLM *multi, CURL *easy)
{
	return real.multi_remove_handle(multi, easy);
}

CURLMcode curl_multi_setopt(CURLM *multi, CURLMoption option, ...)
{
	va_list arguments;
	void *argument;

	va_start(arguments, option);
	argument = va_arg(arguments, void *);
	va_end(arguments);
	return real.multi_setopt(multi, option, argument);
}

CURLMcode curl_multi_socket_action(CURLM *multi, curl_socket_t fd, int events, int *running)
{
	return real.multi_socket_action(multi, fd, events, running);
}

struct curl_slist *curl_slist_append(struct curl_slist *list, const char *text)
{
	return real.slist_append(list, text);
}

void curl_slist_free_all(struct curl_slist *list)
{
	if (list)
		real.slist_free_all(list);
}

CURLU *curl_url(void)
{
	return real.url();
}

void curl_url_cleanup(CURLU *url)
{
	if (url)
		real.url_cleanup(url);
}

CURLUcode curl_url_set(CURLU *url, CURLUPart what, const char *part, unsigned int flags)
{
	return real.url_set(url, what, part, flags);
}
