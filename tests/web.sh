# Pages through nginx with conf/nginx.conf, and flowlight.fcgi as a FastCGI and CGI program.
. tests/lib.sh
. tests/site/site.sh
site_start
nginx_start

code() { curl -s -o "$T/body" -D "$T/head" -w '%{http_code}' "$@"; }
for u in / /details /status /help /overview.json /details.json /status.json /help.json '/graph?size=mini' \
    '/details.csv?by=srcip' /static/style.css /static/flowlight.js /static/favicon.svg; do
	is "$u" "$(code "$URL$u")" 200
done
is "HEAD" "$(code -I "$URL/")" 200
is "POST is refused" "$(code -X POST "$URL/")" 405
has "and says what is allowed" "$(cat "$T/head")" '^Allow: GET, HEAD'
is "a parameter given twice" "$(code "$URL/details?top=1&top=2")" 400
has "is named" "$(cat "$T/body")" 'top'
is "an unknown parameter" "$(code "$URL/?x=1")" 400
is "bad percent-encoding" "$(code "$URL/details?filter=%zz")" 400
is "a NUL" "$(code "$URL/details?filter=a%00b")" 400
is "a newline in a name" "$(code "$URL/details?by%0d%0aX:=1")" 400
is "no such page" "$(code "$URL/nope")" 404
is "no way out of the static files" "$(code --path-as-is "$URL/static/../flowlight.conf")" 404
is "markup in a filter is shown as text" "$(code "$URL/details?filter=%3Cscript%3Ealert(1)%3C/script%3E")" 400
is "and never as markup" "$(grep -c '<script>alert' "$T/body")" 0
code "$URL/details" > /dev/null
for h in "Content-Security-Policy: default-src 'none'; style-src 'self'; img-src 'self'; script-src 'self'" \
    "X-Content-Type-Options: nosniff" "Referrer-Policy: no-referrer" "Cache-Control: private, no-store"; do
	has "header $h" "$(cat "$T/head")" "^$h"
done
is "no inline style or script" "$(grep -ciE '<[^>]+ (style|on[a-z]+)=|<script>|<style>' "$T/body")" 0
code "$URL/graph" > /dev/null
etag=$(sed -n 's/^ETag: \(.*\)\r$/\1/p' "$T/head")
is "a picture that is known already" "$(code -H "If-None-Match: $etag" "$URL/graph")" 304
is "and one that has changed" "$(code -H 'If-None-Match: "0"' "$URL/graph")" 200

