/* SPDX-License-Identifier: MIT */
#include "core/mail/seek.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include <curl/curl.h>

#include "core/file.h"
#include "core/mail/address.h"
#include "core/mail/clean.h"
#include "core/mail/words.h"
#include "core/text.h"

#define PASSWORD_MAX 1024
#define URL_MAX      1024
#define FOUND_MAX    4096 /* of an answer to SEARCH; what is looked for stands in few mails */

struct seek {
	CURL *curl;
	struct buf server;
	char error[CURL_ERROR_SIZE];
};

/* Refuses what does not fit. */
static size_t take(char *data, size_t size, size_t n, void *context)
{
	struct buf *out = context;

	buf_add(out, data, size * n);
	return buf_err(out) ? 0 : size * n;
}

static enum err set_password(struct seek *s, const struct seek_account *a, struct why *why)
{
	struct buf password = BUF_INIT(PASSWORD_MAX);
	enum err e;

	if (a->tls == SMTP_TLS_NONE && !address_loopback(a->host))
		return why_set(why, ERR_SETTINGS,
		               "[preflight] imap_tls = none: the password would cross the network "
		               "in the clear; set it to implicit or starttls");
	if (!a->user || !*a->user || !a->password_file || !*a->password_file)
		return why_set(why, ERR_SETTINGS,
		               "[preflight] imap_host without user and password_file");
	e = file_read_secret(&password, a->password_file, why);
	if (!e && (curl_easy_setopt(s->curl, CURLOPT_USERNAME, a->user) ||
	           curl_easy_setopt(s->curl, CURLOPT_PASSWORD, buf_text(&password))))
		e = why_set(why, ERR_MEMORY, "out of memory");
	buf_free(&password);
	return e;
}

static enum err set_server(struct seek *s, const struct seek_account *a, struct why *why)
{
	long timeout = (long)(a->timeout ? a->timeout : 60);
	CURL *c = s->curl;

	if (!address_host(a->host))
		return why_set(why, ERR_SETTINGS, "[preflight] imap_host is not a host's name");
	buf_addf(&s->server, "%s://%s:%u/", a->tls == SMTP_TLS_IMPLICIT ? "imaps" : "imap", a->host,
	         a->port);
	curl_easy_setopt(c, CURLOPT_PROTOCOLS_STR, "imap,imaps");
	curl_easy_setopt(c, CURLOPT_PROXY, "");
	curl_easy_setopt(c, CURLOPT_NOSIGNAL, 1L);
	curl_easy_setopt(c, CURLOPT_CONNECTTIMEOUT, timeout);
	curl_easy_setopt(c, CURLOPT_SERVER_RESPONSE_TIMEOUT, timeout);
	curl_easy_setopt(c, CURLOPT_TIMEOUT, timeout * 4);
	curl_easy_setopt(c, CURLOPT_USE_SSL,
	                 a->tls == SMTP_TLS_NONE ? (long)CURLUSESSL_NONE : (long)CURLUSESSL_ALL);
	curl_easy_setopt(c, CURLOPT_SSL_VERIFYPEER, 1L);
	curl_easy_setopt(c, CURLOPT_SSL_VERIFYHOST, 2L);
	curl_easy_setopt(c, CURLOPT_ERRORBUFFER, s->error);
	curl_easy_setopt(c, CURLOPT_WRITEFUNCTION, take);
	if (a->ca_file && *a->ca_file)
		curl_easy_setopt(c, CURLOPT_CAINFO, a->ca_file);
	return buf_err(&s->server) ? buf_err(&s->server) : set_password(s, a, why);
}

enum err seek_open(struct seek **out, const struct seek_account *a, struct why *why)
{
	struct seek *s = calloc(1, sizeof(*s));
	enum err e;

	clean_curl();
	if (s)
		s->curl = curl_easy_init();
	if (!s || !s->curl) {
		free(s);
		return why_set(why, ERR_MEMORY, "out of memory");
	}
	buf_init(&s->server, URL_MAX);
	e = set_server(s, a, why);
	if (e)
		seek_close(s);
	else
		*out = s;
	return e;
}

