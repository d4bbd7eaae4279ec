# The pages in a real browser: headless Chromium, driven by Playwright.
. tests/lib.sh
. tests/site/site.sh
browser_modules
site_start
nginx_start
for f in tests/browser/*.mjs; do node "$f" "$URL"; done
