package dev.slabmount.vfs;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.slabmount.core.pool.MemoryPool;
import dev.slabmount.core.pool.MemoryPoolConfig;
import dev.slabmount.fuse.AttributeChanges;
import dev.slabmount.fuse.Attributes;
import dev.slabmount.fuse.Entry;
import dev.slabmount.fuse.Errno;
import dev.slabmount.fuse.FileSystem;
import dev.slabmount.fuse.FileSystemFigures;
import dev.slabmount.fuse.Name;
import dev.slabmount.fuse.OpenedFile;
import dev.slabmount.vfs.content.ContentHash;
import dev.slabmount.vfs.content.Xxh128;
import dev.slabmount.vfs.manifest.DirectoryEntry;
import dev.slabmount.vfs.manifest.FileEntry;
import dev.slabmount.vfs.manifest.Manifest;
import dev.slabmount.vfs.manifest.SymlinkEntry;
import dev.slabmount.vfs.tree.InodeTree;
import dev.slabmount.vfs.tree.TreeBuilder;
import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class VfsFileSystemTest {

  private static final byte[] HELLO = "hello".getBytes(StandardCharsets.US_ASCII);
  private static final int UID = 1234;
  private static final int GID = 567;
  private static final long UNKNOWN = 999;

  private MemoryPool pool;
  private VfsFileSystem fs;
  private long dir;
  private long file;
  private long run;
  private long link;
  private long big;

  @BeforeEach
  void mountNothing() throws Exception {
    final List<ContentHash> chunks =
        List.of(new ContentHash(1, 2), new ContentHash(3, 4), new ContentHash(5, 6));
    final Manifest manifest =
        new Manifest.Builder()
            .add(new FileEntry("dir/f", 5, -1, false, List.of(Xxh128.hash(HELLO))))
            .add(new FileEntry("dir/run", 5, 1_500_000, true, List.of(Xxh128.hash(HELLO))))
            .add(new FileEntry("big", 2 * Manifest.CHUNK_BYTES + 1, 0, false, chunks))
            .add(new SymlinkEntry("link", "/no/wh\u00e9re"))
            .add(new DirectoryEntry("dir/empty"))
            .build();
    pool = MemoryPool.create(MemoryPoolConfig.builder().maxSize(8 << 20).build());
    fs =
        new VfsFileSystem(
            TreeBuilder.build(manifest),
            (hash, length, offset, destination) -> {
              MemorySegment.copy(MemorySegment.ofArray(HELLO), 0, destination, 0, length);
              return (int) length;
            },
            pool,
            VfsOptions.builder().owner(UID, GID).build());
    dir = lookup(FileSystem.ROOT, "dir").ino();
    file = lookup(dir, "f").ino();
    run = lookup(dir, "run").ino();
    link = lookup(FileSystem.ROOT, "link").ino();
    big = lookup(FileSystem.ROOT, "big").ino();
  }

  @AfterEach
  void close() {
    fs.close();
    assertEquals(0, pool.stats().pins());
    pool.clear();
    assertEquals(0, pool.stats().slotsInUse());
    pool.close();
  }

  @Test
  void shouldLookUpWithAttributesAndTimeouts() throws Exception {
    final Entry entry = lookup(dir, "run");
    assertEquals(Duration.ofDays(1).toNanos(), entry.entryTimeoutNanos());
    assertEquals(Duration.ofDays(1).toNanos(), entry.attributesTimeoutNanos());
    assertEquals(entry.ino(), entry.attributes().ino());
    assertEquals(0100755, entry.attributes().mode());
    assertEquals(1, entry.attributes().modifySeconds());
    assertEquals(500_000_000, entry.attributes().modifyNanos());
  }

  @Test
  void shouldAnswerAbsentNamesSoThatTheKernelRemembersThem() throws Exception {
    final Entry entry = lookup(FileSystem.ROOT, "nothing");
    assertEquals(0, entry.ino());
    assertEquals(Duration.ofDays(1).toNanos(), entry.entryTimeoutNanos());
    try (VfsFileSystem forgetful = withoutNegativeTimeout()) {
      final FakeRequest request = new FakeRequest();
      forgetful.lookup(request, FileSystem.ROOT, name("nothing"));
      assertEquals(Errno.ENOENT, request.errno());
    }
  }

  @Test
  void shouldRefuseImpossibleLookups() throws Exception {
    assertEquals(Errno.ENOTDIR, errno((r, fs) -> fs.lookup(r, file, name("x"))));
    assertEquals(Errno.ENOTDIR, errno((r, fs) -> fs.lookup(r, link, name("x"))));
    assertEquals(Errno.ENOENT, errno((r, fs) -> fs.lookup(r, UNKNOWN, name("x"))));
    assertEquals(Errno.ENOENT, errno((r, fs) -> fs.lookup(r, -1, name("x"))));
    assertEquals(Errno.ENAMETOOLONG, errno((r, fs) -> fs.lookup(r, dir, name("x".repeat(256)))));
    assertEquals(0, lookup(dir, "x".repeat(255)).ino());
  }

  @Test
  void shouldShowAttributesOfEachKind() throws Exception {
    final Attributes directory = attributes(dir);
    assertEquals(0040755, directory.mode());
    assertEquals(3, directory.linkCount());
    assertEquals(0, directory.size());
    assertEquals(0, directory.blocks());
    assertEquals(1, directory.modifySeconds(), "the newest file below");
    final Attributes plain = attributes(file);
    assertEquals(0100644, plain.mode());
    assertEquals(5, plain.size());
    assertEquals(1, plain.blocks());
    assertEquals(1, plain.linkCount());
    assertEquals(UID, plain.uid());
    assertEquals(GID, plain.gid());
    assertEquals(-1, plain.modifySeconds(), "one microsecond before the epoch");
    assertEquals(999_999_000, plain.modifyNanos());
    assertEquals(plain.modifySeconds(), plain.accessSeconds());
    assertEquals(plain.modifyNanos(), plain.changeNanos());
    final Attributes symlink = attributes(link);
    assertEquals(0120777, symlink.mode());
    assertEquals(10, symlink.size(), "bytes of the target");
    assertEquals(0040755, attributes(FileSystem.ROOT).mode());
    assertEquals(Errno.ENOENT, errno((r, fs) -> fs.getattr(r, UNKNOWN, FileSystem.NO_HANDLE)));
  }

  @Test
  void shouldReadLinks() throws Exception {
    final FakeRequest request = ask((r, fs) -> fs.readlink(r, link));
    assertEquals("/no/wh\u00e9re", new String(request.bytes(), StandardCharsets.UTF_8));
    assertEquals(Errno.EINVAL, errno((r, fs) -> fs.readlink(r, file)));
    assertEquals(Errno.ENOENT, errno((r, fs) -> fs.readlink(r, UNKNOWN)));
  }

  @Test
  void shouldOpenReadAndRelease() throws Exception {
    final OpenedFile opened = scratch(OpenedFile.class, (r, fs) -> fs.open(r, file, 0));
    assertTrue(opened.keepCache());
    assertEquals(1, fs.stats().openFiles());
    assertArrayEquals(HELLO, ask((r, fs) -> fs.read(r, file, opened.fh(), 0, 4096)).bytes());
    assertArrayEquals(
        "ell".getBytes(StandardCharsets.US_ASCII),
        ask((r, fs) -> fs.read(r, file, opened.fh(), 1, 3)).bytes());
    assertEquals(0, ask((r, fs) -> fs.read(r, file, opened.fh(), 5, 100)).bytes().length);
    assertEquals(0, ask((r, fs) -> fs.release(r, file, opened.fh())).number());
    assertEquals(0, fs.stats().openFiles());
    assertEquals(1, fs.stats().storeReads());
    assertEquals(1, fs.stats().poolReads());
    assertEquals(8, fs.stats().bytesRead());
  }

  @Test
  void shouldRefuseToOpenWhatIsNoFileOrForWriting() throws Exception {
    assertEquals(Errno.EISDIR, errno((r, fs) -> fs.open(r, dir, 0)));
    assertEquals(Errno.EINVAL, errno((r, fs) -> fs.open(r, link, 0)));
    assertEquals(Errno.ENOENT, errno((r, fs) -> fs.open(r, UNKNOWN, 0)));
    for (final int flags : new int[] {1, 2, 01000, 0102001}) {
      assertEquals(Errno.EROFS, errno((r, fs) -> fs.open(r, file, flags)));
    }
    assertEquals(0, fs.stats().openFiles());
  }

  @Test
  void shouldCountAnOpenOnlyIfTheKernelTookIt() throws Exception {
    final FakeRequest request = new FakeRequest();
    request.delivered = false;
    fs.open(request, file, 0);
    assertEquals(0, fs.stats().openFiles());
    final FakeRequest directory = new FakeRequest();
    directory.delivered = false;
    fs.opendir(directory, dir, 0);
    assertEquals(0, fs.stats().openDirectories());
  }

  @Test
  void shouldRefuseHandlesOfOthers() throws Exception {
    assertEquals(Errno.EBADF, errno((r, fs) -> fs.read(r, file, run, 0, 10)));
    assertEquals(Errno.EBADF, errno((r, fs) -> fs.read(r, UNKNOWN, UNKNOWN, 0, 10)));
    assertEquals(Errno.EBADF, errno((r, fs) -> fs.read(r, dir, dir, 0, 10)));
    assertEquals(Errno.EINVAL, errno((r, fs) -> fs.read(r, file, file, -1, 10)));
    assertEquals(Errno.EBADF, errno((r, fs) -> fs.readdir(r, dir, file, 0, buffer(9))));
    assertEquals(Errno.EBADF, errno((r, fs) -> fs.readdirplus(r, file, file, 0, buffer(9))));
    assertEquals(Errno.EINVAL, errno((r, fs) -> fs.readdir(r, dir, dir, -1, buffer(9))));
  }

  @Test
  void shouldListInPiecesOfAnySize() throws Exception {
    final OpenedFile opened = scratch(OpenedFile.class, (r, fs) -> fs.opendir(r, dir, 0));
    assertEquals(1, fs.stats().openDirectories());
    assertTrue(opened.cacheReaddir());
    for (int room = 1; room < 7; room++) {
      final List<FakeRequest.Row> plain = new ArrayList<>();
      final List<FakeRequest.Row> plus = new ArrayList<>();
      final int rows = room;
      collect(plain, (r, at) -> fs.readdir(r, dir, opened.fh(), at, buffer(rows)));
      collect(plus, (r, at) -> fs.readdirplus(r, dir, opened.fh(), at, buffer(rows)));
      final List<String> names = List.of(".", "..", "empty", "f", "run");
      assertEquals(names, plain.stream().map(FakeRequest.Row::name).toList());
      assertEquals(names, plus.stream().map(FakeRequest.Row::name).toList());
      assertEquals(dir, plain.get(0).ino());
      assertEquals(FileSystem.ROOT, plain.get(1).ino());
      assertEquals(run, plain.get(4).ino());
      assertEquals(0040000, plain.get(2).mode() & InodeTree.KIND_MASK);
      assertEquals(0100000, plain.get(3).mode() & InodeTree.KIND_MASK);
      assertEquals(5, plus.get(3).attributes().size());
      assertEquals(file, plus.get(3).attributes().ino());
    }
    assertEquals(0, ask((r, fs) -> fs.releasedir(r, dir, opened.fh())).number());
    assertEquals(0, fs.stats().openDirectories());
  }

  @Test
  void shouldListTheRootAndAnEmptyDirectory() throws Exception {
    final List<FakeRequest.Row> root = new ArrayList<>();
    collect(root, (r, at) -> fs.readdir(r, FileSystem.ROOT, FileSystem.ROOT, at, buffer(99)));
    assertEquals(
        List.of(".", "..", "big", "dir", "link"),
        root.stream().map(FakeRequest.Row::name).toList());
    assertEquals(FileSystem.ROOT, root.get(1).ino(), "the root's parent is the root");
    final long empty = lookup(dir, "empty").ino();
    final List<FakeRequest.Row> none = new ArrayList<>();
    collect(none, (r, at) -> fs.readdir(r, empty, empty, at, buffer(99)));
    assertEquals(2, none.size());
    assertEquals(0, ask((r, fs) -> fs.readdir(r, empty, empty, 1000, buffer(9))).rows().size());
    assertEquals(Errno.ENOTDIR, errno((r, fs) -> fs.opendir(r, file, 0)));
    assertEquals(Errno.ENOENT, errno((r, fs) -> fs.opendir(r, UNKNOWN, 0)));
  }

  @Test
  void shouldShowTheHashAsAnAttribute() throws Exception {
    final String hash = Xxh128.hash(HELLO).toString();
    assertEquals(32, ask((r, fs) -> fs.getxattr(r, file, hashName(), 0)).number());
    assertEquals(hash, text(ask((r, fs) -> fs.getxattr(r, file, hashName(), 32))));
    assertEquals(hash, text(ask((r, fs) -> fs.getxattr(r, file, hashName(), 1000))));
    assertEquals(Errno.ERANGE, errno((r, fs) -> fs.getxattr(r, file, hashName(), 31)));
    assertEquals(
        "00000000000000010000000000000002,00000000000000030000000000000004,"
            + "00000000000000050000000000000006",
        text(ask((r, fs) -> fs.getxattr(r, big, hashName(), 1000))));
    assertEquals(98, ask((r, fs) -> fs.getxattr(r, big, hashName(), 0)).number());
    assertEquals(Errno.ENODATA, errno((r, fs) -> fs.getxattr(r, dir, hashName(), 0)));
    assertEquals(Errno.ENODATA, errno((r, fs) -> fs.getxattr(r, link, hashName(), 0)));
    assertEquals(
        Errno.EOPNOTSUPP, errno((r, fs) -> fs.getxattr(r, file, name("security.capability"), 0)));
    assertEquals(
        Errno.ENODATA, errno((r, fs) -> fs.getxattr(r, file, name("user.slabmount.has"), 0)));
    assertEquals(Errno.ENOENT, errno((r, fs) -> fs.getxattr(r, UNKNOWN, hashName(), 0)));
  }

  @Test
  void shouldListAttributes() throws Exception {
    assertEquals(20, ask((r, fs) -> fs.listxattr(r, file, 0)).number());
    assertEquals("user.slabmount.hash\0", text(ask((r, fs) -> fs.listxattr(r, file, 20))));
    assertEquals(Errno.ERANGE, errno((r, fs) -> fs.listxattr(r, file, 19)));
    assertEquals(0, ask((r, fs) -> fs.listxattr(r, dir, 0)).number());
    assertEquals("", text(ask((r, fs) -> fs.listxattr(r, dir, 100))));
    assertEquals(Errno.ENOENT, errno((r, fs) -> fs.listxattr(r, UNKNOWN, 0)));
  }

  @Test
  void shouldRefuseAnAttributeThatLinuxCannotCarry() throws Exception {
    final List<ContentHash> chunks = new ArrayList<>();
    for (int i = 0; i < 2000; i++) {
      chunks.add(new ContentHash(i, i));
    }
    final Manifest manifest =
        new Manifest.Builder()
            .add(new FileEntry("f", 2000 * Manifest.CHUNK_BYTES, 0, false, chunks))
            .build();
    try (VfsFileSystem huge =
        new VfsFileSystem(
            TreeBuilder.build(manifest), (h, l, o, d) -> 0, pool, VfsOptions.defaults())) {
      final FakeRequest request = new FakeRequest();
      huge.getxattr(request, 2, hashName(), 0);
      assertEquals(Errno.E2BIG, request.errno());
    }
  }

  @Test
  void shouldGrantAccessByMode() throws Exception {
    assertEquals(0, access(file, 0, 99, 99));
    assertEquals(0, access(file, 4, 99, 99));
    assertEquals(0, access(run, 5, UID, 99));
    assertEquals(0, access(run, 5, 99, GID));
    assertEquals(0, access(run, 5, 99, 99));
    assertEquals(0, access(dir, 5, 99, 99));
    assertEquals(Errno.EACCES, access(file, 1, UID, GID));
    assertEquals(Errno.EACCES, access(file, 5, 99, 99));
    assertEquals(Errno.EACCES, access(file, 1, 0, 0), "root executes what somebody may execute");
    assertEquals(0, access(run, 1, 0, 0));
    assertEquals(0, access(dir, 1, 0, 0));
    assertEquals(0, access(file, 4, 0, 0));
    for (final long ino : new long[] {file, dir, run}) {
      assertEquals(Errno.EROFS, access(ino, 2, 0, 0));
      assertEquals(Errno.EROFS, access(ino, 6, UID, GID));
    }
    assertEquals(Errno.ENOENT, access(UNKNOWN, 0, 0, 0));
  }

  @Test
  void shouldShowRealFigures() throws Exception {
    final FileSystemFigures figures =
        scratch(FileSystemFigures.class, (r, fs) -> fs.statfs(r, FileSystem.ROOT));
    assertEquals(4096, figures.blockSize());
    assertEquals(2 * Manifest.CHUNK_BYTES / 4096 + 1, figures.blocks());
    assertEquals(0, figures.blocksFree());
    assertEquals(7, figures.files());
    assertEquals(0, figures.filesFree());
    assertEquals(255, figures.nameLengthMax());
  }

  @Test
  void shouldFindDataEverywhereAndAHoleAtTheEnd() throws Exception {
    assertEquals(0, ask((r, fs) -> fs.lseek(r, file, file, 0, 3)).number());
    assertEquals(4, ask((r, fs) -> fs.lseek(r, file, file, 4, 3)).number());
    assertEquals(5, ask((r, fs) -> fs.lseek(r, file, file, 0, 4)).number());
    assertEquals(Errno.ENXIO, errno((r, fs) -> fs.lseek(r, file, file, 5, 3)));
    assertEquals(Errno.ENXIO, errno((r, fs) -> fs.lseek(r, file, file, 5, 4)));
    assertEquals(Errno.ENXIO, errno((r, fs) -> fs.lseek(r, file, file, -1, 3)));
    assertEquals(Errno.EINVAL, errno((r, fs) -> fs.lseek(r, file, file, 0, 2)));
    assertEquals(Errno.EBADF, errno((r, fs) -> fs.lseek(r, file, run, 0, 3)));
    assertEquals(Errno.EBADF, errno((r, fs) -> fs.lseek(r, dir, dir, 0, 3)));
  }

  @Test
  void shouldRefuseEveryChange() throws Exception {
    final Name n = name("n");
    final List<Consumer<FakeRequest>> changes =
        List.of(
            r -> fs.setattr(r, file, -1, new AttributeChanges()),
            r -> fs.mknod(r, dir, n, 0, 0),
            r -> fs.mkdir(r, dir, n, 0),
            r -> fs.unlink(r, dir, n),
            r -> fs.rmdir(r, dir, n),
            r -> fs.symlink(r, dir, n, n),
            r -> fs.rename(r, dir, n, dir, n, 0),
            r -> fs.link(r, file, dir, n),
            r -> fs.write(r, file, file, 0, 1),
            r -> fs.setxattr(r, file, n, 0),
            r -> fs.removexattr(r, file, n),
            r -> fs.create(r, dir, n, 0, 0),
            r -> fs.fallocate(r, file, file, 0, 1, 0),
            r -> fs.copyFileRange(r, file, file, 0, file, file, 0, 1, 0));
    for (final Consumer<FakeRequest> change : changes) {
      final FakeRequest request = new FakeRequest();
      change.accept(request);
      assertEquals(Errno.EROFS, request.errno());
    }
  }

  @Test
  void shouldAnswerEverythingOnTheCallersThreadButReadsThatMiss() throws Exception {
    assertFalse(ask((r, fs) -> fs.getattr(r, file, -1)).isDetached());
    assertTrue(ask((r, fs) -> fs.read(r, file, file, 0, 5)).isDetached());
    assertFalse(ask((r, fs) -> fs.read(r, file, file, 0, 5)).isDetached());
    assertFalse(ask((r, fs) -> fs.read(r, run, run, 0, 5)).isDetached(), "the same content");
  }

  @Test
  void shouldAnswerReadsAfterCloseWithAnError() throws Exception {
    fs.close();
    assertEquals(Errno.EIO, errno((r, fs) -> fs.read(r, file, file, 0, 5)));
    assertEquals(5, attributes(file).size());
  }

  @Test
  void shouldRejectOptionsThatMakeNoSense() {
    assertNull(refusal(VfsOptions.builder().storeThreads(1).aheadThreads(1).pendingReads(1)));
    assertEquals(
        "storeThreads must be at least 1, not 0", refusal(VfsOptions.builder().storeThreads(0)));
    assertEquals(
        "pendingReads must be at least 1, not -1", refusal(VfsOptions.builder().pendingReads(-1)));
    final Duration zero = Duration.ZERO;
    assertEquals(
        "negativeTimeout must be from 0 to 36500 days, not PT-1S",
        refusal(VfsOptions.builder().timeouts(zero, zero, Duration.ofSeconds(-1))));
    assertEquals(
        "fetchTimeout must be more than 0", refusal(VfsOptions.builder().fetchTimeout(zero)));
    assertNull(refusal(VfsOptions.builder().timeouts(zero, zero, zero)));
  }

  @Test
  void shouldOwnEverythingByDefault() throws Exception {
    final VfsOptions options = VfsOptions.defaults();
    final Object uid =
        java.nio.file.Files.getAttribute(java.nio.file.Path.of("/proc/self"), "unix:uid");
    assertEquals(uid, options.uid());
  }

  private static String refusal(final VfsOptions.Builder options) {
    try {
      options.build();
      return null;
    } catch (final IllegalArgumentException e) {
      return e.getMessage();
    }
  }

  private VfsFileSystem withoutNegativeTimeout() throws Exception {
    return new VfsFileSystem(
        TreeBuilder.build(new Manifest.Builder().build()),
        (h, l, o, d) -> 0,
        pool,
        VfsOptions.builder().timeouts(Duration.ZERO, Duration.ZERO, Duration.ZERO).build());
  }

  private static void collect(
      final List<FakeRequest.Row> rows, final BiConsumer<FakeRequest, Long> list) throws Exception {
    long cookie = 0;
    while (true) {
      final FakeRequest request = new FakeRequest();
      list.accept(request, cookie);
      if (request.rows().isEmpty()) {
        return;
      }
      rows.addAll(request.rows());
      cookie = request.rows().getLast().next();
    }
  }

  private FakeRequest ask(final BiConsumer<FakeRequest, VfsFileSystem> operation) throws Exception {
    final FakeRequest request = new FakeRequest();
    operation.accept(request, fs);
    request.answer();
    return request;
  }

  private int errno(final BiConsumer<FakeRequest, VfsFileSystem> operation) throws Exception {
    return ask(operation).errno();
  }

  private <T> T scratch(final Class<T> type, final BiConsumer<FakeRequest, VfsFileSystem> operation)
      throws Exception {
    return assertInstanceOf(type, ((FakeRequest.Scratch) ask(operation).answer()).value());
  }

  private Entry lookup(final long parent, final String name) throws Exception {
    return scratch(Entry.class, (r, fs) -> fs.lookup(r, parent, name(name)));
  }

  private Attributes attributes(final long ino) throws Exception {
    return scratch(Attributes.class, (r, fs) -> fs.getattr(r, ino, FileSystem.NO_HANDLE));
  }

  private int access(final long ino, final int mask, final int uid, final int gid)
      throws Exception {
    final FakeRequest request = new FakeRequest();
    request.uid = uid;
    request.gid = gid;
    fs.access(request, ino, mask);
    return request.answer() instanceof FakeRequest.Failed failed ? failed.errno() : 0;
  }

  private static Name name(final String text) {
    return new Name().set(text.getBytes(StandardCharsets.UTF_8));
  }

  private static Name hashName() {
    return name(VfsFileSystem.HASH_ATTRIBUTE);
  }

  private static String text(final FakeRequest request) throws Exception {
    return new String(request.bytes(), StandardCharsets.US_ASCII);
  }

  private static FakeRequest.FakeBuffer buffer(final int rows) {
    return new FakeRequest.FakeBuffer(rows);
  }
}
