package dev.slabmount.nativebindings;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;

import java.io.IOException;
import java.io.InputStream;
import java.io.Serial;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SymbolLookup;
import java.lang.invoke.MethodHandle;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * Finds a libfuse3 that slabmount knows. Each candidate is opened, asked for its version, and
 * closed again; the first one that has a row in {@link LibfuseAbi} wins.
 *
 * <pre>
 *   an override, if given: only that file
 *   otherwise: libfuse3.so.4, libfuse3.so.3 as the dynamic linker finds them
 *              the same names in the folders where distributions keep them
 * </pre>
 */
@SuppressWarnings("restricted") // Linker, SymbolLookup.libraryLookup
final class LibfuseLookup {
  /** 3.17 went from .so.3 to .so.4 (source: soversion in libfuse's lib/meson.build). */
  private static final List<String> NAMES = List.of("libfuse3.so.4", "libfuse3.so.3");

  private static final byte[] ELF_MAGIC = {0x7F, 'E', 'L', 'F'};
  private static final String ADVICE =
      "install it with 'apt install fuse3' (Debian, Ubuntu) or 'dnf install fuse3' (Fedora), or"
          + " name a libfuse3 of "
          + LibfuseAbi.supportedReleases()
          + " with -D"
          + Libfuse3.PATH_PROPERTY
          + "=FILE";
  private static final Linker LINKER = Linker.nativeLinker();

  /**
   * A library that can be used.
   *
   * @param path absolute, without symbolic links
   * @param version as it says itself
   * @param abi its row
   */
  record Found(Path path, LibfuseVersion version, LibfuseAbi abi) {}

  /** Why a file cannot be used, as the end of a sentence that starts with its name. */
  private static final class Refused extends Exception {
    @Serial private static final long serialVersionUID = 1L;

    Refused(final String reason) {
      super(reason, null, false, false);
    }
  }

  private LibfuseLookup() {}

  /** Looks at one file only, which the user named; {@code source} says where. */
  static Found findOverride(final String file, final String source)
      throws LibfuseUnavailableException {
    final Path path = Path.of(file).toAbsolutePath();
    try {
      if (!Files.exists(path)) {
        throw new Refused("does not exist");
      }
      return inspect(path.toRealPath());
    } catch (IOException e) {
      throw new LibfuseUnavailableException(
          path + ", named by " + source + ", cannot be read: " + e + "; " + mendOverride(source));
    } catch (Refused e) {
      throw new LibfuseUnavailableException(
          path + ", named by " + source + ", " + e.getMessage() + "; " + mendOverride(source));
    }
  }

  /** Nothing may be missing from the machine: it is the name that is wrong. */
  private static String mendOverride(final String source) {
    return "point "
        + source
        + " at the file of a libfuse3 of "
        + LibfuseAbi.supportedReleases()
        + ", or unset it to have one looked for";
  }

  /** Walks the whole chain. */
  static Found find(final List<String> folders) throws LibfuseUnavailableException {
    final Set<Path> candidates = new LinkedHashSet<>();
    NAMES.forEach(name -> fileOfName(name).ifPresent(candidates::add));
    candidates.addAll(filesIn(folders));
    return firstUsable(candidates, folders);
  }

  /** Walks the folders only. */
  static Found findIn(final List<String> folders) throws LibfuseUnavailableException {
    return firstUsable(filesIn(folders), folders);
  }

  /** The folders in which distributions keep libraries. */
  static List<String> folders(final Platform platform) {
    final String multiarch = platform.name() + "-linux-gnu";
    return List.of(
        "/usr/lib/" + multiarch,
        "/lib/" + multiarch,
        "/usr/lib64",
        "/lib64",
        "/usr/lib",
        "/lib",
        "/usr/local/lib/" + multiarch,
        "/usr/local/lib64",
        "/usr/local/lib");
  }

  private static Found firstUsable(final Set<Path> candidates, final List<String> folders)
      throws LibfuseUnavailableException {
    final List<String> refusals = new ArrayList<>();
    for (final Path candidate : candidates) {
      try {
        return inspect(candidate);
      } catch (Refused e) {
        refusals.add(candidate + " " + e.getMessage());
      }
    }
    throw new LibfuseUnavailableException(
        (refusals.isEmpty()
                ? "libfuse3 not found: looked for "
                    + String.join(" and ", NAMES)
                    + " where the dynamic linker looks and in "
                    + String.join(", ", folders)
                : String.join("; ", refusals))
            + "; "
            + ADVICE);
  }

