/* SPDX-License-Identifier: MIT */
#include "receiver/http.h"

#include <microhttpd.h>
#include <sodium.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "core/monotime.h"
#include "receiver/crowd.h"
#include "receiver/httpin.h"
#include "receiver/httpout.h"
#include "receiver/route.h"
#include "receiver/submit.h"

#define HEADER_ROOM    (16u << 10) /* for the headers of one request, and what MHD keeps of it */
#define STACK_BYTES    (512u << 10)
#define DROPPED_MAX    (1u << 20)   /* of a body that is too large */
#define BODIES_MAX     (256u << 20) /* all bodies that are being read */
#define IDLE_SECONDS   20           /* without a byte either way */
#define STOP_TRIES     500          /* of 10 ms, for answers to leave */
#define TLS_PRIORITIES "NORMAL:-VERS-ALL:+VERS-TLS1.3:+VERS-TLS1.2"

struct http {
	struct http_plan plan;
	struct site *site;
	struct cast *cast;
	struct submit *submit;
	struct crowd *crowd;
	struct MHD_Daemon *daemon;
	struct httpout *out;
	_Atomic size_t bodies;
	_Atomic unsigned posts; /* put aside, or not yet on their way back */
	_Atomic bool stopping, watching;
	pthread_t watch;
};

/* One request, from its first line to its end. */
struct request {
	struct http *http;
	struct MHD_Connection *connection;
	struct guest *guest;
	struct route route;
	bool begun, aside, answered;
	unsigned refused; /* 413 or 503, while its body comes in */
	bool counts;      /* in `posts` */
	struct buf body;
	size_t dropped;
	struct submission sub;
	char target[ROUTE_TARGET_MAX + 2]; /* until it is routed */
};

static int64_t now_ms(void)
{
	return (int64_t)monotime_ms();
}

static struct guest *guest_of(struct MHD_Connection *c)
{
	const union MHD_ConnectionInfo *info =
		MHD_get_connection_info(c, MHD_CONNECTION_INFO_SOCKET_CONTEXT);

	return info ? info->socket_context : NULL;
}

static enum MHD_Result send_served(struct request *r)
{
	crowd_set(r->http->crowd, r->guest, GUEST_ANSWERED, now_ms());
	r->answered = true;
	return httpout_send(r->http->out, r->connection, &r->sub.served) ? MHD_YES : MHD_NO;
}

/* Requests. */

static bool may_ask(struct request *r)
{
	struct crowd *crowd = r->http->crowd;
	crowd_source source =
		r->http->plan.forwarded
			? crowd_forwarded(crowd, httpin_last(r->connection, "X-Forwarded-For"))
			: crowd_of(crowd, httpin_source(r->connection));

	return crowd_may(crowd, source, now_ms());
}

static enum MHD_Result refuse(struct request *r, unsigned status, const char *name,
                              const char *text)
{
	served_error(&r->sub.served, status, name, text);
	return send_served(r);
}

static enum MHD_Result ask(struct request *r)
{
	enum route_kind kind = r->route.kind;

	/* The pages lie ready and cost next to nothing: no voter waits for one. */
	if (kind != ROUTE_VOTE && kind != ROUTE_CHECK && !may_ask(r)) {
		r->sub.served.retry = 1;
		return refuse(r, 429, "slow-down", "Too many at once: try again in a moment.");
	}
	site_ask(r->http->site, &r->route, &r->sub.served);
	return send_served(r);
}

/* Before any of the body: what its headers say against it. */
static enum MHD_Result begin_post(struct request *r)
{
	size_t most = submit_max(r->http->site->box->m);
	unsigned lengths = httpin_count(r->connection, "Content-Length") +
	                   httpin_count(r->connection, "Transfer-Encoding");

	if (lengths != 1 || !route_json(httpin_last(r->connection, "Content-Type"))) {
		cast_count(r->http->cast, VERDICT_INVALID);
		return refuse(r, 400, "format",
		              "A ballot is posted as application/json, with its length.");
	}
	if (strtoull(httpin_last(r->connection, "Content-Length"), NULL, 10) > most) {
		cast_count(r->http->cast, VERDICT_TOO_LARGE);
		return refuse(r, 413, "too-large", "This is larger than any ballot.");
	}
	r->sub.later = !may_ask(r);
	buf_init(&r->body, most);
	return MHD_YES;
}

static enum MHD_Result take_body(struct request *r, const char *bytes, size_t *len)
{
	size_t n = *len;

