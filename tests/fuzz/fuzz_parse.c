/* SPDX-License-Identifier: MIT */
#include "receiver/parser/parse.h"

#include <stdbool.h>
#include <string.h>

#include "receiver/parser/handoff.h"
#include "tests/fuzz/fuzz.h"

/* Any mail: what comes out passes the check of what a parser may say, and what is automatic,
 * too large or unreadable is no vote that counts. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct reply reply, checked;
	static bool ready;
	struct buf sealed = BUF_INIT(SEALED_MAX);
	struct envelope envelope = { 0 };

	if (!ready)
		parse_init();
	ready = true;
	memset(&reply, 0, sizeof(reply));
	parse_head(&reply, &envelope, data, size > MAIL_MAX ? MAIL_MAX : size, size);
	parse_body(&reply, &sealed, data, size > MAIL_MAX ? MAIL_MAX : size);
	fuzz_must(handoff_check(&checked, (const unsigned char *)&reply) == OK);
	fuzz_must(reply.sealed_len == sealed.len);
	fuzz_must(!reply.bounce || reply.automatic);
	fuzz_must(!reply.too_large || !reply.unreadable);
	buf_free(&sealed);
	return 0;
}
