package dev.slabmount.vfs;

import dev.slabmount.core.pool.MemoryPool;
import dev.slabmount.core.pool.MemoryPoolConfig;
import dev.slabmount.fuse.Errno;
import dev.slabmount.fuse.Name;
import dev.slabmount.vfs.content.ContentHash;
import dev.slabmount.vfs.manifest.DirectoryEntry;
import dev.slabmount.vfs.manifest.FileEntry;
import dev.slabmount.vfs.manifest.Manifest;
import dev.slabmount.vfs.manifest.ManifestException;
import dev.slabmount.vfs.manifest.SymlinkEntry;
import dev.slabmount.vfs.tree.InodeTree;
import dev.slabmount.vfs.tree.TreeBuilder;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;

/**
 * A target for fuzzing: any inode number, name and size as a lookup or a question for extended
 * attributes. Each is answered exactly once, with what the tree says and never more bytes than were
 * asked for.
 *
 * <p>An input is one byte that chooses the operation, 8 of the inode, 4 of the size, and the name.
 */
public final class NameFuzz {

  private static final byte[] ATTRIBUTE =
      VfsFileSystem.HASH_ATTRIBUTE.getBytes(StandardCharsets.US_ASCII);
  private static final int HEAD_BYTES = 13;
  private static final int OPERATIONS = 7;
  private static final int HASH_DIGITS = 32;
  private static final int LARGEST_ATTRIBUTE = 1 << 16;
  private static final int LONGEST_NAME = 255;

  private static final InodeTree TREE = tree();
  private static final VfsFileSystem FS = fileSystem();

  private NameFuzz() {}

  private static InodeTree tree() {
    final ContentHash hash = new ContentHash(1, 2);
    try {
      final Manifest.Builder builder = new Manifest.Builder();
      for (final String path : List.of("a", "dir/f", "dir/\u00e9", "dir/sub/g", "\u4e2d\u6587")) {
        builder.add(new FileEntry(path, 5, -1, path.length() > 1, List.of(hash)));
      }
      builder.add(
          new FileEntry(
              "chunks", 3 * Manifest.CHUNK_BYTES, 0, false, Collections.nCopies(3, hash)));
      builder.add(
          new FileEntry(
              "huge", 2000 * Manifest.CHUNK_BYTES, 0, false, Collections.nCopies(2000, hash)));
      builder.add(new SymlinkEntry("link", "dir/sub")).add(new DirectoryEntry("empty"));
      return TreeBuilder.build(builder.build());
    } catch (final ManifestException e) {
      throw new AssertionError(e);
    }
  }

  private static VfsFileSystem fileSystem() {
    final MemoryPool pool = MemoryPool.create(MemoryPoolConfig.builder().maxSize(8 << 20).build());
    return new VfsFileSystem(
        TREE,
        (hash, length, offset, destination) -> {
          throw new AssertionError("nothing is read");
        },
        pool,
        VfsOptions.defaults());
  }

  /** Inputs for each operation, with names and inodes that are there. */
  public static List<byte[]> seeds() {
    final List<byte[]> seeds = new ArrayList<>();
    for (int operation = 0; operation < OPERATIONS; operation++) {
      for (final String name : List.of("a", "dir", "\u4e2d\u6587", VfsFileSystem.HASH_ATTRIBUTE)) {
        for (final long ino : new long[] {1, 2, TREE.count()}) {
          final byte[] bytes = name.getBytes(StandardCharsets.UTF_8);
          seeds.add(
              ByteBuffer.allocate(HEAD_BYTES + bytes.length)
                  .put((byte) operation)
                  .putLong(ino)
                  .putInt(HASH_DIGITS)
                  .put(bytes)
                  .array());
        }
      }
    }
    return seeds;
  }

  /** Names and parts of them. */
  public static List<String> words() {
    return List.of(
        VfsFileSystem.HASH_ATTRIBUTE,
        "user.",
        "dir",
        "sub",
        "f",
        "chunks",
        "huge",
        "link",
        "..",
        "/",
        "\0",
        "\u00e9",
        "x".repeat(LONGEST_NAME + 1));
  }

