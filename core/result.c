/* SPDX-License-Identifier: MIT */
#include "core/tally.h"

void result_write(struct buf *out, const struct manifest *m,
                  const unsigned char closed_root[HASH_BYTES], const uint64_t *counts)
{
	buf_adds(out, "{\"type\":\"result\",\"head\":");
	json_add_b64(out, closed_root, HASH_BYTES);
	buf_adds(out, ",\"counts\":[");
	for (unsigned r = 0; r < m->rows; r++) {
		buf_adds(out, r ? ",[" : "[");
		for (unsigned c = 0; c < m->row[r].cells; c++)
			buf_addf(out, "%s%llu", c ? "," : "",
			         (unsigned long long)counts[m->row[r].first_cell + c]);
		buf_addc(out, ']');
	}
	buf_adds(out, "]}");
}

static enum err read_counts(uint64_t *counts, const struct manifest *m, const json_t *rows,
                            struct why *why)
{
	if (json_array_size(rows) != m->rows)
		return why_check(why, "result counts", "it has %zu rows, the ballot %u",
		                 json_array_size(rows), m->rows);
	for (unsigned r = 0; r < m->rows; r++) {
		const json_t *row = json_array_get(rows, r);

		if (!json_is_array(row) || json_array_size(row) != m->row[r].cells)
			return why_check(why, "result counts", "row %u must be a list of %u counts",
			                 r, m->row[r].cells);
		for (unsigned c = 0; c < m->row[r].cells; c++) {
			const json_t *n = json_array_get(row, c);

			if (!json_is_integer(n))
				return why_check(why, "result counts",
				                 "row %u, cell %u is not a number", r, c);
			counts[m->row[r].first_cell + c] = (uint64_t)json_integer_value(n);
		}
	}
	return OK;
}

enum err result_read(unsigned char head[HASH_BYTES], uint64_t *counts, const struct manifest *m,
                     const char *line, size_t len, struct why *why)
{
	json_t *object = NULL;
	const json_t *rows;
	struct fields f;
	enum err e = json_read(&object, line, len, why);

	if (e)
		return e;
	fields_begin(&f, object, "result", why);
	fields_literal(&f, "type", "result");
	fields_b64(&f, "head", head, HASH_BYTES);
	rows = fields_array(&f, "counts");
	e = fields_end(&f);
	if (!e)
		e = read_counts(counts, m, rows, why);
	json_decref(object);
	return e;
}
