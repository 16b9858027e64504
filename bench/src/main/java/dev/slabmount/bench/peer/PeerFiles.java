package dev.slabmount.bench.peer;

import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * All files by their path from the mount's root, which is {@code /}. Methods that change answer 0
 * or a negative errno (numbers of Linux, {@code asm-generic/errno-base.h}). Thread-safe; of two
 * changes of one name at a time one wins.
 */
final class PeerFiles {
  /** No such file. */
  static final int ENOENT = 2;

  private static final int EEXIST = 17;
  private static final int ENOTDIR = 20;
  private static final int EISDIR = 21;
  private static final int ENOTEMPTY = 39;
  private static final int FOLDER = 0040000;
  private static final int REGULAR = 0100000;

  private final Map<String, PeerFile> all = new ConcurrentHashMap<>();

  PeerFiles() {
    all.put("/", new PeerFile(FOLDER | 0755));
  }

  @Nullable PeerFile get(String path) {
    return all.get(path);
  }

  int makeFile(String path, int permissions) {
    return make(path, new PeerFile(REGULAR | permissions));
  }

  int makeFolder(String path, int permissions) {
    return make(path, new PeerFile(FOLDER | permissions));
  }

  private int make(String path, PeerFile file) {
    Map<String, PeerFile> siblings = siblingsOf(path);
    if (siblings == null) {
      return -ENOENT;
    }
    if (all.putIfAbsent(path, file) != null) {
      return -EEXIST;
    }
    siblings.put(nameOf(path), file);
    return 0;
  }

  int removeFile(String path) {
    PeerFile file = all.get(path);
    if (file == null || file.isFolder()) {
      return file == null ? -ENOENT : -EISDIR;
    }
    remove(path);
    return 0;
  }

  int removeFolder(String path) {
    PeerFile file = all.get(path);
    if (file == null || file.names == null) {
      return file == null ? -ENOENT : -ENOTDIR;
    }
    if (!file.names.isEmpty()) {
      return -ENOTEMPTY;
    }
    remove(path);
    return 0;
  }

  /** Moves a file or a folder with everything in it, over a file if there is one. */
  int rename(String from, String to) {
    PeerFile file = all.get(from);
    Map<String, PeerFile> siblings = siblingsOf(to);
    if (file == null || siblings == null) {
      return -ENOENT;
    }
    PeerFile gone = all.get(to);
    if (gone != null && gone.isFolder()) {
      return -EEXIST;
    }
    remove(from);
    all.put(to, file);
    siblings.put(nameOf(to), file);
    if (file.isFolder()) {
      for (String path : all.keySet().toArray(String[]::new)) {
        if (path.startsWith(from + "/")) {
          PeerFile below = all.remove(path);
          if (below != null) {
            all.put(to + path.substring(from.length()), below);
          }
        }
      }
    }
    return 0;
  }

  private void remove(String path) {
    all.remove(path);
    Map<String, PeerFile> siblings = siblingsOf(path);
    if (siblings != null) {
      siblings.remove(nameOf(path));
    }
  }

  private @Nullable Map<String, PeerFile> siblingsOf(String path) {
    int slash = path.lastIndexOf('/');
    PeerFile folder = all.get(slash == 0 ? "/" : path.substring(0, slash));
    return folder == null ? null : folder.names;
  }

  private static String nameOf(String path) {
    return path.substring(path.lastIndexOf('/') + 1);
  }
}
