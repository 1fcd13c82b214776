/* SPDX-License-Identifier: MIT */
#include "core/phrases.h"

#include <string.h>

bool phrases_in(const char *text, const char *const *phrases)
{
	while (*phrases && !strcasestr(text, *phrases))
		phrases++;
	return *phrases;
}
