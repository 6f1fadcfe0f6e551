#!/bin/sh
# `make graphiql`: builds bff/graphiql/static where Node 20 and npm are. Never stops make: without the build the page
# takes GraphiQL from a CDN. What must not happen without it says so itself: the wheel, and the browser tests in CI.
cd "$(dirname "$0")" || exit 1

recent='process.exit(Number(process.versions.node.split(".")[0]) < 20 ? 1 : 0)'

if ! command -v npm >/dev/null 2>&1 || ! node -e "$recent" 2>/dev/null; then
    echo "GraphiQL: no Node 20 and npm here, so its page will load it from a CDN (docs/graphiql.md)."
elif ! { npm ci --loglevel=error >/dev/null && node build.mjs; }; then
    echo "GraphiQL: could not be built, see above; without a build its page loads it from a CDN (docs/graphiql.md)." >&2
fi
