package dev.slabmount.nativebindings;

import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.ValueLayout;

/**
 * The callbacks of {@code struct fuse_lowlevel_ops}, in C's order, which is that of their pointers
 * in the structure. The generated {@code fuse_lowlevel_ops} knows those of 3.14 and passes pointers
 * as {@code MemorySegment}s, one object each; this table knows all up to 3.18 and passes pointers
 * as {@code long}s, so that an upcall allocates nothing.
 *
 * <p>Source: libfuse's {@code include/fuse_lowlevel.h} at the release that has the callback. A test
 * holds the table against the generated code.
 */
public enum LowlevelOperation {
  /** {@code (void *userdata, struct fuse_conn_info *conn)}. */
  INIT("JJ"),
  /** {@code (void *userdata)}. */
  DESTROY("J"),
  /** {@code (fuse_req_t req, fuse_ino_t parent, const char *name)}. */
  LOOKUP("JJJ"),
  /** {@code (req, ino, uint64_t nlookup)}. */
  FORGET("JJJ"),
  /** {@code (req, ino, struct fuse_file_info *fi)}; {@code fi} may be null. */
  GETATTR("JJJ"),
  /** {@code (req, ino, struct stat *attr, int to_set, struct fuse_file_info *fi)}. */
  SETATTR("JJJIJ"),
  /** {@code (req, ino)}. */
  READLINK("JJ"),
  /** {@code (req, parent, name, mode_t mode, dev_t rdev)}. */
  MKNOD("JJJIJ"),
  /** {@code (req, parent, name, mode_t mode)}. */
  MKDIR("JJJI"),
  /** {@code (req, parent, name)}. */
  UNLINK("JJJ"),
  /** {@code (req, parent, name)}. */
  RMDIR("JJJ"),
  /** {@code (req, const char *link, parent, name)}. */
  SYMLINK("JJJJ"),
  /** {@code (req, parent, name, newparent, newname, unsigned flags)}. */
  RENAME("JJJJJI"),
  /** {@code (req, ino, newparent, newname)}. */
  LINK("JJJJ"),
  /** {@code (req, ino, fi)}. */
  OPEN("JJJ"),
  /** {@code (req, ino, size_t size, off_t off, fi)}. */
  READ("JJJJJ"),
  /** {@code (req, ino, const char *buf, size_t size, off_t off, fi)}. */
  WRITE("JJJJJJ"),
  /** {@code (req, ino, fi)}. */
  FLUSH("JJJ"),
  /** {@code (req, ino, fi)}. */
  RELEASE("JJJ"),
  /** {@code (req, ino, int datasync, fi)}. */
  FSYNC("JJIJ"),
  /** {@code (req, ino, fi)}. */
  OPENDIR("JJJ"),
  /** {@code (req, ino, size_t size, off_t off, fi)}. */
  READDIR("JJJJJ"),
  /** {@code (req, ino, fi)}. */
  RELEASEDIR("JJJ"),
  /** {@code (req, ino, int datasync, fi)}. */
  FSYNCDIR("JJIJ"),
  /** {@code (req, ino)}. */
  STATFS("JJ"),
  /** {@code (req, ino, name, const char *value, size_t size, int flags)}. */
  SETXATTR("JJJJJI"),
  /** {@code (req, ino, name, size_t size)}. */
  GETXATTR("JJJJ"),
  /** {@code (req, ino, size_t size)}. */
  LISTXATTR("JJJ"),
  /** {@code (req, ino, name)}. */
  REMOVEXATTR("JJJ"),
  /** {@code (req, ino, int mask)}. */
  ACCESS("JJI"),
  /** {@code (req, parent, name, mode_t mode, fi)}. */
  CREATE("JJJIJ"),
  /** {@code (req, ino, fi, struct flock *lock)}. */
  GETLK("JJJJ"),
  /** {@code (req, ino, fi, struct flock *lock, int sleep)}. */
  SETLK("JJJJI"),
  /** {@code (req, ino, size_t blocksize, uint64_t idx)}. */
  BMAP("JJJJ"),
  /**
   * {@code (req, ino, unsigned cmd, void *arg, fi, unsigned flags, const void *in_buf, size_t
   * in_bufsz, size_t out_bufsz)}.
   */
  IOCTL("JJIJJIJJJ"),
  /** {@code (req, ino, fi, struct fuse_pollhandle *ph)}; {@code ph} may be null. */
  POLL("JJJJ"),
  /** {@code (req, ino, struct fuse_bufvec *bufv, off_t off, fi)}. */
  WRITE_BUF("JJJJJ"),
  /** {@code (req, void *cookie, ino, off_t offset, struct fuse_bufvec *bufv)}. */
  RETRIEVE_REPLY("JJJJJ"),
  /** {@code (req, size_t count, struct fuse_forget_data *forgets)}. */
  FORGET_MULTI("JJJ"),
  /** {@code (req, ino, fi, int op)}. */
  FLOCK("JJJI"),
  /** {@code (req, ino, int mode, off_t offset, off_t length, fi)}. */
  FALLOCATE("JJIJJJ"),
  /** {@code (req, ino, size_t size, off_t off, fi)}. */
  READDIRPLUS("JJJJJ"),
  /** {@code (req, ino_in, off_in, fi_in, ino_out, off_out, fi_out, size_t len, int flags)}. */
  COPY_FILE_RANGE("JJJJJJJJI"),
  /** {@code (req, ino, off_t off, int whence, fi)}. */
  LSEEK("JJJIJ"),
  /** {@code (req, parent, mode_t mode, fi)}; since 3.17. */
  TMPFILE("JJIJ"),
  /** {@code (req, ino, int flags, int mask, fi)}; since 3.18. */
  STATX("JJIIJ");

  private final String parameters;

  LowlevelOperation(final String parameters) {
    this.parameters = parameters;
  }

  /** The C signature with every pointer as a {@code long}; made anew by each call. */
  public FunctionDescriptor descriptor() {
    return FunctionDescriptor.ofVoid(
        parameters
            .chars()
            .mapToObj(c -> c == 'J' ? ValueLayout.JAVA_LONG : ValueLayout.JAVA_INT)
            .toArray(MemoryLayout[]::new));
  }

  /** Where the pointer to this callback lies in {@code fuse_lowlevel_ops}, in bytes. */
  @SuppressWarnings("EnumOrdinal") // The order is C's, on purpose.
  public long offset() {
    return ordinal() * ValueLayout.ADDRESS.byteSize();
  }
}
