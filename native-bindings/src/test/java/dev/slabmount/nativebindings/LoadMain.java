package dev.slabmount.nativebindings;

import dev.slabmount.nativebindings.libfuse3.LibfuseH;
import java.util.NoSuchElementException;

/** What {@code Libfuse3Test} runs in JVMs of their own: loads libfuse3 and uses what it has. */
public final class LoadMain {
  private LoadMain() {}

  /** Prints what was loaded, or the message for people. */
  public static void main(final String[] args) {
    try {
      final Libfuse3 libfuse = Libfuse3.load();
      System.out.println("loaded " + libfuse.version() + " from " + libfuse.path());
      System.out.println("session " + libfuse.sessionNew(1, 2, 3, 4));
      System.out.println("constant " + LibfuseH.ENOENT());
      System.out.println("function " + LibfuseH.fuse_reply_err$address().byteSize());
    } catch (LibfuseUnavailableException e) {
      System.out.println("unavailable: " + e.getMessage());
    } catch (ExceptionInInitializerError e) {
      System.out.println(
          "missing: " + (e.getCause() instanceof NoSuchElementException) + " " + e.getCause());
    }
  }
}
