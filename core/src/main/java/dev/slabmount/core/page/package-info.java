/**
 * Partly valid blocks: single pages loaded, cut off, taken out.
 *
 * <p>Read {@link dev.slabmount.core.page.PageFiller} (loads what is missing of a range), {@link
 * dev.slabmount.core.page.PageFlights} (one load per page) and {@link
 * dev.slabmount.core.page.PageCutter} (gives blocks other lengths, forgets pages).
 *
 * <p>Any thread. The flights under way are listed under one lock, which is taken inside content
 * latches and under which nothing is waited for.
 */
@NullMarked
package dev.slabmount.core.page;

import org.jspecify.annotations.NullMarked;
