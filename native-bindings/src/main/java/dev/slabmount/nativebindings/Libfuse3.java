package dev.slabmount.nativebindings;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.StructLayout;
import java.lang.foreign.SymbolLookup;
import java.lang.invoke.MethodHandle;
import java.nio.file.Path;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The libfuse3 of this process: the entry point of this package. {@link #load} finds it, refuses
 * releases whose layout is unknown, and makes it visible to {@link LibfuseCalls} and to the
 * generated code, which look symbols up in what this class loader has loaded.
 *
 * <p><b>Any thread.</b> Once loaded the library stays for the life of the process.
 */
@SuppressWarnings("restricted") // Linker, System.load
public final class Libfuse3 {
  /** System property that names the library's file; nothing else is then tried. Empty is unset. */
  public static final String PATH_PROPERTY = "slabmount.libfuse3";

  /** Environment variable of the same meaning; the property comes first. */
  public static final String PATH_VARIABLE = "SLABMOUNT_LIBFUSE3";

  /**
   * {@code struct libfuse_version} (source: libfuse's {@code include/fuse_common.h} since 3.17).
   */
  static final StructLayout VERSION_LAYOUT =
      MemoryLayout.structLayout(
              JAVA_INT.withName("major"),
              JAVA_INT.withName("minor"),
              JAVA_INT.withName("hotfix"),
              JAVA_INT.withName("padding"))
          .withName("libfuse_version");

  private static volatile @Nullable Libfuse3 loaded;

  private final LibfuseLookup.Found found;
  private final Platform platform;
  private final MethodHandle sessionNew;
  private final MemorySegment versionStruct;

  private Libfuse3(final LibfuseLookup.Found found, final Platform platform) {
    this.found = found;
    this.platform = platform;
    sessionNew = bindSessionNew(found.abi().sessionNew());
    versionStruct = versionStruct(found.version());
  }

  /**
   * Finds and loads libfuse3, or returns the one that was loaded before. A failure is not
   * remembered: the next call looks again.
   *
   * @throws LibfuseUnavailableException if there is none that can be used; one line says what was
   *     tried and what to do
   */
  public static synchronized Libfuse3 load() throws LibfuseUnavailableException {
    final Libfuse3 before = loaded;
    if (before != null) {
      return before;
    }
    final Platform platform = currentPlatform();
    final Libfuse3 now;
    try {
      final LibfuseLookup.Found found = find(platform);
      System.load(found.path().toString());
      now = new Libfuse3(found, platform);
    } catch (IllegalCallerException e) {
      throw new LibfuseUnavailableException(
          "this JVM may not call libfuse3: start it with --enable-native-access=" + moduleName());
    } catch (UnsatisfiedLinkError e) {
      throw new LibfuseUnavailableException("libfuse3 cannot be loaded: " + e.getMessage());
    }
    loaded = now;
    return now;
  }

  /** The library's file, absolute and without symbolic links. */
  public Path path() {
    return found.path();
  }

  /** The library's release. */
  public LibfuseVersion version() {
    return found.version();
  }

  /** The layout of its structures where that depends on the release. */
  public LibfuseAbi abi() {
    return found.abi();
  }

  /** The layout of structures where that depends on the processor. */
  public Platform platform() {
    return platform;
  }

  /**
   * Makes a session, which is not mounted yet: {@code fuse_session_new}, in the form that this
   * release has. From 3.17 on that is {@code fuse_session_new_versioned}, which is told the
   * library's own release, since that is the layout we use.
   *
   * @param args address of a {@code struct fuse_args}; libfuse may replace its strings, free them
   *     with {@code fuse_opt_free_args}
   * @param operations address of a {@code struct fuse_lowlevel_ops}; copied
   * @param operationsBytes how much of it is filled in, at most {@link
   *     LibfuseAbi#operationsBytes()}, beyond which libfuse would print a warning
   * @param userData given back to init and destroy and by {@code fuse_req_userdata}
   * @return address of the session, or 0 if libfuse refused (it has printed why)
   */
  public long sessionNew(
      final long args, final long operations, final long operationsBytes, final long userData) {
    try {
      return switch (found.abi().sessionNew()) {
        case PLAIN -> (long) sessionNew.invokeExact(args, operations, operationsBytes, userData);
        case VERSIONED ->
            (long)
                sessionNew.invokeExact(
                    args, operations, operationsBytes, versionStruct.address(), userData);
      };
    } catch (Throwable e) {
      throw Calls.unexpected(e);
    }
  }

  /** For log lines: release and file. */
  @Override
  public String toString() {
    return "libfuse " + version() + " (" + path() + ")";
  }

  /** The address of a function of the loaded library. */
  static MemorySegment symbol(final String name) {
    if (loaded == null) {
      throw new IllegalStateException("Libfuse3.load() must come before " + name);
    }
    return SymbolLookup.loaderLookup().findOrThrow(name);
  }

  private static LibfuseLookup.Found find(final Platform platform)
      throws LibfuseUnavailableException {
    final String property = System.getProperty(PATH_PROPERTY, "");
    if (!property.isEmpty()) {
      return LibfuseLookup.findOverride(property, "the system property " + PATH_PROPERTY);
    }
    final String variable = System.getenv(PATH_VARIABLE);
    if (variable != null && !variable.isEmpty()) {
      return LibfuseLookup.findOverride(variable, "the environment variable " + PATH_VARIABLE);
    }
    return LibfuseLookup.find(LibfuseLookup.folders(platform));
  }

  private static Platform currentPlatform() throws LibfuseUnavailableException {
    final Optional<Platform> platform = Platform.current();
    if (platform.isEmpty() || !System.getProperty("os.name", "").equals("Linux")) {
      throw new LibfuseUnavailableException(
          "slabmount mounts on Linux with an x86-64 or aarch64 processor, not on "
              + System.getProperty("os.name")
              + " with "
              + System.getProperty("os.arch"));
    }
    return platform.get();
  }

  private static String moduleName() {
    final Module module = Libfuse3.class.getModule();
    return module.isNamed() ? module.getName() : "ALL-UNNAMED";
  }

  private static MethodHandle bindSessionNew(final LibfuseAbi.SessionNew form) {
    final FunctionDescriptor plain =
        FunctionDescriptor.of(JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG);
    return Linker.nativeLinker()
        .downcallHandle(
            SymbolLookup.loaderLookup().findOrThrow(form.function()),
            form == LibfuseAbi.SessionNew.VERSIONED
                ? plain.appendArgumentLayouts(JAVA_LONG)
                : plain);
  }

  private static MemorySegment versionStruct(final LibfuseVersion version) {
    final MemorySegment struct = Arena.global().allocate(VERSION_LAYOUT);
    struct.setAtIndex(JAVA_INT, 0, version.major());
    struct.setAtIndex(JAVA_INT, 1, version.minor());
    struct.setAtIndex(JAVA_INT, 2, version.patch());
    return struct;
  }
}
