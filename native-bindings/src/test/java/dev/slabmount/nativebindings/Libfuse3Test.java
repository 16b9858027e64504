package dev.slabmount.nativebindings;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.slabmount.nativebindings.libfuse3.LibfuseH;
import dev.slabmount.nativebindings.libfuse3.fuse_args;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Loading: in this JVM, which runs from the module path, and in others. */
@Timeout(120)
class Libfuse3Test {
  @TempDir Path folder;

  @Test
  void shouldLoadOnce() throws Exception {
    assertTrue(Libfuse3.class.getModule().isNamed(), "these tests run from the module path");
    assertSame(Libfuse3.load(), Libfuse3.load());
  }

  @Test
  void shouldMakeASessionThatTheGeneratedCodeCanUse() throws Exception {
    final Libfuse3 libfuse = Libfuse3.load();
    try (Arena arena = Arena.ofConfined()) {
      final MemorySegment operations = arena.allocate(LibfuseAbi.LARGEST_OPERATIONS_BYTES, 8);
      final MemorySegment args = fuse_args.allocate(arena);
      args.fill((byte) 0);
      for (final String arg : List.of("test", "-ofsname=test")) {
        assertEquals(0, LibfuseH.fuse_opt_add_arg(args, arena.allocateFrom(arg)));
      }
      final long session =
          libfuse.sessionNew(
              args.address(), operations.address(), libfuse.abi().operationsBytes(), 0);
      LibfuseH.fuse_opt_free_args(args);
      assertNotEquals(0, session);
      assertEquals(0, LibfuseH.fuse_session_exited(MemorySegment.ofAddress(session)));
      LibfuseH.fuse_session_exit(MemorySegment.ofAddress(session));
      assertNotEquals(0, LibfuseH.fuse_session_exited(MemorySegment.ofAddress(session)));
      LibfuseH.fuse_session_destroy(MemorySegment.ofAddress(session));
    }
  }

  @Test
  void shouldLoadFromTheClassPath() throws Exception {
    final Path fake = ChildJvm.fakeLibfuse(folder, 316, "3.16.2");
    final String output =
        ChildJvm.classPath(folder, LoadMain.class, "-Dslabmount.libfuse3=" + fake);
    assertTrue(output.contains("loaded 3.16.2 from " + fake), output);
    assertTrue(output.contains("session 1234\n"), output);
  }

  @Test
  void shouldTellANewLibraryItsReleaseWhenItMakesASession() throws Exception {
    final String output = load(variable(ChildJvm.fakeLibfuse(folder, 317, "3.17.4")));
    assertTrue(output.contains("loaded 3.17.4 from "), output);
    assertTrue(output.contains("session 31741234\n"), output);
  }

  @Test
  void shouldFailOnlyWhenAFunctionThatTheLibraryLacksIsUsed() throws Exception {
    final String output = load(variable(ChildJvm.fakeLibfuse(folder, 314, "3.14.0")));
    assertTrue(output.contains("constant 2\nmissing: true "), output);
    assertTrue(output.contains("fuse_reply_err"), output);
  }

  @Test
  void shouldPreferThePropertyToTheVariable() throws Exception {
    final Path fake = ChildJvm.fakeLibfuse(folder, 314, "3.14.0");
    final String output =
        load(variable(Path.of("/nonexistent.so")), "-Dslabmount.libfuse3=" + fake);
    assertTrue(output.contains("loaded 3.14.0 from " + fake), output);
  }

  @Test
  void shouldTakeAnEmptyPropertyForNone() throws Exception {
    final Path fake = ChildJvm.fakeLibfuse(folder, 314, "3.14.0");
    final String output = load(variable(fake), "-Dslabmount.libfuse3=");
    assertTrue(output.contains("loaded 3.14.0 from " + fake), output);
  }

  @Test
  void shouldNameTheVariableThatNamesNothing() throws Exception {
    final String output = load(variable(Path.of("/nonexistent.so")));
    assertTrue(
        output.startsWith(
            "unavailable: /nonexistent.so, named by the environment variable SLABMOUNT_LIBFUSE3,"
                + " does not exist; "),
        output);
  }

  @Test
  void shouldNameTheSwitchWhenTheJvmForbidsNativeAccess() throws Exception {
    final String output =
        ChildJvm.bareModule(
            folder, LoadMain.class, Map.of(), List.of("--illegal-native-access=deny"));
    assertEquals(
        "unavailable: this JVM may not call libfuse3: start it with --enable-native-access="
            + Libfuse3.class.getModule().getName()
            + "\n",
        output);
  }

  @Test
  void shouldSayOnWhichMachinesItWorks() throws Exception {
    assertEquals(
        "unavailable: slabmount mounts on Linux with an x86-64 or aarch64 processor, not on Linux"
            + " with riscv64\n",
        load(Map.of(), "-Dos.arch=riscv64"));
  }

  private String load(final Map<String, String> variables, final String... options)
      throws Exception {
    return ChildJvm.module(folder, LoadMain.class, variables, options);
  }

  private static Map<String, String> variable(final Path library) {
    return Map.of("SLABMOUNT_LIBFUSE3", library.toString());
  }
}
