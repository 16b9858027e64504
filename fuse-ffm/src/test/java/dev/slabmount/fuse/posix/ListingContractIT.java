package dev.slabmount.fuse.posix;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.slabmount.fuse.posix.OpenDirectory.Item;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Listings of directories, and the positions in them. */
@Timeout(60)
class ListingContractIT extends OnAnyDirectory {
  private static final int NAMES = 400;
  private static final int CHURNERS = 2;
  private static final int LISTINGS = 6;
  private static final int STAYING = 120;

  private void makeNames(String prefix, int count) {
    for (int i = 0; i < count; i++) {
      assertOk(Posix.symlink("nowhere", in(prefix + i)));
    }
  }

  @Test
  void shouldShowNumberAndKindOfEachName() throws Exception {
    Map<String, Integer> kinds =
        Map.of("file", 010, "folder", 004, "link", 012, "pipe", 001, "socket", 014, "device", 002);
    file("file", "x");
    assertOk(Posix.mkdir(in("folder"), 0755));
    assertOk(Posix.symlink("nowhere", in("link")));
    assertOk(Posix.mknod(in("pipe"), Posix.S_IFIFO | 0600, 0));
    assertOk(Posix.mknod(in("socket"), Posix.S_IFSOCK | 0600, 0));
    assertOk(Posix.mknod(in("device"), Posix.S_IFCHR | 0600, 0x103));
    Map<String, Integer> seen = new HashMap<>();
    for (int again = 0; again < 2; again++) {
      try (OpenDirectory listing = new OpenDirectory(dir)) {
        for (Item item = listing.next(); item != null; item = listing.next()) {
          if (!item.name().equals("..")) {
            assertEquals(Posix.stat(in(item.name())).ino(), item.ino(), item.name());
          }
          seen.put(item.name(), item.type());
        }
      }
      assertEquals(004, seen.remove("."));
      assertEquals(004, seen.remove(".."));
      assertEquals(kinds, seen);
    }
  }

  @Test
  void shouldGoOnWhereAListingWas() {
    makeNames("n", NAMES);
    try (OpenDirectory listing = new OpenDirectory(dir)) {
      Map<String, Long> positions = new LinkedHashMap<>();
      long position = listing.tell();
      for (Item item = listing.next(); item != null; item = listing.next()) {
        assertNull(positions.put(item.name(), position), item.name());
        position = listing.tell();
      }
      assertEquals(NAMES + 2, positions.size());
      assertEquals(positions.size(), Set.copyOf(positions.values()).size());
      // Every third name goes and others come: positions of those that stay lead where they did.
      for (int i = 0; i < NAMES; i += 3) {
        assertOk(Posix.unlink(in("n" + i)));
        assertOk(Posix.symlink("nowhere", in("m" + i)));
      }
      for (int i = 1; i < NAMES; i += 42) {
        if (i % 3 != 0) {
          listing.seek(positions.get("n" + i));
          Item item = listing.next();
          assertNotNull(item);
          assertTrue(item.name().equals("n" + i) || item.name().startsWith("m"), item + "");
        }
      }
      listing.rewind();
      Set<String> expected = new TreeSet<>(Set.of(".", ".."));
      for (int i = 0; i < NAMES; i++) {
        expected.add((i % 3 == 0 ? "m" : "n") + i);
      }
      assertEquals(expected, listing.names());
    }
  }

  @Test
  void shouldShowEachNameOnceThatStaysWhileOthersComeAndGo() throws Exception {
    makeNames("stays", STAYING);
    AtomicBoolean over = new AtomicBoolean();
    try (ExecutorService pool = Executors.newFixedThreadPool(CHURNERS)) {
      CompletableFuture<?>[] churners = new CompletableFuture<?>[CHURNERS];
      for (int i = 0; i < CHURNERS; i++) {
        String own = "churn" + i + "-";
        churners[i] = CompletableFuture.runAsync(() -> churn(own, over), pool);
      }
      try {
        for (int i = 0; i < LISTINGS; i++) {
          try (OpenDirectory listing = new OpenDirectory(dir)) {
            Set<String> names = listing.names();
            names.removeIf(name -> !name.startsWith("stays"));
            assertEquals(STAYING, names.size());
          }
        }
      } finally {
        over.set(true);
      }
      CompletableFuture.allOf(churners).get();
    }
    try (OpenDirectory listing = new OpenDirectory(dir)) {
      assertEquals(STAYING + 2, listing.names().size());
    }
  }

  private void churn(String own, AtomicBoolean over) {
    for (int i = 0; !over.get(); i++) {
      String name = in(own + i);
      assertOk(Posix.symlink("nowhere", name));
      if (i % 2 == 0) {
        assertOk(Posix.rename(name, name + "-renamed"));
        name += "-renamed";
      }
      assertOk(Posix.unlink(name));
    }
  }

  @Test
  void shouldShowParentsOfDirectoriesThatMoved() {
    assertOk(Posix.mkdir(in("a"), 0755));
    assertOk(Posix.mkdir(in("b"), 0755));
    assertOk(Posix.mkdir(in("a/c"), 0755));
    try (OpenDirectory moved = new OpenDirectory(in("a/c"))) {
      assertEquals(Posix.stat(in("a")).ino(), parentOf(moved));
      assertOk(Posix.rename(in("a/c"), in("b/c")));
      moved.rewind();
      assertEquals(Posix.stat(in("b")).ino(), parentOf(moved));
    }
  }

  private static long parentOf(OpenDirectory directory) {
    for (Item item = directory.next(); item != null; item = directory.next()) {
      if (item.name().equals("..")) {
        return item.ino();
      }
    }
    throw new AssertionError("no ..");
  }
}
