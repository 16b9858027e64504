/**
 * The smallest filesystem, {@link dev.slabmount.fuse.example.HelloFs}, to begin with. A complete
 * one is in {@link dev.slabmount.fuse.example.memfs}.
 */
@NullMarked
package dev.slabmount.fuse.example;

import org.jspecify.annotations.NullMarked;
