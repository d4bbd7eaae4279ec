#!/bin/sh
# Installs those of Debian's packages in $DEPS that are missing, and says which.
missing=
for p in $DEPS; do
	dpkg-query -W -f '${Status}' "$p" 2>/dev/null | grep -q 'ok installed' || missing="$missing $p"
done
[ -n "$missing" ] || exit 0
if ! command -v apt-get > /dev/null; then
	echo "missing:$missing" >&2
	exit 1
fi
sudo=
[ "$(id -u)" = 0 ] || sudo=sudo
log=$(mktemp)
echo "installing:$missing"
# Servers that packages would start are not wanted: the demo and the tests run their own.
if $sudo apt-get update -q > "$log" 2>&1 &&
    $sudo env DEBIAN_FRONTEND=noninteractive RUNLEVEL=1 \
	apt-get install -y -q --no-install-recommends $missing > "$log" 2>&1; then
	rm -f "$log"
else
	tail -n 20 "$log" >&2
	exit 1
fi
