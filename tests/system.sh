#!/bin/sh
# What the tests need beyond Python, as Debian packages. Installs what is missing where it may (root, with apt-get);
# elsewhere says what is missing and which tests that skips. Never fails: a test that lacks its program says so itself,
# by a skip, or by a failure where CI=true. Asks nobody and reaches no network when everything is there.

# program  Debian package  tests that need it
needs() {
    cat <<'TABLE'
chromium        chromium         tests in the browser: tests/graphiql, tests/examples
redis-server    redis-server     tests of the shared quota store
nginx           nginx-light      tests/proxy/test_nginx.py
cc              build-essential  machine code (machine_code.py); the sources are tested instead
python3-config  python3-dev      machine code (machine_code.py); the sources are tested instead
TABLE
}

missing() {
    needs | while read -r program package tests; do
        command -v "$program" >/dev/null 2>&1 || echo "$package $tests"
    done
}

packages() {
    missing | cut -d ' ' -f 1 | tr '\n' ' '
}

may_install() {
    [ "$(id -u)" -eq 0 ] && command -v apt-get >/dev/null 2>&1
}

install() {
    # RUNLEVEL=1: the tests start a redis of their own; installing it must not start a daemon on the usual port.
    export DEBIAN_FRONTEND=noninteractive RUNLEVEL=1
    wait_for_lock='-o DPkg::Lock::Timeout=120'
    # The two lists hold one word an option or package: splitting is meant.
    # shellcheck disable=SC2086,SC2046
    apt-get $wait_for_lock -qq update && apt-get $wait_for_lock -qq install --no-install-recommends $(packages)
}

[ -n "$(missing)" ] || exit 0

if may_install; then
    echo "tests/system.sh: installing $(packages)"
    output=$(install 2>&1) || echo "$output" | tail -n 5 >&2
fi

missing | while read -r package tests; do
    echo "tests/system.sh: MISSING $package (apt-get install $package): skipped without it: $tests" >&2
done
