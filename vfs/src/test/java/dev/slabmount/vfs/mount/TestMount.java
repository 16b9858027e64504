package dev.slabmount.vfs.mount;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.slabmount.core.pool.MemoryPool;
import dev.slabmount.core.pool.MemoryPoolConfig;
import dev.slabmount.fuse.FuseMount;
import dev.slabmount.fuse.MountException;
import dev.slabmount.fuse.TransportKind;
import dev.slabmount.vfs.VfsFileSystem;
import dev.slabmount.vfs.VfsOptions;
import dev.slabmount.vfs.VfsStats;
import dev.slabmount.vfs.content.ContentReader;
import dev.slabmount.vfs.manifest.Manifest;
import dev.slabmount.vfs.tree.TreeBuilder;
import java.nio.file.Path;
import java.time.Duration;

/** A made-up tree, mounted; closing it looks for leaked pins. */
final class TestMount implements AutoCloseable {
  private final Path point;
  private final MemoryPool pool;
  private final VfsFileSystem fileSystem;
  private final FuseMount mount;

  private TestMount(
      final Path point,
      final MemoryPool pool,
      final VfsFileSystem fileSystem,
      final FuseMount mount) {
    this.point = point;
    this.pool = pool;
    this.fileSystem = fileSystem;
    this.mount = mount;
  }

  /** Mounts a tree on an empty folder. */
  static TestMount of(
      final Path point,
      final Manifest manifest,
      final ContentReader content,
      final MemoryPoolConfig memory,
      final VfsOptions options,
      final TransportKind transport)
      throws Exception {
    final MemoryPool pool = MemoryPool.create(memory);
    final VfsFileSystem fileSystem =
        new VfsFileSystem(TreeBuilder.build(manifest), content, pool, options);
    try {
      final FuseMount mount =
          FuseMount.of(fileSystem)
              .at(point)
              .readOnly(true)
              .transport(transport)
              .drain(Duration.ofSeconds(5))
              .mount();
      return new TestMount(point, pool, fileSystem, mount);
    } catch (final Throwable e) {
      fileSystem.close();
      pool.close();
      throw e;
    }
  }

  /** Where it is mounted. */
  Path point() {
    return point;
  }

  /** How many requests the kernel has sent so far. */
  long requests() {
    return mount.stats().requests();
  }

  /** What the filesystem did. */
  VfsStats stats() {
    return fileSystem.stats();
  }

  /** The filesystem itself. */
  VfsFileSystem fileSystem() {
    return fileSystem;
  }

  @Override
  public void close() throws MountException {
    mount.close();
    fileSystem.close();
    assertEquals(0, pool.stats().pins(), "a pin was leaked");
    pool.close();
  }
}
