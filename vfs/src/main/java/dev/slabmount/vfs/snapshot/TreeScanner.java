package dev.slabmount.vfs.snapshot;

import dev.slabmount.vfs.content.ContentStoreException;
import dev.slabmount.vfs.content.FileStat;
import dev.slabmount.vfs.manifest.Manifest;
import dev.slabmount.vfs.manifest.ManifestForm;
import dev.slabmount.vfs.manifest.PathRules;
import dev.slabmount.vfs.manifest.SymlinkTarget;
import dev.slabmount.vfs.snapshot.ScannedTree.Problem;
import dev.slabmount.vfs.snapshot.ScannedTree.ScannedFile;
import java.io.IOException;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.UserDefinedFileAttributeView;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.Iterator;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.function.BooleanSupplier;

/**
 * The first pass of a snapshot: looks at every entry of a tree, sorts out what a manifest cannot
 * say, and reads no file.
 *
 * <p>Symbolic links are never followed: an entry is described by what its name itself is, and a
 * folder that was exchanged for something else between being looked at and being listed is a
 * problem, not a way out of the tree. What vanishes while we walk is noted and left out.
 *
 * <p>One thread, one use. Memory: some 300 bytes for each entry.
 */
final class TreeScanner {

  private static final int FILE_MODE = 0644;
  private static final int RUNNABLE_MODE = 0755;
  private static final int DIRECTORY_MODE = 0755;

  /** Path of the tree's own folder in messages. */
  private static final TreePath TOP = TreePath.of(".");

  private final ScannedTree tree = new ScannedTree();
  private final ArrayDeque<Folder> pending = new ArrayDeque<>();
  private final boolean onlyFiles;
  private final SnapshotProgress progress;
  private final BooleanSupplier cancelled;
  private final int treeUid;
  private final int treeGid;

  /** A folder that is still to be listed; the tree's own has no path. */
  private record Folder(Path file, String path, FileStat stat) {

    TreePath treePath() {
      return path.isEmpty() ? TOP : TreePath.of(path);
    }

    String child(final String name) {
      return path.isEmpty() ? name : path + "/" + name;
    }
  }

  private TreeScanner(
      final FileStat top,
      final ManifestForm form,
      final SnapshotProgress progress,
      final BooleanSupplier cancelled) {
    this.onlyFiles = form == ManifestForm.LEGACY_2023;
    this.progress = progress;
    this.cancelled = cancelled;
    this.treeUid = top.uid();
    this.treeGid = top.gid();
  }

  /**
   * Looks at a whole tree.
   *
   * @param folder the tree's own folder, not a link
   * @param form of the manifest that is to hold the tree
   * @param cancelled asked often; once it says yes, the result is incomplete
   * @throws IOException if the folder itself cannot be looked at; everything below it is at worst a
   *     {@link Problem}
   */
  static ScannedTree scan(
      final Path folder,
      final ManifestForm form,
      final SnapshotProgress progress,
      final BooleanSupplier cancelled)
      throws IOException {
    final FileStat top = FileStat.of(folder);
    return new TreeScanner(top, form, progress, cancelled).scanAll(new Folder(folder, "", top));
  }

  private ScannedTree scanAll(final Folder top) {
    noteDirectory(top.file, TOP, top.stat);
    pending.push(top);
    while (!pending.isEmpty() && !cancelled.getAsBoolean()) {
      final Folder folder = pending.pop();
      try {
        for (final Path child : list(folder)) {
          scanChild(folder, child);
        }
      } catch (final IOException e) {
        if (e instanceof NoSuchFileException && !folder.path.isEmpty()) {
          tree.vanished.add(folder.treePath());
          tree.directories.remove(folder.path);
        } else {
          problem(folder.treePath(), e);
        }
      }
    }
    if (onlyFiles) {
      sortOutFolders();
    } else {
      sortOutLinks();
    }
    Collections.sort(tree.unsayable);
    return tree;
  }

