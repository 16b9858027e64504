package dev.slabmount.nativebindings.file;

import dev.slabmount.nativebindings.Libc;
import java.lang.foreign.Arena;

/** The user whose rights this process has, and to whom the files belong that it makes. */
public final class EffectiveUser {

  private EffectiveUser() {}

  /** The number, as in {@code st_uid}; does not change while the process runs. Any thread. */
  public static int id() {
    try (Arena arena = Arena.ofConfined()) {
      return Libc.getEffectiveUser(Libc.allocateErrno(arena));
    }
  }
}
