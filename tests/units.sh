# The units of systemd: well-formed, and how much they leave to what they start.
. tests/lib.sh
if ! command -v systemd-analyze > /dev/null; then
	skip "units of systemd" "systemd-analyze is not here"
	exit
fi
# As they would be installed, but for paths: the programs are those just built.
mkdir -p "$T/units"
for u in flowlightd flowlight-fcgi; do
	sed -e "s|/usr/local/s*bin/|$PWD/$O/|; s|/usr/local/libexec/|$PWD/$O/|; s|^User=.*|User=root|; s|^Group=.*|Group=root|" \
	    "conf/$u.service" > "$T/units/$u.service"
	is "$u.service: well-formed" "$(systemd-analyze verify --man=no --recursive-errors=no "$T/units/$u.service" 2>&1 | grep -F "$u.service" | grep -v 'Failed to add dependency')" ""
	# In tenths: 15 is 1.5, where 100 is a service without any limit.
	ok "$u.service: exposure of at most 1.5" systemd-analyze security --offline=yes --threshold=15 "conf/$u.service"
	for s in 'NoNewPrivileges=yes' 'CapabilityBoundingSet=' 'ProtectSystem=strict' 'MemoryDenyWriteExecute=yes' 'SystemCallFilter=@system-service' 'SystemCallFilter=landlock_create_ruleset' \
	    'SystemCallErrorNumber=EPERM' \
	    'RestrictAddressFamilies=' 'UMask=0027' 'User=flowlight'; do
		has "$u.service: $s" "$(cat "conf/$u.service")" "^$s"
	done
done
