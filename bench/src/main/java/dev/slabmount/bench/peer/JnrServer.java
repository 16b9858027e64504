package dev.slabmount.bench.peer;

import java.io.IOException;
import java.util.concurrent.TimeUnit;
import jnr.ffi.Pointer;
import jnr.ffi.types.mode_t;
import jnr.ffi.types.off_t;
import jnr.ffi.types.size_t;
import org.jspecify.annotations.Nullable;
import ru.serce.jnrfuse.FuseFillDir;
import ru.serce.jnrfuse.FuseStubFS;
import ru.serce.jnrfuse.struct.FileStat;
import ru.serce.jnrfuse.struct.FuseFileInfo;

/**
 * {@code JnrServer FOLDER ATTRIBUTE_SECONDS ENTRY_SECONDS}: a filesystem in memory on jnr-fuse,
 * which binds the interface of libfuse2. That one knows no listings with attributes, and takes
 * requests of up to 128 KiB.
 */
public final class JnrServer extends FuseStubFS {
  private static final long END_SECONDS = 10;

  private final PeerFiles files = new PeerFiles();

  private JnrServer() {}

  /** Mounts and serves until SIGTERM. */
  public static void main(String[] arguments) throws Exception {
    PeerMount mount = PeerMount.of(arguments);
    JnrServer server = new JnrServer();
    String options = mount.timeouts() + ",fsname=jnr-fuse,kernel_cache,big_writes";
    String[] words =
        mount.threads() == 1
            ? new String[] {"-o", options, "-s"}
            : new String[] {"-o", options, "-o", "max_background=256"};
    Runtime.getRuntime().addShutdownHook(new Thread(() -> unmount(mount), "unmount"));
    Thread serving =
        Thread.ofPlatform().start(() -> server.mount(mount.folder(), true, false, words));
    mount.announce("jnr-fuse");
    serving.join();
  }

  private static void unmount(PeerMount mount) {
    try {
      new ProcessBuilder("fusermount3", "-uzq", mount.folder().toString())
          .start()
          .waitFor(END_SECONDS, TimeUnit.SECONDS);
    } catch (IOException e) {
      Runtime.getRuntime().halt(1);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  @Override
  public int getattr(String path, FileStat stat) {
    PeerFile file = files.get(path);
    if (file == null) {
      return -PeerFiles.ENOENT;
    }
    stat.st_mode.set(file.mode);
    stat.st_uid.set(file.uid);
    stat.st_gid.set(file.gid);
    stat.st_nlink.set(file.isFolder() ? 2 : 1);
    stat.st_size.set(file.size());
    stat.st_mtim.tv_sec.set(file.modified.getEpochSecond());
    stat.st_mtim.tv_nsec.set(file.modified.getNano());
    return 0;
  }

  @Override
  public int mkdir(String path, @mode_t long mode) {
    return files.makeFolder(path, (int) mode & 07777);
  }

  @Override
  public int create(String path, @mode_t long mode, FuseFileInfo info) {
    return files.makeFile(path, (int) mode & 07777);
  }

  @Override
  public int open(String path, FuseFileInfo info) {
    return files.get(path) == null ? -PeerFiles.ENOENT : 0;
  }

  @Override
  public int read(
      String path, Pointer buffer, @size_t long count, @off_t long offset, FuseFileInfo info) {
    PeerFile file = files.get(path);
    return file == null ? -PeerFiles.ENOENT : file.read(offset, count, buffer::put);
  }

  @Override
  public int write(
      String path, Pointer buffer, @size_t long count, @off_t long offset, FuseFileInfo info) {
    PeerFile file = files.get(path);
    return file == null ? -PeerFiles.ENOENT : file.write(offset, count, buffer::get);
  }

  @Override
  public int truncate(String path, @off_t long size) {
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
  public int rename(String from, String to) {
    return files.rename(from, to);
  }

  @Override
  public int readdir(
      String path, Pointer buffer, FuseFillDir fill, @off_t long offset, FuseFileInfo info) {
    PeerFile folder = files.get(path);
    if (folder == null || folder.names == null) {
      return -PeerFiles.ENOENT;
    }
    @Nullable FileStat none = null;
    fill.apply(buffer, ".", none, 0);
    fill.apply(buffer, "..", none, 0);
    for (String name : folder.names.keySet()) {
      fill.apply(buffer, name, none, 0);
    }
    return 0;
  }
}
