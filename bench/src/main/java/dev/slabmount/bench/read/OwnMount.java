package dev.slabmount.bench.read;

import dev.slabmount.bench.report.MeasuringException;
import dev.slabmount.core.pool.MemoryPool;
import dev.slabmount.core.pool.MemoryPoolConfig;
import dev.slabmount.fuse.FuseMount;
import dev.slabmount.fuse.MountException;
import dev.slabmount.fuse.TransportKind;
import dev.slabmount.vfs.VfsFileSystem;
import dev.slabmount.vfs.VfsOptions;
import dev.slabmount.vfs.content.ContentStore;
import dev.slabmount.vfs.content.VerifyingReader;
import dev.slabmount.vfs.manifest.Manifest;
import dev.slabmount.vfs.tree.TreeBuilder;
import java.nio.file.Path;
import java.time.Duration;
import java.util.function.Consumer;

/**
 * A mount that this process serves, for what can only be seen from inside: a store that hangs, the
 * heap of the workers. Clients are other processes all the same. One thread.
 */
final class OwnMount implements AutoCloseable {
  private static final long POOL_BYTES = 256L << 20;
  private static final Duration DRAIN = Duration.ofSeconds(2);

  private final ContentStore store;
  private final MemoryPool pool;
  private final VfsFileSystem fileSystem;
  private final FuseMount mount;

  private OwnMount(ContentStore store, MemoryPool pool, VfsFileSystem fileSystem, FuseMount mount) {
    this.store = store;
    this.pool = pool;
    this.fileSystem = fileSystem;
    this.mount = mount;
  }

  /**
   * Mounts.
   *
   * @param store is closed with the mount
   * @param settings what shall not be as it is by default
   */
  static OwnMount of(
      Path folder,
      TransportKind transport,
      Manifest manifest,
      ContentStore store,
      Consumer<VfsOptions.Builder> settings)
      throws MeasuringException {
    VfsOptions.Builder options = VfsOptions.builder().closeDeadline(DRAIN);
    settings.accept(options);
    VfsOptions built = options.build();
    MemoryPool pool = MemoryPool.create(MemoryPoolConfig.builder().maxSize(POOL_BYTES).build());
    VfsFileSystem fileSystem =
        new VfsFileSystem(TreeBuilder.build(manifest), new VerifyingReader(store), pool, built);
    try {
      FuseMount mount =
          FuseMount.of(fileSystem)
              .at(folder)
              .transport(transport)
              .maxDetached(built.pendingReads() + Runtime.getRuntime().availableProcessors())
              .readOnly(true)
              .drain(DRAIN)
              .mount();
      return new OwnMount(store, pool, fileSystem, mount);
    } catch (MountException e) {
      store.close();
      fileSystem.close();
      pool.close();
      throw new MeasuringException("cannot mount", e);
    }
  }

  /** The filesystem behind it. */
  VfsFileSystem fileSystem() {
    return fileSystem;
  }

  /** Requests that came so far. */
  long requests() {
    return mount.stats().requests();
  }

  /** The store answers whoever it left waiting, then everything ends. */
  @Override
  public void close() throws MeasuringException {
    store.close();
    try (fileSystem;
        pool) {
      mount.close();
    } catch (MountException e) {
      throw new MeasuringException("cannot unmount", e);
    }
  }
}