	*len = 0;
	if (r->body.len + n > r->body.cap)
		r->refused = 413;
	else if (r->http->bodies + n > r->http->plan.bodies)
		r->refused = 503;
	if (r->refused) {
		r->dropped += n;
		return r->dropped > DROPPED_MAX ? MHD_NO : MHD_YES;
	}
	r->http->bodies += n;
	buf_add(&r->body, bytes, n);
	return buf_err(&r->body) ? MHD_NO : MHD_YES;
}

/* From a thread of submit's. */
static void resume(void *ctx, struct submission *sub)
{
	struct request *r = ctx;

	(void)sub;
	MHD_resume_connection(r->connection);
}

static enum MHD_Result end_post(struct request *r)
{
	if (r->refused == 503) {
		served_again(&r->sub.served);
		return send_served(r);
	}
	if (r->refused) {
		cast_count(r->http->cast, VERDICT_TOO_LARGE);
		return refuse(r, 413, "too-large", "This is larger than any ballot.");
	}
	r->counts = true;
	r->http->posts++; /* first: http_stop sets `stopping`, then looks at this */
	if (r->http->stopping) {
		served_again(&r->sub.served);
		return send_served(r);
	}
	r->sub.line = buf_text(&r->body);
	r->sub.len = r->body.len;
	r->sub.told = resume;
	r->sub.ctx = r;
	crowd_set(r->http->crowd, r->guest, GUEST_WAITS, now_ms());
	/* First put aside: it may be told before submit_take returns. */
	r->aside = true;
	MHD_suspend_connection(r->connection);
	if (!submit_take(r->http->submit, &r->sub))
		MHD_resume_connection(r->connection);
	return MHD_YES;
}

/* A path may hold most of a token: it is read, and gone. MHD hands out its own copy. */
static void read_target(struct request *r, const char *url, const char *method)
{
	route_read(&r->route, method, r->target);
	sodium_memzero(r->target, sizeof(r->target));
	sodium_memzero((void *)(uintptr_t)url, strlen(url));
}

static enum MHD_Result handle(void *ctx, struct MHD_Connection *c, const char *url,
                              const char *method, const char *version, const char *bytes,
                              size_t *len, void **request)
{
	struct request *r = *request;

	(void)ctx, (void)version;
	if (!r || !r->guest)
		return MHD_NO;
	if (r->answered) {
		*len = 0;
		return MHD_YES;
	}
	if (r->aside)
		return send_served(r);
	if (!r->begun) {
		r->begun = true;
		r->connection = c;
		read_target(r, url, method);
		/* Others are answered at the end of theirs: after an early answer MHD hangs up. */
		return r->route.kind == ROUTE_BALLOT ? begin_post(r) : MHD_YES;
	}
	if (*len)
		return take_body(r, bytes, len);
	return r->route.kind == ROUTE_BALLOT ? end_post(r) : ask(r);
}

static void *begin_request(void *ctx, const char *target, struct MHD_Connection *c)
{
	struct request *r = calloc(1, sizeof(*r));

	if (!r)
		return NULL;
	r->http = ctx;
	r->connection = c;
	r->guest = guest_of(c);
	served_init(&r->sub.served);
	/* Cut where it is too long for anything of ours: one byte too long is enough to tell. */
	memcpy(r->target, target, strnlen(target, sizeof(r->target) - 1));
	return r;
}

static void end_request(void *ctx, struct MHD_Connection *c, void **request,
                        enum MHD_RequestTerminationCode code)
{
	struct request *r = *request;
	struct http *h = ctx;

	(void)c, (void)code;
	if (!r)
		return;
	crowd_set(h->crowd, r->guest, GUEST_ASKS, now_ms());
	h->bodies -= r->body.len;
	if (r->counts)
		h->posts--;
	served_release(&r->sub.served);
	buf_free(&r->body);
	free(r);
	*request = NULL;
}

/* Connections. */

static enum MHD_Result admit(void *ctx, const struct sockaddr *from, socklen_t len)
{
	struct http *h = ctx;

	return len && crowd_admits(h->crowd, from) ? MHD_YES : MHD_NO;
}

static void come_and_go(void *ctx, struct MHD_Connection *c, void **guest,
                        enum MHD_ConnectionNotificationCode code)
{
	const union MHD_ConnectionInfo *info;
	struct http *h = ctx;

	if (code == MHD_CONNECTION_NOTIFY_CLOSED) {
		crowd_leave(h->crowd, *guest);
		*guest = NULL;
		return;
	}
	info = MHD_get_connection_info(c, MHD_CONNECTION_INFO_CONNECTION_FD);
	*guest = info ? crowd_enter(h->crowd, info->connect_fd, httpin_source(c), now_ms()) : NULL;
}

