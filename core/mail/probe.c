/* SPDX-License-Identifier: MIT */
#include "core/mail/probe.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>
#include <time.h>

#include <curl/curl.h>

#include "core/mail/clean.h"
#include "core/mail/relay.h"
#include "core/mail/words.h"
#include "core/text.h"

/* Of OpenSSL's verdicts on a certificate (X509_V_ERR_…). */
#define VERDICT_NONE      1 /* up to here nothing is wrong with it but its name */
#define VERDICT_NOT_YET   9
#define VERDICT_EXPIRED   10
#define VERDICT_HOST_NAME 62
#define REPLY_MAX         512

/* One look under way. */
struct look {
	struct probe *p;
	CURL *curl;
	bool hello, quitting, greeted;
	char reply[REPLY_MAX];
	char error[CURL_ERROR_SIZE];
};

static void copy(char *out, size_t room, const char *text, size_t len)
{
	if (len >= room)
		len = room - 1;
	memcpy(out, text, len);
	out[len] = 0;
}

/* What is offered counts from the last EHLO on. */
static void forget_offers(struct probe *p)
{
	p->starttls = p->utf8 = p->eight_bit = p->pipelining = p->size_told = false;
	p->size = 0;
	p->auth[0] = 0;
}

/* libcurl tells the version of TLS in a sentence alone. */
static void watch_tls(struct probe *p, const char *data, size_t len)
{
	static const char begin[] = "SSL connection using ";
	const size_t skip = sizeof(begin) - 1;

	if (len <= skip || memcmp(data, begin, skip))
		return;
	copy(p->tls, sizeof(p->tls), data + skip, len - skip);
	p->tls[strcspn(p->tls, " /\r\n")] = 0;
}

static int watch_command(CURL *curl, curl_infotype type, char *data, size_t len, void *context)
{
	struct look *l = context;

	(void)curl;
	if (type == CURLINFO_TEXT)
		watch_tls(l->p, data, len);
	if (type != CURLINFO_HEADER_OUT || len < 4)
		return 0;
	l->hello = !memcmp(data, "EHLO", 4);
	if (l->hello)
		forget_offers(l->p);
	l->quitting = l->quitting || !memcmp(data, "QUIT", 4);
	return 0;
}

/* A keyword of EHLO's answer, "SIZE 20480000". */
static void take_offer(struct probe *p, const char *line)
{
	size_t word = strcspn(line, " ");
	const char *rest = line[word] ? line + word + 1 : "";

	if (!strcasecmp(line, "STARTTLS"))
		p->starttls = true;
	else if (!strcasecmp(line, "SMTPUTF8"))
		p->utf8 = true;
	else if (!strcasecmp(line, "8BITMIME"))
		p->eight_bit = true;
	else if (!strcasecmp(line, "PIPELINING"))
		p->pipelining = true;
	else if (word == 4 && !strncasecmp(line, "AUTH", 4))
		words_text(p->auth, sizeof(p->auth), rest);
	else if (word == 4 && !strncasecmp(line, "SIZE", 4))
		p->size_told = !number_read(&p->size, rest, strlen(rest)) || !*rest;
}

static size_t watch_reply(char *data, size_t size, size_t n, void *context)
{
	struct look *l = context;
	size_t len = size * n, kept = len;
	uint64_t code;

	while (len && (data[len - 1] == '\n' || data[len - 1] == '\r'))
		len--;
	if (l->quitting)
		return kept;
	if (len < 3 || number_read(&code, data, 3))
		return kept;
	l->greeted = true;
	l->p->code = (unsigned)code;
	copy(l->reply, sizeof(l->reply), len > 4 ? data + 4 : "", len > 4 ? len - 4 : 0);
	if (l->hello && code == 250)
		take_offer(l->p, l->reply);
	return kept;
}

static enum probe_end judge_certificate(CURL *curl)
{
	long verdict = 0;

	curl_easy_getinfo(curl, CURLINFO_SSL_VERIFYRESULT, &verdict);
	if (verdict <= VERDICT_NONE || verdict == VERDICT_HOST_NAME)
		return PROBE_MISNAMED;
	return verdict == VERDICT_EXPIRED || verdict == VERDICT_NOT_YET ? PROBE_EXPIRED
	                                                                : PROBE_UNKNOWN;
}

