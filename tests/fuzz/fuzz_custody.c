/* SPDX-License-Identifier: MIT */
#include "mailer/custody.h"

#include <string.h>

#include "core/buf.h"
#include "core/json.h"
#include "tests/fuzz/fuzz.h"

/* What is read is what was written: printed again it gives the same bytes. */
static void check_same(const struct custody *c, const uint8_t *data, size_t size)
{
	struct buf line = BUF_INIT(8192);

	buf_addf(&line, "{\"type\":\"custody\",\"threshold\":%u,\"officers\":%u,\"commitments\":",
	         c->threshold, c->officers);
	json_add_b64(&line, c->commitment, (size_t)c->threshold * GROUP_BYTES);
	buf_adds(&line, "}\n");
	fuzz_must(line.len == size && !memcmp(line.data, data, size));
	buf_free(&line);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct why why = { 0 };
	struct custody c;

	group_init();
	if (custody_read(&c, fuzz_path(data, size), &why)) {
		fuzz_must(why.text[0]);
		return 0;
	}
	fuzz_must(c.threshold >= 2 && c.threshold <= c.officers && c.officers <= OFFICERS_MAX);
	for (unsigned l = 0; l < c.threshold; l++)
		fuzz_must(point_valid(&c.commitment[l]) && !point_is_identity(&c.commitment[l]));
	check_same(&c, data, size);
	return 0;
}