static void *watch(void *ctx)
{
	const struct timespec second = { .tv_sec = 1 };
	struct http *h = ctx;

	while (!h->stopping) {
		crowd_sweep(h->crowd, now_ms());
		nanosleep(&second, NULL);
	}
	return NULL;
}

static enum err listen_to(struct http *h, struct why *why)
{
	const struct http_plan *p = &h->plan;
	unsigned flags = MHD_USE_EPOLL_INTERNAL_THREAD | MHD_ALLOW_SUSPEND_RESUME | MHD_USE_ITC |
	                 (p->certificate ? MHD_USE_TLS : 0);
	struct MHD_OptionItem tls[] = {
		{ MHD_OPTION_HTTPS_MEM_CERT, 0, (void *)(uintptr_t)p->certificate },
		{ MHD_OPTION_HTTPS_MEM_KEY, 0, (void *)(uintptr_t)p->key },
		{ MHD_OPTION_HTTPS_PRIORITIES, 0, (void *)(uintptr_t)TLS_PRIORITIES },
		{ MHD_OPTION_END, 0, NULL },
	};

	h->daemon = MHD_start_daemon(
		flags, 0, admit, h, handle, h, MHD_OPTION_LISTEN_SOCKET, p->fd,
		MHD_OPTION_CONNECTION_LIMIT, p->most + p->threads, MHD_OPTION_THREAD_POOL_SIZE,
		p->threads, MHD_OPTION_THREAD_STACK_SIZE, (size_t)STACK_BYTES,
		MHD_OPTION_CONNECTION_MEMORY_LIMIT, (size_t)HEADER_ROOM,
		MHD_OPTION_CONNECTION_TIMEOUT, (unsigned)IDLE_SECONDS, MHD_OPTION_STRICT_FOR_CLIENT,
		1, MHD_OPTION_URI_LOG_CALLBACK, begin_request, h, MHD_OPTION_NOTIFY_COMPLETED,
		end_request, h, MHD_OPTION_NOTIFY_CONNECTION, come_and_go, h, MHD_OPTION_ARRAY,
		p->certificate ? tls : &tls[sizeof(tls) / sizeof(tls[0]) - 1], MHD_OPTION_END);
	if (h->daemon)
		return OK;
	return why_set(why, ERR_SETTINGS, "[http]: the web server could not be started%s",
	               p->certificate ? ": see whether certificate and key belong together" : "");
}

enum err http_start(struct http **out, const struct http_plan *plan, struct site *site,
                    struct cast *cast, struct why *why)
{
	struct http *h = calloc(1, sizeof(*h));
	enum err e;

	*out = h;
	if (!h)
		return why_set(why, ERR_MEMORY, "no memory for a web server");
	h->plan = *plan;
	if (!h->plan.bodies)
		h->plan.bodies = BODIES_MAX;
	h->site = site;
	h->cast = cast;
	e = crowd_new(&h->crowd,
	              &(struct crowd_plan){ .most = plan->most,
	                                    .per_source = plan->per_source,
	                                    .seconds = plan->seconds,
	                                    .behind = plan->forwarded },
	              why);
	if (!e)
		e = httpout_new(&h->out, site,
		                (plan->certificate || plan->forwarded) &&
		                        strncmp(site->box->m->link, "https:", 6) == 0,
		                why);
	if (!e)
		e = submit_start(&h->submit, site, cast, plan->threads, why);
	if (!e)
		e = listen_to(h, why);
	if (!e && pthread_create(&h->watch, NULL, watch, h))
		e = why_set(why, ERR_AGAIN, "no thread for the web server");
	h->watching = !e;
	return e;
}

/* MHD may not be stopped while a connection is put aside. Then their answers have some time to
 * leave: who is cut off nevertheless asks again, and gets the same. */
static void let_finish(struct http *h)
{
	const struct timespec pause = { .tv_nsec = 10000000 };

	for (unsigned tries = 0; h->posts && tries < STOP_TRIES; tries++)
		nanosleep(&pause, NULL);
}

void http_stop(struct http *h)
{
	int fd;

	if (!h)
		return;
	h->stopping = true;
	fd = h->daemon ? MHD_quiesce_daemon(h->daemon) : -1;
	let_finish(h);
	submit_stop(h->submit);
	if (h->daemon)
		MHD_stop_daemon(h->daemon);
	if (fd >= 0)
		close(fd);
	if (h->watching)
		pthread_join(h->watch, NULL);
	httpout_free(h->out);
	crowd_free(h->crowd);
	free(h);
}
