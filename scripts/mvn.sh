#!/bin/sh
# Runs Maven at the root of this project with a JDK that can build it, whatever java the shell would have used.
#
#   scripts/mvn.sh -pl core -am verify
#   scripts/mvn.sh --terse ...            only warnings and errors (Maven's own --quiet hides the compiler's warnings)
set -u
cd "$(dirname "$0")/.." || exit 1
JAVA_HOME=$(scripts/find-jdk.sh) || exit 1
export JAVA_HOME
if ! command -v mvn >/dev/null 2>&1; then
    echo "slabmount: Maven (mvn) is not on PATH; get it as your distribution's package 'maven' or from https://maven.apache.org/download.cgi" >&2
    exit 1
fi
# Maven's own libraries use sun.misc.Unsafe and load native code; said once here, not on every build's first lines.
MAVEN_OPTS="${MAVEN_OPTS-} --sun-misc-unsafe-memory-access=allow --enable-native-access=ALL-UNNAMED"
export MAVEN_OPTS
if [ "${1-}" = --terse ]; then
    shift
    set -- -Dorg.slf4j.simpleLogger.defaultLogLevel=warn "$@"
fi
exec mvn --batch-mode --no-transfer-progress "$@"
