package dev.slabmount.architecture;

import static org.junit.jupiter.api.Assertions.assertTrue;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import java.io.IOException;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import javax.tools.JavaCompiler;
import javax.tools.StandardJavaFileManager;
import javax.tools.ToolProvider;

/** Compiles a piece of code that breaks a rule, as if it stood in one of the house's packages. */
final class Seeded {
  private Seeded() {}

  /** Compiles a class named {@code Wrong} into a folder and imports what came out. */
  static JavaClasses compile(Path folder, String packageName, String classSource) {
    try {
      Path source = folder.resolve("Wrong.java");
      Path classes = Files.createDirectories(folder.resolve("classes"));
      Files.writeString(source, "package " + packageName + ";\n" + classSource + "\n");
      JavaCompiler javac = ToolProvider.getSystemJavaCompiler();
      StringWriter messages = new StringWriter();
      try (StandardJavaFileManager files = javac.getStandardFileManager(null, null, null)) {
        List<String> options =
            List.of(
                "-d",
                classes.toString(),
                "-proc:none",
                "-cp",
                System.getProperty("java.class.path"));
        boolean compiled =
            javac
                .getTask(messages, files, null, options, null, files.getJavaFileObjects(source))
                .call();
        assertTrue(compiled, messages.toString());
      }
      return new ClassFileImporter().importPath(classes);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
