package dev.slabmount.core.stress;

import static dev.slabmount.core.pool.BlockPages.PAGE_BYTES;

import dev.slabmount.core.pool.BlockKey;
import java.util.Arrays;

/**
 * The obvious inode-keyed block: bytes, and per page whether it is valid and needs flushing. Lives
 * on after it was removed, for those who hold it.
 */
final class ModelBlock {
  final BlockKey key;

  /** Nobody can find it any more. */
  boolean removed;

  /** How many handles and tokens hold it. */
  int holders;

  /** It needs flushing though it has no page that does: it is empty, or was said to. */
  boolean needsFlushAsSuch;

  /** A version that was read, or 0; and whether the block was written since. */
  long version;

  boolean changed;

  private byte[] bytes;
  private boolean[] valid;
  private boolean[] dirty;

  /** A block of this length with no page valid. */
  ModelBlock(final BlockKey key, final int length) {
    this.key = key;
    bytes = new byte[length];
    valid = new boolean[pages(length)];
    dirty = new boolean[pages(length)];
  }

  /** A block of these bytes, all valid. */
  ModelBlock(final BlockKey key, final byte[] content, final boolean needsFlush) {
    this(key, 0);
    replace(content, needsFlush);
  }

  ModelBlock copy() {
    final ModelBlock copy = new ModelBlock(key, 0);
    copy.bytes = bytes.clone();
    copy.valid = valid.clone();
    copy.dirty = dirty.clone();
    copy.needsFlushAsSuch = needsFlushAsSuch;
    return copy;
  }

  static int pages(final int length) {
    return (length + PAGE_BYTES - 1) / PAGE_BYTES;
  }

  int length() {
    return bytes.length;
  }

  int pages() {
    return valid.length;
  }

  int pageStart(final int page) {
    return page * PAGE_BYTES;
  }

  int pageEnd(final int page) {
    return Math.min(bytes.length, (page + 1) * PAGE_BYTES);
  }

  boolean isValid(final int page) {
    return valid[page];
  }

  boolean isDirty(final int page) {
    return dirty[page];
  }

  byte[] page(final int page) {
    return Arrays.copyOfRange(bytes, pageStart(page), pageEnd(page));
  }

  byte[] bytes() {
    return bytes.clone();
  }

  boolean needsFlush() {
    if (needsFlushAsSuch) {
      return true;
    }
    for (final boolean each : dirty) {
      if (each) {
        return true;
      }
    }
    return false;
  }

  /** The start of the first missing page, or -1. */
  int firstMissing() {
    for (int page = 0; page < valid.length; page++) {
      if (!valid[page]) {
        return pageStart(page);
      }
    }
    return -1;
  }

  void replace(final byte[] content, final boolean needsFlush) {
    changed = true;
    bytes = content.clone();
    valid = new boolean[pages(content.length)];
    dirty = new boolean[valid.length];
    Arrays.fill(valid, true);
    Arrays.fill(dirty, needsFlush);
    needsFlushAsSuch = needsFlush && content.length == 0;
  }

  void flushed() {
    Arrays.fill(dirty, false);
    needsFlushAsSuch = false;
  }

  void flushed(final int page) {
    dirty[page] = false;
  }

  void markNeedsFlush() {
    System.arraycopy(valid, 0, dirty, 0, valid.length);
  }

  /**
   * Writes at an offset.
   *
   * @return the start of the first page that is written in part and missing, or -1; if it is not
   *     -1, nothing has changed
   */
  int write(final int offset, final byte[] source) {
    final int before = bytes.length;
    final int end = offset + source.length;
    final int after = Math.max(before, end);
    final int from = Math.min(offset, before);
    final int firstPage = from / PAGE_BYTES;
    final int lastPage = (end - 1) / PAGE_BYTES;
    for (int page = firstPage; page <= lastPage; page++) {
      final boolean whole =
          from <= page * PAGE_BYTES && end >= Math.min(after, (page + 1) * PAGE_BYTES);
      if (!whole && (page >= valid.length || !valid[page])) {
        return page * PAGE_BYTES;
      }
    }
    changed = true;
    setLength(after);
    System.arraycopy(source, 0, bytes, offset, source.length);
    for (int page = firstPage; page <= lastPage; page++) {
      valid[page] = true;
      dirty[page] = true;
    }
    needsFlushAsSuch = false;
    return -1;
  }

  /** Takes over what a provider wrote. */
  void fill(final int page, final byte[] content) {
    System.arraycopy(content, 0, bytes, pageStart(page), content.length);
    valid[page] = true;
  }

  void resize(final int length) {
    final int before = bytes.length;
    if (length == before) {
      return;
    }
    setLength(length);
    final int shorter = Math.min(before, length);
    if (shorter % PAGE_BYTES != 0 && valid[shorter / PAGE_BYTES]) {
      dirty[shorter / PAGE_BYTES] = true;
    }
    needsFlushAsSuch = false;
  }

  /** As {@link #write} for what is returned. */
  int discard(final int offset, final int length) {
    final int end = Math.min(bytes.length, offset + length);
    if (offset >= end) {
      return -1;
    }
    for (int page = offset / PAGE_BYTES; page <= (end - 1) / PAGE_BYTES; page++) {
      if (!isWithin(page, offset, end) && !valid[page]) {
        return pageStart(page);
      }
    }
    for (int page = offset / PAGE_BYTES; page <= (end - 1) / PAGE_BYTES; page++) {
      if (isWithin(page, offset, end)) {
        valid[page] = false;
        dirty[page] = false;
      } else {
        final int to = Math.min(end, pageEnd(page));
        Arrays.fill(bytes, Math.max(offset, pageStart(page)), to, (byte) 0);
        dirty[page] = true;
      }
    }
    return -1;
  }

  private boolean isWithin(final int page, final int from, final int end) {
    return from <= pageStart(page) && end >= pageEnd(page);
  }

  private void setLength(final int length) {
    bytes = Arrays.copyOf(bytes, length);
    valid = Arrays.copyOf(valid, pages(length));
    dirty = Arrays.copyOf(dirty, pages(length));
  }
}
