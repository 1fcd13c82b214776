/* SPDX-License-Identifier: MIT */
#include "core/mail/address.h"

#include <arpa/inet.h>
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

bool address_host(const char *host)
{
	size_t len = strlen(host);

	return len && len < 256 &&
	       strspn(host, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
	                    "0123456789-.:[]") == len;
}

bool address_loopback(const char *host)
{
	struct in_addr v4;

	if (!strcmp(host, "localhost") || !strcmp(host, "::1"))
		return true;
	return inet_pton(AF_INET, host, &v4) == 1 && ntohl(v4.s_addr) >> 24 == 127;
}
