# Cases that brought down others: each under its number, through nginx or on the socket.
. tests/lib.sh
. tests/site/site.sh
site_start
nginx_start
code() { curl -s -o "$T/body" -D "$T/head" -w '%{http_code}' "$@"; }
coded() { printf %s "$1" | od -An -v -tx1 | tr -d ' \n' | sed 's/../%&/g'; }
fields='from to source filter by keys order top limit end type proto range scale style figures list size theme zoom format pick go mode'

# S1, S2, S9: no shell, in the tree or by any field.
is "S1: nothing that starts a shell" "$(grep -nE '\b(system|popen|wordexp|execl|execlp|execvp|execvpe|execle)\(' lib/*/*.c lib/*.c daemon/*.c cgi/*.c cli/*.c)" ""
is "S1: the pages start no program at all" "$(grep -nE '\b(exec[a-z]*|posix_spawnp?)\(' cgi/*.c)" ""
shells=0
for v in ";touch $T/pwned" "|touch $T/pwned" "\$(touch $T/pwned)" "\`touch $T/pwned\`" "' ; touch $T/pwned ; '" "\" ; touch $T/pwned ; \"" \
    "-w$T/pwned" "--help" "-f/etc/passwd" "../../../../etc/passwd" "/etc/passwd" "file:///etc/passwd" '%s%n%s%n' 'DEF:x=/etc/passwd:a:AVERAGE' \
    '${HOME}' '=cmd|x' "x
y"; do
	v=$(coded "$v")
	for f in $fields; do
		c=$(code "$URL/details?$f=$v")
		g=$(code "$URL/graph?$f=$v")
		case $c$g in *000* | *5??) echo "not ok - S1: $f=$v: $c $g" ;; esac
		grep -q 'root:x:0' "$T/body" && echo "not ok - S4: $f=$v shows a file"
		shells=$((shells + 2))
	done
done
is "S1: $shells requests with words for shells ran nothing" "$(ls "$T" | grep -c pwned)" 0
is "S4: and show no file" "$(code "$URL/details?filter=$(coded '-f/etc/passwd')")$(grep -c root: "$T/body")" 4000
is "S3: what is no address is refused" "$(code "$URL/host/$(coded '127.0.0.1;id')")$(code "$URL/host/1.2.3.4.5")" 400400
is "S6: a source is a name" "$(code "$URL/details?source=../../etc")" 400
is "S6: no way out of the static files" "$(for p in ../flowlight.conf ..%2fflowlight.conf %2e%2e/flowlight.conf style.css/../../x '' . .git/config; do
	code --path-as-is "$URL/static/$p"; done | sed 's/400/404/g; s/403/404/g')" "404404404404404404404"
is "S7: nothing of the source's tree" "$(code "$URL/.git/config")$(code "$URL/flowlight.conf")$(code "$URL/state/index.db")" 404404404
is "S8: a parameter twice" "$(code "$URL/details?type=flows&type=flows")$(code "$URL/graph?size=mini&size=wide")" 400400
is "S8: in an array" "$(code "$URL/details?type%5B%5D=flows")" 400

# S13, S26, S27, S15: what is reflected.
cp "$SITE/flowlight.conf" "$T/conf"
for p in details graph status overview help queries host/1.2.3.4 explain saved; do
	for f in $fields "x" '%3Cb%3E'; do
		code "$URL/$p?$f=$(coded "\"'><script>alert(1)</script><img src=x onerror=alert(1)>")" > /dev/null
		grep -qE '<script>alert|<img src=x' "$T/body" && echo "not ok - S13: $p?$f= is shown as markup"
	done
done
is "S13: in a path" "$(code "$URL/%3Cscript%3Ealert(1)%3C/script%3E")$(grep -c '<script>alert' "$T/body")" 4040
is "S13: nothing reflected is markup" "$(code "$URL/details?filter=$(coded "ident \"<script>alert(1)</script>\"")")$(grep -c '<script>alert' "$T/body")" 2000
is "S13: a user's name" "$(node tests/site/fcgi.js "$T/fcgi.sock" REQUEST_METHOD=GET PATH_INFO=/help 'REMOTE_USER=<script>alert(1)</script>' |
    grep -c '<script>alert')" 0
