/** Benchmarks. */
@NullMarked
package dev.slabmount.bench;

import org.jspecify.annotations.NullMarked;
