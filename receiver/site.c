/* SPDX-License-Identifier: MIT */
#include "receiver/site.h"

#include <fcntl.h>
#include <inttypes.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/file.h"
#include "core/json.h"
#include "core/text.h"
#include "receiver/nodes.h"

/* What stands in LOST, and the digest by which its policy lets it in. */
#define LOST_STYLE                                                                                 \
	":root{color-scheme:light dark}body{font:1.1rem/1.6 system-ui,sans-seri"                   \
	"f;max-width:32rem;margin:15vh auto;padding:0 1.5rem}h1{font-size:1.6re"                   \
	"m;line-height:1.25}a{color:inherit;text-underline-offset:.2em}nav a{ma"                   \
	"rgin-right:1.5rem}"
#define LOST_DIGEST "sha256-0903XFNLHH5iCk3x0fAnHOsBt2LxMQWnPKesBzeINxo="
static const char LOST[] =
	"<!doctype html><html lang=en><meta charset=utf-8><meta name=viewport "
	"content=\"width=device-width\"><title>404</title><style>" LOST_STYLE "</style>"
	"<h1>There is no such page here<br><span lang=fr>Cette page n&rsquo;existe pas</span></h1>"
	"<nav><a href=\"/\">Vote &middot; <span lang=fr>Voter</span></a> "
	"<a href=\"/check\">The board &middot; <span lang=fr>Le tableau public</span></a></nav>"
	"</html>\n";

enum err site_init(struct site *s, struct why *why)
{
	pthread_mutex_init(&s->lock, NULL);
	memset(&s->head, 0, sizeof(s->head));
	memset(&s->front, 0, sizeof(s->front));
	return front_make(&s->front, s->box->m, why);
}

void site_release(struct site *s)
{
	front_release(&s->front);
	pthread_mutex_destroy(&s->lock);
}

/* Signed anew where the board has grown, or a second has gone by. */
static enum err head_now(struct site *s, struct box_txn *t, struct head *out)
{
	uint64_t now;
	enum err e = clock_now(s->clock, &now, NULL);

	if (e)
		return e;
	pthread_mutex_lock(&s->lock);
	if (s->head.size == t->state.lines && s->head.time >= now) {
		*out = s->head;
	} else {
		box_head(out, t, now, s->signer->secret);
		/* Another thread's look may be newer. */
		if (out->size >= s->head.size)
			s->head = *out;
	}
	pthread_mutex_unlock(&s->lock);
	return OK;
}

static enum err ask_manifest(struct box_txn *t, struct served *out)
{
	struct span line;
	enum err e = box_line(t, 0, &line);

	if (!e)
		buf_add(&out->body, line.data, line.len);
	return e;
}

static enum err ask_head(struct site *s, struct box_txn *t, struct served *out)
{
	struct head head;
	enum err e = head_now(s, t, &head);

	if (!e)
		head_write(&out->body, &head);
	return e;
}

static enum err ask_board(struct box_txn *t, const struct route *r, struct served *out)
{
	out->type = SERVED_LINES;
	out->board = true;
	out->to = r->second < t->state.lines ? r->second : t->state.lines;
	out->from = r->first;
	/* The end of the board, or beyond it: there is nothing new. */
	if (out->from > out->to)
		out->from = out->to;
	return OK;
}

static enum err ask_proof(struct box_txn *t, const struct route *r, struct served *out)
{
	bool inclusion = r->kind == ROUTE_INCLUSION;
	struct path path;
	enum err e;

	if (r->second > t->state.lines) {
		served_error(out, 404, "not-found", "The board is not that long.");
		return OK;
	}
	e = inclusion ? merkle_inclusion(&path, r->first, r->second, nodes_get, &t->txn)
	              : merkle_consistency(&path, r->first, r->second, nodes_get, &t->txn);
	if (e)
		return e;
	buf_addf(&out->body, "{\"%s\":%" PRIu64 ",\"%s\":%" PRIu64 ",\"proof\":[",
	         inclusion ? "index" : "first", r->first, inclusion ? "size" : "second", r->second);
	for (unsigned i = 0; i < path.len; i++) {
		if (i)
			buf_addc(&out->body, ',');
		json_add_b64(&out->body, path.node[i].bytes, sizeof(path.node[i].bytes));
	}
	buf_adds(&out->body, "]}");
	return OK;
}

static enum err receipt_of(struct site *s, struct box_txn *t, const struct point *credential,
                           struct served *out)
{
	struct receipt receipt;
	struct head head;
	enum err e = head_now(s, t, &head);

	if (!e)
		e = box_receipt(&receipt, t, credential, &head);
	if (!e)
		receipt_write(&out->body, &receipt);
	if (e != ERR_NOT_FOUND && e != ERR_STATE)
		return e;
	served_error(out, 404, "not-found", "No ballot stands for this credential.");
	return OK;
}

static enum err ask_tracker(struct site *s, struct box_txn *t, const struct route *r,
                            struct served *out)
{
	struct point credential;
	enum err e = lookup_tracker(t, r->tracker, &credential);

	if (!e)
		return receipt_of(s, t, &credential, out);
	if (e != ERR_NOT_FOUND)
		return e;
	served_error(out, 404, "not-found", "No ballot has this tracker.");
	return OK;
}

struct hours {
	struct buf *out;
	bool more;
};

static void add_hour(void *ctx, uint64_t at, uint64_t ballots)
{
	struct hours *h = ctx;
	char text[TIME_TEXT];

	time_write(text, at);
	buf_addf(h->out, "%s[\"%s\",%" PRIu64 "]", h->more ? "," : "", text, ballots);
	h->more = true;
}

