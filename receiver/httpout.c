/* SPDX-License-Identifier: MIT */
#include "receiver/httpout.h"

#include <microhttpd.h>
#include <stdlib.h>
#include <string.h>

#include "receiver/route.h"

#define PIECE (32u << 10) /* of the board, at a time */

enum version { PLAIN, GZIP, UNCHANGED, VERSIONS };

struct httpout {
	struct site *site;
	const char *hsts; /* NULL: none */
	struct MHD_Response *page[2][VERSIONS];
};

static const char *header(struct MHD_Connection *c, const char *name)
{
	const char *value = MHD_lookup_connection_value(c, MHD_HEADER_KIND, name);

	return value ? value : "";
}

static void add(struct MHD_Response *response, const char *name, const char *value)
{
	/* Without memory for a header the answer goes without: MHD will not send it at all. */
	(void)MHD_add_response_header(response, name, value);
}

static void add_common(const struct httpout *o, struct MHD_Response *response, const char *policy)
{
	add(response, "Content-Security-Policy", policy);
	add(response, "Referrer-Policy", "no-referrer");
	add(response, "X-Content-Type-Options", "nosniff");
	add(response, "Cross-Origin-Opener-Policy", "same-origin");
	add(response, "Cross-Origin-Resource-Policy", "same-origin");
	add(response, "Permissions-Policy",
	    "camera=(), geolocation=(), microphone=(), payment=(), usb=()");
	if (o->hsts)
		add(response, "Strict-Transport-Security", o->hsts);
}

/* Pages: made once, sent many times. */

static struct MHD_Response *make_page(const struct httpout *o, const struct front_page *page,
                                      enum version version)
{
	const struct buf *bytes = version == GZIP ? &page->gzip : &page->plain;
	struct MHD_Response *response;

	response = MHD_create_response_from_buffer(version == UNCHANGED ? 0 : bytes->len,
	                                           bytes->data, MHD_RESPMEM_PERSISTENT);
	if (!response)
		return NULL;
	add_common(o, response, buf_text(&page->policy));
	add(response, "Content-Type", SERVED_HTML);
	add(response, "ETag", page->etag);
	add(response, "Vary", "Accept-Encoding");
	add(response, "Cache-Control", "no-cache");
	if (version == GZIP)
		add(response, "Content-Encoding", "gzip");
	return response;
}

static enum err make_pages(struct httpout *o)
{
	const struct front_page *pages[2] = { &o->site->front.vote, &o->site->front.check };

	for (unsigned p = 0; p < 2; p++)
		for (unsigned v = 0; v < VERSIONS; v++) {
			o->page[p][v] = make_page(o, pages[p], (enum version)v);
			if (!o->page[p][v])
				return ERR_MEMORY;
		}
	return OK;
}

static enum MHD_Result send_page(struct httpout *o, struct MHD_Connection *c,
                                 const struct front_page *page)
{
	struct MHD_Response **versions = o->page[page != &o->site->front.vote];

	if (strcmp(header(c, "If-None-Match"), page->etag) == 0)
		return MHD_queue_response(c, 304, versions[UNCHANGED]);
	return MHD_queue_response(
		c, 200, versions[route_gzip(header(c, "Accept-Encoding")) ? GZIP : PLAIN]);
}

/* Other answers. */

static ssize_t read_lines(void *ctx, uint64_t at, char *out, size_t max)
{
	struct site_lines *lines = ctx;
	size_t len;

	(void)at; /* always the next */
	if (site_read(lines, out, max, &len))
		return MHD_CONTENT_READER_END_WITH_ERROR;
	return len ? (ssize_t)len : MHD_CONTENT_READER_END_OF_STREAM;
}

static struct MHD_Response *make_lines(const struct httpout *o, const struct served *s)
{
	struct site_lines *lines = calloc(1, sizeof(*lines));
	struct MHD_Response *response;
	char text[64];

	if (!lines)
		return NULL;
	*lines = (struct site_lines){ .box = o->site->box, .next = s->from, .to = s->to };
	response =
		MHD_create_response_from_callback(MHD_SIZE_UNKNOWN, PIECE, read_lines, lines, free);
	if (!response) {
		free(lines);
		return NULL;
	}
	snprintf(text, sizeof(text), "%llu-%llu", (unsigned long long)s->from,
	         (unsigned long long)s->to);
	add(response, "Votepost-Lines", text);
	return response;
}

/* The content is the response's from here on. */
static struct MHD_Response *make_response(const struct httpout *o, struct served *s)
{
	struct MHD_Response *response;

	if (s->board)
		return make_lines(o, s);
	if (s->fd >= 0) {
		response = MHD_create_response_from_fd64(s->size, s->fd);
		if (response)
			s->fd = -1;
		return response;
	}
	response =
		MHD_create_response_from_buffer(s->body.len, s->body.data, MHD_RESPMEM_MUST_FREE);
	if (response)
		s->body = BUF_INIT(s->body.cap);
	return response;
}

enum err httpout_new(struct httpout **out, struct site *site, bool secure, struct why *why)
{
	struct httpout *o = calloc(1, sizeof(*o));

	*out = o;
	if (o) {
		o->site = site;
		o->hsts = secure ? "max-age=31536000" : NULL;
	}
	return o && !make_pages(o) ? OK : why_set(why, ERR_MEMORY, "no memory for the pages");
}

void httpout_free(struct httpout *o)
{
	if (!o)
		return;
	for (unsigned p = 0; p < 2; p++)
		for (unsigned v = 0; v < VERSIONS; v++)
			if (o->page[p][v])
				MHD_destroy_response(o->page[p][v]);
	free(o);
}

bool httpout_send(struct httpout *o, struct MHD_Connection *c, struct served *s)
{
	struct MHD_Response *response;
	enum MHD_Result result;
	char seconds[16];

	if (s->page)
		return send_page(o, c, s->page) == MHD_YES;
	response = make_response(o, s);
	if (!response)
		return false;
	add_common(o, response, s->policy ? s->policy : FRONT_POLICY_NONE);
	add(response, "Content-Type", s->type);
	add(response, "Cache-Control", "no-store");
	if (s->allow)
		add(response, "Allow", s->allow);
	if (s->retry) {
		snprintf(seconds, sizeof(seconds), "%u", s->retry);
		add(response, "Retry-After", seconds);
	}
	result = MHD_queue_response(c, s->status, response);
	MHD_destroy_response(response);
	return result == MHD_YES;
}
