/* SPDX-License-Identifier: MIT */
#include "receiver/route.h"

#include <string.h>
#include <strings.h>

#include "core/ceremony.h"
#include "core/text.h"

struct piece {
	const char *text;
	size_t len;
};

static bool is(struct piece p, const char *text)
{
	return p.len == strlen(text) && memcmp(p.text, text, p.len) == 0;
}

static bool starts(struct piece p, const char *with)
{
	return p.len >= strlen(with) && memcmp(p.text, with, strlen(with)) == 0;
}

static struct piece after(struct piece p, const char *with)
{
	return (struct piece){ p.text + strlen(with), p.len - strlen(with) };
}

/* The value of `name`, which must come next in the query; what follows it stays. */
static bool take(struct piece *query, const char *name, uint64_t *out)
{
	struct piece value;
	const char *end;

	if (!starts(*query, name))
		return false;
	value = after(*query, name);
	if (!value.len || value.text[0] != '=')
		return false;
	value = after(value, "=");
	end = memchr(value.text, '&', value.len);
	*query = (struct piece){ "", 0 };
	if (end) {
		*query = (struct piece){ end + 1, (size_t)(value.text + value.len - end) - 1 };
		value.len = (size_t)(end - value.text);
		if (!query->len)
			return false;
	}
	return number_read(out, value.text, value.len) == OK;
}

static void read_board(struct route *out, struct piece query)
{
	out->kind = ROUTE_BOARD;
	out->second = ROUTE_END;
	if (!take(&query, "from", &out->first) ||
	    (query.len && !take(&query, "to", &out->second)) || query.len ||
	    out->second < out->first)
		out->kind = ROUTE_WRONG;
}

static void read_proof(struct route *out, struct piece query, enum route_kind kind)
{
	bool inclusion = kind == ROUTE_INCLUSION;
	bool good = take(&query, inclusion ? "index" : "first", &out->first) &&
	            take(&query, inclusion ? "size" : "second", &out->second) && !query.len;

	if (good && inclusion)
		good = out->first < out->second;
	else if (good)
		good = out->first <= out->second;
	out->kind = good ? kind : ROUTE_WRONG;
}

/* board.ndjson, head.json, share-1.json … share-32.json, result.json, heads.ndjson, opening.json: a
 * record's files, and no other. */
static bool record_name(struct piece p)
{
	static const char *const names[] = { "board.ndjson", "head.json", "result.json",
		                             "heads.ndjson", "opening.json" };
	uint64_t number;

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (is(p, names[i]))
			return true;
	if (!starts(p, "share-") || p.len < 6 + 5 || memcmp(p.text + p.len - 5, ".json", 5) != 0)
		return false;
	return number_read(&number, p.text + 6, p.len - 11) == OK && number >= 1 &&
	       number <= TRUSTEES_MAX;
}

static void read_record(struct route *out, struct piece name)
{
	if (name.len >= ROUTE_NAME_MAX || !record_name(name))
		return;
	memcpy(out->name, name.text, name.len);
	out->kind = ROUTE_RECORD;
}

/* Paths without parameters. */
static bool read_plain(struct route *out, struct piece path)
{
	static const struct {
		const char *path;
		enum route_kind kind;
	} plain[] = {
		{ "/", ROUTE_VOTE },
		{ "/check", ROUTE_CHECK },
		{ "/manifest", ROUTE_MANIFEST },
		{ "/head", ROUTE_HEAD },
		{ "/turnout", ROUTE_TURNOUT },
		{ "/ballot", ROUTE_BALLOT },
	};

	for (size_t i = 0; i < sizeof(plain) / sizeof(plain[0]); i++)
		if (is(path, plain[i].path)) {
			out->kind = plain[i].kind;
			return true;
		}
	return false;
}

/* A fragment that was made part of the path on its way. */
static bool mangled(struct piece path)
{
	return starts(path, "/#") || starts(path, "/%23") || starts(path, "/%2523");
}

static void read_keyed(struct route *out, struct piece path)
{
	struct piece key;

	if (starts(path, "/receipt/")) {
		key = after(path, "/receipt/");
		out->kind = b64_read(out->credential.bytes, GROUP_BYTES, key.text, key.len)
		                    ? ROUTE_WRONG
		                    : ROUTE_RECEIPT;
	} else if (starts(path, "/tracker/")) {
		key = after(path, "/tracker/");
		out->kind =
			lookup_read(out->tracker, key.text, key.len) ? ROUTE_WRONG : ROUTE_TRACKER;
	} else if (starts(path, "/record/")) {
		read_record(out, after(path, "/record/"));
	}
}

static void read_target(struct route *out, struct piece path, struct piece query, bool asked)
{
	if (is(path, "/board"))
		read_board(out, query);
	else if (is(path, "/proof/inclusion"))
		read_proof(out, query, ROUTE_INCLUSION);
	else if (is(path, "/proof/consistency"))
		read_proof(out, query, ROUTE_CONSISTENCY);
	else if (mangled(path))
		out->kind = ROUTE_VOTE;
	else if (is(path, "/"))
		out->kind = ROUTE_VOTE; /* whatever a mail program has hung onto the link */
	else if (!asked && !read_plain(out, path))
		read_keyed(out, path);
}

void route_read(struct route *out, const char *method, const char *target)
{
	size_t len = strnlen(target, ROUTE_TARGET_MAX + 1);
	const char *mark = memchr(target, '?', len);
	struct piece path = { target, mark ? (size_t)(mark - target) : len };
	struct piece query = { "", 0 };
	bool get;

	memset(out, 0, sizeof(*out));
	out->head = strcmp(method, "HEAD") == 0;
	get = out->head || strcmp(method, "GET") == 0;
	if (len > ROUTE_TARGET_MAX)
		return;
	if (mark)
		query = (struct piece){ mark + 1, len - path.len - 1 };
	read_target(out, path, query, mark != NULL);
	if (out->kind == ROUTE_NOT_FOUND)
		return;
	out->post = out->kind == ROUTE_BALLOT;
	if (out->post ? strcmp(method, "POST") != 0 : !get)
		out->kind = ROUTE_METHOD;
}

bool route_gzip(const char *accept_encoding)
{
	const char *at = accept_encoding, *end;
	size_t len;

	for (; *at; at = *end ? end + 1 : end) {
		at += strspn(at, " \t");
		end = at + strcspn(at, ",");
		len = strcspn(at, " \t;,");
		if (len != 4 || strncasecmp(at, "gzip", 4) != 0)
			continue;
		at += len;
		at += strspn(at, " \t;");
		/* "gzip;q=0" and "q=0.000" are a no. */
		return strncasecmp(at, "q=0", 3) != 0 ||
		       strcspn(at + 3, "123456789") < (size_t)(end - at) - 3;
	}
	return false;
}

bool route_json(const char *content_type)
{
	static const char *const good[] = { "application/json", "application/json;charset=utf-8",
		                            "application/json; charset=utf-8" };

	for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++)
		if (strcasecmp(content_type, good[i]) == 0)
			return true;
	return false;
}
