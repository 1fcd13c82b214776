/* SPDX-License-Identifier: MIT */
#include "core/mail/smtp.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <curl/curl.h>

#include "core/mail/clean.h"
#include "core/mail/relay.h"
#include "core/mail/words.h"
#include "core/text.h"

#define REPLY_MAX 512

/* How far a conversation came: the last command that went out. */
enum stage {
	STAGE_CONNECT,
	STAGE_HELLO,
	STAGE_TLS,
	STAGE_AUTH,
	STAGE_MAIL,
	STAGE_RCPT,
	STAGE_DATA,
	STAGE_BODY, /* and 354 came back */
};

struct smtp {
	CURL *curl;
	enum smtp_tls tls;
	unsigned per_connection, on_connection;
	bool utf8_offered; /* SMTPUTF8, by the connection that is open */
	/* The message under way */
	const char *message;
	size_t len, at;
	bool needs_utf8, utf8_missing;
	enum stage stage;
	bool quitting;   /* after a refusal; the answer to QUIT is of no interest */
	unsigned code;   /* of the last whole reply */
	bool reply_ends; /* the next line begins another reply */
	char reply[REPLY_MAX];
	size_t reply_len;
	char error[CURL_ERROR_SIZE];
};

static size_t give_message(char *out, size_t size, size_t n, void *context)
{
	struct smtp *s = context;
	size_t room = size * n, left = s->len - s->at;
	size_t len = left < room ? left : room;

	/* What is left of the message before, which held a token, goes: at the end, when nothing is
	 * given, all of it. */
	explicit_bzero(out, room);
	memcpy(out, s->message + s->at, len);
	s->at += len;
	return len;
}

/* libcurl tells what it sends; only the first letters of a command are looked at. */
static int watch_command(CURL *curl, curl_infotype type, char *data, size_t len, void *context)
{
	static const struct {
		char word[5];
		enum stage stage;
	} commands[] = {
		{ "EHLO", STAGE_HELLO }, { "HELO", STAGE_HELLO }, { "STAR", STAGE_TLS },
		{ "AUTH", STAGE_AUTH },  { "MAIL", STAGE_MAIL },  { "RCPT", STAGE_RCPT },
		{ "DATA", STAGE_DATA },
	};
	struct smtp *s = context;

	(void)curl;
	if (type != CURLINFO_HEADER_OUT || len < 4)
		return 0;
	if (!memcmp(data, "QUIT", 4))
		s->quitting = true;
	for (size_t i = 0; i < sizeof(commands) / sizeof(commands[0]); i++)
		if (!memcmp(data, commands[i].word, 4))
			s->stage = commands[i].stage;
	return 0;
}

static void keep_reply(struct smtp *s, const char *text, size_t len)
{
	if (s->reply_ends)
		s->reply_len = 0;
	if (s->reply_len && s->reply_len < REPLY_MAX - 1)
		s->reply[s->reply_len++] = ' ';
	if (len > REPLY_MAX - 1 - s->reply_len)
		len = REPLY_MAX - 1 - s->reply_len;
	memcpy(s->reply + s->reply_len, text, len);
	s->reply_len += len;
	s->reply[s->reply_len] = 0;
}

/* A whole reply is in. False where the conversation must end before MAIL. */
static bool take_reply(struct smtp *s, unsigned code)
{
	s->code = code;
	if (s->stage == STAGE_DATA && code == 354) {
		s->stage = STAGE_BODY;
		s->code = 0;
	}
	s->utf8_missing = s->stage == STAGE_HELLO && s->needs_utf8 && !s->utf8_offered;
	return !s->utf8_missing;
}

/* Each line that the relay says. */
static size_t watch_reply(char *data, size_t size, size_t n, void *context)
{
	struct smtp *s = context;
	size_t len = size * n, kept = len, text;
	uint64_t code;

	while (len && (data[len - 1] == '\n' || data[len - 1] == '\r'))
		len--;
	if (s->quitting || len < 3 || number_read(&code, data, 3))
		return kept;
	text = len > 3 ? 4 : 3;
	keep_reply(s, data + text, len - text);
	if (s->stage == STAGE_HELLO && len >= 12 && !strncasecmp(data + 4, "SMTPUTF8", 8))
		s->utf8_offered = true;
	s->reply_ends = len == 3 || data[3] != '-';
	if (s->reply_ends && !take_reply(s, (unsigned)code))
		return 0;
	return kept;
}

