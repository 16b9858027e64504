package dev.slabmount.bench.peer;

import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeoutException;
import org.cryptomator.jfuse.api.DirFiller;
import org.cryptomator.jfuse.api.Errno;
import org.cryptomator.jfuse.api.FileInfo;
import org.cryptomator.jfuse.api.Fuse;
import org.cryptomator.jfuse.api.FuseBuilder;
import org.cryptomator.jfuse.api.FuseConfig;
import org.cryptomator.jfuse.api.FuseConnInfo;
import org.cryptomator.jfuse.api.FuseMountFailedException;
import org.cryptomator.jfuse.api.FuseOperations;
import org.cryptomator.jfuse.api.Stat;
import org.cryptomator.jfuse.api.Statvfs;
import org.cryptomator.jfuse.api.TimeSpec;
import org.jspecify.annotations.Nullable;

/**
 * {@code JfuseServer FOLDER ATTRIBUTE_SECONDS ENTRY_SECONDS}: a filesystem in memory on jFUSE,
 * which binds the high-level interface of libfuse3. Listings carry attributes; the kernel keeps
 * pages and does not ask for attributes before it uses them, as with the other contestants.
 */
public final class JfuseServer implements FuseOperations {
  private static final int MAX_BACKGROUND = 256;
  private static final int TRUNCATE = 01000; // O_TRUNC, asm-generic/fcntl.h
  private static final long BLOCK_BYTES = 4096;
  private static final List<String> FOLDERS =
      List.of("/usr/lib/x86_64-linux-gnu", "/usr/lib/aarch64-linux-gnu", "/usr/lib64", "/usr/lib");

  private final PeerFiles files = new PeerFiles();
  private final Errno errno;

  private JfuseServer(Errno errno) {
    this.errno = errno;
  }

  /** Mounts and serves until SIGTERM. */
  public static void main(String[] arguments) throws Exception {
    PeerMount mount = PeerMount.of(arguments);
    FuseBuilder builder = Fuse.builder();
    builder.setLibraryPath(library());
    Fuse fuse = builder.build(new JfuseServer(builder.errno()));
    Runtime.getRuntime().addShutdownHook(new Thread(() -> close(fuse), "unmount"));
    String options = "-o" + mount.timeouts() + ",fsname=jfuse,kernel_cache";
    mount(fuse, mount, options);
    mount.announce("jfuse");
    new CountDownLatch(1).await();
  }

  private static void mount(Fuse fuse, PeerMount mount, String options)
      throws FuseMountFailedException {
    if (mount.threads() == 1) {
      fuse.mount("jfuse", mount.folder(), options, "-s");
    } else {
      String several = options + ",clone_fd,max_threads=" + mount.threads();
      fuse.mount("jfuse", mount.folder(), several);
    }
  }

  private static String library() {
    for (String folder : FOLDERS) {
      for (String name : List.of("libfuse3.so.3", "libfuse3.so.4")) {
        Path library = Path.of(folder, name);
        if (Files.exists(library)) {
          return library.toString();
        }
      }
    }
    throw new IllegalStateException("no libfuse3.so.3 or .4 in " + FOLDERS);
  }

  private static void close(Fuse fuse) {
    try {
      fuse.close();
    } catch (TimeoutException e) {
      Runtime.getRuntime().halt(1);
    }
  }

  @Override
  public Errno errno() {
    return errno;
  }

  @Override
  public Set<Operation> supportedOperations() {
    return EnumSet.of(
        Operation.INIT,
        Operation.GET_ATTR,
        Operation.MKDIR,
        Operation.CREATE,
        Operation.OPEN,
        Operation.READ,
        Operation.WRITE,
        Operation.TRUNCATE,
        Operation.UNLINK,
        Operation.RMDIR,
        Operation.RENAME,
        Operation.READ_DIR,
        Operation.STATFS,
        Operation.CHMOD,
        Operation.CHOWN,
        Operation.UTIMENS);
  }

  @Override
  public void init(FuseConnInfo connection, @Nullable FuseConfig config) {
    connection.setWant(connection.want() & ~FuseConnInfo.FUSE_CAP_AUTO_INVAL_DATA);
    connection.setMaxBackground(MAX_BACKGROUND);
  }