  private static Set<Path> filesIn(final List<String> folders) {
    final Set<Path> files = new LinkedHashSet<>();
    for (final String folder : folders) {
      for (final String name : NAMES) {
        realPath(Path.of(folder, name)).ifPresent(files::add);
      }
    }
    return files;
  }

  /** The file that the dynamic linker takes for a bare name. */
  private static Optional<Path> fileOfName(final String name) {
    try (Arena arena = Arena.ofConfined()) {
      return SymbolLookup.libraryLookup(name, arena)
          .find("fuse_version")
          .flatMap(function -> fileOf(function, arena));
    } catch (IllegalArgumentException e) {
      return Optional.empty(); // It finds none.
    }
  }

  private static Found inspect(final Path path) throws Refused {
    if (!isElf(path)) {
      throw new Refused("is not a shared library");
    }
    try (Arena arena = Arena.ofConfined()) {
      final SymbolLookup library;
      try {
        library = SymbolLookup.libraryLookup(path, arena);
      } catch (IllegalArgumentException e) {
        throw new Refused("cannot be loaded on this machine");
      }
      final int number = callInt(function(library, "fuse_version"));
      final String text = callString(function(library, "fuse_pkgversion"));
      final Optional<LibfuseVersion> version = LibfuseVersion.parse(number, text);
      if (version.isEmpty()) {
        throw new Refused("calls itself '" + text + "' and " + number + ", which is no release");
      }
      final Optional<LibfuseAbi> abi = LibfuseAbi.of(version.get());
      if (abi.isEmpty()) {
        throw new Refused(
            "is libfuse "
                + version.get()
                + ", but slabmount knows "
                + LibfuseAbi.supportedReleases());
      }
      requireFunction(library, abi.get().sessionNew().function());
      return new Found(path, version.get(), abi.get());
    }
  }

  private static void requireFunction(final SymbolLookup library, final String name)
      throws Refused {
    if (library.find(name).isEmpty()) {
      throw new Refused("is not libfuse3: it has no function " + name);
    }
  }

  private static MemorySegment function(final SymbolLookup library, final String name)
      throws Refused {
    requireFunction(library, name);
    return library.findOrThrow(name);
  }

  private static boolean isElf(final Path path) throws Refused {
    try (InputStream content = Files.newInputStream(path)) {
      return Arrays.equals(content.readNBytes(ELF_MAGIC.length), ELF_MAGIC);
    } catch (IOException e) {
      throw new Refused("cannot be read: " + e);
    }
  }

  private static Optional<Path> realPath(final Path path) {
    try {
      return Optional.of(path.toRealPath());
    } catch (IOException e) {
      return Optional.empty(); // It is not there.
    }
  }

  /**
   * The file that a function was loaded from, which a search by bare name does not tell. Source:
   * dladdr(3); the first member of its result is the file's name.
   */
  private static Optional<Path> fileOf(final MemorySegment function, final Arena arena) {
    final MethodHandle dladdr =
        LINKER.downcallHandle(
            LINKER.defaultLookup().findOrThrow("dladdr"),
            FunctionDescriptor.of(JAVA_INT, ADDRESS, ADDRESS));
    final MemorySegment info = arena.allocate(MemoryLayout.sequenceLayout(4, ADDRESS));
    try {
      if ((int) dladdr.invokeExact(function, info) == 0) {
        return Optional.empty();
      }
    } catch (Throwable e) {
      throw Calls.unexpected(e);
    }
    return realPath(Path.of(string(info.get(ADDRESS, 0))));
  }

  private static int callInt(final MemorySegment function) {
    try {
      return (int) downcall(function, JAVA_INT).invokeExact();
    } catch (Throwable e) {
      throw Calls.unexpected(e);
    }
  }

  private static String callString(final MemorySegment function) {
    try {
      return string((MemorySegment) downcall(function, ADDRESS).invokeExact());
    } catch (Throwable e) {
      throw Calls.unexpected(e);
    }
  }

  private static MethodHandle downcall(final MemorySegment function, final MemoryLayout result) {
    return LINKER.downcallHandle(function, FunctionDescriptor.of(result));
  }

  private static String string(final MemorySegment pointer) {
    return pointer.reinterpret(Long.MAX_VALUE).getString(0);
  }
}
