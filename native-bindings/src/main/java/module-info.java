/** C as Java sees it: generated layouts and calls of libfuse3, the kernel protocol and libc. */
module dev.slabmount.nativebindings {
  requires static org.jspecify;
}
