package dev.slabmount.fuse.mount;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.slabmount.fuse.Covers;
import dev.slabmount.fuse.Feature;
import dev.slabmount.fuse.Wait;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Listings: every name once, cookies as they were given, lookup counts of readdirplus. */
@Timeout(60)
class ListingMountIT extends Mounted {
  private static final int MANY = 20_000;

  private void fill(int count) {
    for (int i = 0; i < count; i++) {
      fs.file(name(i), new byte[0]);
    }
  }

  /** Of lengths that differ, so that entries are padded in every way. */
  private static String name(int i) {
    return "%05d".formatted(i) + "x".repeat(i % 61);
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  @Covers({
    "opendir",
    "readdir",
    "readdirplus",
    "releasedir",
    "Feature.READDIRPLUS",
    "Feature.READDIRPLUS_AUTO"
  })
  void shouldListEveryNameOnce(boolean plus) throws Exception {
    fill(MANY);
    fs.without.add(plus ? Feature.READDIRPLUS_AUTO : Feature.READDIRPLUS);
    mount();
    List<String> names = Arrays.asList(sh("ls -U").split("\n", -1));
    assertEquals(MANY + 1, names.size(), "names, and what follows the last newline");
    for (int i = 0; i < MANY; i++) {
      assertEquals(name(i), names.get(i));
    }
    assertEquals(plus, seen("readdir ").isEmpty());
    assertEquals(!plus, seen("readdirplus ").isEmpty());
    List<String> listings = seen(plus ? "readdirplus" : "readdir");
    assertTrue(listings.size() > 10, "many requests");
    assertTrue(listings.getFirst().endsWith(" 0"), "from the beginning");
    assertTrue(
        listings.getLast().endsWith(" " + RecordingFs.cookieOf(MANY)),
        "to the end, which is empty");
    awaitCall("releasedir 1 .*");
  }

  @Test
  @Covers({"readdir"})
  void shouldGoBackToAnyPlaceOfAListing() throws Exception {
    fill(20);
    mount();
    String said = client("seekdir", ".");
    assertFalse(said.contains("not "), said);
    assertEquals(20, said.split(" ", -1).length);
  }

  @Test
  @Covers({"readdir"})
  void shouldTakeTypesOfEntriesFromTheListing() throws Exception {
    mount();
    sh("mkdir dir; echo >file; ln -s x link; mkfifo fifo");
    fs.calls.clear();
    assertEquals(
        "./dir d\n./fifo p\n./file f\n./link l\n",
        sh("find . -mindepth 1 -printf '%p %y\\n' | sort"));
  }

  @Test
  @Covers({"forget", "readdirplus"})
  void shouldCountTheLookupsOfAListingAndGetThemBack() throws Exception {
    fill(500);
    fs.without.add(Feature.READDIRPLUS_AUTO);
    mount();
    sh("ls -U");
    assertEquals(500, mount.stats().inodesReferenced());
    assertEquals(500, mount.stats().lookupCount());
    sh("ls -U");
    assertEquals(500, mount.stats().inodesReferenced());

    Files.writeString(Path.of("/proc/sys/vm/drop_caches"), "2");

    Wait.until("every count is given back", () -> mount.stats().lookupCount() == 0);
    assertEquals(0, mount.stats().inodesReferenced());
    long forgotten =
        seen("forget").stream().mapToLong(what -> Long.parseLong(what.split(" ", -1)[2])).sum();
    assertEquals(1000, forgotten);
    assertEquals(
        500, seen("forget").stream().map(what -> what.split(" ", -1)[1]).distinct().count());
  }

  @Test
  @Covers({"lookup"})
  void shouldCountEveryLookup() throws Exception {
    fs.file("f", new byte[0]);
    mount();
    sh("stat f; stat f; stat f");
    assertEquals(3, mount.stats().lookupCount());
    assertEquals(1, mount.stats().inodesReferenced());
    sh("mkdir d; ln f g; echo >h");
    assertEquals(3, mount.stats().inodesReferenced());
  }
}
