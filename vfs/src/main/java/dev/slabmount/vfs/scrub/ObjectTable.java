package dev.slabmount.vfs.scrub;

import dev.slabmount.vfs.content.ContentHash;
import dev.slabmount.vfs.manifest.FileEntry;
import dev.slabmount.vfs.manifest.Manifest;
import dev.slabmount.vfs.manifest.ManifestEntry;
import java.util.Arrays;

/**
 * The different objects of a manifest, numbered in the order in which it first names them. An
 * object that is named with two lengths counts twice: at most one of them can be right.
 *
 * <p>Three longs for each and an open-addressing table of numbers, at most three quarters full.
 * Immutable after {@link #of}.
 */
final class ObjectTable {

  private static final int FIRST_CAPACITY = 64;
  private static final int FREE = -1;

  private long[] high = new long[FIRST_CAPACITY];
  private long[] low = new long[FIRST_CAPACITY];
  private long[] length = new long[FIRST_CAPACITY];
  private int[] numbers = freeTable(2 * FIRST_CAPACITY);
  private int count;
  private long totalLength;

  private ObjectTable() {}

  /** All objects of all files. */
  static ObjectTable of(final Manifest manifest) {
    final ObjectTable table = new ObjectTable();
    for (final ManifestEntry entry : manifest.entries()) {
      if (entry instanceof final FileEntry file) {
        for (int i = 0; i < file.hashes().size(); i++) {
          table.add(file.hashes().get(i), objectLength(file, i));
        }
      }
    }
    return table;
  }

  /** How long the object number {@code index} of a file must be. */
  static long objectLength(final FileEntry file, final int index) {
    return file.hashes().size() == 1
        ? file.size()
        : Math.min(Manifest.CHUNK_BYTES, file.size() - index * Manifest.CHUNK_BYTES);
  }

  private void add(final ContentHash hash, final long bytes) {
    final int at = find(numbers, hash.high(), hash.low(), bytes);
    if (numbers[at] != FREE) {
      return;
    }
    if (count == high.length) {
      final int larger = count + (count >> 1);
      high = Arrays.copyOf(high, larger);
      low = Arrays.copyOf(low, larger);
      length = Arrays.copyOf(length, larger);
    }
    high[count] = hash.high();
    low[count] = hash.low();
    length[count] = bytes;
    totalLength += bytes;
    numbers[at] = count++;
    if (count > numbers.length / 4 * 3) {
      grow();
    }
  }

  private void grow() {
    final int[] larger = freeTable(numbers.length * 2);
    for (int number = 0; number < count; number++) {
      larger[find(larger, high[number], low[number], length[number])] = number;
    }
    numbers = larger;
  }

  private static int[] freeTable(final int capacity) {
    final int[] table = new int[capacity];
    Arrays.fill(table, FREE);
    return table;
  }

  /** Where an object's number is, or the free place where it belongs. */
  private int find(final int[] table, final long hashHigh, final long hashLow, final long bytes) {
    final int mask = table.length - 1;
    int at = (int) hashLow & mask;
    while (table[at] != FREE && !isObject(table[at], hashHigh, hashLow, bytes)) {
      at = at + 1 & mask;
    }
    return at;
  }

  private boolean isObject(
      final int number, final long hashHigh, final long hashLow, final long bytes) {
    return high[number] == hashHigh && low[number] == hashLow && length[number] == bytes;
  }

  /** The number of an object that the manifest names. */
  int number(final ContentHash hash, final long bytes) {
    return numbers[find(numbers, hash.high(), hash.low(), bytes)];
  }

  int count() {
    return count;
  }

  /** Bytes of all objects together. */
  long totalLength() {
    return totalLength;
  }

  ContentHash hash(final int number) {
    return new ContentHash(high[number], low[number]);
  }

  long length(final int number) {
    return length[number];
  }
}
