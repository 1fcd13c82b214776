/* SPDX-License-Identifier: MIT */
#include "mailer/dns.h"

#include <arpa/inet.h>
#include <netdb.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <ares.h>
#include <arpa/nameser.h>

#include "core/buf.h"

#define TRIES       2
#define SILENCES    3 /* after so many nobody is asked any more: no page takes minutes */
#define SOCKETS_MAX 8 /* that one question may have open: servers, by UDP and TCP */

/* To c-ares a server that fails or refuses is one that is away: it asks the next, and in the end
 * does not say which it was. With NOCHECKRESP the first server's word is the answer, whatever it
 * is: so the first channel asks, and the second asks what was wrong where nobody answered. */
enum { ASK, ASK_WHY, CHANNELS };
static const int flags[CHANNELS] = { [ASK_WHY] = ARES_FLAG_NOCHECKRESP };

struct dns {
	ares_channel channel[CHANNELS];
	unsigned silences; /* questions in a row that nobody answered */
};

/* A question under way. */
struct question {
	struct dns_reply *reply;
	enum dns_kind kind;
	bool done, silent, away;
	enum err e;
};

static enum err open_channel(ares_channel *out, int flag, const char *resolver, unsigned timeout,
                             struct why *why)
{
	struct ares_options options = { .flags = flag, .timeout = (int)timeout, .tries = TRIES };
	int status = ares_init_options(out, &options,
	                               ARES_OPT_FLAGS | ARES_OPT_TIMEOUTMS | ARES_OPT_TRIES);

	if (status) {
		*out = NULL;
		return status == ARES_ENOMEM
		               ? why_set(why, ERR_MEMORY, "out of memory")
		               : why_set(why, ERR_SETTINGS, "the system's DNS resolver: %s",
		                         ares_strerror(status));
	}
	if (*resolver && ares_set_servers_ports_csv(*out, resolver))
		return why_set(why, ERR_SETTINGS,
		               "[preflight] resolver: write the address of a DNS server, like "
		               "192.0.2.1 or 127.0.0.1:5353");
	return OK;
}

enum err dns_open(struct dns **out, const char *resolver, unsigned timeout, struct why *why)
{
	struct dns *d = calloc(1, sizeof(*d));
	enum err e = OK;

	if (!d || ares_library_init(ARES_LIB_INIT_ALL)) {
		free(d);
		return why_set(why, ERR_MEMORY, "out of memory");
	}
	for (unsigned i = 0; !e && i < CHANNELS; i++)
		e = open_channel(&d->channel[i], flags[i], resolver, timeout, why);
	if (e)
		dns_close(d);
	else
		*out = d;
	return e;
}

void dns_close(struct dns *d)
{
	if (!d)
		return;
	for (unsigned i = 0; i < CHANNELS; i++)
		if (d->channel[i])
			ares_destroy(d->channel[i]);
	ares_library_cleanup();
	free(d);
}

void dns_reply_release(struct dns_reply *r)
{
	for (unsigned i = 0; i < r->n; i++)
		free(r->text[i]);
	memset(r, 0, sizeof(*r));
}

/* One record more, what is not printable ASCII made a '?'. */
static void keep(struct question *q, const char *text, size_t len)
{
	struct dns_reply *r = q->reply;
	char *own;

	if (r->n == DNS_RECORDS_MAX) {
		r->more = true;
		return;
	}
	if (len > DNS_TEXT_MAX)
		len = DNS_TEXT_MAX;
	own = malloc(len + 1);
	if (!own) {
		q->e = ERR_MEMORY;
		return;
	}
	for (size_t i = 0; i < len; i++)
		own[i] = text[i];
	for (size_t i = 0; i < len; i++)
		if (own[i] < 0x20 || own[i] > 0x7e)
			own[i] = '?';
	own[len] = 0;
	r->text[r->n++] = own;
}

