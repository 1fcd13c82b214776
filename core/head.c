/* SPDX-License-Identifier: MIT */
#include "core/head.h"

#include <string.h>

#include "core/json.h"
#include "core/text.h"

#define LABEL      "votepost/1 head"
#define LEAVES_MAX (UINT64_C(1) << (MERKLE_LEVELS - 1))

struct head_parts {
	unsigned char size[8], time[8];
	struct part part[3];
};

static void parts_of(struct head_parts *p, const struct head *head)
{
	group_le(p->size, sizeof(p->size), head->size);
	group_le(p->time, sizeof(p->time), head->time);
	p->part[0] = (struct part){ p->size, sizeof(p->size) };
	p->part[1] = (struct part){ p->time, sizeof(p->time) };
	p->part[2] = (struct part){ head->root.bytes, HASH_BYTES };
}

void head_sign(struct head *head, const struct manifest *m,
               const unsigned char secret[SIGN_SECRET_BYTES])
{
	struct head_parts p;

	parts_of(&p, head);
	sign_parts(head->signature, LABEL, m->id, p.part, 3, secret);
}

enum err head_check(const struct head *head, const struct manifest *m, struct why *why)
{
	struct head_parts p;

	parts_of(&p, head);
	if (sign_check(head->signature, LABEL, m->id, p.part, 3, m->receiver_key))
		return why_check(why, "head signature", "the receiver did not sign this head");
	return OK;
}

void head_write(struct buf *out, const struct head *head)
{
	buf_addf(out, "{\"type\":\"head\",\"size\":%llu,\"root\":", (unsigned long long)head->size);
	json_add_b64(out, head->root.bytes, HASH_BYTES);
	buf_addf(out, ",\"time\":%llu,\"signature\":", (unsigned long long)head->time);
	json_add_b64(out, head->signature, SIGNATURE_BYTES);
	buf_addc(out, '}');
}

enum err head_read_object(struct head *out, json_t *object, struct why *why)
{
	struct fields f;

	fields_begin(&f, object, "head", why);
	fields_literal(&f, "type", "head");
	out->size = fields_number(&f, "size", 1, LEAVES_MAX);
	fields_b64(&f, "root", out->root.bytes, HASH_BYTES);
	out->time = fields_number(&f, "time", 0, NUMBER_MAX);
	fields_b64(&f, "signature", out->signature, SIGNATURE_BYTES);
	return fields_end(&f);
}

enum err head_read(struct head *out, const char *line, size_t len, struct why *why)
{
	json_t *root;
	enum err e = json_read(&root, line, len, why);

	if (!e)
		e = head_read_object(out, root, why);
	json_decref(root);
	return e;
}

void receipt_write(struct buf *out, const struct receipt *receipt)
{
	unsigned i;

	buf_adds(out, "{\"type\":\"receipt\",\"tracker\":");
	json_add_string(out, receipt->tracker, strlen(receipt->tracker));
	buf_adds(out, ",\"credential\":");
	json_add_b64(out, receipt->credential.bytes, GROUP_BYTES);
	buf_addf(out, ",\"index\":%llu,\"head\":", (unsigned long long)receipt->index);
	head_write(out, &receipt->head);
	buf_adds(out, ",\"proof\":[");
	for (i = 0; i < receipt->proof.len; i++) {
		if (i)
			buf_addc(out, ',');
		json_add_b64(out, receipt->proof.node[i].bytes, HASH_BYTES);
	}
	buf_adds(out, "]}");
}

static enum err read_proof(struct path *out, const json_t *list, struct why *why)
{
	size_t i, n = json_array_size(list);

	if (n > MERKLE_LEVELS)
		return why_check(why, "receipt proof", "more than %d nodes", MERKLE_LEVELS);
	for (i = 0; i < n; i++) {
		const json_t *node = json_array_get(list, i);

		if (!json_is_string(node) ||
		    b64_read(out->node[i].bytes, HASH_BYTES, json_string_value(node),
		             json_string_length(node)))
			return why_check(why, "receipt proof", "node %zu is not base64 of 32 bytes",
			                 i);
	}
	out->len = (unsigned)n;
	return OK;
}

enum err receipt_read(struct receipt *out, const char *line, size_t len, struct why *why)
{
	const char *tracker;
	struct fields f;
	json_t *root, *head, *proof;
	size_t chars;
	enum err e = json_read(&root, line, len, why);

	if (e)
		return e;
	memset(out, 0, sizeof(*out));
	fields_begin(&f, root, "receipt", why);
	fields_literal(&f, "type", "receipt");
	tracker = fields_string(&f, "tracker", &chars);
	fields_b64(&f, "credential", out->credential.bytes, GROUP_BYTES);
	out->index = fields_number(&f, "index", 1, LEAVES_MAX);
	head = fields_object(&f, "head");
	proof = fields_array(&f, "proof");
	e = fields_end(&f);
	if (!e && chars != TRACKER_TEXT - 1)
		e = why_check(why, "receipt tracker", "a tracker has %d characters",
		              TRACKER_TEXT - 1);
	if (!e)
		memcpy(out->tracker, tracker, TRACKER_TEXT);
	if (!e)
		e = head_read_object(&out->head, head, why);
	if (!e)
		e = read_proof(&out->proof, proof, why);
	json_decref(root);
	return e;
}

enum err receipt_check(const struct receipt *receipt, const struct manifest *m,
                       const char *ballot_line, size_t len, struct why *why)
{
	char tracker[TRACKER_TEXT];
	struct node leaf;
	enum err e = head_check(&receipt->head, m, why);

	if (e)
		return e;
	ballot_tracker(tracker, ballot_line, len);
	if (strcmp(tracker, receipt->tracker) != 0)
		return why_check(why, "receipt tracker", "this line's tracker is %s", tracker);
	merkle_leaf(&leaf, ballot_line, len);
	if (merkle_check_inclusion(&leaf, receipt->index, receipt->head.size, &receipt->head.root,
	                           &receipt->proof))
		return why_check(why, "receipt proof",
		                 "the head does not cover this ballot at index %llu",
		                 (unsigned long long)receipt->index);
	return OK;
}
