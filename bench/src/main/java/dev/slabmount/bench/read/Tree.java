package dev.slabmount.bench.read;

import dev.slabmount.bench.process.Command;
import dev.slabmount.bench.process.Workplace;
import dev.slabmount.bench.report.MeasuringException;
import dev.slabmount.vfs.content.ContentHash;
import dev.slabmount.vfs.content.LocalContentStore;
import dev.slabmount.vfs.manifest.FileEntry;
import dev.slabmount.vfs.manifest.Manifest;
import dev.slabmount.vfs.manifest.ManifestException;
import dev.slabmount.vfs.manifest.ManifestWriter;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.LongBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.List;
import java.util.SplittableRandom;

/**
 * Something to mount.
 *
 * @param manifest what slabmount is given
 * @param store where the content lies
 */
record Tree(Path manifest, Path store) {
  /** The folder of a tree of names that is measured. */
  static final String NAMES = "names";

  /** A smaller folder beside it. */
  static final String WARM_UP = "warm-up";

  private static final Duration SNAPSHOT_AT_MOST = Duration.ofMinutes(2);
  private static final int PIECE_BYTES = 1 << 20;
  private static final long MTIME_SECONDS = 1_700_000_000;

  /** Snapshots a folder. */
  static Tree snapshot(Workplace place, Path original) throws MeasuringException {
    Path folder = place.newFolder("tree");
    Tree tree = new Tree(folder.resolve("manifest.json"), folder.resolve("store"));
    Command.run(
        place,
        SNAPSHOT_AT_MOST,
        List.of(
            Servers.slabmount(),
            "snapshot",
            original.toString(),
            "--store",
            tree.store.toString(),
            "--out",
            tree.manifest.toString()));
    return tree;
  }

  /**
   * A tree of names and attributes only, whose content nobody has: {@value #NAMES} with so many
   * folders of so many files each, and {@value #WARM_UP} with a tenth of the folders. Writes also
   * the listing that listfs reads, with the same names and attributes.
   */
  static Tree ofNames(Workplace place, int folders, int files, Path listing)
      throws MeasuringException {
    Path folder = place.newFolder("tree");
    Tree tree = new Tree(folder.resolve("manifest.json"), folder.resolve("store"));
    try {
      LocalContentStore.create(tree.store).close();
      Manifest.Builder manifest = new Manifest.Builder();
      List<String> tops = List.of(NAMES, WARM_UP);
      StringBuilder lines = new StringBuilder();
      tops.forEach(top -> addFolder(lines, top, files));
      StringBuilder fileLines = new StringBuilder();
      for (String top : tops) {
        int count = top.equals(NAMES) ? folders : folders / 10;
        for (int i = 0; i < count; i++) {
          String path = top + "/folder-" + (10_000 + i);
          addFolder(lines, path, files);
          for (int j = 0; j < files; j++) {
            addFile(manifest, fileLines, path + "/file-" + (10_000 + j) + ".dat", i, j);
          }
        }
      }
      ManifestWriter.write(manifest.build(), tree.manifest);
      Files.writeString(listing, lines.append(fileLines));
    } catch (IOException e) {
      throw new MeasuringException("cannot make a tree of names", e);
    }
    return tree;
  }

  /** A folder's time is that of its newest file. */
  private static void addFolder(StringBuilder lines, String path, int files) {
    lines.append("d\t755\t").append(MTIME_SECONDS + files - 1).append('\t');
    lines.append(path).append('\n');
  }

  private static void addFile(
      Manifest.Builder manifest, StringBuilder lines, String path, int folder, int file)
      throws ManifestException {
    long size = 1 + (folder * 31L + file) % 100_000;
    long mtime = MTIME_SECONDS + file;
    ContentHash hash = new ContentHash(folder + 1, file + 1);
    manifest.add(new FileEntry(path, size, mtime * 1_000_000, false, List.of(hash)));
    lines.append("f\t644\t").append(mtime).append('\t').append(path).append('\t');
    lines.append(size).append("\t-\n");
  }

  /** Makes a file of random bytes, the same for the same seed. */
  static Path randomFile(Path file, long size, long seed) throws MeasuringException {
    SplittableRandom random = new SplittableRandom(seed);
    ByteBuffer piece = ByteBuffer.allocateDirect(PIECE_BYTES).order(ByteOrder.nativeOrder());
    try (FileChannel out =
        FileChannel.open(file, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
      for (long left = size; left > 0; ) {
        LongBuffer words = piece.clear().asLongBuffer();
        while (words.hasRemaining()) {
          words.put(random.nextLong());
        }
        piece.limit((int) Math.min(left, PIECE_BYTES));
        while (piece.hasRemaining()) {
          left -= out.write(piece);
        }
      }
    } catch (IOException e) {
      throw new MeasuringException("cannot write " + file, e);
    }
    return file;
  }
}
