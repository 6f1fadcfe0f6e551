#!/bin/sh
# What `make bench` needs: wrk, nginx and a C compiler (Debian), bench/.venv by its lock, the peers on Node by theirs, and for
# Tailcall, which asks for glibc 2.39, that of a newer Debian in bench/.cache, started by its own ld.so. What cannot be had is
# said, and the run goes on without it; without wrk, nginx or a compiler there is no run: what ships is what is measured.
cd "$(dirname "$0")" || exit 1

TAILCALL=peers/node_modules/@tailcallhq/core-linux-x64-gnu/bin/tailcall
GLIBC=.cache/glibc/usr/lib/x86_64-linux-gnu
NEWER=trixie # the Debian release whose glibc is unpacked: 2.41

programs() {
    for program in wrk nginx cc; do
        PATH="$PATH:/usr/sbin" command -v "$program" >/dev/null || echo "$program"
    done
}

debian() {
    [ -n "$(programs)" ] || return 0
    echo "bench: installing $(programs | tr '\n' ' ')"
    # RUNLEVEL=1: installing nginx must not start it.
    # shellcheck disable=SC2046
    DEBIAN_FRONTEND=noninteractive RUNLEVEL=1 sh -c \
        'apt-get -qq update && apt-get -qq install --no-install-recommends "$@"' - \
        $(programs | sed 's/^nginx$/nginx-light/; s/^cc$/build-essential/') >/dev/null 2>&1
    [ -z "$(programs)" ] || { echo "bench: needs wrk, nginx-light and build-essential (apt-get install)" >&2; exit 1; }
}

python() {
    [ .venv/.ready -nt requirements.lock ] && return 0
    echo "bench: installing Python packages into bench/.venv"
    ../.venv/bin/python -m venv .venv &&
        .venv/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock &&
        touch .venv/.ready
}

node() {
    [ peers/node_modules/.package-lock.json -nt peers/package-lock.json ] && return 0
    command -v npm >/dev/null || return 1
    echo "bench: installing Node packages into bench/peers/node_modules"
    (cd peers && npm ci --loglevel=error >/dev/null)
}

# Debian's mirror as this machine knows it, asked for another release through lists and caches of its own.
unpack_glibc() {
    apt=$PWD/.cache/apt
    mkdir -p "$apt/lists/partial" "$apt/archives/partial"
    site=$(apt-get indextargets --format '$(SITE) $(CODENAME) $(COMPONENT)' |
        awk -v release="$(. /etc/os-release && echo "$VERSION_CODENAME")" '$2 == release && $3 == "main" { print $1; exit }')
    echo "deb [signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] $site $NEWER main" >"$apt/sources.list"
    set -- -qq -o "Dir::Etc::sourcelist=$apt/sources.list" -o Dir::Etc::sourceparts=/dev/null \
        -o "Dir::State::lists=$apt/lists" -o "Dir::Cache=$apt" -o APT::Sandbox::User=root
    apt-get "$@" update && (cd "$apt" && apt-get "$@" download libc6 libgcc-s1) &&
        for package in "$apt"/*.deb; do dpkg-deb -x "$package" .cache/glibc || return 1; done
    rm -rf "$apt"
}

tailcall() {
    [ -x "$TAILCALL" ] || return 1
    "$TAILCALL" --version >/dev/null 2>&1 && return 0
    [ -d "$GLIBC" ] || { echo "bench: unpacking a newer glibc for Tailcall"; unpack_glibc >/dev/null 2>&1; }
    "$GLIBC/ld-linux-x86-64.so.2" --library-path "$GLIBC" "$TAILCALL" --version >/dev/null 2>&1
}

debian
python || { echo "bench: bench/.venv could not be made: plain Strawberry is left out, and so are profiles" >&2; }
node || echo "bench: no npm, or it failed: Apollo Server, graphql-jit and Tailcall are left out" >&2
tailcall || echo "bench: Tailcall does not run here (it needs glibc 2.39): it is left out" >&2
