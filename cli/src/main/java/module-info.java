/** The slabmount command; see {@code dev.slabmount.cli.Slabmount}. */
module dev.slabmount.cli {
  requires dev.slabmount.vfs;
  requires com.fasterxml.jackson.core;
  requires info.picocli;
  requires static org.jspecify;

  // picocli creates the commands and fills their annotated fields by reflection.
  opens dev.slabmount.cli to
      info.picocli;
}
