/* SPDX-License-Identifier: MIT */
#include "mailer/limits.h"

#include <stdbool.h>
#include <stddef.h>
#include <string.h>
#include <strings.h>

#define NAMES_MAX 8

static const struct limit_receiver receivers[LIMIT_RECEIVERS] = {
	{ "Gmail", 5000,
	  "SPF, DKIM and DMARC, a PTR record, TLS, and complaints under 0.3 %. Else letters are "
	  "put "
	  "off (4.7.x) or refused (5.7.x)." },
	{ "Outlook.com", 5000, "SPF, DKIM and DMARC. Else letters are refused (550 5.7.515)." },
	{ "Yahoo", 5000, "SPF, DKIM and DMARC. Too much at once is put off (421 TSS04)." },
};

/* Domains of each; one that ends in a dot stands for those of every country. */
static const char *const domains[LIMIT_RECEIVERS][NAMES_MAX] = {
	{ "gmail.com", "googlemail.com" },
	{ "outlook.", "hotmail.", "live.", "msn.com" },
	{ "yahoo.", "ymail.com", "rocketmail.com", "aol.com" },
};

static const struct {
	const char *host; /* its end */
	struct limit_relay limit;
} relays[] = {
	{ "smtp.gmail.com", { "Google Workspace", 2000, 0 } },
	{ "smtp-relay.gmail.com", { "Google Workspace", 2000, 0 } },
	{ "office365.com", { "Exchange Online", 10000, 30 } },
	{ "mail.protection.outlook.com", { "Exchange Online", 10000, 30 } },
};

const struct limit_receiver *limits_receiver(unsigned i)
{
	return &receivers[i];
}

static bool is_of(const char *domain, const char *name)
{
	size_t len = strlen(name);

	return name[len - 1] == '.' ? !strncmp(domain, name, len) : !strcmp(domain, name);
}

int limits_receiver_of(const char *domain)
{
	for (int i = 0; i < LIMIT_RECEIVERS; i++)
		for (unsigned j = 0; j < NAMES_MAX && domains[i][j]; j++)
			if (is_of(domain, domains[i][j]))
				return i;
	return -1;
}

const struct limit_relay *limits_relay_of(const char *host)
{
	size_t len = strlen(host);

	for (size_t i = 0; i < sizeof(relays) / sizeof(relays[0]); i++) {
		size_t own = strlen(relays[i].host);

		if (len >= own && !strcasecmp(host + len - own, relays[i].host) &&
		    (len == own || host[len - own - 1] == '.'))
			return &relays[i].limit;
	}
	return NULL;
}
