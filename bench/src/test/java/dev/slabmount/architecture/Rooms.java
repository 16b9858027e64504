package dev.slabmount.architecture;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/** The modules of the project: where their classes and sources lie and what they may depend on. */
@SuppressWarnings("ImmutableEnumChecker") // the list is made by List.of
enum Rooms {
  NATIVE_BINDINGS("native-bindings", "dev.slabmount.nativebindings"),
  CORE("core", "dev.slabmount.core", "org.agrona.."),
  FUSE_FFM("fuse-ffm", "dev.slabmount.fuse", "org.agrona..", "dev.slabmount.nativebindings.."),
  VFS(
      "vfs",
      "dev.slabmount.vfs",
      "org.agrona..",
      "com.fasterxml.jackson.core..",
      "com.dynatrace.hash4j..",
      "dev.slabmount.core..",
      "dev.slabmount.fuse..",
      "dev.slabmount.nativebindings.file.."),
  CLI(
      "cli",
      "dev.slabmount.cli",
      "picocli..",
      "com.fasterxml.jackson.core..",
      "dev.slabmount.core..",
      "dev.slabmount.fuse..",
      "dev.slabmount.vfs..");

  /** What every room may use: the JDK's public packages and the annotations for null. */
  private static final List<String> EVERYWHERE = List.of("java..", "jdk.jfr..", "org.jspecify..");

  private final String folder;
  private final String rootPackage;
  private final List<String> mayUse;

  Rooms(String folder, String rootPackage, String... mayUse) {
    this.folder = folder;
    this.rootPackage = rootPackage;
    this.mayUse = List.of(mayUse);
  }

  /** The pattern for all packages of this room. */
  String packages() {
    return rootPackage + "..";
  }

  /** The patterns for every package that classes of this room may depend on. */
  String[] allowed() {
    List<String> all = new ArrayList<>(EVERYWHERE);
    all.add(packages());
    all.addAll(mayUse);
    return all.toArray(String[]::new);
  }

  /** The classes that this room's sources were compiled to. */
  JavaClasses classes() {
    return new ClassFileImporter().importPath(root().resolve(folder).resolve("target/classes"));
  }

  /** Whether a file lies in this room. */
  boolean holds(Path file) {
    return file.startsWith(root().resolve(folder));
  }

  /** All classes of all rooms and of bench, read once; what JMH writes around benchmarks apart. */
  static JavaClasses allClasses() {
    return AllClasses.IMPORTED;
  }

  private static final class AllClasses {
    static final JavaClasses IMPORTED =
        new ClassFileImporter()
            .withImportOption(location -> !location.contains("/jmh_generated/"))
            .importPaths(
                Stream.concat(Stream.of(values()).map(room -> room.folder), Stream.of("bench"))
                    .map(folder -> root().resolve(folder + "/target/classes"))
                    .toList());
  }

  /** The hand-written Java sources of all rooms and of bench, tests as well if asked for. */
  static List<Path> sources(boolean withTests) {
    List<Path> found = new ArrayList<>();
    Stream.concat(Stream.of(values()).map(room -> room.folder), Stream.of("bench"))
        .forEach(folder -> {
          found.addAll(javaFiles(root().resolve(folder).resolve("src/main/java")));
          if (withTests) {
            found.addAll(javaFiles(root().resolve(folder).resolve("src/test/java")));
          }
        });
    return found;
  }

  private static List<Path> javaFiles(Path folder) {
    if (!Files.isDirectory(folder)) {
      return List.of();
    }
    try (Stream<Path> files = Files.walk(folder)) {
      return files.filter(file -> file.toString().endsWith(".java")).sorted().toList();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** The folder of the whole project; Maven runs tests in the folder of their module. */
  static Path root() {
    Path bench = Path.of("").toAbsolutePath();
    return bench.endsWith("bench") ? bench.getParent() : bench;
  }
}
