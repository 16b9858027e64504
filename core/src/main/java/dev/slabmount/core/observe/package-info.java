/**
 * What the pool tells Java Flight Recorder: a load, an eviction, a write-back, a wait.
 *
 * <p>Each event has a class with its fields and a way to begin or emit it. All of them cost one
 * look at a flag while nobody records them, and allocate nothing then; a hit touches none of them.
 * docs/OBSERVING.md lists names and fields for those who read recordings.
 *
 * <p>Any thread.
 */
@NullMarked
package dev.slabmount.core.observe;

import org.jspecify.annotations.NullMarked;
