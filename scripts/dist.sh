#!/bin/sh
# Builds the slabmount command alone (cli and what it needs), without tests; quick when nothing has changed.
set -u
cd "$(dirname "$0")/.." || exit 1
exec scripts/mvn.sh --terse -pl cli -am package -Dmaven.test.skip=true