is "S15: no line of a header from a request" "$(code "$URL/details?go=show&filter=$(coded "any
X-Evil: 1")" > /dev/null; grep -ci '^x-evil' "$T/head")" 0
is "S15: nor from a path" "$(code --path-as-is "$URL/details%0d%0aX-Evil:%201" > /dev/null; grep -ci '^x-evil' "$T/head")" 0
code "$URL/nope$(coded "$(printf '\033[31m\nforged')")" > /dev/null
node tests/site/fcgi.js "$T/fcgi.sock" REQUEST_METHOD=GET "PATH_INFO=/details" "QUERY_STRING=by=srcip$(printf '\033]0;x\a\nforged: line')" > /dev/null
is "S27: no control bytes in the log" "$(LC_ALL=C grep -c "$(printf '[\001-\010\013-\037]')" "$T/fcgi.log")" 0
is "S27: no line of another's making" "$(grep -c '^forged' "$T/fcgi.log")" 0
code "$URL/details.csv?from=2026-11-20T16:00&to=2026-11-20T16:05&list=1&limit=50" > /dev/null
is "S26: no cell of a table begins a formula" "$(tr ',' '\n' < "$T/body" | grep -cE '^"?[=+@]|^"?-[^0-9]')" 0

# S19, S29: pictures.
is "S19: what goes to librrd is from a list" "$(for v in '%s%n' 'DEF:x=/etc/passwd' ':' '\' 'a b' '--title=x'; do
	for f in type proto scale style size theme zoom format range; do code "$URL/graph?$f=$(coded "$v")"; done; done | sed 's/400//g')" ""
is "S29: no other sizes" "$(code "$URL/graph?width=20000&height=20000")$(code "$URL/graph?zoom=100")" 400400
is "S29: a filter of many words" "$(code "$URL/details?filter=$(coded "$(for i in $(seq 1 600); do printf 'port %s or ' "$i"; done)any")" | sed 's/200\|400\|414/fine/')" fine
is "S29: one that is nested deep" "$(code "$URL/details?filter=$(for i in $(seq 1 2000); do printf '('; done)any")" 400
is "S29: a regular expression without end" "$(code -m 60 "$URL/details?list=1&filter=$(coded 'ident "(a*)*(a*)*(a*)*b"')" | sed 's/200\|400/fine/')" fine

# R36: times and limits.  answers QUERY CODE TEXT: with a reason where it is refused.
answers() {
	c=$(code -m 100 "$URL/details?$1")
	is "R36: $1" "$c $(grep -c -e "$3" "$T/body" | sed 's/^[1-9][0-9]*$/said/')" "$2 said"
}
answers 'from=2026-11-20T14:00:00&to=2026-11-20T14:00:01' 200 '2026-11-20 14:0[05]'
answers 'from=2026-11-20T15:00&to=2026-11-20T14:00' 400 'lies after'
answers 'from=1926-01-01&to=2026-01-01' 400 'before 1970'
answers 'from=1970-01-02&to=2069-12-31&by=proto' 200 'upstream1'
answers 'from=99999999999999999999' 400 'expected a time'
answers 'to=-1' 400 'expected a time'
answers 'end=9999999999999' 400 'expected a time'
answers 'limit=0&list=1' 200 'flows'
for q in limit=-1\&list=1 limit=9223372036854775808\&list=1 top=-1\&by=srcip top=9223372036854775808\&by=srcip top=1e9\&by=srcip; do
	answers "$q" 400 'expected a number from 0 to'
done
answers 'top=0&by=srcip' 400 'from 1 to 1000'
answers 'top=4294967295&by=srcip' 400 'from 1 to 1000'

# S23: what changes something.
is "S23: GET changes nothing" "$(for p in queries saved board keep; do code -X PUT "$URL/$p"; code -X DELETE "$URL/$p"; done | sed 's/405//g')" ""
is "S23: nothing without a token" "$(for p in queries saved; do code -d x=1 "$URL/$p"; done)" 403403
# S14: nothing but the keys that a page or form has, and each as what it is.
is "S14: no key that a page does not have" "$(for p in '' details graph status help queries host explain saved overview analysis heat board log; do
	for k in owner user role REMOTE_USER _POST conf token_ 'a%5Bb%5D'; do code "$URL/$p?$k=root"; done; done | sed 's/400//g; s/403//g')" ""
TOKEN=00112233445566778899aabbccddeeff
form() { p=$1; shift; code -b "flowlight=$TOKEN" -d "token=$TOKEN" "$@" "$URL/$p"; }
for k in owner made id role user _POST; do
	form saved -d do=save -d kind=filter -d "name=with $k" -d value=any -d "$k=1"
done > "$T/codes"
is "S14: nor a form" "$(sed 's/400//g' "$T/codes")$(curl -s "$URL/saved.json" | grep -c '"name": "with')" 0
is "S14: numbers are numbers" "$(for v in 1%27 1e3 0x10 1%00 -0 +1 '1%2C2' %D9%A1; do code "$URL/details?by=srcip&top=$v"; done | sed 's/400//g')" ""

