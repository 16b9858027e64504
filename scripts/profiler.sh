#!/bin/sh
# Fetches async-profiler and its converter from Maven Central into target/profiler, where docs/PROFILING.md uses them:
#
#   target/profiler/libasyncProfiler.so   the agent for this machine, for -agentpath: and jcmd JVMTI.agent_load
#   target/profiler/jfr-converter.jar     makes flame graphs of recordings and of collapsed stacks
#
# Also sees to perf and strace. Quick when all is there.
set -u
cd "$(dirname "$0")/.." || exit 1
agent=tools.profiler:async-profiler:4.3
converter=tools.profiler:jfr-converter:4.2
folder=target/profiler

scripts/setup.sh profile || exit 1
case $(uname -m) in
    x86_64) platform=linux-x64 ;;
    aarch64) platform=linux-arm64 ;;
    *) echo "slabmount: async-profiler has no agent for $(uname -m); perf and JFR work without it" >&2; exit 1 ;;
esac
mkdir -p "$folder" || exit 1
for artifact in "$agent" "$converter"; do
    version=${artifact##*:}
    name=${artifact%:*}
    name=${name#*:}
    if [ ! -f "$folder/$name-$version.jar" ]; then
        scripts/mvn.sh --terse --non-recursive dependency:copy -Dartifact="$artifact" -DoutputDirectory="$PWD/$folder" || exit 1
    fi
done
ln -sf "jfr-converter-${converter##*:}.jar" "$folder/jfr-converter.jar"
if [ ! -f "$folder/libasyncProfiler.so" ] || [ "$folder/async-profiler-${agent##*:}.jar" -nt "$folder/libasyncProfiler.so" ]; then
    JAVA_HOME=$(scripts/find-jdk.sh) || exit 1
    (cd "$folder" && "$JAVA_HOME/bin/jar" --extract --file "async-profiler-${agent##*:}.jar" "$platform/libasyncProfiler.so") || exit 1
    mv "$folder/$platform/libasyncProfiler.so" "$folder/libasyncProfiler.so" && rmdir "$folder/$platform"
    touch "$folder/libasyncProfiler.so"
fi
echo "profiler: $folder/libasyncProfiler.so, $folder/jfr-converter.jar"
