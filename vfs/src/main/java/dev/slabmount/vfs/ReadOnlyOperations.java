package dev.slabmount.vfs;

import dev.slabmount.fuse.AttributeChanges;
import dev.slabmount.fuse.Errno;
import dev.slabmount.fuse.FileSystem;
import dev.slabmount.fuse.Name;
import dev.slabmount.fuse.Request;

/**
 * Every operation that changes something, answered with {@link Errno#EROFS}. A mount with the
 * option {@code ro} never sends them; without it, this is what programs get to see.
 */
interface ReadOnlyOperations extends FileSystem {

  @Override
  default void setattr(
      final Request request, final long ino, final long fh, final AttributeChanges changes) {
    request.reply().error(Errno.EROFS);
  }

  @Override
  default void mknod(
      final Request request,
      final long parent,
      final Name name,
      final int mode,
      final int deviceNumber) {
    request.reply().error(Errno.EROFS);
  }

  @Override
  default void mkdir(final Request request, final long parent, final Name name, final int mode) {
    request.reply().error(Errno.EROFS);
  }

  @Override
  default void unlink(final Request request, final long parent, final Name name) {
    request.reply().error(Errno.EROFS);
  }

  @Override
  default void rmdir(final Request request, final long parent, final Name name) {
    request.reply().error(Errno.EROFS);
  }

  @Override
  default void symlink(
      final Request request, final long parent, final Name name, final Name target) {
    request.reply().error(Errno.EROFS);
  }

  @Override
  default void rename(
      final Request request,
      final long parent,
      final Name name,
      final long newParent,
      final Name newName,
      final int flags) {
    request.reply().error(Errno.EROFS);
  }

  @Override
  default void link(
      final Request request, final long ino, final long newParent, final Name newName) {
    request.reply().error(Errno.EROFS);
  }

  @Override
  default void write(
      final Request request, final long ino, final long fh, final long offset, final int length) {
    request.reply().error(Errno.EROFS);
  }

  @Override
  default void setxattr(final Request request, final long ino, final Name name, final int flags) {
    request.reply().error(Errno.EROFS);
  }

  @Override
  default void removexattr(final Request request, final long ino, final Name name) {
    request.reply().error(Errno.EROFS);
  }

  @Override
  default void create(
      final Request request, final long parent, final Name name, final int mode, final int flags) {
    request.reply().error(Errno.EROFS);
  }

  @Override
  default void fallocate(
      final Request request,
      final long ino,
      final long fh,
      final long offset,
      final long length,
      final int mode) {
    request.reply().error(Errno.EROFS);
  }

  @Override
  default void copyFileRange(
      final Request request,
      final long ino,
      final long fh,
      final long offset,
      final long toIno,
      final long toFh,
      final long toOffset,
      final long length,
      final int flags) {
    request.reply().error(Errno.EROFS);
  }
}
