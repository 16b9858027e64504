package dev.slabmount.bench.pool;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.List;
import org.junit.jupiter.api.Test;

/** Which memory is a pool's, and how much of it there is. */
class MappingsTest {
  private static final List<String> BEFORE =
      List.of(
          "7f0000000000-7f0000010000 rw-p 00000000 00:00 0 ",
          "Size:                 64 kB",
          "Rss:                  12 kB",
          "VmFlags: rd wr mr mw me ac sd",
          "7f1000000000-7f1000010000 r-xp 00000000 fe:00 1234                       /lib/libc.so.6",
          "Rss:                  40 kB");

  private static final List<String> AFTER =
      List.of(
          "7f0000000000-7f0000020000 rw-p 00000000 00:00 0 ",
          "Rss:                  20 kB",
          "7f0800000000-7f0840000000 rw-p 00000000 00:00 0 ",
          "Rss:              524288 kB",
          "AnonHugePages:    524288 kB",
          "7f1000000000-7f1000010000 r-xp 00000000 fe:00 1234                       /lib/libc.so.6",
          "Rss:                  40 kB",
          "7f1800000000-7f1800010000 r-xp 00000000 fe:00 1235                       /lib/new.so",
          "Rss:                   4 kB",
          "ffffffffff600000-ffffffffff601000 --xp 00000000 00:00 0                  [vsyscall]",
          "Rss:                   0 kB");

  private static final Mappings NEW = Mappings.parse(AFTER).since(Mappings.parse(BEFORE));

  @Test
  void shouldReadAddressesAndResidentMemory() {
    Mappings.Mapping first = Mappings.parse(BEFORE).all().getFirst();
    assertEquals(0x7f00_0000_0000L, first.from());
    assertEquals(0x7f00_0001_0000L, first.to());
    assertEquals(12 << 10, first.residentBytes());
    assertEquals((12 + 40) << 10, Mappings.parse(BEFORE).residentBytes());
  }

  @Test
  void shouldTakeAnonymousMappingsThatAreNewOrHaveGrown() {
    assertEquals(2, NEW.all().size());
    assertEquals((20L + 524_288) << 10, NEW.residentBytes());
  }

  @Test
  void shouldLeaveOutTheMappingWithThisAddress() {
    assertEquals(20 << 10, NEW.residentBytesWithout(0x7f08_0000_1000L));
  }

  @Test
  void shouldFindTheSameMappingsLater() {
    assertEquals((20L + 524_288) << 10, Mappings.parse(AFTER).touching(NEW).residentBytes());
    assertEquals(0, Mappings.parse(BEFORE).touching(new Mappings(List.of())).residentBytes());
  }
}
