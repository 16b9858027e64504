package dev.slabmount.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.slabmount.fuse.session.MountTable;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * What docs/BINDING.md says to people who write a filesystem: its dependency, and every command in
 * it, in a project of their own and in a clone.
 */
@Timeout(300)
class BindingDocumentIT {
  private static final Path ROOT = Path.of("..").toAbsolutePath().normalize();
  private static final Path HELLO =
      ROOT.resolve("fuse-ffm/src/main/java/dev/slabmount/fuse/example/HelloFs.java");
  private static final String MADE_BY_THE_BUILD = "make build";
  private static final String CLASS_PATH = " -cp ";
  private static final String MODULE_PATH = " -p target/";
  private static final String CLONE = " -p cli/target/";
  private static final String MEM_FS = "scripts/memfs.sh";
  private static final int HELLO_LINES_MAX = 60;

  @TempDir private Path temp;
  private final List<Path> links = new ArrayList<>();
  private Launcher shell;
  private Path point;

  @BeforeEach
  void makeMountPoint() throws IOException {
    shell = new Launcher(temp).program(Path.of("/bin/sh")).within(200);
    point = Files.createDirectory(temp.resolve("mnt"));
  }

  @AfterEach
  void nothingIsLeft() throws IOException {
    for (final Path link : links) {
      Files.delete(link);
    }
    shell.assertNothingLeft();
  }

  @Test
  void shouldServeAProjectOfSomebodyElseThatHasTheThreeLines() throws IOException {
    install();
    final Path project = Files.createDirectories(temp.resolve("project"));
    writeProject(project);
    shell.in(project);
    final String onClassPath = block(CLASS_PATH);
    mount(onClassPath);

    Files.writeString(
        project.resolve("src/main/java/module-info.java"), inBlock("java", "module hello"));
    mount(block(MODULE_PATH));
    assertTrue(Files.exists(project.resolve("target/classes/module-info.class")));
  }

  @ParameterizedTest
  @ValueSource(strings = {"", " DEV", " LIBFUSE"})
  void shouldMountTheSmallestFilesystemFromAClone(final String transport) throws IOException {
    shell.in(ROOT);
    mount(block(CLONE).replace(MADE_BY_THE_BUILD + "\n", "").strip() + transport);
  }

  @Test
  void shouldMountMemFsFromAClone() throws IOException {
    final String script = block(MEM_FS).replace(MADE_BY_THE_BUILD + "\n", "");
    shell.in(ROOT);
    final Launcher.Started memFs = shell.start("-ec", here(script));
    awaitMount(memFs);
    assertEquals("memfs", MountTable.at(point.toRealPath()).orElseThrow().source());
    shell
        .run(
            "-ec",
            "cd \"$1\" && echo kept > f && cat f && df -h . | grep -q 1.0G",
            "sh",
            "" + point)
        .assertOk();
    shell.run("-ec", "fusermount3 -u " + point).assertOk();
    assertEquals(0, memFs.awaitEnd().exitCode());
  }

  @Test
  void shouldRunEveryCommandOfTheDocument() throws IOException {
    final List<String> unknown = new ArrayList<>();
    for (final String block : blocks("sh")) {
      final boolean known =
          block.equals("make install\n")
              || block.contains(CLASS_PATH)
              || block.contains(MODULE_PATH)
              || block.contains(CLONE)
              || block.contains(MEM_FS)
              || block.startsWith("cat /mnt/hello/hello\n");
      if (!known) {
        unknown.add(block);
      }
    }
    assertEquals(List.of(), unknown, "blocks that no test here runs");
  }

  @Test
  void shouldHaveASmallestFilesystemOfAsManyLinesAsItSays() throws IOException {
    final int lines = Files.readAllLines(HELLO).size();
    assertTrue(lines <= HELLO_LINES_MAX, "HelloFs has " + lines + " lines");
    assertTrue(
        document().contains("HelloFs.java), " + lines + " lines with its `main`"), document());
  }

  /** Runs a block that mounts, then what is said for another terminal. */
  private void mount(final String script) throws IOException {
    final Launcher.Started server = shell.start("-ec", here(script));
    awaitMount(server);
    final Launcher.Result other = shell.run("-ec", here(inBlock("sh", "cat /mnt/hello/hello")));
    assertEquals("Hello from Java!\n", other.assertOk().out());
    final Launcher.Result ended = server.awaitEnd();
    assertEquals(0, ended.exitCode(), ended.toString());
  }

  private void awaitMount(final Launcher.Started server) {
    Await.until(
        () -> {
          try {
            return MountTable.at(point.toRealPath()).isPresent() || !server.process().isAlive();
          } catch (final IOException e) {
            throw new UncheckedIOException(e);
          }
        },
        () -> "not mounted");
    assertTrue(server.process().isAlive(), () -> server.awaitEnd().toString());
  }

