#!/bin/sh
# Runs the jcstress tests of core/src/jcstress: one class for each edge of the pool in docs/MEMORY_MODEL.md, each on
# memory off the heap, interpreted, compiled by C1, by C2, and by C2 with its orders shuffled. First the tests with a
# planted bug (Planted…) have to be rejected. Prints a line for each edge; fails if an outcome was seen that is forbidden,
# or if a test did not run.
#   JCSTRESS_MS=1000      how long each test runs, in milliseconds, for each of the four kinds of compilation
#   JCSTRESS_TESTS=REGEX  only tests whose class name fits
set -u
cd "$(dirname "$0")/.." || exit 1

ms=${JCSTRESS_MS:-1000}
case $ms in
    '' | *[!0-9]* | 0) echo "jcstress: JCSTRESS_MS is '$ms', not a number of milliseconds" >&2; exit 2 ;;
esac
sources=core/src/jcstress/java
folder=core/target/jcstress
iterations=4

JAVA_HOME=$(scripts/find-jdk.sh) || exit 1
rm -rf "$folder"
scripts/mvn.sh --terse -Pjcstress -pl core -am test-compile \
    dependency:build-classpath -Dmdep.includeScope=test -Dmdep.outputFile=target/jcstress.classpath || exit 1
root=$PWD
classpath=$root/$folder/classes:$root/core/target/classes:$(cat core/target/jcstress.classpath)

# stress NAME REGEX: runs the tests that fit; what jcstress says goes to a log, its table of outcomes is made of that.
stress() {
    (
        cd "$folder" || exit 1
        exec "$JAVA_HOME/bin/java" --enable-native-access=ALL-UNNAMED -cp "$classpath" org.openjdk.jcstress.Main \
            -v -t "$2" -r "report-$1" -iters $iterations -time $((ms / iterations + 1)) -f 1 -fsm 1 -sc false \
            -jvmArgsPrepend "--enable-native-access=ALL-UNNAMED"
    ) >"$folder/$1.log" 2>&1
    code=$?
    # CLASS VERDICT SAMPLES, nested tests summed up under their outer class.
    awk '
        /^\.+ \[[A-Z]+\] / { split($3, name, "."); class = name[length(name)]
            for (i = length(name); i > 0; i--) if (name[i] ~ /Jcstress$/) class = name[i]
            verdict = substr($2, 2, length($2) - 2)
            if (!(class in verdicts) || verdict != "OK") verdicts[class] = verdict }
        class != "" && / (Acceptable|Interesting|Forbidden) / || /(Acceptable|Interesting|Forbidden) *$/ {
            for (i = 2; i <= NF; i++) if ($i ~ /%$/) { n = $(i - 1); gsub(",", "", n); samples[class] += n; break } }
        END { for (class in verdicts) print class, verdicts[class], samples[class] + 0 }
    ' "$folder/$1.log" | sort >"$folder/$1.table"
    return $code
}

verdict_of() { awk -v class="$2" '$1 == class { print $2 }' "$folder/$1.table"; }
samples_of() { awk -v class="$2" '$1 == class { print $3 }' "$folder/$1.table"; }
tests() { find $sources -name '*Jcstress.java' | sed 's|.*/||; s|\.java$||' | grep -E "${JCSTRESS_TESTS:-.}" | sort; }

failed=0
if tests | grep -q '^Planted'; then
    stress planted "Planted" && { echo "jcstress: no planted bug was found; see $folder/planted.log" >&2; exit 1; }
    for class in $(tests | grep '^Planted'); do
        if [ "$(verdict_of planted "$class")" = FAILED ]; then
            echo "$class: rejected, as it has to be ($(samples_of planted "$class") samples)"
        else
            failed=1
            echo "$class: NOT REJECTED; $folder/planted.log says what was seen" >&2
        fi
    done
    [ $failed -eq 0 ] || exit 1
fi

stress edges "^(?!.*Planted).*(${JCSTRESS_TESTS:-.})"
code=$?
for class in $(tests | grep -v '^Planted'); do
    edge=$(sed -n 's|^.*\* \([A-Z][0-9][0-9]*\): .*|\1|p' "$(find $sources -name "$class.java")" | head -n 1)
    verdict=$(verdict_of edges "$class")
    samples=$(samples_of edges "$class")
    if [ "$verdict" = OK ] && [ "${samples:-0}" -gt 0 ]; then
        echo "$edge $class: $samples samples, nothing forbidden"
    else
        echo "$edge $class: ${verdict:-DID NOT RUN}; $folder/edges.log says what was seen"
    fi
done | sort -V >"$folder/summary"
cat "$folder/summary"
if [ $code -ne 0 ] || ! [ -s "$folder/summary" ] || grep -qv 'nothing forbidden$' "$folder/summary"; then
    echo "jcstress: FAILED; the whole log is $folder/edges.log, the tables are in $folder/report-edges" >&2
    exit 1
fi
echo "jcstress: passed"