# S22: SQL in whatever goes into a statement stays text; tests/test_guard.c and test_index.c have the rest.
sql="x'); DROP TABLE saved; DELETE FROM asked; --"
is "S22: a name of SQL is kept" "$(form saved -d do=save -d kind=filter --data-urlencode "name=$sql" -d value=any)" 303
is "S22: as what it is" "$(curl -s "$URL/saved.json" | json filters.0.name)" "$sql"
for f in filter source by host; do code "$URL/details?$f=$(coded "$sql")"; code "$URL/host/$(coded "1.2.3.4' OR 1=1 --")"; done > "$T/codes"
is "S22: and in requests is no name of anything" "$(sed 's/400//g' "$T/codes")" ""
is "S22: state.db is whole" "$(sqlite3 -readonly "$SITE/state/web/state.db" 'PRAGMA integrity_check; SELECT count(*) FROM saved')" "ok
1"
is "S22: no statement is made of pieces" "$(grep -nE 'sqlite3_(exec|prepare[a-z0-9_]*|mprintf)\(' cgi/*.c cli/*.c daemon/*.c lib/*.c lib/query/*.c)" ""
# S20, S25, S28, S30: outside.sh; what a worker may do at all: sandbox.sh.

# Headers of every kind of reply.
for u in / /details.json '/details.csv?list=1' /graph /nope '/details?x=1' '/details?go=show'; do
	code "$URL/$(echo "$u" | cut -c2-)" > /dev/null
	for h in "Content-Security-Policy: default-src 'none'; .*frame-ancestors 'none'" 'X-Content-Type-Options: nosniff' 'Referrer-Policy: no-referrer' \
	    'Cross-Origin-Resource-Policy: same-origin' 'Cache-Control: private, no-'; do
		grep -q "^$h" "$T/head" || echo "not ok - $u lacks the header $h"
	done
done
is "headers" "$(grep -ci '^server: flowlight\|^x-powered-by' "$T/head")" 0

# S10: what a request says of its way here is heard by nobody.
for h in 'X-Forwarded-For: 127.0.0.1' 'X-Real-IP: 127.0.0.1' 'X-Forwarded-User: root' 'Remote-User: root' 'Authorization: Basic cm9vdDpyb290' 'Forwarded: for=127.0.0.1'; do
	code -H "$h" "$URL/log"
done > "$T/codes"
is "S10: no header makes an administrator" "$(sed 's/403//g' "$T/codes")" ""
# Static files, which nginx has from the disk.
code "$URL/static/style.css" > /dev/null
is "S7: static files are what they say" "$(tr -d '\r' < "$T/head" | grep -ci '^x-content-type-options: nosniff$\|^content-type: text/css')" 2

# S17: with more descriptors than select(2) can name.
if (ulimit -n 5000) 2> /dev/null; then
	(ulimit -n 5000; exec node -e '
		const none = require("fs").openSync("/dev/null"), [program, ...words] = process.argv.slice(1);
		const child = require("child_process").spawn(program, words, { stdio: ["ignore", "inherit", "inherit", ...Array(1100).fill(none)] });
		child.on("exit", (status, signal) => process.exit(signal ? 128 : status));
		process.on("SIGTERM", () => { child.kill(); setTimeout(() => child.kill("SIGKILL"), 60000); });
	' "$PWD/$O/flowlight.fcgi" -c "$SITE/flowlight.conf" -s "$T/many.sock" -w 2) 2> "$T/many.log" &
	many=$!
	started $many
	many() { node tests/site/fcgi.js "$T/many.sock" REQUEST_METHOD=GET "PATH_INFO=$1" "QUERY_STRING=$2" | sed -n 's/^Status: \([0-9]*\).*/\1/p'; }
	ok "S17: 1100 descriptors are open" wait_for 20 test -S "$T/many.sock"
	is "S17: pages are answered" "$(many /help '')$(many /graph '')$(many /details 'from=2026-11-20T16:00&to=2026-11-20T17:00&list=1&filter=packets+%3E+0')" 200200200
	kill $many
	wait $many
	is "S17: and it ends when it is told to" "$?" 0
	is "S17: nothing was wrong" "$(grep -ciE 'sanitizer|runtime error|by signal|overflow' "$T/many.log")" 0
else
	skip "S17: 1100 descriptors" "ulimit -n does not allow for so many"
fi

# S16, S17, S18, S11, S30, R35: on the socket itself.
node tests/attack.js "$T/fcgi.sock"
# libfcgi gives up, by an assertion, where there is no memory for a name or value of 4 GB: at most these two.
is "no worker ended by a signal" "$(grep -c 'by signal [^6]' "$T/fcgi.log")" 0
ok "S17: nor gave up but for names and values of 4 GB" test "$(grep -cE 'ended by signal 6|ended with status 1$' "$T/fcgi.log")" -le 2
is "nothing was wrong under way" "$(grep -iE 'sanitizer|runtime error' "$T/fcgi.log" |
    grep -vcE 'requested allocation size|allocation-size-too-big|asan_malloc')" 0