enum err smtp_open(struct smtp **out, const struct relay *relay, struct why *why)
{
	struct smtp *s = calloc(1, sizeof(*s));
	enum err e;

	clean_curl();
	if (s)
		s->curl = curl_easy_init();
	if (!s || !s->curl) {
		smtp_close(s);
		return why_set(why, ERR_MEMORY, "out of memory");
	}
	s->tls = relay->tls;
	s->per_connection = relay->per_connection ? relay->per_connection : 100;
	curl_easy_setopt(s->curl, CURLOPT_UPLOAD, 1L);
	curl_easy_setopt(s->curl, CURLOPT_UPLOAD_BUFFERSIZE, 16384L); /* little to wipe */
	curl_easy_setopt(s->curl, CURLOPT_READFUNCTION, give_message);
	curl_easy_setopt(s->curl, CURLOPT_READDATA, s);
	curl_easy_setopt(s->curl, CURLOPT_HEADERFUNCTION, watch_reply);
	curl_easy_setopt(s->curl, CURLOPT_HEADERDATA, s);
	curl_easy_setopt(s->curl, CURLOPT_DEBUGFUNCTION, watch_command);
	curl_easy_setopt(s->curl, CURLOPT_DEBUGDATA, s);
	curl_easy_setopt(s->curl, CURLOPT_VERBOSE, 1L); /* to watch_command, not to stderr */
	curl_easy_setopt(s->curl, CURLOPT_ERRORBUFFER, s->error);
	e = relay_apply(s->curl, relay, why);
	if (e) {
		smtp_close(s);
		return e;
	}
	*out = s;
	return OK;
}

void smtp_close(struct smtp *s)
{
	if (s && s->curl) {
		s->quitting = true;
		curl_easy_cleanup(s->curl);
	}
	free(s);
}

/* Trouble that every other message would meet, too: TLS, certificates, the password. */
static bool relay_at_fault(CURLcode rc)
{
	switch (rc) {
	case CURLE_USE_SSL_FAILED:
	case CURLE_SSL_CONNECT_ERROR:
	case CURLE_PEER_FAILED_VERIFICATION:
	case CURLE_SSL_CACERT_BADFILE:
	case CURLE_SSL_CERTPROBLEM:
	case CURLE_SSL_CIPHER:
	case CURLE_LOGIN_DENIED:
	case CURLE_AUTH_ERROR:
	case CURLE_URL_MALFORMAT:
	case CURLE_UNSUPPORTED_PROTOCOL:
		return true;
	default:
		return false;
	}
}

static bool asks_to_log_in(unsigned code)
{
	return code == 530 || code == 534 || code == 535 || code == 538;
}

static enum smtp_outcome judge(const struct smtp *s, CURLcode rc)
{
	unsigned class = s->code / 100;

	if (s->utf8_missing)
		return SMTP_REFUSED;
	if (!rc && s->stage == STAGE_BODY && class == 2)
		return SMTP_ACCEPTED;
	if (class == 4)
		return SMTP_DEFERRED;
	if (relay_at_fault(rc) || asks_to_log_in(s->code))
		return SMTP_BROKEN;
	if (class == 5)
		return s->stage < STAGE_MAIL ? SMTP_BROKEN : SMTP_REFUSED;
	/* Silence after the last byte was handed over: the relay may have the message. */
	if (s->stage == STAGE_BODY && s->at == s->len)
		return SMTP_UNCERTAIN;
	return SMTP_DEFERRED;
}

/* What a person may do about a relay that is at fault for everyone. */
static const char *advice(const struct smtp *s, CURLcode rc)
{
	long distrust = 0;

	if (asks_to_log_in(s->code) || rc == CURLE_LOGIN_DENIED)
		return "see user and password_file";
	if (rc == CURLE_PEER_FAILED_VERIFICATION) {
		curl_easy_getinfo(s->curl, CURLINFO_SSL_VERIFYRESULT, &distrust);
		/* 0 or 1: nothing is wrong with it but its name. */
		return distrust > 1 ? "name the certificate of its authority in ca_file"
		                    : "set host to a name that its certificate has";
	}
	if (rc == CURLE_USE_SSL_FAILED)
		return "for a port that is TLS from its first byte (465) set tls = implicit";
	if (rc == CURLE_SSL_CONNECT_ERROR && s->tls == SMTP_TLS_IMPLICIT)
		return "for a port that begins in the clear (587) set tls = starttls";
	return NULL;
}

