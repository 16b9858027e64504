/**
 * Chance against the pool: random operations beside a model, many threads at once, and what fails
 * on purpose.
 *
 * <p>Read {@link dev.slabmount.core.stress.ModelRuns} (one thread, every answer known), {@link
 * dev.slabmount.core.stress.StressRun} (many threads, every block stamped), {@link
 * dev.slabmount.core.stress.PlantedBugs} (what both must find), {@link
 * dev.slabmount.core.stress.StressCommand} ({@code make stress}). The tests of this package are
 * their short form. All of it runs on any {@link dev.slabmount.core.stress.PoolUnderTest}.
 */
@NullMarked
package dev.slabmount.core.stress;

import org.jspecify.annotations.NullMarked;
