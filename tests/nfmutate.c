/*
 * nfmutate FILE STEP: reads a collector file with every STEP-th of its bytes
 * changed in turn (the first 100 all) and cut to lengths.  Ends with 1 when one
 * of them takes over a second.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/file.h"
#include "format/reader.h"

static char path[] = "/tmp/flowlight-mutate.XXXXXX";

static double
seconds(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec + ts.tv_nsec / 1e9;
}

/* Reads the file with all its columns; what it says does not matter. */
static int
read_through(const struct fieldset *all)
{
	double start = seconds();
	struct err e = { 0 };
	struct reader *r = reader_open(path, all, &e);
	struct batch *b;
	uint64_t sum = 0;

	while (r != NULL && reader_next(r, &b, &e) == 1)
		for (size_t i = 0; i < b->n; i++)
			for (int f = 0; f < F_COUNT; f++)
				sum += fields[f].kind == KIND_TEXT || fields[f].kind == KIND_BINARY ?
				    (COLSLICE(b, f)[i].len != 0 ? COLSLICE(b, f)[i].p[COLSLICE(b, f)[i].len - 1] : 0) :
				    batch_number(b, f, i);
	reader_close(r);
	return seconds() - start < 1 || sum == 1 ? 0 : 1;
}

static int
try(int fd, const struct fieldset *all, const char *bytes, size_t n)
{
	/* In this order: ext4 writes a file to the disk that was emptied before. */
	if (pwrite(fd, bytes, n, 0) != (ssize_t)n || ftruncate(fd, n) == -1)
		return 1;
	return read_through(all);
}

int
main(int argc, char **argv)
{
	static const unsigned char flips[] = { 0x01, 0x80, 0xff };
	struct arena *a = arena_new();
	struct fieldset all = { { 0, 0 } };
	struct err e = { 0 };
	int fd = mkstemp(path), slow = 0;
	char *bytes;
	size_t n, step = argc == 3 ? strtoul(argv[2], NULL, 10) : 0;

	for (int f = 0; f < F_COUNT; f++)
		fieldset_add(&all, f);
	if (step == 0 || fd == -1 || (bytes = file_read(argv[1], 1024 * 1024, a, &n, &e)) == NULL) {
		fprintf(stderr, "nfmutate: %s\n", e.text);
		return 2;
	}
	for (size_t i = 0; i < n && slow == 0; i += i < 100 ? 1 : step)
		for (size_t k = 0; k < sizeof(flips) && slow == 0; k++) {
			bytes[i] ^= flips[k];
			slow = try(fd, &all, bytes, n);
			bytes[i] ^= flips[k];
		}
	for (size_t len = 0; len < n && slow == 0; len += 7 * step)
		slow = try(fd, &all, bytes, len);
	close(fd);
	unlink(path);
	arena_free(a);
	return slow;
}