void seek_close(struct seek *s)
{
	if (!s)
		return;
	curl_easy_cleanup(s->curl);
	buf_free(&s->server);
	free(s);
}

/* One command, or one fetch where there is none; what came is in `out`. */
static enum err perform(struct seek *s, const char *url, const char *command, struct buf *out,
                        struct why *why)
{
	char words[200];
	CURLcode rc;

	s->error[0] = 0;
	curl_easy_setopt(s->curl, CURLOPT_URL, url);
	curl_easy_setopt(s->curl, CURLOPT_CUSTOMREQUEST, command);
	curl_easy_setopt(s->curl, CURLOPT_WRITEDATA, out);
	rc = curl_easy_perform(s->curl);
	if (!rc)
		return OK;
	if (buf_err(out))
		return why_set(why, buf_err(out), "the mailbox's answer: %s",
		               err_text(buf_err(out)));
	words_text(words, sizeof(words), s->error[0] ? s->error : curl_easy_strerror(rc));
	/* A folder that is not there is to libcurl what a wrong password is, but for its words. */
	if (rc == CURLE_REMOTE_FILE_NOT_FOUND || rc == CURLE_QUOTE_ERROR ||
	    (rc == CURLE_LOGIN_DENIED && !strncmp(s->error, "Select", 6)))
		return why_set(why, ERR_NOT_FOUND, "there is no such folder or mail: %s", words);
	if (rc == CURLE_LOGIN_DENIED)
		return why_set(why, ERR_SETTINGS,
		               "the mailbox refuses [preflight] user and password_file: %s", words);
	if (rc == CURLE_PEER_FAILED_VERIFICATION || rc == CURLE_USE_SSL_FAILED ||
	    rc == CURLE_SSL_CONNECT_ERROR)
		return why_set(why, ERR_SETTINGS, "the mailbox's TLS ([preflight] imap_tls): %s",
		               words);
	return why_set(why, ERR_AGAIN, "the mailbox: %s", words);
}

/* "* SEARCH 3 17": the last is the newest. */
static enum err last_found(uint64_t *uid, const char *answer)
{
	const char *at = strcasestr(answer, "* SEARCH");

	*uid = 0;
	if (!at)
		return ERR_NOT_FOUND;
	at += strlen("* SEARCH");
	while (*at == ' ') {
		size_t len = strspn(++at, "0123456789");

		if (!len)
			break;
		if (number_read(uid, at, len))
			return ERR_NOT_FOUND;
		at += len;
	}
	return *uid ? OK : ERR_NOT_FOUND;
}

static enum err folder_url(struct buf *url, const struct seek *s, const char *folder)
{
	char *escaped = curl_easy_escape(s->curl, folder, 0);

	buf_adds(url, buf_text(&s->server));
	if (escaped)
		buf_adds(url, escaped);
	curl_free(escaped);
	return escaped ? buf_err(url) : ERR_MEMORY;
}

static bool plain(const char *text)
{
	for (; *text; text++)
		if (*text < 0x20 || *text > 0x7e || *text == '"' || *text == '\\')
			return false;
	return true;
}

enum err seek_mail(struct buf *out, struct seek *s, const char *folder, const char *header,
                   const char *value, struct why *why)
{
	struct buf url = BUF_INIT(URL_MAX), command = BUF_INIT(URL_MAX),
		   found = BUF_INIT(FOUND_MAX);
	uint64_t uid = 0;
	enum err e;

	if (!plain(header) || !plain(value))
		return why_set(why, ERR_FORMAT, "what is looked for cannot stand in a search");
	buf_addf(&command, "UID SEARCH HEADER %s \"%s\"", header, value);
	e = folder_url(&url, s, folder);
	if (!e)
		e = buf_err(&command);
	if (!e)
		e = perform(s, buf_text(&url), buf_text(&command), &found, why);
	if (!e)
		e = last_found(&uid, buf_text(&found));
	if (!e) {
		buf_addf(&url, ";UID=%llu", (unsigned long long)uid);
		e = buf_err(&url) ? buf_err(&url) : perform(s, buf_text(&url), NULL, out, why);
	}
	buf_free(&url);
	buf_free(&command);
	buf_free(&found);
	return e;
}