# The nfdump line of a page, run by nfdump, has the numbers of the page.
shown() {
	json result.tables.0.rows.cells < "$T/body" > "$T/cells"
	node -e '
		const rows = JSON.parse(require("fs").readFileSync(process.argv[1]));
		for (const r of rows) console.log(process.argv[2].split(",").map(i => r[i].value).join(" "));
	' "$T/cells" "$1"
}
same_as_nfdump() {
	url=$1 ours=$2 theirs=$3
	is "$url" "$(code "$URL/details.json?$url")" 200
	line=$(json result.commands.nfdump < "$T/body")
	# Only the output is another, one that a test can read.
	csv=$(sh -c "nfdump -o csv -q $(echo "${line#nfdump}" | sed 's/ -o line / /')" 2>&1)
	shown "$ours" | sort > "$T/ours"
	echo "$csv" | awk -F, "/^[12]/ && NF > 8 { print $theirs }" | sort > "$T/theirs"
	ok "has rows" test -s "$T/ours"
	ok "nfdump agrees: $line" diff -u "$T/theirs" "$T/ours"
}
one='from=2026-11-20T16:00&to=2026-11-20T16:05' hours='from=2026-11-20T14:30&to=2026-11-20T17:10'
stat='$5, $6, $8, $10'
same_as_nfdump "$one&by=srcip&order=flows&top=1" 0,1,2,3 "$stat"
same_as_nfdump "$hours&by=srcip&order=bytes&top=1" 0,1,2,3 "$stat"
same_as_nfdump "$hours&by=dstport/packets&source=upstream2&filter=proto+tcp+and+not+src+ip+192.0.2.0" 0,1,2,3 "$stat"
same_as_nfdump "$hours&by=proto/bytes&filter=src+net+2001:db8::/32+or+proto+icmp" 1,2,3 '$6, $8, $10'
same_as_nfdump "$hours&by=ip/flows&filter=packets+%3E+200&top=1" 0,1,2,3 "$stat"
same_as_nfdump "$hours&keys=srcip,dstport&order=bytes&top=5&filter=proto+tcp" 0,1,3,4 '$4, $7, $12, $13'
same_as_nfdump "$one&list=1&limit=50&filter=proto+tcp" 3,4,5,6,8,9 '$4, $6, $5, $7, $12, $13'
# Words for the shell in a filter stay words of the filter.
code "$URL/details.json?$one&by=srcip&filter=not+ident+%22x';touch+$T/pwned;%24(touch+$T/pwned)%22" > /dev/null
sh -c "PATH=$O:\$PATH; $(json result.commands.flowlight < "$T/body")" > "$T/out" 2>&1
ok "a line with them runs nothing else" test ! -e "$T/pwned"
is "and gives the page's table" "$(grep -c 198.51.100.13 "$T/out") $(grep -c 198.51.100.13 "$T/body" | sed 's/[1-9].*/1/')" "1 1"

# And so does the table of statistics, which comes from the index.
code "$URL/details.json?$hours&figures=sum&source=upstream1" > /dev/null
json statistics.total.cells < "$T/body" > "$T/cells"
node -e '
	const c = JSON.parse(require("fs").readFileSync(process.argv[1])).map(x => x.value);
	const of = i => ["", "_tcp", "_udp", "_icmp", "_other"].map((p, k) => p + ": " + c[i * 5 + k]);
	for (const [i, n] of ["Flows", "Packets", "Bytes"].entries()) for (const l of of(i)) console.log(n + l);
' "$T/cells" > "$T/ours"
day=2026/11/20
nfdump -I -R "$SITE/flows/upstream1/$day/nfcapd.202611201430:nfcapd.202611201705" |
    grep -E '^(Flows|Packets|Bytes)(_tcp|_udp|_icmp|_other)?: ' > "$T/theirs"
ok "the statistics are those of nfdump -I" diff -u "$T/theirs" "$T/ours"

# Clients that do not finish what they began block nobody.
cat > "$T/hold.js" <<'EOF'
const net = require("net"), [to, n, bytes] = process.argv.slice(2);
let left = n;
for (let i = 0; i < n; i++)
	net.connect(/^\d+$/.test(to) ? { port: +to, host: "127.0.0.1" } : to).on("error", () => {}).on("close", () => console.log("closed"))
		.write(Buffer.from(bytes, "latin1"), () => --left || console.log("held"));
setTimeout(() => process.exit(), 60000);
EOF
hold() {
	node "$T/hold.js" "$@" > "$T/held" &
	started $!
	wait_for 10 grep -q held "$T/held"
}
hold "$port" 20 'GET /details HTTP/1.1
Ho'
# Not after the time that half a request may take: before it is closed.
served_beside() {
	hold "$T/fcgi.sock" 1 "$(printf '\001\001')"
	[ "$(code -m 100 "$URL/help")" = 200 ] && ! grep -q closed "$T/held"
}
ok "half requests: others are served" wait_for 10 served_beside
hold "$T/fcgi.sock" 4 "$(printf '\001\001')"
is "with all workers held: served when the time for a request is over" "$(code -m 100 "$URL/status")" 200
hold "$T/fcgi.sock" 2 'GET / HTTP/1.0 this is no FastCGI at all'
is "garbage on the socket" "$(code -m 50 "$URL/status")" 200

# Workers can start nothing and open no socket.
if [ -r /proc/self/status ]; then
	is "workers are confined" "$(for p in $(ps -o pid= --ppid "$fcgi"); do awk '/^(NoNewPrivs|Seccomp):/ { printf "%s ", $2 }' "/proc/$p/status"; done | tr -s ' ' '\n' | sort | uniq -c | tr -s ' \n' ' ')" " 4 1 4 2 "
fi

# Workers come and go.
workers() { ps -o pid= --ppid "$fcgi" | tr -d ' ' | sort | tr '\n' ' '; }
replaced() { [ "$(workers | wc -w)" = 4 ] && [ "$(workers)" != "$before" ]; }
before=$(workers)
kill -9 "${before%% *}"
ok "a worker that died is replaced" wait_for 5 replaced
is "and the pages are there" "$(code "$URL/help")" 200
sed "s|^share = .*|share = \"$T/nowhere\"|" "$SITE/flowlight.conf" > "$T/conf.bad"
cp "$SITE/flowlight.conf" "$T/conf.good"
cp "$T/conf.bad" "$SITE/flowlight.conf"
kill -HUP $fcgi
ok "a reload with a fault is logged" wait_for 5 grep -q 'not reloaded' "$T/fcgi.log"
is "and changes nothing" "$(code "$URL/help")" 200
whois=$(free_port)
node tests/site/whois.mjs "$whois" > "$T/whois" &
started $!
wait_for 10 grep -q 'ready 127.0.0.1' "$T/whois"
{ cat "$T/conf.good"; echo 'site = "Other name"'; echo "whois = \"127.0.0.1:$whois\""; } > "$SITE/flowlight.conf"
kill -HUP $fcgi
renamed() { curl -s "$URL/help" | grep -q 'Other name'; }
ok "a reload takes the new configuration" wait_for 5 renamed
for i in 1 2 3 4; do code "$URL/whois.json?ip=192.0.2.13" > /dev/null; code "$URL/whois.json?ip=192.0.2.99" > /dev/null; done
has "confined workers ask whois" "$(cat "$T/body")" 'nothing found'
is "and keep what was answered whole" "$(grep -c '192.0.2.99$' "$T/whois")$(grep -c '192.0.2.13$' "$T/whois")" 14
cp "$T/conf.good" "$SITE/flowlight.conf"
gone() { ! kill -0 $fcgi; }
kill -TERM $fcgi
ok "SIGTERM ends it" wait_for 5 gone
ok "with status 0" wait $fcgi
ok "and without its socket" test ! -e "$T/fcgi.sock"
is "then nginx says so" "$(code "$URL/help")" 502

# A socket that was handed over, and one that is in the way.
"$O/flowlight.fcgi" -c "$SITE/flowlight.conf" -s "$T/second.sock" -w 1 -m 0600 2> "$T/second.log" &
second=$!
started $second
wait_for 5 test -S "$T/second.sock"
is "the socket's mode" "$(ls -l "$T/second.sock" | cut -c1-10)" srw-------
has "a socket in use is not taken away" \
    "$("$O/flowlight.fcgi" -c "$SITE/flowlight.conf" -s "$T/second.sock" 2>&1)" 'second.sock: Address already in use'
kill -9 $second
wait $second 2> /dev/null

# Root makes the socket, and serves it as the user of the configuration.
if [ "$(id -u)" = 0 ]; then
	{ cat "$SITE/flowlight.conf"; echo 'user = nobody'; } > "$T/user.conf"
	"$O/flowlight.fcgi" -c "$T/user.conf" -s "$T/third.sock" -w 1 2> "$T/third.log" &
	third=$!
	started $third
	of_third() { ps -o "$1=" -p $third --ppid $third | sort -u | tr -d ' '; }
	with_workers() { [ "$(ps -o pid= --ppid $third | wc -l)" -gt 0 ]; }
	wait_for 10 with_workers
	is "started by root: another user, the workers too" "$(of_third user)" nobody
	is "and group" "$(of_third group)" "$(id -gn nobody)"
	kill $third
	wait $third
	{ cat "$SITE/flowlight.conf"; echo 'user = nosuchuser'; } > "$T/user.conf"
	has "a user that is not there" "$("$O/flowlight.fcgi" -c "$T/user.conf" -s "$T/fourth.sock" 2>&1)" 'there is no user "nosuchuser"'
else
	skip "the user that flowlight.fcgi becomes" "not root"
fi
if command -v spawn-fcgi > /dev/null; then
	spawn-fcgi -s "$T/fcgi.sock" -P "$T/spawned" -- "$O/flowlight.fcgi" -c "$SITE/flowlight.conf" > /dev/null
	started "$(cat "$T/spawned")"
	is "by spawn-fcgi" "$(code "$URL/help")" 200
else
	skip "by spawn-fcgi" "it is not installed"
fi

# As a plain CGI program, under a name of its own.
cgi() {
	env -i GATEWAY_INTERFACE=CGI/1.1 REQUEST_METHOD="${3:-GET}" SCRIPT_NAME=/cgi-bin/flow PATH_INFO="$1" \
	    QUERY_STRING="$2" FLOWLIGHT_NOW=$FLOWLIGHT_NOW FLOWLIGHT_CONF="$SITE/flowlight.conf" \
	    "$O/flowlight.fcgi" -x from the query
}
has "plain CGI" "$(cgi /overview '')" '^Status: 200 OK'
has "its links keep the program's place" "$(cgi /overview '')" 'href="/cgi-bin/flow/details?'
has "also without a path" "$(cgi '' '')" 'href="/cgi-bin/flow/status"'
is "HEAD has no body" "$(cgi /help '' HEAD | sed '1,/^.$/d' | wc -c | tr -d ' ')" 0
is "nothing was wrong under way" "$(grep -c -iE 'sanitizer|runtime error|by signal [^9]' "$T/fcgi.log")" 0
