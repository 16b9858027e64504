package dev.slabmount.fuse.reply;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.slabmount.fuse.Entry;
import dev.slabmount.nativebindings.kernel.fuse_attr;
import dev.slabmount.nativebindings.kernel.fuse_dirent;
import dev.slabmount.nativebindings.kernel.fuse_direntplus;
import dev.slabmount.nativebindings.kernel.fuse_entry_out;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class WireDirectoryBufferTest {
  private static final int DIRENT_HEAD = (int) fuse_dirent.name$offset();

  private final Arena arena = Arena.ofShared();
  private final WireDirectoryBuffer buffer = new WireDirectoryBuffer(arena);

  @AfterEach
  void tearDown() {
    arena.close();
  }

  private MemorySegment listed() {
    return MemorySegment.ofAddress(buffer.address()).reinterpret(buffer.length());
  }

  private static byte[] name(String text) {
    return text.getBytes(StandardCharsets.ISO_8859_1);
  }

  private static byte[] nameOf(MemorySegment dirent) {
    return dirent.asSlice(DIRENT_HEAD, fuse_dirent.namelen(dirent)).toArray(JAVA_BYTE);
  }

  @Test
  void shouldWriteEntriesAsTheKernelReadsThem() {
    buffer.begin(4096, false);
    assertTrue(buffer.add(name("..ab.."), 2, 2, 0x1122334455667788L, 0040755, 0x7766554433221100L));
    assertTrue(buffer.add(name("exactly8"), 0, 8, 9, 0120777, 2));
    assertEquals(32 + 32, buffer.length());

    MemorySegment first = listed();
    assertEquals(0x1122334455667788L, fuse_dirent.ino(first));
    assertEquals(0x7766554433221100L, fuse_dirent.off(first));
    assertEquals(4, fuse_dirent.type(first), "DT_DIR");
    assertArrayEquals(name("ab"), nameOf(first));
    assertArrayEquals(
        new byte[6], first.asSlice(DIRENT_HEAD + 2, 6).toArray(JAVA_BYTE), "padding is zero");

    MemorySegment second = first.asSlice(32);
    assertEquals(9, fuse_dirent.ino(second));
    assertEquals(2, fuse_dirent.off(second));
    assertEquals(10, fuse_dirent.type(second), "DT_LNK");
    assertArrayEquals(name("exactly8"), nameOf(second));
  }

  @Test
  void shouldWriteEntriesWithAttributesAsTheKernelReadsThem() {
    buffer.begin(4096, true);
    Entry entry = new Entry().ino(77).generation(3);
    entry.entryTimeoutNanos(2_000_000_005L).attributesTimeoutNanos(7);
    entry
        .attributes()
        .ino(78)
        .size(1L << 40)
        .blocks(11)
        .blockSize(4096)
        .mode(0100751)
        .linkCount(5)
        .uid(1001)
        .gid(1002)
        .deviceNumber(0x0102)
        .accessSeconds(-1)
        .accessNanos(1)
        .modifySeconds(2)
        .modifyNanos(3)
        .changeSeconds(4)
        .changeNanos(999_999_999);
    assertTrue(buffer.addPlus(name("abc"), 0, 3, entry, 12));

    MemorySegment plus = listed();
    assertEquals(fuse_direntplus.dirent$offset() + 32, plus.byteSize());
    MemorySegment out = fuse_direntplus.entry_out(plus);
    assertEquals(77, fuse_entry_out.nodeid(out));
    assertEquals(3, fuse_entry_out.generation(out));
    assertEquals(2, fuse_entry_out.entry_valid(out));
    assertEquals(5, fuse_entry_out.entry_valid_nsec(out));
    assertEquals(0, fuse_entry_out.attr_valid(out));
    assertEquals(7, fuse_entry_out.attr_valid_nsec(out));
    MemorySegment attr = fuse_entry_out.attr(out);
    assertEquals(78, fuse_attr.ino(attr));
    assertEquals(1L << 40, fuse_attr.size(attr));
    assertEquals(11, fuse_attr.blocks(attr));
    assertEquals(4096, fuse_attr.blksize(attr));
    assertEquals(0100751, fuse_attr.mode(attr));
    assertEquals(5, fuse_attr.nlink(attr));
    assertEquals(1001, fuse_attr.uid(attr));
    assertEquals(1002, fuse_attr.gid(attr));
    assertEquals(0x0102, fuse_attr.rdev(attr));
    assertEquals(-1, fuse_attr.atime(attr));
    assertEquals(1, fuse_attr.atimensec(attr));
    assertEquals(2, fuse_attr.mtime(attr));
    assertEquals(3, fuse_attr.mtimensec(attr));
    assertEquals(4, fuse_attr.ctime(attr));
    assertEquals(999_999_999, fuse_attr.ctimensec(attr));
    MemorySegment dirent = fuse_direntplus.dirent(plus);
    assertEquals(78, fuse_dirent.ino(dirent));
    assertEquals(12, fuse_dirent.off(dirent));
    assertEquals(8, fuse_dirent.type(dirent), "DT_REG");
  }

  @Test
  void shouldLeaveNothingOfAnEarlierListingInAnEntry() {
    buffer.begin(4096, false);
    byte[] full = new byte[255];
    Arrays.fill(full, (byte) 0xFF);
    while (buffer.add(full, 0, 255, -1, -1, -1)) {
      // Fills the buffer with ones.
    }
    buffer.begin(4096, true);
    assertTrue(buffer.addPlus(name("a"), 0, 1, new Entry(), 1));
    byte[] bytes = listed().toArray(JAVA_BYTE);
    bytes[(int) (fuse_direntplus.dirent$offset() + fuse_dirent.off$offset())] = 0;
    bytes[(int) (fuse_direntplus.dirent$offset() + fuse_dirent.namelen$offset())] = 0;
    bytes[(int) (fuse_direntplus.dirent$offset() + DIRENT_HEAD)] = 0;
    assertArrayEquals(new byte[bytes.length], bytes);
  }

  @Test
  void shouldShowNegativeTimeoutsAsNone() {
    buffer.begin(4096, true);
    buffer.addPlus(
        name("a"), 0, 1, new Entry().entryTimeoutNanos(-1).attributesTimeoutNanos(-5), 1);
    MemorySegment out = fuse_direntplus.entry_out(listed());
    assertEquals(0, fuse_entry_out.entry_valid(out));
    assertEquals(0, fuse_entry_out.entry_valid_nsec(out));
    assertEquals(0, fuse_entry_out.attr_valid(out));
    assertEquals(0, fuse_entry_out.attr_valid_nsec(out));
  }

  @Test
  void shouldTakeAnEntryThatFitsExactlyAndRefuseOneByteMore() {
    buffer.begin(32, false);
    assertTrue(buffer.add(name("12345678"), 0, 8, 1, 0, 1));
    assertFalse(buffer.add(name("a"), 0, 1, 1, 0, 2));
    assertEquals(32, buffer.length());

    buffer.begin(32, false);
    assertFalse(buffer.add(name("123456789"), 0, 9, 1, 0, 1));
    assertEquals(0, buffer.length());

    int plus = (int) fuse_direntplus.dirent$offset() + 32;
    buffer.begin(plus, true);
    assertTrue(buffer.addPlus(name("12345678"), 0, 8, new Entry(), 1));
    buffer.begin(plus - 1, true);
    assertFalse(buffer.addPlus(name("12345678"), 0, 8, new Entry(), 1));
  }

  @Test
  void shouldTakeTheLongestName() {
    byte[] longest = new byte[255];
    Arrays.fill(longest, (byte) 'n');
    buffer.begin(4096, false);
    assertTrue(buffer.add(longest, 0, 255, 1, 0, 1));
    assertEquals(280, buffer.length());
    assertArrayEquals(longest, nameOf(listed()));
  }

  @Test
  void shouldNeverHoldMoreThanAMebibyte() {
    buffer.begin(Integer.MAX_VALUE, false);
    byte[] name = new byte[255];
    Arrays.fill(name, (byte) 'n');
    int entries = 0;
    while (buffer.add(name, 0, 255, 1, 0, 1)) {
      entries++;
    }
    assertEquals((1 << 20) / 280, entries);
    buffer.begin(-1, false);
    assertFalse(buffer.add(name, 0, 1, 1, 0, 1));
  }

  @Test
  void shouldRefuseTheWrongKindOfEntry() {
    buffer.begin(4096, true);
    assertThrows(IllegalStateException.class, () -> buffer.add(name("a"), 0, 1, 1, 0, 1));
    buffer.begin(4096, false);
    assertThrows(
        IllegalStateException.class, () -> buffer.addPlus(name("a"), 0, 1, new Entry(), 1));
  }
}
