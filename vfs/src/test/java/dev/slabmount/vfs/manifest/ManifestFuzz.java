package dev.slabmount.vfs.manifest;

import dev.slabmount.vfs.tree.InodeTree;
import dev.slabmount.vfs.tree.TreeBuilder;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * A target for fuzzing: any bytes as a document, to be mounted and to be looked at. What is
 * accepted has to be sound; what is not, refused in one line.
 */
public final class ManifestFuzz {

  private ManifestFuzz() {}

  /** Documents of all forms. */
  public static List<byte[]> seeds() {
    return Stream.of(
            ManifestRoundTripTest.EXAMPLE,
            ManifestFormsTest.LEGACY,
            ManifestFormsTest.DIFF,
            ManifestFormsTest.BETA,
            ManifestFormsTest.ABSOLUTE)
        .map(text -> text.getBytes(StandardCharsets.UTF_8))
        .toList();
  }

  /** Pieces of documents. */
  public static List<String> words() {
    return ManifestFuzzTest.PIECES;
  }

  /** Called by Jazzer under this name. */
  public static void fuzzerTestOneInput(final byte[] input) {
    Manifest mounted = null;
    try {
      mounted = ManifestReader.read(input);
      assertSound(mounted);
    } catch (final ManifestException e) {
      assertOneLine(e);
    }
    try {
      final ManifestDocument document = ManifestDocument.read(input);
      if (mounted != null && !document.defects().isEmpty()) {
        throw new AssertionError("mounted in spite of " + document.defects());
      }
      document.view();
    } catch (final ManifestException e) {
      assertOneLine(e);
      if (mounted != null) {
        throw new AssertionError("can be mounted but not looked at", e);
      }
    }
  }

  private static void assertOneLine(final ManifestException refusal) {
    final String message = String.valueOf(refusal.getMessage());
    if (message.isEmpty() || message.chars().anyMatch(Character::isISOControl)) {
      throw new AssertionError("not one line", refusal);
    }
  }

  private static void assertSound(final Manifest manifest) throws ManifestException {
    final List<ManifestEntry> entries = List.copyOf(manifest.entries());
    final InodeTree tree = TreeBuilder.build(manifest);
    if (tree.count() != entries.size() + 1) {
      throw new AssertionError(tree.count() + " inodes for " + entries.size() + " entries");
    }
    for (final ManifestEntry entry : entries) {
      final String defect = PathRules.defect(entry.path());
      if (defect != null) {
        throw new AssertionError(entry + " " + defect);
      }
      long ino = InodeTree.ROOT;
      for (final String name : entry.path().split("/", -1)) {
        final byte[] bytes = name.getBytes(StandardCharsets.UTF_8);
        ino = tree.lookup(ino, bytes, 0, bytes.length);
      }
      if (ino == InodeTree.ABSENT || !tree.path(ino).equals(entry.path())) {
        throw new AssertionError(entry + " cannot be found");
      }
    }
    final Set<String> directories =
        entries.stream()
            .limit(manifest.directoryCount())
            .map(ManifestEntry::path)
            .collect(Collectors.toSet());
    final boolean canBeSaid =
        entries.stream()
            .allMatch(entry ->
                !(entry instanceof SymlinkEntry link)
                    || SymlinkTarget.survives(link.target(), directories::contains));
    if (canBeSaid
        && !entries.equals(ManifestReader.read(ManifestWriter.toBytes(manifest)).entries())) {
      throw new AssertionError("written and read again it is another tree");
    }
  }
}
