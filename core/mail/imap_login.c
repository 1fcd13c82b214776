/* SPDX-License-Identifier: MIT */
#include "core/mail/imap_login.h"

#include <errno.h>
#include <stdbool.h>
#include <string.h>
#include <unistd.h>

#include <curl/curl.h>

#include "core/buf.h"
#include "core/command.h"
#include "core/file.h"
#include "core/mail/address.h"
#include "core/text.h"

#define PASSWORD_MAX 1024
#define TOKEN_MAX    16384 /* some hold a whole signed document */
/* Answers that one command may wait for: greeting, capability, STARTTLS, login, SELECT, ... */
#define ANSWERS_MAX 10

static bool given(const char *text)
{
	return text && *text;
}

static enum err set_password(CURL *c, const struct imap_account *a, struct why *why)
{
	struct buf password = BUF_INIT(PASSWORD_MAX);
	enum err e;

	e = file_read_secret(&password, a->password_file, why);
	if (!e && (!password.len || strlen(buf_text(&password)) != password.len ||
	           strpbrk(buf_text(&password), "\r\n")))
		e = why_set(why, ERR_SETTINGS, "%s: a password is one line", a->password_file);
	if (!e && curl_easy_setopt(c, CURLOPT_PASSWORD, buf_text(&password)))
		e = why_set(why, ERR_MEMORY, "out of memory");
	buf_free(&password);
	return e;
}

static enum err set_login(CURL *c, const struct imap_account *a, struct why *why)
{
	if (!given(a->user) || !text_clean(a->user, strlen(a->user)))
		return why_set(why, ERR_SETTINGS, "user: a mailbox has a user name");
	if (given(a->password_file) == given(a->token_command))
		return why_set(why, ERR_SETTINGS, "give either password_file or token_command");
	if (a->tls == SMTP_TLS_NONE && !address_loopback(a->host))
		return why_set(why, ERR_SETTINGS,
		               "tls = none: the password would cross the network in the clear; "
		               "set tls to starttls or implicit");
	if (curl_easy_setopt(c, CURLOPT_USERNAME, a->user))
		return why_set(why, ERR_MEMORY, "out of memory");
	if (given(a->password_file))
		return set_password(c, a, why);
	return curl_easy_setopt(c, CURLOPT_LOGIN_OPTIONS, "AUTH=XOAUTH2")
	               ? why_set(why, ERR_MEMORY, "out of memory")
	               : OK;
}

enum err imap_login_set(CURL *c, const struct imap_account *a, struct why *why)
{
	long timeout = (long)(a->timeout ? a->timeout : 60);

	if (!address_host(a->host))
		return why_set(why, ERR_SETTINGS, "host: not a host's name");
	curl_easy_setopt(c, CURLOPT_PROTOCOLS_STR, "imap,imaps");
	curl_easy_setopt(c, CURLOPT_PROXY, ""); /* none, whatever the environment says */
	curl_easy_setopt(c, CURLOPT_NOSIGNAL, 1L);
	curl_easy_setopt(c, CURLOPT_MAXCONNECTS, 1L);
	curl_easy_setopt(c, CURLOPT_CONNECTTIMEOUT, timeout);
	curl_easy_setopt(c, CURLOPT_SERVER_RESPONSE_TIMEOUT, timeout);
	curl_easy_setopt(c, CURLOPT_TIMEOUT, timeout * ANSWERS_MAX);
	curl_easy_setopt(c, CURLOPT_LOW_SPEED_LIMIT, 1L);
	curl_easy_setopt(c, CURLOPT_LOW_SPEED_TIME, timeout);
	curl_easy_setopt(c, CURLOPT_USE_SSL,
	                 a->tls == SMTP_TLS_NONE ? (long)CURLUSESSL_NONE : (long)CURLUSESSL_ALL);
	curl_easy_setopt(c, CURLOPT_SSL_VERIFYPEER, 1L);
	curl_easy_setopt(c, CURLOPT_SSL_VERIFYHOST, 2L);
	if (!given(a->ca_file))
		return set_login(c, a, why);
	if (access(a->ca_file, R_OK))
		return why_set(why, ERR_SETTINGS, "ca_file: %s: %s", a->ca_file, strerror(errno));
	if (curl_easy_setopt(c, CURLOPT_CAINFO, a->ca_file))
		return why_set(why, ERR_MEMORY, "out of memory");
	return set_login(c, a, why);
}

/* What opens the mailbox is asked for anew each time: it holds for an hour or so. */
enum err imap_login_token(CURL *c, const struct imap_account *a, struct why *why)
{
	struct buf token = BUF_INIT(TOKEN_MAX);
	enum err e;

	if (!given(a->token_command))
		return OK;
	e = command_line(&token, a->token_command, a->timeout ? a->timeout : 60, why);
	if (e)
		why_prefix(why, "token_command");
	else if (strlen(buf_text(&token)) != token.len || !text_clean(buf_text(&token), token.len))
		e = why_set(why, ERR_SETTINGS, "token_command: what it says is no token");
	else if (curl_easy_setopt(c, CURLOPT_XOAUTH2_BEARER, buf_text(&token)))
		e = why_set(why, ERR_MEMORY, "out of memory");
	buf_free(&token);
	return e;
}

const char *imap_login_setting(const struct imap_account *a)
{
	return given(a->password_file) ? "password_file" : "token_command";
}

const char *imap_login_advice(CURL *c, const struct imap_account *a, int result)
{
	long distrust = 0;

	switch (result) {
	case CURLE_PEER_FAILED_VERIFICATION:
		curl_easy_getinfo(c, CURLINFO_SSL_VERIFYRESULT, &distrust);
		/* 0 or 1: nothing is wrong with it but its name. */
		return distrust > 1 ? "name the certificate of its authority in ca_file"
		                    : "set host to a name that its certificate has";
	case CURLE_USE_SSL_FAILED:
		return "for a port that is TLS from its first byte (993) set tls = implicit";
	case CURLE_SSL_CONNECT_ERROR:
		return a->tls == SMTP_TLS_IMPLICIT
		               ? "for a port that begins in the clear (143) set tls = starttls"
		               : "the server and we have no version of TLS in common";
	default:
		return NULL;
	}
}