  /** Everything in a folder, sorted, so that two snapshots of one tree report alike. */
  private static List<Path> list(final Folder folder) throws IOException {
    final List<Path> children = new ArrayList<>();
    try (DirectoryStream<Path> stream = Files.newDirectoryStream(folder.file)) {
      final FileStat opened = FileStat.of(folder.file);
      if (opened.device() != folder.stat.device()
          || opened.inode() != folder.stat.inode()
          || !opened.isDirectory()) {
        throw new IOException("it was replaced while the snapshot was taken; take it again");
      }
      for (final Iterator<Path> each = stream.iterator(); each.hasNext(); ) {
        children.add(each.next());
      }
    } catch (final DirectoryIteratorException e) {
      throw e.getCause();
    }
    Collections.sort(children);
    return children;
  }

  private void scanChild(final Folder folder, final Path child) {
    if (cancelled.getAsBoolean()) {
      return;
    }
    progress.addEntry();
    final byte[] nameBytes = PathBytes.of(Objects.requireNonNull(child.getFileName()));
    final String name = PathBytes.textOf(nameBytes);
    if (name == null) {
      final TreePath path = TreePath.of(join(folder.path, nameBytes));
      tree.unsayable(UnsayableKind.NAME, path, "the name is not UTF-8");
      return;
    }
    final String path = folder.child(name);
    final String defect = PathRules.defect(path);
    if (defect != null) {
      tree.unsayable(UnsayableKind.NAME, TreePath.of(path), "the path " + defect);
      return;
    }
    try {
      note(child, path, FileStat.of(child));
    } catch (final NoSuchFileException e) {
      tree.vanished.add(TreePath.of(path));
    } catch (final IOException e) {
      final int bytes = PathBytes.of(child).length;
      if (bytes > PathRules.PATH_BYTES_MAX) {
        tree.unsayable(UnsayableKind.NAME, TreePath.of(path), tooLong(bytes));
      } else {
        problem(TreePath.of(path), e);
      }
    }
  }

  /**
   * A manifest could hold the path, but no system call takes it together with that of the tree
   * ({@code ENAMETOOLONG}). The length tells, since the JDK has that error only as text in the
   * user's language.
   */
  private static String tooLong(final int bytes) {
    return "the path from / is longer than %d bytes (%d)"
        .formatted(PathRules.PATH_BYTES_MAX, bytes);
  }

  private void note(final Path file, final String path, final FileStat stat) throws IOException {
    final TreePath treePath = TreePath.of(path);
    if (stat.isDirectory()) {
      tree.directories.add(path);
      noteDirectory(file, treePath, stat);
      pending.push(new Folder(file, path, stat));
    } else if (stat.isRegular()) {
      if (Manifest.chunkCount(stat.length()) > Integer.MAX_VALUE) {
        throw new IOException("it is too long for a manifest: " + stat.length() + " bytes");
      }
      tree.files.add(new ScannedFile(file, path, stat.length()));
      noteMode(treePath, stat, stat.permissions() == FILE_MODE, RUNNABLE_MODE);
      if (onlyFiles && FileStorer.isRunnable(stat)) {
        tree.unsayable(UnsayableKind.EXECUTE_BIT, treePath, "its owner may execute it");
      }
      noteOwner(treePath, stat);
      noteAttributes(file, treePath);
      noteHardLink(treePath, stat);
      if (!Timestamps.isInRange(stat.modified())) {
        tree.unsayable(UnsayableKind.TIME, treePath, "modified " + stat.modified());
      }
    } else if (stat.isSymbolicLink()) {
      noteLink(file, path, treePath, stat);
    } else {
      tree.unsayable(UnsayableKind.SPECIAL_FILE, treePath, stat.typeName());
    }
  }

  private void noteDirectory(final Path file, final TreePath path, final FileStat stat) {
    noteMode(path, stat, false, DIRECTORY_MODE);
    noteOwner(path, stat);
    noteAttributes(file, path);
    tree.count(UnsayableKind.DIRECTORY_TIME);
  }