static enum probe_end judge(const struct look *l, CURLcode rc)
{
	switch (rc) {
	case CURLE_OK:
		return PROBE_WELL;
	case CURLE_COULDNT_RESOLVE_HOST:
		return PROBE_NO_NAME;
	case CURLE_USE_SSL_FAILED:
		return PROBE_NO_TLS;
	case CURLE_PEER_FAILED_VERIFICATION:
		return judge_certificate(l->curl);
	case CURLE_SSL_CONNECT_ERROR:
	case CURLE_SSL_CIPHER:
		return PROBE_HANDSHAKE;
	case CURLE_LOGIN_DENIED:
	case CURLE_AUTH_ERROR:
		return PROBE_DENIED;
	default:
		/* An answer to NOOP that is none of 2xx says nothing against a relay that let us
		 * in. */
		return l->greeted || rc == CURLE_WEIRD_SERVER_REPLY ? PROBE_NO_SMTP
		                                                    : PROBE_NO_ANSWER;
	}
}

static uint64_t date_of(const char *text)
{
	time_t at = curl_getdate(text, NULL);

	return at > 0 ? (uint64_t)at : 0;
}

/* The first certificate of the chain is the relay's own. */
static void read_certificate(struct probe *p, CURL *curl)
{
	static const char expires[] = "Expire date:", issuer[] = "Issuer:";
	struct curl_certinfo *chain = NULL;

	curl_easy_getinfo(curl, CURLINFO_CERTINFO, &chain);
	if (!chain || chain->num_of_certs < 1)
		return;
	for (const struct curl_slist *at = chain->certinfo[0]; at; at = at->next) {
		if (!strncmp(at->data, expires, sizeof(expires) - 1))
			p->expires = date_of(at->data + sizeof(expires) - 1);
		if (!strncmp(at->data, issuer, sizeof(issuer) - 1))
			words_text(p->issuer, sizeof(p->issuer), at->data + sizeof(issuer) - 1);
	}
}

static void fill(struct look *l, CURLcode rc)
{
	struct probe *p = l->p;
	char *address = NULL;

	p->end = judge(l, rc);
	curl_easy_getinfo(l->curl, CURLINFO_PRIMARY_IP, &address);
	if (address)
		copy(p->address, sizeof(p->address), address, strlen(address));
	read_certificate(p, l->curl);
	words_text(p->text, sizeof(p->text),
	           p->code >= 400 ? l->reply
	           : l->error[0]  ? l->error
	           : rc           ? curl_easy_strerror(rc)
	                          : "");
}

static void set_look(struct look *l)
{
	CURL *c = l->curl;

	curl_easy_setopt(c, CURLOPT_CUSTOMREQUEST, "NOOP");
	curl_easy_setopt(c, CURLOPT_NOBODY, 1L);
	curl_easy_setopt(c, CURLOPT_CERTINFO, 1L);
	curl_easy_setopt(c, CURLOPT_HEADERFUNCTION, watch_reply);
	curl_easy_setopt(c, CURLOPT_HEADERDATA, l);
	curl_easy_setopt(c, CURLOPT_DEBUGFUNCTION, watch_command);
	curl_easy_setopt(c, CURLOPT_DEBUGDATA, l);
	curl_easy_setopt(c, CURLOPT_VERBOSE, 1L); /* to watch_command, not to stderr */
	curl_easy_setopt(c, CURLOPT_ERRORBUFFER, l->error);
}

enum err probe_relay(struct probe *p, const struct relay *relay, struct why *why)
{
	struct look l = { .p = p };
	enum err e;

	memset(p, 0, sizeof(*p));
	clean_curl();
	l.curl = curl_easy_init();
	if (!l.curl)
		return why_set(why, ERR_MEMORY, "out of memory");
	set_look(&l);
	e = relay_apply(l.curl, relay, why);
	if (!e)
		fill(&l, curl_easy_perform(l.curl));
	l.quitting = true;
	curl_easy_cleanup(l.curl);
	return e;
}
