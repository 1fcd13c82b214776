/* SPDX-License-Identifier: MIT */
#include "receiver/portal.h"

#include <fcntl.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include "core/file.h"
#include "receiver/server.h"

#define PEM_MAX (1u << 20)
#define BACKLOG 1024

/* A descriptor for each connection, and some for the box. */
static void raise_descriptors(void)
{
	struct rlimit limit;

	if (getrlimit(RLIMIT_NOFILE, &limit) || limit.rlim_cur == limit.rlim_max)
		return;
	limit.rlim_cur = limit.rlim_max;
	(void)setrlimit(RLIMIT_NOFILE, &limit);
}

static enum err listen_on(int *fd, const struct options *o, struct why *why)
{
	enum err e = server_listen(fd, o->http.listen, o->http.group, why);

	if (e) {
		why_prefix(why, "[http] listen");
		return e;
	}
	if (listen(*fd, BACKLOG) || fcntl(*fd, F_SETFL, O_NONBLOCK)) {
		close(*fd);
		return why_set(why, ERR_IO, "[http] listen: the socket cannot be used");
	}
	return OK;
}

static enum err start(struct portal *p, const struct options *o, struct desk *desk, unsigned cores,
                      struct why *why)
{
	struct buf certificate = BUF_INIT(PEM_MAX), key = BUF_INIT(PEM_MAX);
	struct http_plan plan = { .forwarded = o->http.forwarded,
		                  .most = (unsigned)o->http.connections,
		                  .per_source = (unsigned)o->http.per_source,
		                  .seconds = (unsigned)o->http.seconds,
		                  .threads = cores };
	enum err e = OK;

	if (o->http.certificate[0]) {
		e = file_read(&certificate, o->http.certificate, why);
		if (!e)
			e = file_read_secret(&key, o->http.key, why);
		plan.certificate = buf_text(&certificate);
		plan.key = buf_text(&key);
	}
	if (!e)
		e = listen_on(&plan.fd, o, why);
	if (!e)
		e = http_start(&p->http, &plan, &p->site, desk->cast, why);
	buf_wipe(&key);
	buf_free(&key);
	buf_free(&certificate);
	return e;
}

enum err portal_open(struct portal *p, const struct options *o, struct desk *desk, unsigned cores,
                     struct why *why)
{
	enum err e;

	memset(p, 0, sizeof(*p));
	if (!o->http.listen[0])
		return OK;
	raise_descriptors();
	p->site = (struct site){ .box = desk->box,
		                 .clock = &desk->clock,
		                 .signer = desk->signer,
		                 .record = o->http.record };
	p->open = true;
	e = site_init(&p->site, why);
	return e ? e : start(p, o, desk, cores, why);
}

void portal_close(struct portal *p)
{
	if (!p->open)
		return;
	http_stop(p->http);
	site_release(&p->site);
	memset(p, 0, sizeof(*p));
}
