/* SPDX-License-Identifier: MIT */
#include "core/mail/relay.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include <curl/curl.h>

#include "core/buf.h"
#include "core/file.h"

#define PASSWORD_FILE_MAX 1024
/* Answers until we are in: greeting, EHLO twice, STARTTLS, AUTH twice; and one more. */
#define ANSWERS_MAX 7

static enum err set_password(CURL *c, const struct relay *r, struct why *why)
{
	struct buf password = BUF_INIT(PASSWORD_FILE_MAX);
	enum err e = OK;

	if (!r->user || !*r->user)
		return OK;
	if (r->tls == SMTP_TLS_NONE && !address_loopback(r->host))
		return why_set(why, ERR_SETTINGS,
		               "[relay] tls = none with a user name: the password would cross the "
		               "network in the clear; set tls to starttls or implicit");
	if (!r->password_file || !*r->password_file)
		return why_set(why, ERR_SETTINGS, "[relay] user without password_file");
	e = file_read_secret(&password, r->password_file, why);
	if (!e && (curl_easy_setopt(c, CURLOPT_USERNAME, r->user) ||
	           curl_easy_setopt(c, CURLOPT_PASSWORD, buf_text(&password))))
		e = why_set(why, ERR_MEMORY, "out of memory");
	buf_free(&password);
	return e;
}

const char *relay_hello(const struct relay *r)
{
	return r->hello && *r->hello ? r->hello : "localhost";
}

enum err relay_apply(void *curl, const struct relay *r, struct why *why)
{
	const char *hello = relay_hello(r);
	bool bare_v6 = strchr(r->host, ':') && r->host[0] != '[';
	long timeout = (long)(r->timeout ? r->timeout : 60);
	struct buf url = BUF_INIT(1024);
	CURL *c = curl;

	if (!address_host(r->host) || !address_host(hello))
		return why_set(why, ERR_SETTINGS, "[relay] host or hello is not a host's name");
	buf_addf(&url, "%s://%s%s%s:%u/%s", r->tls == SMTP_TLS_IMPLICIT ? "smtps" : "smtp",
	         bare_v6 ? "[" : "", r->host, bare_v6 ? "]" : "", r->port, hello);
	curl_easy_setopt(c, CURLOPT_URL, buf_text(&url));
	buf_free(&url);
	curl_easy_setopt(c, CURLOPT_PROTOCOLS_STR, "smtp,smtps");
	curl_easy_setopt(c, CURLOPT_PROXY, ""); /* none, whatever the environment says */
	curl_easy_setopt(c, CURLOPT_NOSIGNAL, 1L);
	curl_easy_setopt(c, CURLOPT_MAXCONNECTS, 1L);
	curl_easy_setopt(c, CURLOPT_CONNECTTIMEOUT, timeout); /* up to AUTH */
	curl_easy_setopt(c, CURLOPT_SERVER_RESPONSE_TIMEOUT, timeout);
	curl_easy_setopt(c, CURLOPT_TIMEOUT, timeout * ANSWERS_MAX);
	curl_easy_setopt(c, CURLOPT_USE_SSL,
	                 r->tls == SMTP_TLS_NONE ? (long)CURLUSESSL_NONE : (long)CURLUSESSL_ALL);
	curl_easy_setopt(c, CURLOPT_SSL_VERIFYPEER, 1L);
	curl_easy_setopt(c, CURLOPT_SSL_VERIFYHOST, 2L);
	if (!r->ca_file || !*r->ca_file)
		return set_password(c, r, why);
	if (access(r->ca_file, R_OK))
		return why_set(why, ERR_SETTINGS, "[relay] ca_file: %s: %s", r->ca_file,
		               strerror(errno));
	curl_easy_setopt(c, CURLOPT_CAINFO, r->ca_file);
	return set_password(c, r, why);
}
