/*
 * measure RUNS OUT_A OUT_B COMMAND_A -- COMMAND_B
 *
 * Runs two commands in turn, A B A B …, after one uncounted run of each, and
 * prints: median wall seconds of A and B, the median of the ratios A/B run by
 * run, and the peak memory of A and B in MB.  What they print goes to the files
 * OUT_A and OUT_B.  Words with blanks cannot be given: use a script.
 */
#include <sys/resource.h>
#include <sys/time.h>
#include <sys/wait.h>

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define RUNS_MAX	100

struct figure { double seconds, mbytes; };

static double
now(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (double)ts.tv_sec + (double)ts.tv_nsec / 1e9;
}

static struct figure
run(char **argv, const char *out)
{
	double start = now();
	struct figure f;
	struct rusage usage;
	pid_t pid = fork();
	int status;

	if (pid == 0) {
		int fd = open(out, O_WRONLY | O_CREAT | O_TRUNC, 0644);

		if (fd == -1 || dup2(fd, STDOUT_FILENO) == -1)
			_exit(126);
		execvp(argv[0], argv);
		_exit(127);
	}
	if (pid == -1 || wait4(pid, &status, 0, &usage) == -1) {
		perror("measure");
		exit(1);
	}
	if (!WIFEXITED(status) || WEXITSTATUS(status) > 1) {
		fprintf(stderr, "measure: %s failed with status %d\n", argv[0], status);
		exit(1);
	}
	f.seconds = now() - start;
	f.mbytes = (double)usage.ru_maxrss / 1024;	/* kB on Linux and BSD */
	return f;
}

static int
compare(const void *one, const void *two)
{
	double a = *(const double *)one, b = *(const double *)two;

	return a < b ? -1 : a > b;
}

static double
median(double *values, int n)
{
	qsort(values, (size_t)n, sizeof(*values), compare);
	return n % 2 == 1 ? values[n / 2] : (values[n / 2 - 1] + values[n / 2]) / 2;
}

int
main(int argc, char **argv)
{
	double a[RUNS_MAX], b[RUNS_MAX], ratio[RUNS_MAX], mem_a = 0, mem_b = 0;
	int runs = argc > 5 ? atoi(argv[1]) : 0, split = 4;

	while (split < argc && strcmp(argv[split], "--") != 0)
		split++;
	if (runs < 1 || runs > RUNS_MAX || split + 1 >= argc) {
		fprintf(stderr, "usage: measure RUNS OUT_A OUT_B COMMAND_A -- COMMAND_B\n");
		return 2;
	}
	argv[split] = NULL;
	for (int i = -1; i < runs; i++) {
		struct figure fa = run(argv + 4, argv[2]), fb = run(argv + split + 1, argv[3]);

		mem_a = fa.mbytes > mem_a ? fa.mbytes : mem_a;
		mem_b = fb.mbytes > mem_b ? fb.mbytes : mem_b;
		if (i < 0)
			continue;
		a[i] = fa.seconds;
		b[i] = fb.seconds;
		ratio[i] = fa.seconds / fb.seconds;
	}
	printf("%.3f %.3f %.2f %.0f %.0f\n", median(a, runs), median(b, runs), median(ratio, runs), mem_a, mem_b);
	return 0;
}
