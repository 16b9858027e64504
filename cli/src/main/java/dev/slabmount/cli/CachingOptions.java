package dev.slabmount.cli;

import dev.slabmount.core.pool.MemoryPoolConfig;
import dev.slabmount.vfs.KernelCache;
import dev.slabmount.vfs.VfsOptions;
import dev.slabmount.vfs.prefetch.PrefetchStrategy;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.util.EnumSet;
import java.util.Locale;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;
import picocli.CommandLine.TypeConversionException;

/** The options of a mount about what is loaded before it is read, and what the kernel keeps. */
final class CachingOptions {
  /** One request of the greatest length. */
  private static final int READ_AHEAD_DEFAULT = 1 << 20;

  private static final int READ_AHEAD_MAX = 1 << 30;

  private static final Logger LOG = System.getLogger(CachingOptions.class.getName());

  @Spec(Spec.Target.MIXEE)
  private CommandSpec spec = CommandSpec.create();

  @Option(
      names = "--prefetch",
      paramLabel = "STRATEGY",
      converter = StrategyConverter.class,
      description = {
        "Which blocks to load before they are read. none;",
        "on-open[:N]: the first N of each file when it is opened, 1 if N is not given;",
        "sequential[:N]: up to N ahead while a file is read in order, 16M worth if N is not given;",
        "eager: whole files when they are opened.",
        "Default: sequential."
      })
  private @Nullable PrefetchStrategy strategy;

  @Option(
      names = "--prefetch-budget",
      paramLabel = "SIZE",
      converter = ByteSize.Converter.class,
      description = {
        "Most bytes loaded so that nobody has read yet; never more than a 16th of the pool.",
        "Default: 64M."
      })
  private @Nullable ByteSize budget;

  @Option(
      names = "--kernel-cache",
      paramLabel = "WHAT",
      converter = CachesConverter.class,
      description = {
        "What the kernel may keep or do without asking: all, none, or a list of names, attributes,",
        "absent-names, links, listings, listed-attributes, pages, opens.",
        "Default: all."
      })
  private Set<KernelCache> kernelCaches = EnumSet.allOf(KernelCache.class);

  @Option(
      names = "--read-ahead",
      paramLabel = "SIZE",
      converter = ByteSize.Converter.class,
      description = {
        "How far the kernel reads ahead of programs that read in order, up to 1G; 0: as it does by",
        "itself, which is 128K. Only root can change it; others keep the kernel's.",
        "Default: 1M."
      })
  private ByteSize readAhead = new ByteSize(READ_AHEAD_DEFAULT);

  /** Bytes that the kernel shall read ahead; 0: as it does by itself. */
  int readAhead() {
    if (readAhead.bytes() > READ_AHEAD_MAX) {
      throw new ParameterException(
          spec.commandLine(),
          "Invalid value for option '--read-ahead': at most 1G, not "
              + ByteSize.format(readAhead.bytes()));
    }
    return (int) readAhead.bytes();
  }

  /**
   * Warns if prefetching was asked for by name and the pool or the budget leaves no room for it.
   */
  void warnOfWhatCannotWork(final MemoryPoolConfig pool) {
    final String cause = uselessness(pool);
    if (!cause.isEmpty()) {
      LOG.log(Level.WARNING, "nothing will be prefetched: {0}", cause);
    }
  }

  /** Why what was asked for cannot work; empty if it can. */
  String uselessness(final MemoryPoolConfig pool) {
    if (strategy == null || strategy instanceof PrefetchStrategy.None) {
      return "";
    }
    if (pool.maxBlocks() < VfsOptions.POOL_SHARE) {
      return "a pool of %d blocks is too small, it takes %d; raise --pool-size or lower --block-size"
          .formatted(pool.maxBlocks(), VfsOptions.POOL_SHARE);
    }
    return budget != null && budget.bytes() < pool.blockSize()
        ? "--prefetch-budget is less than a block of " + ByteSize.exact(pool.blockSize())
        : "";
  }

  /** Puts what was chosen into the settings of a mount. */
  void applyTo(final VfsOptions.Builder options) {
    options.kernelCaches(kernelCaches);
    if (strategy != null) {
      options.prefetch(strategy);
    }
    if (budget != null) {
      if (strategy instanceof PrefetchStrategy.None) {
        throw new ParameterException(
            spec.commandLine(),
            "Invalid option '--prefetch-budget': with --prefetch none nothing is prefetched");
      }
      options.prefetchBudget(budget.bytes());
    }
  }

  /** Reads {@code none}, {@code on-open:4}, {@code sequential} and the like. */
  static final class StrategyConverter implements ITypeConverter<PrefetchStrategy> {
    @Override
    public PrefetchStrategy convert(final String text) {
      final int colon = text.indexOf(':');
      final String name = colon < 0 ? text : text.substring(0, colon);
      try {
        return switch (name) {
          case "none" -> withoutNumber(text, colon, new PrefetchStrategy.None());
          case "eager" -> withoutNumber(text, colon, new PrefetchStrategy.Eager());
          case "on-open" -> new PrefetchStrategy.OnOpen(number(text, colon, 1));
          case "sequential" ->
              new PrefetchStrategy.Sequential(number(text, colon, PrefetchStrategy.AUTOMATIC));
          default ->
              throw new TypeConversionException(
                  "'" + text + "' is not known, only none, on-open, sequential and eager");
        };
      } catch (final IllegalArgumentException e) {
        throw new TypeConversionException(e.getMessage());
      }
    }

    private static PrefetchStrategy withoutNumber(
        final String text, final int colon, final PrefetchStrategy strategy) {
      if (colon >= 0) {
        throw new TypeConversionException("'" + text + "' takes no number");
      }
      return strategy;
    }

    private static int number(final String text, final int colon, final int otherwise) {
      if (colon < 0) {
        return otherwise;
      }
      final String digits = text.substring(colon + 1);
      if (!digits.matches("[1-9][0-9]{0,8}")) {
        throw new TypeConversionException(
            "'" + digits + "' is no number of blocks, 1 to " + PrefetchStrategy.BLOCKS_MAX);
      }
      return Integer.parseInt(digits);
    }
  }

  /** Reads {@code all}, {@code none}, or names of caches with commas between them. */
  static final class CachesConverter implements ITypeConverter<Set<KernelCache>> {
    @Override
    public Set<KernelCache> convert(final String text) {
      return switch (text) {
        case "all" -> EnumSet.allOf(KernelCache.class);
        case "none" -> EnumSet.noneOf(KernelCache.class);
        default ->
            Stream.of(text.split(",", -1))
                .map(CachesConverter::cache)
                .collect(Collectors.toUnmodifiableSet());
      };
    }

    private static KernelCache cache(final String name) {
      for (final KernelCache cache : KernelCache.values()) {
        if (cache.name().toLowerCase(Locale.ROOT).replace('_', '-').equals(name)) {
          return cache;
        }
      }
      throw new TypeConversionException("'" + name + "' is not known; see --help");
    }
  }
}
