package dev.slabmount.architecture;

import com.sun.source.tree.ClassTree;
import com.sun.source.tree.CompilationUnitTree;
import com.sun.source.tree.MethodTree;
import com.sun.source.util.JavacTask;
import com.sun.source.util.SourcePositions;
import com.sun.source.util.TreeScanner;
import com.sun.source.util.Trees;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.TreeSet;
import java.util.regex.Pattern;
import javax.tools.JavaCompiler;
import javax.tools.StandardJavaFileManager;
import javax.tools.ToolProvider;

/** The rules over source text. Each returns what breaks it, one line each. */
final class SourceRules {
  /** A file that is longer holds more than one thought. */
  static final int FILE_LINES_MAX = 400;

  /** A method has to be seen at one glance. */
  static final int METHOD_LINES_MAX = 70;

  private static final Pattern UNFINISHED =
      Pattern.compile("\\b(TODO|FIXME|XXX)\\b(?!\\(#\\d+\\))");

  private SourceRules() {}

  static List<String> filesTooLong(Collection<Path> sources) {
    List<String> broken = new ArrayList<>();
    for (Path source : sources) {
      long lines = read(source).lines().count();
      if (lines > FILE_LINES_MAX) {
        broken.add(source + ": " + lines + " lines, at most " + FILE_LINES_MAX);
      }
    }
    return broken;
  }

  /** Every package explains itself and says that nothing in it is null unless marked. */
  static List<String> packagesUnexplained(Collection<Path> sources) {
    List<String> broken = new ArrayList<>();
    TreeSet<Path> folders = new TreeSet<>();
    for (Path source : sources) {
      if (!source.endsWith("module-info.java")) {
        folders.add(source.getParent());
      }
    }
    for (Path folder : folders) {
      Path info = folder.resolve("package-info.java");
      if (!Files.exists(info)) {
        broken.add(folder + ": no package-info.java");
      } else if (!read(info).contains("@NullMarked")) {
        broken.add(info + ": not @NullMarked");
      } else if (!read(info).startsWith("/**")) {
        broken.add(info + ": says nothing about the package");
      }
    }
    return broken;
  }

  /**
   * Something left for later carries the number of its issue, as {@code TODO(#12)}, or is not
   * there.
   */
  static List<String> unfinished(Collection<Path> sources) {
    List<String> broken = new ArrayList<>();
    for (Path source : sources) {
      if (UNFINISHED.matcher(read(source)).find()) {
        broken.add(source + ": left for later without an issue's number");
      }
    }
    return broken;
  }

  static List<String> methodsTooLong(Collection<Path> sources) {
    List<String> broken = new ArrayList<>();
    JavaCompiler javac = ToolProvider.getSystemJavaCompiler();
    try (StandardJavaFileManager files = javac.getStandardFileManager(null, null, null)) {
      JavacTask task =
          (JavacTask)
              javac.getTask(
                  null,
                  files,
                  null,
                  List.of("-proc:none"),
                  null,
                  files.getJavaFileObjectsFromPaths(sources));
      SourcePositions positions = Trees.instance(task).getSourcePositions();
      for (CompilationUnitTree unit : task.parse()) {
        new MethodLengths(unit, positions, broken).scan(unit, null);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return broken;
  }

  /** Measures each method from its first modifier to its closing brace, comments included. */
  private static final class MethodLengths extends TreeScanner<Void, Void> {
    private final CompilationUnitTree unit;
    private final SourcePositions positions;
    private final List<String> broken;
    private String className = "";

    MethodLengths(CompilationUnitTree unit, SourcePositions positions, List<String> broken) {
      this.unit = unit;
      this.positions = positions;
      this.broken = broken;
    }

    @Override
    public Void visitClass(ClassTree type, Void unused) {
      className = type.getSimpleName().toString();
      return super.visitClass(type, null);
    }

    @Override
    public Void visitMethod(MethodTree method, Void unused) {
      long first = unit.getLineMap().getLineNumber(positions.getStartPosition(unit, method));
      long last = unit.getLineMap().getLineNumber(positions.getEndPosition(unit, method));
      long lines = last - first + 1;
      if (lines > METHOD_LINES_MAX) {
        broken.add(
            className
                + "."
                + method.getName()
                + ": "
                + lines
                + " lines, at most "
                + METHOD_LINES_MAX);
      }
      return super.visitMethod(method, null);
    }
  }

  private static String read(Path file) {
    try {
      return Files.readString(file);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
