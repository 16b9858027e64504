package dev.slabmount.fuse.posix;

/** Where a test of POSIX runs. */
enum Place {
  /** The folder for temporary files: if a test fails here, the test is wrong. */
  LOCAL("", ""),
  /** Names, attributes and pages are cached for as long as the kernel likes. */
  DEV("dev", "killpriv"),
  /** Every lookup and every look at attributes comes to the filesystem. */
  DEV_UNCACHED("dev", "attr_timeout=0,entry_timeout=0,negative_timeout=0,no_keep_cache"),
  /** The kernel collects writes. */
  DEV_WRITEBACK("dev", "writeback_cache"),
  /** Every read and write comes to the filesystem, but for what is mapped. */
  DEV_DIRECT("dev", "direct_io"),
  /** The kernel clears set-user-ID bits itself, and caches listings. */
  LIBFUSE("libfuse", "no_killpriv,cache_readdir"),
  /** As {@link #DEV_UNCACHED}. */
  LIBFUSE_UNCACHED("libfuse", "attr_timeout=0,entry_timeout=0,negative_timeout=0,no_keep_cache"),
  /** As {@link #DEV_WRITEBACK}, with nothing else cached. */
  LIBFUSE_WRITEBACK("libfuse", "writeback_cache,no_keep_cache,attr_timeout=0,entry_timeout=0"),
  /** As {@link #DEV_DIRECT}. */
  LIBFUSE_DIRECT("libfuse", "direct_io");

  final String transport;
  final String options;

  Place(String transport, String options) {
    this.transport = transport;
    this.options = options;
  }

  boolean isMounted() {
    return !transport.isEmpty();
  }
}
