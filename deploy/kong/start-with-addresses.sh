#!/bin/sh
# Starts Kong with the services somewhere else than kong.yml says: `start-with-addresses.sh <command> [arguments]` writes
# kong.yml with the addresses from the environment to $KONG_DECLARATIVE_CONFIG, then becomes the command. Kong cannot do
# this by itself: a service's host is not a field that takes a vault reference (docs/decisions/0013).
set -eu

sed \
  -e "s|http://auth:8080|${AUTH_URL%/}|" \
  -e "s|http://core-api:8080|${CORE_API_URL%/}|" \
  -e "s|http://processing:8080|${PROCESSING_URL%/}|" \
  -e "s|http://notifications:8080|${NOTIFICATIONS_URL%/}|" \
  -e "s|http://analytics:8080|${ANALYTICS_URL%/}|" \
  "$(dirname "$0")/kong.yml" > "$KONG_DECLARATIVE_CONFIG"

exec "$@"
