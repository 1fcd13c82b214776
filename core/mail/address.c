/* SPDX-License-Identifier: MIT */
#include "core/mail/address.h"

#include <arpa/inet.h>
#include <stdint.h>
#include <string.h>

#include <idn2.h>

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

/* The '@' after a quoted string, NULL where it is none. */
static const char *quoted_end(const char *address)
{
	for (const char *p = address + 1;; p++) {
		if (*p == '"')
			return p > address + 1 && p[1] == '@' ? p + 1 : NULL;
		if (*p == '\\')
			p++;
		if (*p < 0x20 || *p > 0x7e)
			return NULL;
	}
}

/* The '@' that ends the part before it, NULL where that part cannot be right. */
static const char *local_end(const char *address)
{
	const char *p = address;

	if (*p == '"')
		return quoted_end(address);
	for (; *p && *p != '@'; p++)
		if ((unsigned char)*p < 0x21 || *p == 0x7f || strchr("<>()[]\",;:\\", *p))
			return NULL;
	return *p && p > address ? p : NULL;
}

bool address_ok(const char *address)
{
	size_t len = address ? strnlen(address, ADDRESS_BYTES + 1) : 0;
	const char *at;

	if (!len || len > ADDRESS_BYTES || !utf8_valid(address, len))
		return false;
	at = local_end(address);
	return at && at - address <= LOCAL_PART_MAX && domain_ok(at + 1);
}

/* libcurl would convert, too, but only where the locale is one of UTF-8, and else send the domain
 * as it is. Not transitional: a sharp s is no double s, that would be another domain. */
static bool domain_wire(char out[ADDRESS_BYTES + 1], const char *domain)
{
	uint8_t *wire = NULL;
	bool good = false;

	if (idn2_lookup_u8((const uint8_t *)domain, &wire, IDN2_NFC_INPUT | IDN2_NONTRANSITIONAL) ==
	    IDN2_OK)
		good = strlen((char *)wire) <= ADDRESS_BYTES && domain_ok((char *)wire);
	if (good)
		memcpy(out, wire, strlen((char *)wire) + 1);
	idn2_free(wire);
	return good;
}

bool address_domain(char out[ADDRESS_BYTES + 1], const char *address)
{
	const char *domain;
	size_t len;

	*out = 0;
	if (!address_ok(address))
		return false;
	domain = local_end(address) + 1;
	len = strlen(domain);
	for (size_t i = 0; i < len; i++)
		if ((unsigned char)domain[i] >= 0x80)
			return domain_wire(out, domain);
	for (size_t i = 0; i <= len; i++)
		out[i] = (char)(domain[i] >= 'A' && domain[i] <= 'Z' ? domain[i] + 32 : domain[i]);
	return true;
}

bool address_wire(char out[ADDRESS_BYTES + 1], const char *address)
{
	char domain[ADDRESS_BYTES + 1];
	size_t local;

	*out = 0;
	if (!address_domain(domain, address))
		return false;
	local = (size_t)(local_end(address) + 1 - address);
	if (local + strlen(domain) > ADDRESS_BYTES)
		return false;
	memcpy(out, address, local);
	memcpy(out + local, domain, strlen(domain) + 1);
	return true;
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
