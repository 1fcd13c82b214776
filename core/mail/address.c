/* SPDX-License-Identifier: MIT */
#include "core/mail/address.h"

#include <string.h>

#include "core/text.h"

#define LOCAL_PART_MAX 64

static bool domain_ok(const char *domain)
{
	const char *label = domain;

	for (const char *p = domain;; p++) {
		unsigned char c = (unsigned char)*p;

		if (c && c != '.') {
			if (c < 0x80 && !strchr("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVW"
			                        "XYZ0123456789-",
			                        c))
				return false;
			continue;
		}
		if (p == label || p - label > 63 * 4 || *label == '-' || p[-1] == '-')
			return false;
		if (!c)
			return true;
		label = p + 1;
	}
}

bool address_ok(const char *address)
{
	size_t len = address ? strlen(address) : 0;
	const char *at = address ? strchr(address, '@') : NULL;

	if (!at || at == address || len > ADDRESS_BYTES || at - address > LOCAL_PART_MAX ||
	    strchr(at + 1, '@') || !utf8_valid(address, len))
		return false;
	for (const char *p = address; p < at; p++)
		if ((unsigned char)*p < 0x21 || *p == 0x7f || strchr("<>()[]\",;:\\", *p))
			return false;
	return domain_ok(at + 1);
}

bool address_ascii(const char *address)
{
	for (; *address && *address != '@'; address++)
		if ((unsigned char)*address >= 0x80)
			return false;
	return true;
}
