# What tests/run.sh makes of the lines of tests: passed, failed, and skipped in both ways of saying so.
. tests/lib.sh

mkdir "$T/tests" "$T/o"
cat > "$T/tests/mixed.sh" <<'EOF'
echo 'ok - good'
echo 'ok - "a server" # SKIP not here'
echo 'ok 3 - by number'
echo 'not ok 4 # SKIP test_of_cmocka'
EOF
runs() { O="$T/o" DIR="$T/tests" JOBS=1 sh tests/run.sh "$@"; }
has "a skipped test has not failed" "$(runs mixed)" '^2 passed, 0 failed'
has "a script says why" "$(runs mixed)" '^  mixed: "a server": not here'
has "cmocka says which" "$(runs mixed)" '^  mixed: test_of_cmocka'
printf 'echo "ok - good"\necho "not ok - bad"\n' > "$T/tests/bad.sh"
has "one that fails is told" "$(runs bad)" '^1 passed, 1 failed'
printf 'exit 3\n' > "$T/tests/mute.sh"
has "so is one that says nothing" "$(runs mute)" 'mute ended with status 3'
