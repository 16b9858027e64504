#!/bin/sh
# Builds the benchmarks and runs them; arguments go to JMH (try -l, or -f 1 PoolBenchmark).
set -u
cd "$(dirname "$0")/.." || exit 1
scripts/setup.sh runtime || exit 1
scripts/mvn.sh --terse package -DskipTests || exit 1
JAVA_HOME=$(scripts/find-jdk.sh) || exit 1
exec "$JAVA_HOME/bin/java" --enable-native-access=ALL-UNNAMED -jar bench/target/benchmarks.jar "$@"
