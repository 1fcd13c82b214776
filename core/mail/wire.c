/* SPDX-License-Identifier: MIT */
#include "core/mail/wire.h"

#include <poll.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include <curl/curl.h>

#include "core/mail/clean.h"
#include "core/mail/relay.h"
#include "core/monotime.h"
#include "core/text.h"

#define LINES_MAX 100 /* of one reply */
#define LINE_ROOM 2048

struct wire {
	CURL *model; /* all settings; each connection is a copy of it */
	CURL *curl;  /* the connection, NULL where there is none */
	int fd;
	enum smtp_tls tls;
	unsigned timeout; /* seconds */
	bool worked;      /* it was connected once: `tls` is right */
	struct offer offer;
	/* While libcurl connects: the relay's words pass by. */
	struct reply reply;
	size_t reply_len;
	bool reply_ends;
	/* What has come and was not read yet */
	char in[LINE_ROOM];
	size_t in_len;
	/* The last trouble */
	CURLcode rc;
	long distrust;
	const char *words;
	char error[CURL_ERROR_SIZE];
};

static void reply_begin(struct wire *w, struct reply *reply)
{
	reply->code = 0;
	reply->text[0] = 0;
	w->reply_len = 0;
	w->reply_ends = false;
}

static void keep_text(struct wire *w, struct reply *reply, const char *text, size_t len)
{
	size_t room = REPLY_MAX - 1 - w->reply_len;

	if (w->reply_len && room) {
		reply->text[w->reply_len++] = ' ';
		room--;
	}
	if (len > room)
		len = room;
	memcpy(reply->text + w->reply_len, text, len);
	w->reply_len += len;
	reply->text[w->reply_len] = 0;
}

/* One line of a reply, without its end. False where it is none. */
static bool read_line(struct wire *w, struct reply *reply, const char *line, size_t len)
{
	uint64_t code;

	if (len < 3 || number_read(&code, line, 3) || (len > 3 && line[3] != ' ' && line[3] != '-'))
		return false;
	if (len > 4)
		keep_text(w, reply, line + 4, len - 4);
	w->reply_ends = len == 3 || line[3] == ' ';
	if (w->reply_ends)
		reply->code = (unsigned)code;
	return true;
}

static bool offers(const char *line, size_t len, const char *name)
{
	size_t n = strlen(name);

	return len >= 4 + n && !strncasecmp(line + 4, name, n) &&
	       (len == 4 + n || line[4 + n] == ' ');
}

/* Each line that the relay says while libcurl connects. */
static size_t watch(char *data, size_t size, size_t n, void *context)
{
	struct wire *w = context;
	size_t len = size * n, whole = len;
	bool first;

	while (len && (data[len - 1] == '\n' || data[len - 1] == '\r'))
		len--;
	first = w->reply_ends;
	if (first)
		reply_begin(w, &w->reply);
	if (!read_line(w, &w->reply, data, len) || strncmp(data, "250", 3) != 0)
		return whole;
	/* What was offered before TLS may have been anybody's. */
	if (first)
		w->offer = (struct offer){ 0 };
	w->offer.utf8 |= offers(data, len, "SMTPUTF8");
	w->offer.size |= offers(data, len, "SIZE");
	w->offer.pipelining |= offers(data, len, "PIPELINING");
	return whole;
}

enum err wire_new(struct wire **out, const struct relay *relay, struct why *why)
{
	struct wire *w = calloc(1, sizeof(*w));
	enum err e;

	clean_curl();
	if (w)
		w->model = curl_easy_init();
	if (!w || !w->model) {
		wire_free(w);
		return why_set(why, ERR_MEMORY, "out of memory");
	}
	w->tls = relay->tls;
	w->timeout = relay->timeout ? relay->timeout : 60;
	curl_easy_setopt(w->model, CURLOPT_CONNECT_ONLY, 1L);
	curl_easy_setopt(w->model, CURLOPT_HEADERFUNCTION, watch);
	curl_easy_setopt(w->model, CURLOPT_HEADERDATA, w);
	curl_easy_setopt(w->model, CURLOPT_ERRORBUFFER, w->error);
	e = relay_apply(w->model, relay, why);
	if (e)
		wire_free(w);
	else
		*out = w;
	return e;
}

void wire_free(struct wire *w)
{
	if (!w)
		return;
	wire_hang_up(w, true);
	if (w->model)
		curl_easy_cleanup(w->model);
	free(w);
}

bool wire_connect(struct wire *w)
{
	curl_socket_t fd = CURL_SOCKET_BAD;

	wire_hang_up(w, true);
	w->offer = (struct offer){ 0 };
	w->in_len = 0;
	w->distrust = 0;
	w->words = NULL;
	w->error[0] = 0;
	reply_begin(w, &w->reply);
	w->curl = curl_easy_duphandle(w->model);
	w->rc = w->curl ? curl_easy_perform(w->curl) : CURLE_OUT_OF_MEMORY;
	if (!w->rc)
		w->rc = curl_easy_getinfo(w->curl, CURLINFO_ACTIVESOCKET, &fd);
	if (!w->rc && fd != CURL_SOCKET_BAD) {
		w->fd = fd;
		w->worked = true;
		return true;
	}
	if (w->curl)
		curl_easy_getinfo(w->curl, CURLINFO_SSL_VERIFYRESULT, &w->distrust);
	w->fd = -1;
	wire_hang_up(w, false);
	return false;
}

