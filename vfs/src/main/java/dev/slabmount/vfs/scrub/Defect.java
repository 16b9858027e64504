package dev.slabmount.vfs.scrub;

import dev.slabmount.vfs.content.ContentHash;

/**
 * An object that is not what a manifest needs.
 *
 * @param hash the object's name
 * @param length the bytes that it should have
 * @param kind what is wrong with it
 * @param found what is there instead: its length, its hash, or why it cannot be read; empty if it
 *     is missing
 */
public record Defect(ContentHash hash, long length, DefectKind kind, String found) {

  /** In words, without the object's name: {@code its bytes hash to …}. */
  public String description() {
    return switch (kind) {
      case MISSING -> "it is not there";
      case WRONG_LENGTH -> "it has " + found + " bytes, not " + length;
      case DAMAGED -> "its bytes hash to " + found;
      case UNREADABLE -> found;
    };
  }
}
