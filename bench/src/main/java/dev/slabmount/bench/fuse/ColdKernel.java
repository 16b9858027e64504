package dev.slabmount.bench.fuse;

import dev.slabmount.bench.process.Server;
import dev.slabmount.bench.report.MeasuringException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;

/**
 * Makes the kernel forget what it knows of names and attributes: it is waited until their timeouts
 * are over, and, as root, the kernel drops them from its caches.
 */
final class ColdKernel implements LoadFigure.Preparation {
  /** Names and attributes have to be mounted with timeouts of so many seconds. */
  static final int TIMEOUT_SECONDS = 1;

  private static final Path DROP = Path.of("/proc/sys/vm/drop_caches");
  private static final String NAMES_AND_INODES = "2\n";
  private static final long SETTLE_MILLIS = 200;

  @Override
  public void prepare(Server server) throws MeasuringException {
    try {
      TimeUnit.SECONDS.sleep(TIMEOUT_SECONDS);
      if (Files.isWritable(DROP)) {
        // The first one may only mark as old what was used since the last time.
        Files.writeString(DROP, NAMES_AND_INODES);
        Files.writeString(DROP, NAMES_AND_INODES);
      }
      TimeUnit.MILLISECONDS.sleep(SETTLE_MILLIS); // The server gets a forget for each name.
    } catch (IOException e) {
      throw new MeasuringException("cannot write " + DROP, e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new MeasuringException("interrupted", e);
    }
  }
}