static void fill_answer(const struct smtp *s, CURLcode rc, struct smtp_answer *a)
{
	const char *words = s->error[0] ? s->error : curl_easy_strerror(rc);

	memset(a, 0, sizeof(*a));
	a->outcome = judge(s, rc);
	/* What was said before silence fell decides nothing. */
	a->code = s->code >= 400 || a->outcome == SMTP_ACCEPTED ? s->code : 0;
	if (s->utf8_missing)
		words = "the relay does not take addresses in this script (SMTPUTF8)";
	else if (a->code)
		words = s->reply;
	words_status(a->status, sizeof(a->status), a->code ? s->reply : "");
	words_text(a->text, sizeof(a->text), words);
	words_advise(a->text, sizeof(a->text), a->outcome == SMTP_BROKEN ? advice(s, rc) : NULL);
	if (a->outcome == SMTP_ACCEPTED)
		words_queue_id(a->queue_id, sizeof(a->queue_id), s->reply);
}

static void begin(struct smtp *s, const void *message, size_t len)
{
	s->message = message;
	s->len = len;
	s->at = 0;
	s->stage = STAGE_CONNECT;
	s->quitting = s->utf8_missing = false;
	s->code = 0;
	s->reply_ends = true;
	s->reply_len = 0;
	s->reply[0] = s->error[0] = 0;
}

/* An idle connection that the relay has closed answers 421, or nothing: the message was not
 * taken, and a fresh connection may do better. */
static bool went_stale(const struct smtp *s, CURLcode rc)
{
	long fresh = 1;

	if (!rc || s->stage == STAGE_BODY || s->utf8_missing)
		return false;
	curl_easy_getinfo(s->curl, CURLINFO_NUM_CONNECTS, &fresh);
	return !fresh && (s->code == 421 || !s->code);
}

/* Once through libcurl. The connection is closed after its share of messages. */
static CURLcode perform(struct smtp *s, const void *message, size_t len, bool fresh)
{
	bool last = ++s->on_connection >= s->per_connection;
	long connects = 0;
	CURLcode rc;

	begin(s, message, len);
	curl_easy_setopt(s->curl, CURLOPT_FRESH_CONNECT, fresh ? 1L : 0L);
	curl_easy_setopt(s->curl, CURLOPT_FORBID_REUSE, last ? 1L : 0L);
	rc = curl_easy_perform(s->curl);
	curl_easy_getinfo(s->curl, CURLINFO_NUM_CONNECTS, &connects);
	if (connects || last)
		s->on_connection = last ? 0 : 1;
	return rc;
}

void smtp_send(struct smtp *s, const char *from, const char *to, const void *message, size_t len,
               struct smtp_answer *answer)
{
	struct curl_slist *recipient = NULL;
	char bracketed[ADDRESS_BYTES + 3];
	CURLcode rc;

	memset(answer, 0, sizeof(*answer));
	answer->outcome = SMTP_REFUSED;
	if (!address_ok(to) || (*from && !address_ok(from))) {
		words_text(answer->text, sizeof(answer->text),
		           "the address cannot stand in an envelope");
		return;
	}
	snprintf(bracketed, sizeof(bracketed), "<%s>", to);
	recipient = curl_slist_append(NULL, bracketed);
	if (!recipient) {
		answer->outcome = SMTP_DEFERRED;
		return;
	}
	s->needs_utf8 = !address_ascii(to) || !address_ascii(from);
	curl_easy_setopt(s->curl, CURLOPT_MAIL_RCPT, recipient);
	curl_easy_setopt(s->curl, CURLOPT_MAIL_FROM, *from ? from : NULL);
	curl_easy_setopt(s->curl, CURLOPT_INFILESIZE_LARGE, (curl_off_t)len);
	rc = perform(s, message, len, false);
	if (went_stale(s, rc))
		rc = perform(s, message, len, true);
	fill_answer(s, rc, answer);
	curl_easy_setopt(s->curl, CURLOPT_MAIL_RCPT, NULL);
	curl_slist_free_all(recipient);
	s->message = NULL;
}
