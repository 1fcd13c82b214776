/* SPDX-License-Identifier: MIT */
#include "scrutineer/typeface.h"

#include <stdlib.h>
#include <string.h>

#include "core/buf.h"
#include "core/file.h"

#define FILE_MAX  ((size_t)8 << 20)
#define CODES     65536u
#define TABLE_ROW 16u
#define FORMAT_4  4u

struct typeface {
	unsigned char has[CODES / 8];
};

/* Big-endian numbers; 0 beyond the end, which no table takes for anything. */
struct bytes {
	const unsigned char *at;
	size_t len;
};

static uint32_t u16(const struct bytes *b, size_t at)
{
	return at + 2 <= b->len ? (uint32_t)b->at[at] << 8 | b->at[at + 1] : 0;
}

static uint32_t u32(const struct bytes *b, size_t at)
{
	return u16(b, at) << 16 | u16(b, at + 2);
}

/* The table of this tag; its length 0 where there is none. */
static struct bytes table(const struct bytes *file, const char tag[4])
{
	const uint32_t tables = u16(file, 4);
	struct bytes none = { file->at, 0 };

	for (uint32_t i = 0; i < tables; i++) {
		size_t row = 12 + (size_t)i * TABLE_ROW, start = u32(file, row + 8),
		       len = u32(file, row + 12);

		if (row + TABLE_ROW > file->len)
			return none;
		if (memcmp(file->at + row, tag, 4) != 0)
			continue;
		if (start > file->len || len > file->len - start)
			return none;
		return (struct bytes){ file->at + start, len };
	}
	return none;
}

static void mark(struct typeface *f, uint32_t c)
{
	f->has[c / 8] |= (unsigned char)(1u << c % 8);
}

/* A segment of codes: either all move by one delta, or each looks its glyph up. Segments rise, so
 * that none begins before `from`; the answer is where the next may. */
static uint32_t segment(struct typeface *f, const struct bytes *t, size_t i, size_t segments,
                        uint32_t from)
{
	const size_t ends = 14, starts = ends + 2 * segments + 2, deltas = starts + 2 * segments,
		     offsets = deltas + 2 * segments;
	const uint32_t end = u16(t, ends + 2 * i), start = u16(t, starts + 2 * i),
		       delta = u16(t, deltas + 2 * i), offset = u16(t, offsets + 2 * i);

	for (uint32_t c = start < from ? from : start; c <= end && c != 0xffff; c++) {
		uint32_t glyph = offset ? u16(t, offsets + 2 * i + offset + 2 * (c - start)) : c;

		if ((glyph || !offset) && ((glyph + delta) & 0xffff))
			mark(f, c);
	}
	return end + 1 > from ? end + 1 : from;
}

static bool read_cmap(struct typeface *f, const struct bytes *cmap)
{
	const uint32_t n = u16(cmap, 2);

	for (uint32_t i = 0; i < n && i < 64; i++) {
		size_t row = 4 + (size_t)i * 8, start = u32(cmap, row + 4);
		struct bytes t;
		size_t segments;
		uint32_t from = 0;

		/* Unicode: platform 0, or platform 3 with encoding 1. */
		if (u16(cmap, row) != 0 && !(u16(cmap, row) == 3 && u16(cmap, row + 2) == 1))
			continue;
		if (start >= cmap->len || u16(cmap, start) != FORMAT_4)
			continue;
		t = (struct bytes){ cmap->at + start, cmap->len - start };
		segments = u16(&t, 6) / 2;
		for (size_t s = 0; s < segments && 16 + 8 * s < t.len; s++)
			from = segment(f, &t, s, segments, from);
		return true;
	}
	return false;
}

enum err typeface_parse(struct typeface **out, const unsigned char *bytes, size_t len)
{
	const struct bytes file = { bytes, len };
	struct bytes cmap = table(&file, "cmap");
	struct typeface *f = calloc(1, sizeof(*f));

	*out = f;
	if (!f)
		return ERR_MEMORY;
	return read_cmap(f, &cmap) ? OK : ERR_FORMAT;
}

enum err typeface_read(struct typeface **out, const char *path, struct why *why)
{
	struct buf file = BUF_INIT(FILE_MAX);
	enum err e = file_read(&file, path, why);

	*out = NULL;
	if (!e) {
		e = typeface_parse(out, (const unsigned char *)buf_text(&file), file.len);
		if (e)
			(void)why_set(why, e, "%s: no TrueType file with a table of characters",
			              path);
	} else if (e == ERR_NOT_FOUND) {
		(void)why_set(why, e,
		              "%s: not there; the PDF needs the typeface DejaVu (package "
		              "fonts-dejavu-core), or --fonts names its folder",
		              path);
	}
	buf_free(&file);
	return e;
}

void typeface_free(struct typeface *f)
{
	free(f);
}

bool typeface_has(const struct typeface *f, uint32_t c)
{
	return c < CODES && f->has[c / 8] >> c % 8 & 1;
}
