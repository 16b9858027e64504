package dev.slabmount.vfs.content;

/**
 * What a {@link VerifyingReader} has done since it was made. The numbers are read one after the
 * other while reads go on, so they need not fit together exactly.
 *
 * @param reads calls that returned bytes
 * @param bytesRead bytes that these calls returned
 * @param objectsHashed how often a whole object was hashed, whatever came of it: a small one each
 *     time it is read, a large one once for each version
 * @param bytesHashed bytes hashed for that
 * @param waits how often a read waited for another thread to hash the same object
 * @param changes how often an object was seen to change while it was being read
 * @param failures objects found to be damaged or of the wrong length, once for each version; in a
 *     version that is not settled each time
 * @param objectsVerified different objects known to be whole
 * @param bytesUnverified bytes returned of objects before these were hashed, where that is done in
 *     the background
 * @param objectsUnverified objects that such bytes are of and that are not hashed yet, now
 * @param failedPasses how often an object could not be hashed in the background because the store
 *     could not read it; it is tried again
 * @param discards how often copies of an object were discarded, because it is damaged or has
 *     changed before it was hashed
 */
public record VerificationCounters(
    long reads,
    long bytesRead,
    long objectsHashed,
    long bytesHashed,
    long waits,
    long changes,
    long failures,
    long objectsVerified,
    long bytesUnverified,
    long objectsUnverified,
    long failedPasses,
    long discards) {}