  @Override
  public int getattr(String path, Stat stat, @Nullable FileInfo info) {
    PeerFile file = files.get(path);
    if (file == null) {
      return -PeerFiles.ENOENT;
    }
    describe(file, stat);
    return 0;
  }

  private static void describe(PeerFile file, Stat stat) {
    stat.setMode(file.mode);
    stat.setUid(file.uid);
    stat.setGid(file.gid);
    stat.setNLink((short) (file.isFolder() ? 2 : 1));
    stat.setSize(file.size());
    stat.mTime().set(file.modified);
    stat.cTime().set(file.modified);
    stat.aTime().set(file.modified);
  }

  @Override
  public int mkdir(String path, int mode) {
    return files.makeFolder(path, mode & 07777);
  }

  @Override
  public int create(String path, int mode, FileInfo info) {
    return files.makeFile(path, mode & 07777);
  }

  @Override
  public int open(String path, FileInfo info) {
    PeerFile file = files.get(path);
    if (file == null) {
      return -PeerFiles.ENOENT;
    }
    if ((info.getFlags() & TRUNCATE) != 0) {
      file.resize(0);
    }
    return 0;
  }

  @Override
  public int read(String path, ByteBuffer buffer, long count, long offset, FileInfo info) {
    PeerFile file = files.get(path);
    return file == null ? -PeerFiles.ENOENT : file.read(offset, count, buffer::put);
  }

  @Override
  public int write(String path, ByteBuffer buffer, long count, long offset, FileInfo info) {
    PeerFile file = files.get(path);
    return file == null ? -PeerFiles.ENOENT : file.write(offset, count, buffer::get);
  }

  @Override
  public int truncate(String path, long size, @Nullable FileInfo info) {
    PeerFile file = files.get(path);
    if (file == null) {
      return -PeerFiles.ENOENT;
    }
    file.resize(size);
    return 0;
  }

  @Override
  public int unlink(String path) {
    return files.removeFile(path);
  }

  @Override
  public int rmdir(String path) {
    return files.removeFolder(path);
  }

  @Override
  public int rename(String from, String to, int flags) {
    return files.rename(from, to);
  }

  @Override
  public int readdir(String path, DirFiller filler, long offset, FileInfo info, int flags) {
    PeerFile folder = files.get(path);
    if (folder == null || folder.names == null) {
      return -PeerFiles.ENOENT;
    }
    int plus = (flags & FUSE_READDIR_PLUS) == 0 ? 0 : DirFiller.FUSE_FILL_DIR_PLUS;
    filler.fill(".", _ -> {}, 0, 0);
    filler.fill("..", _ -> {}, 0, 0);
    for (Map.Entry<String, PeerFile> entry : folder.names.entrySet()) {
      filler.fill(entry.getKey(), stat -> describe(entry.getValue(), stat), 0, plus);
    }
    return 0;
  }

  @Override
  public int statfs(String path, Statvfs figures) {
    long blocks = Runtime.getRuntime().maxMemory() / BLOCK_BYTES;
    figures.setBsize(BLOCK_BYTES);
    figures.setFrsize(BLOCK_BYTES);
    figures.setBlocks(blocks);
    figures.setBfree(blocks);
    figures.setBavail(blocks);
    figures.setNameMax(255);
    return 0;
  }

  @Override
  public int chmod(String path, int mode, @Nullable FileInfo info) {
    PeerFile file = files.get(path);
    if (file == null) {
      return -PeerFiles.ENOENT;
    }
    file.mode = (file.mode & ~07777) | (mode & 07777);
    return 0;
  }

  @Override
  public int chown(String path, int uid, int gid, @Nullable FileInfo info) {
    PeerFile file = files.get(path);
    if (file == null) {
      return -PeerFiles.ENOENT;
    }
    file.uid = uid == -1 ? file.uid : uid;
    file.gid = gid == -1 ? file.gid : gid;
    return 0;
  }

  @Override
  public int utimens(String path, TimeSpec accessed, TimeSpec modified, @Nullable FileInfo info) {
    PeerFile file = files.get(path);
    if (file == null) {
      return -PeerFiles.ENOENT;
    }
    modified.getOptional().ifPresent(time -> file.modified = time);
    return 0;
  }
}
