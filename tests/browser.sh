# The pages in a real browser: headless Chromium, driven by Playwright.
. tests/lib.sh
. tests/site/site.sh
version() { sed -n 's/.*"\(version\|playwright-core\)": "\([0-9.]*\)".*/\2/p' "tests/browser/$1package.json"; }
[ "$(version node_modules/playwright-core/ 2> /dev/null)" = "$(version "")" ] ||
    npm ci --prefix tests/browser --no-audit --no-fund --loglevel=error > "$T/npm.log" 2>&1 ||
    { echo "not ok 1 - npm ci in tests/browser"; sed 's/^/# /' "$T/npm.log"; exit 1; }
site_start
nginx_start
CHROMIUM=${CHROMIUM:-$(command -v chromium || command -v chromium-browser || command -v google-chrome)}
export CHROMIUM
for f in tests/browser/*.mjs; do node "$f" "$URL"; done
