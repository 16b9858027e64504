/** Benchmarks through a mount, with the server in a process of its own. */
@NullMarked
package dev.slabmount.bench.mount;

import org.jspecify.annotations.NullMarked;
