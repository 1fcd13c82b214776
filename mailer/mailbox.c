/* SPDX-License-Identifier: MIT */
#include "mailer/mailbox.h"

#include <stdbool.h>
#include <string.h>

#include <glib.h>

#include "core/mail/address.h"
#include "mailer/lookalike.h"

/* What is wrong with an address, for a person; NULL for one that can be used. */
static const char *bad_address(const char *address)
{
	const char *at = strrchr(address, '@');
	bool quoted = *address == '"';

	if (!*address)
		return "is empty";
	if (strpbrk(address, "\r\n"))
		return "holds a line break";
	if (!at)
		return "has no @";
	if (strlen(address) > ADDRESS_TEXT - 1)
		return "is longer than 254 bytes";
	if (quoted)
		return NULL;
	if (strpbrk(address, "<>"))
		return "holds < or >: the address alone, without a name";
	if (strpbrk(address, " \t"))
		return "holds a space";
	if (strpbrk(address, ",;"))
		return "holds , or ;: one address a member";
	return NULL;
}

/* "john"@ is the same mailbox as john@, and "a\bc"@ as "abc"@: one way to write it down, so that
 * one mailbox is seen as one. */
static void unquote(char *address)
{
	char bare[ADDRESS_TEXT], *out = bare, *in = address;
	bool needed = false;

	if (*in != '"')
		return;
	for (in++; *in != '"'; in++) {
		in += *in == '\\';
		needed = needed || !(g_ascii_isalnum(*in) || strchr("!#$%&'*+-/=?^_`{|}~.", *in)) ||
		         (*in == '.' && (out == bare || out[-1] == '.' || in[1] == '"'));
		if (*in == '"' || *in == '\\')
			*out++ = '\\';
		*out++ = *in;
	}
	*out = 0;
	memmove(address + (needed ? strlen(bare) + 2 : strlen(bare)), in + 1, strlen(in + 1) + 1);
	memcpy(address + needed, bare, strlen(bare));
	if (needed)
		address[strlen(bare) + 1] = '"';
}

const char *mailbox_read(char out[ADDRESS_TEXT], const char *text, const char **odd)
{
	const char *bad = bad_address(text);

	*odd = NULL;
	*out = 0;
	if (bad)
		return bad;
	if (!address_wire(out, text))
		return "is not an address";
	unquote(out);
	*odd = lookalike_domain(strrchr(text, '@') + 1);
	return NULL;
}
