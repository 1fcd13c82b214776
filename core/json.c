/* SPDX-License-Identifier: MIT */
#include "core/json.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/text.h"

#define DEPTH_MAX 16

/* Out of memory, jansson calls good text bad or leaves a part out: no fault of the line's. */
static _Thread_local bool starved;

/* What is left for a reader's text buffer. It doubles from 16 bytes on, and jansson (2.14) does
 * not look whether it could: refused, it would run off the buffer's end. */
static _Thread_local char *reserve, *reserve_at, *reserve_end;

static void *allocate(size_t len)
{
	void *p = malloc(len);

	if (p)
		return p;
	starved = true;
	if (len < 32 || (len & (len - 1)) || len > (size_t)(reserve_end - reserve_at))
		return NULL;
	reserve_at += len;
	return reserve_at - len;
}

static void release(void *p)
{
	if ((uintptr_t)p < (uintptr_t)reserve || (uintptr_t)p >= (uintptr_t)reserve_at)
		free(p);
}

/* Before main: no thread has parsed anything yet. */
__attribute__((constructor)) static void watch(void)
{
	json_set_alloc_funcs(allocate, release);
}

/* What jansson refuses is told apart by what it says it was. */
static enum err refused(const json_error_t *error, struct why *why)
{
	switch (json_error_code(error)) {
	case json_error_duplicate_key:
		return why_check(why, "json duplicate key", "a key stands twice, at byte %d",
		                 error->position);
	case json_error_numeric_overflow:
		return why_check(why, "json number", "a number is too large, at byte %d",
		                 error->position);
	case json_error_out_of_memory:
		return why_set(why, ERR_MEMORY, "out of memory");
	default:
		return why_check(why, "json", "not JSON, at byte %d", error->position);
	}
}

static enum err check_value(const json_t *value, struct why *why)
{
	const char *text;
	json_int_t n;

	switch (json_typeof(value)) {
	case JSON_STRING:
		text = json_string_value(value);
		if (!text_clean(text, json_string_length(value)))
			return why_check(why, "json text",
			                 "a string holds a control or a direction character");
		return OK;
	case JSON_INTEGER:
		n = json_integer_value(value);
		if (n < 0 || (uint64_t)n > NUMBER_MAX)
			return why_check(why, "json number", "a number below 0 or above 2^53-1");
		return OK;
	case JSON_REAL:
		return why_check(why, "json number", "a number that is no plain integer");
	default:
		return OK;
	}
}

/* No line nests deeper than five; jansson recurses, on stacks that threads keep small. */
static bool too_deep(const char *line, size_t len)
{
	bool quoted = false;
	size_t i, depth = 0;

	for (i = 0; i < len; i++) {
		if (quoted && line[i] == '\\')
			i++;
		else if (line[i] == '"')
			quoted = !quoted;
		else if (!quoted && (line[i] == '{' || line[i] == '['))
			depth++;
		else if (!quoted && depth && (line[i] == '}' || line[i] == ']'))
			depth--;
		if (depth > DEPTH_MAX)
			return true;
	}
	return false;
}

static enum err check_tree(json_t *value, struct why *why)
{
	const char *key;
	json_t *inner;
	size_t i;
	enum err e = check_value(value, why);

	if (e)
		return e;
	json_object_foreach(value, key, inner)
	{
		if (!text_clean(key, strlen(key)))
			return why_check(why, "json text", "a key holds a control character");
		e = check_tree(inner, why);
		if (e)
			return e;
	}
	json_array_foreach(value, i, inner)
	{
		e = check_tree(inner, why);
		if (e)
			return e;
	}
	return OK;
}

static enum err check_canonical(const json_t *value, const char *line, size_t len, struct why *why)
{
	char *again = json_dumps(value, JSON_COMPACT | JSON_ENCODE_ANY);
	enum err e = OK;

	if (!again)
		return why_set(why, ERR_MEMORY, "out of memory");
	if (strlen(again) != len || memcmp(again, line, len) != 0)
		e = why_check(why, "line not canonical",
		              "white space, an escape or another spelling than the one form");
	free(again);
	return e;
}

/* NULL where memory ran out, too: `starved` says so. */
static json_t *parse(const char *line, size_t len, json_error_t *error)
{
	size_t room = 8 * len + 64;
	json_t *value = NULL;

	reserve = reserve_at = malloc(room);
	starved = !reserve;
	if (reserve) {
		reserve_end = reserve + room;
		value = json_loadb(line, len, JSON_REJECT_DUPLICATES | JSON_ALLOW_NUL, error);
	}
	if (starved) {
		json_decref(value);
		value = NULL;
	}
	free(reserve);
	reserve = reserve_at = reserve_end = NULL;
	return value;
}

enum err json_read(json_t **out, const char *line, size_t len, struct why *why)
{
	json_error_t error = { 0 };
	json_t *value;
	enum err e;

	*out = NULL;
	if (too_deep(line, len))
		return why_check(why, "json", "nested deeper than %d", DEPTH_MAX);
	value = parse(line, len, &error);
	if (starved)
		return why_set(why, ERR_MEMORY, "out of memory");
	e = value ? check_tree(value, why) : refused(&error, why);
	if (!e)
		e = check_canonical(value, line, len, why);
	if (e && starved) /* the second writing left a part out */
		e = why_set(why, ERR_MEMORY, "out of memory");
	if (e)
		json_decref(value);
	else
		*out = value;
	return e;
}

void fields_begin(struct fields *f, json_t *object, const char *what, struct why *why)
{
	*f = (struct fields){ .object = object, .what = what, .why = why };
	if (!json_is_object(object))
		f->e = why_check(why, "json keys", "%s: not an object", what);
	else
		f->at = json_object_iter(object);
}

