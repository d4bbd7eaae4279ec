# What pages and the daemon may do at all: a shim tries the rest from inside of them.
. tests/lib.sh
. tests/site/site.sh
. tests/daemonlib.sh
case $(uname) in
Linux) ;;
*)
	skip "the sandbox" "the shim that tries is for Linux"
	exit
	;;
esac
jail=$PWD/$O/faultjail.so
HOME=${HOME:-/root}
secret=$T/secret
echo secret > "$secret"
# tried LOG: what was tried, and how it went, in a line each.
tried() { sed -n 's/^.*jail: //p' "$1"; }
# went LOG WHAT WANTED: with a sandbox for files, where the kernel has one.
went() {
	case $2 in
	[rlwcu]*) [ -z "$landlock" ] || { skip "$2: $3" "$landlock"; return; } ;;
	esac
	has "$2: $3" "$(tried "$1")" "^$2: $3\$"
}

site_start
source=$SITE/flows/upstream1/2026/11/20/nfcapd.202611201800
# ---- a worker ----
export JAIL_AT=accept JAIL_TRY="r $secret
r /etc/passwd
r $SITE/flowlight.conf
l $HOME
l /
r /usr/share/zoneinfo/UTC
r $source
w $source
c $SITE/flows/upstream1/new
u $source
r $SITE/state/index.db
w $SITE/state/index.db
c $SITE/state/new
w $SITE/state/profiles-stat/live/upstream1.rrd
c $SITE/state/web/new
u $SITE/state/web/new
c $T/new
x /bin/true
s inet
s inet6
s unix
k 80"
port=$(free_port)
URL=http://127.0.0.1:$port
nginx_conf sample nginx
LD_PRELOAD="$jail" "$O/flowlight.fcgi" -c "$SITE/flowlight.conf" -s "$T/fcgi.sock" -w 2 2> "$T/fcgi.log" &
fcgi=$!
started $fcgi
nginx -p "$T/nginx" -c "$T/nginx.conf" -e "$T/nginx/error.log" &
started $!
ok "pages are there" wait_for 20 curl -sf -o /dev/null "$URL/help"
L=$T/fcgi.log
# Why files are not limited, where they are not.
landlock=$(sed -n 's/.*files that this user may: //p' "$L")
no='Permission denied' never='Operation not permitted'
went "$L" "r $secret" "$no"
went "$L" "r /etc/passwd" "$no"
went "$L" "r $SITE/flowlight.conf" "$no"
went "$L" "l $HOME" "$no"
went "$L" "l /" "$no"
went "$L" "r /usr/share/zoneinfo/UTC" done
went "$L" "r $source" done
went "$L" "w $source" "$no"
went "$L" "c $SITE/flows/upstream1/new" "$no"
went "$L" "u $source" "$no"
went "$L" "r $SITE/state/index.db" done
went "$L" "w $SITE/state/index.db" "$no"
went "$L" "c $SITE/state/new" "$no"
went "$L" "w $SITE/state/profiles-stat/live/upstream1.rrd" "$no"
went "$L" "c $SITE/state/web/new" done
went "$L" "u $SITE/state/web/new" done
went "$L" "c $T/new" "$no"
went "$L" "x /bin/true" "$never"
went "$L" "s inet" "$never"
went "$L" "s inet6" "$never"
went "$L" "s unix" "$never"
went "$L" "k 80" "$never"
unset JAIL_AT JAIL_TRY

# Within it every page is there: none gives an error of the server.
w='from=2026-11-20T16:00&to=2026-11-20T18:00'
for u in / /overview /status /help /queries /saved "/details?$w&by=srcip" "/details?$w&list=1" "/details.csv?$w&by=ip&filter=src+port+53" /graph \
    '/graph?format=svg' "/explain?source=upstream1&at=2026-11-20T16:00" /host/198.51.100.7 "/heat?source=upstream1" /log; do
	is "in it: $u" "$(curl -s -o /dev/null -w '%{http_code}' "$URL$u" | sed 's/303\|403\|404/200/')" 200
done
curl -s "$URL/graph?source=upstream1" > "$T/inside.png"
page "/graph?source=upstream1" | sed '1,/^$/d' > "$T/outside.png"
ok "a graph is as outside of it, with all its letters" cmp "$T/inside.png" "$T/outside.png"
TOKEN=00112233445566778899aabbccddeeff
is "in it: something is saved" "$(curl -s -o /dev/null -w '%{http_code}' -b "flowlight=$TOKEN" -d "token=$TOKEN&do=save&kind=filter&name=x&value=port+53" "$URL/saved")" 303
is "no page missed anything" "$(grep -v 'jail: ' "$L" | grep -ciE 'denied|not permitted|warning|error')" 0

# Directories that become others: the next worker can reach what is there now.
mv "$SITE/flows/upstream1" "$SITE/flows/aside"
cp -r "$SITE/flows/aside" "$SITE/flows/upstream1"
read_again() { curl -s "$URL/details.json?$w&list=1&limit=5&source=upstream1&filter=packets+%3E+0" | grep -q '"partial": false' &&
	! curl -s "$URL/details?$w&list=1&limit=5&source=upstream1&filter=packets+%3E+0" | grep -q 'Permission denied'; }
ok "a directory in the place of another is read" wait_for 10 read_again

# ---- what reads files in the daemon ----
site jail UTC a b
rm -r "$S/b"
"$O/mkslots" "$S/a" UTC 1763640000 3 100
file=$(find "$S/a" -name 'nfcapd.2*' | head -n 1)
start LD_PRELOAD="$jail" JAIL_AT=readdir JAIL_TRY="r $secret
r /etc/passwd
l $HOME
r $file
w $file
u $file
c $S/a/new
c $S/state/new
u $S/state/new
r $S/state/index.db
w $S/state/index.db
c $S/new
x /bin/true
s inet
s inet6
s unix
k 80"
ok "the daemon reads" wait_for 20 grep -q "jail: k 80" "$S/log"
L=$S/log
went "$L" "r $secret" "$no"
went "$L" "r /etc/passwd" "$no"
went "$L" "l $HOME" "$no"
went "$L" "r $file" done
went "$L" "w $file" "$no"
went "$L" "u $file" "$no"
went "$L" "c $S/a/new" "$no"
went "$L" "c $S/state/new" done
went "$L" "u $S/state/new" done
went "$L" "r $S/state/index.db" done
went "$L" "w $S/state/index.db" done
went "$L" "c $S/new" "$no"
went "$L" "x /bin/true" "$never"
went "$L" "s inet" "$never"
went "$L" "s inet6" "$never"
went "$L" "s unix" "$never"
went "$L" "k 80" "$never"
three() { [ "$(sql 'SELECT count(*) FROM slot')" = "$1" ]; }
ok "and its files are in the index" wait_for 20 three 3
mkdir "$S/b"
"$O/mkslots" "$S/b" UTC 1763640000 2 50
ok "also of a directory that comes later" wait_for 20 three 5
printf 'source "c" { dir = "%s/c" }\n' "$S" >> "$S/conf"
mkdir "$S/c"
"$O/mkslots" "$S/c" UTC 1763640000 1 50
kill -HUP "$pid"
ok "and of one that the configuration has later" wait_for 20 three 6
stop
is "without complaint" "$(grep -v 'jail: ' "$L" | grep -ciE 'denied|not permitted|error|without a sandbox|sanitizer')" 0
