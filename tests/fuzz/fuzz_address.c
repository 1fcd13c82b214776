/* SPDX-License-Identifier: MIT */
#include <stdlib.h>
#include <string.h>

#include "core/mail/address.h"
#include "mailer/mailbox.h"
#include "tests/fuzz/fuzz.h"

static bool one_line(const char *text)
{
	for (; *text; text++)
		if ((unsigned char)*text < 0x20 || *text == 0x7f)
			return false;
	return true;
}

/* What may go into an envelope is one line, whatever came in; its form on the wire is one that
 * stays as it is; what the roll takes is such a form. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char wire[ADDRESS_BYTES + 1], again[ADDRESS_BYTES + 1], box[ADDRESS_TEXT];
	char *text = calloc(1, size + 1);
	const char *odd;

	fuzz_must(text != NULL);
	memcpy(text, data, size);
	if (address_wire(wire, text)) {
		fuzz_must(address_ok(text) && address_ok(wire) && one_line(wire));
		fuzz_must(address_wire(again, wire) && !strcmp(wire, again));
	}
	if (!mailbox_read(box, text, &odd)) {
		fuzz_must(address_wire(again, box) && !strcmp(box, again));
		fuzz_must(!mailbox_read(again, box, &odd) && !strcmp(box, again));
	}
	free(text);
	return 0;
}
