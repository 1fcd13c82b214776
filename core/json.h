/* SPDX-License-Identifier: MIT */
#ifndef VOTEPOST_CORE_JSON_H
#define VOTEPOST_CORE_JSON_H

#include <stddef.h>
#include <stdint.h>

#include <jansson.h>

#include "core/buf.h"
#include "core/err.h"

/*
 * json - the strict one-line JSON of protocol section 1.
 *
 * One value has one written form: exact keys in their order, no white space, no escape but
 * \" and \\, integers from 0 to 2^53 - 1. json_read checks what holds for every line (UTF-8,
 * duplicate keys, numbers, strings, depth) and that printing it again gives the same bytes;
 * `struct fields` then walks the keys in the order that the caller knows.
 *
 * Names of checks: "json", "json duplicate key", "json number", "json keys",
 * "json text" (what a string may hold), "line not canonical".
 */

/* Parse one line (without its line feed). `*out` is the caller's: json_decref. */
MUST_CHECK enum err json_read(json_t **out, const char *line, size_t len, struct why *why);

/* A walk through an object's keys, sticky: after a failure nothing is read, every getter
 * gives a harmless value (0, "", NULL) and fields_end returns the first error. */
struct fields {
	json_t *object;
	void *at;         /* iterator to the next member */
	const char *what; /* names the object in messages and checks: "issued", "head" */
	enum err e;
	struct why *why;
};

/* `object` need not be one: that is then the first failure. Everything stays borrowed. */
void fields_begin(struct fields *f, json_t *object, const char *what, struct why *why);

/* The member that must stand here under `key`; NULL after a failure. */
json_t *fields_any(struct fields *f, const char *key);
/* Is `key` the next member? Nothing is consumed. For optional members. */
int fields_peek(const struct fields *f, const char *key);
/* The string must be exactly `value`. */
void fields_literal(struct fields *f, const char *key, const char *value);
const char *fields_string(struct fields *f, const char *key, size_t *len);
/* A number from `least` to `most`; a failure's check is "<what> <key>". */
uint64_t fields_number(struct fields *f, const char *key, uint64_t least, uint64_t most);
int fields_bool(struct fields *f, const char *key);
uint64_t fields_time(struct fields *f, const char *key);
/* base64 of exactly `len` bytes; zeroes where it fails. */
void fields_b64(struct fields *f, const char *key, void *out, size_t len);
void fields_b64_buf(struct fields *f, const char *key, struct buf *out);
json_t *fields_array(struct fields *f, const char *key);
json_t *fields_object(struct fields *f, const char *key);
/* No member may be left. */
MUST_CHECK enum err fields_end(struct fields *f);

/* Append `text` as a JSON string, quotes included. The caller knows that it is clean. */
void json_add_string(struct buf *out, const char *text, size_t len);
/* Append base64 of `bytes` in quotes. */
void json_add_b64(struct buf *out, const void *bytes, size_t len);
/* Append a whole tree, canonical. */
void json_add(struct buf *out, const json_t *value);

#endif
