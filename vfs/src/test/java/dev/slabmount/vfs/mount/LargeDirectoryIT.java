package dev.slabmount.vfs.mount;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.slabmount.core.pool.MemoryPoolConfig;
import dev.slabmount.fuse.TransportKind;
import dev.slabmount.vfs.KernelCache;
import dev.slabmount.vfs.VfsOptions;
import dev.slabmount.vfs.content.ContentHash;
import dev.slabmount.vfs.manifest.FileEntry;
import dev.slabmount.vfs.manifest.Manifest;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** A folder of 200 000 files, read by two programs at once. */
@Timeout(180)
class LargeDirectoryIT {
  private static final int ENTRIES = 200_000;

  @TempDir static Path dir;
  private static Manifest manifest;
  private static Path names;

  @BeforeAll
  static void makeTree() throws Exception {
    final Manifest.Builder builder = new Manifest.Builder();
    final List<String> all = new ArrayList<>(ENTRIES);
    final List<ContentHash> hash = List.of(new ContentHash(1, 2));
    for (int i = 0; i < ENTRIES; i++) {
      final String name = String.format(Locale.ROOT, "%06d-%s", i, "x".repeat(i % 60));
      all.add(name);
      builder.add(new FileEntry("all/" + name, 1 + i % 7, 0, false, hash));
    }
    manifest = builder.build();
    names = Files.write(dir.resolve("names"), all);
  }

  @ParameterizedTest
  @CsvSource({"LIBFUSE,true", "LIBFUSE,false", "DEV,true", "DEV,false"})
  void shouldListCompletelyAndOnceEachToTwoReaders(
      final TransportKind transport, final boolean withAttributes) throws Exception {
    final EnumSet<KernelCache> caches = EnumSet.allOf(KernelCache.class);
    if (!withAttributes) {
      caches.remove(KernelCache.LISTED_ATTRIBUTES);
    }
    try (TestMount mount =
        TestMount.of(
            Files.createTempDirectory(dir, "mnt"),
            manifest,
            (h, l, o, d) -> 0,
            MemoryPoolConfig.builder().maxSize(4 << 20).build(),
            VfsOptions.builder().kernelCaches(caches).build(),
            transport)) {
      final Path folder = mount.point().resolve("all");
      final String list = "ls -f \"$1\" | grep -v '^[.]' | LC_ALL=C sort | cmp - \"$2\"";
      final String look = "find \"$1\" -type f -printf '%f\\n' | LC_ALL=C sort | cmp - \"$2\"";
      final Client first = Client.start(list, folder, names);
      final Client second = Client.start(withAttributes ? look : list, folder, names);
      assertEquals(new Client.Result(0, ""), first.await());
      assertEquals(new Client.Result(0, ""), second.await());
      assertEquals(new Client.Result(0, ""), Client.sh(list, folder, names), "once more");
    }
  }
}
