package dev.slabmount.fuse.session;

import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.net.URISyntaxException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.security.CodeSource;
import java.util.Enumeration;
import java.util.jar.JarEntry;
import java.util.jar.JarFile;
import org.jspecify.annotations.Nullable;

/**
 * Loads classes before a mount hides the files that they come from.
 *
 * <p>A mount over a directory that holds the program itself would otherwise deadlock: a worker that
 * needs a class looks for its file under the mountpoint, the kernel asks the filesystem for it, and
 * who should answer may wait for the same class. So everything is loaded that lies beside some
 * known classes, if the mountpoint is above it; if not, nothing is.
 *
 * <p>Stateless.
 */
public final class OwnClasses {
  private static final Logger LOG = System.getLogger("dev.slabmount.fuse");
  private static final String SUFFIX = ".class";

  private OwnClasses() {}

  /**
   * Loads, without initializing, all classes of the jar files and folders that these classes come
   * from, as far as those lie under a directory. What cannot be read or loaded is left out.
   *
   * @return how many were loaded
   */
  public static int loadIfUnder(Path directory, Class<?>... known) {
    int loaded = 0;
    try {
      Path real = directory.toRealPath();
      for (Class<?> each : known) {
        Path source = source(each);
        if (source != null && source.startsWith(real)) {
          loaded += loadAll(source, each.getClassLoader());
        }
      }
    } catch (IOException e) {
      LOG.log(Level.DEBUG, "classes under {0} cannot be loaded: {1}", directory, e);
    }
    return loaded;
  }

  /** The jar file or folder that a class comes from; null if it is the JDK or no file. */
  private static @Nullable Path source(Class<?> type) throws IOException {
    CodeSource source = type.getProtectionDomain().getCodeSource();
    if (source == null
        || source.getLocation() == null
        || !source.getLocation().getProtocol().equals("file")) {
      return null;
    }
    try {
      return Path.of(source.getLocation().toURI()).toRealPath();
    } catch (URISyntaxException | InvalidPathException e) {
      return null;
    }
  }

  private static int loadAll(Path source, ClassLoader loader) throws IOException {
    int[] loaded = new int[1];
    if (Files.isDirectory(source)) {
      Files.walkFileTree(
          source,
          new SimpleFileVisitor<>() {
            @Override
            public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) {
              loaded[0] += load(source.relativize(file).toString(), loader);
              return FileVisitResult.CONTINUE;
            }
          });
    } else {
      try (JarFile jar = new JarFile(source.toFile())) {
        Enumeration<JarEntry> entries = jar.entries();
        while (entries.hasMoreElements()) {
          loaded[0] += load(entries.nextElement().getName(), loader);
        }
      }
    }
    return loaded[0];
  }

  /** Loads the class of a file; 1 if there is one and it can be loaded. */
  private static int load(String file, ClassLoader loader) {
    if (!file.endsWith(SUFFIX) || file.endsWith("-info.class") || file.startsWith("META-INF")) {
      return 0;
    }
    String name = file.substring(0, file.length() - SUFFIX.length()).replace('/', '.');
    try {
      Class.forName(name, false, loader);
      return 1;
    } catch (ClassNotFoundException | LinkageError e) {
      return 0; // it wants something that is not there, so nobody uses it
    }
  }
}
