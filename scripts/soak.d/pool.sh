#!/bin/sh
# Keeps the block pool under mixed load for POOL_SOAK_MINUTES (5 unless given), beside pools that come and go, and looks 30
# times at what the process holds: resident memory, heap after a collection, threads, descriptors and mappings must not grow
# once a third of the time is over. Prints the samples.
set -u
cd "$(dirname "$0")/../.." || exit 1
minutes=${POOL_SOAK_MINUTES:-5}
case $minutes in
    '' | *[!0-9]*) echo "pool: POOL_SOAK_MINUTES=$minutes is not a whole number" >&2; exit 2 ;;
esac
JAVA_HOME=$(scripts/find-jdk.sh) || exit 1
scripts/mvn.sh --terse -pl core -am test-compile \
    dependency:build-classpath -Dmdep.includeScope=test -Dmdep.outputFile=target/stress.classpath || exit 1
# A heap that is touched beforehand, so that what grows beside it is seen. Past its time and three minutes the JVM prints the stacks of its threads and is ended.
exec timeout --foreground --signal=QUIT --kill-after=10 $((minutes * 60 + 180)) \
    "$JAVA_HOME/bin/java" -Xms256m -Xmx256m -XX:+AlwaysPreTouch -XX:+UseSerialGC -ea --enable-native-access=ALL-UNNAMED \
    -cp "core/target/test-classes:core/target/classes:$(cat core/target/stress.classpath)" \
    dev.slabmount.core.stress.StressCommand soak $((minutes * 60))
