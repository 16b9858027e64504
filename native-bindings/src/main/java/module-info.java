/** C as Java sees it: generated layouts and calls of libfuse3, the kernel protocol and libc. */
@SuppressWarnings("module") // dev.slabmount.fuse is compiled later and so not found here.
module dev.slabmount.nativebindings {
  requires static org.jspecify;

  exports dev.slabmount.nativebindings to
      dev.slabmount.fuse;
  exports dev.slabmount.nativebindings.file to
      dev.slabmount.vfs;
  exports dev.slabmount.nativebindings.libfuse3 to
      dev.slabmount.fuse;
  exports dev.slabmount.nativebindings.kernel to
      dev.slabmount.fuse;
}
