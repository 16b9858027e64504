package dev.slabmount.nativebindings;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;

import java.io.IOException;
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
import java.util.LinkedHashSet;
import java.util.List;
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

  /** Why a candidate cannot be used, as the end of a sentence that starts with its name. */
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
      return inspect(path.toString());
    } catch (Refused e) {
      throw new LibfuseUnavailableException(
          path + ", named by " + source + ", " + e.getMessage() + "; " + ADVICE);
    }
  }

  /** Walks the chain. */
  static Found find(final List<String> folders) throws LibfuseUnavailableException {
    final List<String> candidates = new ArrayList<>(NAMES);
    for (final String folder : folders) {
      for (final String name : NAMES) {
        if (Files.exists(Path.of(folder, name))) {
          candidates.add(Path.of(folder, name).toString());
        }
      }
    }
    final Set<String> refusals = new LinkedHashSet<>();
    for (final String candidate : candidates) {
      try {
        return inspect(candidate);
      } catch (Refused e) {
        if (!NAMES.contains(candidate)) {
          refusals.add(candidate + " " + e.getMessage());
        }
      }
    }
    throw new LibfuseUnavailableException(
        refusals.isEmpty()
            ? "libfuse3 not found: looked for "
                + String.join(" and ", NAMES)
                + " on the dynamic linker's path and in "
                + String.join(", ", folders)
                + "; "
                + ADVICE
            : String.join("; ", refusals) + "; " + ADVICE);
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

  private static Found inspect(final String nameOrPath) throws Refused {
    try (Arena arena = Arena.ofConfined()) {
      final SymbolLookup library;
      try {
        library = SymbolLookup.libraryLookup(nameOrPath, arena);
      } catch (IllegalArgumentException e) {
        throw new Refused("cannot be opened as a shared library of this machine");
      }
      final MemorySegment versionFunction = function(library, "fuse_version");
      final int number = callInt(versionFunction);
      final String text = callString(function(library, "fuse_pkgversion"));
      final LibfuseVersion version =
          LibfuseVersion.parse(number, text)
              .orElseThrow(() ->
                  new Refused(
                      "calls itself '" + text + "' and " + number + ", which is no release"));
      final LibfuseAbi abi =
          LibfuseAbi.of(version)
              .orElseThrow(() ->
                  new Refused(
                      "is libfuse "
                          + version
                          + ", but slabmount knows "
                          + LibfuseAbi.supportedReleases()));
      return new Found(fileOf(versionFunction, arena), version, abi);
    }
  }

  private static MemorySegment function(final SymbolLookup library, final String name)
      throws Refused {
    return library
        .find(name)
        .orElseThrow(() -> new Refused("is not libfuse3: it has no function " + name));
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
      final MemorySegment text = (MemorySegment) downcall(function, ADDRESS).invokeExact();
      return text.reinterpret(Long.MAX_VALUE).getString(0);
    } catch (Throwable e) {
      throw Calls.unexpected(e);
    }
  }

  /**
   * The file that a function was loaded from, which a search by bare name does not tell. Source:
   * dladdr(3); the first member of its result is the file's name.
   */
  private static Path fileOf(final MemorySegment function, final Arena arena) throws Refused {
    final MethodHandle dladdr =
        LINKER.downcallHandle(
            LINKER.defaultLookup().findOrThrow("dladdr"),
            FunctionDescriptor.of(JAVA_INT, ADDRESS, ADDRESS));
    final MemorySegment info = arena.allocate(MemoryLayout.sequenceLayout(4, ADDRESS));
    try {
      if ((int) dladdr.invokeExact(function, info) == 0) {
        throw new Refused("was opened, but from which file cannot be found out");
      }
      return Path.of(info.get(ADDRESS, 0).reinterpret(Long.MAX_VALUE).getString(0)).toRealPath();
    } catch (IOException e) {
      throw new Refused("cannot be read: " + e.getMessage());
    } catch (Refused e) {
      throw e;
    } catch (Throwable e) {
      throw Calls.unexpected(e);
    }
  }

  private static MethodHandle downcall(final MemorySegment function, final MemoryLayout result) {
    return LINKER.downcallHandle(function, FunctionDescriptor.of(result));
  }
}
