/* SPDX-License-Identifier: MIT */
#include "core/list.h"

#include <stdint.h>
#include <stdlib.h>

void *list_more(void *list, size_t n, size_t size)
{
	const size_t room = n ? 2 * n : 1;

	if (n & (n - 1))
		return list;
	return room > SIZE_MAX / size / 2 ? NULL : realloc(list, room * size);
}
