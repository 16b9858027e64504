package dev.slabmount.nativebindings;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** Runs a main class of the tests in a JVM of its own, where another libfuse can be loaded. */
final class ChildJvm {
  static final String CLASSES = Path.of("target/classes").toAbsolutePath().toString();
  static final String TEST_CLASSES = Path.of("target/test-classes").toAbsolutePath().toString();
  private static final String MODULE = Libfuse3.class.getModule().getName();
  private static final Path FAKE = Path.of("src/test/c/fake-libfuse.c").toAbsolutePath();

  private ChildJvm() {}

  /** From the module path, with native access for our module only. */
  static String module(
      final Path folder,
      final Class<?> main,
      final Map<String, String> variables,
      final String... options)
      throws Exception {
    final List<String> all =
        new ArrayList<>(
            List.of("--illegal-native-access=deny", "--enable-native-access=" + MODULE));
    all.addAll(List.of(options));
    return bareModule(folder, main, variables, all);
  }

  /** From the module path, with no native access but what the options give. */
  static String bareModule(
      final Path folder,
      final Class<?> main,
      final Map<String, String> variables,
      final List<String> options)
      throws Exception {
    final List<String> command = new ArrayList<>(options);
    command.addAll(List.of("-p", CLASSES, "--patch-module", MODULE + "=" + TEST_CLASSES));
    command.addAll(List.of("-m", MODULE + "/" + main.getName()));
    return java(folder, variables, command);
  }

  /** From the class path. */
  static String classPath(final Path folder, final Class<?> main, final String... options)
      throws Exception {
    final List<String> command =
        new ArrayList<>(
            List.of("--illegal-native-access=deny", "--enable-native-access=ALL-UNNAMED"));
    command.addAll(List.of(options));
    command.addAll(List.of("-cp", CLASSES + ":" + TEST_CLASSES, main.getName()));
    return java(folder, Map.of(), command);
  }

  /** Compiles a library that says it is a release of libfuse. */
  static Path fakeLibfuse(
      final Path folder, final int number, final String text, final String... options)
      throws Exception {
    final List<String> all =
        new ArrayList<>(
            List.of("-shared", "-fPIC", "-DNUMBER=" + number, "-DTEXT=\"" + text + "\""));
    all.addAll(List.of(options));
    return Programs.compile(folder, FAKE, all.toArray(String[]::new)).toRealPath();
  }

  private static String java(
      final Path folder, final Map<String, String> variables, final List<String> options)
      throws Exception {
    final List<String> command = new ArrayList<>(options);
    command.addFirst(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    final Programs.Result result = Programs.run(folder, variables, command.toArray(String[]::new));
    assertEquals(0, result.exit(), result.output());
    return result.output();
  }
}
