# The pictures of the README, doc/*.png: the demo's site at a fixed time, so that they are the
# same each time.  `make screenshots`.
. tests/lib.sh
. tests/site/site.sh
export TZ=UTC LC_ALL=C.UTF-8
# Its name is seen in command lines.
SITE=/tmp/flowlight-demo
mkdir "$SITE" || exit 1
trap 'finish; rm -rf "$SITE"' EXIT
UNTIL=2026-11-20T18:00
FLOWLIGHT_NOW=$(date -d "${UNTIL}Z" +%s)
browser_modules
"$O/flowlight" demo "$SITE" --seed 3 --until $UNTIL || exit 1
"$O/flowlightd" -c "$SITE/flowlight.conf" -f 2> "$T/log" &
started $!
idle() { [ "$("$O/flowlight" status -c "$SITE/flowlight.conf" | grep -c ' 4032 known, 0 in error, 0 waiting')" = 3 ]; }
wait_for 300 idle || exit 1
nginx_start
node tests/browser/look/screenshots.mjs "$URL" doc