int fields_peek(const struct fields *f, const char *key)
{
	return !f->e && f->at && strcmp(json_object_iter_key(f->at), key) == 0;
}

json_t *fields_any(struct fields *f, const char *key)
{
	json_t *value;

	if (f->e)
		return NULL;
	if (!fields_peek(f, key)) {
		f->e = why_check(f->why, "json keys", "%s: \"%s\" is due here%s%s", f->what, key,
		                 f->at ? ", not " : "", f->at ? json_object_iter_key(f->at) : "");
		return NULL;
	}
	value = json_object_iter_value(f->at);
	f->at = json_object_iter_next(f->object, f->at);
	return value;
}

/* What the object is, and the key: "head time", "manifest election key". */
static void name_check(struct fields *f, const char *key)
{
	char *at;

	if (!f->why)
		return;
	snprintf(f->why->check, sizeof(f->why->check), "%s %s", f->what, key);
	for (at = f->why->check; *at; at++)
		if (*at == '_')
			*at = ' ';
}

static void wrong(struct fields *f, const char *key, const char *must)
{
	if (f->e)
		return;
	f->e = why_check(f->why, "", "%s: \"%s\" must be %s", f->what, key, must);
	name_check(f, key);
}

void fields_literal(struct fields *f, const char *key, const char *value)
{
	const json_t *member = fields_any(f, key);

	if (member && (!json_is_string(member) || strcmp(json_string_value(member), value) != 0))
		f->e = why_check(f->why, "line type", "%s: \"%s\" must be \"%s\"", f->what, key,
		                 value);
}

const char *fields_string(struct fields *f, const char *key, size_t *len)
{
	const json_t *member = fields_any(f, key);

	if (len)
		*len = 0;
	if (!member)
		return "";
	if (!json_is_string(member)) {
		wrong(f, key, "a string");
		return "";
	}
	if (len)
		*len = json_string_length(member);
	return json_string_value(member);
}

uint64_t fields_number(struct fields *f, const char *key, uint64_t least, uint64_t most)
{
	const json_t *member = fields_any(f, key);
	uint64_t n;

	if (!member)
		return 0;
	if (!json_is_integer(member)) {
		wrong(f, key, "a number");
		return 0;
	}
	n = (uint64_t)json_integer_value(member);
	if (n < least || n > most) {
		f->e = why_check(f->why, "", "%s: \"%s\" must be from %llu to %llu, not %llu",
		                 f->what, key, (unsigned long long)least, (unsigned long long)most,
		                 (unsigned long long)n);
		name_check(f, key);
		return 0;
	}
	return n;
}

int fields_bool(struct fields *f, const char *key)
{
	const json_t *member = fields_any(f, key);

	if (member && !json_is_boolean(member))
		wrong(f, key, "true or false");
	return member && json_is_true(member);
}

uint64_t fields_time(struct fields *f, const char *key)
{
	uint64_t seconds = 0;
	size_t len;
	const char *text = fields_string(f, key, &len);

	if (!f->e && time_read(&seconds, text, len))
		wrong(f, key, "a time like 2026-12-01T12:00:00Z");
	return f->e ? 0 : seconds;
}

void fields_b64(struct fields *f, const char *key, void *out, size_t len)
{
	size_t chars;
	const char *text = fields_string(f, key, &chars);

	memset(out, 0, len);
	if (!f->e && b64_read(out, len, text, chars)) {
		memset(out, 0, len);
		f->e = why_check(f->why, "", "%s: \"%s\" must be base64 of %zu bytes", f->what, key,
		                 len);
		name_check(f, key);
	}
}

void fields_b64_buf(struct fields *f, const char *key, struct buf *out)
{
	size_t chars;
	const char *text = fields_string(f, key, &chars);
	enum err e = f->e ? OK : b64_read_buf(out, text, chars);

	if (e == ERR_MEMORY)
		f->e = why_set(f->why, e, "out of memory");
	else if (e)
		wrong(f, key, "base64");
}

json_t *fields_array(struct fields *f, const char *key)
{
	json_t *member = fields_any(f, key);

	if (member && !json_is_array(member)) {
		wrong(f, key, "a list");
		return NULL;
	}
	return member;
}

json_t *fields_object(struct fields *f, const char *key)
{
	json_t *member = fields_any(f, key);

	if (member && !json_is_object(member)) {
		wrong(f, key, "an object");
		return NULL;
	}
	return member;
}

enum err fields_end(struct fields *f)
{
	if (!f->e && f->at)
		f->e = why_check(f->why, "json keys", "%s: \"%s\" has no place here", f->what,
		                 json_object_iter_key(f->at));
	return f->e;
}

void json_add_string(struct buf *out, const char *text, size_t len)
{
	size_t i;

	buf_addc(out, '"');
	for (i = 0; i < len; i++) {
		if (text[i] == '"' || text[i] == '\\')
			buf_addc(out, '\\');
		buf_addc(out, text[i]);
	}
	buf_addc(out, '"');
}

void json_add_b64(struct buf *out, const void *bytes, size_t len)
{
	buf_addc(out, '"');
	b64_add(out, bytes, len);
	buf_addc(out, '"');
}

void json_add(struct buf *out, const json_t *value)
{
	char *text;

	starved = false;
	text = json_dumps(value, JSON_COMPACT | JSON_ENCODE_ANY);
	/* Without room for a key, jansson leaves it out and goes on. */
	if (text && !starved)
		buf_adds(out, text);
	else if (!out->e)
		out->e = ERR_MEMORY;
	free(text);
}
