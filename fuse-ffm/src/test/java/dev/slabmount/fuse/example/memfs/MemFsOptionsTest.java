package dev.slabmount.fuse.example.memfs;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class MemFsOptionsTest {
  private final MemFsOptions options = new MemFsOptions();

  @Test
  void shouldTakeSecondsWithFractions() {
    assertTrue(options.set("entry_timeout=0"));
    assertTrue(options.set("attr_timeout=1.5"));
    assertTrue(options.set("negative_timeout=1000000000"));
    assertEquals(0, options.entryNanos);
    assertEquals(1_500_000_000, options.attributeNanos);
    assertEquals(1_000_000_000_000_000_000L, options.negativeNanos);
  }

  @ParameterizedTest
  @CsvSource({"1,1", "4096,4096", "3k,3072", "512M,536870912", "4g,4294967296", "2T,2199023255552"})
  void shouldTakeSizesWithUnits(String said, long bytes) {
    assertTrue(options.set("size=" + said));
    assertEquals(bytes, options.sizeBytes);
    assertTrue(options.set("heap=" + said));
    assertEquals(bytes, options.heapBytes);
  }

  @Test
  void shouldSwitchThingsOnAndOff() {
    assertTrue(options.set("direct_io") && options.directIo);
    assertTrue(options.set("no_direct_io") && !options.directIo);
    assertTrue(options.set("no_xattr") && !options.extendedAttributes);
    assertTrue(options.set("no_keep_cache") && !options.keepCache);
    assertTrue(options.set("cache_readdir") && options.cacheListings);
    assertTrue(options.set("writeback_cache") && options.writebackCache);
    assertTrue(options.set("no_killpriv") && !options.killPrivileges);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "allow_other",
        "no_allow_other",
        "no_no_xattr",
        "xattr=1",
        "no_size=5",
        "",
        "Size"
      })
  void shouldLeaveWhatItDoesNotKnow(String option) {
    assertFalse(options.set(option));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "size",
        "size=",
        "size=0",
        "size=-1",
        "size=+1",
        "size=1.5G",
        "size=5X",
        "size=G",
        "size= 5",
        "size=5 ",
        "size=9000000T",
        "heap=x",
        "entry_timeout",
        "entry_timeout=",
        "entry_timeout=-1",
        "entry_timeout=NaN",
        "entry_timeout=5d",
        "entry_timeout=0x1p3",
        "entry_timeout= 5",
        "attr_timeout=1000000001",
        "negative_timeout=a day"
      })
  void shouldRefuseWhatMakesNoSense(String option) {
    IllegalArgumentException refused =
        assertThrows(IllegalArgumentException.class, () -> options.set(option));
    assertTrue(refused.getMessage().startsWith(option + ": not a "), refused.getMessage());
    assertEquals(1, refused.getMessage().lines().count());
    assertEquals(4L << 30, options.sizeBytes);
  }
}
