package dev.slabmount.vfs.snapshot;

import dev.slabmount.nativebindings.file.Filesystem;
import dev.slabmount.vfs.content.FileStat;
import java.io.IOException;
import java.lang.System.Logger.Level;
import java.nio.file.Path;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;

/**
 * Tells whether the change time of a file is one that the kernel's clock gave it, so that it proves
 * that the file has not changed.
 *
 * <p>It is not everywhere. Filesystems that programs serve and those in images that programs make
 * have the change times that these programs say, most often the modification time; network ones and
 * FAT often have no other. Two such trees, one after the other in the same place, can agree in
 * device, inode, length and all times of a file, and still differ in its content. So only
 * filesystems that are known to set the time themselves at each change are believed.
 *
 * <p>An overlay has the change times of its layers. A file is believed if it is shown to be on the
 * filesystem of the upper layer, which the kernel can write to: the overlay is mounted for writing
 * (else it may have no upper layer); the file has the overlay's own device number (else it has one
 * for its layer's filesystem); and no high bits of its inode are set, which tell filesystems of
 * lower layers apart. Source: the kernel's {@code Documentation/filesystems/overlayfs.rst}, "Inode
 * properties".
 *
 * <p><b>Threads:</b> any. The kernel is asked once for each device.
 */
final class ChangeTimes {

  private static final System.Logger LOG = System.getLogger(ChangeTimes.class.getName());

  private static final long OVERLAY = 0x794c_7630L;

  /** From linux/magic.h and, for the last ones, the sources of these filesystems. */
  private static final Set<Long> KERNEL_STAMPED =
      Set.of(
          0xef53L, // ext2, ext3, ext4
          0x0102_1994L, // tmpfs
          0x9123_683eL, // btrfs
          0xf2f5_2010L, // f2fs
          0x6969L, // nfs, nfs4: by the server's kernel
          0x5846_5342L, // xfs
          0x3153_464aL, // jfs
          0x2fc1_2fc1L, // zfs
          0xca45_1a4eL); // bcachefs

  /** An overlay needs at most ten bits for 500 layers, and a filesystem few more than 40. */
  private static final int INODE_BITS = 48;

  private enum Belief {
    ALL,
    UPPER_LAYER,
    NONE
  }

  private final ConcurrentMap<Long, Belief> devices = new ConcurrentHashMap<>();

  /** Whether a file's change time can be believed. */
  boolean proveContent(final Path file, final FileStat stat) {
    return switch (devices.computeIfAbsent(stat.device(), device -> ask(file, device))) {
      case ALL -> true;
      case UPPER_LAYER -> stat.inode() >>> INODE_BITS == 0;
      case NONE -> false;
    };
  }

  private static Belief ask(final Path file, final long device) {
    try {
      final Filesystem filesystem = Filesystem.of(PathBytes.of(file));
      if (KERNEL_STAMPED.contains(filesystem.type())) {
        return Belief.ALL;
      }
      final Path folder = file.toAbsolutePath().getParent();
      return filesystem.type() == OVERLAY
              && !filesystem.readOnly()
              && folder != null
              && FileStat.of(folder).device() == device
          ? Belief.UPPER_LAYER
          : Belief.NONE;
    } catch (final IOException e) {
      LOG.log(Level.DEBUG, "each file is read on the filesystem of " + file, e);
      return Belief.NONE;
    }
  }
}
