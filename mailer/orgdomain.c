/* SPDX-License-Identifier: MIT */
#include "mailer/orgdomain.h"

#include <stdio.h>
#include <string.h>

#include <libpsl.h>

void orgdomain_of(char out[DNS_NAME_TEXT], const char *domain)
{
	const char *found;
	size_t len = strlen(domain);

	while (len && domain[len - 1] == '.')
		len--;
	if (len >= DNS_NAME_TEXT)
		len = DNS_NAME_TEXT - 1;
	for (size_t i = 0; i < len; i++)
		out[i] = domain[i] >= 'A' && domain[i] <= 'Z' ? (char)(domain[i] - 'A' + 'a')
		                                              : domain[i];
	out[len] = 0;
	found = psl_registrable_domain(psl_builtin(), out);
	if (found)
		memmove(out, found, strlen(found) + 1);
}

bool orgdomain_same(const char *a, const char *b)
{
	char left[DNS_NAME_TEXT], right[DNS_NAME_TEXT];

	orgdomain_of(left, a);
	orgdomain_of(right, b);
	return *left && !strcmp(left, right);
}
