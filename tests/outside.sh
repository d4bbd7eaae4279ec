# What the programs do outside of themselves, as the kernel sees it: no connections, no programs
# but the collectors of the configuration, those with fixed words and an empty environment.
. tests/lib.sh
. tests/site/site.sh
. tests/daemonlib.sh
if ! strace -f -o "$T/strace" true 2> /dev/null; then
	skip "S20, S25, S28, S30: what the programs do outside" "strace cannot be used here"
	exit
fi
# traced LOG COMMAND…: the kernel's calls go to the log; its process is the program itself.
traced() {
	trace=$1
	shift
	# shellcheck disable=SC2086
	exec env $ENVIRONMENT strace -D -f -qq -v -s 400 -e trace=socket,socketpair,connect,bind,sendto,sendmsg,sendmmsg,execve,execveat -o "$trace" "$@"
}
# calls LOG NAME: how many there were.
calls() { grep -cE "^[0-9]+ +(<\.\.\. )?$2[ (]" "$1"; }

# What an environment may say, that libraries listen to: librrd asks the rrdcached that it names.
node -e '
	require("net").createServer(s => { require("fs").appendFileSync(process.argv[2], "asked\n"); s.end("-1 no\n"); }).listen(process.argv[1]);
' "$T/rrdcached" "$T/cached" &
started $!
ok "a socket waits" wait_for 10 test -S "$T/rrdcached"
ENVIRONMENT="SECRET=hidden RRDCACHED_ADDRESS=unix:$T/rrdcached http_proxy=http://127.0.0.1:9/ HTTP_PROXY=http://127.0.0.1:9/"

# ---- the daemon and its collectors ----
port=$(free_port)
# Collectors of our own making that tell what they were given.
cat > "$T/nfcapd" <<-EOF
	#!/bin/sh
	tr '\\0' '\\n' < /proc/\$\$/environ > $T/given.env
	for w; do printf '%s\\n' "\$w"; done > $T/given.tmp
	mv $T/given.tmp $T/given
	exec sleep 1000
EOF
chmod 755 "$T/nfcapd"
settings="nfcapd = \"$T/nfcapd\" sandbox = false"
site outside UTC a
cat >> "$S/conf" <<-EOF
	source "up" { dir = "$S/up" port = $port listen = "127.0.0.1" ident = "\$(id);x" options = "-B 1000000 ; \$(touch\${IFS}$T/pwned)" }
EOF
"$O/mkslots" "$S/a" UTC 1763640000 5 100
(traced "$T/daemon.strace" "$O/flowlightd" -f -v -c "$S/conf" >> "$S/log" 2>&1) &
pid=$!
started $pid
ok "the daemon reads" wait_for 30 settled
ok "and starts its collector" wait_for 30 test -s "$T/given"
is "S28: with the words of the configuration, each as it is there" "$(cat "$T/given")" "-w
$S/up
-p
$port
-S
0
-t
300
-I
\$(id);x
-b
127.0.0.1
-y
-B
1000000
;
\$(touch$T/pwned)"
is "S30: and nothing in its environment but the zone" "$(cat "$T/given.env")" TZ=UTC
kill "$pid"
wait_for 20 dead "$pid"
is "S1: nothing was run by a shell" "$(ls "$T" | grep -c pwned)" 0
is "S28: no other program was started" "$(grep -E ' execve\(' "$T/daemon.strace" | grep -vcE "execve\(\"($O/flowlightd|$T/nfcapd|[a-z/]*/(tr|mv|sleep))\"")" 0
is "S20: no connection of the daemon's" "$(calls "$T/daemon.strace" connect)" 0
is "S25: nor a socket but for the collector's port" "$(grep -E ' (socket|socketpair|bind)\(' "$T/daemon.strace" |
    grep -vcE "socket\(AF_INET, SOCK_DGRAM|bind\(.*sin_port=htons\($port\), sin_addr=inet_addr\(\"127.0.0.1\"\)")" 0

# S28: a configuration that others may write to decides what root runs.
if [ "$(id -u)" = 0 ]; then
	cp "$S/conf" "$T/others.conf"
	chmod 666 "$T/others.conf"
	has "S28: root trusts no configuration that all may write" "$("$O/flowlightd" -n -c "$T/others.conf" 2>&1; echo "status $?")" 'others may write to it'
	chmod 664 "$T/others.conf"
	has "S28: nor one of a group" "$("$O/flowlightd" -f -c "$T/others.conf" 2>&1)" 'others may write to it'
	chmod 644 "$T/others.conf"
	ok "S28: else it does" "$O/flowlightd" -n -c "$T/others.conf"
	chown 65534 "$T/others.conf"
	has "S28: nor one of another user" "$("$O/flowlightd" -n -c "$T/others.conf" 2>&1)" 'belongs to user 65534'
else
	skip "S28: whose configuration root trusts" "not root"
fi

# ---- pages, all of them, without the sandbox ----
site_start
echo 'sandbox = false' >> "$SITE/flowlight.conf"
port=$(free_port)
URL=http://127.0.0.1:$port
nginx_conf sample nginx
: > "$T/begun"
(traced "$T/fcgi.strace" "$O/flowlight.fcgi" -c "$SITE/flowlight.conf" -s "$T/fcgi.sock" -w 2 2> "$T/fcgi.log") &
fcgi=$!
started $fcgi
nginx -p "$T/nginx" -c "$T/nginx.conf" -e "$T/nginx/error.log" &
started $!
ok "pages are there" wait_for 20 curl -sf -o /dev/null "$URL/help"
w='from=2026-11-20T16:00&to=2026-11-20T18:00'
wrong=
for u in / /overview /status /help /queries /saved "/details?$w&by=srcip" "/details.json?$w&by=dstport" "/details.csv?$w&list=1&filter=src+port+53" /graph \
    '/graph?format=svg&size=wide' "/graph?source=upstream2" "/explain?source=upstream1&at=2026-11-20T16:00" /host/198.51.100.7 "/host/2001:db8:1::/48" \
    /analysis "/heat?source=upstream1" "/name?host=198.51.100.7" "/details?$w&by=srcip&filter=host+example.org" /filter.json?filter=port /log; do
	c=$(curl -s -o /dev/null -w '%{http_code}' "$URL$u")
	case $c in 5?? | 000) wrong="$wrong $u:$c" ;; esac
done
is "all pages are there" "$wrong" ""
is "graphs among them" "$(curl -s -o /dev/null -w '%{http_code} %{content_type}' "$URL/graph")" "200 image/png"
is "S25: pages connected to nothing" "$(grep -E ' connect\(' "$T/fcgi.strace")" ""
is "S25: and have no socket but their own" "$(grep -E ' (socket|socketpair)\(' "$T/fcgi.strace" | grep -vc 'socket(AF_UNIX')$(calls "$T/fcgi.strace" bind)" 01
is "S25: nor sent anything" "$(grep -cE ' send(to|msg|mmsg)\(' "$T/fcgi.strace")" 0
is "S1: and started no program" "$(grep -cE ' execve(at)?\(' "$T/fcgi.strace")" 1
is "S20: rrdcached was not asked" "$(cat "$T/cached" 2> /dev/null)" ""
is "S9: nothing was written beside the pages" "$(find static templates -newer "$T/begun")" ""
