package dev.slabmount.vfs.manifest;

import dev.slabmount.vfs.content.ContentHash;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;

/** Makes small trees with names that are apt to be mixed up. */
public final class RandomTrees {

  private static final String[] NAMES = {
    "a", "b", "$0", "$1", "$", "$a", "a!", "é", "😀", "\uff5e", "..a", "a b", "\n", "0", "~",
    "\u007f"
  };

  private RandomTrees() {}

  /** Valid entries by path; directories are listed only now and then. */
  public static Map<String, ManifestEntry> tree(final Random random, final int size) {
    final List<String> directories = new ArrayList<>(List.of(""));
    final Map<String, ManifestEntry> tree = new HashMap<>();
    final Set<String> taken = new HashSet<>();
    for (int i = 0; i < size; i++) {
      final String parent = directories.get(random.nextInt(directories.size()));
      final String name = NAMES[random.nextInt(NAMES.length)];
      final String path = parent.isEmpty() ? name : parent + "/" + name;
      if (!taken.add(path)) {
        continue;
      }
      switch (random.nextInt(4)) {
        case 0 -> {
          directories.add(path);
          tree.put(path, new DirectoryEntry(path));
        }
        case 1 -> directories.add(path);
        case 2 -> tree.put(path, new SymlinkEntry(path, target(random, directories)));
        default -> tree.put(path, file(random, path));
      }
    }
    return tree;
  }

  /** The target of a link, often one that is hard to write down. */
  public static String target(final Random random, final List<String> directories) {
    final String directory = directories.get(random.nextInt(directories.size()));
    final String name = NAMES[random.nextInt(NAMES.length)];
    return switch (random.nextInt(8)) {
      case 0 -> directory + "/" + name;
      case 1 -> "../" + name;
      case 2 -> name + "/";
      case 3 -> "/" + name;
      case 4 -> name + "/" + NAMES[random.nextInt(NAMES.length)];
      case 5 -> directory + "//" + name;
      case 6 -> "$" + random.nextInt(6) + "/" + name;
      default -> name;
    };
  }

  /** All directories that the entries are in or are, without the root. */
  public static Set<String> directories(final Map<String, ManifestEntry> tree) {
    final Set<String> directories = new HashSet<>();
    for (final ManifestEntry entry : tree.values()) {
      final String path = entry.path();
      if (entry instanceof DirectoryEntry) {
        directories.add(path);
      }
      for (int slash = path.indexOf('/'); slash > 0; slash = path.indexOf('/', slash + 1)) {
        directories.add(path.substring(0, slash));
      }
    }
    return directories;
  }

  private static FileEntry file(final Random random, final String path) {
    final boolean runnable = random.nextBoolean();
    final long mtime = random.nextLong();
    if (random.nextInt(4) == 0) {
      return new FileEntry(path, 0, mtime, runnable, List.of(ContentHash.EMPTY));
    }
    if (random.nextInt(4) > 0) {
      final long size = 1 + random.nextLong(Manifest.CHUNK_BYTES);
      return new FileEntry(path, size, mtime, runnable, List.of(hash(random)));
    }
    final int chunks = 2 + random.nextInt(3);
    final long size =
        Manifest.CHUNK_BYTES * (chunks - 1) + 1 + random.nextLong(Manifest.CHUNK_BYTES);
    final List<ContentHash> hashes = new ArrayList<>();
    for (int i = 0; i < chunks; i++) {
      hashes.add(hash(random));
    }
    return new FileEntry(path, size, mtime, runnable, hashes);
  }

  private static ContentHash hash(final Random random) {
    return new ContentHash(random.nextLong(), random.nextLong());
  }
}
