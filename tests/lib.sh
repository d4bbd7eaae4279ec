# For test scripts: `. tests/lib.sh` from the top folder.  Prints TAP lines; a
# folder $T of the test's own goes away at the end, and processes noted with
# `started PID` are stopped by their id.
O=${O:-build}
T=$(mktemp -d "${TMPDIR:-/tmp}/flowlight-test.XXXXXX")
count=0 pids=
umask 022

finish() {
	for p in $pids; do quit "${p%:*}"; done
	for p in $pids; do wait "${p%:*}" 2>/dev/null; done
	for p in $(cat "$T/ports" 2>/dev/null); do rmdir "$(port_lock "$p")" 2>/dev/null; done
	[ -n "$KEEP" ] && echo "# kept $T" || rm -rf "$T"
}
trap finish EXIT
trap 'exit 130' INT TERM

# born PID: sets born to when it began, as the kernel counts; to nothing when there is none.
born() {
	born=
	if read -r stat < "/proc/$1/stat"; then
		# shellcheck disable=SC2086
		set -- ${stat##*) }
		born=${20}
	fi
} 2> /dev/null

started() {
	born "$1"
	pids="$pids $1:$born"
}

# quit PID…: ends those noted with started that are still there.  An id of one that ended may be
# another test's process by now: there are no more than 32768 of them.
quit() {
	for quitter; do
		born "$quitter"
		case "$pids " in *" $quitter:$born "*) kill "$quitter" 2> /dev/null ;; esac
	done
}

# ok NAME COMMAND…: passes when the command succeeds.
ok() {
	name=$1
	shift
	count=$((count + 1))
	if "$@" > "$T/ok.out" 2>&1; then
		echo "ok $count - $name"
	else
		echo "not ok $count - $name"
		sed 's/^/# /' "$T/ok.out" | head -n 40
	fi
}

# is NAME GOT WANT: passes when the two texts are equal.
is() {
	count=$((count + 1))
	if [ "$2" = "$3" ]; then
		echo "ok $count - $1"
	else
		echo "not ok $count - $1"
		printf '%s\n' "$2" > "$T/is.got"
		printf '%s\n' "$3" > "$T/is.want"
		diff -u "$T/is.want" "$T/is.got" | sed 's/^/# /' | head -n 40
	fi
}

# has NAME TEXT PATTERN: passes when a line of the text matches the basic regular expression.
has() {
	count=$((count + 1))
	if printf '%s\n' "$2" | grep -q -e "$3"; then
		echo "ok $count - $1"
	else
		echo "not ok $count - $1"
		printf '%s\n' "$2" | head -n 20 | sed 's/^/# /'
	fi
}

# skip NAME REASON: a test that cannot be here; tests/run.sh tells of each.
skip() {
	count=$((count + 1))
	echo "ok $count - $1 # SKIP $2"
}

# wait_for SECONDS COMMAND…: until the command succeeds; 1 when it does not.  The
# seconds are those of an idle machine; a busy one is given ten times as many.
wait_for() {
	wait_end=$(($(date +%s) + $1 * 10))
	shift
	while ! "$@" > /dev/null 2>&1; do
		[ "$(date +%s)" -lt "$wait_end" ] || return 1
		sleep 0.1
	done
}

# free_port: a TCP and UDP port of 127.0.0.1 that nobody has just now, kept for this
# test alone until it ends.  None of those that the system gives to clients.
port_lock() { echo "${TMPDIR:-/tmp}/flowlight-port.$1"; }
free_port() {
	while port_try=$(node -e '
		const p = 15000 + Math.floor(Math.random() * 15000);
		const s = require("net").createServer().on("error", () => {});
		const u = require("dgram").createSocket("udp4").on("error", () => s.close());
		s.listen(p, "127.0.0.1", () => u.bind(p, "127.0.0.1", () => { console.log(p); s.close(); u.close(); }));
	'); do
		[ -n "$port_try" ] && mkdir "$(port_lock "$port_try")" 2>/dev/null || continue
		echo "$port_try" >> "$T/ports"
		echo "$port_try"
		return
	done
}

# dead PID: whether the process has ended, even if nobody has asked how.
dead() {
	! kill -0 "$1" 2> /dev/null || case $(ps -o stat= -p "$1") in Z* | '') ;; *) false ;; esac
}

# Of a collector's port: listening PORT, whether it has its socket; received PORT, whether
# it has taken all datagrams from it.  Where the system does not tell, after a while.
udp_sockets() { cat /proc/net/udp /proc/net/udp6 2> /dev/null | awk -v port="$(printf ':%04X$' "$1")" '$2 ~ port'; }
listening() {
	[ -r /proc/net/udp ] || { sleep 1; return; }
	udp_sockets "$1" | grep -q .
}
received() {
	[ -r /proc/net/udp ] || { sleep 1; return; }
	! udp_sockets "$1" | awk '$5 !~ /:00000000$/' | grep -q .
}