static enum err ask_turnout(struct box_txn *t, struct served *out)
{
	struct hours hours = { .out = &out->body };
	char closes[TIME_TEXT];
	enum err e;

	time_write(closes, t->state.closes);
	buf_addf(&out->body,
	         "{\"size\":%" PRIu64 ",\"ballots\":%" PRIu64 ",\"issued\":%" PRIu64
	         ",\"closes\":\"%s\",\"closed\":%s,\"hours\":[",
	         t->state.lines, t->state.ballots, t->state.issued, closes,
	         t->state.closed ? "true" : "false");
	e = lookup_hours(t, add_hour, &hours);
	buf_adds(&out->body, "]}");
	return e;
}

/* A regular file of the record's folder; the name is one of a few (route.h). */
static void ask_record(const struct site *s, const struct route *r, struct served *out)
{
	struct buf path = BUF_INIT(4096);
	struct stat st;

	if (s->record[0]) {
		file_path(&path, s->record, r->name);
		if (!buf_err(&path))
			out->fd = open(buf_text(&path),
			               O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
	}
	buf_free(&path);
	if (out->fd >= 0 && fstat(out->fd, &st) == 0 && S_ISREG(st.st_mode)) {
		out->size = (uint64_t)st.st_size;
		out->type = strstr(r->name, ".ndjson") ? SERVED_LINES : SERVED_JSON;
		return;
	}
	if (out->fd >= 0)
		close(out->fd);
	out->fd = -1;
	served_error(out, 404, "not-found", "There is no such file, or not yet.");
}

static enum err ask_box(struct site *s, const struct route *r, struct served *out)
{
	struct box_txn t;
	enum err e = box_look(&t, s->box);

	if (e)
		goto done;
	switch (r->kind) {
	case ROUTE_MANIFEST:
		e = ask_manifest(&t, out);
		break;
	case ROUTE_HEAD:
		e = ask_head(s, &t, out);
		break;
	case ROUTE_BOARD:
		e = ask_board(&t, r, out);
		break;
	case ROUTE_INCLUSION:
	case ROUTE_CONSISTENCY:
		e = ask_proof(&t, r, out);
		break;
	case ROUTE_RECEIPT:
		e = receipt_of(s, &t, &r->credential, out);
		break;
	case ROUTE_TRACKER:
		e = ask_tracker(s, &t, r, out);
		break;
	case ROUTE_TURNOUT:
		e = ask_turnout(&t, out);
		break;
	default:
		bug("a route that does not ask the box");
	}
done:
	box_abort(&t);
	return e ? e : buf_err(&out->body);
}

/* What needs no box. */
static bool ask_plain(const struct site *s, const struct route *r, struct served *out)
{
	switch (r->kind) {
	case ROUTE_VOTE:
		out->page = &s->front.vote;
		return true;
	case ROUTE_CHECK:
		out->page = &s->front.check;
		return true;
	case ROUTE_RECORD:
		ask_record(s, r, out);
		return true;
	case ROUTE_NOT_FOUND:
		out->status = 404;
		out->type = SERVED_HTML;
		out->policy = FRONT_POLICY_NONE "; style-src '" LOST_DIGEST "'";
		buf_adds(&out->body, LOST);
		return true;
	case ROUTE_WRONG:
		served_error(out, 400, "format", "This cannot be asked in that way.");
		return true;
	case ROUTE_METHOD:
		served_error(out, 405, "method", "There is nothing to be done here in that way.");
		out->allow = r->post ? "POST" : "GET, HEAD";
		return true;
	default:
		return false;
	}
}

void site_ask(struct site *s, const struct route *route, struct served *out)
{
	out->status = 200;
	out->type = SERVED_JSON;
	if (!ask_plain(s, route, out) && ask_box(s, route, out))
		served_again(out);
}

void site_receipt(struct site *s, const struct point *credential, unsigned status,
                  struct served *out)
{
	struct box_txn t;
	enum err e = box_look(&t, s->box);

	out->status = status;
	out->type = SERVED_JSON;
	if (!e)
		e = receipt_of(s, &t, credential, out);
	box_abort(&t);
	if (e || out->status == 404)
		served_again(out);
}

void site_used(struct site *s, const struct point *credential, struct served *out)
{
	struct box_credential entry;
	char tracker[TRACKER_TEXT];
	struct span line;
	struct box_txn t;
	enum err e = box_look(&t, s->box);

	if (!e)
		e = box_credential(&t, credential, &entry);
	if (!e)
		e = box_line(&t, entry.index, &line);
	if (!e)
		ballot_tracker(tracker, line.data, line.len);
	box_abort(&t);
	if (e) {
		served_again(out);
		return;
	}
	out->status = 409;
	out->type = SERVED_JSON;
	buf_addf(&out->body, "{\"error\":\"used\",\"tracker\":\"%s\"}", tracker);
}

enum err site_read(struct site_lines *l, char *out, size_t max, size_t *len)
{
	struct span line;
	struct box_txn t;
	size_t n;
	enum err e = box_look(&t, l->box);

	*len = 0;
	while (!e && l->next < l->to && *len < max) {
		e = box_line(&t, l->next, &line);
		if (e)
			break;
		n = line.len - l->at < max - *len ? line.len - l->at : max - *len;
		memcpy(out + *len, (const char *)line.data + l->at, n);
		*len += n;
		l->at += n;
		if (l->at < line.len || *len == max)
			break;
		out[(*len)++] = '\n';
		l->next++;
		l->at = 0;
	}
	box_abort(&t);
	return e;
}
