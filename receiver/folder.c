/* SPDX-License-Identifier: MIT */
#include "receiver/folder.h"

#include <stdio.h>
#include <sys/stat.h>

static bool there(const char *folder, const char *name, bool with_content)
{
	char path[4096]; /* not on the heap: want of memory must not look like "no box here" */
	int len = snprintf(path, sizeof(path), "%s/%s", folder, name);
	struct stat st;

	return len > 0 && (size_t)len < sizeof(path) && stat(path, &st) == 0 &&
	       (!with_content || st.st_size > 0);
}

/* A board that is more than a draft's beginning. */
static bool has_lone_board(const char *folder)
{
	return there(folder, FOLDER_BOARD, true) && !there(folder, FOLDER_DRAFT, false);
}

bool folder_has_box(const char *folder)
{
	return there(folder, FOLDER_BOX, false);
}

enum err folder_free(const char *folder, struct why *why)
{
	if (folder_has_box(folder))
		return why_set(why, ERR_EXISTS, "%s: there is a ballot box in it already", folder);
	if (has_lone_board(folder))
		return why_set(why, ERR_EXISTS,
		               "%s/" FOLDER_BOARD ": a board without its box, perhaps all that "
		               "is left of a vote: put `" FOLDER_BOX
		               "` back beside it, or, if it is of no use, move it away",
		               folder);
	return OK;
}

enum err folder_no_box(const char *folder, struct why *why)
{
	if (has_lone_board(folder))
		return why_set(why, ERR_NOT_FOUND,
		               "%s: there is no ballot box in it, but the " FOLDER_BOARD
		               " of one: put `" FOLDER_BOX
		               "` back beside it, from a backup if need be; do not lose the board",
		               folder);
	return why_set(why, ERR_NOT_FOUND, "%s: there is no ballot box in it; `open` makes one",
	               folder);
}
