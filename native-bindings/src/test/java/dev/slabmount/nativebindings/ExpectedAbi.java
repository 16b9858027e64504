package dev.slabmount.nativebindings;

import dev.slabmount.nativebindings.LibfuseAbi.FileInfoFlags;
import dev.slabmount.nativebindings.Platform.StatLayout;
import java.io.IOException;
import java.lang.foreign.GroupLayout;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemoryLayout.PathElement;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;

/** What the C probes must print, if our layouts and tables are right. */
final class ExpectedAbi {
  private static final Path GENERATED = Path.of("src/generated/java/dev/slabmount/nativebindings");

  private ExpectedAbi() {}

  /** For abi-probe.c: the generated layouts, corrected by the tables. */
  static Map<String, Long> ofLibfuse(final Platform platform, final LibfuseAbi abi)
      throws Exception {
    final Map<String, Long> values = generatedLayouts("libfuse3");
    putFileInfo(values, abi);
    values.put("fuse_buf", (long) abi.bufBytes());
    values.put("fuse_bufvec", values.get("fuse_bufvec.buf") + abi.bufBytes());
    values.put("fuse_conn_info", (long) LibfuseAbi.CONN_INFO_BYTES);
    values.put("fuse_lowlevel_ops", abi.operationsBytes());
    for (final LowlevelOperation operation : LowlevelOperation.values()) {
      if (abi.has(operation)) {
        values.put(
            "fuse_lowlevel_ops." + operation.name().toLowerCase(Locale.ROOT), operation.offset());
      }
    }
    if (abi.sessionNew() == LibfuseAbi.SessionNew.VERSIONED) {
      putLayout(values, Libfuse3.VERSION_LAYOUT);
    }
    putPlatform(values, platform);
    return values;
  }

  /** For abi-probe-kernel.c. */
  static Map<String, Long> ofKernel(final Platform platform) throws Exception {
    final Map<String, Long> values = generatedLayouts("kernel");
    values.put("O_LARGEFILE", (long) platform.openFlags().largefile());
    return values;
  }

  /** What a probe printed; lines that start with # are comments. */
  static Map<String, Long> parse(final Stream<String> lines) {
    final Map<String, Long> values = new TreeMap<>();
    lines
        .filter(line -> !line.startsWith("#"))
        .forEach(line -> {
          final String[] parts = line.split(" ", 2);
          if (values.put(parts[0], Long.parseLong(parts[1])) != null) {
            throw new AssertionError("printed twice: " + parts[0]);
          }
        });
    return values;
  }

  /** Name, size and offsets of every structure that jextract bound into a package. */
  static Map<String, Long> generatedLayouts(final String packageName)
      throws IOException, ReflectiveOperationException {
    final Map<String, Long> values = new TreeMap<>();
    try (Stream<Path> files = Files.list(GENERATED.resolve(packageName))) {
      for (final Path file : files.toList()) {
        final String name = file.getFileName().toString().replace(".java", "");
        if (!name.contains("H")) {
          final Class<?> type =
              Class.forName("dev.slabmount.nativebindings." + packageName + "." + name);
          putLayout(values, (GroupLayout) type.getMethod("layout").invoke(null));
        }
      }
    }
    return values;
  }

  private static void putLayout(final Map<String, Long> values, final GroupLayout layout) {
    final String struct = layout.name().orElseThrow();
    values.put(struct, layout.byteSize());
    for (final MemoryLayout member : layout.memberLayouts()) {
      final String field = member.name().orElse("padding");
      if (!field.matches("__.*|(padding|spare|reserved|unused|dummy)\\d*")) {
        values.put(struct + "." + field, layout.byteOffset(PathElement.groupElement(field)));
      }
    }
  }

  private static void putFileInfo(final Map<String, Long> values, final LibfuseAbi abi) {
    values.put("fuse_file_info", (long) abi.fileInfoBytes());
    final FileInfoFlags flags = abi.fileInfoFlags();
    putBit(values, "writepage", flags.writepage());
    putBit(values, "direct_io", flags.directIo());
    putBit(values, "keep_cache", flags.keepCache());
    putBit(values, "flush", flags.flush());
    putBit(values, "nonseekable", flags.nonseekable());
    putBit(values, "flock_release", flags.flockRelease());
    putBit(values, "cache_readdir", flags.cacheReaddir());
    putBit(values, "noflush", flags.noflush());
    putBit(values, "parallel_direct_writes", flags.parallelDirectWrites());
  }

  private static void putBit(final Map<String, Long> values, final String name, final int mask) {
    if (mask != 0) {
      values.put("fuse_file_info." + name + ".bit", (long) mask);
      values.put("fuse_file_info." + name + ".word", (long) LibfuseAbi.FILE_INFO_FLAGS_OFFSET);
    }
  }

  private static void putPlatform(final Map<String, Long> values, final Platform platform) {
    final StatLayout stat = platform.stat();
    values.put("stat", (long) stat.bytes());
    putStat(values, "st_dev", stat.devOffset(), 8);
    putStat(values, "st_ino", stat.inoOffset(), 8);
    putStat(values, "st_nlink", stat.nlinkOffset(), stat.nlinkBytes());
    putStat(values, "st_mode", stat.modeOffset(), 4);
    putStat(values, "st_uid", stat.uidOffset(), 4);
    putStat(values, "st_gid", stat.gidOffset(), 4);
    putStat(values, "st_rdev", stat.rdevOffset(), 8);
    putStat(values, "st_size", stat.sizeOffset(), 8);
    putStat(values, "st_blksize", stat.blksizeOffset(), stat.blksizeBytes());
    putStat(values, "st_blocks", stat.blocksOffset(), 8);
    values.put("stat.st_atim", (long) stat.atimeOffset());
    values.put("stat.st_mtim", (long) stat.mtimeOffset());
    values.put("stat.st_ctim", (long) stat.ctimeOffset());
    values.put("fuse_entry_param", (long) platform.entryBytes());
    values.put("fuse_entry_param.attr", (long) platform.entryAttrOffset());
    values.put("fuse_entry_param.attr_timeout", (long) platform.entryAttrTimeoutOffset());
    values.put("fuse_entry_param.entry_timeout", (long) platform.entryTimeoutOffset());
    values.put("O_DIRECT", (long) platform.openFlags().direct());
    values.put("O_DIRECTORY", (long) platform.openFlags().directory());
    values.put("O_NOFOLLOW", (long) platform.openFlags().nofollow());
  }

  private static void putStat(
      final Map<String, Long> values, final String name, final long offset, final long bytes) {
    values.put("stat." + name, offset);
    values.put("stat." + name + ".width", bytes);
  }
}