  private void noteLink(
      final Path file, final String path, final TreePath treePath, final FileStat stat)
      throws IOException {
    final String target = PathBytes.textOf(PathBytes.of(Files.readSymbolicLink(file)));
    if (onlyFiles) {
      final String shown = target == null ? "a target that is not UTF-8" : target;
      tree.unsayable(UnsayableKind.LINK, treePath, "to " + shown);
      return;
    }
    if (target == null) {
      tree.unsayable(UnsayableKind.LINK_TARGET, treePath, "the target is not UTF-8");
      return;
    }
    tree.linkTargets.put(path, target);
    noteOwner(treePath, stat);
    noteHardLink(treePath, stat);
    tree.count(UnsayableKind.LINK_TIME);
  }

  private void noteMode(
      final TreePath path, final FileStat stat, final boolean isUsual, final int otherUsual) {
    if (!isUsual && stat.permissions() != otherUsual) {
      tree.unsayable(UnsayableKind.MODE, path, "mode %04o".formatted(stat.permissions()));
    }
  }

  private void noteOwner(final TreePath path, final FileStat stat) {
    if (stat.uid() != treeUid || stat.gid() != treeGid) {
      final String detail =
          "owner %d:%d, the tree's is %d:%d".formatted(stat.uid(), stat.gid(), treeUid, treeGid);
      tree.unsayable(UnsayableKind.OWNER, path, detail);
    }
  }

  private void noteHardLink(final TreePath path, final FileStat stat) {
    if (stat.links() > 1) {
      tree.unsayable(UnsayableKind.HARD_LINK, path, "one of " + stat.links() + " names of a file");
    }
  }

  /**
   * Only the {@code user} namespace is open to the JDK. A filesystem without attributes refuses the
   * question, and so does a file that we may not read; the latter is reported when it is read.
   */
  private void noteAttributes(final Path file, final TreePath path) {
    final UserDefinedFileAttributeView view =
        Files.getFileAttributeView(
            file, UserDefinedFileAttributeView.class, LinkOption.NOFOLLOW_LINKS);
    if (view == null) {
      return;
    }
    final List<String> names;
    try {
      names = view.list();
    } catch (final IOException e) {
      return;
    }
    if (!names.isEmpty()) {
      tree.unsayable(
          UnsayableKind.EXTENDED_ATTRIBUTES, path, "user." + String.join(", user.", names));
    }
  }

  /** Which links can be said depends on all folders, and where one leads on all other links. */
  private void sortOutLinks() {
    final Iterator<String> paths = tree.linkTargets.keySet().iterator();
    while (paths.hasNext()) {
      final String path = paths.next();
      final String target = Objects.requireNonNull(tree.linkTargets.get(path));
      if (!SymlinkTarget.survives(target, tree.directories::contains)) {
        tree.unsayable(UnsayableKind.LINK_TARGET, TreePath.of(path), "to " + target);
        paths.remove();
      }
    }
    tree.linkTargets.forEach((path, target) -> {
      switch (SymlinkTarget.classify(path, target, tree.linkTargets::get)) {
        case INSIDE -> {}
        case ABSOLUTE, ESCAPING ->
            tree.unsayable(UnsayableKind.LINK_OUTSIDE, TreePath.of(path), "to " + target);
      }
    });
  }

  /** A form of files alone holds the folders that have a file, however deep, and no others. */
  private void sortOutFolders() {
    final Set<String> held = new HashSet<>();
    for (final ScannedFile file : tree.files) {
      int slash = file.path().lastIndexOf('/');
      while (slash > 0 && held.add(file.path().substring(0, slash))) {
        slash = file.path().lastIndexOf('/', slash - 1);
      }
    }
    for (final String folder : tree.directories) {
      if (!held.contains(folder)) {
        tree.unsayable(UnsayableKind.EMPTY_FOLDER, TreePath.of(folder), "no file below it");
      }
    }
    tree.directories.retainAll(held);
  }

  private void problem(final TreePath path, final IOException failure) {
    tree.problems.add(new Problem(path, ContentStoreException.reasonOf(failure)));
  }

  private static byte[] join(final String folder, final byte[] name) {
    if (folder.isEmpty()) {
      return name;
    }
    final byte[] prefix = TreePath.of(folder + "/").bytes();
    final byte[] path = new byte[prefix.length + name.length];
    System.arraycopy(prefix, 0, path, 0, prefix.length);
    System.arraycopy(name, 0, path, prefix.length, name.length);
    return path;
  }
}
