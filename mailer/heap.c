/* SPDX-License-Identifier: MIT */
#include "mailer/heap.h"

#include <stdlib.h>

#include "core/list.h"

void heap_release(struct heap *h)
{
	free(h->item);
	*h = (struct heap){ 0 };
}

enum err heap_push(struct heap *h, uint32_t key, uint32_t value)
{
	struct heap_item *item = list_more(h->item, h->n, sizeof(*item));
	size_t at;

	if (!item)
		return ERR_MEMORY;
	h->item = item;
	for (at = h->n++; at && item[(at - 1) / 2].key > key; at = (at - 1) / 2)
		item[at] = item[(at - 1) / 2];
	item[at] = (struct heap_item){ key, value };
	return OK;
}

const struct heap_item *heap_top(const struct heap *h)
{
	return h->n ? h->item : NULL;
}

struct heap_item heap_pop(struct heap *h)
{
	struct heap_item *item = h->item, top, last;
	size_t at = 0, child;

	if (!h->n)
		bug("an empty heap has no smallest");
	top = item[0];
	last = item[--h->n];
	while ((child = 2 * at + 1) < h->n) {
		if (child + 1 < h->n && item[child + 1].key < item[child].key)
			child++;
		if (item[child].key >= last.key)
			break;
		item[at] = item[child];
		at = child;
	}
	if (h->n)
		item[at] = last;
	return top;
}
