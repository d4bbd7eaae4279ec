#!/bin/sh
# Installs those of Debian's packages in $DEPS that are missing, and says which.
# "package:command" is not missing where the command is there by other means.
missing=
for p in $DEPS; do
	case $p in *:*) ! command -v "${p#*:}" > /dev/null || continue ;; esac
	p=${p%:*}
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
policy=/usr/sbin/policy-rc.d
if [ ! -e $policy ]; then
	printf '#!/bin/sh\nexit 101\n' | $sudo tee $policy > /dev/null && $sudo chmod 755 $policy
	trap '$sudo rm -f $policy' EXIT
fi
# The lists may be new enough even if they cannot be brought up to date.
$sudo apt-get update -q > "$log" 2>&1 || tail -n 3 "$log" >&2
if $sudo env DEBIAN_FRONTEND=noninteractive RUNLEVEL=1 \
	apt-get install -y -q --no-install-recommends $missing > "$log" 2>&1; then
	rm -f "$log"
else
	tail -n 20 "$log" >&2
	exit 1
fi
