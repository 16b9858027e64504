package dev.slabmount.core.block;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import org.junit.jupiter.api.Test;

class BlockHeadersTest {
  @Test
  void shouldKeepTheFieldsOfAllSlotsApart() {
    final MemorySegment memory =
        Arena.ofAuto().allocate(4L * BlockHeaderDescriptor.HEADER_BYTES, 64);
    final SegmentWords words = new SegmentWords(memory);
    final BlockHeaders headers = new BlockHeaders(memory);
    for (int slot = 0; slot < 4; slot++) {
      words.setWordRelease(slot, slot + 100L);
      assertTrue(words.casLatch(slot, 0, slot + 200));
      headers.init(slot, slot + 300, slot + 400, slot + 500, slot + 600, slot + 700);
      headers.setForward(slot, slot + 800);
      headers.setQueue(slot, slot + 900);
      headers.setPrevious(slot, slot + 1000);
      headers.setNext(slot, slot + 1100);
    }
    for (int slot = 0; slot < 4; slot++) {
      assertEquals(slot + 100, words.wordAcquire(slot));
      assertEquals(slot + 200, words.latchAcquire(slot));
      assertTrue(headers.isKey(slot, slot + 300, slot + 400, slot + 500));
      assertEquals(slot + 600, headers.lengthAcquire(slot));
      assertEquals(slot + 700, headers.versionAcquire(slot));
      assertEquals(slot + 800, headers.forward(slot));
      assertEquals(slot + 900, headers.queue(slot));
      assertEquals(slot + 1000, headers.previous(slot));
      assertEquals(slot + 1100, headers.next(slot));
    }
    headers.setLengthRelease(1, 7);
    headers.nextVersionRelease(1);
    assertEquals(7, headers.lengthAcquire(1));
    assertEquals(703, headers.versionAcquire(1));
    assertEquals(501, headers.block(1));
  }

  @Test
  void shouldCompareTheWholeKey() {
    final BlockHeaders headers = new BlockHeaders(Arena.ofAuto().allocate(64, 64));
    headers.init(0, 1, 2, 3, 0, 0);
    assertEquals(1, headers.keyHigh(0));
    assertEquals(2, headers.keyLow(0));
    assertFalse(headers.isKey(0, 9, 2, 3));
    assertFalse(headers.isKey(0, 1, 9, 3));
    assertFalse(headers.isKey(0, 1, 2, 9));
    assertFalse(headers.isKey(0, 2, 1, 3));
  }
}
