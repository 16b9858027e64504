# Turns what `perf script` prints into collapsed stacks, one line per stack: thread;outermost;...;innermost count.
# That is what flame graph tools read:  perf script | awk -f scripts/collapse-perf.awk > stacks.collapsed
# A Java method's name comes with its types (from Compiler.perfmap): here it becomes package.Class.method.
/^[^ \t#]/ {                                # "thread name  tid  time:  count event:" starts a sample
    thread = $0
    sub(/[ \t]+[0-9]+(\/[0-9]+)?[ \t]+(\[[0-9]+\][ \t]+)?[0-9]+\.[0-9]+:.*/, "", thread)
    depth = 0
    next
}
/^[ \t]+[0-9a-f]+ / {
    frame = $0
    sub(/^[ \t]+[0-9a-f]+ /, "", frame)     # the address
    sub(/ \([^ ()]*\)$/, "", frame)         # the file it lies in
    sub(/\+0x[0-9a-f]+$/, "", frame)        # the offset in the function
    if (frame ~ /^[A-Za-z][A-Za-z0-9_.$\[\]]* [A-Za-z0-9_.$]+\.[A-Za-z0-9_$<>]+\(/) {
        sub(/\(.*/, "", frame)
        sub(/^[^ ]+ /, "", frame)
    }
    gsub(/;/, ":", frame)
    frames[depth++] = frame
    next
}
/^[ \t]*$/ && depth > 0 {
    stack = thread
    for (i = depth - 1; i >= 0; i--) stack = stack ";" frames[i]
    counts[stack]++
    depth = 0
}
END {
    for (stack in counts) print stack, counts[stack]
}
