#!/bin/sh
# Adds up the reports of the last Maven run: tests run, failed and skipped per module, and the name of each that did not pass.
set -u
cd "$(dirname "$0")/.." || exit 1

total_run=0
total_bad=0
total_skipped=0

echo
echo "module            run  failed  skipped"
for module in native-bindings core fuse-ffm vfs cli bench; do
    run=0
    bad=0
    skipped=0
    for report in "$module"/target/surefire-reports/TEST-*.xml "$module"/target/failsafe-reports/TEST-*.xml; do
        [ -f "$report" ] || continue
        # The root element of a report is spread over lines; its attributes are looked for on one.
        flat=$(sed -n '/<testsuite /,/>/p' "$report" | tr '\n' ' ')
        for pair in run:tests bad:failures bad:errors skipped:skipped; do
            count=$(printf '%s' "$flat" | sed -n "s/.*[[:space:]]${pair#*:}=\"\([0-9]*\)\".*/\1/p")
            case ${pair%%:*} in
                run) run=$((run + ${count:-0})) ;;
                bad) bad=$((bad + ${count:-0})) ;;
                skipped) skipped=$((skipped + ${count:-0})) ;;
            esac
        done
    done
    printf '%-16s %4d  %6d  %7d\n' "$module" "$run" "$bad" "$skipped"
    total_run=$((total_run + run))
    total_bad=$((total_bad + bad))
    total_skipped=$((total_skipped + skipped))
done
printf '%-16s %4d  %6d  %7d\n' total "$total_run" "$total_bad" "$total_skipped"

for report in */target/surefire-reports/TEST-*.xml */target/failsafe-reports/TEST-*.xml; do
    [ -f "$report" ] || continue
    awk -v report="$report" '
        match($0, /<testcase ([^>]* )?name="[^"]*"/) {
            name = $0; sub(/.*<testcase ([^>]* )?name="/, "", name); sub(/".*/, "", name)
            suite = report; sub(/.*TEST-/, "", suite); sub(/\.xml$/, "", suite)
        }
        /<skipped/ {
            why = $0
            if (why ~ /message="/) { sub(/.*message="/, "", why); sub(/".*/, "", why) } else { why = "no reason given" }
            print "skipped: " suite "." name ": " why
        }
        /<(failure|error)[ >]/ { print "FAILED:  " suite "." name }
    ' "$report"
done