  /** Installs from a copy of the sources, into a repository of our own. */
  private void install() throws IOException {
    final Path clone = Files.createDirectory(temp.resolve("clone"));
    final String copy =
        "for pom in pom.xml */pom.xml; do mkdir -p \"$1/$(dirname $pom)\"; cp $pom \"$1/$pom\"; done;"
            + " cp -r Makefile scripts .mvn \"$1\";"
            + " for each in native-bindings/src/generated native-bindings/src/main fuse-ffm/src/main;"
            + " do mkdir -p \"$1/$each\"; cp -r $each/. \"$1/$each\"; done";
    shell.in(ROOT).run("-ec", copy, "sh", clone.toString()).assertOk();
    shell.with("MAVEN_OPTS", "-Dmaven.repo.local=" + repository());
    shell.with("HOME", System.getenv("HOME"));
    final Launcher.Result result = shell.in(clone).run("-ec", block("make install"));
    assertEquals(0, result.exitCode(), result.toString());
    assertTrue(result.out().endsWith("installed: dev.slabmount:fuse-ffm\n"), result.toString());
  }

  /** A local repository that has what the user's has, but of slabmount only what we install. */
  private Path repository() throws IOException {
    final Path users = Path.of(System.getProperty("localRepository"));
    final Path ours = Files.createDirectories(temp.resolve("repository"));
    link(users, ours, "dev");
    if (Files.isDirectory(users.resolve("dev"))) {
      link(users.resolve("dev"), Files.createDirectory(ours.resolve("dev")), "slabmount");
    }
    return ours;
  }

  private void link(final Path from, final Path to, final String except) throws IOException {
    try (Stream<Path> children = Files.list(from)) {
      for (final Path child : children.toList()) {
        if (!child.endsWith(except)) {
          links.add(Files.createSymbolicLink(to.resolve(child.getFileName()), child));
        }
      }
    }
  }

  private static void writeProject(final Path project) throws IOException {
    final Path sources = Files.createDirectories(project.resolve("src/main/java/hello"));
    Files.writeString(
        sources.resolve("HelloFs.java"),
        Files.readString(HELLO).replace("package dev.slabmount.fuse.example;", "package hello;"));
    // Versions of plugins that this machine has already: nothing is fetched.
    Files.writeString(
        Files.createDirectory(project.resolve(".mvn")).resolve("maven.config"), "-o\n");
    Files.writeString(
        project.resolve("pom.xml"),
        """
        <project xmlns="http://maven.apache.org/POM/4.0.0">
          <modelVersion>4.0.0</modelVersion>
          <groupId>hello</groupId><artifactId>hello</artifactId><version>1</version>
          <properties>
            <maven.compiler.release>25</maven.compiler.release>
            <project.build.sourceEncoding>UTF-8</project.build.sourceEncoding>
          </properties>
          <dependencies>
        %s
          </dependencies>
          <build><pluginManagement><plugins>
        %s
          </plugins></pluginManagement></build>
        </project>
        """
            .formatted(
                inBlock("xml", "<dependency>"),
                plugin("resources") + plugin("compiler") + plugin("dependency")));
  }

  /** A plugin with the version that this project uses. */
  private static String plugin(final String name) throws IOException {
    final String artifact = "maven-" + name + "-plugin";
    final Matcher version =
        Pattern.compile(artifact + "</artifactId>\\s*<version>([^<]+)<")
            .matcher(Files.readString(ROOT.resolve("pom.xml")));
    assertTrue(version.find(), artifact);
    return "<plugin><artifactId>%s</artifactId><version>%s</version></plugin>\n"
        .formatted(artifact, version.group(1));
  }

  /** The JDK that the document asks for comes first on the PATH, whatever it is on this machine. */
  private String here(final String script) {
    return "JAVA_HOME='%s'; PATH=\"$JAVA_HOME/bin:$PATH\"; export JAVA_HOME PATH\n"
            .formatted(System.getProperty("java.home"))
        + script.replace("/mnt/hello", point.toString()).replace("/mnt/mem", point.toString());
  }

  private static String document() throws IOException {
    return Files.readString(ROOT.resolve("docs/BINDING.md"));
  }

  private static String block(final String containing) throws IOException {
    return inBlock("sh", containing);
  }

  /** The only block of a language that contains something. */
  private static String inBlock(final String language, final String something) throws IOException {
    final List<String> found =
        blocks(language).stream().filter(block -> block.contains(something)).toList();
    assertEquals(1, found.size(), something + ": " + found);
    return found.getFirst();
  }

  private static List<String> blocks(final String language) throws IOException {
    return Pattern.compile("(?ms)^```" + language + "\\n(.*?)^```$")
        .matcher(document())
        .results()
        .map(result -> result.group(1))
        .toList();
  }
}
