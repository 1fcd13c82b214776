/* SPDX-License-Identifier: MIT */
#include "mailer/mailbox.h"

#include <stdio.h>
#include <string.h>

#include <glib.h>

#include "core/mail/address.h"
#include "mailer/lookalike.h"

/* What is wrong with an address, for a person; NULL for one that can be used. */
static const char *bad_address(const char *address)
{
	const char *at = strrchr(address, '@');

	if (!*address)
		return "is empty";
	if (strpbrk(address, "\r\n"))
		return "holds a line break";
	if (strpbrk(address, "<>"))
		return "holds < or >: the address alone, without a name";
	if (strpbrk(address, " \t"))
		return "holds a space";
	if (strpbrk(address, ",;"))
		return "holds , or ;: one address a member";
	if (!at)
		return "has no @";
	if (strlen(address) > ADDRESS_TEXT - 1)
		return "is longer than 254 bytes";
	if (!address_ascii(address))
		return "has letters before the @ that few mail servers take (SMTPUTF8)";
	return NULL;
}

const char *mailbox_read(char out[ADDRESS_TEXT], const char *text, const char **odd)
{
	const char *bad = bad_address(text);
	size_t local;
	char *ascii;

	*odd = NULL;
	*out = 0;
	if (bad)
		return bad;
	local = (size_t)(strrchr(text, '@') + 1 - text);
	ascii = g_hostname_to_ascii(text + local);
	if (ascii && local + strlen(ascii) < ADDRESS_TEXT)
		snprintf(out, ADDRESS_TEXT, "%.*s%s", (int)local, text, ascii);
	g_free(ascii);
	if (!address_ok(out)) {
		*out = 0;
		return "is not an address";
	}
	*odd = lookalike_domain(text + local);
	return NULL;
}
