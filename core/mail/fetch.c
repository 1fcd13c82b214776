/* SPDX-License-Identifier: MIT */
#include "core/mail/fetch.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <curl/curl.h>

#include "core/file.h"
#include "core/mail/clean.h"

struct fetching {
	const struct fetch *f;
	FILE *out;
	uint64_t got;
	bool too_large;
	int trouble; /* errno of a write that failed */
	char error[CURL_ERROR_SIZE];
};

static size_t take(char *data, size_t size, size_t n, void *context)
{
	struct fetching *g = context;
	size_t len = size * n;

	g->got += len;
	g->too_large = g->got > g->f->max;
	if (g->too_large)
		return CURL_WRITEFUNC_ERROR;
	if (fwrite(data, 1, len, g->out) != len) {
		g->trouble = errno;
		return CURL_WRITEFUNC_ERROR;
	}
	if (g->f->step)
		g->f->step(g->f->context, len);
	return len;
}

/* http:// to anywhere but this machine never leaves it. */
static bool may_be_plain(const char *url)
{
	static const char local[] = "http://127.0.0.1";
	size_t len = sizeof(local) - 1;

	return !strncmp(url, local, len) && (url[len] == ':' || url[len] == '/');
}

static void set_options(CURL *c, struct fetching *g)
{
	long timeout = (long)g->f->timeout;

	curl_easy_setopt(c, CURLOPT_URL, g->f->url);
	curl_easy_setopt(c, CURLOPT_PROTOCOLS_STR,
	                 may_be_plain(g->f->url) ? "http,https" : "https");
	curl_easy_setopt(c, CURLOPT_PROXY, ""); /* none, whatever the environment says */
	curl_easy_setopt(c, CURLOPT_NOSIGNAL, 1L);
	curl_easy_setopt(c, CURLOPT_FOLLOWLOCATION, 0L);
	curl_easy_setopt(c, CURLOPT_CONNECTTIMEOUT, timeout);
	curl_easy_setopt(c, CURLOPT_LOW_SPEED_LIMIT, 1L);
	curl_easy_setopt(c, CURLOPT_LOW_SPEED_TIME, timeout);
	curl_easy_setopt(c, CURLOPT_SSL_VERIFYPEER, 1L);
	curl_easy_setopt(c, CURLOPT_SSL_VERIFYHOST, 2L);
	curl_easy_setopt(c, CURLOPT_WRITEFUNCTION, take);
	curl_easy_setopt(c, CURLOPT_WRITEDATA, g);
	curl_easy_setopt(c, CURLOPT_ERRORBUFFER, g->error);
}

/* What became of it, in words. */
static enum err judge(const struct fetching *g, CURL *c, CURLcode rc, const char *path,
                      struct why *why)
{
	const char *url = g->f->url;
	long status = 0;

	curl_easy_getinfo(c, CURLINFO_RESPONSE_CODE, &status);
	if (g->trouble)
		return file_trouble(why, path, g->trouble);
	if (g->too_large)
		return why_set(why, ERR_TOO_LARGE, "%s: more than %llu bytes came", url,
		               (unsigned long long)g->f->max);
	if (rc == CURLE_PEER_FAILED_VERIFICATION)
		return why_set(why, ERR_INVALID, "%s: the server's certificate does not hold: %s",
		               url, g->error);
	if (rc == CURLE_SSL_CONNECT_ERROR)
		return why_set(why, ERR_AGAIN,
		               "%s: what answers there does not speak TLS, or not with us (%s): "
		               "that address needs a web server with a certificate before it",
		               url, g->error);
	if (rc == CURLE_UNSUPPORTED_PROTOCOL)
		return why_set(why, ERR_SETTINGS, "%s: only https:// is fetched", url);
	if (rc == CURLE_OUT_OF_MEMORY)
		return why_set(why, ERR_MEMORY, "out of memory");
	if (rc)
		return why_set(why, ERR_AGAIN, "%s: %s", url,
		               g->error[0] ? g->error : curl_easy_strerror(rc));
	if (status != 200)
		return why_set(why, ERR_AGAIN, "%s: the server answers %ld, not 200", url, status);
	return OK;
}

static FILE *open_new(const char *path)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0600);
	FILE *out = fd < 0 ? NULL : fdopen(fd, "w");

	if (fd >= 0 && (!out || fchmod(fd, 0600))) {
		if (out)
			fclose(out);
		else
			close(fd);
		return NULL;
	}
	return out;
}

enum err fetch_file(const char *path, const struct fetch *f, struct why *why)
{
	struct fetching g = { .f = f };
	CURL *c = NULL;
	enum err e;

	g.out = open_new(path);
	if (!g.out)
		return file_trouble(why, path, errno);
	clean_curl();
	c = curl_easy_init();
	if (!c) {
		e = why_set(why, ERR_MEMORY, "out of memory");
		goto done;
	}
	set_options(c, &g);
	e = judge(&g, c, curl_easy_perform(c), path, why);
done:
	if (fclose(g.out) && !e)
		e = file_trouble(why, path, errno);
	if (e)
		unlink(path);
	curl_easy_cleanup(c);
	return e;
}