  /** Called by Jazzer under this name. */
  public static void fuzzerTestOneInput(final byte[] input) throws Exception {
    if (input.length < HEAD_BYTES) {
      return;
    }
    final ByteBuffer head = ByteBuffer.wrap(input);
    final int operation = Math.floorMod(head.get(), OPERATIONS);
    final long number = head.getLong();
    // One half of the inputs asks for an inode that is there.
    final long ino = number % 2 == 0 ? number : Math.floorMod(number, (long) TREE.count()) + 1;
    final int size = Math.max(0, head.getInt());
    final byte[] name = Arrays.copyOfRange(input, HEAD_BYTES, input.length);
    final FakeRequest request = new FakeRequest();
    ask(request, operation, ino, new Name().set(name), size);
    if (!request.isAnswered()) {
      throw new AssertionError("no answer");
    }
    final FakeRequest.Answer answer = request.answer();
    if (!TREE.exists(ino)) {
      if (!(answer instanceof FakeRequest.Failed failed) || failed.errno() != Errno.ENOENT) {
        throw new AssertionError("no inode " + ino + ", and yet " + answer);
      }
      return;
    }
    switch (operation) {
      case 0 -> checkLookup(answer, ino, name);
      case 1 -> checkAttribute(answer, ino, name, size);
      case 2 -> checkList(answer, ino, size);
      default -> {}
    }
  }

  private static void ask(
      final FakeRequest request,
      final int operation,
      final long ino,
      final Name name,
      final int size) {
    switch (operation) {
      case 0 -> FS.lookup(request, ino, name);
      case 1 -> FS.getxattr(request, ino, name, size);
      case 2 -> FS.listxattr(request, ino, size);
      case 3 -> FS.getattr(request, ino, size);
      case 4 -> FS.readlink(request, ino);
      case 5 -> FS.access(request, ino, size);
      default -> FS.open(request, ino, size);
    }
  }

  private static void checkLookup(
      final FakeRequest.Answer answer, final long ino, final byte[] name) {
    final int expected;
    if (!TREE.isDirectory(ino)) {
      expected = Errno.ENOTDIR;
    } else {
      expected = name.length > LONGEST_NAME ? Errno.ENAMETOOLONG : 0;
    }
    if (expected != 0) {
      require(answer instanceof FakeRequest.Failed failed && failed.errno() == expected, answer);
      return;
    }
    long found = InodeTree.ABSENT;
    final long end = TREE.firstChild(ino) + TREE.childCount(ino);
    for (long child = TREE.firstChild(ino); child < end; child++) {
      final int start = TREE.nameStart(child);
      if (Arrays.equals(
          TREE.names(), start, start + TREE.nameLength(child), name, 0, name.length)) {
        found = child;
      }
    }
    require(
        answer instanceof FakeRequest.Scratch scratch
            && scratch.value() instanceof dev.slabmount.fuse.Entry entry
            && entry.ino() == found,
        answer);
  }

  private static void checkAttribute(
      final FakeRequest.Answer answer, final long ino, final byte[] name, final int size) {
    if (!new String(name, StandardCharsets.ISO_8859_1).startsWith("user.")) {
      require(
          answer instanceof FakeRequest.Failed failed && failed.errno() == Errno.EOPNOTSUPP,
          answer);
    } else if (!TREE.isRegular(ino) || !Arrays.equals(name, ATTRIBUTE)) {
      require(
          answer instanceof FakeRequest.Failed failed && failed.errno() == Errno.ENODATA, answer);
    } else {
      checkValue(answer, TREE.objectCount(ino) * (HASH_DIGITS + 1) - 1, size);
    }
  }

  private static void checkList(final FakeRequest.Answer answer, final long ino, final int size) {
    checkValue(answer, TREE.isRegular(ino) ? ATTRIBUTE.length + 1 : 0, size);
  }

  private static void checkValue(
      final FakeRequest.Answer answer, final int length, final int size) {
    switch (answer) {
      case FakeRequest.Data data ->
          require(data.bytes().length == length && size >= length && size > 0, answer);
      case FakeRequest.Figure figure -> require(size == 0 && figure.value() == length, answer);
      case FakeRequest.Failed failed ->
          require(
              failed.errno() == (length > LARGEST_ATTRIBUTE ? Errno.E2BIG : Errno.ERANGE)
                  && (length > LARGEST_ATTRIBUTE || (size > 0 && size < length)),
              answer);
      default -> throw new AssertionError("unexpected: " + answer);
    }
  }

  private static void require(final boolean right, final FakeRequest.Answer answer) {
    if (!right) {
      throw new AssertionError("wrong: " + answer);
    }
  }
}
