/**
 * Benchmarks, one package for each room they measure: {@code pool} for core, {@code mount} for the
 * whole way from a client's read to the slab and back. {@code make bench} runs them all; each class
 * says how to run it alone.
 */
@NullMarked
package dev.slabmount.bench;

import org.jspecify.annotations.NullMarked;