bool wire_connected(const struct wire *w)
{
	return w->curl != NULL;
}

/* libcurl says QUIT when it lets go of a connection, and waits for the answer; not where there is
 * nobody any more. */
void wire_hang_up(struct wire *w, bool politely)
{
	if (!w->curl)
		return;
	if (!politely && w->fd >= 0)
		shutdown(w->fd, SHUT_RDWR);
	curl_easy_setopt(w->curl, CURLOPT_HEADERFUNCTION, NULL);
	curl_easy_cleanup(w->curl);
	w->curl = NULL;
	w->fd = -1;
}

struct offer wire_offer(const struct wire *w)
{
	return w->offer;
}

static bool lost(struct wire *w, CURLcode rc, const char *words)
{
	w->rc = rc;
	w->words = words;
	wire_hang_up(w, false);
	return false;
}

/* Until the socket is ready, or the deadline is over. */
static bool ready(struct wire *w, short events, uint64_t deadline)
{
	struct pollfd p = { .fd = w->fd, .events = events };
	uint64_t now;

	while ((now = monotime_ms()) < deadline)
		if (poll(&p, 1, (int)(deadline - now)) > 0)
			return true;
	return lost(w, CURLE_OPERATION_TIMEDOUT, "the relay does not answer");
}

bool wire_say(struct wire *w, const void *bytes, size_t len)
{
	const char *at = bytes, *end = at + len;
	uint64_t deadline = monotime_ms() + (uint64_t)w->timeout * 1000;

	while (at < end) {
		size_t sent = 0;
		CURLcode rc = curl_easy_send(w->curl, at, (size_t)(end - at), &sent);

		at += rc ? 0 : sent;
		if (rc && rc != CURLE_AGAIN)
			return lost(w, rc, "the relay has hung up");
		if (rc && !ready(w, POLLOUT, deadline))
			return false;
	}
	return true;
}

/* The length of the first line that has come, its end included; 0 where there is none yet. */
static size_t line_there(const struct wire *w)
{
	const char *end = memchr(w->in, '\n', w->in_len);

	return end ? (size_t)(end - w->in) + 1 : 0;
}

/* At least one whole line into `in`. Under TLS something may have come already that the socket
 * does not tell of. */
static bool fetch_line(struct wire *w, uint64_t deadline)
{
	bool look_first = w->tls == SMTP_TLS_NONE;

	while (!line_there(w)) {
		size_t got = 0;
		CURLcode rc;

		if (w->in_len == sizeof(w->in))
			return lost(w, CURLE_WEIRD_SERVER_REPLY, "the relay says too much");
		if (look_first && !ready(w, POLLIN, deadline))
			return false;
		rc = curl_easy_recv(w->curl, w->in + w->in_len, sizeof(w->in) - w->in_len, &got);
		look_first = true;
		if (rc == CURLE_AGAIN)
			continue;
		if (rc || !got)
			return lost(w, rc, "the relay has hung up");
		w->in_len += got;
		look_first = w->tls == SMTP_TLS_NONE;
	}
	return true;
}

bool wire_hear(struct wire *w, struct reply *reply, unsigned at_least)
{
	unsigned seconds = w->timeout > at_least ? w->timeout : at_least;
	uint64_t deadline = monotime_ms() + (uint64_t)seconds * 1000;

	reply_begin(w, reply);
	for (unsigned lines = 0; !w->reply_ends; lines++) {
		size_t whole, len;

		if (lines == LINES_MAX)
			return lost(w, CURLE_WEIRD_SERVER_REPLY, "the relay says too much");
		if (!fetch_line(w, deadline))
			return false;
		whole = len = line_there(w);
		while (len && (w->in[len - 1] == '\n' || w->in[len - 1] == '\r'))
			len--;
		if (!read_line(w, reply, w->in, len))
			return lost(w, CURLE_WEIRD_SERVER_REPLY, "the relay does not speak SMTP");
		w->in_len -= whole;
		memmove(w->in, w->in + whole, w->in_len);
	}
	return true;
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

/* What a person may do about a relay that is at fault for everyone. */
static const char *advice(const struct wire *w)
{
	switch (w->rc) {
	case CURLE_LOGIN_DENIED:
		return "see user and password_file";
	case CURLE_PEER_FAILED_VERIFICATION:
		/* 0 or 1: nothing is wrong with it but its name. */
		return w->distrust > 1 ? "name the certificate of its authority in ca_file"
		                       : "set host to a name that its certificate has";
	case CURLE_USE_SSL_FAILED:
		return w->worked ? NULL
		                 : "for a port that is TLS from its first byte (465) set tls = "
		                   "implicit";
	case CURLE_SSL_CONNECT_ERROR:
		if (w->tls == SMTP_TLS_IMPLICIT && !w->worked)
			return "for a port that begins in the clear (587) set tls = starttls";
		return NULL;
	default:
		return NULL;
	}
}

struct trouble wire_trouble(const struct wire *w)
{
	return (struct trouble){
		.reply = w->reply,
		.at_fault = relay_at_fault(w->rc),
		.words = w->words      ? w->words
		         : w->error[0] ? w->error
		                       : curl_easy_strerror(w->rc),
		.advice = advice(w),
	};
}
