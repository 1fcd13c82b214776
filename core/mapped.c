/* SPDX-License-Identifier: MIT */
#include "core/mapped.h"

#include <stdio.h>
#include <sys/mman.h>
#include <sys/stat.h>

#define LINE_CAP 4096

void mapped_find(struct mapped *m, int fd)
{
	FILE *maps = fopen("/proc/self/maps", "re");
	unsigned long from, to, inode;
	char line[LINE_CAP];
	struct stat st;

	*m = (struct mapped){ 0 };
	if (maps && !fstat(fd, &st))
		while (!m->at && fgets(line, sizeof(line), maps))
			if (sscanf(line, "%lx-%lx %*s %*s %*s %lu", &from, &to, &inode) == 3 &&
			    inode == st.st_ino)
				*m = (struct mapped){ (void *)from, to - from };
	if (maps)
		fclose(maps);
	if (m->at)
		(void)madvise(m->at, m->len, MADV_NOHUGEPAGE);
}

void mapped_trim(const struct mapped *m)
{
	if (m->at)
		(void)madvise(m->at, m->len, MADV_DONTNEED);
}