static int take_texts(struct question *q, const unsigned char *answer, int len)
{
	struct buf whole = BUF_INIT(DNS_TEXT_MAX);
	struct ares_txt_ext *first = NULL;
	int status = ares_parse_txt_reply_ext(answer, len, &first);

	for (const struct ares_txt_ext *at = first; at; at = at->next) {
		buf_add(&whole, at->txt, at->length);
		if (at->next && !at->next->record_start)
			continue;
		keep(q, buf_text(&whole), whole.len);
		buf_clear(&whole);
	}
	buf_free(&whole);
	if (first)
		ares_free_data(first);
	return status;
}

static int by_preference(const void *a, const void *b)
{
	const struct ares_mx_reply *const *left = a, *const *right = b;

	return (*left)->priority - (*right)->priority;
}

static int take_exchangers(struct question *q, const unsigned char *answer, int len)
{
	const struct ares_mx_reply *sorted[DNS_RECORDS_MAX];
	struct ares_mx_reply *first = NULL;
	int status = ares_parse_mx_reply(answer, len, &first);
	unsigned n = 0;

	for (const struct ares_mx_reply *at = first; at && n < DNS_RECORDS_MAX; at = at->next)
		sorted[n++] = at;
	qsort(sorted, n, sizeof(*sorted), by_preference);
	for (unsigned i = 0; i < n; i++)
		keep(q, sorted[i]->host, strlen(sorted[i]->host));
	if (first)
		ares_free_data(first);
	return status;
}

static int take_names(struct question *q, const unsigned char *answer, int len)
{
	struct hostent *host = NULL;
	int status = ares_parse_ptr_reply(answer, len, NULL, 0, AF_INET, &host);

	for (unsigned i = 0; !status && host->h_aliases && host->h_aliases[i]; i++)
		keep(q, host->h_aliases[i], strlen(host->h_aliases[i]));
	if (!status && !q->reply->n && host->h_name)
		keep(q, host->h_name, strlen(host->h_name));
	if (host)
		ares_free_hostent(host);
	return status;
}

static void settle(struct question *q, int status)
{
	struct dns_reply *r = q->reply;

	q->done = true;
	q->silent = status == ARES_ETIMEOUT;
	q->away = status == ARES_ECONNREFUSED;
	if (status == ARES_ENOMEM)
		q->e = ERR_MEMORY;
	r->result = status == ARES_SUCCESS     ? DNS_FOUND
	            : status == ARES_ENODATA   ? DNS_NO_RECORD
	            : status == ARES_ENOTFOUND ? DNS_NO_NAME
	                                       : DNS_FAILED;
	if (r->result == DNS_FOUND && !r->n)
		r->result = DNS_NO_RECORD;
	if (r->result == DNS_FAILED)
		snprintf(r->trouble, sizeof(r->trouble), "%s",
		         status == ARES_ETIMEOUT    ? "No answer in time."
		         : status == ARES_ESERVFAIL ? "The servers of that domain fail (SERVFAIL)."
		         : status == ARES_EREFUSED  ? "The resolver refuses to tell (REFUSED)."
		         : status == ARES_ECONNREFUSED ? "No DNS server can be reached."
		         : status == ARES_EBADRESP     ? "An answer that cannot be read."
		                                       : ares_strerror(status));
}

static void take_answer(void *context, int status, int timeouts, unsigned char *answer, int len)
{
	struct question *q = context;

	(void)timeouts;
	if (status == ARES_SUCCESS)
		status = q->kind == DNS_TXT  ? take_texts(q, answer, len)
		         : q->kind == DNS_MX ? take_exchangers(q, answer, len)
		                             : take_names(q, answer, len);
	settle(q, status);
}

static void take_addresses(void *context, int status, int timeouts, struct ares_addrinfo *found)
{
	struct question *q = context;
	char text[INET6_ADDRSTRLEN];

	(void)timeouts;
	for (const struct ares_addrinfo_node *at = found ? found->nodes : NULL; at;
	     at = at->ai_next) {
		const void *bytes =
			at->ai_family == AF_INET
				? (const void *)&((const struct sockaddr_in *)(void *)at->ai_addr)
					  ->sin_addr
				: (const void *)&((const struct sockaddr_in6 *)(void *)at->ai_addr)
					  ->sin6_addr;

		if (inet_ntop(at->ai_family, bytes, text, sizeof(text)))
			keep(q, text, strlen(text));
	}
	if (found)
		ares_freeaddrinfo(found);
	settle(q, status);
}

