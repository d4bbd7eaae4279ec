#!/bin/sh
# Runs unit tests and scripts, each of which prints TAP lines ("ok …", "not ok …"),
# tells of those that are skipped, and ends with "N passed, N failed".  Arguments name single tests: "test_addr",
# "nfdump".  O is the build folder, DIR that of the tests.
cd "$(dirname "$0")/.." || exit 1
O=${O:-build}
export O CMOCKA_MESSAGE_OUTPUT=TAP TZ=UTC LC_ALL=C
export ASAN_OPTIONS=detect_leaks=1 UBSAN_OPTIONS=print_stacktrace=1
out=$O/check.log
: > "$out"
passed=0 failed=0 skipped=

run() {
	name=$1
	shift
	log=$O/log.$name
	start=$(date +%s)
	timeout -k 10 "${LIMIT:-600}" "$@" > "$log" 2>&1 < /dev/null
	status=$?
	good=$(grep '^ok ' "$log" | grep -vc '# SKIP')
	skips=$(sed -n "s/^ok [0-9]* *-* */$name: /; s/ *# SKIP */: /p" "$log")
	bad=$(grep -c '^not ok ' "$log")
	# A test that printed nothing, or failed without saying which line, is one failure.
	if [ "$bad" = 0 ] && { [ $status != 0 ] || [ "$good$skips" = 0 ]; }; then
		bad=1
		echo "not ok - $name ended with status $status" >> "$log"
	fi
	passed=$((passed + good)) failed=$((failed + bad))
	printf '%-28s %4d passed %3d failed %4d s\n' "$name" "$good" "$bad" $(($(date +%s) - start))
	# What failed, with what is told of it; all of it is in the log.
	[ "$bad" = 0 ] || grep -v '^ok ' "$log" | sed 's/^/    /' | head -n 60
	[ -z "$skips" ] || skipped="$skipped$skips
"
	cat "$log" >> "$out"
}

wanted() {
	[ -z "$all" ] || return 0
	for w in $names; do [ "$w" = "$1" ] && return 0; done
	return 1
}

names=$*
all=${1:-all}
[ $# = 0 ] || all=
dir=${DIR:-tests}
for t in "$dir"/test_*.c; do
	[ -e "$t" ] || continue
	t=$(basename "$t" .c)
	wanted "$t" && run "$t" "$O/$t"
done
for t in "$dir"/*.sh; do
	t=$(basename "$t" .sh)
	case $t in run | lib | daemonlib) continue ;; esac
	wanted "$t" && run "$t" sh "$dir/$t.sh"
done
[ -z "$skipped" ] || printf '\nskipped:\n%s' "$skipped" | sed '3,$s/^/  /'
echo
echo "$passed passed, $failed failed"
[ "$failed" = 0 ] && [ "$passed" != 0 ]
