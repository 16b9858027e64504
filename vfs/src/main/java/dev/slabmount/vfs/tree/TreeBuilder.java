package dev.slabmount.vfs.tree;

import dev.slabmount.vfs.content.ContentHash;
import dev.slabmount.vfs.manifest.DirectoryEntry;
import dev.slabmount.vfs.manifest.FileEntry;
import dev.slabmount.vfs.manifest.Manifest;
import dev.slabmount.vfs.manifest.ManifestEntry;
import dev.slabmount.vfs.manifest.SymlinkEntry;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/**
 * Numbers the entries of a manifest and lays them out as an {@link InodeTree}.
 *
 * <p>Time grows with n log n of the largest directory. Besides the tree it takes, for the duration,
 * about 12 bytes for each entry, a map of all directories, and the names of one directory at a
 * time.
 */
public final class TreeBuilder {

  private static final int DIRECTORY_MODE = InodeTree.DIRECTORY | 0755;
  private static final int FILE_MODE = InodeTree.REGULAR | 0644;
  private static final int RUNNABLE_MODE = InodeTree.REGULAR | 0755;
  private static final int SYMLINK_MODE = InodeTree.SYMLINK | 0777;

  /** A directory's time while no file below it has been seen. */
  private static final long NO_TIME = Long.MIN_VALUE;

  /** A child while its directory is being sorted; {@code node} is its place in the manifest + 1. */
  private static final class Child {
    final byte[] name;
    final int node;

    Child(final byte[] name, final int node) {
      this.name = name;
      this.node = node;
    }
  }

  private final List<ManifestEntry> entries;
  private final TreeColumns columns;

  /**
   * By node (place in the manifest + 1, 0 for the root): where its children begin in {@link
   * #childNodes}.
   */
  private final int[] bucketStarts;

  private final int[] childNodes;

  private TreeBuilder(final Manifest manifest) {
    entries = manifest.entries();
    columns = new TreeColumns(Math.addExact(entries.size(), 1));
    bucketStarts = new int[columns.count + 1];
    childNodes = new int[columns.count];
    sortIntoBuckets(manifest.directoryCount());
  }

  /** Makes the tree of a manifest. */
  public static InodeTree build(final Manifest manifest) {
    return new InodeTree(new TreeBuilder(manifest).number());
  }

  /** Groups all nodes by their parents: a counting sort. */
  private void sortIntoBuckets(final int directoryCount) {
    final Map<String, Integer> nodes = HashMap.newHashMap(directoryCount + 1);
    nodes.put("", 0);
    final int[] parents = new int[columns.count];
    for (int node = 1; node < columns.count; node++) {
      final String path = entries.get(node - 1).path();
      if (node <= directoryCount) {
        nodes.put(path, node);
      }
      // A manifest lists every parent, and parents before their children.
      final String parent = path.substring(0, Math.max(0, path.lastIndexOf('/')));
      parents[node] = Objects.requireNonNull(nodes.get(parent));
      bucketStarts[parents[node] + 1]++;
    }
    for (int node = 0; node < columns.count; node++) {
      bucketStarts[node + 1] += bucketStarts[node];
    }
    final int[] next = Arrays.copyOf(bucketStarts, columns.count);
    for (int node = 1; node < columns.count; node++) {
      childNodes[next[parents[node]]++] = node;
    }
  }

  private TreeColumns number() {
    final int[] nodeOf = new int[columns.count + 1];
    int next = (int) InodeTree.ROOT;
    nodeOf[next] = 0;
    columns.modes[next] = DIRECTORY_MODE;
    columns.parents[next] = next;
    columns.mtimes[next] = NO_TIME;
    columns.appendName(next, new byte[0]);
    next++;
    for (int ino = (int) InodeTree.ROOT; ino <= columns.count; ino++) {
      columns.childStarts[ino] = next;
      for (final Child child : sortedChildren(nodeOf[ino])) {
        nodeOf[next] = child.node;
        columns.parents[next] = ino;
        columns.appendName(next, child.name);
        fill(next, entries.get(child.node - 1));
        next++;
      }
    }
    columns.childStarts[columns.count + 1] = next;
    sumUp();
    columns.trim();
    return columns;
  }

  private Child[] sortedChildren(final int node) {
    final int start = bucketStarts[node];
    final Child[] children = new Child[bucketStarts[node + 1] - start];
    for (int i = 0; i < children.length; i++) {
      final int child = childNodes[start + i];
      final String path = entries.get(child - 1).path();
      final String name = path.substring(path.lastIndexOf('/') + 1);
      children[i] = new Child(name.getBytes(StandardCharsets.UTF_8), child);
    }
    Arrays.sort(children, (a, b) -> Arrays.compareUnsigned(a.name, b.name));
    return children;
  }

  private void fill(final int ino, final ManifestEntry entry) {
    switch (entry) {
      case DirectoryEntry _ -> {
        columns.modes[ino] = DIRECTORY_MODE;
        columns.mtimes[ino] = NO_TIME;
      }
      case SymlinkEntry link -> {
        columns.modes[ino] = SYMLINK_MODE;
        columns.setTarget(ino, link.target().getBytes(StandardCharsets.UTF_8));
      }
      case FileEntry file -> {
        columns.modes[ino] = file.runnable() ? RUNNABLE_MODE : FILE_MODE;
        columns.sizes[ino] = file.size();
        columns.mtimes[ino] = file.mtimeMicros();
        columns.fileCount++;
        columns.totalSize += file.size();
        fillHashes(ino, file.hashes());
      }
    }
  }

  private void fillHashes(final int ino, final List<ContentHash> hashes) {
    if (hashes.size() == 1) {
      columns.highs[ino] = hashes.getFirst().high();
      columns.lows[ino] = hashes.getFirst().low();
      return;
    }
    columns.startChunks(ino, hashes.size());
    for (final ContentHash hash : hashes) {
      columns.appendChunk(hash.high(), hash.low());
    }
  }

  /** Gives directories their time and number of subdirectories; children come before parents. */
  private void sumUp() {
    for (int ino = columns.count; ino >= InodeTree.ROOT; ino--) {
      final int kind = columns.modes[ino] & InodeTree.KIND_MASK;
      final int parent = columns.parents[ino];
      if (kind != InodeTree.SYMLINK) {
        columns.mtimes[parent] = Math.max(columns.mtimes[parent], columns.mtimes[ino]);
      }
      if (kind == InodeTree.DIRECTORY) {
        if (ino != parent) {
          columns.highs[parent]++;
        }
        if (columns.mtimes[ino] == NO_TIME) {
          columns.mtimes[ino] = 0;
        }
      }
    }
  }
}
