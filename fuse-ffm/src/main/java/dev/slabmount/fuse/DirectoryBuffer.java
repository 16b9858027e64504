package dev.slabmount.fuse;

/**
 * The listing that answers one readdir or readdirplus, filled entry by entry until one does not
 * fit.
 *
 * <p>Part of a request's scratch: not thread-safe. Nothing is allocated per entry.
 */
public interface DirectoryBuffer {
  /**
   * Appends an entry of a plain listing.
   *
   * @param mode its file type in the {@code S_IFMT} bits; the rest is ignored
   * @param nextOffset the cookie with which the kernel asks for what follows this entry; not 0, and
   *     stable as long as the directory is open
   * @return false if it does not fit; the listing so far is then the answer
   */
  boolean add(byte[] name, int offset, int length, long ino, int mode, long nextOffset);

  /**
   * Appends an entry with its attributes, for readdirplus. Unless the name is {@code .} or {@code
   * ..} or the entry's inode is 0, the kernel takes one lookup count of the inode when it takes the
   * reply, exactly as for a lookup.
   *
   * @return false if it does not fit
   */
  boolean addPlus(byte[] name, int offset, int length, Entry entry, long nextOffset);
}