/* Until the question is answered: c-ares keeps its own time. */
static void wait_for(ares_channel channel, const struct question *q)
{
	while (!q->done) {
		ares_socket_t socket[SOCKETS_MAX];
		struct pollfd fd[SOCKETS_MAX];
		struct timeval longest = { 1, 0 }, own;
		const struct timeval *next = ares_timeout(channel, &longest, &own);
		int bits = ares_getsock(channel, socket, SOCKETS_MAX);
		nfds_t n = 0;

		for (int i = 0; i < SOCKETS_MAX; i++) {
			int events = (ARES_GETSOCK_READABLE(bits, i) ? POLLIN : 0) |
			             (ARES_GETSOCK_WRITABLE(bits, i) ? POLLOUT : 0);

			if (events)
				fd[n++] = (struct pollfd){ socket[i], (short)events, 0 };
		}
		poll(fd, n, (int)(next->tv_sec * 1000 + next->tv_usec / 1000 + 1));
		for (nfds_t i = 0; i < n; i++)
			ares_process_fd(channel,
			                fd[i].revents & ~POLLOUT ? fd[i].fd : ARES_SOCKET_BAD,
			                fd[i].revents & POLLOUT ? fd[i].fd : ARES_SOCKET_BAD);
		ares_process_fd(channel, ARES_SOCKET_BAD, ARES_SOCKET_BAD);
	}
}

/* "1.2.0.192.in-addr.arpa" of 192.0.2.1; false for what is no address. */
static bool pointer_name(char out[DNS_NAME_TEXT], const char *address)
{
	unsigned char b[16];
	size_t at = 0;

	if (inet_pton(AF_INET, address, b) == 1) {
		snprintf(out, DNS_NAME_TEXT, "%u.%u.%u.%u.in-addr.arpa", b[3], b[2], b[1], b[0]);
		return true;
	}
	if (inet_pton(AF_INET6, address, b) != 1)
		return false;
	for (int i = 15; i >= 0; i--)
		at += (size_t)snprintf(out + at, DNS_NAME_TEXT - at, "%x.%x.", b[i] & 15u,
		                       (unsigned)b[i] >> 4);
	snprintf(out + at, DNS_NAME_TEXT - at, "ip6.arpa");
	return true;
}

static void ask(struct question *q, ares_channel channel, const char *name)
{
	static const int types[] = { ns_t_txt, ns_t_mx, ns_t_a, ns_t_ptr };
	const struct ares_addrinfo_hints hints = { .ai_family = AF_UNSPEC,
		                                   .ai_flags = ARES_AI_NOSORT };

	dns_reply_release(q->reply);
	q->done = false;
	if (q->kind == DNS_ADDRESS)
		ares_getaddrinfo(channel, name, NULL, &hints, take_addresses, q);
	else
		ares_query(channel, name, ns_c_in, types[q->kind], take_answer, q);
	wait_for(channel, q);
}

enum err dns_ask(struct dns_reply *out, struct dns *d, enum dns_kind kind, const char *name)
{
	struct question q = { .reply = out, .kind = kind };
	char own[DNS_NAME_TEXT + 1];

	memset(out, 0, sizeof(*out));
	/* The dot at the end: the machine's own domain is never put behind a name. */
	if (kind == DNS_POINTER ? !pointer_name(own, name)
	                        : !*name || strlen(name) >= DNS_NAME_TEXT) {
		settle(&q, ARES_ENOTFOUND);
		return OK;
	}
	if (kind != DNS_POINTER)
		snprintf(own, sizeof(own), "%s%s", name, name[strlen(name) - 1] == '.' ? "" : ".");
	if (d->silences >= SILENCES) {
		settle(&q, ARES_ETIMEOUT);
		return OK;
	}
	ask(&q, d->channel[ASK], own);
	if (q.away)
		ask(&q, d->channel[ASK_WHY], own);
	d->silences = q.silent ? d->silences + 1 : 0;
	return q.e;
}
