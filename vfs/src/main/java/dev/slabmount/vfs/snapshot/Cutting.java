package dev.slabmount.vfs.snapshot;

import dev.slabmount.vfs.manifest.Manifest;
import dev.slabmount.vfs.manifest.ManifestForm;

/** How files become objects; depends on the form of the manifest that is to name them. */
enum Cutting {
  /** Files longer than {@link Manifest#CHUNK_BYTES} are cut into chunks, as in today's form. */
  CHUNKS,
  /** Each file is one object, whatever its length: {@link ManifestForm#LEGACY_2023}. */
  WHOLE;

  static Cutting of(final ManifestForm form) {
    return form == ManifestForm.LEGACY_2023 ? WHOLE : CHUNKS;
  }

  /** Of how many objects a file of so many bytes is made; at least 1. */
  int count(final long fileLength) {
    return this == WHOLE ? 1 : Math.toIntExact(Manifest.chunkCount(fileLength));
  }

  /** Where in a file an object begins. */
  long start(final int index) {
    return index * Manifest.CHUNK_BYTES;
  }

  /** Bytes of one of a file's objects. */
  long length(final long fileLength, final int index) {
    return this == WHOLE ? fileLength : Math.min(Manifest.CHUNK_BYTES, fileLength - start(index));
  }
}
